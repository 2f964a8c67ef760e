/*
 * codebook.h - the codebooks that this backend keeps between statements. Include postgres.h first.
 */
#ifndef PGSLAB_STORE_CODEBOOK_H
#define PGSLAB_STORE_CODEBOOK_H

#include "utils/rel.h"

#include "pgslab/codebook.h"

/* The codebook of the index that meta is of, from this backend's cache. It stays until
 * CurrentMemoryContext is reset or deleted; for the same context asking again costs next to
 * nothing. */
extern const PgsCodebook *slab_pin_codebook(Relation index, const void *meta);

/* An encoder for it, until this backend needs another codebook: to be used at once. *row_bytes is
 * how many a row that it encodes takes. */
extern PgsEncoder *slab_encoder(Relation index, const void *meta, size_t *row_bytes);

#endif
