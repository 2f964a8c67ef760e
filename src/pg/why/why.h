/*
 * why.h - what the files of slab_why() share: the tables that a query reads, as the planner sees
 * them, and their slab indexes. Include postgres.h first.
 *
 * What the planner has made of a query stays where it is until slab_why() returns.
 */
#ifndef PGSLAB_SQL_WHY_H
#define PGSLAB_SQL_WHY_H

#include "nodes/pathnodes.h"
#include "nodes/plannodes.h"

/* A table where a query reads it. One that it reads twice is two. */
typedef struct SlabReading {
    PlannerInfo *root; /* the query or subquery of which it is */
    RelOptInfo *rel;
    RangeTblEntry *rte;
    int top;       /* the entry in FROM that it is, or is a part of */
    List *targets; /* of the query, of a part as expressions over its own columns */
    bool exists;   /* some node of the plan reads it */
    Alias *name;   /* of the latest planning, by which its scans are known */
} SlabReading;

/* A slab index of such a table. */
typedef struct SlabCandidate {
    SlabReading *reading;
    Oid index;
    bool valid;
    IndexOptInfo *info; /* NULL where the planner does not consider it */
    IndexPath *path;    /* in the order of the query, or within a distance; NULL: there is none */
    bool used;          /* by the plan */
    Cost cost;          /* of the plan that uses it; negative where none was found */
} SlabCandidate;

typedef struct SlabPlanned {
    Cost cost;
    List *candidates; /* of SlabCandidate */
} SlabPlanned;

/* In the caller's words: why, and what to write instead; NULL where there is nothing to. */
typedef struct SlabAnswer {
    const char *reason;
    const char *remedy;
} SlabAnswer;

/* query.c: the queries that a text comes to, analysed and rewritten, and the options to plan
 * them with. ERROR unless the text is one statement that is planned. */
extern List *slab_why_parse(const char *text, int *options);

/* plan.c: plans a query with the rights of the user, and once more for each index that the plan
 * might have used. ERROR when the user may not run the query. */
extern SlabPlanned *slab_why_plan(Query *query, const char *text, int options);

/* paths.c: replaces a table's paths, while it is planned. */

typedef struct SlabPaths {
    List *indexes;
    List *paths;
    List *partial;
} SlabPaths;

/* Leaves the table the paths that it has with these indexes alone, and sets *former to what it had.
 * False, and nothing is changed, if none of them is over a slab index. */
extern bool slab_narrow_paths(PlannerInfo *root, RelOptInfo *rel, List *indexes, SlabPaths *former);
extern void slab_restore_paths(RelOptInfo *rel, const SlabPaths *former);

/* The path over the slab index, in the order of the query if there can be such a one; or NULL. */
extern IndexPath *slab_find_path(PlannerInfo *root, RelOptInfo *rel, IndexOptInfo *index);

/* Takes all paths away but those over slab indexes, of which there is one. */
extern void slab_keep_slab_paths(RelOptInfo *rel);

/* Has the planner do without this table's paths where it can. */
extern void slab_avoid_paths(RelOptInfo *rel);

/* A scan of a plan. */
typedef struct SlabPlanScan {
    Alias *table; /* as in the range table */
    Oid index;    /* that an index scan reads; else InvalidOid */
} SlabPlanScan;

/* scans.c: the scans of a plan and of all its subplans. */
extern List *slab_why_scans(const PlannedStmt *plan);

/* reason.c: why the plan uses the index, or why not. */
extern SlabAnswer slab_why_reason(const SlabPlanned *planned, const SlabCandidate *candidate);

/* order.c: why the index cannot return rows in the order of the query. False where nothing in
 * the ORDER BY keeps it from that. */
extern bool slab_why_order(const SlabCandidate *candidate, SlabAnswer *answer);

/* order.c: whether the table is where an outer join may put nulls in the place of its rows,
 * which scans do not know. */
extern bool slab_why_nullable(const SlabCandidate *candidate, SlabAnswer *answer);

/* order.c: whether a distance is one of another type than the index has. */
extern bool slab_why_type(const SlabCandidate *candidate, const Node *distance, SlabAnswer *answer);

/* outside.c: why a query without an ORDER BY distance does not use the index. */
extern SlabAnswer slab_why_unordered(const SlabCandidate *candidate);

/* outside.c: a subquery's entry in FROM of the query around it; 0 if there is none. */
extern int slab_place_of_subquery(const PlannerInfo *root);

/* class.c: the operator class whose indexes order vectors of the type by the operator,
 * InvalidOid if there is none; and that of an index's vectors. */
extern Oid slab_class_of_operator(Oid opno, Oid type);
extern Oid slab_class_of_index(Oid index);

/* class.c: the operator that an operator family orders values of the type by. */
extern Oid slab_operator_of_family(Oid family, Oid type);

/* text.c: expressions, as they are found and written. */

/* The first distance in an expression that is computed from the table's rows; NULL if there is
 * none. A distance is an operator or a function that makes a float8 of two vectors, of the type
 * that the index has or of any. */
extern Node *slab_find_distance(const SlabCandidate *candidate, Node *expression, bool of_any_type);

/* Whether there is a distance of any rows, of the type that the index has. */
extern bool slab_has_distance(const SlabCandidate *candidate, Node *expression);

/* The two vectors of a distance. */
extern List *slab_distance_arguments(const Node *distance);

/* An expression over columns of the table, in SQL, cut off where it is long; NULL where it has
 * anything else in it. */
extern const char *slab_expression_text(const SlabCandidate *candidate, Node *expression);
extern bool slab_is_cut_off(const char *expression_text);

/* What the index has vectors of, and what it orders by: "v", "v <-> query". */
extern const char *slab_column_text(const SlabCandidate *candidate);
extern const char *slab_distance_text(const SlabCandidate *candidate);

/* A name as it is written in a statement. */
extern const char *slab_relation_text(Oid relation);

/* The table that an index is made on: that of the candidate, or the partitioned one of which it is
 * a partition. */
extern const char *slab_table_text(const SlabCandidate *candidate);

/* The operator that the index orders by. */
extern Oid slab_distance_operator(const SlabCandidate *candidate);

#endif
