/*
 * build.h - writing an index anew.
 */
#ifndef PGSLAB_BUILD_H
#define PGSLAB_BUILD_H

#include <stdint.h>

#include "pgslab/codebook.h"
#include "pgslab/index.h"
#include "pgslab/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Writes an index: first its codebook, then sealed parts and one segment of their codes, from rows
 * that come in the order of their lists. Every block from 1 on is handed out once, as soon as its
 * page is full.
 */
typedef struct PgsBuild PgsBuild;

/* The codebook must outlive the build. Its pages are ready afterwards. */
PgsStatus pgs_build_create(const PgsOptions *options, const PgsCodebook *codebook,
                           PgsBuild **build);
void pgs_build_destroy(PgsBuild *build); /* NULL is fine */

/* Says how many rows will come. *blocks is how many the index will have; their pages may be handed
 * out in any order from then on. */
PgsStatus pgs_build_begin_rows(PgsBuild *build, uint64_t rows, uint32_t *blocks, PgsError *error);

/* Adds an encoded row; list must not be below the last one's. Pages may be ready afterwards. */
PgsStatus pgs_build_add_row(PgsBuild *build, const void *row, uint32_t list, PgsError *error);

/* No more rows. The last pages are ready afterwards. */
PgsStatus pgs_build_end_rows(PgsBuild *build, PgsError *error);

/* The next finished page, valid until the next call on build, or NULL. To be called until NULL
 * after every call above. */
const void *pgs_build_page(PgsBuild *build, uint32_t *block);

/* The metapage of what has been built: before pgs_build_end_rows() an index without rows. */
void pgs_build_meta(const PgsBuild *build, void *page);

#ifdef __cplusplus
}
#endif

#endif
