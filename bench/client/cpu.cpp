#include "client/cpu.h"

#include <dirent.h>
#include <sched.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>

#include "common/vecs.h"

namespace bench {
namespace {

struct ProcessTimes {
    pid_t parent = 0;
    double own = 0;
    double children = 0;  // that have ended
};

double ticks_to_seconds(double ticks) {
    return ticks / static_cast<double>(sysconf(_SC_CLK_TCK));
}

// False when there is no such process (any more).
bool read_process(pid_t process, ProcessTimes &times) {
    std::ifstream file("/proc/" + std::to_string(process) + "/stat");
    std::string line;
    if (!std::getline(file, line)) {
        return false;
    }
    // The name in parentheses may hold anything; fields are counted from behind it.
    const size_t name_end = line.rfind(')');
    if (name_end == std::string::npos) {
        return false;
    }
    std::istringstream fields(line.substr(name_end + 1));
    std::string state, skipped;
    double user, system, children_user, children_system;
    fields >> state >> times.parent;
    for (int i = 0; i < 9; i++) {
        fields >> skipped;
    }
    fields >> user >> system >> children_user >> children_system;
    times.own = ticks_to_seconds(user + system);
    times.children = ticks_to_seconds(children_user + children_system);
    return !fields.fail();
}

double machine_busy() {
    std::ifstream file("/proc/stat");
    std::string name;
    double user, nice, system, idle, iowait, irq, softirq, steal;
    file >> name >> user >> nice >> system >> idle >> iowait >> irq >> softirq >> steal;
    return ticks_to_seconds(user + nice + system + irq + softirq + steal);
}

double own_seconds() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    const auto seconds = [](const timeval &t) {
        return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
    };
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

double server_seconds(pid_t postmaster) {
    ProcessTimes times;
    if (!read_process(postmaster, times)) {
        return 0;
    }
    double sum = times.own + times.children;
    const std::unique_ptr<DIR, int (*)(DIR *)> folder(opendir("/proc"), &closedir);
    while (const dirent *entry = folder ? readdir(folder.get()) : nullptr) {
        const pid_t process = std::atoi(entry->d_name);
        if (process > 0 && read_process(process, times) && times.parent == postmaster) {
            sum += times.own;
        }
    }
    return sum;
}

}  // namespace

double now() {
    const auto since = std::chrono::steady_clock::now().time_since_epoch();
    return std::chrono::duration<double>(since).count();
}

void pin(pid_t process, int cpu) {
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(static_cast<size_t>(cpu), &set);
    if (sched_setaffinity(process, sizeof set, &set) != 0) {
        die("cannot keep process " + std::to_string(process) + " on processor " +
            std::to_string(cpu));
    }
}

CpuMeter::CpuMeter(pid_t backend) {
    ProcessTimes times;
    if (!read_process(backend, times)) {
        die("the server is not on this machine");
    }
    postmaster_ = times.parent;
}

CpuSample CpuMeter::sample() const {
    return {now(), machine_busy(), own_seconds() + server_seconds(postmaster_)};
}

void CpuMeter::wait_until_idle(double seconds, double share) const {
    const double end = now() + seconds;
    while (now() < end) {
        const CpuSample before = sample();
        sleep(1);
        if (foreign_share(before, sample()) < share) {
            return;
        }
    }
}

double foreign_share(const CpuSample &before, const CpuSample &after) {
    const double foreign = (after.busy - before.busy) - (after.own - before.own);
    return std::max(0.0, foreign / (after.time - before.time));
}

}  // namespace bench
