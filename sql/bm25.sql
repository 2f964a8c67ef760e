-- Text by BM25: the type bm25query, the operator <@>, and scans of an index in its order.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pgslab;
RESET client_min_messages;
SET slab.auto_compact = off;
\set SHOW_CONTEXT never

-- ---- the type

SELECT bm25_query('i', 'fast search'), bm25_query('s."I x"', 'a "quoted" \ word'), bm25_query('i', to_tsquery('simple', 'a & !b'));
SELECT '{"query": "x", "index": "i"}'::bm25query, '{"tsquery": "a|b", "index": "i"}'::bm25query;
SELECT bm25_query('i', NULL) IS NULL AS no_words, bm25_query(NULL, 'x') IS NULL AS no_index, bm25_query('', ''), bm25_query('i', to_tsquery('simple', ''));
SELECT '[1]'::bm25query;
SELECT '{"index": "i"}'::bm25query;
SELECT '{"query": "i"}'::bm25query;
SELECT '{"index": "i", "query": "a", "tsquery": "b"}'::bm25query;
SELECT '{"index": "i", "query": 1}'::bm25query;
SELECT '{"index": "i", "query": "a", "k1": 1}'::bm25query;
SELECT '{"index": "i", "tsquery": "a b"}'::bm25query;
SELECT 'fast search'::bm25query;
CREATE TEMPORARY TABLE bm25_sent (q bm25query);
INSERT INTO bm25_sent SELECT bm25_query('i', w) FROM unnest(ARRAY['fast search', '', 'ä ö']) AS w;
INSERT INTO bm25_sent SELECT bm25_query('s.i', q) FROM unnest(ARRAY['a & b:* <-> !c:AB', '']::tsquery[]) AS q;
INSERT INTO bm25_sent VALUES (bm25_query('long', repeat('word ', 10000)));
SELECT left(q::text, 60) AS text, q::text::bm25query::text = q::text AS again, length(q::text) FROM bm25_sent;

-- ---- scores, as a query in SQL has them

CREATE TABLE bm25_docs (id integer PRIMARY KEY, body text, kind integer, tags text[]);
CREATE INDEX bm25_docs_i ON bm25_docs USING slab (to_tsvector('english', body), kind, tags);
CREATE FUNCTION bm25_body(i integer, words integer) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT string_agg('w' || floor(500 ^ ((hashint4(i * 1000 + w) & 65535) / 65536.0)), ' ' ORDER BY w) FROM generate_series(1, words) AS w
$$;
INSERT INTO bm25_docs SELECT i, bm25_body(i, 5 + i % 37), i % 10, ARRAY['t' || i % 3, 't' || i % 5] FROM generate_series(1, 2000) AS i;
INSERT INTO bm25_docs VALUES (-1, NULL, 1, NULL), (-2, '', 2, '{}'), (-3, 'the of and', 3, '{}');
SELECT records_before, segments_after FROM slab_compact('bm25_docs_i');
INSERT INTO bm25_docs SELECT i, bm25_body(i, 5 + i % 37), i % 10, ARRAY['t' || i % 3, 't' || i % 5] FROM generate_series(2001, 2300) AS i;

-- The formula, of the rows that there are.
CREATE FUNCTION bm25_reference(wanted tsquery, config regconfig DEFAULT 'english', k1 float8 DEFAULT 1.2, b float8 DEFAULT .75)
RETURNS TABLE (id integer, score float8) LANGUAGE sql STABLE AS $$
    WITH doc AS MATERIALIZED (
        SELECT d.id, to_tsvector(config, body) AS t FROM bm25_docs AS d WHERE body IS NOT NULL
    ), word AS MATERIALIZED (
        SELECT d.id, u.lexeme, coalesce(cardinality(u.positions), 1) AS tf FROM doc AS d, unnest(d.t) AS u
    ), length AS MATERIALIZED (
        SELECT id, coalesce(sum(tf), 0)::float8 AS dl FROM doc LEFT JOIN word USING (id) GROUP BY id
    ), total AS (
        SELECT count(*)::float8 AS n, avg(dl) AS average FROM length
    ), asked AS (
        SELECT DISTINCT m[1] AS lexeme FROM regexp_matches(wanted::text, '''([^'']+)''', 'g') AS m
    ), df AS MATERIALIZED (
        SELECT a.lexeme, (SELECT count(*) FROM word AS w WHERE w.lexeme = a.lexeme)::float8 AS df FROM asked AS a
    )
    SELECT w.id, sum(ln(1 + (n - df + .5) / (df + .5)) * tf * (k1 + 1) / (tf + k1 * (1 - b + b * dl / average)))
    FROM word AS w JOIN df USING (lexeme) JOIN length USING (id) CROSS JOIN total JOIN doc USING (id)
    WHERE doc.t @@ wanted
    GROUP BY w.id
$$;

-- Whether the index, and the operator without it, give what the reference does: rows, order and scores.
CREATE FUNCTION bm25_compare(query bm25query, wanted tsquery, OUT rows bigint, OUT same_rows boolean, OUT same_scores boolean, OUT in_order boolean,
                             OUT as_operator boolean)
LANGUAGE plpgsql AS $$
DECLARE
    scanned integer[];
    scores float8[];
    computed integer[];
    values_ float8[];
BEGIN
    SET LOCAL enable_seqscan = off;
    EXECUTE format('SELECT array_agg(id ORDER BY n), array_agg(d ORDER BY n) FROM (SELECT id, d, row_number() OVER () AS n FROM (
        SELECT id, to_tsvector(''english'', body) <@> %L::bm25query AS d FROM bm25_docs
        ORDER BY to_tsvector(''english'', body) <@> %L::bm25query LIMIT 100000) AS s) AS s', query, query)
        INTO scanned, scores;
    SET LOCAL enable_seqscan = on;
    SET LOCAL enable_indexscan = off;
    EXECUTE format('SELECT array_agg(id ORDER BY d, n), array_agg(d ORDER BY d, n) FROM (
        SELECT id, to_tsvector(''english'', body) <@> %L::bm25query AS d, array_position(%L::integer[], id) AS n FROM bm25_docs) AS s WHERE d < 0',
        query, scanned)
        INTO computed, values_;
    SET LOCAL enable_indexscan = on;
    rows := coalesce(cardinality(scanned), 0);
    as_operator := scanned IS NOT DISTINCT FROM computed AND scores IS NOT DISTINCT FROM values_;
    in_order := scores IS NOT DISTINCT FROM (SELECT array_agg(s ORDER BY s) FROM unnest(scores) AS s);
    SELECT count(*) FILTER (WHERE i.id IS NULL OR r.id IS NULL) = 0, coalesce(max(abs(i.s + r.score)) < 1e-9, true)
        INTO same_rows, same_scores
        FROM unnest(scanned, scores) AS i(id, s) FULL JOIN bm25_reference(wanted) AS r ON r.id = i.id;
END $$;

SELECT q, c.* FROM unnest(ARRAY['w1', 'w2 w3', 'w1 w17 w233 w499', 'W7 w7 w7', 'w1 nowhere', 'nowhere', '', 'the of'])
    AS q, bm25_compare(bm25_query('bm25_docs_i', q), replace(plainto_tsquery('english', q)::text, '&', '|')::tsquery) AS c;
SELECT q, c.* FROM unnest(ARRAY['w1', 'w1 & w2', 'w1 | w2', 'w5 & (w6 | w7)', 'w1 <-> w2', 'w1 <2> w3', 'w1 & w2 <-> w1', '(w1 | w2) <-> w3',
    'w1 <-> (w2 & w2)', 'nowhere & w1', 'nowhere | w9'])
    AS q, bm25_compare(bm25_query('bm25_docs_i', to_tsquery('english', q)), to_tsquery('english', q)) AS c;
EXPLAIN (COSTS OFF) SELECT id FROM bm25_docs ORDER BY to_tsvector('english', body) <@> bm25_query('bm25_docs_i', 'w1 w2') LIMIT 5;
SELECT id, round((to_tsvector('english', body) <@> bm25_query('bm25_docs_i', 'w1 w2'))::numeric, 9) AS d FROM bm25_docs
    ORDER BY to_tsvector('english', body) <@> bm25_query('bm25_docs_i', 'w1 w2') LIMIT 5;

-- Negation: its words add nothing. What a row must not have it may have by another lexeme.
CREATE FUNCTION bm25_equals(query bm25query) RETURNS TABLE (rows bigint, same boolean, matching boolean) LANGUAGE plpgsql AS $$
DECLARE
    scanned text;
BEGIN
    SET LOCAL enable_seqscan = off;
    EXECUTE format('SELECT string_agg(id || '' '' || d, '','' ORDER BY d, id) FROM (SELECT id, to_tsvector(''english'', body) <@> %L::bm25query AS d
        FROM bm25_docs ORDER BY to_tsvector(''english'', body) <@> %L::bm25query LIMIT 100000) AS s', query, query) INTO scanned;
    SET LOCAL enable_seqscan = on;
    SET LOCAL enable_indexscan = off;
    RETURN QUERY EXECUTE format('SELECT count(*), string_agg(id || '' '' || d, '','' ORDER BY d, id) IS NOT DISTINCT FROM %L, bool_and(m)
        FROM (SELECT id, to_tsvector(''english'', body) <@> %L::bm25query AS d, to_tsvector(''english'', body) @@ %L::tsquery AS m FROM bm25_docs) AS s
        WHERE d < 0', scanned, query, query::text::json ->> 'tsquery');
    SET LOCAL enable_indexscan = on;
END $$;
SELECT q, e.* FROM unnest(ARRAY['w1 & !w2', '!w1', '!w1 | w2', '!(w1 & w2) & w3', '!!w4', 'w1:*', 'w1:* & !w12', 'w4:*|w1', 'w1:A', 'w1:A | w2', '!w1:A & w2',
    'w1 <-> !w2', '!(w1 <-> w2) & w1 & w2', '(w1 & !w3:B) | w499', 'w1 & w1:*', 'w1:*A', '(w1 <-> w2) | !w1'])
    AS q, bm25_equals(bm25_query('bm25_docs_i', q::tsquery)) AS e;

-- ---- filters

SELECT id FROM bm25_docs WHERE kind = 3 ORDER BY to_tsvector('english', body) <@> bm25_query('bm25_docs_i', 'w1 w2 w3') LIMIT 5;
SET enable_indexscan = off;
SELECT id FROM bm25_docs WHERE kind = 3 ORDER BY to_tsvector('english', body) <@> bm25_query('bm25_docs_i', 'w1 w2 w3') LIMIT 5;
RESET enable_indexscan;
EXPLAIN (COSTS OFF) SELECT id FROM bm25_docs WHERE kind = 3 ORDER BY to_tsvector('english', body) <@> bm25_query('bm25_docs_i', 'w1 w2 w3') LIMIT 5;
CREATE FUNCTION bm25_filtered(condition text) RETURNS TABLE (rows bigint, same boolean) LANGUAGE plpgsql AS $$
DECLARE
    scanned text;
BEGIN
    SET LOCAL enable_seqscan = off;
    EXECUTE format('SELECT string_agg(id || '' '' || d, '','' ORDER BY d, id) FROM (SELECT id, to_tsvector(''english'', body) <@> bm25_query(''bm25_docs_i'', ''w1 w8'') AS d
        FROM bm25_docs WHERE %s ORDER BY to_tsvector(''english'', body) <@> bm25_query(''bm25_docs_i'', ''w1 w8'') LIMIT 100000) AS s WHERE d < 0', condition) INTO scanned;
    SET LOCAL enable_seqscan = on;
    SET LOCAL enable_indexscan = off;
    RETURN QUERY EXECUTE format('SELECT count(*), string_agg(id || '' '' || d, '','' ORDER BY d, id) IS NOT DISTINCT FROM %L
        FROM (SELECT id, to_tsvector(''english'', body) <@> bm25_query(''bm25_docs_i'', ''w1 w8'') AS d FROM bm25_docs WHERE %s) AS s WHERE d < 0',
        scanned, condition);
    SET LOCAL enable_indexscan = on;
END $$;
SELECT c, f.* FROM unnest(ARRAY['kind = 3', 'kind < 2 OR kind = 9', 'kind IN (1, 5)', 'tags @> ''{t1}''', 'tags && ''{t0,t4}'' AND kind > 4', 'kind IS NULL',
    'kind = 3 AND id % 7 = 1', 'id < 20', 'to_tsvector(''english'', body) <@> bm25_query(''bm25_docs_i'', ''w1 w8'') < -1',
    'to_tsvector(''english'', body) @@ ''w1 & w2''']) AS c, bm25_filtered(c) AS f;

-- ---- which index a query is for

-- another's statistics are another's
CREATE INDEX bm25_docs_kind ON bm25_docs USING slab (to_tsvector('english', body)) WHERE kind < 5;
EXPLAIN (COSTS OFF) SELECT id FROM bm25_docs WHERE kind < 5 ORDER BY to_tsvector('english', body) <@> bm25_query('bm25_docs_i', 'w1') LIMIT 5;
EXPLAIN (COSTS OFF) SELECT id FROM bm25_docs WHERE kind < 5 ORDER BY to_tsvector('english', body) <@> bm25_query('bm25_docs_kind', 'w1') LIMIT 5;
EXPLAIN (COSTS OFF) SELECT id FROM bm25_docs ORDER BY to_tsvector('english', body) <@> bm25_query('bm25_docs_kind', 'w1') LIMIT 5;
DROP INDEX bm25_docs_kind;
-- a name that is only known when the plan runs
PREPARE bm25_by_name(text, text) AS SELECT id FROM bm25_docs ORDER BY to_tsvector('english', body) <@> bm25_query($1, $2) LIMIT 3;
SET plan_cache_mode = force_custom_plan;
EXPLAIN (COSTS OFF) EXECUTE bm25_by_name('bm25_docs_i', 'w1 w2');
EXECUTE bm25_by_name('bm25_docs_i', 'w1 w2');
SET plan_cache_mode = force_generic_plan;
EXPLAIN (COSTS OFF) EXECUTE bm25_by_name('bm25_docs_i', 'w1 w2');
EXECUTE bm25_by_name('bm25_docs_i', 'w1 w2');
-- and one that is known, of words that are not
PREPARE bm25_by_words(text) AS SELECT id FROM bm25_docs ORDER BY to_tsvector('english', body) <@> bm25_query('bm25_docs_i', $1) LIMIT 3;
EXPLAIN (COSTS OFF) EXECUTE bm25_by_words('w1 w2');
EXECUTE bm25_by_words('w1 w2');
EXECUTE bm25_by_words('w3');
EXECUTE bm25_by_words('');
EXECUTE bm25_by_words(NULL);
PREPARE bm25_by_tsquery(text) AS SELECT id FROM bm25_docs ORDER BY to_tsvector('english', body) <@> bm25_query('bm25_docs_i', websearch_to_tsquery('english', $1)) LIMIT 3;
EXPLAIN (COSTS OFF) EXECUTE bm25_by_tsquery('"w1 w2" -w3');
EXECUTE bm25_by_tsquery('"w1 w2" -w3');
RESET plan_cache_mode;
SELECT to_tsvector('x') <@> bm25_query('bm25_nowhere', 'x');
SELECT to_tsvector('x') <@> bm25_query('nowhere.bm25_docs_i', 'x');
SELECT to_tsvector('x') <@> bm25_query('a.b.c.d', 'x');
SELECT to_tsvector('x') <@> bm25_query('', 'x');
SELECT to_tsvector('x') <@> bm25_query('bm25_docs', 'x');
SELECT to_tsvector('x') <@> bm25_query('bm25_docs_pkey', 'x');
SELECT id FROM bm25_docs ORDER BY to_tsvector('english', body) <@> bm25_query('bm25_nowhere', 'x') LIMIT 1;
CREATE SCHEMA "bm25 S";
CREATE TABLE "bm25 S"."T" (t tsvector);
CREATE INDEX "I x" ON "bm25 S"."T" USING slab (t);
INSERT INTO "bm25 S"."T" VALUES ('a:1 b:2'), ('a:1,2,3'), ('c'), (NULL);
SELECT round((t <@> bm25_query('"bm25 S"."I x"', 'a'))::numeric, 6) AS d FROM "bm25 S"."T" ORDER BY 1;
SET search_path = "bm25 S", public;
SELECT round((t <@> bm25_query('"I x"', 'a'))::numeric, 6) AS d FROM "T" ORDER BY 1;
RESET search_path;
DROP SCHEMA "bm25 S" CASCADE;

-- ---- by which configuration words are parsed

CREATE TABLE bm25_config (plain tsvector, body text, made tsvector GENERATED ALWAYS AS (to_tsvector('english', body)) STORED, title text);
INSERT INTO bm25_config VALUES (to_tsvector('english', 'searching'), 'searching', DEFAULT, 'searching');
CREATE INDEX bm25_config_plain ON bm25_config USING slab (plain);
CREATE INDEX bm25_config_english ON bm25_config USING slab (plain) WITH (text_config = english);
CREATE INDEX bm25_config_made ON bm25_config USING slab (made);
CREATE INDEX bm25_config_expression ON bm25_config USING slab (to_tsvector('english', body));
CREATE INDEX bm25_config_both ON bm25_config USING slab ((setweight(to_tsvector('english', body), 'A') || to_tsvector('english', title)));
CREATE INDEX bm25_config_differ ON bm25_config USING slab ((to_tsvector('english', body) || to_tsvector('simple', title)));
SELECT i, to_tsvector('english', 'searching') <@> bm25_query(i, 'searches') < 0 AS matches
FROM unnest(ARRAY['bm25_config_plain', 'bm25_config_english', 'bm25_config_made', 'bm25_config_expression', 'bm25_config_both']) AS i;
SELECT to_tsvector('x') <@> bm25_query('bm25_config_differ', 'searches');
SELECT to_tsvector('english', 'searching') <@> bm25_query('bm25_config_differ', to_tsquery('english', 'searches')) < 0 AS by_tsquery;
DROP INDEX bm25_config_differ;
CREATE INDEX bm25_config_differ ON bm25_config USING slab ((to_tsvector('english', body) || to_tsvector('simple', title))) WITH (text_config = english);
SELECT to_tsvector('english', 'searching') <@> bm25_query('bm25_config_differ', 'searches') < 0 AS by_option;
DROP TABLE bm25_config;

-- ---- k1 and b

CREATE TABLE bm25_options (id integer, t tsvector);
CREATE INDEX bm25_options_i ON bm25_options USING slab (t) WITH (k1 = 0, b = 0);
INSERT INTO bm25_options VALUES (1, 'a:1'), (2, 'a:1,2,3 b:4'), (3, 'b:1');
SELECT id, abs((t <@> bm25_query('bm25_options_i', 'a')) + ln(1 + 1.5 / 2.5)) < 1e-12 AS as_expected FROM bm25_options WHERE id < 3;
DROP TABLE bm25_options;

-- ---- queries of many kinds

SELECT count(*) FROM (SELECT DISTINCT to_tsvector('english', body) <@> bm25_query('bm25_docs_i', 'w499') FROM bm25_docs) AS s;
EXPLAIN (COSTS OFF) SELECT id FROM bm25_docs ORDER BY to_tsvector('english', body) <@> bm25_query('bm25_docs_i', 'w400 w401'), id LIMIT 5;
SELECT id FROM bm25_docs ORDER BY to_tsvector('english', body) <@> bm25_query('bm25_docs_i', 'w400 w401'), id LIMIT 5;
SELECT id FROM bm25_docs ORDER BY to_tsvector('english', body) <@> bm25_query('bm25_docs_i', 'w400 w401') FETCH FIRST 2 ROWS WITH TIES;
-- each of some queries, by a nested loop
EXPLAIN (COSTS OFF)
SELECT q, id FROM unnest(ARRAY['w1', 'w2 w3', 'nowhere']) AS q CROSS JOIN LATERAL (
    SELECT id FROM bm25_docs ORDER BY to_tsvector('english', body) <@> bm25_query('bm25_docs_i', q) LIMIT 2) AS s;
SELECT q, id FROM unnest(ARRAY['w1', 'w2 w3', 'nowhere']) AS q CROSS JOIN LATERAL (
    SELECT id FROM bm25_docs ORDER BY to_tsvector('english', body) <@> bm25_query('bm25_docs_i', q) LIMIT 2) AS s;
-- with no limit only rows that match come of the index; with an outer join all rows
SET enable_seqscan = off;
SELECT count(*) FROM (SELECT id FROM bm25_docs ORDER BY to_tsvector('english', body) <@> bm25_query('bm25_docs_i', 'w499') OFFSET 0) AS s;
RESET enable_seqscan;
BEGIN;
DECLARE bm25_cursor CURSOR FOR SELECT id FROM bm25_docs ORDER BY to_tsvector('english', body) <@> bm25_query('bm25_docs_i', 'w1');
FETCH 3 FROM bm25_cursor;
DELETE FROM bm25_docs WHERE id % 3 = 0;
INSERT INTO bm25_docs VALUES (100000, 'w1 w1 w1 w1', 1, '{}');
FETCH 3 FROM bm25_cursor;
SELECT id FROM bm25_docs ORDER BY to_tsvector('english', body) <@> bm25_query('bm25_docs_i', 'w1') LIMIT 1;
ROLLBACK;
-- one score in all of a statement
SELECT count(DISTINCT score) = 1 AND min(score) < 0 AS same FROM (
    (SELECT to_tsvector('english', body) <@> bm25_query('bm25_docs_i', 'w1') AS score FROM bm25_docs ORDER BY 1 LIMIT 1)
    UNION ALL SELECT min(to_tsvector('english', body) <@> bm25_query('bm25_docs_i', 'w1')) FROM bm25_docs) AS s;

-- ---- after changes

UPDATE bm25_docs SET body = body || ' w1' WHERE id % 10 = 0;
DELETE FROM bm25_docs WHERE id % 10 = 1;
VACUUM bm25_docs;
SELECT segments_after FROM slab_compact('bm25_docs_i');
REINDEX INDEX bm25_docs_i;
SELECT c.* FROM bm25_compare(bm25_query('bm25_docs_i', 'w1 w2'), 'w1 | w2') AS c;
SELECT q, e.* FROM unnest(ARRAY['w1 & !w2', 'w1:*', '!w1:A & w2', 'w1 <-> !w2']) AS q, bm25_equals(bm25_query('bm25_docs_i', q::tsquery)) AS e;
CREATE VIEW bm25_view AS SELECT id FROM bm25_docs ORDER BY to_tsvector('english', body) <@> bm25_query('bm25_docs_i', 'w1 w2') LIMIT 3;
TABLE bm25_view;
REINDEX INDEX CONCURRENTLY bm25_docs_i;
TABLE bm25_view;
EXPLAIN (COSTS OFF) TABLE bm25_view;

-- ---- slab_bm25

SELECT s.score > 0 AS scores, d.id, s."table" FROM slab_bm25('bm25_docs_i', 'w1 w2', 3) AS s JOIN bm25_docs AS d ON d.ctid = s.ctid ORDER BY s.score DESC;
SELECT count(*), bool_and(score > 0) FROM slab_bm25('bm25_docs_i', 'w499', 100000);
SELECT count(*), bool_and(score > 0), bool_and(d.kind = 3) FROM slab_bm25('bm25_docs_i', 'w499 w2', 1000000, 'kind = 3') AS s JOIN bm25_docs AS d ON d.ctid = s.ctid;
SELECT count(*) FROM slab_bm25('bm25_docs_i', '', 10);
SELECT count(*) FROM slab_bm25('bm25_docs_i', NULL, 10);
SELECT count(*) FROM slab_bm25('bm25_docs_i', 'w1', 0);
SELECT count(*) FROM slab_bm25('bm25_docs_i', 'w1', -1);
SELECT count(*) FROM slab_bm25('bm25_docs_i', 'w1', 1, 'kind =');
SELECT count(*) FROM slab_bm25('bm25_docs_i', 'w1', 1, 'true) OR (true');
SELECT count(*) FROM slab_bm25('bm25_docs_pkey', 'w1', 1);
SELECT count(*) FROM slab_topk('bm25_docs_i', '[1]'::vec, 1);

-- ---- partitions

CREATE TABLE bm25_parts (id integer, t tsvector, kind integer) PARTITION BY RANGE (id);
CREATE TABLE bm25_parts_1 PARTITION OF bm25_parts FOR VALUES FROM (0) TO (1000);
CREATE TABLE bm25_parts_2 PARTITION OF bm25_parts FOR VALUES FROM (1000) TO (100000) PARTITION BY RANGE (id);
CREATE TABLE bm25_parts_2_1 PARTITION OF bm25_parts_2 FOR VALUES FROM (1000) TO (1500);
CREATE TABLE bm25_parts_2_2 PARTITION OF bm25_parts_2 DEFAULT;
CREATE INDEX bm25_parts_i ON bm25_parts USING slab (t, kind);
INSERT INTO bm25_parts SELECT id, to_tsvector('english', body), kind FROM bm25_docs WHERE id > 0 AND body IS NOT NULL;
-- statistics are those of all
CREATE TABLE bm25_whole AS SELECT * FROM bm25_parts;
CREATE INDEX bm25_whole_i ON bm25_whole USING slab (t, kind);
SELECT count(*), bool_and(p.t <@> bm25_query('bm25_parts_i', 'w1 w30') = w.t <@> bm25_query('bm25_whole_i', 'w1 w30')) AS same
FROM bm25_parts AS p JOIN bm25_whole AS w USING (id);
EXPLAIN (COSTS OFF) SELECT id FROM bm25_parts ORDER BY t <@> bm25_query('bm25_parts_i', 'w1 w30') LIMIT 5;
SELECT array(SELECT id FROM bm25_parts ORDER BY t <@> bm25_query('bm25_parts_i', 'w1 w30'), id LIMIT 50)
     = array(SELECT id FROM bm25_whole ORDER BY t <@> bm25_query('bm25_whole_i', 'w1 w30'), id LIMIT 50) AS same_order;
SELECT count(DISTINCT s."table") AS partitions, bool_and(p.kind < 5) AS filtered, array_agg(-s.score ORDER BY s.score DESC)
     = array(SELECT t <@> bm25_query('bm25_whole_i', 'w1 w30') FROM bm25_whole WHERE kind < 5 ORDER BY 1 LIMIT 50) AS same_scores
FROM slab_bm25('bm25_parts_i', 'w1 w30', 50, 'kind < 5') AS s JOIN bm25_parts AS p ON p.ctid = s.ctid AND p.tableoid = s."table";
-- one partition by its own, and by those of all
SELECT indexrelid::regclass::text AS index FROM pg_index WHERE indrelid = 'bm25_parts_1'::regclass \gset
EXPLAIN (COSTS OFF) SELECT id FROM bm25_parts_1 ORDER BY t <@> bm25_query('bm25_parts_i', 'w1 w30') LIMIT 5;
EXPLAIN (COSTS OFF) SELECT id FROM bm25_parts_1 ORDER BY t <@> bm25_query(:'index', 'w1 w30') LIMIT 5;
EXPLAIN (COSTS OFF) SELECT id FROM bm25_parts ORDER BY t <@> bm25_query(:'index', 'w1 w30') LIMIT 5;
-- they have to be of one mind
DROP INDEX bm25_parts_i;
CREATE INDEX bm25_parts_1_k1 ON bm25_parts_1 USING slab (t, kind) WITH (k1 = 2);
CREATE INDEX bm25_parts_i ON bm25_parts USING slab (t, kind);
SELECT id FROM bm25_parts ORDER BY t <@> bm25_query('bm25_parts_i', 'w1 w30') LIMIT 5;
DROP TABLE bm25_parts, bm25_whole;

-- ---- who may

CREATE ROLE regress_bm25_reader;
CREATE ROLE regress_bm25_other;
GRANT SELECT ON bm25_docs TO regress_bm25_reader;
SET ROLE regress_bm25_reader;
SELECT count(*) FROM slab_bm25('bm25_docs_i', 'w1', 3);
SELECT count(*) FROM (SELECT id FROM bm25_docs ORDER BY to_tsvector('english', body) <@> bm25_query('bm25_docs_i', 'w1') LIMIT 3) AS s;
SET ROLE regress_bm25_other;
SELECT count(*) FROM slab_bm25('bm25_docs_i', 'w1', 3);
SELECT to_tsvector('x') <@> bm25_query('bm25_docs_i', 'x');
RESET ROLE;
ALTER TABLE bm25_docs ENABLE ROW LEVEL SECURITY;
CREATE POLICY bm25_kind ON bm25_docs USING (kind = 4);
SET ROLE regress_bm25_reader;
SELECT count(*), bool_and(d.kind = 4) FROM slab_bm25('bm25_docs_i', 'w1', 10) AS s JOIN bm25_docs AS d ON d.ctid = s.ctid;
RESET ROLE;
DROP POLICY bm25_kind ON bm25_docs;
ALTER TABLE bm25_docs DISABLE ROW LEVEL SECURITY;
REVOKE ALL ON bm25_docs FROM regress_bm25_reader;
DROP ROLE regress_bm25_reader, regress_bm25_other;

-- ---- what a scan did

SET max_parallel_workers_per_gather = 0;
SELECT count(*) FROM (SELECT id FROM bm25_docs ORDER BY to_tsvector('english', body) <@> bm25_query('bm25_docs_i', 'w1') LIMIT 3) AS s;
SELECT index, exact, expected, postings > 0 AS postings, scored > 0 AS scored, asked, buffers > 0 AS buffers, rows, passes FROM slab_last_terms_scan();
SELECT slab_last_scan() IS NULL AS of_no_vectors;
SELECT count(*) FROM (SELECT id FROM bm25_docs ORDER BY to_tsvector('english', body) <@> bm25_query('bm25_docs_i', 'w1 <-> w2'::tsquery) LIMIT 3) AS s;
SELECT asked >= 3 AS asked FROM slab_last_terms_scan();
CREATE FUNCTION bm25_explained(query text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
    line text;
BEGIN
    FOR line IN EXECUTE 'EXPLAIN (ANALYZE, VERBOSE, COSTS OFF, TIMING OFF, SUMMARY OFF) ' || query LOOP
        IF line LIKE '%Slab%' THEN
            RETURN NEXT ltrim(regexp_replace(line, '\d+', 'N', 'g'));
        END IF;
    END LOOP;
END $$;
SELECT * FROM bm25_explained($$SELECT id FROM bm25_docs ORDER BY to_tsvector('english', body) <@> bm25_query('bm25_docs_i', 'w1') LIMIT 3$$);

DROP TABLE bm25_docs CASCADE;
DROP FUNCTION bm25_body, bm25_reference, bm25_compare, bm25_equals, bm25_filtered, bm25_explained;
