-- Top 10 by L2 through the index and by sequential scan, in turn, on one connection. Times include the executor and PL/pgSQL.
\set QUIET on
\pset footer off
VACUUM ANALYZE base;
\echo
\echo Building the index
\timing on
CREATE INDEX base_embedding ON base USING slab (embedding vec_l2_ops);
\timing off
VACUUM ANALYZE base;

CREATE TABLE measured (query integer, sequential boolean, ms double precision, found integer[]);

CREATE FUNCTION measure(query_id integer, sequential boolean) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    q vec := (SELECT embedding FROM query WHERE id = query_id);
    began timestamptz;
    ended timestamptz;
    ids integer[];
BEGIN
    PERFORM set_config('enable_indexscan', CASE WHEN sequential THEN 'off' ELSE 'on' END, true);
    PERFORM set_config('enable_seqscan', CASE WHEN sequential THEN 'on' ELSE 'off' END, true);
    began := clock_timestamp();
    EXECUTE 'SELECT array_agg(id) FROM (SELECT id FROM base ORDER BY embedding <-> $1 LIMIT 10) s' INTO ids USING q;
    ended := clock_timestamp();
    INSERT INTO measured VALUES (query_id, sequential, extract(epoch FROM ended - began) * 1000, ids);
END $$;

-- Once without counting, so that both find their pages in memory.
SELECT count(measure(id, false)), count(measure(id, true)) FROM query WHERE id < 5 \g /dev/null
TRUNCATE measured;
SELECT count(measure(id, false)), count(CASE WHEN id < :sequential THEN measure(id, true) END)
FROM (SELECT id FROM query WHERE id < :queries ORDER BY id) q \g /dev/null

\echo
\echo Exact top 10
SELECT s.live AS rows, s.dims, s.storage, pg_size_pretty(s.total_bytes) AS index_size FROM slab_stats('base_embedding') s;

SELECT CASE WHEN sequential THEN 'sequential scan' ELSE 'slab index' END AS plan,
       count(*) AS queries,
       round(percentile_cont(0.5) WITHIN GROUP (ORDER BY ms)::numeric, 2) AS median_ms,
       round(percentile_cont(0.99) WITHIN GROUP (ORDER BY ms)::numeric, 2) AS p99_ms,
       round(avg((SELECT count(*) FROM unnest(found) f WHERE f = ANY (nearest[1:10])) / 10.0), 4) AS recall
FROM measured JOIN truth ON truth.id = query
GROUP BY sequential ORDER BY sequential;

SELECT round((percentile_cont(0.5) WITHIN GROUP (ORDER BY ms) FILTER (WHERE sequential)
              / percentile_cont(0.5) WITHIN GROUP (ORDER BY ms) FILTER (WHERE NOT sequential))::numeric, 1)
       AS times_faster_by_median
FROM measured;
