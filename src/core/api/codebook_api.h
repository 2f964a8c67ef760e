// What the boundary's handle of a codebook holds.
#pragma once

#include <memory>

#include "index/codebook.h"
#include "pgslab_core.h"

struct PgsCodebook {
    std::unique_ptr<const pgslab::Codebook> codebook;
};
