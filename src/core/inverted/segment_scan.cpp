#include "inverted/segment_scan.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>

#include "base/error.h"

namespace pgslab::inverted {

namespace {

// Lists of no more blocks are read as a whole.
constexpr uint32_t kKeptBlocks = 8;

// Numbers of a window: as few as bounds of blocks are to be of use, and as many as it takes for
// this many postings to be expected in it.
constexpr uint32_t kLeastWindow = 4096;
constexpr uint32_t kMostWindow = 65536;
constexpr uint32_t kMostMatchWindow = 16384;  // with a condition on terms, which takes bits
constexpr double kWindowPostings = 2048;

// Of fewer postings in a window each is looked at, of more the scores of all numbers.
constexpr uint32_t kSparse = 8;

// Postings in a window, for each document that is wanted, from which on scores are estimated first.
constexpr size_t kManyPostings = 4;

// To look a number up takes as long as to add up so many postings.
constexpr size_t kLookUpPostings = 16;

// Sums in float64 of what is in float64, and of what is in float32, are wrong by a smaller share.
constexpr double kSumMargin = 1e-9;
constexpr double kRoughMargin = 1e-5;

bool is_possible(const TermEntry &entry, const SegmentHeader &header) noexcept {
    return entry.blocks > 0 && entry.documents > 0 && entry.documents <= header.documents &&
           entry.page - header.stream.first < header.stream.pages && entry.offset < kPayloadBytes &&
           std::isfinite(entry.most) && std::isfinite(entry.least) && entry.most >= 0 &&
           entry.least <= 0;
}

// The weight of a number in runs, or 0.
float weight_in(const std::vector<Run> &runs, uint32_t number) noexcept {
    const auto run = std::lower_bound(
        runs.begin(), runs.end(), number,
        [](const Run &r, uint32_t wanted) { return r.numbers[r.count - 1] < wanted; });
    if (run == runs.end()) {
        return 0;
    }
    const uint32_t *at = run->numbers;
    for (uint32_t left = run->count; left > 1;) {
        const uint32_t half = left / 2;
        at += at[half - 1] < number ? half : 0;
        left -= half;
    }
    return *at == number ? run->weights[at - run->numbers] : 0;
}

}  // namespace

// ---- preparation

void SegmentScan::begin(uint32_t segment, Aim aim, DocumentBits *others) {
    segment_ = context_.meta().segment[segment];
    aim_ = aim;
    others_ = others;
    decoded_ = 0;
    step_ = Step::kHeader;
    want(0);
}

void SegmentScan::want(uint32_t page) noexcept {
    wanted_ = page_of_segment(segment_, page);
}

// What is wanted next may be on the page in hand.
PgsStatus SegmentScan::page(const Page &page, PgsError *error) {
    const uint32_t block = wanted_.block;
    if (PgsStatus status = check_page(page, wanted_, error)) {
        return status;
    }
    do {
        if (PgsStatus status = take(page, error)) {
            return status;
        }
    } while (wanted_.block == block);
    return PGS_OK;
}

PgsStatus SegmentScan::take(const Page &page, PgsError *error) {
    PgsStatus status = PGS_OK;
    switch (step_) {
        case Step::kHeader:
            return take_header(page, error);
        case Step::kLookUp:
            status = lookup_.page(page, error);
            wanted_ = lookup_.wanted();
            return status == PGS_OK && wanted_.block == PGS_NO_BLOCK ? sort_terms(error) : status;
        case Step::kKeptEntries:
            status = to_keep_[kept_].take_entries(page, wanted_.block, error);
            next_kept();
            return status;
        case Step::kKeptBlocks:
            return take_kept_block(page, error);
        case Step::kKeys:
            status = keys_.page(page, error);
            wanted_ = keys_.wanted();
            if (status == PGS_OK && wanted_.block == PGS_NO_BLOCK) {
                context_.work.posting_pages += keys_.pages_read();
                begin_windows();
            }
            return status;
        case Step::kEntries:
            status = lists_[list_].take_entries(page, wanted_.block, error);
            break;
        case Step::kDriver:
        case Step::kEssential:
        case Step::kProbe:
            status = take_blocks(page, error);
            break;
        case Step::kDocuments:
            status = take_documents(page, error);
            break;
        case Step::kEnd:
            break;
    }
    if (status == PGS_OK) {
        advance();
    }
    return status;
}

PgsStatus SegmentScan::take_header(const Page &page, PgsError *error) {
    const Query &query = context_.query;
    if (PgsStatus status = read_header(page, segment_, query.index(), shape_, error)) {
        return status;
    }
    if (others_ != nullptr) {
        others_->assign(divide_up(shape_.header.numbers, 64), 0);
    }
    lookup_.begin(segment_, shape_.header, context_.terms);
    step_ = Step::kLookUp;
    wanted_ = lookup_.wanted();
    return wanted_.block == PGS_NO_BLOCK ? sort_terms(error) : PGS_OK;
}

// Those of few blocks are read as a whole.
PgsStatus SegmentScan::sort_terms(PgsError *error) {
    terms_.clear();
    terms_.resize(context_.query.count());
    lists_.clear();
    to_keep_.clear();
    kept_ = 0;
    kept_block_ = 0;
    for (const FoundTerm &found : lookup_.found()) {
        if (!is_possible(found.entry, shape_.header)) {
            return fail(error, PGS_CORRUPT, segment_.run.block,
                        "an entry of a segment's dictionary is impossible");
        }
        Term &term = terms_[found.term];
        term.documents = static_cast<uint32_t>(std::min<uint64_t>(
            uint64_t{term.documents} + found.entry.documents, shape_.header.documents));
        const PostingList list(found.term, found.entry, shape_.header);
        if (found.entry.blocks <= kKeptBlocks) {
            to_keep_.push_back(list);
            continue;
        }
        if (term.lists == 0) {
            term.first_list = static_cast<uint32_t>(lists_.size());
        }
        term.lists++;
        lists_.push_back(list);
    }
    next_kept();
    return PGS_OK;
}

void SegmentScan::next_kept() {
    for (; kept_ < to_keep_.size(); kept_++, kept_block_ = 0) {
        PostingList &list = to_keep_[kept_];
        if (list.entry().blocks > 1 && list.wants_entries({0, shape_.header.numbers})) {
            step_ = Step::kKeptEntries;
            want(list.entries_page());
            return;
        }
        const uint32_t blocks = list.entry().blocks > 1 ? list.loaded() : 1;
        if (kept_block_ < blocks) {
            step_ = Step::kKeptBlocks;
            want(list.entry().blocks > 1 ? list.loaded(kept_block_).page : list.entry().page);
            return;
        }
        Term &term = terms_[list.term()];
        term.kept.most += list.entry().most;
        term.kept.least += list.entry().least;
        if (kept_ + 1 == to_keep_.size() || to_keep_[kept_ + 1].term() != list.term()) {
            term.kept.gather();
        }
    }
    to_keep_.clear();
    begin_keys();
}

PgsStatus SegmentScan::take_kept_block(const Page &page, PgsError *error) {
    PostingList &list = to_keep_[kept_];
    const Weights weights = context_.query.index().weights;
    KeptPostings &kept = terms_[list.term()].kept;
    if (list.entry().blocks > 1) {
        if (PgsStatus status = list.decode(weights, kept_block_, page, wanted_.block, error)) {
            return status;
        }
        kept.append(list.last_decoded());
    } else {
        Postings postings;
        if (PgsStatus status =
                decode_at(weights, page, list.entry().offset, wanted_.block, postings, error)) {
            return status;
        }
        if (postings.number[postings.count - 1] >= shape_.header.numbers) {
            return fail(error, PGS_CORRUPT, wanted_.block, "a posting names a number beyond all");
        }
        kept.append(postings);
    }
    context_.work.blocks++;
    kept_block_++;
    next_kept();
    return PGS_OK;
}

void SegmentScan::begin_keys() {
    const Inverted &index = context_.query.index();
    step_ = Step::kKeys;
    keys_.begin(context_.filter, key_columns(index.keys), segment_, shape_.header);
    wanted_ = keys_.wanted();
    if (wanted_.block == PGS_NO_BLOCK) {
        begin_windows();
    }
}

void SegmentScan::begin_windows() {
    Query &query = context_.query;
    const PgsBm25 &bm25 = query.bm25();
    growth_ =
        query.is_text() ? factor_growth(query.index(), shape_.header.average, bm25.average) : 1;
    double sum = 0;
    for (uint32_t t = 0; t < query.count(); t++) {
        Term &term = terms_[t];
        term.scale = query.scale(t);
        double most = std::max<double>(term.kept.most, -term.kept.least);
        for (uint32_t l = 0; l < term.lists; l++) {
            const TermEntry &entry = lists_[term.first_list + l].entry();
            most += std::max<double>(entry.most, -entry.least);
        }
        most *= growth_;
        term.most = std::abs(term.scale) * (query.is_text() ? std::min(most, 1.0) : most);
        sum += term.most;
    }
    margin_ = sum * (query.is_text() ? kRoughMargin : kSumMargin);
    if (query.is_text()) {
        constexpr double kMostSlope = 1e30;
        const bool is_relative = bm25.average > 0;
        const double by_length = bm25.k1 * bm25.b;
        saturation_base_ =
            static_cast<float>(bm25.k1 * (1 - bm25.b) + (is_relative ? 0 : by_length));
        saturation_slope_ =
            static_cast<float>(is_relative ? std::min(by_length / bm25.average, kMostSlope) : 0);
    }
    driver_ = PostingList::kNone;
    for (const uint32_t t : query.program().required()) {
        if (driver_ == PostingList::kNone || terms_[t].documents < terms_[driver_].documents) {
            driver_ = t;
        }
    }
    choose_window_size();
    window_ = {};
    next_window();
    advance();
}

void SegmentScan::choose_window_size() {
    double postings = 0;
    for (uint32_t t = 0; t < terms_.size(); t++) {
        postings += is_scored(t) ? terms_[t].documents : 0;
    }
    const double a_number = postings / shape_.header.numbers;
    const uint32_t most = context_.query.program().is_empty() ? kMostWindow : kMostMatchWindow;
    window_size_ = kLeastWindow;
    while (window_size_ < most && a_number * window_size_ < kWindowPostings) {
        window_size_ *= 2;
    }
    scores_.assign(window_size_, 0);
    touched_.assign(window_size_ / 64, 0);
    const uint32_t bytes = std::max(shape_.header.document_bytes, 1U);
    measures_.assign(divide_up(size_t{window_size_} * bytes, sizeof(double)), 0);
}

// ---- a window

// Goes on until a page is wanted, or the segment is done.
void SegmentScan::advance() {
    for (;;) {
        switch (step_) {
            case Step::kEntries:
                if (want_entries()) {
                    return;
                }
                plan();
                break;
            case Step::kDriver:
                if (fetch_next()) {
                    return;
                }
                if (narrow_mask()) {
                    fetch_essential();
                } else {
                    next_window();
                }
                break;
            case Step::kEssential:
                if (fetch_next()) {
                    return;
                }
                measured_ = window_.begin;
                step_ = Step::kDocuments;
                break;
            case Step::kDocuments:
                if (want_documents()) {
                    return;
                }
                add_up();
                find_candidates();
                probe_ = 0;
                step_ = Step::kProbe;
                if (!next_probe()) {
                    score_candidates();
                }
                break;
            case Step::kProbe:
                if (fetch_next()) {
                    return;
                }
                add_to_candidates(probes_[probe_ - 1]);
                if (!next_probe()) {
                    score_candidates();
                }
                break;
            default:
                wanted_ = kNoPage;
                return;
        }
    }
}

// A number that none of the term's from one on is below.
uint32_t SegmentScan::next_number(const Term &term, uint32_t from) const noexcept {
    uint32_t next = shape_.header.numbers;
    if (!term.kept.is_empty()) {
        const std::vector<uint32_t> &numbers = term.kept.numbers;
        const auto at = std::lower_bound(numbers.begin() + term.kept.at, numbers.end(), from);
        next = at == numbers.end() ? next : *at;
    }
    for (uint32_t l = 0; l < term.lists; l++) {
        PostingList const &list = lists_[term.first_list + l];
        next = std::min(next, list.next_number(from));
    }
    return next;
}

void SegmentScan::next_window() {
    const uint32_t from = window_.end;
    const uint32_t numbers = shape_.header.numbers;
    for (PostingList &list : lists_) {
        list.advance(from);
    }
    uint32_t next = numbers;
    for (uint32_t t = 0; t < terms_.size() && from < numbers; t++) {
        if (is_scored(t)) {
            next = std::min(next, next_number(terms_[t], from));
        }
    }
    if (driver_ != PostingList::kNone && next < numbers) {
        next = std::max(next, next_number(terms_[driver_], from));
    }
    if (keys_.are_resolved() && next < numbers) {
        next = keys_.next(next);
    }
    if (next >= numbers) {
        step_ = Step::kEnd;
        for (const PostingList &list : lists_) {
            context_.work.skipped += list.entry().blocks;
        }
        context_.work.skipped -= decoded_;
        return;
    }
    window_.begin = next / 64 * 64;
    window_.end =
        static_cast<uint32_t>(std::min<uint64_t>(uint64_t{window_.begin} + window_size_, numbers));
    list_ = 0;
    step_ = Step::kEntries;
}

bool SegmentScan::want_entries() {
    for (; list_ < lists_.size(); list_++) {
        lists_[list_].advance(window_.begin);
        if (lists_[list_].wants_entries(window_)) {
            want(lists_[list_].entries_page());
            return true;
        }
    }
    return false;
}

void SegmentScan::plan() {
    for (PostingList &list : lists_) {
        list.begin_window();
    }
    fetches_.clear();
    fetch_ = 0;
    added_ = 0;
    are_scattered_ = false;
    candidates_.clear();
    set_bounds();
    const double bar = aim_ == Aim::kBest ? context_.query.score_of(top_.worst()) : 0;
    bar_ = bar - margin_;
    all_exactly_ = !(bar_ > 0);
    if (is_beyond_reach() || !set_mask()) {
        next_window();
        return;
    }
    if (driver_ != PostingList::kNone) {
        fetch(driver_, false);
        step_ = Step::kDriver;
        return;
    }
    fetch_essential();
}

double SegmentScan::bound_of(double scale, double most, double least) const noexcept {
    return std::max({scale * most, scale * least, 0.0}) * growth_;
}

void SegmentScan::set_bounds() {
    total_ = 0;
    order_.clear();
    may_have_.assign(terms_.size(), 0);
    for (uint32_t t = 0; t < terms_.size(); t++) {
        Term &term = terms_[t];
        term.runs.clear();
        term.bound = 0;
        term.any = term.kept.reaches(window_);
        if (term.any) {
            term.bound = bound_of(term.scale, term.kept.most, term.kept.least);
        }
        for (uint32_t l = 0; l < term.lists; l++) {
            const PostingList &list = lists_[term.first_list + l];
            const BlockBounds bounds = list.bounds(window_);
            if (bounds.any) {
                term.any = true;
                term.bound += bound_of(term.scale, of_share(bounds.most, list.entry().most),
                                       of_share(bounds.least, list.entry().least));
            }
        }
        term.bound = std::min(term.bound, term.most) * context_.trust;
        may_have_[t] = term.any;
        total_ += term.bound;
        if (term.any && is_scored(t)) {
            order_.push_back(t);
        }
    }
    rest_ = 0;
    essential_ = 0;
}

bool SegmentScan::is_beyond_reach() {
    MatchProgram &program = context_.query.program();
    return order_.empty() || (!all_exactly_ && total_ < bar_) ||
           (!program.is_empty() && !program.may_match(may_have_));
}

// The numbers that are left by the filter; whether there are any.
bool SegmentScan::set_mask() {
    has_mask_ = keys_.are_resolved();
    if (!has_mask_) {
        return true;
    }
    const auto from = keys_.bits().begin() + window_.begin / 64;
    mask_.assign(from, from + static_cast<std::ptrdiff_t>(divide_up(width(), 64)));
    return std::any_of(mask_.begin(), mask_.end(), [](uint64_t word) { return word != 0; });
}

// The same by the term that all have.
bool SegmentScan::narrow_mask() {
    make_runs(terms_[driver_]);
    DocumentBits bits(divide_up(width(), 64), 0);
    for (const Run &run : terms_[driver_].runs) {
        for (uint32_t i = 0; i < run.count; i++) {
            const uint32_t n = run.numbers[i] - window_.begin;
            bits[n / 64] |= uint64_t{1} << n % 64;
        }
    }
    bool any = false;
    for (size_t i = 0; i < bits.size(); i++) {
        bits[i] &= has_mask_ ? mask_[i] : ~uint64_t{0};
        any = any || bits[i] != 0;
    }
    mask_ = std::move(bits);
    has_mask_ = true;
    return any;
}

bool SegmentScan::any_wanted(const Window &window) const noexcept {
    if (!has_mask_) {
        return true;
    }
    const uint32_t first = window.begin - window_.begin;
    const uint32_t last = window.end - 1 - window_.begin;
    for (uint32_t word = first / 64; word <= last / 64; word++) {
        uint64_t bits = mask_[word];
        bits &= word == first / 64 ? ~uint64_t{0} << first % 64 : ~uint64_t{0};
        bits &= word == last / 64 ? ~uint64_t{0} >> (63 - last % 64) : ~uint64_t{0};
        if (bits != 0) {
            return true;
        }
    }
    return false;
}

// Blocks of a term with numbers that are wanted; if they are bounded only those with which the bar
// can be reached.
void SegmentScan::fetch(uint32_t t, bool are_bounded) {
    Term &term = terms_[t];
    for (uint32_t l = 0; l < term.lists; l++) {
        const uint32_t number = term.first_list + l;
        const PostingList &list = lists_[number];
        list.each_block(window_, [&](uint32_t block, const BlockEntry &entry, const Window &in) {
            if (are_bounded) {
                const double bound = bound_of(term.scale, of_share(entry.most, list.entry().most),
                                              of_share(entry.least, list.entry().least));
                if (total_ - term.bound + bound < bar_) {
                    return;
                }
            }
            if (!list.has(block) && any_wanted(in)) {
                fetches_.push_back({number, block, entry.page});
            }
        });
    }
}

void SegmentScan::fetch_essential() {
    fetches_.clear();
    fetch_ = 0;
    step_ = Step::kEssential;
    if (all_exactly_) {
        for (const uint32_t t : order_) {
            fetch(t, false);
        }
    } else {
        std::sort(order_.begin(), order_.end(),
                  [&](uint32_t a, uint32_t b) { return terms_[a].bound < terms_[b].bound; });
        while (essential_ < order_.size() && rest_ + terms_[order_[essential_]].bound < bar_) {
            rest_ += terms_[order_[essential_]].bound;
            essential_++;
        }
        for (size_t i = essential_; i < order_.size(); i++) {
            const Term &term = terms_[order_[i]];
            // A bound that is not believed in full may be exceeded, and what a document has there
            // would be missing from its value.
            fetch(order_[i], context_.trust == 1 && term.lists == 1 && term.kept.is_empty());
        }
    }
    choose_probes();
}

// Those that are not essential, the greatest bound first; then those without a weight.
void SegmentScan::choose_probes() {
    probes_.clear();
    for (size_t i = essential_; i-- > 0;) {
        probes_.push_back(order_[i]);
    }
    for (uint32_t t = 0; t < terms_.size(); t++) {
        if (!is_scored(t) && terms_[t].any && context_.query.program().names(t)) {
            probes_.push_back(t);
        }
    }
}

bool SegmentScan::fetch_next() noexcept {
    if (fetch_ == fetches_.size()) {
        return false;
    }
    want(fetches_[fetch_].page);
    return true;
}

PgsStatus SegmentScan::take_blocks(const Page &page, PgsError *error) {
    const uint32_t number = fetches_[fetch_].page;
    const Weights weights = context_.query.index().weights;
    for (; fetch_ < fetches_.size() && fetches_[fetch_].page == number; fetch_++) {
        const Fetch &fetch = fetches_[fetch_];
        if (PgsStatus status =
                lists_[fetch.list].decode(weights, fetch.block, page, wanted_.block, error)) {
            return status;
        }
        decoded_++;
        context_.work.blocks++;
    }
    return PGS_OK;
}

bool SegmentScan::want_documents() noexcept {
    if (shape_.header.document_bytes == 0 || measured_ >= window_.end) {
        return false;
    }
    want(document_place(shape_.header, measured_).page);
    return true;
}

PgsStatus SegmentScan::take_documents(const Page &page, PgsError *error) {
    const uint32_t bytes = shape_.header.document_bytes;
    const uint32_t offset = document_place(shape_.header, measured_).offset;
    const uint32_t n = std::min(window_.end - measured_, (kPayloadBytes - offset) / bytes);
    if (offset + n * bytes > used_bytes(page)) {
        return fail(error, PGS_CORRUPT, wanted_.block, "the table of documents is too short");
    }
    std::memcpy(
        reinterpret_cast<uint8_t *>(measures_.data()) + size_t{measured_ - window_.begin} * bytes,
        page.payload + offset, size_t{n} * bytes);
    measured_ += n;
    return PGS_OK;
}

// ---- a window's documents

// A term that is several in this segment becomes one.
void SegmentScan::make_runs(Term &term) {
    term.runs.clear();
    const Run kept = within(term.kept.run(), window_);
    if (kept.count > 0) {
        term.runs.push_back(kept);
    }
    for (uint32_t l = 0; l < term.lists; l++) {
        lists_[term.first_list + l].add_runs(window_, term.runs);
    }
    if (term.lists + (term.kept.is_empty() ? 0 : 1) > 1 && !term.runs.empty()) {
        merge_runs(term.runs, term.merged_numbers, term.merged_weights);
        term.runs.assign(1, {term.merged_numbers.data(), term.merged_weights.data(),
                             static_cast<uint32_t>(term.merged_numbers.size())});
    }
}

void SegmentScan::add_up() {
    for (size_t i = all_exactly_ ? 0 : essential_; i < order_.size(); i++) {
        make_runs(terms_[order_[i]]);
        for (const Run &run : terms_[order_[i]].runs) {
            added_ += run.count;
        }
    }
    context_.work.postings += added_;
    // Where far more documents have a term than are wanted, what they have roughly tells most of
    // them from the best.
    are_estimated_ = all_exactly_ && aim_ == Aim::kBest && context_.query.is_text() &&
                     top_.is_first() && !top_.is_full() && added_ > kManyPostings * top_.most();
    for (size_t i = all_exactly_ ? 0 : essential_; i < order_.size(); i++) {
        if (all_exactly_) {
            touch(terms_[order_[i]]);
        }
        all_exactly_ && !are_estimated_ ? add_exactly(order_[i]) : add_roughly(order_[i]);
    }
}

void SegmentScan::touch(const Term &term) noexcept {
    for (const Run &run : term.runs) {
        for (uint32_t i = 0; i < run.count; i++) {
            const uint32_t n = run.numbers[i] - window_.begin;
            touched_[n / 64] |= uint64_t{1} << n % 64;
        }
    }
}

// In the order of terms: order_ is as it was made.
void SegmentScan::add_exactly(uint32_t t) {
    for (const Run &run : terms_[t].runs) {
        if (!context_.query.is_text()) {
            add_products(run, context_.query.term(t).weight);
            continue;
        }
        for (uint32_t i = 0; i < run.count; i++) {
            const uint32_t n = run.numbers[i] - window_.begin;
            scores_[n] += context_.query.added(t, run.weights[i], measure(n));
        }
    }
}

void SegmentScan::add_roughly(uint32_t t) {
    const Term &term = terms_[t];
    for (const Run &run : term.runs) {
        if (!context_.query.is_text()) {
            add_products(run, context_.query.term(t).weight);
            continue;
        }
        switch (shape_.header.document_bytes) {
            case 2:
                add_text<uint16_t>(run, term.scale);
                break;
            case 4:
                add_text<uint32_t>(run, term.scale);
                break;
            default:
                add_text<uint8_t>(run, term.scale);
        }
    }
}

template <typename Length>
void SegmentScan::add_text(const Run &run, double scale) noexcept {
    const auto *const lengths = reinterpret_cast<const Length *>(items());
    float f[kBlockPostings];
    for (uint32_t from = 0; from < run.count; from += kBlockPostings) {
        const uint32_t n = std::min(run.count - from, kBlockPostings);
        const uint32_t *const numbers = run.numbers + from;
        const float *const weights = run.weights + from;
        for (uint32_t i = 0; i < n; i++) {
            f[i] = static_cast<float>(lengths[numbers[i] - window_.begin]);
        }
        for (uint32_t i = 0; i < n; i++) {
            f[i] = weights[i] / (weights[i] + saturation_base_ + saturation_slope_ * f[i]);
        }
        for (uint32_t i = 0; i < n; i++) {
            scores_[numbers[i] - window_.begin] += scale * f[i];
        }
    }
}

void SegmentScan::add_products(const Run &run, double weight) noexcept {
    double *const scores = scores_.data() - window_.begin;
    for (uint32_t i = 0; i < run.count; i++) {
        scores[run.numbers[i]] += double{run.weights[i]} * weight;
    }
}

void SegmentScan::add_candidate(uint32_t n) {
    if (is_wanted(n)) {
        candidates_.push_back(n);
    }
}

void SegmentScan::find_candidates() {
    if (!all_exactly_ && added_ * kSparse > width()) {
        scan_scores();
        return;
    }
    for (size_t i = essential_; i < order_.size() && !all_exactly_; i++) {
        for (const Run &run : terms_[order_[i]].runs) {
            for (uint32_t p = 0; p < run.count; p++) {
                const uint32_t n = run.numbers[p] - window_.begin;
                touched_[n / 64] |= uint64_t{reaches(n, rest_)} << n % 64;
            }
        }
    }
    for (uint32_t word = 0; word * 64 < width(); word++) {
        for (uint64_t bits = touched_[word]; bits != 0; bits &= bits - 1) {
            add_candidate(word * 64 + static_cast<uint32_t>(std::countr_zero(bits)));
        }
        if (!all_exactly_) {
            touched_[word] = 0;
        }
    }
}

// Nearly all numbers fall short, so many are looked at together.
void SegmentScan::scan_scores() {
    const double need = bar_ - rest_;
    if (context_.query.is_cosine()) {
        const double root = need * std::sqrt(context_.query.square());
        scan_scores<true>(root * root * (1 - kSumMargin));
    } else {
        scan_scores<false>(need);
    }
}

// Scores from `least` on, or whose square is from the document's times `least` on.
template <bool is_cosine>
void SegmentScan::scan_scores(double least) {
    using Pair = double __attribute__((vector_size(16), aligned(8), may_alias));
    constexpr uint32_t kTogether = 16;
    const double *const scores = scores_.data();
    const double *const squares = measures_.data();
    const Pair leasts = {least, least};
    for (uint32_t first = 0; first < width(); first += kTogether) {
        auto any = leasts != leasts;
        for (uint32_t i = first; i < first + kTogether; i += 2) {
            const Pair score = *reinterpret_cast<const Pair *>(scores + i);
            if constexpr (is_cosine) {
                any |= score * score >= *reinterpret_cast<const Pair *>(squares + i) * leasts;
            } else {
                any |= score >= leasts;
            }
        }
        if ((any[0] | any[1]) == 0) {
            continue;
        }
        size_t count = candidates_.size();
        candidates_.resize(count + kTogether);
        for (uint32_t n = first; n < first + kTogether; n++) {
            candidates_[count] = n;
            const double score = scores[n];
            count += is_cosine ? score > 0 && score * score >= squares[n] * least : score >= least;
        }
        candidates_.resize(count);
    }
    std::erase_if(candidates_, [&](uint32_t n) { return n >= width() || !is_wanted(n); });
}

// Begins with the next term that candidates are looked up in; false if there is none.
bool SegmentScan::next_probe() {
    fetches_.clear();
    fetch_ = 0;
    if (probe_ == probes_.size() || candidates_.empty()) {
        return false;
    }
    fetch_for_candidates(terms_[probes_[probe_]]);
    probe_++;
    return true;
}

// Blocks in which candidates may be. Where the term is one list, candidates that its blocks cannot
// help fall at once.
void SegmentScan::fetch_for_candidates(Term &term) {
    const bool is_one = term.lists == 1 && term.kept.is_empty() && !all_exactly_;
    const double others = rest_ - term.bound;
    for (uint32_t l = 0; l < term.lists; l++) {
        const uint32_t number = term.first_list + l;
        const PostingList &list = lists_[number];
        size_t at = 0;
        size_t left = 0;
        const auto keep_until = [&](uint32_t end, double bound) {
            const size_t before = left;
            for (; at < candidates_.size() && candidates_[at] < end; at++) {
                if (!is_one || reaches(candidates_[at], others + bound)) {
                    candidates_[left++] = candidates_[at];
                }
            }
            return left > before;
        };
        list.each_block(window_, [&](uint32_t block, const BlockEntry &entry, const Window &in) {
            keep_until(in.begin - window_.begin, 0);
            const double bound = bound_of(term.scale, of_share(entry.most, list.entry().most),
                                          of_share(entry.least, list.entry().least)) *
                                 context_.trust;
            if (keep_until(in.end - window_.begin, bound) && !list.has(block)) {
                fetches_.push_back({number, block, entry.page});
            }
        });
        keep_until(width(), 0);
        candidates_.resize(left);
    }
}

void SegmentScan::add_to_candidates(uint32_t t) {
    Term &term = terms_[t];
    make_runs(term);
    if (!is_scored(t)) {
        return;
    }
    rest_ = std::max(0.0, rest_ - term.bound);
    size_t postings = 0;
    for (const Run &run : term.runs) {
        postings += run.count;
    }
    if (postings < kLookUpPostings * candidates_.size()) {
        add_roughly(t);
        are_scattered_ = true;
        context_.work.postings += postings;
    } else {
        for (const uint32_t n : candidates_) {
            const float weight = weight_in(term.runs, window_.begin + n);
            if (weight != 0) {
                scores_[n] += context_.query.added(t, weight, measure(n));
                context_.work.postings++;
            }
        }
    }
    std::erase_if(candidates_, [&](uint32_t n) { return !reaches(n, rest_); });
}

// Of the candidates only those of which the condition on terms is true.
void SegmentScan::keep_matching() {
    MatchProgram &program = context_.query.program();
    if (program.is_empty() || candidates_.empty()) {
        return;
    }
    const DocumentBits &matching =
        program.evaluate(divide_up(width(), 64), [&](uint32_t t, DocumentBits &bits) {
            for (const Run &run : terms_[t].runs) {
                for (uint32_t i = 0; i < run.count; i++) {
                    const uint32_t n = run.numbers[i] - window_.begin;
                    bits[n / 64] |= uint64_t{1} << n % 64;
                }
            }
        });
    std::erase_if(candidates_, [&](uint32_t n) { return (matching[n / 64] >> n % 64 & 1) == 0; });
}

void SegmentScan::score_candidates() {
    keep_matching();
    if (all_exactly_ && !are_estimated_) {
        for (const uint32_t n : candidates_) {
            offer(n, scores_[n]);
        }
    } else {
        if (are_estimated_) {
            keep_best();
        }
        score_exactly();
    }
    clear_scores();
    next_window();
}

// Of candidates whose scores are estimated those that may be among as many as are wanted, if there
// were no others.
void SegmentScan::keep_best() {
    const size_t wanted = top_.most();
    if (candidates_.size() <= wanted) {
        return;
    }
    const auto last = candidates_.begin() + static_cast<std::ptrdiff_t>(wanted - 1);
    std::nth_element(candidates_.begin(), last, candidates_.end(),
                     [&](uint32_t a, uint32_t b) { return scores_[a] > scores_[b]; });
    const double least = scores_[*last] - 2 * margin_;
    std::erase_if(candidates_, [&](uint32_t n) { return scores_[n] < least; });
}

// The best first, as far as is known, so that the bar rises at once.
void SegmentScan::score_exactly() {
    std::sort(candidates_.begin(), candidates_.end(), [&](uint32_t a, uint32_t b) {
        return scores_[a] > scores_[b] || (scores_[a] == scores_[b] && a < b);
    });
    for (const uint32_t n : candidates_) {
        bar_ = context_.query.score_of(top_.worst()) - margin_;
        if (reaches(n, 0)) {
            offer(n, exact(n));
        }
    }
}

double SegmentScan::exact(uint32_t n) const noexcept {
    const DocumentMeasure document = measure(n);
    double sum = 0;
    for (uint32_t t = 0; t < terms_.size(); t++) {
        if (is_scored(t) && terms_[t].any) {
            const float weight = weight_in(terms_[t].runs, window_.begin + n);
            if (weight != 0) {
                sum += context_.query.added(t, weight, document);
            }
        }
    }
    return sum;
}

void SegmentScan::offer(uint32_t n, double similarity) {
    context_.work.scored++;
    if (others_ != nullptr && similarity != 0) {
        (*others_)[(window_.begin + n) / 64] |= uint64_t{1} << (window_.begin + n) % 64;
    }
    if (aim_ == Aim::kBest ? similarity > 0 : similarity < 0) {
        const double value = context_.query.value_of(similarity, measure(n));
        if (value <= top_.worst()) {
            top_.offer({value, shape_.address_of(window_.begin + n)});
        }
    }
}

void SegmentScan::clear_scores() noexcept {
    if (all_exactly_) {
        for (uint32_t word = 0; word * 64 < width(); word++) {
            if (touched_[word] != 0) {
                std::fill_n(scores_.begin() + word * 64, 64, 0.0);
                touched_[word] = 0;
            }
        }
        return;
    }
    if (are_scattered_ || added_ * kSparse > width()) {
        std::fill_n(scores_.begin(), width(), 0.0);
        return;
    }
    for (size_t i = essential_; i < order_.size(); i++) {
        for (const Run &run : terms_[order_[i]].runs) {
            for (uint32_t p = 0; p < run.count; p++) {
                scores_[run.numbers[p] - window_.begin] = 0;
            }
        }
    }
}

}  // namespace pgslab::inverted
