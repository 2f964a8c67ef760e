// The benchmark's client: see commands.h.
//   client load|statement|query|floor|work|insert|recall --conninfo C [--guc NAME=VALUE]... OPTIONS
#include <map>
#include <string>

#include "client/commands.h"
#include "common/vecs.h"

int main(int argc, char **argv) {
    static const std::map<std::string, void (*)(const bench::Options &)> commands = {
        {"load", &bench::load_table},     {"statement", &bench::run_statement},
        {"query", &bench::run_queries},   {"floor", &bench::run_floor},
        {"work", &bench::count_work},     {"insert", &bench::insert_rows},
        {"recall", &bench::check_recall},
    };
    const auto command = commands.find(argc > 1 ? argv[1] : "");
    if (command == commands.end()) {
        bench::die("a command is missing (see client/commands.h)");
    }
    command->second(bench::Options(argc, argv, 2));
    return 0;
}
