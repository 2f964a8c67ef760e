// pgslab/machine.h.
#include "api/machine_api.h"

#include "api/guard.h"
#include "store/page.h"

using namespace pgslab;

namespace {

const char *name_of(PgsRequestKind kind) noexcept {
    switch (kind) {
        case PGS_REQUEST_PAGE:
            return "a page";
        case PGS_REQUEST_RUN:
            return "a run";
        case PGS_REQUEST_ROW:
            return "a row";
        case PGS_REQUEST_LOOK_UP:
            return "a row's vector";
        case PGS_REQUEST_WRITE:
        case PGS_REQUEST_FOUND:
        case PGS_REQUEST_DONE:
            break;
    }
    return "nothing";
}

}  // namespace

PgsStatus pgslab::take_answer(Machine &machine, PgsRequestKind kind, PgsError *error) noexcept {
    if (machine.awaited != kind) {
        return fail(error, PGS_MISUSE, PGS_NO_BLOCK, "%s was given where %s was wanted",
                    name_of(kind), name_of(machine.awaited));
    }
    machine.awaited = PGS_REQUEST_DONE;
    return PGS_OK;
}

PgsStatus pgslab::require_done(const Machine &machine, PgsError *error) noexcept {
    return machine.done
               ? PGS_OK
               : fail(error, PGS_MISUSE, PGS_NO_BLOCK, "a result was wanted of what is not done");
}

void pgslab::begin_anew(Machine &machine) noexcept {
    machine.awaited = PGS_REQUEST_DONE;
    machine.done = false;
}

PgsStatus pgs_next(PgsMachine *machine, PgsRequest *request, PgsError *error) {
    return guard(error, [&] {
        begin_anew(*machine);
        *request = {};
        if (PgsStatus status = machine->next(*request, error)) {
            return status;
        }
        machine->awaited = request->kind;
        machine->done = request->kind == PGS_REQUEST_DONE;
        return PGS_OK;
    });
}

PgsStatus pgs_page(PgsMachine *machine, const void *page, PgsError *error) {
    return guard(error, [&] {
        if (PgsStatus status = take_answer(*machine, PGS_REQUEST_PAGE, error)) {
            return status;
        }
        return machine->page(as_page(page), error);
    });
}

uint32_t pgs_upcoming(const PgsMachine *machine, const PgsUpcoming **upcoming) {
    const auto pages = machine->upcoming();
    *upcoming = pages.data();
    return static_cast<uint32_t>(pages.size());
}
