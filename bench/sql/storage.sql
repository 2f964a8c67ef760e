-- The same rows in columns of each type and indexes of each storage: sizes, and searches in turn, on one connection.
\ir common.sql
\set QUIET on
\pset footer off
SET client_min_messages = warning;
SET maintenance_work_mem = '2GB';
SET max_parallel_maintenance_workers = 1;

CREATE TABLE sides (side text, type text, storage text, seconds numeric);
INSERT INTO sides VALUES ('vec_f16', 'vec', 'f16'), ('hvec_f16', 'hvec', 'f16'), ('vec_int8', 'vec', 'int8'), ('vec_bits', 'vec', 'bits');
SELECT vec_dims(v) AS dims FROM base LIMIT 1 \gset
SELECT format('CREATE TABLE %I (id integer, v %s(%s))', side, type, :'dims'),
       format('INSERT INTO %I SELECT id, v FROM base', side), format('VACUUM ANALYZE %I', side) FROM sides \gexec

CREATE PROCEDURE build(side_name text, metric text) LANGUAGE plpgsql AS $$
DECLARE
    began timestamptz := clock_timestamp();
    side sides := (SELECT s FROM sides AS s WHERE s.side = side_name);
BEGIN
    EXECUTE format('CREATE INDEX %I ON %I USING slab (v %s_%s_ops) WITH (storage = %s)', side_name || '_v', side_name, side.type, metric, side.storage);
    UPDATE sides SET seconds = extract(epoch FROM clock_timestamp() - began) WHERE sides.side = side_name;
END $$;
SELECT format('CALL build(%L, %L)', side, :'metric') FROM sides \gexec

-- Queries by turns, for each of them all sides, beginning with another from query to query; exact searches, which leave little in
-- the processor's caches, before all others.
CREATE TABLE measured (side text, target real, query integer, ms double precision, cpu_ms double precision, looked_up bigint, distances double precision[]);
CREATE PROCEDURE ask(side_name text, operator text, type text, target real, query_id integer, q vec) LANGUAGE plpgsql AS $$
DECLARE
    took record;
BEGIN
    PERFORM set_config('slab.exact', (target IS NULL)::text, true), set_config('slab.target_recall', coalesce(target, 0.95)::text, true);
    SELECT * INTO took FROM timed(format('SELECT array_agg(d) FROM (SELECT v %1$s $1::%2$s AS d FROM %3$I ORDER BY v %1$s $1::%2$s LIMIT 10) AS s',
                                         operator, type, side_name), q);
    INSERT INTO measured SELECT side_name, target, query_id, took.ms, took.cpu_ms, s.looked_up, took.distances FROM slab_last_scan() AS s;
END $$;
CREATE PROCEDURE ask_all(operator text, targets real[], wanted integer) LANGUAGE plpgsql AS $$
DECLARE
    asked record;
BEGIN
    SET LOCAL enable_seqscan = off;
    FOR asked IN SELECT s.side, s.type, t.target, q.id, q.v
        FROM (SELECT id, v FROM query ORDER BY id LIMIT wanted) AS q, unnest(targets || NULL::real) AS t(target), sides AS s
        ORDER BY t.target IS NOT NULL, q.id, t.target, hashtext(s.side || q.id) LOOP
        CALL ask(asked.side, operator, asked.type, asked.target, asked.id, asked.v);
    END LOOP;
END $$;
-- Once without counting, so that pages are in memory.
CALL ask_all(:'operator', :'targets', 50);
TRUNCATE measured;
CALL ask_all(:'operator', :'targets', :queries);

CREATE TABLE figures AS
SELECT s.side, s.type, s.storage, pg_table_size(s.side::regclass) AS table_bytes, x.total_bytes AS index_bytes, x.slab_bytes, round(s.seconds, 1) AS build_s,
       m.target, round(avg(recall_of(m.distances, e.distances[10])), 4) AS recall,
       round(percentile_cont(0.5) WITHIN GROUP (ORDER BY m.ms)::numeric, 3) AS median_ms, round(avg(m.cpu_ms)::numeric, 3) AS mean_cpu_ms,
       round(avg(m.looked_up), 1) AS looked_up,
       bool_and(in_order(m.distances)) AS in_order
FROM sides AS s JOIN measured AS m ON m.side = s.side JOIN measured AS e ON e.side = m.side AND e.query = m.query AND e.target IS NULL,
     LATERAL slab_stats((s.side || '_v')::regclass) AS x
GROUP BY s.side, s.type, s.storage, s.seconds, x.total_bytes, x.slab_bytes, m.target;

\echo
\echo Sizes
SELECT DISTINCT type, storage, pg_size_pretty(table_bytes) AS table, pg_size_pretty(index_bytes) AS index, pg_size_pretty(slab_bytes) AS slab, build_s
FROM figures ORDER BY type DESC, storage;
\echo
\echo Top 10; an empty target is slab.exact
SELECT target, type, storage, recall, median_ms, mean_cpu_ms, looked_up, in_order FROM figures ORDER BY target NULLS LAST, type DESC, storage;
