/*
 * settings.h - what settings say. Include postgres.h first.
 */
#ifndef PGSLAB_BASE_SETTINGS_H
#define PGSLAB_BASE_SETTINGS_H

#include "pgslab/scan.h"

/* What slab.target_recall may ask for: beyond the highest only an exact search can promise it. */
#define SLAB_LOWEST_TARGET_RECALL 0.5
#define SLAB_HIGHEST_TARGET_RECALL 0.999
#define SLAB_DEFAULT_TARGET_RECALL 0.95

/* Defines all settings but those of the stop points. Called once, when the library is loaded. */
extern void slab_define_settings(void);

/* Whose settings searches of an index heed: ours alone or, where ours are at their defaults, those
 * that pgvector has for its access method of the name (guest_settings.h). */
typedef enum SlabDialect { SLAB_NATIVE, SLAB_HNSW, SLAB_IVFFLAT } SlabDialect;

/* ERROR for values of pgvector's settings, as a search that starts is to say. */
extern void slab_check_guests(SlabDialect dialect);

/* What the settings ask of a scan; rows is 0, as no setting says how many are wanted. lists: of an
 * index of SLAB_IVFFLAT, what it was declared to have. */
extern PgsEffort slab_effort(SlabDialect dialect, int lists);

/* The share of the first rows that a scan has to find where an approximate one is nothing that the
 * user has to expect: 1, unless slab.target_recall was set. */
extern double slab_asked_recall(void);

/* Rows that an approximate scan hands out at most to fill a LIMIT of fewer; 0: any number. *setting
 * is the name of the setting that says so. */
extern uint32 slab_max_scan_rows(SlabDialect dialect, const char **setting);

/* Kilobytes that a build or maintenance may take: as a VACUUM by the same process. */
extern int slab_maintenance_memory(void);

/* Whether inserts and VACUUM may start a background worker. */
extern bool slab_auto_compact(void);

/* Whether indexes may learn from this session's queries. */
extern bool slab_learns(void);

#endif
