// A connection as the options describe it.
#pragma once

#include <memory>

#include "client/connection.h"
#include "common/options.h"

namespace bench {

inline std::unique_ptr<Connection> open_session(const Options &options) {
    auto connection = std::make_unique<Connection>(options.text("conninfo"));
    for (const std::string &setting : options.all("guc")) {
        connection->configure(setting);
    }
    return connection;
}

}  // namespace bench
