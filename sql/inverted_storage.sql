-- Indexes by terms as they are kept: builds, inserts, documents of many slots, maintenance, and what is refused.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pgslab;
RESET client_min_messages;
-- No worker interferes.
SET slab.auto_compact = off;
\set SHOW_CONTEXT never

-- Words as they are in texts: few are in most of them, and many in few.
CREATE FUNCTION pg_temp.some_text(i integer, words integer) RETURNS tsvector LANGUAGE sql IMMUTABLE AS $$
    SELECT to_tsvector('simple', string_agg('w' || floor(2000 ^ ((hashint4(i * 1000 + w) & 65535) / 65536.0)), ' '))
    FROM generate_series(1, words) AS w
$$;
CREATE FUNCTION pg_temp.some_svec(i integer, nonzeros integer) RETURNS svec LANGUAGE sql IMMUTABLE AS $$
    SELECT ('{' || string_agg(d || ':' || ((hashint4(i * 1000 + d) & 1023) + 1) / 64.0 - 8.5, ',') || '}/100000')::svec
    FROM (SELECT DISTINCT floor(100000 ^ ((hashint4(i * 1000 + w) & 65535) / 65536.0))::integer AS d
          FROM generate_series(1, nonzeros) AS w) AS s
$$;

-- ---- what is in an index

CREATE TABLE inverted_storage_few (id integer, t tsvector, s svec(10));
CREATE INDEX inverted_storage_few_t ON inverted_storage_few USING slab (t);
CREATE INDEX inverted_storage_few_ip ON inverted_storage_few USING slab (s);
CREATE INDEX inverted_storage_few_cosine ON inverted_storage_few USING slab (s svec_cosine_ops);
CREATE VIEW inverted_storage_stats AS
SELECT index, dims, metric, storage, lists, refine_bits, segments, calibration_queries, rows, live, tombstones, sidecar_rows
FROM slab_indexes WHERE index::text LIKE 'inverted_storage_few_%' ORDER BY index::text COLLATE "C";
SELECT * FROM inverted_storage_stats;
-- NULL is in none, and the vector that has no angle not in that of angles; a text without words is a text
INSERT INTO inverted_storage_few VALUES (1, NULL, NULL), (2, '', '{}/10'), (3, 'a:1,2 b:3', '{1:1,3:-2}/10'),
    (4, strip('a:1,2 c:3'), '{10:3}/10'), (5, 'a:1A,2B,9 ''two words'':4', NULL), (6, NULL, '{2:1e-38,3:3e38}/10');
SELECT index, segments, rows, live, tombstones, sidecar_rows FROM inverted_storage_stats;
SELECT slab_check(index, true) FROM inverted_storage_stats;
REINDEX TABLE inverted_storage_few;
SELECT index, segments, rows, live, tombstones, sidecar_rows FROM inverted_storage_stats;
SELECT slab_check(index, true) FROM inverted_storage_stats;
INSERT INTO inverted_storage_few SELECT id + 10, t, s FROM inverted_storage_few;
SELECT index, segments, rows, live, tombstones, sidecar_rows FROM inverted_storage_stats;
SELECT index, c.records_before, c.sidecar_records, c.segments_before, c.segments_after
FROM inverted_storage_stats, LATERAL slab_compact(index) AS c;
SELECT slab_check(index, true) FROM inverted_storage_stats;
DELETE FROM inverted_storage_few WHERE id IN (3, 14);
VACUUM inverted_storage_few;
SELECT index, segments, rows, live, tombstones, sidecar_rows FROM inverted_storage_stats;
SELECT slab_check(index, true) FROM inverted_storage_stats;
-- a row of other terms than the index has of it is noticed
CREATE TABLE inverted_storage_lie (t text);
CREATE FUNCTION inverted_storage_words(t text) RETURNS tsvector LANGUAGE plpgsql IMMUTABLE AS $$
    BEGIN RETURN to_tsvector('simple', t); END $$;
CREATE INDEX inverted_storage_lie_i ON inverted_storage_lie USING slab (inverted_storage_words(t));
INSERT INTO inverted_storage_lie VALUES ('one'), ('two three');
SELECT slab_check('inverted_storage_lie_i', true);
CREATE OR REPLACE FUNCTION inverted_storage_words(t text) RETURNS tsvector LANGUAGE plpgsql IMMUTABLE AS $$
    BEGIN RETURN to_tsvector('simple', replace(t, 'three', 'four')); END $$;
SELECT slab_check('inverted_storage_lie_i', true);
DROP TABLE inverted_storage_lie;
DROP FUNCTION inverted_storage_words;

-- ---- dims

INSERT INTO inverted_storage_few VALUES (7, NULL, '{1:1}/11');
CREATE TABLE inverted_storage_dims (s svec);
CREATE INDEX inverted_storage_dims_i ON inverted_storage_dims USING slab (s);
CREATE INDEX inverted_storage_dims_i ON inverted_storage_dims USING slab ((s::svec(3)));
INSERT INTO inverted_storage_dims VALUES ('{1:1}/3'), ('{2:1}/3');
INSERT INTO inverted_storage_dims VALUES ('{1:1}/4');
SELECT dims, metric, rows FROM slab_stats('inverted_storage_dims_i');
SELECT slab_check('inverted_storage_dims_i', true);
DROP TABLE inverted_storage_dims;

-- ---- options

CREATE FUNCTION pg_temp.refused_with(options text, index text) RETURNS TABLE (code text, message text, detail text, hint text)
LANGUAGE sql AS $$
    SELECT * FROM refused(format('CREATE INDEX inverted_storage_refused ON inverted_storage_few USING slab (%s) WITH (%s)', index, options))
$$;
SELECT o, r.* FROM unnest(ARRAY['storage = f16', 'lists = 3', 'bits = 4', 'prefix_dims = 64', 'sample = 10', 'k1 = -1', 'k1 = 1001', 'b = 1.5',
                                'text_config = klingon']) AS o, LATERAL pg_temp.refused_with(o, 't') AS r;
SELECT o, r.* FROM unnest(ARRAY['storage = f16', 'k1 = 1', 'b = 0', 'text_config = simple']) AS o, LATERAL pg_temp.refused_with(o, 's') AS r;
SELECT o, r.* FROM unnest(ARRAY['k1 = 1', 'b = 0', 'text_config = simple']) AS o,
    LATERAL refused(format('CREATE TABLE inverted_storage_vec (v vec(3)); CREATE INDEX ON inverted_storage_vec USING slab (v) WITH (%s)', o)) AS r;
CREATE INDEX inverted_storage_few_options ON inverted_storage_few USING slab (t)
    WITH (k1 = 0, b = 1, text_config = 'pg_catalog.english', seal_threshold = 10, vacuum_threshold = 0.5, embedder = 'splade', revision = '3');
SELECT reloptions FROM pg_class WHERE relname = 'inverted_storage_few_options';
SELECT embedder, revision FROM slab_stats('inverted_storage_few_options');
ALTER INDEX inverted_storage_few_options SET (lists = 5);
ALTER INDEX inverted_storage_few_options SET (text_config = klingon);
ALTER INDEX inverted_storage_few_options SET (k1 = 2);
ALTER INDEX inverted_storage_few_options RESET (k1, b, text_config);
DROP INDEX inverted_storage_few_options;

-- ---- what is about vectors says so

SELECT r.* FROM unnest(ARRAY[
    'SELECT slab_recluster(''inverted_storage_few_t'')', 'SELECT slab_calibrate(''inverted_storage_few_ip'')',
    'SELECT slab_recall(''inverted_storage_few_t'')', 'SELECT slab_topk(''inverted_storage_few_ip'', ''[1,2]''::vec, 3)',
    'SELECT slab_two_tier(''inverted_storage_few_cosine'', ''s'', ''[1,2]''::vec, ''[1,2]''::vec, 3)']) AS statement,
    LATERAL refused(statement) AS r;
SELECT role COLLATE "C" AS role, kind, bool_and(checksum_ok) FROM slab_pages('inverted_storage_few_t') GROUP BY 1, 2 ORDER BY 1, 2;
SELECT slab_warm('inverted_storage_few_t', 'meta') > 0 AS meta, slab_warm('inverted_storage_few_t', 'codes') > 0 AS codes,
       slab_warm('inverted_storage_few_t', 'all') > 0 AS "all";
DROP TABLE inverted_storage_few;
DROP VIEW inverted_storage_stats;

-- ---- batches: memory for a few thousand rows at a time

CREATE TABLE inverted_storage_items (id integer, tenant integer, tags text[], t tsvector, s svec(100000)) WITH (autovacuum_enabled = off);
INSERT INTO inverted_storage_items
SELECT i, i % 7, ARRAY['t' || i % 3, 'u' || i % 5], pg_temp.some_text(i, 5 + i % 30), pg_temp.some_svec(i, 5 + i % 20)
FROM generate_series(1, 20000) AS i;
SET maintenance_work_mem = '1MB';
CREATE INDEX inverted_storage_t ON inverted_storage_items USING slab (t, tenant, tags) WITH (seal_threshold = 500);
CREATE INDEX inverted_storage_s ON inverted_storage_items USING slab (s, tenant) WITH (seal_threshold = 500);
CREATE INDEX inverted_storage_c ON inverted_storage_items USING slab (s svec_cosine_ops) WITH (addresses = on);
CREATE VIEW inverted_storage_sizes AS
SELECT index, segments, rows, live, tombstones, sidecar_rows, spare_bytes < total_bytes / 5 AS little_is_spare,
       in_progress_bytes, slab_bytes
FROM slab_indexes WHERE index::text LIKE 'inverted_storage_%' ORDER BY index::text COLLATE "C";
SELECT * FROM inverted_storage_sizes;
SELECT slab_check(index, true) FROM inverted_storage_sizes;
-- the same with room for all of them: the index is as large
CREATE TABLE inverted_storage_before AS SELECT index, total_bytes FROM slab_indexes WHERE index::text LIKE 'inverted_storage_%';
RESET maintenance_work_mem;
REINDEX TABLE inverted_storage_items;
SELECT * FROM inverted_storage_sizes;
SELECT b.index, i.total_bytes::float / b.total_bytes BETWEEN 0.9 AND 1.1 AS about_as_large
FROM inverted_storage_before AS b JOIN slab_indexes AS i USING (index) ORDER BY b.index::text COLLATE "C";
SELECT slab_check(index, true) FROM inverted_storage_sizes;

-- ---- rows that come and go: an insert that fills the sidecar flushes it

INSERT INTO inverted_storage_items
SELECT i, i % 7, ARRAY['t' || i % 3], pg_temp.some_text(i, 5 + i % 30), pg_temp.some_svec(i, 5 + i % 20)
FROM generate_series(20001, 22000) AS i;
SELECT index, rows, live, sidecar_rows < 2000 AS flushed, segments > 1 AS segments FROM inverted_storage_sizes;
SELECT slab_check(index, true) FROM inverted_storage_sizes;
UPDATE inverted_storage_items SET t = pg_temp.some_text(-id, 12), s = pg_temp.some_svec(-id, 12) WHERE id % 20 = 3;
DELETE FROM inverted_storage_items WHERE id % 20 = 5;
SELECT slab_check(index, true) FROM inverted_storage_sizes;
VACUUM inverted_storage_items;
SELECT index, rows - live = tombstones AS counted, live FROM inverted_storage_sizes;
SELECT slab_check(index, true) FROM inverted_storage_sizes;
SELECT index, c.segments_after FROM inverted_storage_sizes, LATERAL slab_compact(index) AS c;
SELECT index, segments, live, sidecar_rows FROM inverted_storage_sizes;
SELECT slab_check(index, true) FROM inverted_storage_sizes;
SELECT index, c.segments_after FROM inverted_storage_sizes, LATERAL slab_compact(index, true) AS c;
SELECT index, segments, rows, live, tombstones, sidecar_rows, slab_bytes FROM inverted_storage_sizes;
SELECT slab_check(index, true) FROM inverted_storage_sizes;
DELETE FROM inverted_storage_items WHERE id % 3 > 0;
VACUUM inverted_storage_items;
SELECT index, v.records_after, v.tombstones_removed FROM inverted_storage_sizes, LATERAL slab_vacuum(index) AS v;
SELECT index, segments, rows, live, tombstones, sidecar_rows FROM inverted_storage_sizes;
SELECT slab_check(index, true) FROM inverted_storage_sizes;
-- what ROLLBACK left is dead as well
BEGIN;
INSERT INTO inverted_storage_items SELECT i, 1, NULL, pg_temp.some_text(i, 50), pg_temp.some_svec(i, 50) FROM generate_series(1, 100) AS i;
ROLLBACK;
INSERT INTO inverted_storage_items SELECT 0, NULL, NULL, pg_temp.some_text(0, 50), pg_temp.some_svec(0, 50);
SELECT slab_check(index, true) FROM inverted_storage_sizes;
VACUUM inverted_storage_items;
SELECT slab_check(index, true) FROM inverted_storage_sizes;
DELETE FROM inverted_storage_items;
VACUUM inverted_storage_items;
SELECT index, c.segments_after FROM inverted_storage_sizes, LATERAL slab_compact(index, true) AS c;
SELECT index, rows, live, tombstones, sidecar_rows FROM inverted_storage_sizes;
SELECT slab_check(index, true) FROM inverted_storage_sizes;
DROP TABLE inverted_storage_items, inverted_storage_before;
DROP VIEW inverted_storage_sizes;

-- ---- documents of many slots

CREATE TABLE inverted_storage_large (id integer, t tsvector, s svec(1000000));
CREATE INDEX inverted_storage_large_t ON inverted_storage_large USING slab (t, id);
CREATE INDEX inverted_storage_large_s ON inverted_storage_large USING slab (s svec_cosine_ops, id);
-- of one slot to thousands, in between those of others; the largest is nearly what a tsvector can be
INSERT INTO inverted_storage_large
SELECT i, (SELECT array_to_tsvector(array_agg(repeat(chr(97 + w % 26), 20) || w)) FROM generate_series(1, (2 ^ i)::integer) AS w),
       (SELECT ('{' || string_agg(d || ':' || d, ',') || '}/1000000')::svec FROM generate_series(1, (2 ^ i)::integer) AS d)
FROM generate_series(0, 14) AS i;
INSERT INTO inverted_storage_large
SELECT 20, (SELECT array_to_tsvector(array_agg('word' || w)) FROM generate_series(1, 90000) AS w),
       (SELECT ('{' || string_agg(d || ':1', ',') || '}/1000000')::svec FROM generate_series(1, 1000000) AS d);
INSERT INTO inverted_storage_large SELECT 21, array_to_tsvector(ARRAY[repeat('x', 2046), repeat('y', 2046)]), '{1000000:1}/1000000';
INSERT INTO inverted_storage_large SELECT i, 'a', '{5:1}/1000000' FROM generate_series(101, 130) AS i;
CREATE VIEW inverted_storage_sizes AS
SELECT index, segments, rows, live, tombstones, sidecar_rows, slab_bytes > 0 AS has_pieces
FROM slab_indexes WHERE index::text LIKE 'inverted_storage_%' ORDER BY index::text COLLATE "C";
SELECT * FROM inverted_storage_sizes;
SELECT slab_check(index, true) FROM inverted_storage_sizes;
SELECT index, c.segments_after FROM inverted_storage_sizes, LATERAL slab_compact(index) AS c;
SELECT slab_check(index, true) FROM inverted_storage_sizes;
INSERT INTO inverted_storage_large SELECT id + 200, t, s FROM inverted_storage_large WHERE id < 15;
DELETE FROM inverted_storage_large WHERE id IN (3, 12, 20);
VACUUM inverted_storage_large;
SELECT * FROM inverted_storage_sizes;
SELECT slab_check(index, true) FROM inverted_storage_sizes;
SELECT index, c.segments_after FROM inverted_storage_sizes, LATERAL slab_compact(index, true) AS c;
SELECT * FROM inverted_storage_sizes;
SELECT slab_check(index, true) FROM inverted_storage_sizes;
SET maintenance_work_mem = '1MB';
REINDEX TABLE inverted_storage_large;
SELECT * FROM inverted_storage_sizes;
SELECT slab_check(index, true) FROM inverted_storage_sizes;
RESET maintenance_work_mem;
DROP TABLE inverted_storage_large;
DROP VIEW inverted_storage_sizes;

-- ---- tables of other kinds, and other ways to build

CREATE TABLE inverted_storage_plain (id integer, t tsvector);
INSERT INTO inverted_storage_plain SELECT i, pg_temp.some_text(i, 10) FROM generate_series(1, 3000) AS i;
CREATE INDEX CONCURRENTLY inverted_storage_plain_i ON inverted_storage_plain USING slab (t, id);
SELECT slab_check('inverted_storage_plain_i', true);
REINDEX INDEX CONCURRENTLY inverted_storage_plain_i;
SELECT slab_check('inverted_storage_plain_i', true);
INSERT INTO inverted_storage_plain SELECT i, pg_temp.some_text(i, 10) FROM generate_series(3001, 3100) AS i;
VACUUM FULL inverted_storage_plain;
SELECT slab_check('inverted_storage_plain_i', true);
TRUNCATE inverted_storage_plain;
SELECT rows, segments FROM slab_stats('inverted_storage_plain_i');
INSERT INTO inverted_storage_plain SELECT i, pg_temp.some_text(i, 10) FROM generate_series(1, 100) AS i;
SELECT slab_check('inverted_storage_plain_i', true);
SELECT rows, live, sidecar_rows FROM slab_stats('inverted_storage_plain_i');
ALTER TABLE inverted_storage_plain SET UNLOGGED;
SELECT slab_check('inverted_storage_plain_i', true);
ALTER TABLE inverted_storage_plain SET LOGGED;
SELECT slab_check('inverted_storage_plain_i', true);
DROP TABLE inverted_storage_plain;

CREATE UNLOGGED TABLE inverted_storage_unlogged (id integer, s svec(100000));
CREATE INDEX inverted_storage_unlogged_i ON inverted_storage_unlogged USING slab (s) WITH (seal_threshold = 50);
INSERT INTO inverted_storage_unlogged SELECT i, pg_temp.some_svec(i, 10) FROM generate_series(1, 300) AS i;
SELECT slab_check('inverted_storage_unlogged_i', true);
DROP TABLE inverted_storage_unlogged;

CREATE TEMPORARY TABLE inverted_storage_temp (id integer, t tsvector);
CREATE INDEX inverted_storage_temp_i ON inverted_storage_temp USING slab (t) WITH (seal_threshold = 50);
SET slab.auto_compact = on;
INSERT INTO inverted_storage_temp SELECT i, pg_temp.some_text(i, 10) FROM generate_series(1, 2000) AS i;
SET slab.auto_compact = off;
SELECT slab_check('inverted_storage_temp_i', true);
SELECT rows, live, segments BETWEEN 1 AND 12 AS merged FROM slab_stats('inverted_storage_temp_i');
DROP TABLE inverted_storage_temp;

CREATE TABLE inverted_storage_parts (id integer, t tsvector) PARTITION BY RANGE (id);
CREATE TABLE inverted_storage_1 PARTITION OF inverted_storage_parts FOR VALUES FROM (1) TO (1000);
CREATE INDEX inverted_storage_parts_i ON inverted_storage_parts USING slab (t) WITH (k1 = 1.5);
CREATE TABLE inverted_storage_2 PARTITION OF inverted_storage_parts FOR VALUES FROM (1000) TO (2000);
INSERT INTO inverted_storage_parts SELECT i, pg_temp.some_text(i, 10) FROM generate_series(1, 1999) AS i;
SELECT index, metric, rows FROM slab_indexes WHERE "table"::text LIKE 'inverted_storage_%' ORDER BY index::text COLLATE "C";
SELECT slab_check(index, true) FROM slab_indexes WHERE "table"::text LIKE 'inverted_storage_%';
DROP TABLE inverted_storage_parts;

-- ---- operator classes are in order

SELECT opcname, amvalidate(o.oid) FROM pg_opclass AS o JOIN pg_am AS a ON a.oid = opcmethod
WHERE amname = 'slab' AND opcname IN ('tsvector_bm25_ops', 'svec_ip_ops', 'svec_cosine_ops') ORDER BY opcname COLLATE "C";
-- text cannot be filtered by, nor be second
CREATE TABLE inverted_storage_second (id integer, t tsvector, s svec(3));
CREATE INDEX ON inverted_storage_second USING slab (id, t);
CREATE INDEX ON inverted_storage_second USING slab (t, s);
DROP TABLE inverted_storage_second;
