/*
 * index.h - the index of text that a bm25query names. Include postgres.h first.
 */
#ifndef PGSLAB_TEXT_INDEX_H
#define PGSLAB_TEXT_INDEX_H

#include "nodes/pg_list.h"
#include "utils/rel.h"

/* The relation of that name, looked up as regclass does; InvalidOid if there is none. */
extern Oid slab_find_named_index(const char *name);

/* Whether that is what the name is of: this index, or a partitioned one that it belongs to. */
extern bool slab_is_named_index(Oid named, Oid index);

/* Opens an index of text, which may be a partitioned one, with AccessShareLock on it and its table.
 * ERROR if it is none, or cannot be read, or the user may not read its table. name: as the query
 * has it. */
extern Relation slab_open_named_index(Oid named, const char *name);

/* Whether it orders by BM25. */
extern bool slab_is_text_index(Relation index);

/* The indexes that rows are in: itself or, of a partitioned one, those of the partitions; opened
 * with AccessShareLock. Those are left out that have no pages yet, or none here. */
extern List *slab_open_leaves(Relation index);
extern void slab_close_leaves(Relation index, List *leaves);

/* The configuration of full text search by which the index's text was parsed, and so plain queries
 * are: as the column's expression says, or that of a generated column. Where none is named, or
 * several are, the option says it; ERROR where it has to and does not. */
extern Oid slab_config_of_index(Relation index);

#endif
