-- slab_topk(): the k nearest visible rows, by the index it is given.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pgslab;
RESET client_min_messages;
SET slab.exact = on;

CREATE TABLE slab_topk_items (id integer, v vec(2));
INSERT INTO slab_topk_items SELECT i, ARRAY[i, 0]::vec FROM generate_series(1, 50) AS i;
CREATE INDEX slab_topk_l2 ON slab_topk_items USING slab (v);

-- ---- k

SELECT t.ctid, id, distance FROM slab_topk('slab_topk_l2', '[10.25,0]', 4) AS k JOIN slab_topk_items AS t ON t.ctid = k.ctid
ORDER BY distance;
-- nearest first, without asking
SELECT * FROM slab_topk('slab_topk_l2', '[10.25,0]', 4);
SELECT * FROM slab_topk('slab_topk_l2', '[10.25,0]', 0);
SELECT count(*), min(distance), max(distance) FROM slab_topk('slab_topk_l2', '[0,0]', 50);
SELECT count(*), count(DISTINCT ctid) FROM slab_topk('slab_topk_l2', '[0,0]', 51);
SELECT count(*) FROM slab_topk('slab_topk_l2', '[0,0]', 2147483647);
SELECT * FROM slab_topk('slab_topk_l2', '[0,0]', -1);
SELECT * FROM slab_topk(NULL, '[0,0]', 1);
SELECT * FROM slab_topk('slab_topk_l2', NULL, 1);
SELECT * FROM slab_topk('slab_topk_l2', '[0,0]', NULL);
SELECT * FROM slab_topk('slab_topk_l2', '[0,0]', 1, NULL);
SELECT * FROM slab_topk('slab_topk_l2', '[0]', 1);
SELECT * FROM slab_topk('slab_topk_l2', '[0,0,0]', 0);
SELECT * FROM slab_topk(index => 'slab_topk_l2', query => '[3,4]', k => 1, min_score => -5);
-- for each of several queries
SELECT q, array_agg(distance) FROM unnest(ARRAY['[1,0]', '[50,0]']::vec[]) AS q, slab_topk('slab_topk_l2', q, 2) GROUP BY q ORDER BY q;

-- ---- min_score: at least so near, the bound included

-- L2: minus the distance
SELECT * FROM slab_topk('slab_topk_l2', '[10.25,0]', 100, -1.25);
SELECT * FROM slab_topk('slab_topk_l2', '[10.25,0]', 2, -1.25);
SELECT * FROM slab_topk('slab_topk_l2', '[10,0]', 100, 0);
SELECT count(*) FROM slab_topk('slab_topk_l2', '[10,0]', 100, 0.001);
SELECT count(*) FROM slab_topk('slab_topk_l2', '[10,0]', 100, '-Infinity');
SELECT count(*) FROM slab_topk('slab_topk_l2', '[10,0]', 100, 'Infinity');
SELECT count(*) FROM slab_topk('slab_topk_l2', '[10,0]', 100, 'NaN');
-- L1: minus the distance
CREATE INDEX slab_topk_l1 ON slab_topk_items USING slab (v vec_l1_ops);
SELECT * FROM slab_topk('slab_topk_l1', '[10.25,1]', 100, -1.75);
-- inner product: the inner product
CREATE INDEX slab_topk_ip ON slab_topk_items USING slab (v vec_ip_ops);
SELECT * FROM slab_topk('slab_topk_ip', '[0.5,9]', 100, 24);
-- cosine: the cosine of the angle
CREATE TABLE slab_topk_circle (id integer, v vec(2));
INSERT INTO slab_topk_circle VALUES (1, '[1,0]'), (2, '[4,3]'), (3, '[0,2]'), (4, '[-3,4]'), (5, '[-5,0]'), (6, '[0,0]'), (7, NULL);
CREATE INDEX slab_topk_cosine ON slab_topk_circle USING slab (v vec_cosine_ops);
SELECT ctid, round(distance::numeric, 6) FROM slab_topk('slab_topk_cosine', '[2,0]', 100);
SELECT ctid, round(distance::numeric, 6) FROM slab_topk('slab_topk_cosine', '[2,0]', 100, 0.79);
SELECT ctid, round(distance::numeric, 6) FROM slab_topk('slab_topk_cosine', '[2,0]', 100, -0.5);
-- a zero query is at no distance from any row, so any will do and none is near
SELECT count(*), bool_and(distance = 'NaN') FROM slab_topk('slab_topk_cosine', '[0,0]', 3);
SELECT count(*) FROM slab_topk('slab_topk_cosine', '[0,0]', 3, -1);
DROP TABLE slab_topk_circle;

-- ---- which rows: those this snapshot sees

BEGIN ISOLATION LEVEL REPEATABLE READ;
INSERT INTO slab_topk_items VALUES (51, '[10,0.5]');
DELETE FROM slab_topk_items WHERE id = 10;
UPDATE slab_topk_items SET v = '[10,0.25]' WHERE id = 40;
UPDATE slab_topk_items SET id = -id WHERE id = 11;
SELECT id, distance FROM slab_topk('slab_topk_l2', '[10,0]', 4) AS k JOIN slab_topk_items AS t ON t.ctid = k.ctid
ORDER BY distance, id;
ROLLBACK;
SELECT distance FROM slab_topk('slab_topk_l2', '[10,0]', 1);
-- a cursor's snapshot is that of its opening, whatever happened since
BEGIN;
DECLARE c CURSOR FOR SELECT distance FROM slab_topk('slab_topk_l2', '[10,0]', 1);
DELETE FROM slab_topk_items WHERE id = 10;
FETCH ALL FROM c;
SELECT distance FROM slab_topk('slab_topk_l2', '[10,0]', 1);
ROLLBACK;
-- of a row updated in place the address is that of the version that is seen
UPDATE slab_topk_items SET id = 1000 WHERE id = 10;
SELECT t.id FROM slab_topk('slab_topk_l2', '[10,0]', 1) AS k JOIN slab_topk_items AS t ON t.ctid = k.ctid;

-- ---- which indexes

-- (of a table without old versions of rows, which would make these indexes wait for older transactions)
CREATE TABLE slab_topk_rows AS SELECT id, v FROM slab_topk_items ORDER BY id;
CREATE INDEX slab_topk_partial ON slab_topk_rows USING slab (v) WHERE id > 20;
SELECT * FROM slab_topk('slab_topk_partial', '[1,0]', 2) ORDER BY distance;
CREATE INDEX slab_topk_expression ON slab_topk_rows USING slab (((v || '[7]')::vec(3)));
SELECT distance FROM slab_topk('slab_topk_expression', '[20.5,0,7]', 2);
SELECT * FROM slab_topk('slab_topk_expression', '[20.5,0]', 2);
CREATE INDEX slab_topk_btree ON slab_topk_items (id);
SELECT * FROM slab_topk('slab_topk_btree', '[0,0]', 1);
SELECT * FROM slab_topk('slab_topk_items', '[0,0]', 1);
SELECT * FROM slab_topk('slab_indexes', '[0,0]', 1);
SELECT * FROM slab_topk('no_such_index', '[0,0]', 1);
CREATE TABLE slab_topk_parts (id integer, v vec(2)) PARTITION BY LIST (id);
CREATE TABLE slab_topk_part PARTITION OF slab_topk_parts DEFAULT;
CREATE INDEX slab_topk_parts_i ON slab_topk_parts USING slab (v);
INSERT INTO slab_topk_parts VALUES (1, '[1,1]');
SELECT * FROM slab_topk('slab_topk_parts_i', '[0,0]', 1);
SELECT * FROM slab_topk('slab_topk_part_v_idx', '[1,0]', 1);
SELECT slab_stats('slab_topk_parts_i');
SELECT slab_check('slab_topk_btree');
SELECT slab_pages('slab_topk_items');

-- ---- filter: a condition, planned as behind WHERE

CREATE TABLE slab_topk_filtered (id integer, tenant integer, "odd name" text, v vec(2));
INSERT INTO slab_topk_filtered SELECT i, i % 5, 'name ' || i % 3, ARRAY[i, 0]::vec FROM generate_series(1, 1000) AS i;
INSERT INTO slab_topk_filtered VALUES (1001, 1, 'none', NULL);
CREATE INDEX slab_topk_filtered_i ON slab_topk_filtered USING slab (v, tenant);
SET enable_seqscan = off;
-- each row's id is its distance from zero
SELECT array_agg(distance) FROM slab_topk('slab_topk_filtered_i', '[0,0]', 4, NULL, 'tenant = 3');
SELECT index, exact, expected, rows, strategy FROM slab_last_scan();
SELECT t.id, distance FROM slab_topk('slab_topk_filtered_i', '[0,0]', 3, filter => $$"odd name" = 'name 1' OR id = 2$$) AS k
JOIN slab_topk_filtered AS t ON t.ctid = k.ctid ORDER BY distance;
SELECT array_agg(distance) FROM slab_topk('slab_topk_filtered_i', '[0,0]', 4, -8, 'tenant = 3');
SELECT array_agg(distance) FROM slab_topk('slab_topk_filtered_i', '[0,0]', 4, -7.5, 'tenant = 3');
SELECT count(*) FROM slab_topk('slab_topk_filtered_i', '[0,0]', 2147483647, NULL, 'tenant = 1');
SELECT count(*) FROM slab_topk('slab_topk_filtered_i', '[0,0]', 0, NULL, 'tenant = 1');
SELECT count(*) FROM slab_topk('slab_topk_filtered_i', '[0,0]', 10, NULL, NULL);
SELECT count(*) FROM slab_topk('slab_topk_filtered_i', '[0,0]', 10, NULL, 'NULL');
SELECT count(*) FROM slab_topk('slab_topk_filtered_i', '[0,0]', -1, NULL, 'true');
SELECT count(*) FROM slab_topk('slab_topk_filtered_i', '[0]', 1, NULL, 'true');
-- no filter, and one that all rows satisfy, by the index and by the table, give the same rows
SELECT array_agg(ctid) FROM slab_topk('slab_topk_filtered_i', '[9.75,0]', 4);
SELECT array_agg(ctid) FROM slab_topk('slab_topk_filtered_i', '[9.75,0]', 4, NULL, 'true');
SELECT rows FROM slab_last_scan();
SET enable_indexscan = off;
SET enable_seqscan = on;
SELECT array_agg(ctid) FROM slab_topk('slab_topk_filtered_i', '[9.75,0]', 4, NULL, 'true');
SELECT array_agg(distance) FROM slab_topk('slab_topk_filtered_i', '[0,0]', 4, -8, 'tenant = 3');
-- those without a vector are in neither
SELECT count(*), count(distance) FROM slab_topk('slab_topk_filtered_i', '[0,0]', 2000, NULL, 'tenant = 1');
RESET enable_indexscan;
-- what can be behind WHERE can be in a filter: other tables, functions, the table's name
SELECT array_agg(distance) FROM slab_topk('slab_topk_filtered_i', '[0,0]', 4, NULL, 'id IN (SELECT 10 * i FROM generate_series(1, 9) AS i)');
SELECT array_agg(distance) FROM slab_topk('slab_topk_filtered_i', '[0,0]', 4, NULL,
    'EXISTS (SELECT FROM slab_topk_items AS i WHERE i.id = slab_topk_filtered.id AND i.id > 20)');
SELECT array_agg(distance) FROM slab_topk('slab_topk_filtered_i', '[0,0]', 4, NULL, 'random() >= 0 AND id > 1');
SELECT array_agg(distance) FROM slab_topk('slab_topk_filtered_i', '[0,0]', 4, NULL, $$tenant = ANY ('{1,2}') AND ctid > '(0,5)'$$);
SELECT array_agg(distance) FROM slab_topk('slab_topk_filtered_i', '[0,0]', 2, NULL,
    $$ctid IN (SELECT ctid FROM slab_topk('slab_topk_filtered_i', '[100,0]', 3, NULL, 'tenant = 0'))$$);
SELECT t, array_agg(distance) FROM generate_series(1, 3) AS t,
    slab_topk('slab_topk_filtered_i', '[0,0]', 2, NULL, format('tenant = %L', t)) GROUP BY t ORDER BY t;
-- comments and quotes end within it
SELECT array_agg(distance) FROM slab_topk('slab_topk_filtered_i', '[0,0]', 2, NULL, 'tenant = 2 -- AND false');
SELECT array_agg(distance) FROM slab_topk('slab_topk_filtered_i', '[0,0]', 2, NULL, 'tenant = 2 /* ) OR (true */');
SELECT array_agg(distance) FROM slab_topk('slab_topk_filtered_i', '[0,0]', 2, NULL, $$"odd name" <> ') OR (true' AND tenant = 2$$);
-- more, or less, than an expression is none
SELECT * FROM slab_topk('slab_topk_filtered_i', '[0,0]', 1, NULL, '');
SELECT * FROM slab_topk('slab_topk_filtered_i', '[0,0]', 1, NULL, 'true) OR (true');
SELECT * FROM slab_topk('slab_topk_filtered_i', '[0,0]', 1, NULL, 'tenant = = 3');
SELECT * FROM slab_topk('slab_topk_filtered_i', '[0,0]', 1, NULL, 'tenant = 3 AND');
CREATE FUNCTION slab_topk_refused(filter text, OUT code text, OUT message text) LANGUAGE plpgsql AS $$
BEGIN
    PERFORM slab_topk('slab_topk_filtered_i', '[0,0]', 1, NULL, filter);
    message := 'not refused';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS code = RETURNED_SQLSTATE, message = MESSAGE_TEXT;
END $$;
SELECT filter, r.* FROM unnest(ARRAY[
    ' -- nothing', '*', 'true, true', 'true AS x', 'true x', 'DISTINCT true', 'ALL true', 'true; DROP TABLE slab_topk_filtered',
    'true;', 'SELECT true', 'true FROM slab_topk_items', 'true WHERE true', 'true GROUP BY 1', 'true HAVING true',
    'true WINDOW w AS ()', 'true ORDER BY 1', '1=1 ORDER BY 1', 'true LIMIT 1', 'true OFFSET 1', 'true FETCH FIRST ROW ONLY',
    'true FOR UPDATE', 'true FOR READ ONLY', 'true UNION SELECT true', 'true INTO x', 'VALUES (true)', 'WITH x AS (SELECT 1) SELECT true',
    'true)', '(true', 'true /* ', $$'true$$, '"', ')(', 'true) ORDER BY $1 LIMIT $3 --', 'x := true', 'true = $1', '$2', '$4 = 1',
    'id IN (SELECT $3)', 'EXISTS (SELECT FROM slab_topk_items WHERE id = $3)'
]) WITH ORDINALITY AS u(filter, n), slab_topk_refused(filter) AS r ORDER BY n;
-- and these are, but not one to use
SELECT * FROM slab_topk('slab_topk_filtered_i', '[0,0]', 1, NULL, 'id');
SELECT * FROM slab_topk('slab_topk_filtered_i', '[0,0]', 1, NULL, 'tenant = 1 AND name = 2');
SELECT * FROM slab_topk('slab_topk_filtered_i', '[0,0]', 1, NULL, 'tenant = $1');
SELECT * FROM slab_topk('slab_topk_filtered_i', '[0,0]', 1, NULL, 'count(*) > 1');
SELECT * FROM slab_topk('slab_topk_filtered_i', '[0,0]', 1, NULL, 'generate_series(1, 2) > 1');
SELECT * FROM slab_topk('slab_topk_filtered_i', '[0,0]', 1, NULL, '1 / (id - id) = 1');
-- nothing is left of them
SELECT array_agg(distance) FROM slab_topk('slab_topk_filtered_i', '[0,0]', 4, NULL, 'tenant = 3');

-- ---- filter: which indexes

SET enable_seqscan = off;
-- rows that the predicate excludes are not in the index, whatever the plan
CREATE INDEX slab_topk_filtered_partial ON slab_topk_filtered USING slab (v) WHERE id > 20 AND "odd name" <> 'name 0';
SELECT array_agg(distance) FROM slab_topk('slab_topk_filtered_partial', '[0,0]', 4, NULL, 'tenant = 1 OR id < 5');
SELECT index FROM slab_last_scan();
DROP INDEX slab_topk_filtered_partial;
CREATE INDEX slab_topk_filtered_expression ON slab_topk_filtered USING slab (((v || '[7]')::vec(3)) vec_ip_ops);
SELECT array_agg(distance) FROM slab_topk('slab_topk_filtered_expression', '[1,0,1]', 4, 990, 'tenant = 1 OR id = 999');
SELECT index FROM slab_last_scan();
SELECT * FROM slab_topk('slab_topk_filtered_expression', '[1,0]', 4, NULL, 'tenant = 1');
CREATE DOMAIN slab_topk_domain AS vec(2);
CREATE TABLE "slab_topk Domains" (id integer, v slab_topk_domain);
INSERT INTO "slab_topk Domains" VALUES (1, '[1,0]'), (2, '[0,0]'), (3, '[0,1]'), (4, '[-1,0]'), (5, NULL);
CREATE INDEX slab_topk_domains_i ON "slab_topk Domains" USING slab (v vec_cosine_ops);
SELECT * FROM slab_topk('slab_topk_domains_i', '[1,0]', 4, NULL, 'id <> 4');
SELECT index FROM slab_last_scan();
-- also when the table is read, rows at no distance are left out, but where all are
SET enable_indexscan = off;
SELECT * FROM slab_topk('slab_topk_domains_i', '[1,0]', 4, NULL, 'id <> 4');
SELECT count(*), bool_and(distance = 'NaN') FROM slab_topk('slab_topk_domains_i', '[0,0]', 2, NULL, 'id <> 4');
SELECT count(*) FROM slab_topk('slab_topk_domains_i', '[0,0]', 2, -1, 'id <> 4');
RESET enable_indexscan;
-- an index has no rows of tables that inherit
CREATE TABLE slab_topk_child () INHERITS ("slab_topk Domains");
INSERT INTO slab_topk_child VALUES (6, '[1,0]');
SELECT count(*) FROM slab_topk('slab_topk_domains_i', '[1,0]', 10, NULL, 'true');
SELECT distance FROM slab_topk('slab_topk_part_v_idx', '[1,0]', 1, NULL, 'id = 1');
-- nothing that a search path has in front is taken for an operator or a function of the query's
CREATE SCHEMA slab_topk_front;
CREATE FUNCTION slab_topk_front.far(vec, vec) RETURNS float8 LANGUAGE sql IMMUTABLE AS 'SELECT 42::float8';
CREATE OPERATOR slab_topk_front.<-> (LEFTARG = vec, RIGHTARG = vec, FUNCTION = slab_topk_front.far);
SET search_path = slab_topk_front, public, pg_catalog;
SELECT array_agg(distance) FROM slab_topk('slab_topk_filtered_i', '[0,0]', 4, NULL, 'tenant = 3');
RESET search_path;
DROP SCHEMA slab_topk_front CASCADE;
-- the snapshot is that of the query around
BEGIN;
DECLARE c CURSOR FOR SELECT distance FROM slab_topk('slab_topk_filtered_i', '[0,0]', 2, NULL, 'tenant = 3');
DELETE FROM slab_topk_filtered WHERE id = 3;
FETCH ALL FROM c;
SELECT distance FROM slab_topk('slab_topk_filtered_i', '[0,0]', 2, NULL, 'tenant = 3');
ROLLBACK;
RESET enable_seqscan;

DROP FUNCTION slab_topk_refused;
DROP TABLE slab_topk_filtered, slab_topk_child, "slab_topk Domains";
DROP DOMAIN slab_topk_domain;
DROP TABLE slab_topk_items, slab_topk_rows, slab_topk_parts;
