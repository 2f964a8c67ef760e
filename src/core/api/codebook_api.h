// What the boundary's handles of a codebook and an encoder hold.
#pragma once

#include <memory>

#include "ivf/codebook.h"
#include "ivf/encoder.h"
#include "pgslab/codebook.h"

struct PgsCodebook {
    std::unique_ptr<const pgslab::Codebook> codebook;
};

struct PgsEncoder {
    pgslab::Encoder encoder;
};
