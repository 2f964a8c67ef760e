/*
 * settings.h - what settings say. Include postgres.h first.
 */
#ifndef PGSLAB_BASE_SETTINGS_H
#define PGSLAB_BASE_SETTINGS_H

#include "pgslab/scan.h"

/* Defines all settings but those of the stop points. Called once, when the library is loaded. */
extern void slab_define_settings(void);

/* What the settings ask of a scan; rows is 0, as no setting says how many are wanted. */
extern PgsEffort slab_effort(void);

/* Rows that an approximate scan hands out at most to fill a LIMIT of fewer; 0: any number. */
extern uint32 slab_max_scan_rows(void);

/* Kilobytes that a build or maintenance may take: as a VACUUM by the same process. */
extern int slab_maintenance_memory(void);

/* Whether inserts and VACUUM may start a background worker. */
extern bool slab_auto_compact(void);

/* Whether indexes may learn from this session's queries. */
extern bool slab_learns(void);

#endif
