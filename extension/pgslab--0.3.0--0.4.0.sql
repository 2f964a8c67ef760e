-- complain if script is sourced in psql, rather than via ALTER EXTENSION
\echo Use "ALTER EXTENSION pgslab UPDATE TO '0.4.0'" to load this file. \quit

-- CREATE EXTENSION runs this file, too, after those of the versions before it.

-- An update does not take the comment from the control file.
COMMENT ON EXTENSION pgslab IS 'vector types and index for nearest-neighbour search, approximate to a chosen recall or exact, and for text by BM25';

COMMENT ON ACCESS METHOD slab IS 'nearest neighbours of vectors, and text by BM25';

-- ==== queries of text ================================================================================================

CREATE TYPE bm25query;

CREATE FUNCTION bm25query_in(cstring) RETURNS bm25query
    AS 'MODULE_PATHNAME', 'slab_bm25query_in' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION bm25query_out(bm25query) RETURNS cstring
    AS 'MODULE_PATHNAME', 'slab_bm25query_out' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION bm25query_recv(internal) RETURNS bm25query
    AS 'MODULE_PATHNAME', 'slab_bm25query_recv' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION bm25query_send(bm25query) RETURNS bytea
    AS 'MODULE_PATHNAME', 'slab_bm25query_send' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE TYPE bm25query (
    INPUT = bm25query_in,
    OUTPUT = bm25query_out,
    RECEIVE = bm25query_recv,
    SEND = bm25query_send,
    INTERNALLENGTH = VARIABLE,
    ALIGNMENT = int4,
    STORAGE = extended
);

COMMENT ON TYPE bm25query IS 'a query of text, and the index whose statistics score rows by it';

-- These say what is asked for, and nothing else: so plans have it as a constant, by which they know the index.

CREATE FUNCTION bm25_query(index text, query text) RETURNS bm25query
    AS 'MODULE_PATHNAME', 'slab_bm25_query_of_text' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION bm25_query(text, text) IS
    'a query of the words of a text, which are parsed as the text in that index was';

CREATE FUNCTION bm25_query(index text, query tsquery) RETURNS bm25query
    AS 'MODULE_PATHNAME', 'slab_bm25_query_of_tsquery' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION bm25_query(text, tsquery) IS 'a query of the rows that match a tsquery, by the statistics of that index';

-- Restricted, since the processes of a parallel query would each take statistics of their own.
CREATE FUNCTION bm25_distance(tsvector, bm25query) RETURNS double precision
    AS 'MODULE_PATHNAME', 'slab_bm25_distance' LANGUAGE C STABLE STRICT PARALLEL RESTRICTED COST 100;

COMMENT ON FUNCTION bm25_distance(tsvector, bm25query) IS
    'negative BM25 score, 0 where the text does not match';

CREATE OPERATOR <@> (LEFTARG = tsvector, RIGHTARG = bm25query, FUNCTION = bm25_distance);

COMMENT ON OPERATOR <@> (tsvector, bm25query) IS 'negative BM25 score';

-- ==== slab indexes by terms ==========================================================================================

CREATE FUNCTION slab_tsvector_bm25(internal) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

CREATE FUNCTION slab_svec_ip(internal) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

CREATE FUNCTION slab_svec_cosine(internal) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

CREATE FUNCTION slab_satisfies(tsvector, record) RETURNS boolean
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

CREATE FUNCTION slab_satisfies(svec, record) RETURNS boolean
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

CREATE OPERATOR <?> (LEFTARG = tsvector, RIGHTARG = record, FUNCTION = slab_satisfies);

COMMENT ON OPERATOR <?> (tsvector, record) IS 'the planner''s own: a condition on filter columns of a slab index';

CREATE OPERATOR <?> (LEFTARG = svec, RIGHTARG = record, FUNCTION = slab_satisfies);

COMMENT ON OPERATOR <?> (svec, record) IS 'the planner''s own: a condition on filter columns of a slab index';

CREATE OPERATOR CLASS tsvector_bm25_ops DEFAULT FOR TYPE tsvector USING slab AS
    OPERATOR 1 <@> (tsvector, bm25query) FOR ORDER BY pg_catalog.float_ops,
    OPERATOR 2 <?> (tsvector, record),
    FUNCTION 1 slab_tsvector_bm25(internal);

CREATE OPERATOR CLASS svec_ip_ops DEFAULT FOR TYPE svec USING slab AS
    OPERATOR 1 <#> (svec, svec) FOR ORDER BY pg_catalog.float_ops,
    OPERATOR 2 <?> (svec, record),
    FUNCTION 1 slab_svec_ip(internal);

CREATE OPERATOR CLASS svec_cosine_ops FOR TYPE svec USING slab AS
    OPERATOR 1 <=> (svec, svec) FOR ORDER BY pg_catalog.float_ops,
    OPERATOR 2 <?> (svec, record),
    FUNCTION 1 slab_svec_cosine(internal);

CREATE FUNCTION slab_bm25(
    index regclass,
    query text,
    k integer,
    filter text DEFAULT NULL,
    OUT ctid tid,
    OUT score double precision,
    OUT "table" regclass)
    RETURNS SETOF record
    AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL RESTRICTED ROWS 10;

COMMENT ON FUNCTION slab_bm25(regclass, text, integer, text) IS
    'the k visible rows that match a text best by an index, best first, and the table or partition they are in, as far as they satisfy the filter, an expression as behind WHERE';

CREATE FUNCTION slab_last_terms_scan(
    OUT index regclass,
    OUT exact boolean,
    OUT expected bigint,
    OUT blocks bigint,
    OUT skipped bigint,
    OUT postings bigint,
    OUT sidecar bigint,
    OUT scored bigint,
    OUT asked bigint,
    OUT filter_pages bigint,
    OUT buffers bigint,
    OUT rows bigint,
    OUT passes bigint)
    AS 'MODULE_PATHNAME' LANGUAGE C VOLATILE PARALLEL RESTRICTED;

COMMENT ON FUNCTION slab_last_terms_scan() IS
    'what this session''s last finished scan of a slab index did, if that is one of text or sparse vectors';

-- ==== fusion of several searches =====================================================================================

CREATE FUNCTION rrf(VARIADIC ranks bigint[]) RETURNS double precision
    AS 'MODULE_PATHNAME', 'rrf' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION rrf(bigint[]) IS 'reciprocal rank fusion: the sum of 1 / (60 + rank), where a rank that is NULL adds nothing';

CREATE FUNCTION rrf(ranks bigint[], k0 double precision) RETURNS double precision
    AS 'MODULE_PATHNAME', 'rrf_with_k0' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION rrf(bigint[], double precision) IS 'the same with k0 in the place of 60';
