-- Rows come and go, again and again: the index stays right and does not grow without bound, and a cursor that was opened
-- before keeps to its snapshot.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pgslab;
RESET client_min_messages;
SET enable_seqscan = off;
SET jit = off;

CREATE FUNCTION pg_temp.some_vec(i integer) RETURNS vec LANGUAGE sql IMMUTABLE AS $$
    SELECT array_agg(hashint4(i * 64 + d) / 2147483648.0 ORDER BY d)::vec(64) FROM generate_series(1, 64) AS d
$$;
CREATE FUNCTION pg_temp.answers(OUT rows bigint, OUT complete boolean, OUT exact boolean) LANGUAGE plpgsql AS $$
DECLARE
    query vec := pg_temp.some_vec(-1);
BEGIN
    rows := count(*) FROM slab_churn_items;
    complete := (SELECT array_agg(id ORDER BY id) FROM (SELECT id FROM slab_churn_items ORDER BY v <-> query OFFSET 0) AS s) =
        (SELECT array_agg(id ORDER BY id) FROM slab_churn_items);
    SET LOCAL slab.exact = on;
    exact := (SELECT array_agg(v <-> query) FROM (SELECT v FROM slab_churn_items ORDER BY v <-> query OFFSET 0) AS s) =
        (SELECT array_agg(v <-> query ORDER BY 0 + (v <-> query)) FROM slab_churn_items);
    SET LOCAL slab.exact = off;
END $$;

-- ---- cycles: half of the rows are replaced. Temporary, so that no other session's snapshot keeps a row from being dead

CREATE TEMPORARY TABLE slab_churn_items (id integer, v vec(64));
INSERT INTO slab_churn_items SELECT i, pg_temp.some_vec(i) FROM generate_series(1, 1500) AS i;
CREATE INDEX slab_churn_i ON slab_churn_items USING slab (v) WITH (lists = 8, seal_threshold = 200);
CREATE TEMPORARY TABLE sizes (cycle integer, bytes bigint, tombstone_ratio double precision, sound boolean);
\set replace 'DELETE FROM slab_churn_items WHERE id % 2 = :cycle % 2; INSERT INTO slab_churn_items SELECT 2 * i + :cycle % 2 + 10000 * :cycle, pg_temp.some_vec(2 * i + 10000 * :cycle) FROM generate_series(1, 750) AS i;'
\set note 'INSERT INTO sizes SELECT :cycle, total_bytes, tombstone_ratio, complete AND exact FROM slab_stats(\'slab_churn_i\'), pg_temp.answers(), slab_check(\'slab_churn_i\', true);'
\set cycle 1
:replace VACUUM slab_churn_items; :note
\set cycle 2
:replace VACUUM slab_churn_items; :note
\set cycle 3
:replace VACUUM slab_churn_items; :note
\set cycle 4
:replace VACUUM slab_churn_items; :note
\set cycle 5
:replace VACUUM slab_churn_items; :note
\set cycle 6
:replace VACUUM slab_churn_items; :note
\set cycle 7
:replace VACUUM slab_churn_items; :note
\set cycle 8
:replace VACUUM slab_churn_items; :note
\set cycle 9
:replace VACUUM slab_churn_items; :note
\set cycle 10
:replace VACUUM slab_churn_items; :note
SELECT count(*), bool_and(sound) AS sound, max(tombstone_ratio) <= 0.4 AS few_tombstones,
       max(bytes) FILTER (WHERE cycle > 5) <= 1.5 * max(bytes) FILTER (WHERE cycle <= 5) AS bounded FROM sizes;
-- on demand, too
TRUNCATE sizes;
ALTER INDEX slab_churn_i SET (vacuum_threshold = 1.0);
\set cycle 11
:replace VACUUM slab_churn_items; SELECT tombstones_removed > 0 AS removed FROM slab_vacuum('slab_churn_i'); :note
\set cycle 12
:replace VACUUM slab_churn_items; SELECT segments_after FROM slab_compact('slab_churn_i'); :note
\set cycle 13
:replace VACUUM slab_churn_items; SELECT segments_after FROM slab_compact('slab_churn_i', true); :note
\set cycle 14
:replace VACUUM slab_churn_items; SELECT lists_after FROM slab_recluster('slab_churn_i'); :note
\set cycle 15
:replace VACUUM slab_churn_items; SELECT segments_after FROM slab_compact('slab_churn_i', true); :note
SELECT count(*), bool_and(sound) AS sound, max(bytes) <= 4 * min(bytes) AS bounded FROM sizes;
-- down to nothing: VACUUM gives the place back
ALTER INDEX slab_churn_i RESET (vacuum_threshold);
DELETE FROM slab_churn_items;
VACUUM slab_churn_items;
VACUUM slab_churn_items;
SELECT rows < 500 AS few, total_bytes < 1000000 AS small FROM slab_stats('slab_churn_i');
SELECT slab_check('slab_churn_i', true);
DROP TABLE slab_churn_items;

-- ---- a cursor, and maintenance in the same transaction

CREATE TABLE slab_churn_items (id integer, v vec(64)) WITH (autovacuum_enabled = off);
INSERT INTO slab_churn_items SELECT i, pg_temp.some_vec(i) FROM generate_series(1, 400) AS i;
CREATE INDEX slab_churn_i ON slab_churn_items USING slab (v) WITH (lists = 4, seal_threshold = 100);
INSERT INTO slab_churn_items SELECT i, pg_temp.some_vec(i) FROM generate_series(401, 620) AS i;
-- Fetches n rows, or the rest, of a cursor on id.
CREATE FUNCTION pg_temp.take(c refcursor, n integer DEFAULT NULL) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    id integer;
    taken bigint := 0;
BEGIN
    WHILE taken < n OR n IS NULL LOOP
        FETCH c INTO id;
        EXIT WHEN NOT FOUND;
        INSERT INTO taken (cursor, id) VALUES (c::text, id);
        taken := taken + 1;
    END LOOP;
    RETURN taken;
END $$;
CREATE TEMPORARY TABLE taken (place serial, cursor text, id integer);
BEGIN;
CREATE TEMPORARY TABLE seen ON COMMIT DROP AS SELECT id, v <-> pg_temp.some_vec(-2) AS distance FROM slab_churn_items;
SET LOCAL slab.exact = on;
DECLARE exact CURSOR FOR SELECT id FROM slab_churn_items ORDER BY v <-> pg_temp.some_vec(-2);
SELECT pg_temp.take('exact', 20);
SET LOCAL slab.exact = off;
DECLARE approximate CURSOR FOR SELECT id FROM slab_churn_items ORDER BY v <-> pg_temp.some_vec(-2);
SELECT pg_temp.take('approximate', 20);
DECLARE unread CURSOR FOR SELECT id FROM slab_churn_items ORDER BY v <-> pg_temp.some_vec(-2);
DELETE FROM slab_churn_items WHERE id % 3 = 0;
UPDATE slab_churn_items SET v = pg_temp.some_vec(-id) WHERE id % 5 = 0;
SELECT segments_after FROM slab_compact('slab_churn_i');
SELECT pg_temp.take('exact', 50), pg_temp.take('approximate', 50);
SELECT segments_after FROM slab_compact('slab_churn_i', true);
SELECT pg_temp.take('exact', 50), pg_temp.take('approximate', 50);
SELECT lists_after FROM slab_recluster('slab_churn_i');
SELECT pg_temp.take('exact', 50), pg_temp.take('approximate', 50);
SELECT tombstones_removed FROM slab_vacuum('slab_churn_i');
INSERT INTO slab_churn_items SELECT i, pg_temp.some_vec(i) FROM generate_series(1001, 1300) AS i;
SELECT count(*) FROM generate_series(1, 6), slab_compact('slab_churn_i', true);
SELECT lists_after FROM slab_recluster('slab_churn_i');
SELECT pg_temp.take('exact'), pg_temp.take('approximate'), pg_temp.take('unread');
SELECT (SELECT array_agg(id ORDER BY place) FROM taken WHERE cursor = 'exact') = array_agg(id ORDER BY distance) AS exact,
       (SELECT array_agg(id ORDER BY id) FROM taken WHERE cursor = 'approximate') = array_agg(id ORDER BY id) AS approximate,
       (SELECT array_agg(id ORDER BY id) FROM taken WHERE cursor = 'unread') = array_agg(id ORDER BY id) AS unread
FROM seen;
SELECT * FROM pg_temp.answers();
SELECT slab_check('slab_churn_i', true);
COMMIT;
-- one that outlives its transaction has its rows already
BEGIN;
DECLARE held CURSOR WITH HOLD FOR SELECT id FROM slab_churn_items ORDER BY v <-> pg_temp.some_vec(-2);
COMMIT;
SELECT segments_after FROM slab_compact('slab_churn_i', true);
SELECT pg_temp.take('held') = count(*) AS held FROM slab_churn_items;
CLOSE held;

-- ---- maintenance from within a scan of the same index, and in a loop over it

SELECT count(*) AS rows, max(segments_after) AS segments
FROM (SELECT id FROM slab_churn_items ORDER BY v <-> pg_temp.some_vec(-3) LIMIT 5) AS s, slab_compact('slab_churn_i', s.id > 0);
DO $$
DECLARE
    item record;
    n integer := 0;
BEGIN
    FOR item IN SELECT id FROM slab_churn_items ORDER BY v <-> pg_temp.some_vec(-4) LOOP
        n := n + 1;
        IF n % 150 = 0 THEN
            PERFORM slab_compact('slab_churn_i', true), slab_recluster('slab_churn_i');
        END IF;
        UPDATE slab_churn_items SET v = v + v WHERE id = item.id AND n % 10 = 0;
    END LOOP;
    RAISE NOTICE 'all: %', n = (SELECT count(*) FROM slab_churn_items);
END $$;
SELECT * FROM pg_temp.answers();
SELECT slab_check('slab_churn_i', true);
DROP TABLE slab_churn_items, taken;

-- ---- VACUUM with parallel workers, where it may not have a transaction id

CREATE TABLE slab_churn_items (id integer, v vec(64)) WITH (autovacuum_enabled = off);
INSERT INTO slab_churn_items SELECT i, pg_temp.some_vec(i) FROM generate_series(1, 1500) AS i;
CREATE INDEX slab_churn_i ON slab_churn_items USING slab (v) WITH (lists = 4);
CREATE INDEX slab_churn_j ON slab_churn_items USING slab (v vec_ip_ops);
CREATE INDEX slab_churn_k ON slab_churn_items USING slab (v vec_l1_ops);
-- A slab index is none that VACUUM has a worker for.
CREATE INDEX ON slab_churn_items (id);
CREATE INDEX ON slab_churn_items (id) WHERE id % 2 = 0;
SET slab.auto_compact = off;
SET min_parallel_index_scan_size = 0;
DELETE FROM slab_churn_items WHERE id % 3 > 0;
VACUUM (PARALLEL 2) slab_churn_items;
VACUUM (PARALLEL 2) slab_churn_items;
INSERT INTO slab_churn_items SELECT i, pg_temp.some_vec(i) FROM generate_series(2001, 2500) AS i;
DELETE FROM slab_churn_items WHERE id < 2400;
VACUUM (PARALLEL 2) slab_churn_items;
VACUUM (PARALLEL 2) slab_churn_items;
RESET min_parallel_index_scan_size;
RESET slab.auto_compact;
SELECT index, slab_check(index, true) FROM unnest(ARRAY['slab_churn_i', 'slab_churn_j', 'slab_churn_k']::regclass[]) AS index;
SELECT * FROM pg_temp.answers();
DROP TABLE slab_churn_items;
