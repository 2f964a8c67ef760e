-- The same rows with an index of codes of all dims and indexes of codes of the first: sizes, and searches in turn, on one connection.
\ir common.sql
\set QUIET on
\pset footer off
SET client_min_messages = warning;
SET maintenance_work_mem = '2GB';
SET max_parallel_maintenance_workers = 1;

-- Each in a table of its own, so that no search has a choice.
CREATE TABLE sides (prefix integer PRIMARY KEY, seconds numeric);
INSERT INTO sides SELECT 0 UNION ALL SELECT unnest(:'prefixes'::integer[]);
SELECT vec_dims(v) AS dims FROM base LIMIT 1 \gset
SELECT format('CREATE TABLE side_%s (id integer, v vec(%s))', prefix, :'dims'),
       format('INSERT INTO side_%s SELECT id, v FROM base', prefix), format('VACUUM ANALYZE side_%s', prefix) FROM sides \gexec

CREATE PROCEDURE build(side integer, metric text) LANGUAGE plpgsql AS $$
DECLARE
    began timestamptz := clock_timestamp();
BEGIN
    EXECUTE format('CREATE INDEX side_%1$s_v ON side_%1$s USING slab (v vec_%2$s_ops) WITH (prefix_dims = %1$s)', side, metric);
    UPDATE sides SET seconds = extract(epoch FROM clock_timestamp() - began) WHERE prefix = side;
END $$;
SELECT format('CALL build(%s, %L)', prefix, :'metric') FROM sides \gexec

-- Queries by turns, for each of them all sides, beginning with another from query to query; exact searches, which leave little in
-- the processor's caches, before all others.
CREATE TABLE measured (prefix integer, target real, query integer, ms double precision, cpu_ms double precision, lists bigint,
                       codes bigint, refined bigint, compared bigint, distances double precision[]);
CREATE PROCEDURE ask(side integer, operator text, target real, query_id integer, q vec) LANGUAGE plpgsql AS $$
DECLARE
    began timestamptz;
    before double precision;
    found double precision[];
    ended timestamptz;
BEGIN
    PERFORM set_config('slab.exact', (target IS NULL)::text, true), set_config('slab.target_recall', coalesce(target, 0.95)::text, true);
    before := spent();
    began := clock_timestamp();
    EXECUTE format('SELECT array_agg(d) FROM (SELECT v %1$s $1 AS d FROM side_%2$s ORDER BY v %1$s $1 LIMIT 10) AS s', operator, side)
        INTO found USING q;
    ended := clock_timestamp();
    INSERT INTO measured SELECT side, target, query_id, extract(epoch FROM ended - began) * 1000, spent() - before,
                                s.lists, s.codes, s.refined, s.compared, found
                         FROM slab_last_scan() AS s;
END $$;
CREATE PROCEDURE ask_all(operator text, targets real[], wanted integer) LANGUAGE plpgsql AS $$
DECLARE
    asked record;
BEGIN
    SET LOCAL enable_seqscan = off;
    FOR asked IN SELECT s.prefix, t.target, q.id, q.v
        FROM (SELECT id, v FROM query ORDER BY id LIMIT wanted) AS q, unnest(targets || NULL::real) AS t(target), sides AS s
        ORDER BY t.target IS NOT NULL, t.target, q.id, hashint8(1000000::bigint * s.prefix + q.id) LOOP
        CALL ask(asked.prefix, operator, asked.target, asked.id, asked.v);
    END LOOP;
END $$;
-- Once without counting, so that pages are in memory.
CALL ask_all(:'operator', :'targets', 50);
TRUNCATE measured;
CALL ask_all(:'operator', :'targets', :queries);

CREATE TABLE figures AS
SELECT s.prefix, x.total_bytes AS index_bytes, x.refine_bytes, x.segment_bytes, round(s.seconds, 1) AS build_s, m.target,
       round(avg((SELECT count(*) FROM unnest(m.distances) AS d WHERE d <= e.distances[10]) / 10.0), 4) AS recall,
       round(percentile_cont(0.5) WITHIN GROUP (ORDER BY m.ms)::numeric, 3) AS median_ms, round(avg(m.cpu_ms)::numeric, 3) AS mean_cpu_ms,
       round(avg(m.lists), 1) AS lists, round(avg(m.codes)) AS codes, round(avg(m.refined)) AS refined, round(avg(m.compared), 1) AS compared
FROM sides AS s JOIN measured AS m USING (prefix) JOIN measured AS e ON e.prefix = m.prefix AND e.query = m.query AND e.target IS NULL,
     LATERAL slab_stats(format('side_%s_v', s.prefix)::regclass) AS x
GROUP BY s.prefix, s.seconds, x.total_bytes, x.refine_bytes, x.segment_bytes, m.target;

\echo
\echo Of the ten nearest rows, how many are among the ten nearest by the first dims alone (20 queries)
SELECT s.prefix, round(avg(near.share), 3) AS share
FROM sides AS s, (SELECT v FROM query ORDER BY id LIMIT 20) AS q,
     LATERAL (SELECT count(*) / 10.0 AS share
              FROM (SELECT id FROM base AS b ORDER BY b.v :operator q.v LIMIT 10) AS all_dims
              JOIN (SELECT id FROM base AS b
                    ORDER BY subvector(b.v, 1, s.prefix) :operator subvector(q.v, 1, s.prefix) LIMIT 10) AS first USING (id)) AS near
WHERE s.prefix > 0 GROUP BY s.prefix ORDER BY s.prefix;
\echo
\echo Sizes
SELECT DISTINCT prefix, pg_size_pretty(index_bytes) AS index, pg_size_pretty(refine_bytes) AS refinement, pg_size_pretty(segment_bytes) AS lists,
       build_s
FROM figures ORDER BY prefix;
\echo
\echo Top 10; an empty target is slab.exact
SELECT target, prefix, recall, median_ms, mean_cpu_ms, lists, codes, refined, compared,
       round(first_value(mean_cpu_ms) OVER (PARTITION BY target ORDER BY prefix) / nullif(mean_cpu_ms, 0), 2) AS times_as_fast
FROM figures ORDER BY target NULLS LAST, prefix;
