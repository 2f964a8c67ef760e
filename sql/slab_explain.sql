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
            RETURN NEXT regexp_replace(regexp_replace(line, '(lists|codes|filtered|refined|compared|buffers|looked_up)=\d+', '\1=N', 'g'),
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
-- JSON
CREATE FUNCTION pg_temp.explain_json(statement text) RETURNS json LANGUAGE plpgsql AS $$
DECLARE
    result json;
BEGIN
    EXECUTE 'EXPLAIN (ANALYZE, VERBOSE, FORMAT JSON) ' || statement INTO result;
    RETURN result;
END $$;
SELECT json_array_length(j) AS queries, j -> 0 -> 'Slab Scan' ->> 'Scans' AS scans, j -> 0 -> 'Slab Scan' ->> 'Rows' AS rows,
    array(SELECT json_object_keys(j -> 0 -> 'Slab Scan')) AS keys
FROM pg_temp.explain_json($$SELECT id FROM slab_explain_items ORDER BY v <-> '[7,0]' LIMIT 5$$) AS j;
SELECT j -> 0 -> 'Slab Scan' IS NULL AS nothing FROM pg_temp.explain_json('SELECT 1') AS j;

DROP TABLE slab_explain_items, slab_explain_queries;
