// Codes of 1, 4 or 8 bits a dimension for a vector's residual from its list's centroid, and what
// estimates distances from them (RaBitQ, SIGMOD 2024, and its extension to more bits, SIGMOD 2025).
//
// Everything is in code space: less the global mean, rotated, padded to a multiple of 64 dimensions
// (quantize/rotation.h). For a vector o, a centroid c and r = o - c, the code stands for the vector
// u, a grid point whose direction is near that of r:
//
//   1 bit    u_i = x_i - 1/2; x_i = [o_i >= c_i] is bit i % 8 of byte i / 8
//   4 bits   u_i = x_i - 15/2; of each 64 dimensions, byte j has dimension j in its low nibble and
//            32 + j in the high one
//   8 bits   u_i = x_i - 255/2; byte i is x_i - 128, signed
//
// With A = <r, u>, and up to rounding:
//
//                L2, of |q - o|^2             inner product, of -<q, o>
//   add          |r|^2 + 2 |r|^2 <c, u> / A   -<r, c> + |r|^2 <c, u> / A
//   rescale      -2 |r|^2 / A                 -|r|^2 / A
//   error        2 |w|                        |w|             w = r - (|r|^2 / A) u
//   of the list  |q - c|^2                    -<q, c>
//
//   estimate = add + of the list + rescale * <q, u>
//
// A code may be of the first coordinates only, of a prefix. A and u are of these then, |r|^2 and
// <r, c> of all, as what the list adds. So the residuals of q and o are taken to have the angle to
// one another that they have in the prefix: true of a vector and itself, and of near ones where the
// prefix tells what is near. With k = |r|^2 / |prefix of r|^2, w the above of the prefix's r, and
// 1 / k the prefix's share of |q - c|^2, too,
//
//   error^2      m^2 (k |w|^2 + (1 - 1 / k) |rest of r|^2 (padded - 1) (1 / padded + 1 / rest))
//
// where padded coordinates have codes and rest have none, and m is 2 for L2, else 1. The last
// factor is for what two independent angles differ by.
#pragma once

#include <cstdint>
#include <cstring>

#include "quantize/stored.h"

namespace pgslab {

enum class CodeMetric { kL2, kInnerProduct };  // cosine is L2 of unit vectors

// Of one code. For every q, with the estimate computed from these very numbers in exact arithmetic,
//
//   |true value - estimate| <= error * |q - c| + rounding,
//   rounding = 2^-24 |add| + 2^-149 + padded * 2^-52 (|r|^2 + norm |c|)
//
// and over random rotations the first term is about error * |q - c| * z / sqrt(padded - 1), with z
// standard normal: 1.9 is passed in 5.7 % of cases, on one side in 2.9 %. Of the code of a prefix
// only the latter is true, where padded is how many coordinates have codes.
//
// A residual whose numbers leave float32's range (|r| from about 1e19 on) gets add, rescale and
// norm 0 and error kUnbounded: its estimate says nothing.
struct Factors {
    float add;
    float rescale;
    float error;
    float norm;  // at least |rescale| * |u|, by which an error in q enters the estimate, and at
                 // least |r|, for L2 2 |r|
};

constexpr float kUnbounded = 3.40282347e38f;  // the largest float32

constexpr uint32_t code_bytes(unsigned bits, uint32_t padded) noexcept {
    return bits * padded / 8;
}

// How many cells of the grid of u the length |r| is long, best on average: what encode_code() wants
// for 4 bits. The same for the same arguments. For 1 and 8 bits, which do without, 1.
float code_step(unsigned bits, uint32_t padded) noexcept;

// Codes o[padded] by centroid[padded] into code[code_bytes(bits, padded)]. bits is 1, 4 or 8. o =
// centroid gives rescale, error and norm 0. For 4 or 8 bits *signs becomes the factors of the code
// of one bit, which sign_code() gives. If rest is not 0 that is the code of a prefix: behind the
// padded elements of o and centroid there are so many more.
Factors encode_code(CodeMetric metric, unsigned bits, const float *o, const float *centroid,
                    uint32_t padded, float step, uint8_t *code, Factors *signs = nullptr,
                    uint32_t rest = 0) noexcept;

// The tail of a slot's item in the refinement table; its code has refine_bits, or one if that is 0.
inline RefineTail tail_of(const uint8_t *item, unsigned refine_bits, uint32_t padded) noexcept {
    RefineTail tail;
    std::memcpy(&tail, item + code_bytes(refine_bits == 0 ? 1 : refine_bits, padded), sizeof tail);
    return tail;
}

// What a row adds to a Spread.
inline double spread_of(const RefineTail &tail) noexcept {
    return static_cast<double>(tail.norm) * tail.norm;
}

// out[padded / 8] = the code of one bit that belongs to it. All codes round the same residual, so
// that is the highest bit of each element.
void sign_code(unsigned refine_bits, const uint8_t *code, uint32_t padded, uint8_t *out) noexcept;

}  // namespace pgslab
