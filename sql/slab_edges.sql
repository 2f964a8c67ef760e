-- Tables and values at the edges: none, one, equal, zero, NULL, tiny, huge.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pgslab;
RESET client_min_messages;
SET slab.exact = on;
SET enable_seqscan = off;

-- ---- an empty table, then one row, then none

CREATE TABLE slab_edges_few (id integer, v vec(3));
CREATE INDEX slab_edges_few_i ON slab_edges_few USING slab (v);
SELECT id FROM slab_edges_few ORDER BY v <-> '[1,2,3]';
SELECT block, role, kind, used_bytes, records, checksum_ok FROM slab_pages('slab_edges_few_i');
INSERT INTO slab_edges_few VALUES (1, '[1,2,3]');
SELECT id FROM slab_edges_few ORDER BY v <-> '[1,2,3]';
DELETE FROM slab_edges_few;
SELECT id FROM slab_edges_few ORDER BY v <-> '[1,2,3]';
SELECT slab_check('slab_edges_few_i', true);
DROP TABLE slab_edges_few;

-- ---- rows without a vector, and without a direction

CREATE TABLE slab_edges_items (id integer, v vec(3));
INSERT INTO slab_edges_items VALUES
    (1, '[1,0,0]'), (2, NULL), (3, '[0,0,0]'), (4, '[0,3,4]'), (5, '[-0,0,-0]'), (6, NULL), (7, '[1e-30,0,0]');
CREATE INDEX slab_edges_i ON slab_edges_items USING slab (v);
-- NULL has no distance and is not in the index
SELECT id FROM (SELECT id, v <-> '[0,0,0]' AS distance FROM slab_edges_items ORDER BY v <-> '[0,0,0]' OFFSET 0) AS s
ORDER BY distance, id;
SELECT slab_check('slab_edges_i', true);
SELECT rows FROM slab_stats('slab_edges_i');
DROP INDEX slab_edges_i;

CREATE INDEX slab_edges_i ON slab_edges_items USING slab (v vec_ip_ops);
SELECT id FROM (SELECT id, v <#> '[1,1,0]' AS distance FROM slab_edges_items ORDER BY v <#> '[1,1,0]' OFFSET 0) AS s
ORDER BY distance, id;
DROP INDEX slab_edges_i;

-- a zero vector has no cosine distance and is not in a cosine index; a tiny one has
CREATE INDEX slab_edges_i ON slab_edges_items USING slab (v vec_cosine_ops);
INSERT INTO slab_edges_items VALUES (8, NULL), (9, '[0,0,0]'), (10, '[-1,0,0]');
SELECT id, round(distance::numeric, 6) FROM (SELECT id, v <=> '[1,0,0]' AS distance FROM slab_edges_items ORDER BY v <=> '[1,0,0]' OFFSET 0) AS s
ORDER BY distance, id;
SELECT slab_check('slab_edges_i', true);
SELECT rows FROM slab_stats('slab_edges_i');
-- a zero query has a distance to no row: all are equally far
SELECT count(*), bool_and(distance = 'NaN')
FROM (SELECT v <=> '[0,0,0]' AS distance FROM slab_edges_items ORDER BY v <=> '[0,0,0]') AS s;
SELECT count(*) FROM (SELECT FROM slab_edges_items ORDER BY v <=> '[0,0,0]' LIMIT 2) AS s;
-- an update may give a row its direction, or take it
UPDATE slab_edges_items SET v = '[0,1,0]' WHERE id = 2;
UPDATE slab_edges_items SET v = '[0,0,0]' WHERE id = 1;
SELECT id FROM (SELECT id, v <=> '[0,1,0]' AS distance FROM slab_edges_items ORDER BY v <=> '[0,1,0]' OFFSET 0) AS s
ORDER BY distance, id;
SELECT slab_check('slab_edges_i', true);
DROP TABLE slab_edges_items;

-- ---- thousands of equal rows, more than a scan keeps at once

CREATE TABLE slab_edges_equal (id integer, v vec(5));
INSERT INTO slab_edges_equal SELECT i, '[1,2,3,4,5]' FROM generate_series(1, 4000) AS i;
CREATE INDEX slab_edges_equal_i ON slab_edges_equal USING slab (v);
INSERT INTO slab_edges_equal SELECT i, '[1,2,3,4,5]' FROM generate_series(4001, 5000) AS i;
INSERT INTO slab_edges_equal VALUES (5001, '[1,2,3,4,6]'), (5002, '[1,2,3,4,5.5]');
SELECT count(*), count(DISTINCT id), sum(id), max(distance)
FROM (SELECT id, v <-> '[1,2,3,4,5]' AS distance FROM slab_edges_equal ORDER BY v <-> '[1,2,3,4,5]') AS s;
SELECT id FROM slab_edges_equal ORDER BY v <-> '[1,2,3,4,5]' OFFSET 5000;
SELECT id FROM slab_edges_equal WHERE id = 4999 ORDER BY v <-> '[9,2,3,4,5]' LIMIT 1;
SET work_mem = '64kB';
SELECT count(*), count(DISTINCT id), sum(id), min(distance), max(distance)
FROM (SELECT id, v <-> '[1,2,3,4,7]' AS distance FROM slab_edges_equal ORDER BY v <-> '[1,2,3,4,7]') AS s;
RESET work_mem;
DELETE FROM slab_edges_equal WHERE id % 1000 <> 0;
SELECT id FROM (SELECT id, v <-> '[1,2,3,4,5]' AS distance FROM slab_edges_equal ORDER BY v <-> '[1,2,3,4,5]' OFFSET 0) AS s
ORDER BY distance, id;
DROP TABLE slab_edges_equal;

-- ---- beyond what a half or a float's square can hold

CREATE TABLE slab_edges_range (id integer, v vec(2));
INSERT INTO slab_edges_range VALUES
    (1, '[1e38,0]'), (2, '[3e38,3e38]'), (3, '[-3e38,3e38]'), (4, '[1e30,1]'), (5, '[70000,0]'),
    (6, '[1e-10,0]'), (7, '[1e-38,1e-38]'), (8, '[1e-45,0]'), (9, '[0,0]'), (10, '[1,1e-20]');
CREATE INDEX slab_edges_range_i ON slab_edges_range USING slab (v);
SELECT id FROM (SELECT id, v <-> '[0,0]' AS distance FROM slab_edges_range ORDER BY v <-> '[0,0]' OFFSET 0) AS s
ORDER BY distance, id;
SELECT id FROM (SELECT id, v <-> '[3e38,3e38]' AS distance FROM slab_edges_range ORDER BY v <-> '[3e38,3e38]' OFFSET 0) AS s
ORDER BY distance, id LIMIT 2;
SELECT id FROM (SELECT id, v <-> '[1e-10,0]' AS distance FROM slab_edges_range ORDER BY v <-> '[1e-10,0]' OFFSET 0) AS s
ORDER BY distance, id LIMIT 1;
DROP INDEX slab_edges_range_i;
CREATE INDEX slab_edges_range_i ON slab_edges_range USING slab (v vec_l1_ops);
SELECT id FROM (SELECT id, v <+> '[0,0]' AS distance FROM slab_edges_range ORDER BY v <+> '[0,0]' OFFSET 0) AS s
ORDER BY distance, id;
DROP INDEX slab_edges_range_i;
CREATE INDEX slab_edges_range_i ON slab_edges_range USING slab (v vec_ip_ops);
SELECT id FROM (SELECT id, v <#> '[1,0.5]' AS distance FROM slab_edges_range ORDER BY v <#> '[1,0.5]' OFFSET 0) AS s
ORDER BY distance, id;
DROP INDEX slab_edges_range_i;
CREATE INDEX slab_edges_range_i ON slab_edges_range USING slab (v vec_cosine_ops);
SELECT round((v <=> '[0,1e30]')::numeric, 6) AS distance, array_agg(id ORDER BY id) AS ids
FROM (SELECT * FROM slab_edges_range ORDER BY v <=> '[0,1e30]' OFFSET 0) AS s GROUP BY 1 ORDER BY 1;
SELECT slab_check('slab_edges_range_i', true);
DROP TABLE slab_edges_range;

-- ---- one dimension

CREATE TABLE slab_edges_line (id integer, v vec(1));
INSERT INTO slab_edges_line SELECT i, ARRAY[i]::vec FROM generate_series(1, 2000) AS i;
CREATE INDEX slab_edges_line_i ON slab_edges_line USING slab (v);
SELECT id FROM slab_edges_line ORDER BY v <-> '[1234.4]' LIMIT 3;
SELECT bool_and(id = place) FROM (SELECT id, row_number() OVER () AS place
    FROM (SELECT id FROM slab_edges_line ORDER BY v <-> '[-1]' OFFSET 0) AS s) AS t;
DROP TABLE slab_edges_line;
