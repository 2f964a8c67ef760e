// Machines of the core over a PageStore, through the boundary.
#pragma once

#include "pgslab_core.h"
#include "store/testing/page_store.h"

namespace pgslab {

inline PgsRequest ask(PgsMachine *machine) {
    PgsRequest request;
    PgsError error = {};
    require(pgs_next(machine, &request, &error), error);
    return request;
}

inline void give_page(PgsMachine *machine, const PageStore &store, uint32_t block) {
    PgsError error = {};
    require(pgs_page(machine, &store.read(block), &error), error);
}

// Gives a machine the pages it asks for, until it asks for something else, which is returned.
// after_page(block) is called after each of them.
template <typename AfterPage>
PgsRequest pump(PgsMachine *machine, const PageStore &store, AfterPage after_page) {
    for (;;) {
        const PgsRequest request = ask(machine);
        if (request.kind != PGS_REQUEST_PAGE) {
            return request;
        }
        give_page(machine, store, request.block);
        after_page(request.block);
    }
}

inline PgsRequest pump(PgsMachine *machine, const PageStore &store) {
    return pump(machine, store, [](uint32_t) {});
}

}  // namespace pgslab
