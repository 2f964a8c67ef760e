// What the processors did meanwhile: the server and this client on one side, everybody else on the
// other. Linux only, and only for a server on the same machine.
#pragma once

#include <sys/types.h>

namespace bench {

// Seconds on a clock that is never set back.
double now();

// Keeps a process on one processor. Client and backend on the same one hand over to each other
// without either processor falling idle, which in a virtual machine costs more than a short query.
void pin(pid_t process, int cpu);

struct CpuSample {
    double time;  // now()
    double busy;  // seconds that all processors together have worked
    double own;   // of these for the server's processes and this one
};

class CpuMeter {
  public:
    // The server is known by one of its backends.
    explicit CpuMeter(pid_t backend);

    CpuSample sample() const;

    // Returns when others use less than `share` of one processor for a second, or after `seconds`.
    void wait_until_idle(double seconds, double share) const;

  private:
    pid_t postmaster_;
};

// What others used between two samples, as a share of one processor.
double foreign_share(const CpuSample &before, const CpuSample &after);

}  // namespace bench
