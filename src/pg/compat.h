/*
 * compat.h - what differs between the PostgreSQL versions we build on (15 to 18). Include
 * postgres.h first.
 */
#ifndef PGSLAB_COMPAT_H
#define PGSLAB_COMPAT_H

#include "nodes/nodes.h"

/* The varlena macros left postgres.h in 16. */
#if PG_VERSION_NUM >= 160000
#include "varatt.h"
#endif

/*
 * Soft errors, which pg_input_is_valid() and COPY ... ON_ERROR catch without an exception, came
 * with 16; before it every error is a hard one.
 */
#if PG_VERSION_NUM >= 160000
#include "nodes/miscnodes.h"
#else
#define errsave(context, ...)        \
    do {                             \
        (void)(context);             \
        ereport(ERROR, __VA_ARGS__); \
    } while (0)
#endif

#endif
