/*
 * bm25.c - slab_bm25(): the rows of a table that score best by BM25, by an index of text, which may
 * be a partitioned one. Rows that do not match are none.
 */
#include "postgres.h"

#include <math.h>

#include "access/htup_details.h"
#include "catalog/pg_amop.h"
#include "fmgr.h"
#include "funcapi.h"
#include "utils/builtins.h"
#include "utils/catcache.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"

#include "sql/topk.h"
#include "store/options.h"
#include "text/bm25query.h"
#include "text/index.h"

/* As everybody would find the index, whatever their search_path. */
static char *qualified_name(Relation index) {
    return quote_qualified_identifier(get_namespace_name(RelationGetNamespace(index)),
                                      RelationGetRelationName(index));
}

static Datum make_query(Relation index, const text *words) {
    const char *name = qualified_name(index);

    return PointerGetDatum(slab_make_bm25query(BM25_TEXT, name, strlen(name), VARDATA_ANY(words),
                                               VARSIZE_ANY_EXHDR(words)));
}

/* The type on the right of the operator that the index orders by: the only one of its strategy. */
static Oid type_of_query(Relation index) {
    Oid family = index->rd_opfamily[0];
    Oid type = index->rd_opcintype[0];
    CatCList *list = SearchSysCacheList1(AMOPSTRATEGY, ObjectIdGetDatum(family));
    Oid result = InvalidOid;

    for (int i = 0; i < list->n_members; i++) {
        Form_pg_amop op = (Form_pg_amop)GETSTRUCT(&list->members[i]->tuple);

        if (op->amoplefttype == type && op->amopstrategy == SLAB_DISTANCE_STRATEGY)
            result = op->amoprighttype;
    }
    ReleaseCatCacheList(list);
    if (!OidIsValid(result))
        elog(ERROR, "missing operator %d in opfamily %u", SLAB_DISTANCE_STRATEGY, family);
    return result;
}

static void return_rows(const SlabTopK *top, ReturnSetInfo *result) {
    for (int64 i = 0; i < top->found; i++) {
        SlabNeighbour *row = &top->neighbours[i];
        Datum values[3] = {PointerGetDatum(&row->tid), Float8GetDatum(-row->distance),
                           ObjectIdGetDatum(row->table)};
        bool nulls[3] = {false, false, false};

        tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
    }
}

PG_FUNCTION_INFO_V1(slab_bm25);
Datum slab_bm25(PG_FUNCTION_ARGS) {
    Relation index;
    SlabTopK top;
    char *name;

    InitMaterializedSRF(fcinfo, 0);
    if (PG_ARGISNULL(0) || PG_ARGISNULL(1) || PG_ARGISNULL(2))
        return (Datum)0;
    name = get_rel_name(PG_GETARG_OID(0));
    index = slab_open_named_index(PG_GETARG_OID(0),
                                  name != NULL ? name : psprintf("%u", PG_GETARG_OID(0)));
    slab_prepare_topk(&top, "slab_bm25", index, type_of_query(index),
                      make_query(index, PG_GETARG_TEXT_PP(1)), PG_GETARG_INT32(2));
    top.farthest = nextafter(0, -1); /* whose distance is 0 does not match */
    slab_find_topk(&top, NULL, PG_ARGISNULL(3) ? NULL : text_to_cstring(PG_GETARG_TEXT_PP(3)));
    return_rows(&top, (ReturnSetInfo *)fcinfo->resultinfo);
    slab_end_topk(&top);
    return (Datum)0;
}
