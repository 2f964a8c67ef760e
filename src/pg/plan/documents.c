/*
 * documents.c - scans of indexes of documents: which queries they answer, and what work they are.
 *
 * How many rows have a term only the index knows, and planning does not ask it. So a term is taken
 * to be one that a share of the rows has, the same for all: of queries for the first rows most
 * postings are passed over for their bounds, and what is left of them is about that. What a plan
 * with another index, or without one, takes in its place grows with the rows of the table all the
 * same, and faster.
 */
#include "postgres.h"

#include "access/genam.h"
#include "catalog/pg_type.h"
#include "utils/rel.h"

#include "pgslab/index.h"
#include "plan/documents.h"
#include "store/options.h"
#include "store/page.h"
#include "text/planned.h"

/* Of the rows have a term. */
#define SHARE_WITH_TERM 0.01

/* Terms of a sparse vector that is not known yet. */
#define GUESSED_TERMS 32

/* Nanoseconds that the steps of a scan take. */
#define QUERY_NS 15000
#define TERM_NS 3000
#define POSTING_NS 4
#define SIDECAR_ROW_NS 300
#define KEY_NS 2

const SlabDocumentInfo *slab_documents_of(const IndexOptInfo *index) {
    const SlabTypeInfo *info = slab_type_info_of_family(index->opfamily[0], index->opcintype[0]);

    return info == NULL ? NULL : info->documents;
}

/* What the path's rows are ordered by; NULL where they are in no order. */
static const Expr *query_of(const IndexPath *path) {
    return path->indexorderbys == NIL
               ? NULL
               : lsecond(castNode(OpExpr, linitial(path->indexorderbys))->args);
}

bool slab_is_query_of_index(const IndexPath *path) {
    const SlabDocumentInfo *documents = slab_documents_of(path->indexinfo);
    const Expr *query = query_of(path);

    return documents == NULL || documents->weights != PGS_OCCURRENCES || query == NULL ||
           slab_query_names_index(query, path->indexinfo->indexoid);
}

static double terms_of(const IndexPath *path) {
    const SlabDocumentInfo *documents = slab_documents_of(path->indexinfo);
    const Expr *query = query_of(path);
    const Const *known = (const Const *)query;
    SlabDocument document;

    if (documents->weights == PGS_OCCURRENCES)
        return query == NULL ? GUESSED_TERMS : slab_guess_terms(query);
    if (query == NULL || !IsA(known, Const) || known->constisnull)
        return GUESSED_TERMS;
    documents->read(known->constvalue, &document);
    slab_free_document(&document);
    return document.count;
}

bool slab_expect_document_work(const IndexPath *path, Selectivity filtered,
                               SlabDocumentWork *work) {
    const IndexOptInfo *index = path->indexinfo;
    double terms = terms_of(path);
    double tuples = Max(index->tuples, 1);
    PgsMetaInfo info = {.segment_blocks = index->pages};
    double slots;
    double sidecar;

    if (!index->hypothetical) {
        Relation relation = index_open(index->indexoid, NoLock);
        PGAlignedBlock meta;
        bool readable = slab_try_meta(relation, &meta);

        index_close(relation, NoLock);
        if (!readable)
            return false;
        pgs_meta_info(meta.data, &info);
    }
    slots = (double)(info.sealed_slots + info.open_capacity);
    sidecar = slots == 0 ? 0 : Max(slots - (double)info.flushed_slots, 0) / slots;
    work->pages = 1 + Min(terms, info.segment_blocks) +
                  Min(terms * SHARE_WITH_TERM, 1) * info.segment_blocks +
                  sidecar * (info.record_blocks + info.piece_blocks);
    work->nanoseconds = QUERY_NS + terms * TERM_NS + terms * SHARE_WITH_TERM * tuples * POSTING_NS +
                        sidecar * tuples * SIDECAR_ROW_NS;
    if (filtered < 1)
        work->nanoseconds += filtered * tuples * KEY_NS;
    return true;
}
