/*
 * query.c - a bm25query as the terms that it asks for, and the condition on them.
 *
 * Plain text asks for any of its lexemes. A tsquery is a condition of its own. What postings can
 * tell of it is which terms a row has, and not where they are: so the condition that the index is
 * given may be one that more rows meet, and then each row is asked for as well. It is made of two
 * that enclose the tsquery: rows that match meet the upper one, and rows that meet the lower one
 * match. The one of a negation is the negation of the other.
 */
#include "postgres.h"

#include "fmgr.h"
#include "miscadmin.h"
#include "utils/fmgrprotos.h"

#include "text/query.h"

/* ---- terms */

/* Ascending, and a prefix behind the term of the same bytes. */
static int compare_terms(const void *a, const void *b) {
    const PgsQueryTerm *left = a;
    const PgsQueryTerm *right = b;
    int order = memcmp(left->bytes, right->bytes, Min(left->length, right->length));

    if (order != 0)
        return order;
    if (left->length != right->length)
        return left->length < right->length ? -1 : 1;
    return (int)left->is_prefix - (int)right->is_prefix;
}

/* Puts terms in order, each once; one that occurs twice adds to scores if it does so once. */
static uint32 sort_terms(PgsQueryTerm *terms, uint32 count) {
    uint32 n = 0;

    qsort(terms, count, sizeof *terms, compare_terms);
    for (uint32 i = 0; i < count; i++) {
        if (n > 0 && compare_terms(&terms[n - 1], &terms[i]) == 0)
            terms[n - 1].weight = Max(terms[n - 1].weight, terms[i].weight);
        else
            terms[n++] = terms[i];
    }
    return n;
}

static void read_words(const Bm25Query *value, Oid config, SlabTextQuery *result) {
    TSVector words = DatumGetTSVector(DirectFunctionCall2(
        to_tsvector_byid, ObjectIdGetDatum(config), PointerGetDatum(slab_bm25query_text(value))));
    WordEntry *entries = ARRPTR(words);

    result->terms = palloc_array(PgsQueryTerm, Max(words->size, 1));
    for (int i = 0; i < words->size; i++)
        result->terms[i] = (PgsQueryTerm){
            .bytes = STRPTR(words) + entries[i].pos, .length = entries[i].len, .weight = 1};
    result->query.count = sort_terms(result->terms, words->size);
}

/* ---- tsquery */

typedef struct Reader {
    const char *operands; /* the bytes of lexemes */
    PgsQueryTerm *terms;
    uint32 count;
    PgsMatchNode *nodes; /* those written so far, in postfix order */
    uint32 written;
    bool asks; /* some of it postings cannot tell */
} Reader;

static const QueryItem *right_of(const QueryItem *item) {
    return item + 1;
}

static const QueryItem *left_of(const QueryItem *item) {
    return item + item->qoperator.left;
}

static PgsQueryTerm term_of(const Reader *reader, const QueryOperand *operand) {
    return (PgsQueryTerm){.bytes = reader->operands + operand->distance,
                          .length = operand->length,
                          .is_prefix = operand->prefix};
}

/* A lexeme of no bytes is none that the index has. */
static bool is_term(const QueryOperand *operand) {
    return operand->length > 0 || operand->prefix;
}

/* Collects the terms. One that is not to be there adds nothing to scores. */
static void collect_terms(Reader *reader, const QueryItem *item, bool is_negated) {
    check_stack_depth();
    if (item->type == QI_VAL) {
        if (is_term(&item->qoperand)) {
            PgsQueryTerm term = term_of(reader, &item->qoperand);

            term.weight = is_negated ? 0 : 1;
            reader->terms[reader->count++] = term;
        }
    } else if (item->qoperator.oper == OP_NOT) {
        collect_terms(reader, right_of(item), !is_negated);
    } else {
        collect_terms(reader, left_of(item), is_negated);
        collect_terms(reader, right_of(item), is_negated);
    }
}

/* What a part of the condition came to. */
typedef enum Written { NEVER, ALWAYS, NODES } Written;

static void write_node(Reader *reader, PgsMatchKind kind, uint32 term) {
    reader->nodes[reader->written++] = (PgsMatchNode){kind, term};
}

static Written write_term(Reader *reader, const QueryOperand *operand, bool is_upper) {
    PgsQueryTerm wanted = term_of(reader, operand);
    const PgsQueryTerm *term;

    /* A weight is one of positions. */
    if (operand->weight != 0 || !is_term(operand))
        reader->asks = true;
    if (!is_term(operand))
        return is_upper ? ALWAYS : NEVER;
    if (operand->weight != 0 && !is_upper)
        return NEVER;
    term = bsearch(&wanted, reader->terms, reader->count, sizeof wanted, compare_terms);
    write_node(reader, PGS_MATCH_TERM, (uint32)(term - reader->terms));
    return NODES;
}

/* What two parts come to, of which the second was written last; a part that decides nothing is left
 * out, and neither is needed where one decides it all. */
static Written write_both(Reader *reader, PgsMatchKind kind, uint32 begin, Written left,
                          Written right) {
    Written decides = kind == PGS_MATCH_AND ? NEVER : ALWAYS;

    if (left == decides || right == decides) {
        reader->written = begin;
        return decides;
    }
    if (left != NODES)
        return right;
    if (right == NODES)
        write_node(reader, kind, 0);
    return NODES;
}

/* Writes the upper condition, or the lower one. Within a phrase a negation says that a lexeme is
 * not in a place, which a row with the lexeme may meet. */
static Written write_condition(Reader *reader, const QueryItem *item, bool is_upper,
                               bool in_phrase) {
    uint32 begin = reader->written;
    Written left;
    Written right;

    check_stack_depth();
    if (item->type == QI_VAL)
        return write_term(reader, &item->qoperand, is_upper);
    if (item->qoperator.oper == OP_NOT) {
        if (in_phrase) {
            reader->asks = true;
            return is_upper ? ALWAYS : NEVER;
        }
        right = write_condition(reader, right_of(item), !is_upper, false);
        if (right == NODES)
            write_node(reader, PGS_MATCH_NOT, 0);
        return right == NODES ? NODES : right == ALWAYS ? NEVER : ALWAYS;
    }
    if (item->qoperator.oper == OP_PHRASE) {
        reader->asks = in_phrase = true;
        if (!is_upper)
            return NEVER;
    }
    left = write_condition(reader, left_of(item), is_upper, in_phrase);
    right = write_condition(reader, right_of(item), is_upper, in_phrase);
    return write_both(reader, item->qoperator.oper == OP_OR ? PGS_MATCH_OR : PGS_MATCH_AND, begin,
                      left, right);
}

/* Whether rows match that have any of the terms, which takes no condition. */
static bool is_any_of(const TSQuery tsquery) {
    const QueryItem *items = GETQUERY(tsquery);

    for (int i = 0; i < tsquery->size; i++)
        if (items[i].type == QI_OPR && items[i].qoperator.oper != OP_OR)
            return false;
    return true;
}

/* A query that nothing is left of, as of stop words, asks for no row. */
static void read_tsquery(TSQuery tsquery, SlabTextQuery *result) {
    Reader reader = {.operands = GETOPERAND(tsquery),
                     .terms = palloc_array(PgsQueryTerm, Max(tsquery->size, 1)),
                     .nodes = palloc_array(PgsMatchNode, Max(tsquery->size, 1))};

    result->tsquery = tsquery;
    result->terms = reader.terms;
    if (tsquery->size == 0)
        return;
    collect_terms(&reader, GETQUERY(tsquery), false);
    reader.count = sort_terms(reader.terms, reader.count);
    if (write_condition(&reader, GETQUERY(tsquery), true, false) == NODES && !is_any_of(tsquery)) {
        result->query.match = reader.nodes;
        result->query.nodes = reader.written;
    }
    result->query.count = reader.count;
    result->query.asks = reader.asks;
}

void slab_read_text_query(Bm25Query *value, Oid config, SlabTextQuery *result) {
    memset(result, 0, sizeof *result);
    if (value->kind == BM25_TEXT)
        read_words(value, config, result);
    else
        read_tsquery(slab_bm25query_tsquery(value), result);
    result->query.terms = result->terms;
}

/* ---- documents */

/* As a lexeme compares with the term: 0 if it is the term or, of a prefix, begins with it. */
static int compare_lexeme(const PgsTerm *lexeme, const PgsQueryTerm *term) {
    int order = memcmp(lexeme->bytes, term->bytes, Min(lexeme->length, term->length));

    if (order != 0)
        return order;
    if (lexeme->length < term->length)
        return -1;
    return lexeme->length > term->length && !term->is_prefix ? 1 : 0;
}

double slab_occurrences(const PgsQueryTerm *term, const PgsTerm *terms, uint32 count) {
    uint32 first = 0;
    uint32 end = count;
    double sum = 0;

    while (first < end) {
        uint32 middle = first + (end - first) / 2;

        if (compare_lexeme(&terms[middle], term) < 0)
            first = middle + 1;
        else
            end = middle;
    }
    for (; first < count && compare_lexeme(&terms[first], term) == 0; first++)
        sum += terms[first].weight;
    return sum;
}
