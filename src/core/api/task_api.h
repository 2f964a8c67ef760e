// What a task is on the boundary, whatever kind of index it is of.
#pragma once

#include <memory>

#include "store/task.h"

struct PgsTask {
    std::unique_ptr<pgslab::Task> task;
};
