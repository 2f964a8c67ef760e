#include "inverted/inverter.h"

#include <algorithm>
#include <cstring>
#include <new>
#include <utility>

#include "base/assert.h"

namespace pgslab::inverted {

namespace {

constexpr uint32_t kLink = sizeof(uint32_t);  // to the next piece
constexpr uint32_t kFirstPiece = 16;
constexpr uint32_t kLargestPiece = 1024;
constexpr uint32_t kMostPostingBytes = 10;  // of a gap and one bit, and occurrences
constexpr size_t kFirstSlots = 1024;

// Terms of a document that are looked up at a time: what one needs of memory is on its way while
// the others are worked on.
constexpr uint32_t kTogether = 16;

template <typename Word>
Word load(const uint8_t *bytes) noexcept {
    Word word;
    std::memcpy(&word, bytes, sizeof word);
    return word;
}

// Up to 8 bytes as a number, which is another for other bytes as long. Terms are short: a call for
// each of them would take longer than what it does.
uint64_t load_up_to_8(const uint8_t *bytes, size_t n) noexcept {
    if (n >= 4) {
        return load<uint32_t>(bytes) | uint64_t{load<uint32_t>(bytes + n - 4)} << 32;
    }
    return n == 0 ? 0 : bytes[0] | uint64_t{bytes[n / 2]} << 8 | uint64_t{bytes[n - 1]} << 16;
}

bool are_equal(const uint8_t *a, const uint8_t *b, size_t n) noexcept {
    if (n > 16) {
        return std::memcmp(a, b, n) == 0;
    }
    if (n < 8) {
        return load_up_to_8(a, n) == load_up_to_8(b, n);
    }
    return load<uint64_t>(a) == load<uint64_t>(b) &&
           load<uint64_t>(a + n - 8) == load<uint64_t>(b + n - 8);
}

uint64_t mix(uint64_t a, uint64_t b) noexcept {
    const auto product = static_cast<unsigned __int128>(a) * b;
    return static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
}

uint32_t hash_of(Bytes term) noexcept {
    constexpr uint64_t kOdd = 0x9E3779B97F4A7C15;
    uint64_t hash = kOdd ^ term.size();
    size_t at = 0;
    for (; at + 8 <= term.size(); at += 8) {
        hash = mix(hash ^ load<uint64_t>(term.data() + at), 0xD6E8FEB86659FD93);
    }
    hash = mix(hash ^ load_up_to_8(term.data() + at, term.size() - at), kOdd);
    return static_cast<uint32_t>(hash ^ hash >> 32);
}

// Seven bits a byte, the lowest first; the last one has the highest bit clear.
uint8_t *put_number(uint8_t *at, uint64_t number) noexcept {
    for (; number >= 128; number >>= 7) {
        *at++ = static_cast<uint8_t>(number | 128);
    }
    *at++ = static_cast<uint8_t>(number);
    return at;
}

// Of text a gap comes with a bit that says whether the term occurs once, which it mostly does.
uint8_t *put_posting(uint8_t *at, Weights weights, uint32_t gap, float weight) noexcept {
    if (weights == Weights::kOccurrences) {
        at = put_number(at, uint64_t{gap} << 1 | (weight == 1 ? 1 : 0));
        return weight == 1 ? at : put_number(at, static_cast<uint32_t>(weight));
    }
    at = put_number(at, gap);
    std::memcpy(at, &weight, sizeof weight);
    return at + sizeof weight;
}

// The first 8 bytes as a number, in the order of terms.
uint64_t prefix_of(Bytes term) noexcept {
    uint64_t prefix = 0;
    for (size_t i = 0; i < 8; i++) {
        prefix = prefix << 8 | (i < term.size() ? term[i] : 0);
    }
    return prefix;
}

}  // namespace

uint32_t Arena::allocate(uint32_t bytes) {
    const uint32_t units = (bytes + kUnit - 1) / kUnit;
    PGSLAB_ASSERT(units <= kUnits);
    if (kUnits - used_ < units) {
        if (chunks_.size() == (uint64_t{1} << 32) / kUnits) {
            throw std::bad_alloc();
        }
        chunks_.push_back(std::make_unique_for_overwrite<uint8_t[]>(kChunk));
        used_ = 0;
    }
    const auto place = static_cast<uint32_t>((chunks_.size() - 1) * kUnits + used_);
    used_ += units;
    return place;
}

void Arena::clear() noexcept {
    chunks_ = decltype(chunks_)();
    used_ = kUnits;
}

Inverter::Inverter(Weights weights) : weights_(weights) {}

void Inverter::clear() noexcept {
    arena_.clear();
    chains_ = std::vector<Chain>();
    slots_ = std::vector<Slot>();
    postings_ = 0;
}

size_t Inverter::memory() const noexcept {
    return arena_.memory() + chains_.capacity() * sizeof(Chain) + slots_.size() * sizeof(Slot) +
           chains_.size() * sizeof(Order);
}

void Inverter::add(uint32_t number, const PgsTerm *terms, uint32_t count) {
    while (slots_.size() < 2 * (chains_.size() + count)) {
        grow();
    }
    for (uint32_t begin = 0; begin < count; begin += kTogether) {
        const uint32_t n = std::min(kTogether, count - begin);
        uint32_t hash[kTogether];
        uint32_t chain[kTogether];
        for (uint32_t i = 0; i < n; i++) {
            const PgsTerm &term = terms[begin + i];
            hash[i] = hash_of({static_cast<const uint8_t *>(term.bytes), term.length});
            __builtin_prefetch(&slots_[hash[i] & (slots_.size() - 1)]);
        }
        for (uint32_t i = 0; i < n; i++) {
            chain[i] = slots_[hash[i] & (slots_.size() - 1)].chain;
            if (chain[i] > 0) {
                __builtin_prefetch(&chains_[chain[i] - 1]);
            }
        }
        for (uint32_t i = 0; i < n; i++) {
            if (chain[i] > 0) {
                const Chain &guessed = chains_[chain[i] - 1];
                __builtin_prefetch(arena_.at(guessed.term));
                __builtin_prefetch(arena_.at(guessed.last) + guessed.filled, 1);
            }
        }
        for (uint32_t i = 0; i < n; i++) {
            const PgsTerm &term = terms[begin + i];
            const Bytes bytes = {static_cast<const uint8_t *>(term.bytes), term.length};
            append(chains_[find_or_add(hash[i], bytes)], number, term.weight);
        }
    }
    postings_ += count;
}

// There are slots free.
uint32_t Inverter::find_or_add(uint32_t hash, Bytes term) {
    const size_t mask = slots_.size() - 1;
    size_t i = hash & mask;
    for (; slots_[i].chain > 0; i = (i + 1) & mask) {
        const uint32_t chain = slots_[i].chain - 1;
        if (slots_[i].hash == hash && chains_[chain].length == term.size() &&
            are_equal(arena_.at(chains_[chain].term), term.data(), term.size())) {
            return chain;
        }
    }
    const uint32_t chain = add_chain(term);
    slots_[i] = {hash, chain + 1};
    return chain;
}

uint32_t Inverter::add_chain(Bytes term) {
    Chain chain = {};
    chain.term = arena_.allocate(static_cast<uint32_t>(term.size()));
    std::memcpy(arena_.at(chain.term), term.data(), term.size());
    chain.length = static_cast<uint16_t>(term.size());
    chain.number = UINT32_MAX;  // the first one's gap is its number
    chain.room = kFirstPiece;
    chain.filled = kLink;
    chain.first = arena_.allocate(kFirstPiece);
    chain.last = chain.first;
    chains_.push_back(chain);
    return static_cast<uint32_t>(chains_.size() - 1);
}

void Inverter::grow() {
    std::vector<Slot> old(std::max(kFirstSlots, 2 * slots_.size()));
    std::swap(old, slots_);
    const size_t mask = slots_.size() - 1;
    for (const Slot &slot : old) {
        if (slot.chain > 0) {
            size_t i = slot.hash & mask;
            while (slots_[i].chain > 0) {
                i = (i + 1) & mask;
            }
            slots_[i] = slot;
        }
    }
}

void Inverter::append(Chain &chain, uint32_t number, float weight) {
    PGSLAB_ASSERT(chain.postings == 0 || number > chain.number);
    const uint32_t gap = number - chain.number - 1;
    chain.number = number;
    chain.postings++;
    uint8_t *to = arena_.at(chain.last) + chain.filled;
    const uint32_t room = chain.room - chain.filled;
    if (room >= kMostPostingBytes) {
        const uint8_t *end = put_posting(to, weights_, gap, weight);
        chain.filled = static_cast<uint16_t>(chain.filled + (end - to));
        return;
    }
    uint8_t bytes[kMostPostingBytes];
    const auto n = static_cast<uint32_t>(put_posting(bytes, weights_, gap, weight) - bytes);
    const uint32_t here = std::min(n, room);
    std::memcpy(to, bytes, here);
    chain.filled = static_cast<uint16_t>(chain.filled + here);
    if (here < n) {
        begin_piece(chain);
        std::memcpy(arena_.at(chain.last) + chain.filled, bytes + here, n - here);
        chain.filled = static_cast<uint16_t>(chain.filled + n - here);
    }
}

void Inverter::begin_piece(Chain &chain) {
    chain.room = static_cast<uint16_t>(std::min<uint32_t>(2 * chain.room, kLargestPiece));
    const uint32_t piece = arena_.allocate(chain.room);
    std::memcpy(arena_.at(chain.last), &piece, sizeof piece);
    chain.last = piece;
    chain.filled = kLink;
}

// Reads a chain from its first piece on.
class Inverter::ChainReader {
  public:
    ChainReader(const Arena &arena, const Chain &chain, Weights weights) noexcept
        : arena_(arena), weights_(weights), left_(chain.postings) {
        begin_piece(chain.first);
    }

    // The next postings; false when there are none.
    bool next(Postings &postings) noexcept {
        postings.count = std::min(left_, kBlockPostings);
        left_ -= postings.count;
        for (uint32_t i = 0; i < postings.count; i++) {
            const uint64_t number = next_number();
            if (weights_ == Weights::kOccurrences) {
                number_ += static_cast<uint32_t>(number >> 1) + 1;
                postings.weight[i] = (number & 1) != 0 ? 1.0f : static_cast<float>(next_number());
            } else {
                number_ += static_cast<uint32_t>(number) + 1;
                postings.weight[i] = next_float();
            }
            postings.number[i] = number_;
        }
        return postings.count > 0;
    }

  private:
    void begin_piece(uint32_t piece) noexcept {
        piece_ = arena_.at(piece);
        room_ = room_ == 0 ? kFirstPiece : std::min(2 * room_, kLargestPiece);
        at_ = kLink;
    }
    uint8_t next_byte() noexcept {
        if (at_ == room_) {
            uint32_t next;
            std::memcpy(&next, piece_, sizeof next);
            begin_piece(next);
        }
        return piece_[at_++];
    }
    uint64_t next_number() noexcept {
        uint64_t number = 0;
        for (unsigned shift = 0;; shift += 7) {
            const uint8_t byte = next_byte();
            number |= uint64_t{byte & 127u} << shift;
            if (byte < 128) {
                return number;
            }
        }
    }
    float next_float() noexcept {
        uint8_t bytes[sizeof(float)];
        for (uint8_t &byte : bytes) {
            byte = next_byte();
        }
        float value;
        std::memcpy(&value, bytes, sizeof value);
        return value;
    }

    const Arena &arena_;
    Weights weights_;
    uint32_t left_;
    const uint8_t *piece_ = nullptr;
    uint32_t room_ = 0;
    uint32_t at_ = 0;
    uint32_t number_ = UINT32_MAX;
};

std::vector<Inverter::Order> Inverter::in_order() const {
    std::vector<Order> order;
    order.reserve(chains_.size());
    for (const Chain &chain : chains_) {
        order.push_back({prefix_of(term_of(chain)), static_cast<uint32_t>(order.size())});
    }
    std::sort(order.begin(), order.end(), [this](const Order &a, const Order &b) {
        return a.prefix != b.prefix
                   ? a.prefix < b.prefix
                   : compare_terms(term_of(chains_[a.chain]), term_of(chains_[b.chain])) < 0;
    });
    return order;
}

void Inverter::write(SegmentWriter &writer) const {
    Postings postings;
    for (const Order &next : in_order()) {
        const Chain &chain = chains_[next.chain];
        writer.begin_term(term_of(chain));
        ChainReader reader(arena_, chain, weights_);
        while (reader.next(postings)) {
            writer.add(postings);
        }
        writer.end_term();
    }
}

}  // namespace pgslab::inverted
