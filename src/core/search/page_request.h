// The page that a search has asked for and not yet been given. It is taken by what it was asked
// for, not by what the search would ask for now.
#pragma once

#include "store/page.h"

namespace pgslab {

// Which part of a search a page is for.
enum class Stage {
    kNone,        // none was asked for
    kUnordered,   // record pages, for rows as they come
    kMatches,     // fences and postings
    kSelected,    // record pages, for rows that the filter names
    kDirectory,   // of a segment: where lists are
    kCodes,       // of one bit, of the list in hand
    kRefinement,  // codes of survivors
    kFlat,        // tables in slot order
    kEvaluation,  // a candidate's record or vector
};

struct PageRequest {
    Stage stage = Stage::kNone;
    PageIdentity page = kNoPage;  // what should be on the block
};

}  // namespace pgslab
