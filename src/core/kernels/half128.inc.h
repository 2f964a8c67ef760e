// half128.inc.h - conversions between binary16 and binary32, four at a time, in integer arithmetic.
//
// For instruction sets without conversion instructions; gives the bits VCVTPH2PS and VCVTPS2PH
// give. Included inside `namespace pgslab { namespace {`, after <simde/x86/sse2.h>.

// Lanes of `yes` where the mask is all ones, of `no` where it is zero.
inline simde__m128i select(simde__m128i mask, simde__m128i yes, simde__m128i no) {
    return simde_mm_or_si128(simde_mm_and_si128(mask, yes), simde_mm_andnot_si128(mask, no));
}

// Each 32-bit lane holds a binary16 pattern in its low half, zero above.
inline simde__m128 widen_half(simde__m128i half) {
    const simde__m128i magnitude = simde_mm_and_si128(half, simde_mm_set1_epi32(0x7fff));
    const simde__m128i sign = simde_mm_slli_epi32(simde_mm_xor_si128(half, magnitude), 16);

    // Moving the fields into place leaves an exponent too small by the biases' difference, which a
    // multiplication by 2^(127-15) mends; it is exact, for subnormals as well.
    const simde__m128 rebias = simde_mm_castsi128_ps(simde_mm_set1_epi32((127 + 127 - 15) << 23));
    const simde__m128 finite =
        simde_mm_mul_ps(simde_mm_castsi128_ps(simde_mm_slli_epi32(magnitude, 13)), rebias);

    const simde__m128i special =
        simde_mm_and_si128(simde_mm_cmpgt_epi32(magnitude, simde_mm_set1_epi32(0x7bff)),
                           simde_mm_set1_epi32(0x7f800000));
    const simde__m128i quiet =
        simde_mm_and_si128(simde_mm_cmpgt_epi32(magnitude, simde_mm_set1_epi32(0x7c00)),
                           simde_mm_set1_epi32(0x00400000));
    return simde_mm_castsi128_ps(simde_mm_or_si128(
        simde_mm_or_si128(simde_mm_castps_si128(finite), sign), simde_mm_or_si128(special, quiet)));
}

// The reverse: binary16 patterns in the low halves, zero above.
inline simde__m128i narrow_to_half(simde__m128 value) {
    const simde__m128i bits = simde_mm_castps_si128(value);
    const simde__m128i magnitude = simde_mm_and_si128(bits, simde_mm_set1_epi32(0x7fffffff));
    const simde__m128i sign = simde_mm_srli_epi32(simde_mm_xor_si128(bits, magnitude), 16);

    // Normal: add just under half of the last kept place, and one more when that place is odd, so
    // that a tie carries only to an even result. A carry out of the fraction is the next exponent.
    const simde__m128i odd =
        simde_mm_and_si128(simde_mm_srli_epi32(magnitude, 13), simde_mm_set1_epi32(1));
    const simde__m128i rounding = simde_mm_set1_epi32(0xfff - ((127 - 15) << 23));
    const simde__m128i normal =
        simde_mm_srli_epi32(simde_mm_add_epi32(simde_mm_add_epi32(magnitude, rounding), odd), 13);

    // Subnormal: the last place of 0.5f is 2^-24, one unit of a subnormal binary16, so the addition
    // itself rounds to it.
    const simde__m128i half = simde_mm_set1_epi32(0x3f000000);
    const simde__m128 shifted =
        simde_mm_add_ps(simde_mm_castsi128_ps(magnitude), simde_mm_castsi128_ps(half));
    const simde__m128i subnormal = simde_mm_sub_epi32(simde_mm_castps_si128(shifted), half);

    const simde__m128i nan = simde_mm_or_si128(
        simde_mm_set1_epi32(0x7e00),
        simde_mm_and_si128(simde_mm_srli_epi32(magnitude, 13), simde_mm_set1_epi32(0x3ff)));

    // 0x477fefff is the last pattern below 65520, which is where rounding leaves the finite range.
    simde__m128i result =
        select(simde_mm_cmpgt_epi32(simde_mm_set1_epi32(0x38800000), magnitude), subnormal, normal);
    result = select(simde_mm_cmpgt_epi32(magnitude, simde_mm_set1_epi32(0x477fefff)),
                    simde_mm_set1_epi32(0x7c00), result);
    result = select(simde_mm_cmpgt_epi32(magnitude, simde_mm_set1_epi32(0x7f800000)), nan, result);
    return simde_mm_or_si128(result, sign);
}

// Eight conversions as eight adjacent 16-bit patterns.
inline simde__m128i pack_halves(simde__m128i low, simde__m128i high) {
    // SSE2 packs with signed saturation only, so the patterns are sign-extended first.
    low = simde_mm_srai_epi32(simde_mm_slli_epi32(low, 16), 16);
    high = simde_mm_srai_epi32(simde_mm_slli_epi32(high, 16), 16);
    return simde_mm_packs_epi32(low, high);
}
