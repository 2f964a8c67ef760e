#include "store/picker.h"

#include <algorithm>

#include "store/free_space.h"
#include "store/layout.h"
#include "store/needs.h"
#include "store/sets.h"
#include "store/shrink.h"

namespace pgslab {

namespace {

// Jobs to make the file shorter, one after the other, that did not.
constexpr uint32_t kMostVain = 3;

// More than any goal takes, unless what is due never gets any less.
constexpr uint32_t kMostJobs = 1000;

constexpr PgsJob kNone = {};

PgsJob job_of(PgsJobKind kind) noexcept {
    PgsJob job = {};
    job.kind = kind;
    return job;
}

PgsJob flush(uint32_t part) noexcept {
    PgsJob job = job_of(PGS_JOB_FLUSH);
    job.part = part;
    return job;
}

PgsJob merge(PgsSegments segments, PgsParts parts = {}) noexcept {
    PgsJob job = job_of(PGS_JOB_MERGE);
    job.segments = segments;
    job.parts = parts;
    return job;
}

PgsJob rewrite(PgsParts parts) noexcept {
    PgsJob job = job_of(PGS_JOB_REWRITE);
    job.parts = parts;
    return job;
}

PgsJob move(uint32_t block) noexcept {
    PgsJob job = job_of(PGS_JOB_MOVE);
    job.block = block;
    return job;
}

class Picker {
  public:
    Picker(const Meta &meta, uint64_t open_slots, const PgsPolicy &policy, const OwnNeeds &own,
           PgsGoal &goal) noexcept
        : meta_(meta), open_slots_(open_slots), policy_(policy), own_(own), goal_(goal) {}

    PgsJob pick() noexcept {
        if (!goal_.begun) {
            begin();
        }
        if (goal_.ended || goal_.jobs == kMostJobs) {
            return kNone;
        }
        const PgsJob job = choose();
        goal_.last = job.kind;
        if (job.kind == PGS_JOB_FLUSH) {
            goal_.flushing = meta_.part[job.part].id;
            goal_.flushed = meta_.part[job.part].flushed;
        }
        goal_.jobs += job.kind != PGS_JOB_NONE ? 1 : 0;
        return job;
    }

  private:
    void begin() noexcept;
    PgsJob choose() noexcept;
    PgsJob flush_due() const noexcept;
    bool can_flush(const Needs &needs) const noexcept;
    PgsJob automatic() noexcept;
    PgsJob due(const Needs &needs) const noexcept;
    PgsJob shrink() noexcept;
    PgsJob flush_rest() const noexcept;
    PgsJob compact() noexcept;
    PgsJob write_all() noexcept;
    PgsJob vacuum() const noexcept;
    PgsJob recluster_once() const noexcept;
    PgsJob recluster() const noexcept;
    PgsJob rewrite_with_segments(PgsParts parts) const noexcept;

    bool has_most_segments() const noexcept { return meta_.segments == kMaxSegments; }
    // A part can be closed if that leaves room for the next: however often what comes after it
    // fails and is begun again, rows can be inserted.
    bool can_close() const noexcept { return meta_.parts < kMaxParts; }
    bool is_first_open_part() const noexcept {
        const Part *open = open_part(meta_);
        return open != nullptr && open->id == goal_.open_part;
    }

    const Meta &meta_;
    uint64_t open_slots_;
    const PgsPolicy &policy_;
    const OwnNeeds &own_;
    PgsGoal &goal_;
};

void Picker::begin() noexcept {
    const Part *open = open_part(meta_);
    goal_.begun = true;
    goal_.open_part = open == nullptr ? 0 : open->id;
    goal_.open_slots = open_slots_;
    goal_.dictionary = meta_.dictionary.id;
    goal_.end = meta_.end_block + 1;
}

PgsJob Picker::choose() noexcept {
    switch (goal_.kind) {
        case PGS_GOAL_FLUSH:
            return flush_due();
        case PGS_GOAL_AUTOMATIC:
        case PGS_GOAL_SHRINK:
            return automatic();
        case PGS_GOAL_COMPACT:
        case PGS_GOAL_COMPACT_FULL:
            return compact();
        case PGS_GOAL_VACUUM:
            return vacuum();
        case PGS_GOAL_RECLUSTER:
            return recluster();
    }
    return kNone;
}

// ---- what the policy asks for

// What refers to an earlier dictionary is not for an insert to make anew, nor of use in segments.
PgsJob Picker::flush_due() const noexcept {
    const Needs needs = find_needs(meta_, open_slots_, policy_, own_);
    return can_flush(needs) && !has_any(needs.recode) ? flush(first_of(needs.flush)) : kNone;
}

// Whether flushing is due, and the same flush has not just been in vain: a row of many slots that
// is being inserted, or that a crash has cut off, stays in the sidecar.
bool Picker::can_flush(const Needs &needs) const noexcept {
    if (!has_any(needs.flush)) {
        return false;
    }
    const Part &part = meta_.part[first_of(needs.flush)];
    return goal_.flushing != part.id || goal_.flushed != part.flushed;
}

// The calibration comes last, to measure what the others have made. If it is still due right
// afterwards there are too few rows to measure.
PgsJob Picker::automatic() noexcept {
    const Needs needs = find_needs(meta_, open_slots_, policy_, own_);
    PgsJob job = due(needs);
    if (job.kind == PGS_JOB_NONE && goal_.kind == PGS_GOAL_SHRINK) {
        job = shrink();
    }
    if (job.kind == PGS_JOB_NONE && needs.calibrate && goal_.last != PGS_JOB_CALIBRATE) {
        job = job_of(PGS_JOB_CALIBRATE);
    }
    return job;
}

// The most urgent first: what makes searches slow; then what would be done twice if something else
// came before it, since a new dictionary has all parts written anew, and parts that are written
// anew come with all segments.
PgsJob Picker::due(const Needs &needs) const noexcept {
    if (has_any(needs.recode)) {
        return rewrite(needs.recode);
    }
    if (needs.recluster) {
        return recluster_once();
    }
    if (has_any(needs.rewrite)) {
        return rewrite_with_segments(needs.rewrite);
    }
    if (can_flush(needs)) {
        return flush(first_of(needs.flush));
    }
    return has_any(needs.merge) ? merge(needs.merge) : kNone;
}

// One move may make the next possible, and only the last of them the file shorter.
PgsJob Picker::shrink() noexcept {
    const uint32_t end = used_end(meta_);
    if (end < goal_.end) {
        goal_.end = end;
        goal_.vain = 0;
    }
    const EndMove last = find_end_move(meta_);
    if (goal_.vain == kMostVain || (last.move == 0 && !has_any(last.rewrite))) {
        return kNone;
    }
    goal_.vain++;
    return last.move != 0 ? move(last.move) : rewrite_with_segments(last.rewrite);
}

// ---- what somebody has asked for

// Puts everything into segments that was there when the goal was new: what is inserted meanwhile
// can wait, or there would be no end to it.
PgsJob Picker::flush_rest() const noexcept {
    PgsPolicy policy = policy_;
    policy.flush_rows = 1;
    const uint64_t slots = is_first_open_part() ? std::min(open_slots_, goal_.open_slots) : 0;
    const Needs needs = find_needs(meta_, slots, policy, own_);
    if (has_any(needs.recode)) {
        return rewrite(needs.recode);
    }
    if (can_flush(needs)) {
        return flush(first_of(needs.flush));
    }
    return needs.sidecar > 0 && has_most_segments() ? merge(all_segments(meta_)) : kNone;
}

PgsJob Picker::compact() noexcept {
    const bool full = goal_.kind == PGS_GOAL_COMPACT_FULL;
    if (full && is_first_open_part() && can_close()) {
        return job_of(PGS_JOB_CLOSE);  // without rows, too: it may lie last
    }
    const PgsJob rest = flush_rest();
    if (rest.kind != PGS_JOB_NONE) {
        return rest;
    }
    if (full && has_any(sealed_parts(meta_))) {
        return write_all();
    }
    goal_.ended = true;
    const PgsSegments all = all_segments(meta_);
    return count_of(all) > 1 ? merge(all) : kNone;
}

// Parts of an earlier dictionary are left until now if the manifest has no room for what they
// leave; then this fails, and says so. Where there were too many parts to close the open one, it is
// closed now that they are fewer.
PgsJob Picker::write_all() noexcept {
    const PgsParts stale = stale_parts(meta_);
    if (has_any(stale)) {
        return rewrite(stale);
    }
    const PgsJob job = rewrite_with_segments(sealed_parts(meta_));
    goal_.ended = has_any(job.parts) && !is_first_open_part();
    return job;
}

PgsJob Picker::vacuum() const noexcept {
    PgsPolicy policy = policy_;
    policy.dead_share = 0;
    policy.dead_bytes = 0;
    const Needs needs = find_needs(meta_, open_slots_, policy, own_);
    if (has_any(needs.recode)) {
        return rewrite(needs.recode);
    }
    return has_any(needs.rewrite) ? rewrite_with_segments(needs.rewrite) : kNone;
}

// With what is in the open part. What comes into another meanwhile is little, and refers to the
// old dictionary until it is made anew afterwards.
PgsJob Picker::recluster_once() const noexcept {
    if (open_part(meta_) != nullptr && open_slots_ > 0 && goal_.last != PGS_JOB_CLOSE &&
        can_close()) {
        return job_of(PGS_JOB_CLOSE);
    }
    PgsJob job = job_of(PGS_JOB_RECLUSTER);
    job.parts = sealed_parts(meta_);
    return job;
}

PgsJob Picker::recluster() const noexcept {
    if (!has_dictionary(meta_) || goal_.last == PGS_JOB_CALIBRATE) {
        return kNone;
    }
    if (meta_.dictionary.id == goal_.dictionary) {
        return recluster_once();
    }
    const PgsJob rest = flush_rest();
    return rest.kind != PGS_JOB_NONE ? rest : job_of(PGS_JOB_CALIBRATE);
}

// ---- what has to come before what

// In the order of segments, which a merge of all of them gives once they name all slots of the
// parts, none of which is open then; or, where there are none, as they are. All tables of the parts
// refer to the index's dictionary.
PgsJob Picker::rewrite_with_segments(PgsParts parts) const noexcept {
    const uint32_t last = meta_.parts - 1u;
    if (open_part(meta_) != nullptr && has(parts, last)) {
        return job_of(PGS_JOB_CLOSE);
    }
    if (!has_segments(meta_)) {
        return rewrite(parts);
    }
    for (uint32_t p = 0; p < meta_.parts; p++) {
        if (has(parts, p) && meta_.part[p].flushed < meta_.part[p].slots) {
            return has_most_segments() ? merge(all_segments(meta_)) : flush(p);
        }
    }
    return merge(all_segments(meta_), parts);
}

}  // namespace

PgsJob pick_job(const Meta &meta, uint64_t open_slots, const PgsPolicy &policy, const OwnNeeds &own,
                PgsGoal &goal) noexcept {
    return Picker(meta, open_slots, policy, own, goal).pick();
}

}  // namespace pgslab
