-- A distance that is there for sorting only is not computed where the index scan has sorted already, nor is it in the plan.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pgslab;
RESET client_min_messages;
-- Vectors that lie out of line, so that reading one shows.
CREATE TABLE slab_spared (id integer PRIMARY KEY, near integer, v vec(600)) WITH (autovacuum_enabled = false);
INSERT INTO slab_spared SELECT i, NULL, array_fill(i, ARRAY[600])::vec FROM generate_series(1, 40) AS i;
CREATE INDEX slab_spared_i ON slab_spared USING slab (v) WITH (storage = f32);
SELECT array_fill(7.1, ARRAY[600])::vec AS q \gset
SET enable_seqscan = off;
SET enable_sort = off;
-- What the nodes of a plan return, from the outermost in.
CREATE FUNCTION pg_temp.columns(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    line text;
    result text;
BEGIN
    FOR line IN EXECUTE 'EXPLAIN (VERBOSE, COSTS OFF) ' || replace(statement, '$q', '(SELECT v FROM slab_spared WHERE id = 7)') LOOP
        result := concat_ws(' < ', nullif(result, ''), substring(line FROM 'Output: (.*)'));
    END LOOP;
    RETURN regexp_replace(result, '\$0|\(InitPlan 1\).col1', 'q', 'g');
END $$;
SELECT pg_temp.columns('SELECT id FROM slab_spared ORDER BY v <-> $q LIMIT 3');
SELECT pg_temp.columns('SELECT id FROM slab_spared ORDER BY v <-> $q LIMIT 3 FOR UPDATE');
SELECT pg_temp.columns('SELECT * FROM slab_spared ORDER BY v <-> $q LIMIT 3');
SELECT pg_temp.columns('SELECT 1 AS one FROM slab_spared ORDER BY v <-> $q LIMIT 3');
SELECT pg_temp.columns('SELECT id FROM slab_spared ORDER BY v <-> $q');
SELECT pg_temp.columns('SELECT (SELECT s.id FROM slab_spared AS s ORDER BY s.v <-> t.v LIMIT 1) FROM slab_spared AS t');
SELECT pg_temp.columns('SELECT n.id FROM slab_spared AS t, LATERAL (SELECT s.id FROM slab_spared AS s ORDER BY s.v <-> t.v LIMIT 1) AS n');
SELECT pg_temp.columns('SELECT t.id FROM (SELECT id FROM slab_spared ORDER BY v <-> $q LIMIT 1) AS s JOIN slab_spared AS t ON t.id = s.id');
SELECT pg_temp.columns('INSERT INTO slab_spared SELECT id FROM slab_spared ORDER BY v <-> $q LIMIT 1');
-- nor is it counted
CREATE FUNCTION pg_temp.width(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    plan json;
BEGIN
    EXECUTE 'EXPLAIN (FORMAT JSON) ' || statement INTO plan;
    RETURN plan -> 0 -> 'Plan' ->> 'Plan Width';
END $$;
SELECT pg_temp.width('SELECT id FROM slab_spared ORDER BY v <-> (SELECT avg(v) FROM slab_spared) LIMIT 3'), pg_temp.width('SELECT id FROM slab_spared LIMIT 3');
-- kept where somebody reads it
SELECT pg_temp.columns('SELECT id, v <-> $q AS d FROM slab_spared ORDER BY d LIMIT 3');
SELECT pg_temp.columns('SELECT id FROM slab_spared ORDER BY v <-> $q FETCH FIRST 3 ROWS WITH TIES');
-- ---- answers
SELECT id FROM slab_spared ORDER BY v <-> :'q' LIMIT 3;
SELECT id, ctid FROM slab_spared ORDER BY v <-> :'q' LIMIT 3 FOR UPDATE;
SELECT count(*) FROM (SELECT FROM slab_spared ORDER BY v <-> :'q' LIMIT 3) AS s;
UPDATE slab_spared AS t SET near = (SELECT s.id FROM slab_spared AS s WHERE s.id <> t.id ORDER BY s.v <-> t.v LIMIT 1) WHERE id IN (1, 40);
SELECT id, near FROM slab_spared WHERE near IS NOT NULL ORDER BY id;
SELECT t.id, n.* FROM (VALUES (3), (30)) AS t(id), LATERAL (SELECT s.id, s.near FROM slab_spared AS s
    ORDER BY s.v <-> array_fill(t.id + 0.1, ARRAY[600])::vec LIMIT 2 FOR SHARE) AS n;
SELECT t.id, n.* FROM (VALUES (3), (30)) AS t(id), LATERAL (SELECT s.id, s.near FROM slab_spared AS s
    ORDER BY s.v <-> array_fill(t.id + 0.1, ARRAY[600])::vec LIMIT 2) AS n;
SELECT t.id, n FROM (VALUES (3), (30)) AS t(id) LEFT JOIN LATERAL (SELECT s.id, s.near FROM slab_spared AS s
    WHERE t.id > 5 ORDER BY s.v <-> array_fill(t.id + 0.1, ARRAY[600])::vec LIMIT 1) AS n ON true;
WITH s AS MATERIALIZED (SELECT id FROM slab_spared ORDER BY v <-> :'q' LIMIT 2 FOR UPDATE) SELECT s, s.id FROM s;
-- of tables that are parts of one
CREATE TABLE slab_spared_all (id integer, v vec(2)) PARTITION BY RANGE (id);
CREATE TABLE slab_spared_low PARTITION OF slab_spared_all FOR VALUES FROM (0) TO (50);
CREATE TABLE slab_spared_high PARTITION OF slab_spared_all FOR VALUES FROM (50) TO (101);
INSERT INTO slab_spared_all SELECT i, ARRAY[i, 0]::vec FROM generate_series(1, 100) AS i;
CREATE INDEX ON slab_spared_all USING slab (v);
SELECT id FROM slab_spared_all ORDER BY v <-> '[49.6,0]' LIMIT 3;
DROP TABLE slab_spared_all;
-- ---- what is read of the vectors
SELECT pg_stat_force_next_flush();
SELECT toast_blks_hit + toast_blks_read AS before FROM pg_statio_user_tables WHERE relname = 'slab_spared' \gset
SELECT id FROM slab_spared ORDER BY v <-> :'q' LIMIT 3;
SELECT pg_stat_force_next_flush();
SELECT toast_blks_hit + toast_blks_read - :before AS spared FROM pg_statio_user_tables WHERE relname = 'slab_spared';
SELECT id, v <-> :'q' AS d FROM slab_spared ORDER BY d LIMIT 3 \g /dev/null
SELECT pg_stat_force_next_flush();
SELECT toast_blks_hit + toast_blks_read - :before > 0 AS computed FROM pg_statio_user_tables WHERE relname = 'slab_spared';
DROP TABLE slab_spared;
