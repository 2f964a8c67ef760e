#include "index/search.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include "base/error.h"
#include "format/meta.h"
#include "index/effort.h"

namespace pgslab {

namespace {

constexpr size_t kFewestCandidates = 256;
constexpr uint32_t kPassGrowth = 8;

// Survivors that are refined before more codes are scanned, so that the bar falls while a long list
// is scanned.
constexpr size_t kSurvivors = 64;

constexpr uint32_t kRunsPerPage = kPayloadBytes / sizeof(ListRun);

// Rows kept by a pass that compares vectors at once and knows no upper bounds.
constexpr size_t kFlatCapacity = 1024;

uint64_t times_passes(uint64_t n, uint32_t pass) noexcept {
    for (; pass > 0 && n < uint64_t{1} << 40; pass--) {
        n *= kPassGrowth;
    }
    return n;
}

}  // namespace

Search::Search(size_t memory_bytes) noexcept : memory_bytes_(memory_bytes) {}

const Meta &Search::meta_of_page() const noexcept {
    return meta_of(meta_);
}

void Search::start(const Page &meta_page, const Codebook &codebook, const float *query,
                   const PgsEffort &effort, bool believe_killed) {
    meta_ = meta_page;
    codebook_ = &codebook;
    shape_ = shape_of(meta());
    effort_ = effort;
    skip_ = believe_killed ? kRecordFlags : kTombstone;
    work_ = {};
    kernels_ = &kernels();
    pass_ = 0;
    spread_ = 1;
    seen_.clear();
    returned_.clear();
    last_row_.clear();
    places_.open(meta());
    bool ordered = query != nullptr;
    unordered_value_ = 0;
    if (ordered) {
        query_.set(codebook, query);
        ordered = query_.has_direction;
        unordered_value_ = std::numeric_limits<double>::quiet_NaN();
    }
    if (!ordered) {
        phase_ = Phase::kRows;
        rows_.clear();
        next_row_ = 0;
        walker_.open(meta(), {skip_, WalkTable::kNone, false, nullptr});
        return;
    }
    const Level level = level_for(meta().calibration, effort.target_recall);
    reach_ = level.reach;
    deviations_ = level.deviations;
    evaluation_.set_query(shape_, query_, effort.stored_values);
    flat_.set_query(shape_, query_, effort.stored_values);
    if (shape_.code_bits != 0) {
        bound_.emplace(shape_.metric, shape_.dims, shape_.padded, query_.offset,
                       query_.codes.norm(), effort.exact, deviations_, codebook.mean_norm(),
                       storage_error(shape_.storage, shape_.dims), query_.unit, codebook.unit());
        directories_.assign(meta().segments, {});
        directory_read_.assign(meta().segments, {});
        list_queries_.clear();
    }
    // Opened once: rows inserted between two passes are not seen.
    const WalkTable table = shape_.refine_bits != 0 ? WalkTable::kUseful : WalkTable::kSlab;
    walker_.open(meta(), {skip_, table, by_lists(), by_lists() ? &is_visited_ : nullptr});
    begin_pass();
}

// Whether lists are visited; if not, all rows are looked at.
bool Search::by_lists() const noexcept {
    return shape_.code_bits != 0 && !effort_.exact && meta().segments > 0;
}

void Search::begin_pass() {
    // Twice as many are gathered before the larger half is cut.
    const size_t capacity =
        spread_ * std::max(kFewestCandidates, memory_bytes_ / (3 * sizeof(Candidate)));
    uint64_t wanted = times_passes(rows_wanted(effort_), pass_);
    const bool lists = by_lists();
    const bool codes = shape_.refine_bits != 0 || lists;
    size_t kept = capacity;
    if (!codes) {
        wanted = std::max<uint64_t>(wanted, times_passes(kFlatCapacity, pass_));
        kept = std::min<size_t>(capacity, wanted);
    }
    candidates_.begin(std::min<uint64_t>(wanted, capacity), kept);
    bar_estimate_ = std::numeric_limits<double>::infinity();
    work_.passes++;
    evaluating_ = false;
    asked_for_last_row_ = false;
    scanning_ = false;
    survivors_.clear();
    survivor_ = 0;
    visited_ = 0;
    segment_ = meta().segments;
    walker_.rewind();
    phase_ = Phase::kWalk;
    if (lists) {
        choice_.begin(*codebook_, query_.rotated.data(), query_.codes, reach_);
        is_visited_.assign(codebook_->lists(), false);
        phase_ = Phase::kLists;
    }
}

// ---- collecting: which page is wanted next, or none when the pass has seen enough

PgsStatus Search::collect(uint32_t *block, PgsError *error) {
    if (phase_ == Phase::kLists) {
        if (PgsStatus status = next_of_lists(block, error)) {
            return status;
        }
        if (*block != PGS_NO_BLOCK) {
            return PGS_OK;
        }
        phase_ = Phase::kWalk;
    }
    *block = walker_.next_block();
    if (*block == PGS_NO_BLOCK) {
        end_of_collecting();
    } else if (effort_.exact) {
        upcoming_.add_page(walker_.block_after());
    }
    return PGS_OK;
}

void Search::end_of_collecting() {
    size_t most = std::numeric_limits<size_t>::max();
    if (effort_.refine != 0 && !effort_.exact) {
        most = times_passes(effort_.refine, pass_);
    }
    // Bounds that hold always keep the order by themselves.
    const uint64_t sure = effort_.exact ? 0 : times_passes(rows_expected(effort_), pass_);
    candidates_.finish(most, sure);
    phase_ = Phase::kEmit;
    if (!effort_.exact) {
        announce_candidates();
    }
}

PgsStatus Search::next_of_lists(uint32_t *block, PgsError *error) {
    for (;;) {
        if (scanning_ && survivors_.size() < kSurvivors) {
            *block = list_scan_.next_block();
            if (*block != PGS_NO_BLOCK) {
                return PGS_OK;
            }
            scanning_ = false;
            segment_++;
        }
        if (!survivors_.empty()) {
            if (shape_.refine_bits != 0) {
                if (survivor_ == 0) {
                    announce_survivors();
                }
                return next_of_survivors(block, error);
            }
            keep_survivors();
            continue;
        }
        if (segment_ < meta().segments) {
            if (PgsStatus status = open_list(block, error)) {
                return status;
            }
            if (*block != PGS_NO_BLOCK) {
                return PGS_OK;
            }
            continue;
        }
        if (!choose_list()) {
            *block = PGS_NO_BLOCK;
            return PGS_OK;
        }
    }
}

// Goes on to the next list worth a visit; false when there is none.
bool Search::choose_list() {
    if (!choice_.next()) {
        return false;
    }
    bool worth = visited_ < times_passes(effort_.probes, pass_);
    if (effort_.probes == 0) {
        // Without enough candidates every list is.
        worth = std::isinf(bar_estimate_) || !(choice_.score() >= bar_estimate_);
    }
    if (!worth) {
        candidates_.drop();
        return false;
    }
    list_ = choice_.take(at_);
    is_visited_[list_] = true;
    segment_ = 0;
    visited_++;
    work_.lists++;
    announce_next_list();
    return true;
}

// ---- what comes next, as far as it is known

// The list to visit after the one just chosen, where the directories say where it is.
void Search::announce_next_list() {
    if (!choice_.next()) {
        return;
    }
    const uint32_t list = choice_.list();
    for (uint32_t s = 0; s < meta().segments; s++) {
        if (const ListRun *run = run_of(s, list)) {
            upcoming_.add_list(meta().segment[s], *run, block_bytes(shape_.dims));
        }
    }
}

void Search::announce_survivors() {
    const uint32_t refine = refine_bytes(shape_.dims, shape_.refine_bits);
    for (const Survivor &survivor : survivors_) {
        uint32_t within = 0;
        if (const ExtentPlace *place = places_.find(survivor.address, &within)) {
            upcoming_.add_refinement(*place, within, refine);
        }
    }
}

// As many of the nearest as are going to be evaluated at least.
void Search::announce_candidates() {
    const uint32_t item = item_bytes(meta());
    for (uint64_t address :
         candidates_.nearest(std::min<size_t>(rows_expected(effort_), Upcoming::kMost))) {
        uint32_t within = 0;
        if (const ExtentPlace *place = places_.find(address, &within)) {
            upcoming_.add_row(*place, within, item);
        }
    }
}

// ---- one list

// Where the segment has the list; null unless that page of its directory was read.
const ListRun *Search::run_of(uint32_t segment, uint32_t list) const noexcept {
    const std::vector<bool> &read = directory_read_[segment];
    const uint32_t page = list / kRunsPerPage;
    return page < read.size() && read[page] ? &directories_[segment][list] : nullptr;
}

// Begins to scan the list in the current segment, once its place is known.
PgsStatus Search::open_list(uint32_t *block, PgsError *error) {
    const Segment &segment = meta().segment[segment_];
    if (directories_[segment_].empty()) {
        directories_[segment_].resize(codebook_->lists());
        directory_read_[segment_].resize(segment.directory_blocks);
    }
    const ListRun *run = run_of(segment_, list_);
    const uint32_t page = list_ / kRunsPerPage;
    if (run == nullptr) {
        wanted_directory_ = directory_identity(segment, page);
        *block = wanted_directory_.block;
        return PGS_OK;
    }
    *block = PGS_NO_BLOCK;
    if (uint64_t{run->first_row} + run->rows > segment.rows) {
        return fail(error, PGS_CORRUPT, segment.block + page,
                    "list %u of segment %u lies outside the segment", list_, segment.id);
    }
    if (run->rows == 0) {
        segment_++;
        return PGS_OK;
    }
    list_scan_.begin(segment, *run, shape_.padded, query_.codes.table(), *kernels_);
    scanning_ = true;
    return PGS_OK;
}

PgsStatus Search::take_directory(const Page &page, PgsError *error) {
    const PageIdentity wanted = wanted_directory_;
    if (PgsStatus status = check_page(page, wanted, error)) {
        return status;
    }
    std::vector<ListRun> &directory = directories_[segment_];
    const size_t first = size_t{wanted.sequence} * kRunsPerPage;
    const size_t n = std::min<size_t>(kRunsPerPage, directory.size() - first);
    if (used_bytes(page) != n * sizeof(ListRun)) {
        return fail(error, PGS_CORRUPT, wanted.block, "the directory page uses %u bytes",
                    used_bytes(page));
    }
    std::memcpy(directory.data() + first, page.payload, n * sizeof(ListRun));
    directory_read_[segment_][wanted.sequence] = true;
    return PGS_OK;
}

// ---- one-bit codes

void Search::block(const uint32_t *sums, const BlockTail &tail, uint32_t begin, uint32_t end) {
    work_.codes += end - begin;
    const auto add = static_cast<float>(at_.add);
    const auto spread =
        static_cast<float>(at_.distance * deviations_ / std::sqrt(shape_.padded - 1.0));
    const float base = query_.codes.scan_base();
    const float step = query_.codes.scan_step();
    const auto bar = static_cast<float>(bar_estimate_);
    float estimate[kBlockRows];
    float margin[kBlockRows];
    uint32_t passed_over = 0;
    for (uint32_t i = 0; i < kBlockRows; i++) {
        const float product = base + step * static_cast<float>(static_cast<int32_t>(sums[i]));
        estimate[i] = tail.add[i] + add + tail.rescale[i] * product;
        margin[i] = tail.error[i] * spread + CodeBound::underflow(tail.error[i]);
    }
    for (uint32_t i = begin; i < end; i++) {
        // Infinity is no bound: float32 left its range.
        const float lower = estimate[i] - margin[i];
        if (lower >= bar && std::isfinite(lower)) {
            passed_over++;
        } else if (!was_returned(tail.address[i])) {
            survivors_.push_back({tail.address[i], estimate[i], margin[i]});
        }
    }
    if (passed_over > 0) {
        work_.filtered += passed_over;
        candidates_.drop();
    }
}

// Without refinement codes survivors are candidates as they are.
void Search::keep_survivors() {
    for (const Survivor &s : survivors_) {
        // Where float32 left its range nothing is known.
        const bool known = std::isfinite(s.estimate) && std::isfinite(s.margin);
        const double estimate = known ? s.estimate : 0;
        const double margin = known ? s.margin : std::numeric_limits<double>::infinity();
        candidates_.offer({bound_->to_value(estimate - margin), s.address, 0, {}, 0, false},
                          bound_->to_value(estimate + margin));
    }
    end_of_survivors();
}

void Search::end_of_survivors() {
    survivors_.clear();
    survivor_ = 0;
    bar_estimate_ = bound_->to_estimate(candidates_.bar());
}

// ---- refinement codes

PgsStatus Search::next_of_survivors(uint32_t *block, PgsError *error) {
    uint32_t within = 0;
    const uint64_t address = survivors_[survivor_].address;
    const ExtentPlace *place = places_.find(address, &within);
    if (place == nullptr) {
        return fail(error, PGS_CORRUPT, meta().segment[0].block,
                    "list %u names slot %llu of part %u, which does not exist", list_,
                    static_cast<unsigned long long>(slot_of(address)), part_of(address));
    }
    const uint32_t refine = refine_bytes(shape_.dims, shape_.refine_bits);
    *block = refine_identity(*place, within / refines_per_page(refine)).block;
    return PGS_OK;
}

// Refines all survivors on the page, which come one after the other where the part was built in the
// order of its lists.
PgsStatus Search::take_refinements(const Page &page, PgsError *error) {
    const uint32_t refine = refine_bytes(shape_.dims, shape_.refine_bits);
    const uint32_t per_page = refines_per_page(refine);
    uint32_t within = 0;
    const ExtentPlace *place = places_.find(survivors_[survivor_].address, &within);
    const uint32_t number = within / per_page;
    const PageIdentity wanted = refine_identity(*place, number);
    if (PgsStatus status = check_page(page, wanted, error)) {
        return status;
    }
    const uint64_t first = make_address(place->part->id, place->part_slot);
    for (; survivor_ < survivors_.size(); survivor_++) {
        const uint64_t address = survivors_[survivor_].address;
        if (address < first || address - first >= place->used ||
            (address - first) / per_page != number) {
            break;
        }
        const auto at = static_cast<uint32_t>((address - first) % per_page * refine);
        if (at + refine > used_bytes(page)) {
            return fail(error, PGS_CORRUPT, wanted.block,
                        "the refinement page uses %u bytes where a slot needs %u", used_bytes(page),
                        at + refine);
        }
        offer_code(address, page.payload + at);
    }
    if (survivor_ == survivors_.size()) {
        end_of_survivors();
    }
    return PGS_OK;
}

const ListQuery &Search::list_query(uint32_t list) {
    if (list_queries_.empty()) {
        list_queries_.assign(codebook_->lists(), {0, -1, 0});
    }
    ListQuery &at = list_queries_[list];
    if (at.distance < 0) {
        at = codebook_->list_query(query_.rotated.data(), query_.codes.norm(), list);
    }
    return at;
}

void Search::offer_code(uint64_t address, const uint8_t *code) {
    work_.refined++;
    // The tail lies behind the code: by now it is on its way from memory.
    const float product = query_.codes.product(shape_.refine_bits, code);
    const RefineTail tail = tail_of(code, shape_.refine_bits, shape_.padded);
    // A list that does not exist is seen by slab_check(); here any will do that is not read past.
    const ListQuery &at =
        phase_ == Phase::kLists ? at_ : list_query(std::min(tail.list, codebook_->lists() - 1));
    const Factors factors = {tail.add, tail.rescale, tail.error, tail.norm};
    const double estimate = bound_->estimate(factors, product, at);
    const double margin = bound_->margin(factors, at, query_.codes.rounding(shape_.refine_bits));
    // No row below the bar has an estimate from here on; most rows are done with now.
    if (estimate - margin >= bar_estimate_) {
        candidates_.drop();
        return;
    }
    candidates_.offer({bound_->to_value(estimate - margin), address, 0, {}, 0, false},
                      bound_->to_value(estimate + margin));
    bar_estimate_ = bound_->to_estimate(candidates_.bar());
}

// ---- all rows, in slot order

void Search::piece(const Row &row, uint32_t offset, const uint8_t *bytes, uint32_t n) {
    if (!walker_.codes()) {
        flat_.add(bytes, offset, n, row.record.scale);
    } else if (!was_returned(row.address)) {
        offer_code(row.address, bytes);
    }
}

void Search::row(const Row &row) {
    if (phase_ == Phase::kRows) {
        PgsRequest step = {};
        step.kind = PGS_REQUEST_FOUND;
        step.tid = tid_of(row.record);
        step.value = unordered_value_;
        step.slot = row.address;
        rows_.push_back(step);
    } else if (!walker_.codes()) {
        work_.exact++;
        const Interval value = flat_.interval(row.record);
        if (!was_returned(row.address)) {
            candidates_.offer(
                {value.lower, row.address, value.upper, tid_of(row.record), row.record.list, true},
                std::numeric_limits<double>::infinity());
        }
    }
}

// ---- emitting

PgsStatus Search::page(const Page &page, PgsError *error) {
    switch (phase_) {
        case Phase::kEmit:
            return evaluation_.page(page, skip_, error);
        case Phase::kLists:
            if (scanning_ && survivors_.size() < kSurvivors) {
                return list_scan_.page(page, *this, error);
            }
            return survivors_.empty() ? take_directory(page, error) : take_refinements(page, error);
        default:
            return walker_.page(page, *this, error);
    }
}

// Rows come page by page as they are.
bool Search::next_unordered(PgsRequest &step) {
    if (next_row_ == rows_.size()) {
        rows_.clear();
        next_row_ = 0;
        step.block = walker_.next_block();
        step.kind = step.block == PGS_NO_BLOCK ? PGS_REQUEST_DONE : PGS_REQUEST_PAGE;
        return true;
    }
    step = rows_[next_row_++];
    work_.rows++;
    return true;
}

PgsStatus Search::next(PgsRequest &step, PgsError *error) {
    upcoming_.clear();
    if (phase_ == Phase::kRows) {
        next_unordered(step);
        return PGS_OK;
    }
    for (;;) {
        if (phase_ != Phase::kEmit) {
            if (PgsStatus status = collect(&step.block, error)) {
                return status;
            }
            if (step.block != PGS_NO_BLOCK) {
                step.kind = PGS_REQUEST_PAGE;
                return PGS_OK;
            }
        }
        bool again = false;
        if (PgsStatus status = emit(step, &again, error)) {
            return status;
        }
        if (!again) {
            return PGS_OK;
        }
    }
}

// The next step of emitting; *again when another pass was begun.
PgsStatus Search::emit(PgsRequest &step, bool *again, PgsError *error) {
    for (;;) {
        if (evaluating_) {
            step.block = evaluation_.wanted().block;
            if (step.block != PGS_NO_BLOCK) {
                step.kind = PGS_REQUEST_PAGE;
                return PGS_OK;
            }
            end_of_evaluation();
        }
        if (const Candidate *candidate = candidates_.to_evaluate()) {
            if (PgsStatus status = evaluate(*candidate, error)) {
                return status;
            }
        } else if (candidates_.first() != nullptr) {
            if (emit_first(step)) {
                return PGS_OK;
            }
        } else if (candidates_.dropped()) {
            begin_next_pass();
            *again = true;
            return PGS_OK;
        } else {
            step.kind = PGS_REQUEST_DONE;
            return PGS_OK;
        }
    }
}

// Returns the first of the candidates, or asks for what that takes; false when it was left out.
bool Search::emit_first(PgsRequest &step) {
    const Candidate &row = *candidates_.first();
    const LastRow::Place place = last_row_.place_of(row);
    if (place == LastRow::Place::kBefore) {
        leave_out_first();
        return false;
    }
    step.kind = PGS_REQUEST_LOOK_UP;
    step.tid = row.tid;
    step.value = row.key;
    step.slot = row.address;
    if (place == LastRow::Place::kUnknown && !last_row_.has_value()) {
        asked_for_last_row_ = true;
        step.tid = last_row_.tid();
        step.slot = last_row_.address();
    } else if (place == LastRow::Place::kAfter && candidates_.first_is_certain()) {
        step.kind = PGS_REQUEST_FOUND;
        list_of_row_ = row.list;
        last_row_.set(row);
        seen_.push_back(row.address);
        candidates_.pop_first();
        work_.rows++;
    }
    return true;
}

void Search::leave_out_first() {
    seen_.push_back(candidates_.first()->address);
    candidates_.pop_first();
}

void Search::looked_up(const float *vector) {
    work_.looked_up++;
    const double value = vector == nullptr ? 0 : query_.operator_value(vector);
    if (asked_for_last_row_) {
        asked_for_last_row_ = false;
        vector == nullptr ? last_row_.set_gone() : last_row_.set_value(value);
    } else if (vector == nullptr) {
        leave_out_first();
    } else {
        candidates_.set_value_of_first(value);
    }
}

PgsStatus Search::evaluate(const Candidate &candidate, PgsError *error) {
    uint32_t within = 0;
    const ExtentPlace *place = places_.find(candidate.address, &within);
    if (place == nullptr) {
        return fail(error, PGS_CORRUPT, kMetaBlock, "slot %llu of part %u does not exist",
                    static_cast<unsigned long long>(slot_of(candidate.address)),
                    part_of(candidate.address));
    }
    evaluation_.begin(*place, within);
    evaluating_ = true;
    work_.exact++;
    return PGS_OK;
}

void Search::end_of_evaluation() {
    evaluating_ = false;
    Candidate row = candidates_.pop_to_evaluate();
    if (evaluation_.skipped()) {
        seen_.push_back(row.address);
        return;
    }
    const Interval value = evaluation_.interval();
    // The larger of two bounds is one, too, where both hold always.
    const bool bounds = effort_.exact && !effort_.stored_values;
    row.key = bounds ? std::max(row.key, value.lower) : value.lower;
    row.upper = std::max(row.key, value.upper);
    row.tid = tid_of(evaluation_.record());
    row.list = evaluation_.record().list;
    row.evaluated = true;
    if (last_row_.place_of(row) == LastRow::Place::kBefore) {
        seen_.push_back(row.address);
    } else {
        candidates_.add_evaluated(row);
    }
}

void Search::begin_next_pass() {
    // Rows that are hard to tell apart may all lie beyond what a pass could keep: then it takes
    // more memory to get on.
    spread_ = seen_.empty() ? 2 * spread_ : spread_;
    for (uint64_t address : seen_) {
        returned_.insert(address);
    }
    seen_.clear();
    pass_++;
    begin_pass();
}

PgsRecordPage Search::record_page(uint64_t address, uint32_t *index) const noexcept {
    uint32_t within = 0;
    const ExtentPlace *place = places_.find(address, &within);
    *index = within % kRecordsPerPage;
    return describe_record_page(*place, within / kRecordsPerPage);
}

}  // namespace pgslab
