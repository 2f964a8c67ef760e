-- pgvector's settings, which nobody has defined here: what they ask of searches of indexes by pgvector's names.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pgslab;
CREATE EXTENSION pgslab_compat;
CREATE TABLE compat_rows (id integer, v vector(8));
INSERT INTO compat_rows SELECT id, array_agg(hashint4extended(d, id) / 1e19)::real[]
FROM generate_series(1, 4000) AS id, generate_series(1, 8) AS d GROUP BY id;
CREATE TABLE compat_hnsw (LIKE compat_rows);
CREATE TABLE compat_ivfflat (LIKE compat_rows);
CREATE TABLE compat_native (LIKE compat_rows);
INSERT INTO compat_hnsw SELECT * FROM compat_rows ORDER BY id;
INSERT INTO compat_ivfflat SELECT * FROM compat_rows ORDER BY id;
INSERT INTO compat_native SELECT * FROM compat_rows ORDER BY id;
CREATE INDEX ON compat_hnsw USING hnsw (v vector_l2_ops) WITH (m = 16);
CREATE INDEX ON compat_ivfflat USING ivfflat (v vector_l2_ops) WITH (lists = 50);
CREATE INDEX ON compat_native USING slab (v);
ANALYZE compat_hnsw, compat_ivfflat, compat_native;
RESET client_min_messages;
SET enable_seqscan = off;

-- What a search of each of the tables did, with these settings.
CREATE FUNCTION compat_work(tab text, VARIADIC settings text[] DEFAULT '{}') RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    result text;
BEGIN
    FOR i IN 1 .. cardinality(settings) BY 2 LOOP
        PERFORM set_config(settings[i], settings[i + 1], true);
    END LOOP;
    EXECUTE format('SELECT FROM %I ORDER BY v <-> %L LIMIT 10', tab, '[0.1,0.2,-0.3,0.4,0,0.2,0.7,-0.1]');
    SELECT format('%s lists, %s codes, %s compared%s', lists, codes, compared, CASE WHEN exact THEN ', exact' END)
        INTO result FROM slab_last_scan();
    -- The settings go with the subtransaction.
    RAISE EXCEPTION USING ERRCODE = 'ZZ001', MESSAGE = result;
EXCEPTION WHEN SQLSTATE 'ZZ001' THEN
    RETURN SQLERRM;
END
$$;
-- That the comparisons below say something.
SELECT compat_work('compat_hnsw') <> compat_work('compat_hnsw', 'slab.target_recall', '0.98') AS differ,
    compat_work('compat_ivfflat') <> compat_work('compat_ivfflat', 'slab.target_recall', '0.975') AS differ_too;

-- hnsw.ef_search: pgvector's default is ours, and twice as much leaves half of what may be missed
SELECT ef_search, target, compat_work('compat_hnsw', 'hnsw.ef_search', ef_search)
    = compat_work('compat_hnsw', 'slab.target_recall', target) AS same
FROM (VALUES ('1', '0.5'), ('4', '0.5'), ('10', '0.8'), ('20', '0.9'), ('40', '0.95'), ('80', '0.975'), ('100', '0.98'), ('200', '0.99'),
    ('400', '0.995'), ('1000', '0.998')) AS v(ef_search, target);
SELECT probes, target, compat_work('compat_ivfflat', 'ivfflat.probes', probes)
    = compat_work('compat_ivfflat', 'slab.target_recall', target) AS same
FROM (VALUES ('1', '0.95'), ('4', '0.975'), ('16', '0.9875'), ('25', '0.99')) AS v(probes, target);
-- with as many probes as lists were declared, the search is exact
SELECT compat_work('compat_ivfflat', 'ivfflat.probes', '49') ~ 'exact' AS below,
    compat_work('compat_ivfflat', 'ivfflat.probes', '50') = compat_work('compat_ivfflat', 'slab.exact', 'on') AS at,
    compat_work('compat_ivfflat', 'ivfflat.probes', '32768') ~ 'exact' AS above;

-- each is about its own access method
SELECT compat_work('compat_native', 'hnsw.ef_search', '400', 'ivfflat.probes', '50') = compat_work('compat_native') AS native,
    compat_work('compat_hnsw', 'ivfflat.probes', '50') = compat_work('compat_hnsw') AS hnsw,
    compat_work('compat_ivfflat', 'hnsw.ef_search', '400') = compat_work('compat_ivfflat') AS ivfflat;

-- our setting wins where somebody has set it, also to its default; and until it is reset
SELECT compat_work('compat_hnsw', 'hnsw.ef_search', '400', 'slab.target_recall', '0.95') = compat_work('compat_hnsw') AS hnsw,
    compat_work('compat_ivfflat', 'ivfflat.probes', '50', 'slab.target_recall', '0.95') = compat_work('compat_ivfflat') AS ivfflat;
SET slab.target_recall = 0.95;
SELECT compat_work('compat_hnsw', 'hnsw.ef_search', '400') = compat_work('compat_hnsw') AS set;
RESET slab.target_recall;
SELECT compat_work('compat_hnsw', 'hnsw.ef_search', '400') = compat_work('compat_hnsw') AS reset;
BEGIN;
SET slab.target_recall = 0.9;
ROLLBACK;
SELECT compat_work('compat_hnsw', 'hnsw.ef_search', '400') = compat_work('compat_hnsw') AS rolled_back;

-- what was set and reset is as if it had not been
SET hnsw.ef_search = 400;
RESET hnsw.ef_search;
SELECT compat_work('compat_hnsw') = compat_work('compat_hnsw', 'slab.target_recall', '0.95') AS same;
BEGIN;
SET LOCAL hnsw.ef_search = 400;
COMMIT;
SELECT compat_work('compat_hnsw') = compat_work('compat_hnsw', 'slab.target_recall', '0.95') AS same;

-- functions on the index heed it
SET hnsw.ef_search = 1000;
CREATE TEMPORARY TABLE compat_recalls AS SELECT * FROM slab_recall((SELECT index FROM slab_indexes WHERE "table" = 'compat_hnsw'::regclass));
RESET hnsw.ef_search;
SET slab.target_recall = 0.5;
SELECT r.compared > s.compared AS more, r.recall >= s.recall AS better
FROM compat_recalls AS r, slab_recall((SELECT index FROM slab_indexes WHERE "table" = 'compat_hnsw'::regclass)) AS s;
RESET slab.target_recall;

-- a LIMIT is filled with either of the modes of iterative scans; max_scan_tuples counts with one of them
SET enable_sort = off;
CREATE FUNCTION compat_count(tab text, condition text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    result bigint;
BEGIN
    EXECUTE format('SELECT count(*) FROM (SELECT FROM %I WHERE %s ORDER BY v <-> %L LIMIT 60) AS s', tab, condition, '[0,0,0,0,0,0,0,0]')
        INTO result;
    RETURN result;
END
$$;
SELECT compat_count('compat_hnsw', 'id % 20 = 1') AS filled;
SET hnsw.max_scan_tuples = 100;
SELECT compat_count('compat_hnsw', 'id % 20 = 1') AS filled;
SET hnsw.iterative_scan = strict_order;
SELECT compat_count('compat_hnsw', 'id % 20 = 1') < 60 AS fewer;
SELECT compat_count('compat_native', 'id % 20 = 1') AS filled;
SET hnsw.iterative_scan = 'Relaxed_Order';
SELECT compat_count('compat_hnsw', 'id % 20 = 1') < 60 AS fewer;
SET slab.max_scan_rows = 0;
SELECT compat_count('compat_hnsw', 'id % 20 = 1') AS filled;
RESET slab.max_scan_rows;
SET hnsw.iterative_scan = off;
SELECT compat_count('compat_hnsw', 'id % 20 = 1') AS filled;
RESET hnsw.iterative_scan;
RESET hnsw.max_scan_tuples;
SET ivfflat.iterative_scan = relaxed_order;
SET ivfflat.max_probes = 10;
SELECT compat_count('compat_ivfflat', 'id % 20 = 1') AS filled;
RESET ivfflat.iterative_scan;
RESET ivfflat.max_probes;

-- what pgvector would refuse
CREATE FUNCTION compat_refusal(tab text, setting text, value text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    detail text;
    hint text;
BEGIN
    RETURN compat_work(tab, setting, value);
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
    RETURN concat_ws(' | ', SQLSTATE, SQLERRM, detail, hint);
END
$$;
SELECT compat_refusal('compat_hnsw', setting, value) FROM (VALUES
    ('hnsw.ef_search', 'many'), ('hnsw.ef_search', '0'), ('hnsw.ef_search', '1001'), ('hnsw.ef_search', '40kB'),
    ('hnsw.iterative_scan', 'on'), ('hnsw.max_scan_tuples', '0'), ('hnsw.max_scan_tuples', '1e20'), ('hnsw.scan_mem_multiplier', 'NaN'),
    ('hnsw.scan_mem_multiplier', '1001')) AS v(setting, value);
SELECT compat_refusal('compat_ivfflat', setting, value) FROM (VALUES
    ('ivfflat.probes', '0'), ('ivfflat.probes', '32769'), ('ivfflat.max_probes', 'x'), ('ivfflat.iterative_scan', 'strict_order')) AS v(setting, value);
SELECT compat_refusal('compat_native', 'hnsw.ef_search', 'many') = compat_work('compat_native') AS native;
SELECT compat_work('compat_hnsw', 'hnsw.scan_mem_multiplier', '2.5') = compat_work('compat_hnsw') AS accepted;

-- we define none of them
SELECT name FROM pg_settings WHERE name ~ '^(hnsw|ivfflat)\.';

DROP FUNCTION compat_work, compat_count, compat_refusal;
DROP TABLE compat_rows, compat_hnsw, compat_ivfflat, compat_native;
DROP EXTENSION pgslab_compat;
