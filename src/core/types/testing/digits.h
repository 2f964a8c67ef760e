// Decimal digits as tests write them.
#pragma once

#include <cstddef>
#include <string>

namespace pgslab {

// Of digits with a point among them, not all of them zeros: less by little, which is one less in
// the last place that counts, and nines behind it.
inline std::string just_below(std::string digits) {
    const std::size_t last = digits.find_last_not_of("0.");
    digits[last]--;
    for (std::size_t i = last + 1; i < digits.size(); ++i) {
        if (digits[i] != '.') {
            digits[i] = '9';
        }
    }
    return digits;
}

}  // namespace pgslab
