-- EXPLAIN (ANALYZE, VERBOSE) says what a query's scans of slab indexes did.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pgslab;
RESET client_min_messages;

CREATE TABLE slab_explain_items (id integer, v vec(2));
INSERT INTO slab_explain_items SELECT i, ARRAY[i, 0]::vec FROM generate_series(1, 300) AS i;
CREATE INDEX slab_explain_i ON slab_explain_items USING slab (v);
CREATE TABLE slab_explain_queries AS SELECT ARRAY[i, 0]::vec AS q FROM generate_series(1, 3) AS i;
SET enable_seqscan = off;
SET enable_memoize = off;

-- The last lines of what EXPLAIN prints, with numbers that depend on the build left out.
CREATE FUNCTION pg_temp.explain(options text, statement text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
    line text;
BEGIN
    FOR line IN EXECUTE format('EXPLAIN (%s) %s', options, statement) LOOP
        IF line ~ 'Slab Scan|Execution Time' THEN
            RETURN NEXT regexp_replace(regexp_replace(ltrim(line),
                '(lists|codes|filtered|refined|compared|buffers|looked_up|estimated_recall)=[\d.]+', '\1=N', 'g'),
                'Time: .*', 'Time: N');
        END IF;
    END LOOP;
END $$;

SELECT pg_temp.explain('ANALYZE, VERBOSE', $$SELECT id FROM slab_explain_items ORDER BY v <-> '[7,0]' LIMIT 5$$);
SELECT pg_temp.explain('ANALYZE, VERBOSE, SUMMARY OFF', $$SELECT id FROM slab_explain_items ORDER BY v <-> '[7,0]' LIMIT 5$$);
-- all scans of the query together, those in functions it calls too
SELECT pg_temp.explain('ANALYZE, VERBOSE, SUMMARY OFF', $$SELECT n.id FROM slab_explain_queries,
    LATERAL (SELECT id FROM slab_explain_items ORDER BY v <-> q LIMIT 2) AS n$$);
SELECT pg_temp.explain('ANALYZE, VERBOSE, SUMMARY OFF', $$SELECT count(*) FROM slab_topk('slab_explain_i', '[7,0]', 5)$$);
SELECT pg_temp.explain('ANALYZE, VERBOSE, SUMMARY OFF', $$CREATE TABLE pg_temp.made AS
    SELECT id FROM slab_explain_items ORDER BY v <-> '[7,0]' LIMIT 5$$);
-- how conditions on filter columns were looked at, each way once
CREATE TABLE slab_explain_goods (id integer, v vec(2), shop integer);
INSERT INTO slab_explain_goods SELECT i, ARRAY[i, i % 7]::vec, i % 100 FROM generate_series(1, 3000) AS i;
CREATE INDEX ON slab_explain_goods USING slab (v, shop) WITH (lists = 20);
SELECT pg_temp.explain('ANALYZE, VERBOSE, SUMMARY OFF', $$SELECT id FROM slab_explain_goods WHERE shop = 7
    ORDER BY v <-> '[7,0]' LIMIT 5$$);
SELECT pg_temp.explain('ANALYZE, VERBOSE, SUMMARY OFF', $$SELECT n.id FROM (VALUES (7), (8), (NULL)) AS s(shop),
    LATERAL (SELECT id FROM slab_explain_goods AS g WHERE g.shop = s.shop ORDER BY v <-> '[7,0]' LIMIT 5) AS n$$);
-- only where it is asked for, and there is something to say
SELECT pg_temp.explain('ANALYZE, SUMMARY OFF', $$SELECT id FROM slab_explain_items ORDER BY v <-> '[7,0]' LIMIT 5$$);
SELECT pg_temp.explain('VERBOSE', $$SELECT id FROM slab_explain_items ORDER BY v <-> '[7,0]' LIMIT 5$$);
SELECT pg_temp.explain('ANALYZE, VERBOSE, SUMMARY OFF', $$SELECT id FROM slab_explain_items WHERE id = 7$$);
SELECT pg_temp.explain('ANALYZE, VERBOSE, SUMMARY OFF', $$SELECT id FROM slab_explain_items ORDER BY v <-> '[7,0]' LIMIT 0$$);
-- an error under way leaves the next one whole
\set VERBOSITY terse
SELECT pg_temp.explain('ANALYZE, VERBOSE', $$SELECT 1 / (id - id) FROM slab_explain_items ORDER BY v <-> '[7,0]' LIMIT 5$$);
\set VERBOSITY default
SELECT pg_temp.explain('ANALYZE, SUMMARY OFF', $$SELECT id FROM slab_explain_items ORDER BY v <-> '[7,0]' LIMIT 5$$);
-- one within the other
SELECT pg_temp.explain('ANALYZE, VERBOSE, SUMMARY OFF', $$SELECT pg_temp.explain('ANALYZE, VERBOSE',
    'SELECT id FROM slab_explain_items ORDER BY v <-> ''[7,0]'' LIMIT 5') FROM slab_explain_items ORDER BY v <-> '[9,0]' LIMIT 2$$);
-- a cursor's queries in between are not the query's own, triggers' are
BEGIN;
DECLARE slab_explain_cursor CURSOR FOR SELECT id FROM slab_explain_items ORDER BY v <-> '[9.2,0]';
FETCH 2 FROM slab_explain_cursor;
SELECT pg_temp.explain('ANALYZE, VERBOSE, SUMMARY OFF', $$SELECT id FROM slab_explain_items ORDER BY v <-> '[7,0]' LIMIT 5$$);
FETCH 1 FROM slab_explain_cursor;
CREATE FUNCTION pg_temp.search() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM id FROM slab_explain_items ORDER BY v <-> NEW.q LIMIT 2;
    RETURN NULL;
END $$;
CREATE TRIGGER search AFTER INSERT ON slab_explain_queries FOR EACH ROW EXECUTE FUNCTION pg_temp.search();
SELECT pg_temp.explain('ANALYZE, VERBOSE, SUMMARY OFF', $$INSERT INTO slab_explain_queries VALUES ('[1,2]'), ('[3,4]')$$);
ROLLBACK;
-- EXECUTE from 18 on
PREPARE slab_explain_nearest AS SELECT id FROM slab_explain_items ORDER BY v <-> $1 LIMIT 5;
SELECT count(*) = CASE WHEN current_setting('server_version_num')::integer >= 180000 THEN 1 ELSE 0 END AS as_documented
FROM pg_temp.explain('ANALYZE, VERBOSE, SUMMARY OFF', $$EXECUTE slab_explain_nearest('[7,0]')$$);
DEALLOCATE slab_explain_nearest;
-- JSON, where from 18 on it belongs to the topmost node
CREATE FUNCTION pg_temp.explain_json(statement text) RETURNS json LANGUAGE plpgsql AS $$
DECLARE
    result json;
BEGIN
    EXECUTE 'EXPLAIN (ANALYZE, VERBOSE, FORMAT JSON) ' || statement INTO result;
    RETURN result;
END $$;
CREATE FUNCTION pg_temp.explained(statement text, OUT queries integer, OUT work json) LANGUAGE sql AS $$
    SELECT json_array_length(j), coalesce(j -> 0 -> 'Slab Scan', j -> 0 -> 'Plan' -> 'Slab Scan') FROM pg_temp.explain_json(statement) AS j
$$;
SELECT queries, work ->> 'Scans' AS scans, work ->> 'Rows' AS rows, array(SELECT json_object_keys(work)) AS keys
FROM pg_temp.explained($$SELECT id FROM slab_explain_items ORDER BY v <-> '[7,0]' LIMIT 5$$);
SELECT work ->> 'Scans' AS scans, work ->> 'Rows' AS rows, work ->> 'Strategy' AS strategy
FROM pg_temp.explained($$SELECT id FROM slab_explain_goods WHERE shop = 7 ORDER BY v <-> '[7,0]' LIMIT 5$$);
SELECT work ->> 'Scans' AS scans, work ->> 'Rows' AS rows, work ->> 'Strategy' AS strategy
FROM pg_temp.explained($$SELECT n.id FROM (VALUES (7), (8), (NULL)) AS s(shop),
    LATERAL (SELECT id FROM slab_explain_goods AS g WHERE g.shop = s.shop ORDER BY v <-> '[7,0]' LIMIT 5) AS n$$);
SELECT work IS NULL AS nothing FROM pg_temp.explained('SELECT 1');

DROP TABLE slab_explain_items, slab_explain_queries, slab_explain_goods;
