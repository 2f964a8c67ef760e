#include "client/connection.h"

#include <arpa/inet.h>

#include <cstring>

#include "common/vecs.h"

namespace bench {

int64_t Rows::bigint(int row, int column) const {
    if (PQgetlength(result_.get(), row, column) != 8) {
        die("column " + name(column) + " is no bigint");
    }
    uint32_t words[2];
    std::memcpy(words, PQgetvalue(result_.get(), row, column), sizeof words);
    return static_cast<int64_t>(uint64_t{ntohl(words[0])} << 32 | ntohl(words[1]));
}

Connection::Connection(const std::string &conninfo) : connection_(PQconnectdb(conninfo.c_str())) {
    if (PQstatus(connection_) != CONNECTION_OK) {
        die(PQerrorMessage(connection_));
    }
}

Connection::~Connection() {
    PQfinish(connection_);
}

Rows Connection::checked(PGresult *result, const std::string &what) {
    const ExecStatusType status = PQresultStatus(result);
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK && status != PGRES_COPY_IN) {
        die(what + ": " + PQerrorMessage(connection_));
    }
    return Rows(result);
}

Rows Connection::run(const std::string &sql) {
    return checked(PQexec(connection_, sql.c_str()), sql);
}

std::string Connection::value(const std::string &sql) {
    const Rows rows = run(sql);
    return rows.count() > 0 ? rows.text(0, 0) : "";
}

void Connection::configure(const std::string &setting) {
    const size_t equals = setting.find('=');
    if (equals == std::string::npos) {
        die("'" + setting + "' is not of the form name=value");
    }
    run("SET " + setting.substr(0, equals) + " = '" + setting.substr(equals + 1) + "'");
}

void Connection::prepare(const std::string &name, const std::string &sql) {
    checked(PQprepare(connection_, name.c_str(), sql.c_str(), 0, nullptr), sql);
}

Rows Connection::execute(const std::string &name, const std::vector<std::string> &parameters,
                         bool binary_result) {
    std::vector<const char *> values;
    std::vector<int> lengths;
    for (const std::string &parameter : parameters) {
        values.push_back(parameter.data());
        lengths.push_back(static_cast<int>(parameter.size()));
    }
    return execute(name, static_cast<int>(parameters.size()), values.data(), lengths.data(),
                   binary_result);
}

Rows Connection::execute(const std::string &name, const std::string &parameter,
                         bool binary_result) {
    const char *value = parameter.data();
    const int length = static_cast<int>(parameter.size());
    return execute(name, 1, &value, &length, binary_result);
}

Rows Connection::execute(const std::string &name, int count, const char *const *values,
                         const int *lengths, bool binary_result) {
    const std::vector<int> formats(static_cast<size_t>(count), 1);
    return checked(PQexecPrepared(connection_, name.c_str(), count, values, lengths, formats.data(),
                                  binary_result ? 1 : 0),
                   name);
}

void Connection::begin_copy(const std::string &sql) {
    run(sql);
}

void Connection::put_copy(const std::string &bytes) {
    if (PQputCopyData(connection_, bytes.data(), static_cast<int>(bytes.size())) != 1) {
        die(PQerrorMessage(connection_));
    }
}

void Connection::end_copy() {
    if (PQputCopyEnd(connection_, nullptr) != 1) {
        die(PQerrorMessage(connection_));
    }
    while (PGresult *result = PQgetResult(connection_)) {
        checked(result, "COPY");
    }
}

void append_int16(std::string &bytes, int16_t value) {
    const uint16_t word = htons(static_cast<uint16_t>(value));
    bytes.append(reinterpret_cast<const char *>(&word), sizeof word);
}

void append_int32(std::string &bytes, int32_t value) {
    const uint32_t word = htonl(static_cast<uint32_t>(value));
    bytes.append(reinterpret_cast<const char *>(&word), sizeof word);
}

void append_int64(std::string &bytes, int64_t value) {
    append_int32(bytes, static_cast<int32_t>(value >> 32));
    append_int32(bytes, static_cast<int32_t>(value));
}

std::string encode_vector(const float *values, size_t dims) {
    std::string bytes;
    bytes.reserve(4 + 4 * dims);
    append_int16(bytes, static_cast<int16_t>(dims));
    append_int16(bytes, 0);
    for (size_t i = 0; i < dims; i++) {
        int32_t bits;
        std::memcpy(&bits, values + i, sizeof bits);
        append_int32(bytes, bits);
    }
    return bytes;
}

}  // namespace bench
