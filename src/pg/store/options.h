/*
 * options.h - what an index was declared to be: its operator class and its WITH (...) options.
 * Include postgres.h first.
 *
 * The options say what the user wants, now; the metapage says what was built. Some options are for
 * the next build, others are heeded by maintenance whenever it looks.
 */
#ifndef PGSLAB_STORE_OPTIONS_H
#define PGSLAB_STORE_OPTIONS_H

#include "utils/rel.h"

#include "base/type_info.h"
#include "pgslab/codebook.h"
#include "pgslab/index.h"
#include "pgslab/maintain.h"

/* The ordering operator's strategy number, and the support function of operator classes for
 * vectors, which returns a SlabTypeInfo. */
#define SLAB_DISTANCE_STRATEGY 1
#define SLAB_TYPE_PROC 1

/* The support function of operator classes for filter columns (keys/keys.h). */
#define SLAB_KEY_PROC 2

/* The values of bits and storage by which the index chooses them itself. */
#define SLAB_AUTO_BITS (-1)
#define SLAB_AUTO_STORAGE 0

/* Parsed WITH (...) options, as the relation cache keeps them. */
typedef struct SlabOptions {
    int32 vl_len_; /* varlena header */
    int storage;   /* PgsStorage */
    int embedder;  /* offsets of strings, 0 when not given */
    int revision;
    int lists;               /* 0: automatic */
    int bits;                /* of refinement codes; SLAB_AUTO_BITS: automatic */
    int sample;              /* rows, 0: automatic */
    bool addresses;          /* are keys, too */
    int seal_threshold;      /* rows, 0: automatic */
    double vacuum_threshold; /* share of a part's slots */
    int prefix_dims;         /* that codes are of, 0: all */
} SlabOptions;

/* Declares the options to the server. Called once, when the library is loaded. */
extern void slab_init_options(void);

/* The access method's amoptions. */
extern bytea *slab_options(Datum reloptions, bool validate);

/* The options that a build of the index writes to its metapage, but for its filter columns; ERROR
 * when the column has no dimensions or an option does not suit it. In CurrentMemoryContext. */
extern PgsOptions slab_build_options(Relation index);

/* What the index's operator class says of the type of its first column. */
extern const SlabTypeInfo *slab_type_info(Relation index);

/* The same of an operator family for that type, as by the catalogs; NULL if it says nothing. */
extern const SlabTypeInfo *slab_type_info_of_family(Oid family, Oid type);

/* The same of the access method's default operator class for a type, for what is in no index; NULL
 * if there is none for vectors. */
extern const SlabTypeInfo *slab_type_info_of_type(Oid access_method, Oid type);

/* Whether a build is to make a column of addresses. */
extern bool slab_wants_addresses(Relation index);

/* What the options ask of training, 0 where they leave it to pgs_plan(). */
extern PgsPlan slab_requested_plan(Relation index);

/* What the options ask of maintenance. */
extern PgsPolicy slab_policy(Relation index);

/* What helps where the index's codes are too coarse for its rows, as a sentence for a hint. */
extern const char *slab_remedy_for_codes(Relation index, const PgsMetaInfo *info);

/* ERROR when the options name another embedder than the one the index was built for. */
extern void slab_check_embedder(Relation index, const PgsMetaInfo *info);

#endif
