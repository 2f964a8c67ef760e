#include "types/decimal.h"

#include <algorithm>
#include <cstddef>

#include "types/number.h"

namespace pgslab {

namespace {

// What stands behind "e", as far as it matters: no text has so many digits.
std::int64_t written_exponent(std::string_view text) noexcept {
    constexpr std::int64_t far = 1'000'000'000'000;
    const bool negative = !text.empty() && text.front() == '-';
    if (!text.empty() && !is_digit(text.front())) {
        text.remove_prefix(1);
    }
    std::int64_t exponent = 0;
    for (std::size_t i = 0; i < text.size() && exponent < far; ++i) {
        exponent = exponent * 10 + (text[i] - '0');
    }
    return negative ? -exponent : exponent;
}

// Hands out digits one by one.
class Digits {
  public:
    explicit Digits(std::string_view text) noexcept : left_(text) {}

    // 0 behind the last.
    int next() noexcept {
        if (!left_.empty() && left_.front() == '.') {
            left_.remove_prefix(1);
        }
        if (left_.empty()) {
            return 0;
        }
        const int digit = left_.front() - '0';
        left_.remove_prefix(1);
        return digit;
    }

    // Whether no digit that is left counts.
    bool are_zeros() const noexcept {
        return left_.find_first_not_of("0.") == std::string_view::npos;
    }

  private:
    std::string_view left_;
};

constexpr int kBinaryPlaces = 25;
constexpr int kHighestPlace = 6;  // of ten, that the binary number may have

}  // namespace

Decimal read_decimal(std::string_view number) noexcept {
    const std::size_t end = std::min(number.find_first_of("eE"), number.size());
    const std::string_view digits(number.data(), end);
    const std::size_t point = std::min(digits.find('.'), end);
    const std::size_t leading = digits.find_first_not_of("0.");
    if (leading == std::string_view::npos) {
        return {{}, 0};
    }
    std::int64_t exponent = static_cast<std::int64_t>(point) - static_cast<std::int64_t>(leading);
    exponent -= leading < point ? 1 : 0;
    if (end < number.size()) {
        exponent += written_exponent({number.data() + end + 1, number.size() - end - 1});
    }
    return {{digits.data() + leading, end - leading}, exponent};
}

// Digit by digit, from the highest place that either may have to the last that the binary number
// has.
int compare(const Decimal &decimal, double binary) noexcept {
    if (decimal.digits.empty() || decimal.exponent > kHighestPlace) {
        return decimal.digits.empty() ? (binary > 0 ? -1 : 0) : 1;
    }
    const auto whole = static_cast<std::uint32_t>(binary);
    auto rest = static_cast<std::uint32_t>((binary - whole) * (1U << kBinaryPlaces));
    std::uint32_t unit = 1'000'000;
    Digits digits(decimal.digits);
    for (int place = kHighestPlace; place >= -kBinaryPlaces; --place) {
        int digit = 0;
        if (place >= 0) {
            digit = static_cast<int>(whole / unit % 10);
            unit /= 10;
        } else {
            rest *= 10;
            digit = static_cast<int>(rest >> kBinaryPlaces);
            rest &= (1U << kBinaryPlaces) - 1;
        }
        const int written = place > decimal.exponent ? 0 : digits.next();
        if (written != digit) {
            return written - digit;
        }
    }
    return digits.are_zeros() ? 0 : 1;
}

}  // namespace pgslab
