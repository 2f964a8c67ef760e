-- slab_compact(), slab_vacuum(), slab_recluster(): what they do and return, for every kind of index, and who may.
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
-- Whether a search by the operator finds all rows of the table once each; with slab.exact, in their order.
CREATE FUNCTION pg_temp.answers(items regclass, operator text, OUT rows bigint, OUT complete boolean, OUT exact boolean)
LANGUAGE plpgsql AS $$
DECLARE
    found text := format('SELECT array_agg(id ORDER BY id) FROM (SELECT id FROM %s ORDER BY v %s $1 OFFSET 0) AS s', items, operator);
    there text := format('SELECT array_agg(id ORDER BY id) FROM %s', items);
    ordered text := format('SELECT array_agg(v %1$s $1) FROM (SELECT v FROM %2$s ORDER BY v %1$s $1 OFFSET 0) AS s', operator, items);
    sorted text := format('SELECT array_agg(v %1$s $1 ORDER BY (v %1$s $1) + 0) FROM %2$s', operator, items);
    query vec := pg_temp.some_vec(-1);
    ids integer[];
    all_ids integer[];
    distances double precision[];
    all_distances double precision[];
BEGIN
    EXECUTE format('SELECT count(*) FROM %s', items) INTO rows;
    EXECUTE found INTO ids USING query;
    EXECUTE there INTO all_ids;
    complete := ids IS NOT DISTINCT FROM all_ids;
    SET LOCAL slab.exact = on;
    EXECUTE ordered INTO distances USING query;
    EXECUTE sorted INTO all_distances USING query;
    exact := distances IS NOT DISTINCT FROM all_distances;
    SET LOCAL slab.exact = off;
END $$;
-- WAL records of a statement.
CREATE FUNCTION pg_temp.wal(statement text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    plan json;
BEGIN
    EXECUTE 'EXPLAIN (ANALYZE, WAL, FORMAT JSON) ' || statement INTO plan;
    RETURN (plan -> 0 -> 'Plan' ->> 'WAL Records')::bigint;
END $$;

-- ---- figures, step by step

CREATE TEMPORARY TABLE slab_compact_items (id integer, v vec(24));
INSERT INTO slab_compact_items SELECT i, pg_temp.some_vec(i) FROM generate_series(1, 1000) AS i;
CREATE INDEX slab_compact_i ON slab_compact_items USING slab (v) WITH (lists = 5, seal_threshold = 100);
INSERT INTO slab_compact_items SELECT i, pg_temp.some_vec(i) FROM generate_series(1001, 1250) AS i;
CREATE TEMPORARY VIEW stats AS
SELECT rows, live, tombstones, segments, sidecar_rows, code_bytes_written, vector_bytes_written, needs_vacuum, needs_compaction
FROM slab_stats('slab_compact_i');
SELECT segments, sidecar_rows FROM stats;
SELECT records_before, sidecar_records, segments_before, segments_after, bytes_written > 1250 * 24 / 8 AS written,
       elapsed_ms > 0 AS elapsed FROM slab_compact('slab_compact_i');
SELECT rows, segments, sidecar_rows, vector_bytes_written FROM stats;
SELECT * FROM pg_temp.answers('slab_compact_items', '<->');
-- nothing is left to do
SELECT records_before, sidecar_records, segments_before, segments_after, bytes_written FROM slab_compact('slab_compact_i');
-- dead rows are left out of segments, but keep their places
DELETE FROM slab_compact_items WHERE id % 5 < 2;
VACUUM slab_compact_items;
INSERT INTO slab_compact_items SELECT i, pg_temp.some_vec(i) FROM generate_series(2001, 2030) AS i;
SELECT rows, live, tombstones, segments, sidecar_rows FROM stats;
SELECT records_before, sidecar_records, segments_before, segments_after, bytes_written > 0 AS written FROM slab_compact('slab_compact_i');
SELECT rows, live, tombstones, segments, sidecar_rows FROM stats;
SELECT * FROM pg_temp.answers('slab_compact_items', '<->');
SELECT slab_check('slab_compact_i', true);
-- until they are wanted
SELECT records_before, records_after, tombstones_removed, bytes_reclaimed >= 0 AS reclaimed, elapsed_ms > 0 AS elapsed
FROM slab_vacuum('slab_compact_i');
SELECT rows, live, tombstones, segments, sidecar_rows, vector_bytes_written > 780 * 48 AS written FROM stats;
SELECT records_before, records_after, tombstones_removed, bytes_reclaimed FROM slab_vacuum('slab_compact_i');
SELECT * FROM pg_temp.answers('slab_compact_items', '<->');
SELECT slab_check('slab_compact_i', true);
-- all in one part, in the order of lists
INSERT INTO slab_compact_items SELECT i, pg_temp.some_vec(i) FROM generate_series(3001, 3150) AS i;
SELECT records_before, sidecar_records, segments_before, segments_after, bytes_written > 930 * (48 + 24) AS written
FROM slab_compact('slab_compact_i', "full" => true);
SELECT rows, live, tombstones, segments, sidecar_rows FROM stats;
SELECT count(DISTINCT part) AS parts FROM slab_pages('slab_compact_i') WHERE role = 'record';
SELECT * FROM pg_temp.answers('slab_compact_items', '<->');
SELECT slab_check('slab_compact_i', true);
-- lists, as many as are asked for by now
ALTER INDEX slab_compact_i SET (lists = 9);
SELECT records, lists_before, lists_after, bytes_written > 930 * (48 + 24) AS written, elapsed_ms > 0 AS elapsed
FROM slab_recluster('slab_compact_i');
SELECT rows, segments, sidecar_rows FROM stats;
SELECT lists FROM slab_stats('slab_compact_i');
SELECT * FROM pg_temp.answers('slab_compact_items', '<->');
ALTER INDEX slab_compact_i RESET (lists);
SELECT lists_before, lists_after FROM slab_recluster('slab_compact_i');
SELECT * FROM pg_temp.answers('slab_compact_items', '<->');
SELECT slab_check('slab_compact_i', true);
-- what was given up is used again, and cut off at the end
SELECT count(*) FROM generate_series(1, 5), slab_compact('slab_compact_i', true);
VACUUM slab_compact_items;
SELECT spare_bytes < total_bytes / 2 AS used FROM slab_stats('slab_compact_i');
SELECT bool_and(checksum_ok) FROM slab_pages('slab_compact_i') WHERE role <> 'spare';
DROP VIEW stats;
DROP TABLE slab_compact_items;

-- ---- every opclass, storage and code

CREATE TABLE slab_compact_metrics (id integer, v vec(24)) WITH (autovacuum_enabled = off);
INSERT INTO slab_compact_metrics SELECT i, pg_temp.some_vec(i) FROM generate_series(1, 300) AS i;
CREATE FUNCTION pg_temp.try(opclass text, options text, operator text) RETURNS TABLE (step text, figures text, answers text)
LANGUAGE plpgsql AS $$
DECLARE
    command text;
BEGIN
    EXECUTE format('CREATE INDEX slab_compact_metric_i ON slab_compact_metrics USING slab (v %s) WITH (%s)', opclass, options);
    INSERT INTO slab_compact_metrics SELECT i, pg_temp.some_vec(i) FROM generate_series(1001, 1100) AS i;
    DELETE FROM slab_compact_metrics WHERE id % 7 = 0;
    FOREACH command IN ARRAY ARRAY['compact', 'compact full', 'vacuum', 'recluster', 'compact full'] LOOP
        step := command;
        BEGIN
            CASE command
                WHEN 'compact' THEN
                    SELECT format('%s %s %s', sidecar_records, segments_before, segments_after) INTO figures
                    FROM slab_compact('slab_compact_metric_i');
                WHEN 'compact full' THEN
                    SELECT format('%s %s %s', sidecar_records, segments_before, segments_after) INTO figures
                    FROM slab_compact('slab_compact_metric_i', true);
                WHEN 'vacuum' THEN
                    SELECT format('%s', records_before = records_after + tombstones_removed) INTO figures
                    FROM slab_vacuum('slab_compact_metric_i');
                WHEN 'recluster' THEN
                    SELECT format('%s %s', lists_before, lists_after) INTO figures FROM slab_recluster('slab_compact_metric_i');
            END CASE;
        EXCEPTION WHEN feature_not_supported THEN
            figures := SQLERRM;
        END;
        answers := pg_temp.answers('slab_compact_metrics', operator)::text;
        PERFORM slab_check('slab_compact_metric_i', true);
        INSERT INTO slab_compact_metrics SELECT i, pg_temp.some_vec(i) FROM generate_series(1201, 1220) AS i;
        RETURN NEXT;
    END LOOP;
    DROP INDEX slab_compact_metric_i;
    DELETE FROM slab_compact_metrics WHERE id > 1000;
END $$;
SELECT * FROM pg_temp.try('vec_l2_ops', 'lists = 3', '<->');
SELECT * FROM pg_temp.try('vec_l2_ops', 'lists = 1, storage = f32, bits = none', '<->');
SELECT * FROM pg_temp.try('vec_ip_ops', 'lists = 3, bits = 8', '<#>');
SELECT * FROM pg_temp.try('vec_cosine_ops', 'lists = 3, bits = 4, storage = f32', '<=>');
SELECT * FROM pg_temp.try('vec_l1_ops', 'seal_threshold = 10', '<+>');
DROP TABLE slab_compact_metrics;

-- ---- copies of a few vectors, which f16 rounds and whose lists are at them: bounds from their codes are narrow

CREATE TABLE slab_compact_copies (id integer, v vec(24)) WITH (autovacuum_enabled = off);
INSERT INTO slab_compact_copies SELECT i, pg_temp.some_vec(i % 40) FROM generate_series(1, 4000) AS i;
CREATE INDEX slab_compact_copies_i ON slab_compact_copies USING slab (v) WITH (lists = 20, bits = 8);
SELECT lists_after FROM slab_recluster('slab_compact_copies_i');
SET slab.exact = on;
SELECT count(*) AS queries, bool_and(nearest = 0 AND rows = 300) AS exact
FROM generate_series(0, 39) AS i, LATERAL (
    SELECT count(*) AS rows, min(d) AS nearest
    FROM (SELECT v <-> pg_temp.some_vec(i) AS d FROM slab_compact_copies ORDER BY v <-> pg_temp.some_vec(i) LIMIT 300) AS s) AS t;
RESET slab.exact;
DROP TABLE slab_compact_copies;

-- ---- an L1 index has no lists, and says so

CREATE TABLE slab_compact_logged (id integer, v vec(24)) WITH (autovacuum_enabled = off);
INSERT INTO slab_compact_logged SELECT i, pg_temp.some_vec(i) FROM generate_series(1, 200) AS i;
CREATE INDEX slab_compact_l1 ON slab_compact_logged USING slab (v vec_l1_ops);
SELECT slab_recluster('slab_compact_l1');
DROP INDEX slab_compact_l1;

-- ---- a call with nothing to do logs nothing

CREATE INDEX slab_compact_j ON slab_compact_logged USING slab (v) WITH (lists = 3);
INSERT INTO slab_compact_logged SELECT i, pg_temp.some_vec(i) FROM generate_series(201, 300) AS i;
SELECT pg_temp.wal('SELECT slab_compact(''slab_compact_j'')') > 0 AS sealed;
-- what the first call gave up is taken back by the next one that can
SELECT pg_temp.wal('SELECT slab_compact(''slab_compact_j'')') <= 1 AS reclaimed;
SELECT pg_temp.wal('SELECT slab_compact(''slab_compact_j'')') AS compact, pg_temp.wal('SELECT slab_vacuum(''slab_compact_j'')') AS vacuum;

-- ---- temporary tables are above; unlogged ones

CREATE UNLOGGED TABLE slab_compact_unlogged (id integer, v vec(24)) WITH (autovacuum_enabled = off);
CREATE INDEX slab_compact_unlogged_i ON slab_compact_unlogged USING slab (v) WITH (seal_threshold = 50);
INSERT INTO slab_compact_unlogged SELECT i, pg_temp.some_vec(i) FROM generate_series(1, 170) AS i;
SELECT records_before, sidecar_records, segments_before, segments_after FROM slab_compact('slab_compact_unlogged_i');
SELECT segments_after FROM slab_compact('slab_compact_unlogged_i', true);
SELECT records FROM slab_recluster('slab_compact_unlogged_i');
SELECT records_after FROM slab_vacuum('slab_compact_unlogged_i');
SELECT * FROM pg_temp.answers('slab_compact_unlogged', '<->');
SELECT slab_check('slab_compact_unlogged_i', true);
DROP TABLE slab_compact_unlogged;

-- ---- without rows, with rows that have gone all

CREATE TEMPORARY TABLE slab_compact_empty (id integer, v vec(24));
CREATE INDEX slab_compact_empty_i ON slab_compact_empty USING slab (v);
SELECT records_before, sidecar_records, segments_before, segments_after, bytes_written FROM slab_compact('slab_compact_empty_i');
SELECT records_before, sidecar_records, segments_before, segments_after FROM slab_compact('slab_compact_empty_i', true);
SELECT records_before, records_after, tombstones_removed, bytes_reclaimed FROM slab_vacuum('slab_compact_empty_i');
SELECT records, lists_before, lists_after FROM slab_recluster('slab_compact_empty_i');
SELECT * FROM pg_temp.answers('slab_compact_empty', '<->');
SELECT slab_check('slab_compact_empty_i', true);
INSERT INTO slab_compact_empty SELECT i, pg_temp.some_vec(i) FROM generate_series(1, 300) AS i;
SELECT * FROM pg_temp.answers('slab_compact_empty', '<->');
SELECT records_before, sidecar_records, segments_before, segments_after FROM slab_compact('slab_compact_empty_i', true);
DELETE FROM slab_compact_empty;
VACUUM slab_compact_empty;
SELECT records_before = tombstones_removed AS none, records_after FROM slab_vacuum('slab_compact_empty_i');
SELECT records_before, segments_after FROM slab_compact('slab_compact_empty_i', true);
SELECT records FROM slab_recluster('slab_compact_empty_i');
SELECT * FROM pg_temp.answers('slab_compact_empty', '<->');
SELECT slab_check('slab_compact_empty_i', true);
INSERT INTO slab_compact_empty SELECT i, pg_temp.some_vec(i) FROM generate_series(1, 10) AS i;
SELECT * FROM pg_temp.answers('slab_compact_empty', '<->');
SELECT slab_check('slab_compact_empty_i', true);
DROP TABLE slab_compact_empty;

-- ---- built without rows, an index has one list; VACUUM sees to it that it gets more

CREATE TEMPORARY TABLE slab_compact_grown (id integer, v vec(4));
CREATE INDEX slab_compact_grown_i ON slab_compact_grown USING slab (v);
INSERT INTO slab_compact_grown SELECT i, ARRAY[i, i % 10, i % 100, i % 1000]::vec FROM generate_series(1, 12000) AS i;
SELECT lists, calibration_queries > 0 AS calibrated, needs_compaction FROM slab_stats('slab_compact_grown_i');
VACUUM slab_compact_grown;
SELECT lists > 10 AS lists, sidecar_rows < 4096 AS sealed, calibration_queries > 0 AS calibrated, needs_compaction, needs_vacuum
FROM slab_stats('slab_compact_grown_i');
SELECT id FROM slab_compact_grown ORDER BY v <-> '[7000,0,0,0]' LIMIT 3;
SELECT slab_check('slab_compact_grown_i', true);
-- and, when other rows come that lie far from all of them, that it gets others
SELECT drift < 0.1 AS few FROM slab_stats('slab_compact_grown_i');
SET slab.auto_compact = off;
INSERT INTO slab_compact_grown SELECT -i, ARRAY[-30 * i, i % 10, i % 100, i % 1000]::vec FROM generate_series(1, 5000) AS i;
RESET slab.auto_compact;
SELECT slab_compact('slab_compact_grown_i') IS NOT NULL AS sealed;
SELECT drift > 0.2 AS much, needs_compaction FROM slab_stats('slab_compact_grown_i');
VACUUM slab_compact_grown;
SELECT drift, needs_compaction FROM slab_stats('slab_compact_grown_i');
SELECT id FROM slab_compact_grown ORDER BY v <-> '[-60000,0,0,0]' LIMIT 3;
SELECT slab_check('slab_compact_grown_i', true);
-- not where their number is asked for
CREATE INDEX slab_compact_few_i ON slab_compact_grown USING slab (v) WITH (lists = 1);
VACUUM slab_compact_grown;
SELECT lists FROM slab_stats('slab_compact_few_i');
DROP TABLE slab_compact_grown;

-- ---- who may: the table's owner

CREATE ROLE regress_slab_owner;
CREATE ROLE regress_slab_other;
ALTER TABLE slab_compact_logged OWNER TO regress_slab_owner;
GRANT ALL ON slab_compact_logged TO regress_slab_other;
SET ROLE regress_slab_other;
SELECT slab_compact('slab_compact_j');
SELECT slab_vacuum('slab_compact_j');
SELECT slab_recluster('slab_compact_j');
SET ROLE regress_slab_owner;
SELECT segments_after FROM slab_compact('slab_compact_j');
SELECT tombstones_removed FROM slab_vacuum('slab_compact_j');
SELECT records FROM slab_recluster('slab_compact_j');
RESET ROLE;

-- ---- when not

BEGIN READ ONLY;
SELECT slab_compact('slab_compact_j');
ROLLBACK;
BEGIN READ ONLY;
SELECT slab_vacuum('slab_compact_j');
ROLLBACK;
BEGIN READ ONLY;
SELECT slab_recluster('slab_compact_j');
ROLLBACK;
-- a transaction that rolls back does not undo it
BEGIN;
SELECT segments_after FROM slab_compact('slab_compact_j', true);
ROLLBACK;
SELECT * FROM pg_temp.answers('slab_compact_logged', '<->');
SELECT slab_check('slab_compact_j', true);

-- ---- which not

SELECT slab_compact(NULL) IS NULL AS no_index, slab_compact('slab_compact_j', NULL) IS NULL AS unsaid,
       slab_vacuum(NULL) IS NULL AS vacuum, slab_recluster(NULL) IS NULL AS recluster;
SELECT slab_compact('slab_compact_logged');
SELECT slab_vacuum('pg_class_oid_index');
SELECT slab_recluster(4294967295);
SELECT slab_compact('slab_compact_no_such_index');
CREATE TABLE slab_compact_partitioned (v vec(2)) PARTITION BY LIST ((v IS NULL));
CREATE INDEX slab_compact_partitioned_i ON slab_compact_partitioned USING slab (v);
SELECT slab_compact('slab_compact_partitioned_i');
DROP TABLE slab_compact_logged, slab_compact_partitioned;
DROP ROLE regress_slab_owner, regress_slab_other;
