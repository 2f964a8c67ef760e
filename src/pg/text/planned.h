/*
 * planned.h - what a plan knows of a bm25query. Include postgres.h first.
 */
#ifndef PGSLAB_TEXT_PLANNED_H
#define PGSLAB_TEXT_PLANNED_H

#include "nodes/primnodes.h"

/* Whether the expression is a bm25query that names this index, or a partitioned one that it belongs
 * to, whatever else becomes known of it when the plan runs. */
extern bool slab_query_names_index(const Expr *query, Oid index);

/* Terms that the expression is guessed to ask for. */
extern double slab_guess_terms(const Expr *query);

#endif
