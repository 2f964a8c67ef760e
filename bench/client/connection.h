// libpq, as far as the benchmark needs it. Errors end the program with the server's message.
#pragma once

#include <libpq-fe.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace bench {

class Rows {
  public:
    explicit Rows(PGresult *result) : result_(result, &PQclear) {}

    int count() const { return PQntuples(result_.get()); }
    int columns() const { return PQnfields(result_.get()); }
    std::string name(int column) const { return PQfname(result_.get(), column); }
    std::string text(int row, int column) const {
        return std::string(PQgetvalue(result_.get(), row, column),
                           static_cast<size_t>(PQgetlength(result_.get(), row, column)));
    }

    // A bigint of a binary result.
    int64_t bigint(int row, int column) const;

  private:
    std::unique_ptr<PGresult, decltype(&PQclear)> result_;
};

class Connection {
  public:
    explicit Connection(const std::string &conninfo);
    ~Connection();
    Connection(const Connection &) = delete;
    Connection &operator=(const Connection &) = delete;

    int backend_pid() const { return PQbackendPID(connection_); }

    Rows run(const std::string &sql);

    // The first value of the first row, as text.
    std::string value(const std::string &sql);

    // "name=value", for the session.
    void configure(const std::string &setting);

    void prepare(const std::string &name, const std::string &sql);

    // Binary parameters; the result is binary when asked for.
    Rows execute(const std::string &name, const std::vector<std::string> &parameters,
                 bool binary_result);
    Rows execute(const std::string &name, const std::string &parameter, bool binary_result);

    // COPY ... FROM STDIN: begin, any number of pieces, end.
    void begin_copy(const std::string &sql);
    void put_copy(const std::string &bytes);
    void end_copy();

  private:
    Rows checked(PGresult *result, const std::string &what);
    Rows execute(const std::string &name, int count, const char *const *values, const int *lengths,
                 bool binary_result);

    PGconn *connection_;
};

// Values in network byte order, as binary COPY and binary parameters have them.
void append_int16(std::string &bytes, int16_t value);
void append_int32(std::string &bytes, int32_t value);
void append_int64(std::string &bytes, int64_t value);

// What vec and vector alike read: dimensions and a zero as int16, then the elements as float4.
std::string encode_vector(const float *values, size_t dims);

}  // namespace bench
