-- The same rows as pgvector's type with either index, and as vec: sizes, and searches in turn, on one connection. Wants the variables set,
-- metric (l2 or cosine), queries and build_gb.
\ir common.sql
\set QUIET on
\pset footer off
SET client_min_messages = warning;
SELECT format('SET maintenance_work_mem = %L', :'build_gb' || 'GB') \gexec
SET max_parallel_maintenance_workers = 1;
SELECT CASE :'metric' WHEN 'l2' THEN '<->' ELSE '<=>' END AS operator, vec_dims(v) AS dims FROM base LIMIT 1 \gset

CREATE TABLE sides (side text, type text, using_ text, seconds numeric);
INSERT INTO sides VALUES ('hnsw', 'vector', 'hnsw'), ('slab', 'vector', 'slab'), ('as_vec', 'vec', 'slab');
SELECT format('CREATE TABLE %I (id integer, v %s(%s))', side, type, :'dims'),
       format('INSERT INTO %I SELECT id, v FROM base', side), format('VACUUM ANALYZE %I', side) FROM sides \gexec
CREATE PROCEDURE build(of sides, metric text) LANGUAGE plpgsql AS $$
DECLARE
    began timestamptz := clock_timestamp();
BEGIN
    EXECUTE format('CREATE INDEX %I ON %I USING %s (v %s_%s_ops)', of.side || '_v', of.side, of.using_, of.type, metric);
    UPDATE sides SET seconds = extract(epoch FROM clock_timestamp() - began) WHERE side = of.side;
END $$;
SELECT format('CALL build(%L::sides, %L)', s, :'metric') FROM sides AS s \gexec

-- What a side is asked with, and what that is set to.
CREATE TABLE asked (side text, setting text, value text);
INSERT INTO asked SELECT 'hnsw', 'hnsw.ef_search', unnest(ARRAY['40', '100', '200', '400', '800']);
INSERT INTO asked SELECT side, 'slab.target_recall', t FROM sides, unnest(ARRAY['0.9', '0.95', '0.99']) AS t WHERE using_ = 'slab';

-- Queries by turns, for each of them all sides and settings, beginning with another from query to query; exact answers before.
CREATE TABLE tenths (query integer, tenth double precision);
SET slab.exact = on;
SELECT format('INSERT INTO tenths SELECT q.id, max(d) FROM (SELECT id, v FROM query ORDER BY id LIMIT %1$s) AS q,
                   LATERAL (SELECT v %2$s q.v AS d FROM as_vec ORDER BY v %2$s q.v LIMIT 10) AS s GROUP BY q.id', :queries, :'operator') \gexec
RESET slab.exact;
CREATE TABLE measured (side text, value text, query integer, ms double precision, cpu_ms double precision, distances double precision[]);
CREATE PROCEDURE ask(operator text, wanted integer) LANGUAGE plpgsql AS $$
DECLARE
    turn record;
    took record;
BEGIN
    SET LOCAL enable_seqscan = off;
    FOR turn IN SELECT s.side, s.type, a.setting, a.value, q.id, q.v
        FROM (SELECT id, v FROM query ORDER BY id LIMIT wanted) AS q, asked AS a JOIN sides AS s USING (side)
        ORDER BY q.id, hashtext(s.side || a.value || q.id) LOOP
        PERFORM set_config(turn.setting, turn.value, true);
        SELECT * INTO took FROM timed(format('SELECT array_agg(d) FROM (SELECT v %1$s $1::%2$s AS d FROM %3$I ORDER BY v %1$s $1::%2$s LIMIT 10) AS s',
                                             operator, turn.type, turn.side), turn.v);
        INSERT INTO measured VALUES (turn.side, turn.value, turn.id, took.ms, took.cpu_ms, took.distances);
    END LOOP;
END $$;
-- Once without counting, so that pages are in memory.
CALL ask(:'operator', 50);
TRUNCATE measured;
CALL ask(:'operator', :queries);

-- Distances of pgvector are sums of float32: what is as near as the tenth but for that counts.
CREATE TABLE figures AS
SELECT :'set' AS set, s.side, s.type, s.using_ AS index, pg_table_size(s.side::regclass) AS table_bytes, pg_relation_size((s.side || '_v')::regclass) AS index_bytes,
       round(s.seconds, 1) AS build_s, m.value, round(avg(recall_of(m.distances, t.tenth + abs(t.tenth) * 1e-5)), 4) AS recall,
       round(percentile_cont(0.5) WITHIN GROUP (ORDER BY m.ms)::numeric, 3) AS median_ms, round(avg(m.cpu_ms)::numeric, 3) AS mean_cpu_ms,
       bool_and(in_order(m.distances)) AS in_order
FROM sides AS s JOIN measured AS m USING (side) JOIN tenths AS t USING (query) GROUP BY s.side, s.type, s.using_, s.seconds, m.value;

\echo
\echo Sizes
SELECT DISTINCT type, index, pg_size_pretty(table_bytes) AS table, pg_size_pretty(index_bytes) AS size, build_s FROM figures ORDER BY type, index;
\echo
\echo Top 10 by hnsw.ef_search, or slab.target_recall
SELECT type, index, value, recall, median_ms, mean_cpu_ms, in_order FROM figures ORDER BY type, index, value::real;
\echo
\echo A slab index on the column of pgvector to one on vec: times of each
SELECT a.value, round(a.median_ms / b.median_ms, 3) AS median, round(a.mean_cpu_ms / b.mean_cpu_ms, 3) AS processor, a.recall, b.recall AS recall_of_vec
FROM figures AS a JOIN figures AS b USING (value) WHERE a.side = 'slab' AND b.side = 'as_vec' ORDER BY a.value::real;
