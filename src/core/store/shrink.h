// What is done so that the file can be cut: what lies last is put where there is room before it.
#pragma once

#include "pgslab/index.h"
#include "store/format.h"

namespace pgslab {

// What lies last, if it is to lie elsewhere.
struct EndMove {
    uint32_t move;     // the block where it begins, see pgs_move_create(); 0: it is not to be moved
    PgsParts rewrite;  // the part it belongs to, if that is to be written anew, in pieces
};

// Both are empty while few blocks are free.
EndMove find_end_move(const Meta &meta) noexcept;

}  // namespace pgslab
