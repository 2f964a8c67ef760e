#include "index/needs.h"

#include <algorithm>

#include "format/layout.h"
#include "format/manifest.h"
#include "index/parts_writer.h"
#include "index/training.h"

namespace pgslab {

namespace {

// Rows of the sidecar: what is searched one by one, and what is written again and again in merges.
constexpr uint64_t kSealRows = 4096;

// Times as many rows as are sealed together, which wait only where sealing fails or is kept
// waiting.
constexpr uint64_t kOverdue = 2;

// So many segments of about one size become one of the next: sizes rise by this factor.
constexpr uint32_t kTier = 4;

// Beyond so many segments all become one, whatever their sizes.
constexpr uint32_t kManySegments = 20;

// Of parts that are written anew.
constexpr uint64_t kPiecesAtOnce = 2;

// Free blocks, for each one that is in use, from which on what lies last is moved among them.
constexpr double kManyFree = 0.125;

// Beyond so many parts small ones are put together.
constexpr uint32_t kManyParts = 12;

// Times as many lists as there are would suit the rows.
constexpr double kManyMoreLists = 2;

// Where rows lie so much farther from their centroids than those that lists were trained with, most
// of them lie far from all, in a few lists that are no use to them.
constexpr double kMuchDrift = 0.2;

// Runs that a task takes, and those it leaves of free ones.
constexpr uint32_t kRunsOfTask = 40;

// Share of rows, more or less, or coded since, than when the index last measured itself.
constexpr double kManyOthers = 0.5;

uint32_t tier_of(uint64_t rows, const PgsPolicy &policy) noexcept {
    uint32_t tier = 0;
    for (uint64_t end = 2 * seal_rows(policy); rows >= end; end *= kTier) {
        tier++;
    }
    return tier;
}

// The lowest tier that is full takes those below it along.
uint32_t segments_to_merge(const Meta &meta, const PgsPolicy &policy) noexcept {
    uint32_t in_tier[64] = {};
    for (uint32_t i = 0; i < meta.segments; i++) {
        in_tier[tier_of(meta.segment[i].rows, policy)]++;
    }
    const uint32_t *full =
        std::find_if(in_tier, in_tier + 64, [](uint32_t n) { return n >= kTier; });
    if (full == in_tier + 64) {
        return meta.segments > kManySegments ? (1u << meta.segments) - 1 : 0;
    }
    uint32_t chosen = 0;
    for (uint32_t i = 0; i < meta.segments; i++) {
        chosen |= (tier_of(meta.segment[i].rows, policy) <= full - in_tier ? 1u : 0u) << i;
    }
    return chosen;
}

bool is_much_dead(const Meta &meta, const Part &part, uint64_t slots,
                  const PgsPolicy &policy) noexcept {
    const SlotShape shape = slot_shape(meta);
    const uint64_t bytes = part.tombstones * (sizeof(Record) + shape.item + shape.refine);
    return static_cast<double>(part.tombstones) > policy.dead_share * static_cast<double>(slots) &&
           bytes >= policy.dead_bytes;
}

// Parts to write anew together: one with many tombstones, and others that are due, or small, as
// long as what is left of them makes few parts; so that new ones are about full, and take the place
// of old ones well. Where there are many parts the small ones are due.
uint32_t parts_to_rewrite(const Meta &meta, uint64_t open_slots, const PgsPolicy &policy) noexcept {
    uint64_t slots[kMaxParts];
    uint64_t live[kMaxParts];
    uint64_t total = 0;
    for (uint32_t p = 0; p < meta.parts; p++) {
        const Part &part = meta.part[p];
        slots[p] = part.state == PartState::kOpen ? open_slots : part.slots;
        live[p] = slots[p] - std::min(slots[p], part.tombstones);
        total += slots[p];
    }
    const uint64_t most = slots_of_piece(total, slot_shape(meta));
    const bool many = meta.parts > kManyParts;
    auto is_due = [&](uint32_t p) { return is_much_dead(meta, meta.part[p], slots[p], policy); };
    auto is_small = [&](uint32_t p) {
        return meta.part[p].state == PartState::kSealed && live[p] <= most / 4;
    };
    uint32_t chosen = 0;
    uint64_t sum = 0;
    for (bool small : {false, true}) {
        for (uint32_t p = 0; p < meta.parts; p++) {
            const bool wanted = small ? is_small(p) && (chosen != 0 || many) : is_due(p);
            if (wanted && (chosen >> p & 1) == 0 &&
                (chosen == 0 || sum + live[p] <= kPiecesAtOnce * most)) {
                chosen |= 1u << p;
                sum += live[p];
            }
        }
    }
    const bool alone = (chosen & (chosen - 1)) == 0;
    const bool due = std::any_of(slots, slots + meta.parts, [&](const uint64_t &s) {
        return is_due(static_cast<uint32_t>(&s - slots));
    });
    return alone && !due ? 0 : chosen;
}

// What is to be moved so that the file can be cut: the extent of a sealed part, or the segment,
// that lies last, if there is a free run for it before. A part for which there are only shorter
// ones is written anew, in pieces.
void find_last(const Meta &meta, PgsNeeds &needs) noexcept {
    uint32_t end = meta.end_block;
    uint64_t free = 0;
    uint64_t before = 0;  // of them, not at the end
    uint32_t largest = 0;
    for (uint32_t i = meta.spares; i-- > 0;) {
        const Spare &spare = meta.spare[i];
        if (spare.since != kFree) {
            continue;
        }
        free += spare.run.blocks;
        if (spare.run.block + spare.run.blocks == end) {
            end = spare.run.block;
        } else {
            before += spare.run.blocks;
            largest = std::max(largest, spare.run.blocks);
        }
    }
    if (static_cast<double>(free) <=
        kManyFree *
            static_cast<double>(meta.end_block - std::min<uint64_t>(free, meta.end_block))) {
        return;
    }
    const SlotShape shape = slot_shape(meta);
    each_extent(meta, [&](const ExtentPlace &place) {
        const Extent &extent = place.extent;
        const bool last = extent.slab_block + slab_blocks(extent.slots, shape.item) == end;
        if (last && !place.open && extent_blocks(extent.slots, shape) <= largest) {
            needs.move = extent.record_block;
        } else if (last && !place.open && extent_blocks(place.part->slots, shape) <= before) {
            needs.rewrite |= 1u << place.part_number;
        }
        return last;
    });
    for (uint32_t i = 0; i < meta.segments; i++) {
        const Segment &segment = meta.segment[i];
        const uint32_t blocks = segment.directory_blocks + segment.list_blocks;
        if (segment.block + blocks == end && blocks <= largest) {
            needs.move = segment.block;
        }
    }
}

// As if rows that are gone had been like those of their time, which nobody has counted.
double drift_of(const Meta &meta, double live) noexcept {
    if (meta.trained.rows == 0 || meta.trained.sum == 0 || meta.codebook.lists < 2 || live == 0) {
        return 0;
    }
    const double mean = meta.trained.sum / static_cast<double>(meta.trained.rows);
    const double excess = meta.coded.sum - mean * static_cast<double>(meta.coded.rows);
    const double rows = std::max(live, static_cast<double>(meta.coded.rows));
    return std::max(0.0, excess / (mean * rows));
}

// Whether the manifest can name what these leave, besides the runs that a task takes and splits.
bool has_room_for(const Meta &meta, uint32_t parts, uint32_t segments, bool codebook) noexcept {
    return spares_after(meta, parts, segments, codebook) + kRunsOfTask <= kMaxSpares;
}

// As many of the parts, the first ones, as there is room for together with all segments.
uint32_t those_with_room(const Meta &meta, uint32_t parts) noexcept {
    const uint32_t all = (1u << meta.segments) - 1;
    uint32_t kept = 0;
    for (uint32_t p = 0; p < meta.parts; p++) {
        const uint32_t with = kept | (parts & 1u << p);
        kept = has_room_for(meta, with, all, false) ? with : kept;
    }
    return kept;
}

// Leaves out what the manifest has no room for until runs that were given up are free again.
void keep_to_room(const Meta &meta, PgsNeeds &needs) noexcept {
    needs.recode = those_with_room(meta, needs.recode);
    needs.rewrite = those_with_room(meta, needs.rewrite);
    needs.merge = has_room_for(meta, 0, needs.merge, false) ? needs.merge : 0;
    // What is moved may leave three runs.
    if (meta.spares + 3u + kRunsOfTask > kMaxSpares) {
        needs.move = 0;
    }
    if (!has_room_for(meta, 0, 0, false) || meta.segments == kMaxSegments) {
        needs.seal = 0;
    }
}

}  // namespace

uint64_t seal_rows(const PgsPolicy &policy) noexcept {
    return policy.seal_rows != 0 ? policy.seal_rows : kSealRows;
}

uint32_t stale_parts(const Meta &meta) noexcept {
    uint32_t stale = 0;
    for (uint32_t p = 0; meta.code_bits != 0 && p < meta.parts; p++) {
        const Part &part = meta.part[p];
        const bool is_stale = part.state == PartState::kSealed && part.codebook != meta.codebook.id;
        stale |= (is_stale ? 1u : 0u) << p;
    }
    return stale;
}

void find_needs(const Meta &meta, uint64_t open_slots, const PgsPolicy &policy,
                PgsNeeds &needs) noexcept {
    needs = {};
    double live = 0;
    for (uint32_t p = 0; p < meta.parts; p++) {
        const Part &part = meta.part[p];
        const uint64_t slots = part.state == PartState::kOpen ? open_slots : part.slots;
        const uint64_t sidecar = slots - std::min(slots, part.coded);
        live += static_cast<double>(slots) - static_cast<double>(std::min(slots, part.tombstones));
        const bool sealed = part.state == PartState::kSealed;
        if (meta.code_bits != 0) {
            const bool current = part.codebook == meta.codebook.id;
            const bool waits = sidecar >= seal_rows(policy) || (sidecar > 0 && sealed);
            needs.sidecar += sidecar;
            needs.seal |= (current && waits ? 1u : 0u) << p;
        }
    }
    needs.seal_overdue = needs.sidecar >= kOverdue * seal_rows(policy);
    needs.recode = stale_parts(meta);
    needs.rewrite = parts_to_rewrite(meta, open_slots, policy);
    needs.merge = meta.code_bits != 0 ? segments_to_merge(meta, policy) : 0;
    if (policy.give_back && (needs.rewrite | needs.merge | needs.recode | needs.seal) == 0) {
        find_last(meta, needs);
    }
    keep_to_room(meta, needs);
    if (meta.code_bits != 0) {
        const auto then = static_cast<double>(meta.calibration.rows);
        const uint32_t suited = automatic_lists(live);
        const bool few = policy.lists == 0 && suited >= kManyMoreLists * meta.codebook.lists;
        const auto others = static_cast<double>(meta.coded.rows - meta.calibrated);
        needs.drift = drift_of(meta, live);
        const uint32_t all_parts = (1u << meta.parts) - 1;
        const uint32_t all_segments = (1u << meta.segments) - 1;
        needs.recluster =
            (few || needs.drift > kMuchDrift) && has_room_for(meta, all_parts, all_segments, true);
        needs.calibrate = live > (1 + kManyOthers) * then || live < (1 - kManyOthers) * then ||
                          others > kManyOthers * live;
    }
}

}  // namespace pgslab
