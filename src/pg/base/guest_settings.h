/*
 * guest_settings.h - settings that pgvector has for its access methods hnsw and ivfflat, as far as
 * searches of indexes heed them that are ours under these names. Include postgres.h first.
 *
 * They are pgvector's to define, and its library could not be loaded beside ours had we done it. So
 * a session sets them as custom settings that nobody has defined, and each search reads their text.
 */
#ifndef PGSLAB_BASE_GUEST_SETTINGS_H
#define PGSLAB_BASE_GUEST_SETTINGS_H

#include "pgslab/scan.h"

/* Changes the recall that a search is to reach as hnsw.ef_search asks, unless somebody has said it
 * by our own setting. ERROR invalid_parameter_value for a value that pgvector would refuse, of any
 * of its settings for hnsw. */
extern void slab_heed_hnsw(PgsEffort *effort, bool recall_is_set);

/* The same of ivfflat.probes; the search is exact from so many probes on as the index was declared
 * to have lists. */
extern void slab_heed_ivfflat(PgsEffort *effort, bool recall_is_set, int lists);

/* Rows that a scan may hand out by hnsw.max_scan_tuples, which counts while hnsw.iterative_scan is
 * on; 0: any number. */
extern uint32 slab_hnsw_max_scan_rows(void);

#endif
