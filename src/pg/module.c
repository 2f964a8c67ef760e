/*
 * module.c - what makes the library a PostgreSQL module: magic, options, settings.
 */
#include "postgres.h"

#include "fmgr.h"
#include "slab.h"
#include "utils/guc.h"

PG_MODULE_MAGIC;

void _PG_init(void);

static char *isa_setting;

static bool check_isa(char **value, void **extra, GucSource source) {
    if (strcmp(*value, "auto") == 0)
        return true;
    for (int i = 0; pgs_isa_available(i) != NULL; i++)
        if (strcmp(*value, pgs_isa_available(i)) == 0)
            return true;
    GUC_check_errdetail("This CPU cannot run instruction set \"%s\".", *value);
    GUC_check_errhint("Use \"auto\", or \"baseline\", which every CPU can.");
    return false;
}

static void assign_isa(const char *value, void *extra) {
    (void)pgs_isa_force(value); /* check_isa() has agreed */
}

void _PG_init(void) {
    slab_init_options();
    DefineCustomStringVariable("slab.isa", "Instruction set of the distance kernels.",
                               "\"auto\" takes the best this CPU has.", &isa_setting, "auto",
                               PGC_USERSET, 0, check_isa, assign_isa, NULL);
    MarkGUCPrefixReserved("slab");
}
