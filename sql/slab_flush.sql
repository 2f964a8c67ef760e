-- Flushes: rows of the sidecar that get a segment of their own once there are seal_threshold of them.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pgslab;
RESET client_min_messages;
SET enable_seqscan = off;
SET jit = off;
-- No worker interferes.
SET slab.auto_compact = off;

CREATE FUNCTION pg_temp.some_vec(i integer) RETURNS vec LANGUAGE sql IMMUTABLE AS $$
    SELECT array_agg(hashint4(i * 24 + d) / 2147483648.0 ORDER BY d)::vec(24) FROM generate_series(1, 24) AS d
$$;
-- Whether a search finds all rows of the table once each; with slab.exact, in their order.
CREATE FUNCTION pg_temp.answers(OUT rows bigint, OUT complete boolean, OUT exact boolean) LANGUAGE plpgsql AS $$
DECLARE
    query vec := pg_temp.some_vec(-1);
BEGIN
    rows := count(*) FROM slab_flush_items;
    complete := (SELECT array_agg(id ORDER BY id) FROM (SELECT id FROM slab_flush_items ORDER BY v <-> query OFFSET 0) AS s) =
        (SELECT array_agg(id ORDER BY id) FROM slab_flush_items);
    SET LOCAL slab.exact = on;
    exact := (SELECT array_agg(v <-> query) FROM (SELECT v FROM slab_flush_items ORDER BY v <-> query OFFSET 0) AS s) =
        (SELECT array_agg(v <-> query ORDER BY 0 + (v <-> query)) FROM slab_flush_items);
    SET LOCAL slab.exact = off;
END $$;

CREATE TABLE slab_flush_items (id integer, v vec(24)) WITH (autovacuum_enabled = off);
INSERT INTO slab_flush_items SELECT i, pg_temp.some_vec(i) FROM generate_series(1, 500) AS i;
CREATE INDEX slab_flush_i ON slab_flush_items USING slab (v) WITH (lists = 5, seal_threshold = 100);
CREATE TEMPORARY VIEW stats AS
SELECT rows, segments, sidecar_rows, generation, code_bytes_written > 0 AS codes, vector_bytes_written, needs_compaction, needs_vacuum
FROM slab_stats('slab_flush_i');
SELECT * FROM stats;

-- ---- at the threshold, not before

INSERT INTO slab_flush_items SELECT i, pg_temp.some_vec(i) FROM generate_series(501, 599) AS i;
SELECT * FROM stats;
SELECT * FROM pg_temp.answers();
INSERT INTO slab_flush_items VALUES (600, pg_temp.some_vec(600));
SELECT * FROM stats;
SELECT * FROM pg_temp.answers();
SELECT slab_check('slab_flush_i', true);
-- as often as it is reached, within one statement too
INSERT INTO slab_flush_items SELECT i, pg_temp.some_vec(i) FROM generate_series(601, 850) AS i;
SELECT * FROM stats;
SELECT * FROM pg_temp.answers();
SELECT slab_check('slab_flush_i', true);
SELECT count(*) AS found FROM generate_series(1, 850) AS i
WHERE i IN (SELECT id FROM slab_flush_items ORDER BY v <-> pg_temp.some_vec(i) LIMIT 1);

-- ---- of rows that are gone again

BEGIN;
INSERT INTO slab_flush_items SELECT i, pg_temp.some_vec(i) FROM generate_series(5001, 5120) AS i;
SELECT * FROM pg_temp.answers();
ROLLBACK;
SELECT segments, sidecar_rows FROM stats;
SELECT * FROM pg_temp.answers();
DO $$
BEGIN
    INSERT INTO slab_flush_items SELECT i, pg_temp.some_vec(i) FROM generate_series(5001, 5120) AS i;
    RAISE division_by_zero;
EXCEPTION WHEN division_by_zero THEN
    NULL;
END $$;
SELECT * FROM pg_temp.answers();
SELECT slab_check('slab_flush_i', true);

-- ---- updates and COPY insert, too

UPDATE slab_flush_items SET v = pg_temp.some_vec(-id) WHERE id % 5 = 0;
SELECT sidecar_rows < 100 AS flushed FROM stats;
SELECT * FROM pg_temp.answers();
COPY slab_flush_items FROM stdin;
9001	[1,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0]
9002	\N
9003	[0,1,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0]
\.
DELETE FROM slab_flush_items WHERE v IS NULL;
SELECT * FROM pg_temp.answers();
SELECT slab_check('slab_flush_i', true);

-- ---- another threshold is heeded soon; at 0 it is chosen by the index

ALTER INDEX slab_flush_i SET (seal_threshold = 1000000);
INSERT INTO slab_flush_items SELECT i, pg_temp.some_vec(i) FROM generate_series(10001, 10300) AS i;
SELECT sidecar_rows >= 300 AS waiting FROM stats;
ALTER INDEX slab_flush_i SET (seal_threshold = 50);
INSERT INTO slab_flush_items SELECT i, pg_temp.some_vec(i) FROM generate_series(10301, 10364) AS i;
SELECT sidecar_rows < 50 AS flushed FROM stats;
ALTER INDEX slab_flush_i RESET (seal_threshold);
INSERT INTO slab_flush_items SELECT i, pg_temp.some_vec(i) FROM generate_series(10365, 10964) AS i;
SELECT sidecar_rows >= 600 AS waiting FROM stats;
SELECT * FROM pg_temp.answers();
SELECT slab_check('slab_flush_i', true);

-- ---- one row at a time; and more segments than there may be: VACUUM merges them

ALTER INDEX slab_flush_i SET (seal_threshold = 1);
DO $$
BEGIN
    FOR i IN 11001..11130 LOOP
        INSERT INTO slab_flush_items VALUES (i, pg_temp.some_vec(i));
    END LOOP;
END $$;
SELECT segments BETWEEN 20 AND 24 AS many, needs_compaction FROM stats;
SELECT * FROM pg_temp.answers();
SELECT slab_check('slab_flush_i', true);
VACUUM slab_flush_items;
SELECT segments < 8 AS few, sidecar_rows, needs_compaction FROM stats;
SELECT * FROM pg_temp.answers();
SELECT slab_check('slab_flush_i', true);
DROP VIEW stats;
DROP TABLE slab_flush_items;

-- ---- every opclass; L1 has nothing to flush

CREATE TABLE slab_flush_metrics (id integer, v vec(24)) WITH (autovacuum_enabled = off);
CREATE INDEX slab_flush_l2 ON slab_flush_metrics USING slab (v vec_l2_ops) WITH (seal_threshold = 64, storage = f32);
CREATE INDEX slab_flush_ip ON slab_flush_metrics USING slab (v vec_ip_ops) WITH (seal_threshold = 64, bits = 8);
CREATE INDEX slab_flush_cosine ON slab_flush_metrics USING slab (v vec_cosine_ops) WITH (seal_threshold = 64, bits = 'none');
CREATE INDEX slab_flush_l1 ON slab_flush_metrics USING slab (v vec_l1_ops) WITH (seal_threshold = 64);
INSERT INTO slab_flush_metrics SELECT i, pg_temp.some_vec(i) FROM generate_series(1, 200) AS i;
SELECT index, rows, segments, sidecar_rows, needs_compaction FROM slab_indexes WHERE "table" = 'slab_flush_metrics'::regclass ORDER BY index::text;
SELECT index, slab_check(index, true) FROM slab_indexes WHERE "table" = 'slab_flush_metrics'::regclass ORDER BY index::text;
SELECT count(*) FILTER (WHERE l2 = seq_l2) AS l2, count(*) FILTER (WHERE ip = seq_ip) AS ip,
       count(*) FILTER (WHERE cosine = seq_cosine) AS cosine, count(*) FILTER (WHERE l1 = seq_l1) AS l1
FROM generate_series(201, 210) AS q, pg_temp.some_vec(q) AS query,
    set_config('slab.exact', 'on', false),
    LATERAL (SELECT ARRAY(SELECT id FROM slab_flush_metrics ORDER BY v <-> query LIMIT 20) AS l2,
                    ARRAY(SELECT id FROM slab_flush_metrics ORDER BY v <#> query LIMIT 20) AS ip,
                    ARRAY(SELECT id FROM slab_flush_metrics ORDER BY v <=> query LIMIT 20) AS cosine,
                    ARRAY(SELECT id FROM slab_flush_metrics ORDER BY v <+> query LIMIT 20) AS l1,
                    ARRAY(SELECT id FROM slab_flush_metrics ORDER BY (v <-> query) + 0 LIMIT 20) AS seq_l2,
                    ARRAY(SELECT id FROM slab_flush_metrics ORDER BY (v <#> query) + 0 LIMIT 20) AS seq_ip,
                    ARRAY(SELECT id FROM slab_flush_metrics ORDER BY (v <=> query) + 0 LIMIT 20) AS seq_cosine,
                    ARRAY(SELECT id FROM slab_flush_metrics ORDER BY (v <+> query) + 0 LIMIT 20) AS seq_l1) AS found;
DROP TABLE slab_flush_metrics;
