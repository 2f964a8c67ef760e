#include <cstdint>

#include "client/commands.h"
#include "client/session.h"
#include "client/timing.h"
#include "common/record.h"

namespace bench {

void run_floor(const Options &options) {
    const auto connection = open_session(options);
    const std::string table = options.text("table");
    const int64_t rows = std::stoll(connection->value("SELECT count(*) FROM " + table));
    connection->prepare("q", "SELECT id FROM " + table + " WHERE id = $1");
    constexpr int64_t kStride = 7919;  // a prime, so that the ids jump about
    std::vector<std::string> ids(1000);
    for (size_t i = 0; i < ids.size(); i++) {
        append_int64(ids[i], static_cast<int64_t>(i) * kStride % rows);
    }
    for (const std::string &id : ids) {
        connection->execute("q", id, true);
    }
    const Timing timing = time_statement({connection.get()}, ids, options);

    Record record(options);
    record.add("queries", static_cast<double>(timing.seconds.size()), 0);
    record.add("recall", "");
    add_timing(record, timing);
    record.write();
}

}  // namespace bench
