-- An ordered scan among other parts of a query, and where it has no place.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pgslab;
RESET client_min_messages;
SET slab.exact = on;

CREATE TABLE slab_queries_items (id integer, tag text, v vec(2));
INSERT INTO slab_queries_items SELECT i, chr(97 + i % 3), ARRAY[i / 2, 0]::vec FROM generate_series(1, 60) AS i;
CREATE INDEX slab_queries_i ON slab_queries_items USING slab (v);
SET enable_seqscan = off;

-- ---- further sort keys

-- pairs are equally far: the second key decides, by an incremental sort of the scan
SELECT id FROM slab_queries_items ORDER BY v <-> '[10.1,0]', id DESC LIMIT 4;
SELECT id FROM slab_queries_items ORDER BY v <-> '[10.1,0]', id LIMIT 4;
-- a scan orders by one distance; a second one is left to the sort, too
SELECT plan_of($$SELECT id FROM slab_queries_items ORDER BY v <-> '[10.1,0]', v <-> '[0,0]' LIMIT 4$$);
SELECT v FROM slab_queries_items ORDER BY v <-> '[10.5,0]', v <-> '[0,0]' LIMIT 4;
SELECT v FROM slab_queries_items ORDER BY v <-> '[10.5,0]', v <-> '[100,0]' LIMIT 2;
-- the distance second, or another expression of it: no use for the index
SELECT plan_of($$SELECT id FROM slab_queries_items ORDER BY tag, v <-> '[10.1,0]' LIMIT 4$$);
SELECT plan_of($$SELECT id FROM slab_queries_items ORDER BY (v <-> '[10.1,0]') + 1 LIMIT 4$$);
SELECT plan_of($$SELECT id FROM slab_queries_items ORDER BY v <-> '[10.1,0]' DESC LIMIT 4$$);
SELECT plan_of($$SELECT id FROM slab_queries_items ORDER BY v <-> '[10.1,0]' NULLS FIRST LIMIT 4$$);
SELECT plan_of($$SELECT id FROM slab_queries_items ORDER BY v <-> v LIMIT 4$$);
SELECT id FROM slab_queries_items ORDER BY v <-> '[10.1,0]' DESC, id LIMIT 2;

-- ---- conditions

SELECT plan_of($$SELECT id FROM slab_queries_items WHERE tag = 'b' AND v <-> '[10.1,0]' < 3 ORDER BY v <-> '[10.1,0]' LIMIT 4$$);
SELECT id, tag FROM slab_queries_items WHERE tag = 'b' AND v <-> '[10.1,0]' < 3 ORDER BY v <-> '[10.1,0]', id;
SELECT plan_of($$SELECT id FROM slab_queries_items WHERE v <-> '[10.1,0]' < 3$$);
SELECT plan_of($$SELECT id FROM slab_queries_items WHERE v = '[10,0]'$$);
SELECT id FROM slab_queries_items WHERE v = '[10,0]' ORDER BY v <-> '[10.1,0]', id;
SELECT id FROM slab_queries_items WHERE false ORDER BY v <-> '[10.1,0]';
SELECT id FROM slab_queries_items WHERE tag = 'z' ORDER BY v <-> '[10.1,0]' LIMIT 1;

-- ---- the vector itself comes from the table: never an index-only or a bitmap scan

SELECT plan_of($$SELECT v FROM slab_queries_items ORDER BY v <-> '[10.1,0]' LIMIT 1$$);
SELECT v FROM slab_queries_items ORDER BY v <-> '[10.1,0]' LIMIT 1;
SET enable_indexscan = off;
RESET enable_seqscan;
SELECT plan_of($$SELECT v FROM slab_queries_items ORDER BY v <-> '[10.1,0]' LIMIT 1$$);
RESET enable_indexscan;
SET enable_seqscan = off;

-- ---- a distance that only orders is not computed for the result, unless somebody reads it

CREATE FUNCTION pg_temp.scan_output(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    line text;
    in_scan boolean := false;
BEGIN
    FOR line IN EXECUTE 'EXPLAIN (VERBOSE, COSTS OFF) ' || statement LOOP
        IF in_scan AND line ~ 'Output:' THEN
            RETURN trim(line);
        END IF;
        in_scan := in_scan OR line ~ 'Index Scan using slab_';
    END LOOP;
END $$;
SELECT pg_temp.scan_output($$SELECT id FROM slab_queries_items ORDER BY v <-> '[1,0]'$$);
SELECT pg_temp.scan_output($$SELECT id FROM slab_queries_items ORDER BY v <-> '[1,0]' LIMIT 2$$);
SELECT pg_temp.scan_output($$SELECT id FROM slab_queries_items ORDER BY v <-> '[1,0]' LIMIT 2 FOR UPDATE$$);
SELECT pg_temp.scan_output($$SELECT * FROM (SELECT id FROM slab_queries_items ORDER BY v <-> '[1,0]' LIMIT 2) AS s ORDER BY id$$);
SELECT pg_temp.scan_output($$SELECT ARRAY(SELECT id FROM slab_queries_items ORDER BY v <-> '[1,0]' LIMIT 2)$$);
SELECT pg_temp.scan_output($$SELECT id FROM slab_queries_items WHERE v <-> '[1,0]' < 9 ORDER BY v <-> '[1,0]' LIMIT 2$$);
SELECT pg_temp.scan_output($$SELECT id, v <-> '[1,0]' AS distance FROM slab_queries_items ORDER BY distance LIMIT 2$$);
SELECT pg_temp.scan_output($$SELECT id FROM slab_queries_items ORDER BY v <-> '[1,0]' FETCH FIRST 2 ROWS WITH TIES$$);
SELECT pg_temp.scan_output($$SELECT id, rank() OVER (ORDER BY v <-> '[1,0]') FROM slab_queries_items LIMIT 2$$);
-- (exactly, PostgreSQL 17 cannot lock rows in the order of an index)
SET slab.exact = off;
WITH locked AS (SELECT id FROM slab_queries_items ORDER BY v <-> '[10.1,0]' LIMIT 3 FOR UPDATE) SELECT count(*) FROM locked;
SET slab.exact = on;
CREATE TABLE slab_queries_copy AS SELECT id FROM slab_queries_items WHERE id % 2 = 0 ORDER BY v <-> '[10.1,0]' LIMIT 3;
INSERT INTO slab_queries_copy SELECT id FROM slab_queries_items WHERE id % 2 = 0 ORDER BY v <-> '[20.1,0]' LIMIT 2;
TABLE slab_queries_copy;
DROP TABLE slab_queries_copy;

-- ---- within larger queries

SELECT array_agg(id ORDER BY id) FROM (SELECT id FROM slab_queries_items ORDER BY v <-> '[10.1,0]' LIMIT 4) AS s;
SELECT DISTINCT ON (tag) tag, id FROM (SELECT * FROM slab_queries_items ORDER BY v <-> '[20,0]' LIMIT 6) AS s ORDER BY tag, id;
SELECT DISTINCT ON (v <-> '[7,0]') v <-> '[7,0]' AS distance, v
FROM slab_queries_items WHERE id % 2 = 0 AND id > 14 ORDER BY v <-> '[7,0]', id LIMIT 3;
(SELECT id FROM slab_queries_items WHERE id % 2 = 0 ORDER BY v <-> '[10.1,0]' LIMIT 2)
UNION ALL
(SELECT id FROM slab_queries_items WHERE id % 2 = 0 ORDER BY v <-> '[20.1,0]' LIMIT 2);
(SELECT id FROM slab_queries_items ORDER BY v <-> '[10.1,0]' LIMIT 4)
INTERSECT
(SELECT id FROM slab_queries_items ORDER BY v <-> '[11.1,0]' LIMIT 4) ORDER BY id;
WITH nearest AS MATERIALIZED (SELECT id, tag FROM slab_queries_items ORDER BY v <-> '[10.1,0]' LIMIT 4)
SELECT tag, count(*) FROM nearest GROUP BY tag ORDER BY tag;
SELECT a.id, b.id FROM (SELECT * FROM slab_queries_items WHERE id % 2 = 0 ORDER BY v <-> '[10.1,0]' LIMIT 2) AS a
JOIN slab_queries_items AS b ON b.v = a.v AND b.id <> a.id ORDER BY a.id;
SELECT id FROM slab_queries_items WHERE id IN (SELECT id FROM slab_queries_items ORDER BY v <-> '[10.1,0]' LIMIT 2) ORDER BY id;
SELECT EXISTS (SELECT FROM slab_queries_items WHERE id = 60 ORDER BY v <-> '[10.1,0]');
SELECT id, rank() OVER (ORDER BY v <-> '[10.1,0]') FROM slab_queries_items ORDER BY 2, 1 LIMIT 5;
DELETE FROM slab_queries_items WHERE id IN (SELECT id FROM slab_queries_items ORDER BY v <-> '[10.1,0]' LIMIT 2) RETURNING v;
SELECT id FROM slab_queries_items ORDER BY v <-> '[10.1,0]', id LIMIT 2;

DROP TABLE slab_queries_items;
