/*
 * owner.c - acting as the owner of a table.
 *
 * Expressions and predicates of an index are evaluated as the table's owner, who may be anybody:
 * not with the rights of whoever looks at the index, and without leave to change the session.
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/guc.h"

#include "base/compat.h"
#include "base/owner.h"

void slab_enter_owner(Relation table, SlabSecurity *outside) {
    GetUserIdAndSecContext(&outside->user, &outside->context);
    SetUserIdAndSecContext(table->rd_rel->relowner,
                           outside->context | SECURITY_RESTRICTED_OPERATION);
    outside->guc_level = NewGUCNestLevel();
    slab_restrict_search_path();
}

/* After an error the server does the same by itself. */
void slab_leave_owner(const SlabSecurity *outside) {
    AtEOXact_GUC(false, outside->guc_level);
    SetUserIdAndSecContext(outside->user, outside->context);
}
