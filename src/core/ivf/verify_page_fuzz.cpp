// One page of an index is anything at all: verification, scans and inspection neither crash nor
// hang, and what verification finds sound scans read to their end.
//
// Input: which index and whether to repair the checksum, the page's block, then patches.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <set>
#include <vector>

#include "ivf/testing/named_rows.h"
#include "ivf/testing/scanner.h"
#include "ivf/testing/segments.h"
#include "pgslab_core.h"
#include "store/testing/patches.h"

using namespace pgslab;

namespace {

void demand(bool condition, const char *what) {
    if (!condition) {
        std::fprintf(stderr, "%s\n", what);
        std::abort();
    }
}

// A verification's memory goes with the index; the server refuses one that its file cannot hold.
constexpr uint32_t kMostBlocks = 1 << 16;

MemoryIndex make_index(const PgsOptions &options, uint32_t count, uint32_t lists) {
    Random random(1);
    std::vector<TestRow> rows;
    for (uint32_t i = 0; i < count; i++) {
        const auto dims = static_cast<size_t>(options.dims);
        rows.push_back({tid_number(i), hard_vector(random, dims, Kind::kOrdinary)});
    }
    const auto middle = rows.begin() + static_cast<ptrdiff_t>(count / 2);
    MemoryIndex index(options, {rows.begin(), middle}, lists);
    for (size_t i = count / 2; i < rows.size(); i++) {
        index.insert(rows[i]);
    }
    index.vacuum([](PgsTid tid) { return number_of(tid) % 9 == 0; });
    index.store().crash_before(2);  // leaves a growth in progress
    try {
        index.grow();
    } catch (const Crash &) {
    }
    index.recover();
    return index;
}

// As maintenance leaves it: several segments, rows of either part above its watermark, a spare run.
MemoryIndex maintained(MemoryIndex index) {
    Random random(2);
    resegment(index, random, 3, [](uint32_t, uint64_t slots) { return slots - slots / 4; });
    return index;
}

// The open part is one of an earlier codebook.
MemoryIndex reclustered(MemoryIndex index) {
    Random random(3);
    make_stale(index, random, 1);
    return index;
}

const std::vector<MemoryIndex> &indexes() {
    static const std::vector<MemoryIndex> all = {
        maintained(make_index({40, PGS_L2, PGS_F16, "", "", 8, {3, {{4, 1}, {8, 1}, {8, 1, true}}}},
                              300, 3)),
        make_index({3, PGS_COSINE, PGS_F16, "", "", 0}, 800, 7),
        make_index({129, PGS_L1, PGS_F32, "", "", 0}, 60, 0),
        reclustered(make_index({5000, PGS_INNER_PRODUCT, PGS_F16, "", "", 4}, 12, 2))};
    static const bool sound = std::all_of(all.begin(), all.end(), [](const MemoryIndex &index) {
        return verify(index.store()).rows.size() > 6;
    });
    demand(sound, "an index is not sound to begin with");
    return all;
}

// What a scan may be asked to keep to although a page has been changed.
struct Promise {
    bool once;     // each slot at most once
    bool ordered;  // by ascending bound
};

// The number of a scan's rows, or nothing when it failed.
bool scan(const PageStore &store, const Page &meta, const float *query, const PgsEffort &effort,
          Promise promise, size_t *count, const PgsFilter *filter = nullptr) {
    constexpr size_t kTooMany = 100000;
    std::set<uint64_t> slots;
    double before = -INFINITY;
    Scanner scanner;
    *count = 0;
    try {
        const auto codebook = load_codebook(store, meta);
        scanner.start(store, meta, codebook.get(), nullptr, query, false, effort, filter);
        while (const auto row = scanner.next()) {
            demand(slots.insert(row->slot).second || !promise.once, "a slot was returned twice");
            demand(before <= row->bound || !promise.ordered, "bounds do not ascend");
            demand(++*count < kTooMany, "a scan has no end");
            before = row->bound;
        }
    } catch (const CoreFailure &) {
        return false;
    } catch (const std::out_of_range &) {  // the file has no such block: the server says so
        return false;
    }
    return true;
}

bool verified(const PageStore &store, size_t *count) {
    try {
        *count = verify(store).rows.size();
        return true;
    } catch (const CoreFailure &) {
    } catch (const std::out_of_range &) {
    }
    return false;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    FuzzInput input(data, size);
    const uint8_t choice = input.byte();
    PageStore store = indexes()[choice % 4].store();
    Page &page = store.damage(input.byte() % store.blocks());
    patch(page, input);
    if ((choice & 4) != 0) {
        repair_checksum(page);
    }
    PgsPageInfo info;
    pgs_page_info(&page, &info);

    PgsError error;
    const Page meta = store.read(0);
    if (pgs_meta_check(&meta, &error) != PGS_OK) {
        return 0;
    }
    PgsMetaInfo shape;
    pgs_meta_info(&meta, &shape);
    if (shape.end_block > kMostBlocks) {
        return 0;
    }
    const Vector query(static_cast<size_t>(shape.dims), 0.25f);
    size_t found = 0, exact = 0, some = 0, listed = 0;
    const bool sound = verified(store, &found);
    // Bounds and values come from several tables, which a checksum made to fit lets disagree: then
    // rows come too late, and are left out. Where a list names a slot twice only verification sees
    // it.
    const bool forged = (choice & 4) != 0 && shape.lists > 0;
    const bool exact_ends =
        scan(store, meta, query.data(), kExactAsStored, {true, !forged}, &exact);
    const bool some_end =
        scan(store, meta, query.data(), effort_as_stored(0.9), {sound, false}, &some);
    const bool list_ends = scan(store, meta, nullptr, kExactAsStored, {true, true}, &listed);
    demand(!sound || (exact_ends && some_end && list_ends),
           "a scan fails where verification finds no fault");
    demand(
        !sound || ((forged ? found >= exact : found == exact) && found >= some && found == listed),
        "a scan lacks rows");
    const auto scan_filtered = [&](const PgsFilter &filter) {
        size_t filtered = 0;
        const bool ends = scan(store, meta, query.data(), effort_as_stored(0.9), {sound, false},
                               &filtered, &filter);
        demand(!sound || (ends && filtered <= found), "a scan with a filter goes wrong");
    };
    if (shape.keys.count == 3 && shape.keys.column[1].key_bytes == 8) {
        // Some rows, whose postings are read, and most, of which keys are.
        for (uint64_t most : {uint64_t{9} << 40, pgs_null_key(8) - 1}) {
            const KeysIn condition(1, {{0, most}});
            scan_filtered(condition.filter());
        }
        // Rows that are named, found by their addresses unless the page says that there are none.
        static const NamedRows named({3, 5, 8, 100, 101, 102, 250, 1000}, {1});
        PgsFilter filter = {};
        filter.tids = named.set();
        scan_filtered(filter);
    }
    return 0;
}
