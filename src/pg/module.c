/*
 * module.c - what makes the library a PostgreSQL module: its magic, and what is set up when it is
 * loaded.
 */
#include "postgres.h"

#include "fmgr.h"
#include "utils/guc.h"

#include "base/settings.h"
#include "base/stop_point.h"
#include "hooks/hooks.h"
#include "learn/samples.h"
#include "plan/plan.h"
#include "store/options.h"

PG_MODULE_MAGIC;

void _PG_init(void);

void _PG_init(void) {
    slab_init_options();
    slab_init_definition();
    slab_init_stand_in();
    slab_init_limit();
    slab_init_explain();
    slab_init_distance();
    slab_init_range_rows();
    slab_init_order_path();
    slab_init_filter_path();
    slab_init_bitmap_path();
    slab_init_bitmap_scan();
    slab_init_observe();
    slab_define_settings();
    slab_init_stop_points();
    slab_init_samples();
    MarkGUCPrefixReserved("slab");
}
