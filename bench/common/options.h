// Command lines of the form --name value [--name value ...]; a name may come more than once.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

namespace bench {

class Options {
  public:
    // Takes argv[first] and what follows. An option without a value (the next word is an option
    // too, or there is none) is a flag.
    Options(int argc, char **argv, int first);

    bool has(const std::string &name) const { return values_.count(name) > 0; }

    // The last value given; the program ends when a required one is missing or no number.
    std::string text(const std::string &name) const;
    std::string text(const std::string &name, const std::string &otherwise) const;
    double number(const std::string &name) const;
    double number(const std::string &name, double otherwise) const;
    size_t count(const std::string &name, size_t otherwise) const;

    const std::vector<std::string> &all(const std::string &name) const;

  private:
    std::map<std::string, std::vector<std::string>> values_;
};

}  // namespace bench
