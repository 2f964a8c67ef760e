#include "store/needs.h"

#include <algorithm>
#include <numeric>

#include "store/layout.h"
#include "store/manifest.h"
#include "store/parts_writer.h"
#include "store/sets.h"

namespace pgslab {

namespace {

// Rows of the sidecar at which it is flushed. More make searches slower, since they are looked at
// one by one; fewer make more segments, which merges write again and again.
constexpr uint64_t kFlushRows = 4096;

// A flush is overdue when this many times the rows of one wait, which happens only where flushes
// fail or get no lock.
constexpr uint64_t kOverdue = 2;

// So many segments of about one size become one of the next: sizes rise by this factor.
constexpr uint32_t kTier = 4;

// Beyond so many segments all become one, whatever their sizes.
constexpr uint32_t kManySegments = 20;

// Parts are written anew together if their live rows make at most so many full parts.
constexpr uint64_t kPartsAtOnce = 2;

// Beyond so many parts small ones are put together.
constexpr uint32_t kManyParts = 12;

// Runs that a task takes, and those it leaves of free ones.
constexpr uint32_t kRunsOfTask = 40;

uint32_t tier_of(uint64_t rows, const PgsPolicy &policy) noexcept {
    uint32_t tier = 0;
    for (uint64_t end = 2 * flush_rows(policy); rows >= end; end *= kTier) {
        tier++;
    }
    return tier;
}

// The lowest tier that is full takes those below it along.
PgsSegments segments_to_merge(const Meta &meta, const PgsPolicy &policy) noexcept {
    uint32_t in_tier[64] = {};
    for (uint32_t i = 0; i < meta.segments; i++) {
        in_tier[tier_of(meta.segment[i].rows, policy)]++;
    }
    const uint32_t *full =
        std::find_if(in_tier, in_tier + 64, [](uint32_t n) { return n >= kTier; });
    if (full == in_tier + 64) {
        return meta.segments > kManySegments ? all_segments(meta) : PgsSegments{};
    }
    PgsSegments chosen = {};
    for (uint32_t i = 0; i < meta.segments; i++) {
        if (tier_of(meta.segment[i].rows, policy) <= full - in_tier) {
            add(chosen, i);
        }
    }
    return chosen;
}

// The slots of each part that are in use, and those of them that are no tombstones.
struct SlotCounts {
    uint64_t used[kMaxParts];
    uint64_t live[kMaxParts];
    uint64_t all_live;
};

SlotCounts count_slots(const Meta &meta, uint64_t open_slots) noexcept {
    SlotCounts slots = {};
    for (uint32_t p = 0; p < meta.parts; p++) {
        const Part &part = meta.part[p];
        slots.used[p] = part.state == PartState::kOpen ? open_slots : part.slots;
        slots.live[p] = slots.used[p] - std::min(slots.used[p], part.tombstones);
        slots.all_live += slots.live[p];
    }
    return slots;
}

bool is_much_dead(const Meta &meta, const Part &part, uint64_t slots,
                  const PgsPolicy &policy) noexcept {
    const uint64_t bytes = part.tombstones * slot_bytes(meta.columns);
    return static_cast<double>(part.tombstones) > policy.dead_share * static_cast<double>(slots) &&
           bytes >= policy.dead_bytes;
}

// Parts that are written anew together: as many as make few new ones, and as the manifest has room
// for when they are given up with all segments.
class PartChoice {
  public:
    PartChoice(const Meta &meta, const SlotCounts &slots, uint64_t full) noexcept
        : meta_(meta), slots_(slots), full_(full) {}

    // The first is taken whatever its size.
    void take(uint32_t part) noexcept {
        const uint64_t live = live_ + slots_.live[part];
        const bool few = !has_any(parts_) || live <= kPartsAtOnce * full_;
        PgsParts with = parts_;
        add(with, part);
        if (few && has_room_for(meta_, with, all_segments(meta_))) {
            parts_ = with;
            live_ = live;
        }
    }
    PgsParts parts() const noexcept { return parts_; }
    bool become_fewer() const noexcept { return divide_up(live_, full_) < count_of(parts_); }

  private:
    const Meta &meta_;
    const SlotCounts &slots_;
    uint64_t full_;  // slots of a part that is
    uint64_t live_ = 0;
    PgsParts parts_ = {};
};

// Those with many tombstones, and those that the kind says are due; others that are small come
// along, so that new parts are about full, and take the place of old ones well. Where there are
// many parts the smallest are put together, lest there be more than the manifest has room for.
PgsParts parts_to_rewrite(const Meta &meta, const SlotCounts &slots, const PgsPolicy &policy,
                          PgsParts own) noexcept {
    const PgsParts all_sealed = sealed_parts(meta);
    const PgsParts stale = stale_parts(meta);  // which are written anew for that, see needs.recode
    const bool can_close = meta.parts < kMaxParts;  // and another can be begun
    PgsParts due = {};
    uint64_t sealed = 0;  // slots, with those of an open part that is to be closed and written anew
    for (uint32_t p = 0; p < meta.parts; p++) {
        if ((is_much_dead(meta, meta.part[p], slots.used[p], policy) || has(own, p)) &&
            (has(all_sealed, p) || can_close) && !has(stale, p)) {
            add(due, p);
        }
        sealed += has(due, p) || has(all_sealed, p) ? slots.used[p] : 0;
    }
    uint32_t by_size[kMaxParts];
    uint32_t *const end = by_size + meta.parts;
    std::iota(by_size, end, 0u);
    std::sort(by_size, end, [&](uint32_t a, uint32_t b) { return slots.live[a] < slots.live[b]; });
    const uint64_t full = slots_of_part(sealed, written_columns(meta.columns));
    PartChoice choice(meta, slots, full);
    std::for_each(by_size, end, [&](uint32_t p) {
        if (has(due, p)) {
            choice.take(p);
        }
    });
    const bool some_due = has_any(choice.parts());
    const bool many = meta.parts > kManyParts;
    std::for_each(by_size, end, [&](uint32_t p) {
        const bool wanted = some_due ? slots.live[p] <= full / 4 : many;
        if (wanted && has(all_sealed, p) && !has(due, p) && !has(stale, p)) {
            choice.take(p);
        }
    });
    return some_due || choice.become_fewer() ? choice.parts() : PgsParts{};
}

// Stale parts, as many as the manifest has room for when they are given up.
PgsParts parts_to_recode(const Meta &meta) noexcept {
    PgsParts chosen = {};
    for (uint32_t p = 0; p < meta.parts; p++) {
        PgsParts with = chosen;
        add(with, p);
        if (has(stale_parts(meta), p) && has_room_for(meta, with, all_segments(meta))) {
            chosen = with;
        }
    }
    return chosen;
}

// What concerns segments, and the dictionary they refer to, if any: not every index has those.
void find_needs_of_segments(const Meta &meta, const SlotCounts &slots, const PgsPolicy &policy,
                            const OwnNeeds &own, Needs &needs) noexcept {
    const bool can_flush = has_room_for_runs(meta, 0) && meta.segments < kMaxSegments;
    for (uint32_t p = 0; p < meta.parts; p++) {
        const Part &part = meta.part[p];
        const uint64_t sidecar = slots.used[p] - std::min(slots.used[p], part.flushed);
        const bool sealed = part.state == PartState::kSealed;
        needs.sidecar += sidecar;
        if (part.dictionary == meta.dictionary.id && can_flush &&
            (sidecar >= flush_rows(policy) || (sidecar > 0 && sealed))) {
            add(needs.flush, p);
        }
    }
    needs.flush_overdue = needs.sidecar >= kOverdue * flush_rows(policy);
    const PgsSegments merge = segments_to_merge(meta, policy);
    needs.merge = has_room_for(meta, {}, merge) ? merge : PgsSegments{};
    needs.drift = own.drift;
    needs.recluster =
        own.recluster && has_room_for(meta, all_parts(meta), all_segments(meta), true);
    needs.calibrate = own.calibrate;
}

}  // namespace

uint64_t flush_rows(const PgsPolicy &policy) noexcept {
    return policy.flush_rows != 0 ? policy.flush_rows : kFlushRows;
}

PgsParts stale_parts(const Meta &meta) noexcept {
    PgsParts stale = {};
    for (uint32_t p = 0; has_dictionary(meta) && p < meta.parts; p++) {
        const Part &part = meta.part[p];
        if (part.state == PartState::kSealed && part.dictionary != meta.dictionary.id) {
            add(stale, p);
        }
    }
    return stale;
}

bool has_room_for(const Meta &meta, PgsParts parts, PgsSegments segments,
                  bool dictionary) noexcept {
    return spares_after(meta, parts, segments, dictionary) + kRunsOfTask <= kMaxSpares;
}

bool has_room_for_runs(const Meta &meta, uint32_t runs) noexcept {
    return meta.spares + runs + kRunsOfTask <= kMaxSpares;
}

uint64_t live_slots(const Meta &meta, uint64_t open_slots) noexcept {
    return count_slots(meta, open_slots).all_live;
}

Needs find_needs(const Meta &meta, uint64_t open_slots, const PgsPolicy &policy,
                 const OwnNeeds &own) noexcept {
    Needs needs = {};
    const SlotCounts slots = count_slots(meta, open_slots);
    needs.recode = parts_to_recode(meta);
    needs.rewrite = parts_to_rewrite(meta, slots, policy, own.rewrite);
    if (has_segments(meta)) {
        find_needs_of_segments(meta, slots, policy, own, needs);
    }
    return needs;
}

}  // namespace pgslab
