// What one vector and one query cost in rotating, coding and comparing. Names end in dimensions.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <random>
#include <vector>

#include "quantize/code.h"
#include "quantize/code_query.h"
#include "quantize/fastscan.h"
#include "quantize/rotation.h"

namespace pgslab {
namespace {

std::vector<float> normal(size_t n, unsigned seed) {
    std::mt19937 random(seed);
    std::normal_distribution<float> deviate;
    std::vector<float> v(n);
    for (float &x : v) {
        x = deviate(random);
    }
    return v;
}

void rotate_vector(benchmark::State &state) {
    const auto dims = static_cast<uint32_t>(state.range(0));
    const uint32_t padded = padded_dims(dims);
    std::vector<uint8_t> signs(rotation_bytes(padded));
    draw_rotation(1, padded, signs.data());
    const auto x = normal(dims, 1), mean = normal(dims, 2);
    std::vector<float> out(padded);
    for (auto _ : state) {
        rotate(signs.data(), x.data(), mean.data(), dims, out.data());
        benchmark::DoNotOptimize(out.data());
        benchmark::ClobberMemory();
    }
}
BENCHMARK(rotate_vector)->Arg(128)->Arg(768)->Arg(832)->Arg(1024)->Arg(1536);

template <unsigned bits>
void encode_vector(benchmark::State &state) {
    const auto padded = static_cast<uint32_t>(state.range(0));
    const auto o = normal(padded, 1), centroid = normal(padded, 2);
    const float step = code_step(bits, padded);
    std::vector<uint8_t> code(code_bytes(bits, padded));
    for (auto _ : state) {
        benchmark::DoNotOptimize(encode_code(CodeMetric::kL2, bits, o.data(), centroid.data(),
                                             padded, step, code.data()));
    }
}
BENCHMARK(encode_vector<1>)->Arg(128)->Arg(768)->Arg(832)->Arg(1536);
BENCHMARK(encode_vector<4>)->Arg(128)->Arg(768)->Arg(832)->Arg(1536);
BENCHMARK(encode_vector<8>)->Arg(128)->Arg(768)->Arg(832)->Arg(1536);

void set_query(benchmark::State &state) {
    const auto padded = static_cast<uint32_t>(state.range(0));
    const auto q = normal(padded, 1);
    CodeQuery query;
    for (auto _ : state) {
        query.set(q.data(), padded);
        benchmark::ClobberMemory();
    }
}
BENCHMARK(set_query)->Arg(128)->Arg(768)->Arg(832)->Arg(1536);

template <unsigned bits>
void product(benchmark::State &state) {
    const auto padded = static_cast<uint32_t>(state.range(0));
    const auto q = normal(padded, 1);
    CodeQuery query;
    query.set(q.data(), padded);
    std::vector<uint8_t> code(code_bytes(bits, padded), 0x5A);
    for (auto _ : state) {
        benchmark::DoNotOptimize(query.product(bits, code.data()));
    }
}
BENCHMARK(product<4>)->Arg(128)->Arg(768)->Arg(832)->Arg(1536);
BENCHMARK(product<8>)->Arg(128)->Arg(768)->Arg(832)->Arg(1536);

// 32 rows.
void scan_block(benchmark::State &state) {
    const auto padded = static_cast<uint32_t>(state.range(0));
    const auto q = normal(padded, 1);
    CodeQuery query;
    query.set(q.data(), padded);
    std::vector<uint8_t> block(size_t{4} * padded, 0x5A);
    for (auto _ : state) {
        uint32_t sums[32] = {};
        kernels().fastscan(sums, block.data(), query.table(), padded / 4);
        benchmark::DoNotOptimize(sums);
    }
}
BENCHMARK(scan_block)->Arg(128)->Arg(768)->Arg(832)->Arg(1536);

void pack_rows(benchmark::State &state) {
    const auto padded = static_cast<uint32_t>(state.range(0));
    const std::vector<uint8_t> code(padded / 8, 0x5A);
    const uint8_t *codes[kBlockRows];
    std::fill(std::begin(codes), std::end(codes), code.data());
    std::vector<uint8_t> block(size_t{4} * padded);
    for (auto _ : state) {
        pack_block(codes, padded, block.data());
        benchmark::ClobberMemory();
    }
}
BENCHMARK(pack_rows)->Arg(128)->Arg(768)->Arg(832)->Arg(1536);

}  // namespace
}  // namespace pgslab
