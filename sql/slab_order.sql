-- No plan sees rows out of the operator's order: what compares a row with the one before (DISTINCT, GROUP BY, WITH TIES, rank(), a
-- merge join) says what it says after a sort. And rows keep their addresses.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pgslab;
RESET client_min_messages;

-- ---- rows that half precision cannot tell apart

CREATE TABLE slab_order_near (id integer GENERATED ALWAYS AS IDENTITY, v vec(3));
INSERT INTO slab_order_near (v) SELECT ARRAY[1 + (1 + i % 2) / 1e5, 2, 3]::vec FROM generate_series(1, 200) AS i;
INSERT INTO slab_order_near (v) SELECT ARRAY[i % 20, i / 20, 9]::vec FROM generate_series(1, 3000) AS i;
CREATE INDEX slab_order_near_i ON slab_order_near USING slab (v);
ANALYZE slab_order_near;
SET enable_seqscan = off;
SET enable_sort = off;
SET enable_hashagg = off;

EXPLAIN (COSTS OFF) SELECT DISTINCT v <-> '[1,2,3]' FROM slab_order_near ORDER BY 1 LIMIT 3;
SELECT DISTINCT v <-> '[1,2,3]' AS distance FROM slab_order_near ORDER BY 1 LIMIT 3;
SELECT v <-> '[1,2,3]' AS distance, count(*) FROM slab_order_near GROUP BY 1 ORDER BY 1 LIMIT 3;
SELECT count(*) FROM (SELECT 1 FROM slab_order_near ORDER BY v <-> '[1,2,3]' FETCH FIRST 1 ROW WITH TIES) AS s;
SELECT rank() OVER (ORDER BY v <-> '[1,2,3]') FROM slab_order_near LIMIT 3;
SELECT v <-> '[1,2,3]' AS distance FROM slab_order_near WHERE id <= 300
UNION SELECT v <-> '[1,2,3]' FROM slab_order_near WHERE id > 100 ORDER BY 1 LIMIT 3;
-- ties beyond an offset, and of a distance that many rows have that are not equal
SELECT count(*) FROM (SELECT 1 FROM slab_order_near ORDER BY v <-> '[1,2,3]' OFFSET 99 FETCH FIRST 2 ROWS WITH TIES) AS s;
SELECT count(*) FROM (SELECT 1 FROM slab_order_near WHERE id > 200 ORDER BY v <-> '[9,30,9]' OFFSET 1 FETCH FIRST 1 ROW WITH TIES) AS s;

-- what was looked up is told; whole numbers are not
SELECT id FROM slab_order_near ORDER BY v <-> '[1,2,3]' LIMIT 1 \g /dev/null
SELECT looked_up >= 100 AS many FROM slab_last_scan();
SELECT id FROM slab_order_near ORDER BY v <-> '[9.2,30.3,9]' LIMIT 50 \g /dev/null
SELECT rows, looked_up FROM slab_last_scan();

CREATE TABLE slab_order_dense (id integer, v vec(1));
INSERT INTO slab_order_dense SELECT i, ARRAY[1 + (i * 7919 % 5000) / 1e5]::vec FROM generate_series(1, 5000) AS i;
CREATE INDEX slab_order_dense_i ON slab_order_dense USING slab (v);
ANALYZE slab_order_dense;
SET enable_hashjoin = off;
SET enable_nestloop = off;
EXPLAIN (COSTS OFF) SELECT a.id FROM slab_order_dense AS a JOIN slab_order_dense AS b ON (a.v <-> '[1]') = (b.v <-> '[1]')
ORDER BY a.v <-> '[1]' LIMIT 5000;
SELECT count(*), count(DISTINCT id) FROM (SELECT a.id FROM slab_order_dense AS a JOIN slab_order_dense AS b
    ON (a.v <-> '[1]') = (b.v <-> '[1]') ORDER BY a.v <-> '[1]' LIMIT 5000) AS s;
RESET enable_hashjoin;
RESET enable_nestloop;
RESET enable_sort;
RESET enable_hashagg;

-- ---- addresses and locks

SELECT count(*), bool_and(n.id = s.id) AS same FROM (SELECT ctid, id FROM slab_order_near ORDER BY v <-> '[1,2,3]' LIMIT 150) AS s
JOIN slab_order_near AS n ON n.ctid = s.ctid;
SET slab.exact = on;
SELECT count(*), bool_and(n.id = s.id) AS same FROM (SELECT ctid, id FROM slab_order_near ORDER BY v <-> '[1,2,3]' LIMIT 150) AS s
JOIN slab_order_near AS n ON n.ctid = s.ctid;
BEGIN;
SELECT count(*), min(v <-> '[1,2,3]'), max(v <-> '[1,2,3]')
FROM (SELECT v FROM slab_order_near ORDER BY v <-> '[1,2,3]' LIMIT 100 FOR UPDATE) AS s;
COMMIT;
RESET slab.exact;
BEGIN;
SELECT count(*), min(v <-> '[1,2,3]'), max(v <-> '[1,2,3]')
FROM (SELECT v FROM slab_order_near ORDER BY v <-> '[1,2,3]' LIMIT 100 FOR UPDATE) AS s;
COMMIT;

-- ---- cursors

BEGIN;
DECLARE c CURSOR FOR SELECT v <-> '[1,2,3]' AS distance FROM slab_order_near ORDER BY 1;
FETCH 1 FROM c;
MOVE 98 FROM c;
FETCH 2 FROM c;
MOVE 98 FROM c;
FETCH 2 FROM c;
MOVE ALL FROM c;
CLOSE c;
-- opened in a subtransaction, and ended with another
SAVEPOINT s;
DECLARE c CURSOR FOR SELECT v <-> '[1,2,3]' AS distance FROM slab_order_near ORDER BY 1;
FETCH 1 FROM c;
RELEASE s;
SAVEPOINT s;
FETCH 1 FROM c;
ROLLBACK TO s;
FETCH 1 FROM c;
COMMIT;

-- ---- rows that are dead, updated in place, or not seen

UPDATE slab_order_near SET id = DEFAULT WHERE id % 3 = 0; -- in another place of the table, mostly
DELETE FROM slab_order_near WHERE id % 5 = 0;
CREATE TABLE slab_order_hot (id integer, note text, v vec(3)) WITH (fillfactor = 10);
INSERT INTO slab_order_hot SELECT i, 'old', ARRAY[1 + (i * 37 % 100) / 1e6, 2, 3]::vec FROM generate_series(1, 100) AS i;
CREATE INDEX slab_order_hot_i ON slab_order_hot USING slab (v);
UPDATE slab_order_hot SET note = 'new'; -- on the same pages
UPDATE slab_order_hot SET note = 'newest' WHERE id % 2 = 0;
DELETE FROM slab_order_hot WHERE id % 10 = 0;

-- The distances that a statement gives by a slab index and by a sequential scan.
CREATE FUNCTION pg_temp.distances(statement text, OUT indexed float8[], OUT sequential float8[], OUT passes bigint)
LANGUAGE plpgsql AS $$
DECLARE
    plan text;
BEGIN
    statement := 'SELECT array_agg(distance) FROM (' || statement || ') AS s';
    PERFORM set_config('enable_seqscan', 'off', true), set_config('enable_indexscan', 'on', true), set_config('enable_sort', 'off', true);
    EXECUTE 'EXPLAIN (FORMAT JSON) ' || statement INTO plan;
    IF plan !~ 'Index Scan' THEN
        RAISE EXCEPTION 'no index scan: %', plan;
    END IF;
    EXECUTE statement INTO indexed;
    passes := (slab_last_scan()).passes;
    PERFORM set_config('enable_seqscan', 'on', true), set_config('enable_indexscan', 'off', true), set_config('enable_sort', 'on', true);
    EXECUTE statement INTO sequential;
    PERFORM set_config('enable_indexscan', 'on', true);
END $$;
CREATE FUNCTION pg_temp.ascends(a float8[]) RETURNS boolean LANGUAGE sql AS $$
    SELECT a = array_agg(x ORDER BY x + 0) FROM unnest(a) AS x
$$;

SELECT cardinality(indexed) AS rows, indexed = sequential AS same
FROM pg_temp.distances($$SELECT v <-> '[1,2,3]' AS distance FROM slab_order_hot ORDER BY 1 LIMIT 60$$);
SELECT cardinality(indexed) AS rows, indexed = sequential AS same
FROM pg_temp.distances($$SELECT v <-> '[1,2,3]' AS distance FROM slab_order_near ORDER BY 1 LIMIT 400$$);
SELECT cardinality(indexed) AS rows, indexed = sequential AS same
FROM pg_temp.distances($$SELECT v <-> '[1,2,3]' AS distance FROM slab_order_near ORDER BY 1$$);

-- ---- an index on an expression, which looks up what the expression gives

CREATE TABLE slab_order_arrays (id integer, a real[]);
INSERT INTO slab_order_arrays SELECT i, ARRAY[1 + (i * 37 % 500) / 1e6, 2, 3] FROM generate_series(1, 500) AS i;
-- others, so that half precision is not made for these
INSERT INTO slab_order_arrays SELECT i, ARRAY[i, 2, 3] FROM generate_series(501, 1000) AS i;
CREATE INDEX slab_order_arrays_i ON slab_order_arrays USING slab ((a::vec(3)));
SELECT cardinality(indexed) AS rows, indexed = sequential AS same
FROM pg_temp.distances($$SELECT a::vec(3) <-> '[1,2,3]' AS distance FROM slab_order_arrays ORDER BY 1 LIMIT 100$$);
SELECT looked_up > 100 AS many FROM slab_last_scan();
DROP TABLE slab_order_arrays;

-- ---- several passes, for every metric: rows that a filter asks for come in order, each once

CREATE TABLE slab_order_rows (id integer, v vec(70));
INSERT INTO slab_order_rows
SELECT i, (SELECT array_agg(3 + hashint4(i % 1500 * 100 + d) / 2147483648.0 * (1 + i % 7) ORDER BY d)::vec FROM generate_series(1, 70) AS d)
FROM generate_series(1, 3000) AS i;
CREATE FUNCTION pg_temp.compare(operator text, OUT filtered integer, OUT ascend boolean, OUT several boolean, OUT near integer,
    OUT near_ascend boolean, OUT exact_same boolean, OUT all_same boolean, OUT topk_same boolean) LANGUAGE plpgsql AS $$
DECLARE
    query text := (SELECT quote_literal(v) FROM slab_order_rows WHERE id = 77);
    statement text := format('SELECT v %s %s AS distance FROM slab_order_rows', operator, query);
    d record;
BEGIN
    d := pg_temp.distances(statement || ' WHERE id % 40 = 3 ORDER BY 1 LIMIT 50');
    filtered := cardinality(d.indexed);
    ascend := pg_temp.ascends(d.indexed);
    several := d.passes > 1;
    d := pg_temp.distances(statement || ' ORDER BY 1 LIMIT 1000');
    near := cardinality(d.indexed);
    near_ascend := pg_temp.ascends(d.indexed);
    d := pg_temp.distances(statement || ' ORDER BY 1');
    all_same := d.indexed = d.sequential;
    PERFORM set_config('slab.exact', 'on', true);
    d := pg_temp.distances(statement || ' WHERE id % 40 = 3 ORDER BY 1 LIMIT 50');
    exact_same := d.indexed = d.sequential;
    d := pg_temp.distances(statement || ' ORDER BY 1 LIMIT 300');
    EXECUTE format('SELECT array_agg(distance) = $1 FROM slab_topk(''slab_order_rows_i'', %s, 300)', query)
        INTO topk_same USING d.sequential;
    PERFORM set_config('slab.exact', 'off', true);
END $$;
CREATE INDEX slab_order_rows_i ON slab_order_rows USING slab (v) WITH (lists = 20);
SELECT * FROM pg_temp.compare('<->');
DROP INDEX slab_order_rows_i;
CREATE INDEX slab_order_rows_i ON slab_order_rows USING slab (v vec_ip_ops) WITH (lists = 20);
SELECT * FROM pg_temp.compare('<#>');
DROP INDEX slab_order_rows_i;
CREATE INDEX slab_order_rows_i ON slab_order_rows USING slab (v vec_cosine_ops) WITH (lists = 20);
SELECT * FROM pg_temp.compare('<=>');
DROP INDEX slab_order_rows_i;
CREATE INDEX slab_order_rows_i ON slab_order_rows USING slab (v vec_l1_ops);
SELECT * FROM pg_temp.compare('<+>');

-- ---- copies by the thousand: all are within reach, whatever went before

UPDATE slab_order_rows SET v = (SELECT v FROM slab_order_rows WHERE id = 5) WHERE id > 1000;
DROP INDEX slab_order_rows_i;
CREATE INDEX slab_order_rows_i ON slab_order_rows USING slab (v) WITH (lists = 20);
SELECT pg_temp.ascends(indexed), cardinality(indexed) AS rows
FROM pg_temp.distances((SELECT format('SELECT v <-> %L AS distance FROM slab_order_rows WHERE id > 2900 ORDER BY 1 LIMIT 100', v)
    FROM slab_order_rows WHERE id = 5));

DROP TABLE slab_order_near, slab_order_dense, slab_order_hot, slab_order_rows;
