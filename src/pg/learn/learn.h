/*
 * learn.h - an index learns from real queries what they need. Include postgres.h first.
 */
#ifndef PGSLAB_LEARN_LEARN_H
#define PGSLAB_LEARN_LEARN_H

#include "utils/rel.h"

#include "learn/samples.h"
#include "pgslab/scan.h"

/* ---- lesson.c: from queries to lessons ---- */

/* Keeps one in some queries of those that can be learnt from. Whether a worker should come and
 * audit. Called by a scan without a filter, of an index that has measured itself: an audit knows no
 * filter, and what was not measured is searched as a whole. Does not wait, and does nothing where
 * the library was not preloaded or slab.learn is off. */
extern bool slab_offer_query(Relation index, const PgsEffort *effort, const float *query,
                             uint32 dims);

/* Audits a query of the index and has the index learn from it, unless somebody maintains it. In a
 * worker. */
extern void slab_learn_from(Relation index, const SlabSample *sample);

/* ---- audit.c: one query ---- */

/* The share of the rows nearest to a query that a search finds, by distances as stored; negative
 * where there are no rows, or it has no direction. */
extern double slab_audit(Relation index, const float *query, uint32 dims, PgsEffort effort);

#endif
