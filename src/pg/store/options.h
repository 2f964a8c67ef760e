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
#include "pgslab/inverted.h"
#include "pgslab/maintain.h"
#include "pgslab/scan.h"

/* The ordering operator's strategy number, and the support function of operator classes for
 * vectors, which returns a SlabTypeInfo. */
#define SLAB_DISTANCE_STRATEGY 1
#define SLAB_TYPE_PROC 1

/* The support function of operator classes for filter columns (keys/keys.h). */
#define SLAB_KEY_PROC 2

/* The values of bits and storage by which the index chooses them itself. */
#define SLAB_AUTO_BITS (-1)
#define SLAB_AUTO_STORAGE 0

/* BM25's parameters, where nobody says; and what the options have then. */
#define SLAB_BM25_K1 1.2
#define SLAB_BM25_B 0.75
#define SLAB_AUTO_BM25 (-1)

/* The share of tombstones from which on rows are written anew, where nobody says. */
#define SLAB_VACUUM_THRESHOLD 0.20

/* What pgvector has for options that are not given. */
#define SLAB_HNSW_M 16
#define SLAB_HNSW_EF_CONSTRUCTION 64
#define SLAB_IVFFLAT_LISTS 100
#define SLAB_IVFFLAT_MOST_LISTS 32768

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
    double k1;               /* of text, as b and text_config; SLAB_AUTO_BM25: the default */
    double b;
    int text_config; /* offset of a string */
    int m;           /* of hnsw, as ef_construction: without effect */
    int ef_construction;
    int ivfflat_lists; /* of ivfflat, in place of lists: what its probes are a share of */
} SlabOptions;

/* Declares the options to the server. Called once, when the library is loaded. */
extern void slab_init_options(void);

/* The amoptions of the access method slab, and of those that pgslab_compat calls hnsw and ivfflat.
 */
extern bytea *slab_options(Datum reloptions, bool validate);
extern bytea *slab_hnsw_options(Datum reloptions, bool validate);
extern bytea *slab_ivfflat_options(Datum reloptions, bool validate);

/* What settings ask of searches of the index; see base/settings.h. */
extern PgsEffort slab_index_effort(Relation index);
extern uint32 slab_index_max_scan_rows(Relation index, const char **setting);

/* The options that a build of the index writes to its metapage, but for its filter columns; ERROR
 * when the column has no dimensions or an option does not suit it. In CurrentMemoryContext. The
 * first is for vectors, the second for documents. */
extern PgsOptions slab_build_options(Relation index);
extern PgsInvertedOptions slab_document_options(Relation index);

/* The same ERROR, for an index of either kind. */
extern void slab_check_options(Relation index);

/* Of an index of text: by which configuration a query is parsed that is plain text, where the
 * index's column does not name one. ERROR if it is gone. */
extern Oid slab_text_config(Relation index);

/* What the index's operator class says of the type of its first column. */
extern const SlabTypeInfo *slab_type_info(Relation index);

/* The same of an operator family for that type, as by the catalogs; NULL if it says nothing. */
extern const SlabTypeInfo *slab_type_info_of_family(Oid family, Oid type);

/* Whether the index is one of documents (pgslab/inverted.h), by its operator class. */
extern bool slab_is_inverted(Relation index);

/* The same of the default operator class for a type, for what is in no index: of this access method
 * or, where it has none, of another one of ours. NULL if there is none for vectors. */
extern const SlabTypeInfo *slab_type_info_of_type(Oid access_method, Oid type);

/* Whether a build is to make a column of addresses. */
extern bool slab_wants_addresses(Relation index);

/* ---- for the files that make something of the options ---- */

/* ERROR unless the first column is of the type that its operator class is for. */
extern const SlabTypeInfo *slab_require_type(Relation index);

/* The dimensions that the first column was declared with; ERROR if it was with none. */
extern int slab_declared_dims(Relation index, const SlabTypeInfo *type);

/* "" where they are not given. */
extern const char *slab_option_embedder(Relation index);
extern const char *slab_option_revision(Relation index);
extern const char *slab_option_text_config(Relation index);

/* What the options ask of training, 0 where they leave it to pgs_plan(). */
extern PgsPlan slab_requested_plan(Relation index);

/* What the options ask of maintenance. */
extern PgsPolicy slab_policy(Relation index);

/* What helps where the index's codes are too coarse for its rows, as a sentence for a hint. */
extern const char *slab_remedy_for_codes(Relation index, const PgsMetaInfo *info);

/* ERROR when the options name another embedder than the one the index was built for. */
extern void slab_check_embedder(Relation index, const PgsMetaInfo *info);

#endif
