#include <unistd.h>

#include "client/commands.h"
#include "client/cpu.h"
#include "client/session.h"
#include "common/record.h"

namespace bench {

void run_statement(const Options &options) {
    const auto connection = open_session(options);
    const CpuMeter meter(connection->backend_pid());
    const std::string lsn = connection->value("SELECT pg_current_wal_insert_lsn()");
    const CpuSample before = meter.sample();
    connection->run(options.text("sql"));
    const double seconds = now() - before.time;
    // A parallel worker is counted with its parent once it is gone.
    usleep(200000);
    const CpuSample after = meter.sample();

    Record record(options);
    record.add(options.text("name") + "_seconds", seconds, 3);
    record.add("cpu_seconds", after.own - before.own, 2);
    record.add("wal_bytes",
               connection->value("SELECT pg_current_wal_insert_lsn() - '" + lsn + "'::pg_lsn"));
    record.add("index_bytes",
               connection->value("SELECT pg_relation_size('" + options.text("index") + "')"));
    record.add("foreign_cpu", foreign_share(before, after), 2);
    record.write();
}

}  // namespace bench
