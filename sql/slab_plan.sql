-- When the planner takes the index of its own accord, and how many pages a scan reads.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pgslab;
RESET client_min_messages;
SET slab.exact = on;

CREATE TABLE slab_plan_items (id integer, tag integer, v vec(64)) WITH (autovacuum_enabled = false);
INSERT INTO slab_plan_items
SELECT i, i % 100, array_agg((i * 7919 + d * 104729 + i * d) % 1009 ORDER BY d)::vec(64)
FROM generate_series(1, 5000) AS i, generate_series(1, 64) AS d GROUP BY i;
CREATE INDEX slab_plan_i ON slab_plan_items USING slab (v);
ANALYZE slab_plan_items;
CREATE TABLE slab_plan_few (id integer, v vec(64)) WITH (autovacuum_enabled = false);
INSERT INTO slab_plan_few SELECT id, v FROM slab_plan_items WHERE id <= 10;
CREATE INDEX slab_plan_few_i ON slab_plan_few USING slab (v);
ANALYZE slab_plan_few;

-- A statement with $q for a query vector.
CREATE FUNCTION pg_temp.with_query(statement text) RETURNS text LANGUAGE sql AS $$
    SELECT replace(statement, '$q', quote_literal(v)) FROM slab_plan_items WHERE id = 77
$$;
-- The nodes of its plan, from the outermost in.
CREATE FUNCTION pg_temp.nodes(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    line text;
    result text;
BEGIN
    FOR line IN EXECUTE 'EXPLAIN (COSTS OFF) ' || pg_temp.with_query(statement) LOOP
        IF line ~ '^ *->' OR result IS NULL THEN
            result := concat_ws(' < ', result, trim(regexp_replace(line, '^ *->', '')));
        END IF;
    END LOOP;
    RETURN result;
END $$;

-- ---- it is taken for an order and a limit

SELECT pg_temp.nodes('SELECT id FROM slab_plan_items ORDER BY v <-> $q LIMIT 10');
SELECT pg_temp.nodes('SELECT id FROM slab_plan_items WHERE tag <> 5 ORDER BY v <-> $q LIMIT 10');
SELECT pg_temp.nodes('SELECT id FROM slab_plan_items ORDER BY $q <-> v LIMIT 10');
SELECT pg_temp.nodes('SELECT q.id, n.id FROM slab_plan_few AS q,
    LATERAL (SELECT id FROM slab_plan_items AS i ORDER BY i.v <-> q.v LIMIT 1) AS n');

-- ---- and not for less, or for something else

SELECT pg_temp.nodes('SELECT id FROM slab_plan_few ORDER BY v <-> $q LIMIT 3');
SELECT pg_temp.nodes('SELECT id FROM slab_plan_items');
SELECT pg_temp.nodes('SELECT count(*) FROM slab_plan_items WHERE tag = 5');
SELECT pg_temp.nodes('SELECT id FROM slab_plan_items LIMIT 10');
SELECT pg_temp.nodes('SELECT id FROM slab_plan_items ORDER BY id LIMIT 10');
SELECT pg_temp.nodes('SELECT id FROM slab_plan_items ORDER BY v <=> $q LIMIT 10');
SELECT pg_temp.nodes('SELECT id FROM slab_plan_items ORDER BY v <-> $q DESC LIMIT 10');
SELECT pg_temp.nodes('SELECT id FROM slab_plan_items WHERE v <-> $q < 100');
SET enable_seqscan = off;
SELECT pg_temp.nodes('SELECT count(*) FROM slab_plan_items');
SELECT pg_temp.nodes('SELECT id FROM slab_plan_items WHERE v IS NOT NULL');
SELECT pg_temp.nodes('SELECT id FROM slab_plan_few ORDER BY v <-> $q LIMIT 3');
RESET enable_seqscan;
SET enable_indexscan = off;
SELECT pg_temp.nodes('SELECT id FROM slab_plan_items ORDER BY v <-> $q LIMIT 10');
RESET enable_indexscan;
BEGIN;
DROP INDEX slab_plan_i;
SELECT pg_temp.nodes('SELECT id FROM slab_plan_items ORDER BY v <-> $q LIMIT 10');
ROLLBACK;

-- ---- of two indexes the one that fits, of two that fit the smaller

CREATE INDEX slab_plan_cosine ON slab_plan_items USING slab (v vec_cosine_ops);
CREATE INDEX slab_plan_f32 ON slab_plan_items USING slab (v) WITH (storage = f32);
CREATE INDEX slab_plan_partial ON slab_plan_items USING slab (v) WHERE tag = 5;
SELECT pg_temp.nodes('SELECT id FROM slab_plan_items ORDER BY v <=> $q LIMIT 10');
SELECT pg_temp.nodes('SELECT id FROM slab_plan_items ORDER BY v <-> $q LIMIT 10');
SELECT pg_temp.nodes('SELECT id FROM slab_plan_items WHERE tag = 5 ORDER BY v <-> $q LIMIT 10');
DROP INDEX slab_plan_cosine, slab_plan_f32, slab_plan_partial;

-- ---- work

-- What a statement with one index scan returned, and what that took.
CREATE FUNCTION pg_temp.work(statement text, OUT rows bigint, OUT refined bigint, OUT compared bigint, OUT buffers bigint,
    OUT passes bigint) LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('SELECT count(*) FROM (%s) AS s', pg_temp.with_query(statement)) INTO rows;
    SELECT w.refined, w.compared, w.buffers, w.passes INTO refined, compared, buffers, passes FROM slab_last_scan() AS w;
END $$;
SELECT pg_relation_size('slab_plan_i') / 8192 AS pages, (record_bytes + refine_bytes) / 8192 AS code_pages
FROM slab_stats('slab_plan_i') \gset

-- exactly: all refinement codes about once, and the records and vectors of few rows
SELECT rows, refined, compared < 200 AS few, buffers <= 1.5 * :code_pages + 3 * compared + 2 AS once, passes
FROM pg_temp.work('SELECT id FROM slab_plan_items ORDER BY v <-> $q LIMIT 10');
SELECT rows, refined, compared < 50 AS few, buffers <= 1.5 * :code_pages + 3 * compared + 2 AS once, passes
FROM pg_temp.work('SELECT id FROM slab_plan_items ORDER BY v <-> $q LIMIT 1');
-- a filter takes some more passes, each for many more rows
SELECT rows, passes <= 4 AS few_passes, buffers <= 1.5 * :code_pages * passes + 3 * compared + 2 AS once
FROM pg_temp.work('SELECT id FROM slab_plan_items WHERE tag = 77 ORDER BY v <-> $q LIMIT 5');
-- all rows
SET enable_seqscan = off;
SELECT rows, passes <= 5 AS few_passes
FROM pg_temp.work('SELECT id FROM slab_plan_items ORDER BY v <-> $q OFFSET 4999');
RESET enable_seqscan;

-- as usual: part of the index
RESET slab.exact;
SELECT rows, refined < 2500 AS some, compared < 200 AS few, buffers < :pages AS less, passes
FROM pg_temp.work('SELECT id FROM slab_plan_items ORDER BY v <-> $q LIMIT 10');
SELECT rows, passes <= 4 AS few_passes
FROM pg_temp.work('SELECT id FROM slab_plan_items WHERE tag = 77 ORDER BY v <-> $q LIMIT 5');
SELECT pg_temp.nodes('SELECT id FROM slab_plan_items ORDER BY v <-> $q LIMIT 10');
SELECT pg_temp.nodes('SELECT id FROM slab_plan_items ORDER BY v <-> $q LIMIT 100');
SELECT pg_temp.nodes('SELECT id FROM slab_plan_items ORDER BY v <-> $q');
SELECT pg_temp.nodes('SELECT id FROM slab_plan_items WHERE tag = 77 ORDER BY v <-> $q LIMIT 5');
SELECT pg_temp.nodes('SELECT id FROM slab_plan_few ORDER BY v <-> $q LIMIT 3');

DROP TABLE slab_plan_items, slab_plan_few;
