/*
 * index.h - opening the index that a SQL function was given, and who may. Include postgres.h first.
 */
#ifndef PGSLAB_SQL_INDEX_H
#define PGSLAB_SQL_INDEX_H

#include "utils/rel.h"
#include "utils/snapshot.h"

/* Opens the slab index with AccessShareLock; ERROR when it is something else, when it has no pages
 * to look at yet or here, or when it is another session's temporary one. */
extern Relation slab_open_index(Oid index_oid);

/* ERROR unless the user owns the index's table or is superuser. */
extern void slab_require_owner(Relation index);

/* ERROR unless the user may read the index's table. */
extern void slab_require_select(Relation index);

/* ERROR when the index may lack rows that the snapshot sees. */
extern void slab_require_usable(Relation index, Snapshot snapshot);

/* ERROR for an index by terms, of which the SQL function has nothing to say. */
extern void slab_require_vectors(Relation index, const char *function);

#endif
