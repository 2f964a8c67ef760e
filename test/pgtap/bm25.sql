-- The surface of text search as the catalogs show it, and properties that scores must have for any text.
BEGIN;
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS pgslab;
SELECT plan(24);

-- ---- the type

SELECT has_type('bm25query');
SELECT results_eq(
    $$SELECT typlen, typalign, typstorage, typcategory, typinput::text, typoutput::text, typreceive::text, typsend::text
      FROM pg_type WHERE oid = 'bm25query'::regtype$$,
    $$VALUES (-1::smallint, 'i'::"char", 'x'::"char", 'U'::"char", 'bm25query_in', 'bm25query_out', 'bm25query_recv', 'bm25query_send')$$,
    'bm25query is of variable length and may be compressed');

-- ---- functions

CREATE TEMPORARY TABLE promised (name name, args text[], result text, volatile "char", parallel "char");
INSERT INTO promised VALUES
    ('bm25_query', '{text,text}', 'bm25query', 'i', 's'),
    ('bm25_query', '{text,tsquery}', 'bm25query', 'i', 's'),
    ('bm25_distance', '{tsvector,bm25query}', 'double precision', 's', 'r'),
    ('slab_bm25', '{regclass,text,integer,text}', 'record', 's', 'r'),
    ('slab_last_terms_scan', '{}', 'record', 'v', 'r'),
    ('rrf', '{bigint[]}', 'double precision', 'i', 's'),
    ('rrf', '{bigint[],"double precision"}', 'double precision', 'i', 's');
SELECT has_function(name, args::name[]) FROM promised;
SELECT results_eq(
    $$SELECT p.name, p.args, format_type(f.prorettype, NULL), f.provolatile, f.proparallel
      FROM promised p JOIN pg_proc f ON f.oid = to_regprocedure(format('%I(%s)', p.name, array_to_string(p.args, ',')))
      ORDER BY 1, 2$$,
    $$SELECT * FROM promised ORDER BY 1, 2$$, 'every function has its result type, and is as volatile as it should be');
SELECT is((SELECT provariadic FROM pg_proc WHERE oid = 'rrf(bigint[])'::regprocedure), 'bigint'::regtype::oid, 'rrf() takes any number of ranks');

-- ---- operators and operator classes

SELECT has_operator('tsvector', '<@>', 'bm25query', 'double precision');
SELECT results_eq(
    $$SELECT opcname, opcintype::regtype::text, opcdefault FROM pg_opclass JOIN pg_am ON pg_am.oid = opcmethod
      WHERE amname = 'slab' AND opcintype IN ('tsvector'::regtype, 'svec'::regtype) ORDER BY 1$$,
    $$VALUES ('svec_cosine_ops'::name, 'svec', false), ('svec_ip_ops', 'svec', true), ('tsvector_bm25_ops', 'tsvector', true)$$,
    'text and sparse vectors have these operator classes');
SELECT is_empty(
    $$SELECT opcname FROM pg_opclass JOIN pg_am ON pg_am.oid = opcmethod
      WHERE amname = 'slab' AND opcintype IN ('tsvector'::regtype, 'svec'::regtype) AND NOT amvalidate(pg_opclass.oid)$$,
    'all of them are complete');

-- ---- the wire, byte by byte

SELECT is(bm25query_send(bm25_query('ab', 'c d')), '\x00 00000002 6162 632064'::bytea, 'a zero, the length of the name, the name, the words');
SELECT is(bm25query_send(bm25_query('ab', 'c:*'::tsquery)), '\x01 00000002 6162'::bytea || tsquerysend('c:*'), 'a one, the name, the tsquery');

-- ---- scores

CREATE TABLE docs (id integer, t tsvector);
CREATE INDEX docs_i ON docs USING slab (t);
INSERT INTO docs SELECT i, ('a:' || (SELECT string_agg(p::text, ',') FROM generate_series(1, 1 + i % 5) AS p) || ' b' || i % 7 || ' c' || i)::tsvector
FROM generate_series(1, 100) AS i;
SELECT is((SELECT count(*) FROM docs WHERE NOT t <@> bm25_query('docs_i', 'a') < 0), 0::bigint, 'who has the word has a score');
SELECT is((SELECT array_agg(DISTINCT (t <@> bm25_query('docs_i', 'nowhere'))::text) FROM docs), '{0}', 'who has no word has 0, which is not negative');
SELECT is((SELECT array_agg(DISTINCT (t <@> bm25_query('docs_i', ''))::text) FROM docs), '{0}', 'so have all, where no word is asked for');
SELECT cmp_ok((SELECT t <@> bm25_query('docs_i', 'c1') FROM docs WHERE id = 1), '<', (SELECT t <@> bm25_query('docs_i', 'b1') FROM docs WHERE id = 1),
    'a rare word counts for more than a frequent one');
SELECT is((SELECT count(*) FROM docs WHERE t <@> bm25_query('docs_i', 'a b1') <> t <@> bm25_query('docs_i', 'b1 A a b1')), 0::bigint,
    'neither order, case nor repetition of words matters');
SELECT is((SELECT count(*) FROM docs WHERE (t <@> bm25_query('docs_i', 'a & b1'::tsquery) < 0) <> (t @@ 'a & b1')), 0::bigint,
    'a row scores by a tsquery if it matches');
SELECT throws_ok($$SELECT t <@> bm25_query('docs', 'a') FROM docs$$, '42809', NULL, 'a table is no index');
SELECT throws_ok($$SELECT t <@> bm25_query('nowhere', 'a') FROM docs$$, '42704', NULL, 'there has to be an index');

SELECT * FROM finish();
ROLLBACK;
