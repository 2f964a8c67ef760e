// The parts of a search one by one, over an index in memory: what they refer to, and pages for
// them.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <utility>
#include <vector>

#include "ivf/codebook.h"
#include "ivf/segment_reader.h"
#include "ivf/testing/segments.h"
#include "ivf/testing/table.h"
#include "search/context.h"
#include "search/matches.h"
#include "search/selected.h"
#include "search/top_k.h"
#include "store/meta.h"

namespace pgslab {

inline std::unique_ptr<const Codebook> codebook_of(const MemoryIndex &index) {
    CodebookLoad load(index.meta());
    PgsError error = {};
    while (load.next_block() != PGS_NO_BLOCK) {
        require(load.page(index.store().read(load.next_block()), &error), error);
    }
    std::unique_ptr<const Codebook> codebook;
    require(load.finish(codebook, &error), error);
    return codebook;
}

// A table of ordinary rows, half of them in lists, whose codes are dealt out to some segments.
inline Table listed_table(Random &random, const PgsOptions &options, uint32_t rows, uint32_t lists,
                          uint32_t segments) {
    const auto draw = [&] {
        return hard_vector(random, static_cast<size_t>(options.dims), Kind::kOrdinary);
    };
    Table table(random, options, rows, draw, lists);
    resegment(table.index(), random, segments,
              [](uint32_t part, uint64_t slots) { return part == 0 ? slots : 0; });
    return table;
}

// The index must outlive it, and the vectors be those of its table.
class SearchedIndex {
  public:
    SearchedIndex(const MemoryIndex &searched, Vector query, const PgsEffort &effort,
                  size_t memory_bytes = size_t{1} << 20)
        : matches(context),
          selected(context),
          top(context, memory_bytes),
          index_(searched),
          codebook_(codebook_of(searched)) {
        context.open(searched.meta(), *codebook_, effort, false);
        EXPECT_TRUE(context.set_query(query.data()));
        top.begin();
    }

    // The page that a part wants, which is what it should be.
    const Page &read(const PageIdentity &wanted) const {
        const Page &page = index_.store().read(wanted.block);
        PgsError error = {};
        EXPECT_EQ(check_page(page, wanted, &error), PGS_OK) << error.detail;
        return page;
    }

    // Hands a part all pages that it wants, and says how many.
    template <typename Part>
    size_t read_all(Part &part) const {
        size_t pages = 0;
        PgsError error = {};
        for (; part.wanted().block != PGS_NO_BLOCK; pages++) {
            require(part.page(read(part.wanted()), &error), error);
        }
        return pages;
    }

    // The record of a slot, and the vector of its row.
    Record record(uint64_t address) const {
        const SlotBytes bytes = context.slots.item(context.slots.find(address), kRecordColumn);
        const Page &page = read(bytes.page);
        return *reinterpret_cast<const Record *>(page.payload + bytes.offset);
    }
    const Vector &vector(uint64_t address) const {
        return index_.vectors()->at(number_of(tid_of(record(address))));
    }

    // Every row of the segments, as they name it.
    std::vector<SegmentRow> segment_rows() const {
        std::vector<SegmentRow> rows;
        const Meta &meta = context.meta();
        for (uint32_t s = 0; s < meta.segments; s++) {
            SegmentReader reader(meta.segment[s], segment_shape(vectors_of(meta)));
            while (!reader.at_end()) {
                read_all(reader);
                rows.push_back(reader.row());
                reader.next();
            }
        }
        return rows;
    }

    SearchContext context;
    Matches matches;
    Selected selected;
    TopK top;

  private:
    const MemoryIndex &index_;
    std::unique_ptr<const Codebook> codebook_;
};

// Takes out all candidates, which are not evaluated, and forgets them.
inline std::vector<Candidate> take_candidates(TopK &top) {
    top.finish();
    std::vector<Candidate> rows;
    while (top.candidates().to_evaluate() != nullptr) {
        rows.push_back(top.candidates().pop_to_evaluate());
    }
    return rows;
}

}  // namespace pgslab
