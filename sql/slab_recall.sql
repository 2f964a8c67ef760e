-- slab_recall(): an index measured against itself.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pgslab;
RESET client_min_messages;

-- Points around fifty centres.
CREATE TABLE slab_recall_items (id integer, v vec(24));
INSERT INTO slab_recall_items
SELECT i, array_agg(hashint4(i * 31 + d) / 2147483648.0 + 2 * (hashint4((i % 50) * 977 + d) / 2147483648.0) ORDER BY d)::vec(24)
FROM generate_series(1, 3000) AS i, generate_series(1, 24) AS d GROUP BY i;
CREATE INDEX slab_recall_i ON slab_recall_items USING slab (v) WITH (lists = 20);

-- ---- what it measures

SELECT recall BETWEEN 0.85 AND 1 AS recall, queries > 100 AS queries, lists BETWEEN 1 AND 20 AS lists, codes BETWEEN 100 AND 3000 AS codes,
    refined >= 0 AS refined, compared BETWEEN 10 AND 3000 AS compared, buffers >= 5 AS buffers, time_ms > 0 AS time
FROM slab_recall('slab_recall_i');
SELECT recall > 0.8 AS recall, queries > 100 AS queries FROM slab_recall('slab_recall_i', 1);
SELECT recall > 0.8 AS recall, queries > 100 AS queries, compared >= 100 AS compared FROM slab_recall('slab_recall_i', k => 100);
SET slab.exact = on;
SELECT recall, queries > 100 AS queries, refined + compared >= 3000 AS everything FROM slab_recall('slab_recall_i');
RESET slab.exact;
SET slab.probes = 20;
SELECT recall > 0.9 AS recall, lists, codes FROM slab_recall('slab_recall_i');
SET slab.probes = 1;
SET slab.refine = 10;
SELECT recall < 1 AS recall, lists < 20 AS lists, compared < 300 AS compared FROM slab_recall('slab_recall_i');
RESET slab.probes;
RESET slab.refine;
-- one's own queries
SELECT recall > 0.8 AS recall, queries FROM slab_recall('slab_recall_i', 5, (SELECT array_agg(v) FROM slab_recall_items WHERE id < 30));
SELECT recall > 0.8 AS recall, queries
FROM slab_recall('slab_recall_i', queries => ARRAY[array_fill(0, ARRAY[24])::vec, array_fill(7, ARRAY[24])::vec]);
-- rows that came after the build, and that went
INSERT INTO slab_recall_items SELECT id + 3000, v + v FROM slab_recall_items WHERE id <= 500;
DELETE FROM slab_recall_items WHERE id % 10 = 3;
SELECT recall > 0.8 AS recall, queries > 100 AS queries FROM slab_recall('slab_recall_i');
SELECT slab_recall(NULL) IS NULL AS index, slab_recall('slab_recall_i', NULL) IS NULL AS k;
-- that was no query's scan
SELECT slab_last_scan() IS NULL AS no_scan;

-- every metric and storage
CREATE INDEX slab_recall_ip ON slab_recall_items USING slab (v vec_ip_ops);
CREATE INDEX slab_recall_cosine ON slab_recall_items USING slab (v vec_cosine_ops) WITH (storage = f32);
CREATE INDEX slab_recall_l1 ON slab_recall_items USING slab (v vec_l1_ops);
SELECT index, recall > 0.8 AS recall, queries > 100 AS queries
FROM unnest(ARRAY['slab_recall_ip', 'slab_recall_cosine', 'slab_recall_l1']::regclass[]) AS index, slab_recall(index);
-- a zero vector is at no distance under cosine
SELECT queries FROM slab_recall('slab_recall_cosine', 3, ARRAY[array_fill(0, ARRAY[24])::vec]);

-- equal rows are equally good
CREATE TABLE slab_recall_equal (v vec(2));
INSERT INTO slab_recall_equal SELECT '[1,2]' FROM generate_series(1, 3000);
CREATE INDEX slab_recall_equal_i ON slab_recall_equal USING slab (v);
SELECT recall, queries > 100 AS queries FROM slab_recall('slab_recall_equal_i');
SELECT recall, queries FROM slab_recall('slab_recall_equal_i', 10, ARRAY['[3,1]'::vec]);

-- few rows
CREATE TABLE slab_recall_few (v vec(2));
CREATE INDEX slab_recall_few_i ON slab_recall_few USING slab (v);
INSERT INTO slab_recall_few SELECT ARRAY[i, 0]::vec FROM generate_series(1, 30) AS i;
SELECT recall, queries BETWEEN 10 AND 30 AS queries FROM slab_recall('slab_recall_few_i');
SELECT recall, queries BETWEEN 10 AND 30 AS queries FROM slab_recall('slab_recall_few_i', 1000);

-- ---- learning from queries

SELECT count(*) FROM slab_calibrate('slab_recall_i',
    (SELECT array_agg(q) FROM (SELECT (SELECT array_agg(hashint4(i * 977 + d * 13) / 40000000.0 ORDER BY d) FROM generate_series(1, 24) AS d)::vec AS q
     FROM generate_series(1, 100) AS i) AS s));
SELECT learnt <> '{0,0,0}' AS learnt, audits, audited_recall FROM slab_stats('slab_recall_i');
SELECT count(*) FROM slab_calibrate('slab_recall_i');
SELECT learnt <> '{0,0,0}' AS still FROM slab_stats('slab_recall_i');
SELECT count(*) FROM slab_calibrate('slab_recall_i', forget => true);
SELECT learnt FROM slab_stats('slab_recall_i');
SELECT slab_calibrate('slab_recall_i', '{}');
SELECT slab_calibrate('slab_recall_i', ARRAY[NULL]::vec[]);
SELECT slab_calibrate('slab_recall_i', ARRAY['[1,2]'::vec]);
SELECT count(*) FROM slab_calibrate('slab_recall_cosine', ARRAY[array_fill(0, ARRAY[24])::vec]);

-- ---- what codes are too coarse for: rows along nearly one line, which differ in one element

CREATE TABLE slab_recall_line (v vec(40));
INSERT INTO slab_recall_line
SELECT array_agg(CASE WHEN d % 3 = 0 THEN i % 50 ELSE -(i % 50) END + CASE WHEN d = 1 THEN i * 0.001 ELSE 0 END ORDER BY d)::vec(40)
FROM generate_series(1, 800) AS i, generate_series(1, 40) AS d GROUP BY i;
-- the figures are in test/t/059
\set VERBOSITY terse
CREATE INDEX slab_recall_line_i ON slab_recall_line USING slab (v vec_cosine_ops) WITH (lists = 4);
SELECT count(*) FROM slab_calibrate('slab_recall_line_i');
SELECT count(*) FROM slab_calibrate('slab_recall_line_i', (SELECT array_agg(v) FROM (SELECT v FROM slab_recall_line LIMIT 100) AS s));
SET slab.target_recall = 0.999;
SELECT recall < 0.99 AS short FROM slab_recall('slab_recall_line_i', 10, (SELECT array_agg(v) FROM slab_recall_line));
RESET slab.target_recall;
\set VERBOSITY default

-- ---- what it refuses

SELECT slab_recall('slab_recall_i', 0);
SELECT slab_recall('slab_recall_i', 1001);
SELECT slab_recall('slab_recall_i', -1);
SELECT slab_recall('slab_recall_i', 1, ARRAY['[1,2]'::vec]);
SELECT slab_recall('slab_recall_few_i', 1, ARRAY['[1,2]', NULL]::vec[]);
SELECT slab_recall('slab_recall_few_i', 1, ARRAY[]::vec[]);
SELECT slab_recall('slab_recall_items');
TRUNCATE slab_recall_few;
SELECT slab_recall('slab_recall_few_i');
SELECT slab_recall('slab_recall_few_i', 1, ARRAY['[1,2]'::vec]);
-- a row cannot be its own neighbour
INSERT INTO slab_recall_few VALUES ('[1,1]');
SELECT slab_recall('slab_recall_few_i');
SELECT recall, queries FROM slab_recall('slab_recall_few_i', 1, ARRAY['[1,2]'::vec]);
ALTER INDEX slab_recall_few_i SET (embedder = 'another');
SELECT slab_recall('slab_recall_few_i');

-- ---- whom it obeys

CREATE ROLE regress_slab_recall;
SET ROLE regress_slab_recall;
SELECT slab_recall('slab_recall_i');
RESET ROLE;
GRANT SELECT ON slab_recall_items TO regress_slab_recall;
SET ROLE regress_slab_recall;
SELECT queries > 100 AS queries FROM slab_recall('slab_recall_i');
RESET ROLE;

DROP TABLE slab_recall_items, slab_recall_equal, slab_recall_few;
DROP ROLE regress_slab_recall;
