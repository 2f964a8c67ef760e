#include <algorithm>

#include "client/commands.h"
#include "client/cpu.h"
#include "client/session.h"
#include "common/record.h"
#include "common/vecs.h"

namespace bench {
namespace {

// Enough for libpq not to be called for every row.
constexpr size_t kPiece = size_t{1} << 18;

void append_row(std::string &copy, int64_t id, const std::string &vector) {
    append_int16(copy, 2);  // columns
    append_int32(copy, 8);
    append_int64(copy, id);
    append_int32(copy, static_cast<int32_t>(vector.size()));
    copy += vector;
}

void copy_rows(Connection &connection, VecsReader<float> &base, size_t rows, size_t first_id,
               const std::string &table) {
    connection.begin_copy("COPY " + table + " FROM STDIN (FORMAT binary)");
    std::string copy("PGCOPY\n\377\r\n\0", 11);
    append_int32(copy, 0);  // flags
    append_int32(copy, 0);  // header extension
    for (size_t i = 0; i < rows; i++) {
        append_row(copy, static_cast<int64_t>(first_id + i),
                   encode_vector(base.next(), base.dims()));
        if (copy.size() > kPiece) {
            connection.put_copy(copy);
            copy.clear();
        }
    }
    append_int16(copy, -1);
    connection.put_copy(copy);
    connection.end_copy();
}

}  // namespace

void load_table(const Options &options) {
    const auto connection = open_session(options);
    VecsReader<float> base(options.text("base"));
    const size_t first = options.count("first", 0);
    base.seek(first);
    const size_t rows = std::min(base.rows() - first, options.count("rows", base.rows()));
    const std::string table = options.text("table");
    const bool create = !options.has("append");
    if (create) {
        connection->run("CREATE TABLE " + table + " (id bigint, embedding " + options.text("type") +
                        "(" + std::to_string(base.dims()) + "))");
    }
    const double start = now();
    copy_rows(*connection, base, rows, options.count("first-id", first), table);
    const double seconds = now() - start;
    if (create) {
        connection->run("ALTER TABLE " + table + " ADD PRIMARY KEY (id)");
        connection->run("VACUUM (FREEZE, ANALYZE) " + table);
    }

    Record record(options);
    record.add("rows", static_cast<double>(rows), 0);
    record.add("dims", static_cast<double>(base.dims()), 0);
    record.add("load_seconds", seconds, 1);
    record.add("table_bytes", connection->value("SELECT pg_table_size('" + table + "')"));
    record.write();
}

}  // namespace bench
