// Reads memory over and over and does nothing else, which is as fast as a scan of it can be.
//
//   read BYTES    ->  GB (10^9 bytes) a second of the clock, the median of many passes over as much
//                     memory <tab> GB a second of processor time, of all passes
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <vector>

namespace {

double seconds_of(clockid_t clock) {
    timespec time{};
    clock_gettime(clock, &time);
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

// Compiled for the processor at hand it adds many words at once.
uint64_t sum(const std::vector<uint64_t> &words) {
    uint64_t sum = 0;
    for (uint64_t word : words) {
        sum += word;
    }
    return sum;
}

}  // namespace

int main(int argc, char **argv) {
    constexpr size_t kPasses = 51;
    const size_t words = argc == 2 ? std::strtoull(argv[1], nullptr, 10) / sizeof(uint64_t) : 0;
    if (words == 0) {
        std::fprintf(stderr, "usage: read BYTES\n");
        return 2;
    }
    // Written to, so that every page is there.
    const std::vector<uint64_t> memory(words, 0x2c2c2c2c2c2c2c2c);
    std::vector<double> seconds(kPasses);
    uint64_t total = 0;
    const double spent = seconds_of(CLOCK_PROCESS_CPUTIME_ID);
    for (double &pass : seconds) {
        const double began = seconds_of(CLOCK_MONOTONIC);
        total += sum(memory);
        pass = seconds_of(CLOCK_MONOTONIC) - began;
    }
    const double cpu = (seconds_of(CLOCK_PROCESS_CPUTIME_ID) - spent) / kPasses;
    std::sort(seconds.begin(), seconds.end());
    const double bytes = static_cast<double>(words * sizeof(uint64_t));
    std::printf("%.3f\t%.3f\n", bytes / seconds[kPasses / 2] * 1e-9, bytes / cpu * 1e-9);
    return total == kPasses * words * 0x2c2c2c2c2c2c2c2c ? 0 : 1;
}
