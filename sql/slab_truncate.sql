-- Cutting the file: what the command says, else the table's vacuum_truncate; and functions only as statements of their own.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pgslab;
RESET client_min_messages;

CREATE TABLE slab_truncate_items (id integer, v vec(16)) WITH (autovacuum_enabled = off);
INSERT INTO slab_truncate_items
SELECT i, array_agg(hashint4(i * 16 + d) / 2147483648.0 ORDER BY d)::vec FROM generate_series(1, 2000) i, generate_series(1, 16) d GROUP BY i;
CREATE INDEX slab_truncate_i ON slab_truncate_items USING slab (v);
CREATE TEMPORARY TABLE size (bytes bigint);
CREATE FUNCTION pg_temp.shorter() RETURNS boolean LANGUAGE sql AS $$
    SELECT pg_relation_size('slab_truncate_i') < bytes FROM size
$$;
-- Written anew twice, the index lies in front again, and what it leaves behind is free for the next to come.
CREATE PROCEDURE pg_temp.free_end() LANGUAGE plpgsql AS $$
BEGIN
    REINDEX INDEX slab_truncate_i;
    COMMIT;
    PERFORM slab_compact('slab_truncate_i', true);
    COMMIT;
    PERFORM slab_compact('slab_truncate_i', true);
    COMMIT;
    DELETE FROM size;
    INSERT INTO size VALUES (pg_relation_size('slab_truncate_i'));
END $$;

-- ---- VACUUM

CALL pg_temp.free_end();
VACUUM (INDEX_CLEANUP on, TRUNCATE off) slab_truncate_items;
SELECT pg_temp.shorter();
VACUUM (TRUNCATE false, INDEX_CLEANUP on) slab_truncate_items;
SELECT pg_temp.shorter();
VACUUM (INDEX_CLEANUP on) slab_truncate_items;
SELECT pg_temp.shorter();
CALL pg_temp.free_end();
VACUUM (INDEX_CLEANUP on, TRUNCATE) slab_truncate_items;
SELECT pg_temp.shorter();

ALTER TABLE slab_truncate_items SET (vacuum_truncate = off);
CALL pg_temp.free_end();
VACUUM (INDEX_CLEANUP on) slab_truncate_items;
SELECT pg_temp.shorter();
VACUUM (INDEX_CLEANUP on, TRUNCATE on) slab_truncate_items;
SELECT pg_temp.shorter();

-- the setting that there is from PostgreSQL 18 on; before it the table's option
ALTER TABLE slab_truncate_items RESET (vacuum_truncate);
DO $$
BEGIN
    IF current_setting('server_version_num')::integer >= 180000 THEN
        PERFORM set_config('vacuum_truncate', 'off', false);
    ELSE
        ALTER TABLE slab_truncate_items SET (vacuum_truncate = off);
    END IF;
END $$;
CALL pg_temp.free_end();
VACUUM (INDEX_CLEANUP on) slab_truncate_items;
SELECT pg_temp.shorter();
SELECT slab_vacuum('slab_truncate_i') IS NOT NULL AS done;
SELECT pg_temp.shorter();
ALTER TABLE slab_truncate_items SET (vacuum_truncate = on);
VACUUM (INDEX_CLEANUP on) slab_truncate_items;
SELECT pg_temp.shorter();

-- ---- functions

-- not within a transaction block, a subtransaction, another function, or a statement that does more
CALL pg_temp.free_end();
BEGIN;
SELECT tombstones_removed FROM slab_vacuum('slab_truncate_i');
COMMIT;
SELECT pg_temp.shorter();
BEGIN;
SAVEPOINT s;
SELECT tombstones_removed FROM slab_vacuum('slab_truncate_i');
COMMIT;
SELECT pg_temp.shorter();
SELECT tombstones_removed FROM slab_vacuum('slab_truncate_i') \; SELECT 1 AS one;
SELECT pg_temp.shorter();
DO $$
DECLARE
    r record;
BEGIN
    PERFORM slab_vacuum('slab_truncate_i');
    FOR r IN SELECT slab_vacuum('slab_truncate_i') LOOP
    END LOOP;
    FOR r IN SELECT * FROM slab_vacuum('slab_truncate_i') LOOP
    END LOOP;
    EXECUTE 'SELECT slab_vacuum(''slab_truncate_i'')';
END $$;
SELECT pg_temp.shorter();
SELECT slab_vacuum('slab_truncate_i') IS NOT NULL AS vacuumed, pg_sleep(0) IS NULL AS slept;
SELECT pg_sleep(0) IS NULL AS slept FROM slab_vacuum('slab_truncate_i');
SELECT count(*) FROM (VALUES (slab_vacuum('slab_truncate_i'))) v;
CREATE TEMPORARY TABLE made AS SELECT * FROM slab_vacuum('slab_truncate_i');
SELECT pg_temp.shorter();
-- these never do
SELECT segments_after FROM slab_compact('slab_truncate_i');
SELECT pg_temp.shorter();
PREPARE vacuum AS SELECT slab_vacuum('slab_truncate_i');
EXECUTE vacuum \g /dev/null
SELECT pg_temp.shorter();
-- as a statement
SELECT tombstones_removed, bytes_reclaimed = 0 AS none FROM slab_vacuum('slab_truncate_i');
SELECT pg_temp.shorter();
CALL pg_temp.free_end();
SELECT slab_vacuum('slab_truncate_i') \g /dev/null
SELECT pg_temp.shorter();

SELECT slab_check('slab_truncate_i', true);
DROP TABLE slab_truncate_items;
