// How many bytes of stored vectors a second each kernel takes in, beside plainly reading as many.
//
// "l2" is a working set that fits the second-level cache, "memory" one larger than any cache. The
// names are kernel/ISA/where/dims. The query stays in the first-level cache and is not counted.
#include <benchmark/benchmark.h>
#include <simde/x86/sse2.h>

#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "kernels/kernels.h"

namespace pgslab {
namespace {

constexpr size_t cached_bytes = size_t{256} << 10;
constexpr size_t memory_bytes = size_t{256} << 20;

// Bytes that are small finite numbers as f32, f16 or i8: 0x2c is the top byte of 2.4e-12f and of
// 0.068 in binary16.
const unsigned char *slab() {
    static const std::unique_ptr<unsigned char[]> bytes = [] {
        auto filled = std::make_unique<unsigned char[]>(memory_bytes + 64);
        std::memset(filled.get(), 0x2c, memory_bytes + 64);
        return filled;
    }();
    const auto address = reinterpret_cast<uintptr_t>(bytes.get());
    return bytes.get() + (64 - address % 64) % 64;
}

void count_bytes(benchmark::State &state, size_t bytes) {
    state.SetBytesProcessed(state.iterations() * static_cast<int64_t>(bytes));
}

// The roof: a sum of 64-bit words, with as many loads in flight as the CPU can start.
void read_memory(benchmark::State &state, size_t total) {
    const unsigned char *bytes = slab();
    for (auto _ : state) {
        simde__m128i a = simde_mm_setzero_si128(), b = a, c = a, d = a;
        for (size_t i = 0; i < total; i += 64) {
            a = simde_mm_add_epi64(a, simde_mm_loadu_si128(bytes + i));
            b = simde_mm_add_epi64(b, simde_mm_loadu_si128(bytes + i + 16));
            c = simde_mm_add_epi64(c, simde_mm_loadu_si128(bytes + i + 32));
            d = simde_mm_add_epi64(d, simde_mm_loadu_si128(bytes + i + 48));
        }
        benchmark::DoNotOptimize(
            a = simde_mm_add_epi64(simde_mm_add_epi64(a, b), simde_mm_add_epi64(c, d)));
    }
    count_bytes(state, total);
}

template <typename T>
using Sum = void (*)(const Kernels &k, Lanes &lanes, const float *q, const T *y, size_t n);

template <typename T>
void scan(benchmark::State &state, const Kernels &k, Sum<T> add_vector, size_t total) {
    const auto dims = static_cast<size_t>(state.range(0));
    const size_t vectors = total / (dims * sizeof(T));
    const std::vector<float> query(dims, 0.5f);
    const auto *first = reinterpret_cast<const T *>(slab());
    for (auto _ : state) {
        float least = 3e38f;
        for (size_t v = 0; v < vectors; v++) {
            Lanes lanes;
            add_vector(k, lanes, query.data(), first + v * dims, dims);
            const float distance = sum(lanes);
            least = distance < least ? distance : least;
        }
        benchmark::DoNotOptimize(least);
    }
    count_bytes(state, vectors * dims * sizeof(T));
}

void dot_and_norms(const Kernels &k, Lanes &lanes, const float *q, const float *y, size_t n) {
    Lanes out[3];
    k.dot_norms_f32(out, q, y, n);
    benchmark::DoNotOptimize(out);
    lanes = out[0];
}

void narrow(benchmark::State &state, const Kernels &k, size_t total) {
    std::vector<uint16_t> halves(4096);
    const auto *floats = reinterpret_cast<const float *>(slab());
    for (auto _ : state) {
        for (size_t i = 0; i < total / sizeof(float); i += halves.size()) {
            k.f32_to_f16(floats + i, halves.data(), halves.size());
            benchmark::DoNotOptimize(halves.data());
            benchmark::ClobberMemory();
        }
    }
    count_bytes(state, total);
}

template <typename T>
void add(const std::string &name, const Kernels &k, Sum<T> add_vector) {
    for (const auto &[where, total] : {std::pair{"l2", cached_bytes}, {"memory", memory_bytes}}) {
        benchmark::RegisterBenchmark((name + "/" + k.isa + "/" + where).c_str(),
                                     [&k, add_vector, bytes = total](benchmark::State &state) {
                                         scan<T>(state, k, add_vector, bytes);
                                     })
            ->Arg(128)
            ->Arg(768)
            ->Arg(1536);
    }
}

void add_kernels(const Kernels &k) {
    add<float>("dot_f32", k, [](auto &set, auto &lanes, auto *q, auto *y, size_t n) {
        set.dot_f32(lanes, q, y, n, 0);
    });
    add<uint16_t>("dot_f16", k, [](auto &set, auto &lanes, auto *q, auto *y, size_t n) {
        set.dot_f16(lanes, q, y, n, 0);
    });
    add<int8_t>("dot_i8", k, [](auto &set, auto &lanes, auto *q, auto *y, size_t n) {
        set.dot_i8(lanes, q, y, n, 0);
    });
    add<float>("l2_f32", k, [](auto &set, auto &lanes, auto *q, auto *y, size_t n) {
        set.l2_f32(lanes, q, y, 1.5f, n, 0);
    });
    add<uint16_t>("l2_f16", k, [](auto &set, auto &lanes, auto *q, auto *y, size_t n) {
        set.l2_f16(lanes, q, y, 1.5f, n, 0);
    });
    add<int8_t>("l2_i8", k, [](auto &set, auto &lanes, auto *q, auto *y, size_t n) {
        set.l2_i8(lanes, q, y, 1.5f, n, 0);
    });
    add<float>("l1_f32", k, [](auto &set, auto &lanes, auto *q, auto *y, size_t n) {
        set.l1_f32(lanes, q, y, 1.5f, n, 0);
    });
    add<uint16_t>("l1_f16", k, [](auto &set, auto &lanes, auto *q, auto *y, size_t n) {
        set.l1_f16(lanes, q, y, 1.5f, n, 0);
    });
    add<int8_t>("l1_i8", k, [](auto &set, auto &lanes, auto *q, auto *y, size_t n) {
        set.l1_i8(lanes, q, y, 1.5f, n, 0);
    });
    add<float>("dot_norms_f32", k, dot_and_norms);
    benchmark::RegisterBenchmark((std::string("f32_to_f16/") + k.isa + "/l2").c_str(),
                                 [&k](benchmark::State &state) { narrow(state, k, cached_bytes); });
}

const bool registered = [] {
    benchmark::RegisterBenchmark("read/l2",
                                 [](benchmark::State &state) { read_memory(state, cached_bytes); });
    benchmark::RegisterBenchmark("read/memory",
                                 [](benchmark::State &state) { read_memory(state, memory_bytes); });
    for (int i = 0; const Kernels *k = available_kernels(i); i++) {
        add_kernels(*k);
    }
    return true;
}();

}  // namespace
}  // namespace pgslab
