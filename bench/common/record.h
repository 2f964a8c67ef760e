// One line of results: a row of a CSV file, and the same for people on standard output.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "common/options.h"

namespace bench {

class Record {
  public:
    // Begins with what --dataset, --engine, --setting and --repetition say.
    explicit Record(const Options &options);

    void add(const std::string &name, const std::string &value);
    void add(const std::string &name, double value, int decimals);

    // Prints the record and appends it to the file.
    void write() const;

    // To the file that --csv names; a new file gets a header.
    void append() const;

    void print() const;

  private:
    std::string csv_;
    std::vector<std::pair<std::string, std::string>> fields_;
};

}  // namespace bench
