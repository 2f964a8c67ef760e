// Slots as the lists of a segment name them.
#pragma once

#include <cstdint>

#include "base/error.h"
#include "store/slots.h"

namespace pgslab {

// Who names a slot: a list, on one of the blocks of its segment.
struct NamedBy {
    uint32_t list;
    uint32_t block;
};

// PGS_CORRUPT: a list names a slot of which `what` is true, as "which does not exist".
inline PgsStatus wrongly_named(uint64_t address, const NamedBy &by, const char *what,
                               PgsError *error) noexcept {
    return fail(error, PGS_CORRUPT, by.block,
                "list %u names slot %llu of the part with handle %u, %s", by.list,
                static_cast<unsigned long long>(slot_of(address)), handle_of(address), what);
}

// The slot that a list names: PGS_CORRUPT where there is none.
inline PgsStatus find_named(const Slots &slots, uint64_t address, const NamedBy &by, Slot &slot,
                            PgsError *error) noexcept {
    slot = slots.find(address);
    return slot.exists() ? PGS_OK : wrongly_named(address, by, "which does not exist", error);
}

}  // namespace pgslab
