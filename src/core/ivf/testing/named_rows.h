// Sets of rows of the table for tests.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <vector>

#include "pgslab/tid_set.h"
#include "store/testing/page_store.h"
#include "store/testing/tids.h"

namespace pgslab {

// Rows by their numbers, and blocks of the table of which all are named.
class NamedRows {
  public:
    explicit NamedRows(const std::set<uint32_t> &numbers,
                       const std::set<uint32_t> &whole_blocks = {})
        : numbers_(numbers), whole_blocks_(whole_blocks), set_(nullptr, pgs_tid_set_destroy) {
        PgsTidSet *set = nullptr;
        require(pgs_tid_set_create(&set), {PGS_OUT_OF_MEMORY, PGS_NO_BLOCK, "set"});
        set_.reset(set);
        std::map<uint32_t, std::vector<uint16_t>> blocks;
        for (const uint32_t number : numbers) {
            blocks[tid_number(number).block].push_back(tid_number(number).offset);
        }
        for (const uint32_t block : whole_blocks) {
            blocks[block].clear();
        }
        for (const auto &[block, offsets] : blocks) {
            PgsError error = {};
            require(pgs_tid_set_add(set, block, offsets.data(),
                                    static_cast<uint32_t>(offsets.size()), &error),
                    error);
        }
    }

    bool has(uint32_t number) const {
        return numbers_.contains(number) || whole_blocks_.contains(tid_number(number).block);
    }
    const PgsTidSet *set() const { return set_.get(); }

  private:
    std::set<uint32_t> numbers_;
    std::set<uint32_t> whole_blocks_;
    std::unique_ptr<PgsTidSet, void (*)(PgsTidSet *)> set_;
};

}  // namespace pgslab
