#include "quantize/code_query.h"

#include <simde/x86/sse2.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "quantize/four.h"

namespace pgslab {

namespace {

using Ints = simde__m128i;

constexpr double kLongest = 1e33;     // so that no product leaves float32
constexpr float kSmallest = 1e-30f;   // largest magnitude whose inverse is still safe
constexpr double kProduct = 0x1p-21;  // relative rounding of what is computed in float32

template <int lane>
Four broadcast(Four a) noexcept {
    return simde_mm_shuffle_ps(a, a, lane * 0x55);
}

// In every lane the sum of all.
Four sum_in_all(Four a) noexcept {
    a = simde_mm_add_ps(a, simde_mm_shuffle_ps(a, a, 0xB1));
    return simde_mm_add_ps(a, simde_mm_shuffle_ps(a, a, 0x4E));
}

int32_t sum_of(Ints a) noexcept {
    a = simde_mm_add_epi32(a, simde_mm_shuffle_epi32(a, 0x4E));
    return simde_mm_cvtsi128_si32(simde_mm_add_epi32(a, simde_mm_shuffle_epi32(a, 0xB1)));
}

// A query's values in steps, rounded to nearest: their sum, and how far they are from the values.
struct Steps {
    Four per_value;
    Ints sum = simde_mm_setzero_si128();
    Four squares = simde_mm_setzero_ps();

    explicit Steps(float steps_per_value) noexcept : per_value(simde_mm_set1_ps(steps_per_value)) {}

    Ints four(Four q) noexcept {
        const Four exact = simde_mm_mul_ps(q, per_value);
        const Ints whole = simde_mm_cvtps_epi32(exact);
        const Four rest = simde_mm_sub_ps(exact, simde_mm_cvtepi32_ps(whole));
        squares = simde_mm_add_ps(squares, simde_mm_mul_ps(rest, rest));
        sum = simde_mm_add_epi32(sum, whole);
        return whole;
    }

    double distance() const noexcept {
        const double total = simde_mm_cvtss_f32(sum_in_all(squares));
        return std::sqrt(total) * 1.001;  // a float32 sum of up to 4000 terms a lane
    }
};

}  // namespace

CodeQuery::Range CodeQuery::measure(const float *q) noexcept {
    const Four zero = simde_mm_setzero_ps();
    Four least = zero, greatest = zero, largest = zero;
    Sum squares, sum;
    for (uint32_t i = 0; i < padded_; i += 4) {
        const Four four = simde_mm_loadu_ps(q + i);
        const Four negative = simde_mm_min_ps(four, zero), positive = simde_mm_max_ps(four, zero);
        least = simde_mm_min_ps(least, sum_in_all(negative));
        greatest = simde_mm_max_ps(greatest, sum_in_all(positive));
        largest = simde_mm_max_ps(largest, simde_mm_sub_ps(positive, negative));
        squares.add_squares(low(four), high(four));
        sum.add(low(four), high(four));
    }
    norm_ = std::sqrt(squares.total());
    return {largest_of(largest), smallest_of(least), largest_of(greatest), sum.total()};
}

void CodeQuery::clear(double rounding) noexcept {
    std::fill(table_.begin(), table_.end(), uint8_t{0});
    std::fill(fine_.begin(), fine_.end(), int8_t{0});
    std::fill(finest_.begin(), finest_.end(), int16_t{0});
    table_base_ = table_step_ = 0;
    fine_step_ = fine_sum_ = 0;
    finest_step_ = finest_sum_ = 0;
    std::fill(std::begin(rounding_), std::end(rounding_), rounding);
}

void CodeQuery::fill_table(const float *q, const Range &range) noexcept {
    const float step = (range.high - range.low) / 255;
    const Four per_value = simde_mm_set1_ps(1 / step);
    // One half, so that cutting off rounds.
    const Four base = simde_mm_set1_ps(0.5f - range.low / step);
    const Four odd = simde_mm_castsi128_ps(simde_mm_set_epi32(-1, 0, -1, 0));
    const Four upper = simde_mm_castsi128_ps(simde_mm_set_epi32(-1, -1, 0, 0));
    for (uint32_t i = 0; i < padded_; i += 4) {
        const Four four = simde_mm_mul_ps(simde_mm_loadu_ps(q + i), per_value);
        // Sets without the third and fourth dimension, then with each of them, then with both.
        const Four first = simde_mm_and_ps(broadcast<0>(four), odd);
        const Four second = simde_mm_and_ps(broadcast<1>(four), upper);
        const Four a = simde_mm_add_ps(base, simde_mm_add_ps(first, second));
        const Four b = simde_mm_add_ps(a, broadcast<2>(four));
        const Four fourth = broadcast<3>(four);
        const Four c = simde_mm_add_ps(a, fourth), d = simde_mm_add_ps(b, fourth);
        const Ints ab = simde_mm_packs_epi32(simde_mm_cvttps_epi32(a), simde_mm_cvttps_epi32(b));
        const Ints cd = simde_mm_packs_epi32(simde_mm_cvttps_epi32(c), simde_mm_cvttps_epi32(d));
        simde_mm_storeu_si128(table_.data() + size_t{4} * i, simde_mm_packus_epi16(ab, cd));
    }
    table_step_ = step;
    table_base_ = padded_ / 4.0 * range.low - range.sum / 2;
    // Half a step a group, and |u| is sqrt(padded) / 2. The 1.001 is for what float32 rounds.
    rounding_[0] = std::sqrt(static_cast<double>(padded_)) / 4 * table_step_ * 1.001;
    rounding_[0] += kProduct * norm_;
}

void CodeQuery::quantise(const float *q, float largest) noexcept {
    fine_step_ = largest / 127.0;
    finest_step_ = largest / 2047.0;
    Steps fine(static_cast<float>(1 / fine_step_)), finest(static_cast<float>(1 / finest_step_));
    for (uint32_t i = 0; i < padded_; i += 16) {
        const Four a = simde_mm_loadu_ps(q + i), b = simde_mm_loadu_ps(q + i + 4);
        const Four c = simde_mm_loadu_ps(q + i + 8), d = simde_mm_loadu_ps(q + i + 12);
        const Ints ab = simde_mm_packs_epi32(fine.four(a), fine.four(b));
        const Ints cd = simde_mm_packs_epi32(fine.four(c), fine.four(d));
        simde_mm_storeu_si128(fine_.data() + i, simde_mm_packs_epi16(ab, cd));
        simde_mm_storeu_si128(finest_.data() + i,
                              simde_mm_packs_epi32(finest.four(a), finest.four(b)));
        simde_mm_storeu_si128(finest_.data() + i + 8,
                              simde_mm_packs_epi32(finest.four(c), finest.four(d)));
    }
    fine_sum_ = sum_of(fine.sum);
    finest_sum_ = sum_of(finest.sum);
    rounding_[1] = fine.distance() * fine_step_ + kProduct * norm_;
    rounding_[2] = finest.distance() * finest_step_ + kProduct * norm_;
}

void CodeQuery::set(const float *q, uint32_t padded, For purpose) {
    kernels_ = &kernels();
    table_.resize(size_t{4} * padded);
    if (purpose == For::kAll) {
        fine_.resize(padded);
        finest_.resize(padded);
    }
    padded_ = padded;
    const Range range = measure(q);
    if (!(norm_ <= kLongest)) {
        clear(std::numeric_limits<double>::infinity());
    } else if (range.largest < kSmallest) {
        clear(norm_ * (1 + kProduct));
    } else {
        fill_table(q, range);
        if (purpose == For::kAll) {
            quantise(q, range.largest);
        }
    }
}

float CodeQuery::product(unsigned bits, const uint8_t *code) const noexcept {
    if (bits == 4) {
        const int32_t sum = kernels_->dot_u4_i8(code, fine_.data(), padded_);
        return static_cast<float>(fine_step_ * (sum - 7.5 * fine_sum_));
    }
    const auto *bytes = reinterpret_cast<const int8_t *>(code);
    const int32_t sum = kernels_->dot_i8_i16(bytes, finest_.data(), padded_);
    return static_cast<float>(finest_step_ * (sum + 0.5 * finest_sum_));
}

}  // namespace pgslab
