-- The report of filters.sh: each view with a comment is a table of it, the comment its heading, in this order.
CREATE VIEW sets AS
SELECT DISTINCT ON (dataset) dataset, rows, dims FROM loads WHERE engine = 'pgslab' ORDER BY dataset, rows DESC;

CREATE TABLE engines (engine text, place integer, name text);
INSERT INTO engines VALUES ('pgslab', 1, 'pgslab'), ('pgslab_index', 2, 'pgslab, the index forced'), ('hnsw_strict', 3, 'HNSW, strict_order'),
    ('hnsw_relaxed', 4, 'HNSW, relaxed_order'), ('hnsw_partial', 5, 'HNSW, partial index'), ('sort', 6, 'btree or table, and sort');

-- Repetition 0 is what settings were chosen by.
CREATE VIEW medians AS
SELECT dataset, condition, engine, setting, min(queries) AS queries, median(array_agg(matches)) AS matches,
       median(array_agg(recall)) AS recall, min(rows_ok) AS rows_ok, round(median(array_agg(mean_ms)), 3) AS mean_ms,
       round(median(array_agg(p50_ms)), 3) AS p50_ms, round(median(array_agg(cpu_ms)), 3) AS cpu_ms,
       round(median(array_agg(buffers))) AS buffers, min(plan) AS plan, min(strategy) AS strategy, round(median(array_agg(lists)), 1) AS lists,
       round(median(array_agg(codes))) AS codes, round(median(array_agg(scan_buffers)), 1) AS scan_buffers
FROM searches WHERE repetition > 0 GROUP BY dataset, condition, engine, setting;

CREATE VIEW compared AS
SELECT m.dataset, s.rows, m.condition, m.matches, round(100 * m.matches / s.rows, 3) AS percent, e.name AS engine, e.place, m.setting AS ef_search,
       m.queries, m.recall, m.rows_ok, m.mean_ms, m.p50_ms, round(1000 / nullif(m.mean_ms, 0), 1) AS qps, ratio(m.mean_ms, p.mean_ms) AS to_pgslab,
       m.cpu_ms, ratio(m.cpu_ms, p.cpu_ms) AS cpu_to_pgslab, m.buffers, m.plan, m.strategy, m.lists, m.codes
FROM medians m JOIN engines e USING (engine) JOIN sets s USING (dataset)
JOIN medians p ON p.dataset = m.dataset AND p.condition = m.condition AND p.engine = 'pgslab';

SELECT format('CREATE VIEW table_%1$s AS
               SELECT condition, matches, percent, engine, ef_search, queries, recall, rows_ok, mean_ms, p50_ms, qps, to_pgslab,
                      cpu_ms, cpu_to_pgslab, buffers, plan, strategy, lists, codes
               FROM compared WHERE dataset = %1$L
               ORDER BY condition LIKE ''%%the query'', condition LIKE ''far%%'', length(condition), place', dataset),
       format('COMMENT ON VIEW table_%s IS %L', dataset, format('%s: %s rows of %s dimensions; to_pgslab is the mean time to that of pgslab, '
              'cpu_ms processor time, buffers what a search accessed of table and indexes, rows_ok the share of queries that got all rows',
              dataset, rows, dims))
FROM sets ORDER BY dataset \gexec

CREATE VIEW table_growth AS
SELECT a.engine, a.condition, a.matches, a.recall AS recall_100k, b.recall AS recall_1m, a.mean_ms AS ms_100k, b.mean_ms AS ms_1m,
       ratio(b.mean_ms, a.mean_ms) AS growth, ratio(b.cpu_ms, a.cpu_ms) AS cpu_growth,
       a.buffers AS buffers_100k, b.buffers AS buffers_1m, ratio(b.buffers, a.buffers) AS buffers_growth
FROM compared a JOIN compared b USING (engine, condition)
WHERE a.dataset = 'mix768_100k' AND b.dataset = 'mix768_1m' ORDER BY a.place;
COMMENT ON VIEW table_growth IS 'As many rows satisfy the condition, of ten times the rows';

CREATE VIEW table_ranges AS
SELECT r.dataset, r.way, r.queries, r.recall, r.mean_ms, r.cpu_ms, ratio(s.mean_ms, r.mean_ms) AS times_as_fast, ratio(s.cpu_ms, r.cpu_ms) AS cpu_ratio
FROM (SELECT dataset, way, min(queries) AS queries, median(array_agg(recall)) AS recall, round(median(array_agg(mean_ms)), 3) AS mean_ms,
             round(median(array_agg(cpu_ms)), 3) AS cpu_ms FROM ranges GROUP BY dataset, way) AS r
JOIN (SELECT dataset, median(array_agg(mean_ms)) AS mean_ms, median(array_agg(cpu_ms)) AS cpu_ms FROM ranges WHERE way = 'sequential' GROUP BY dataset) AS s
USING (dataset) ORDER BY dataset, way;
COMMENT ON VIEW table_ranges IS 'The hundred rows within a distance, by pgslab at a target of .95 and exactly, and by a scan of the table';

-- Searches without a condition are prices, too.
CREATE VIEW all_prices AS
SELECT dataset, 1 AS place, measurement, columns, median(array_agg(value)) AS value FROM prices GROUP BY dataset, measurement, columns
UNION ALL
SELECT dataset, 2, 'search without a condition, ' || measurement,
       CASE engine WHEN 'no_filter_columns' THEN 'none' ELSE 'two integers' END, value
FROM medians, LATERAL (VALUES ('mean ms', mean_ms), ('processor ms', cpu_ms), ('buffers of the index', scan_buffers),
                              ('recall', recall)) AS v (measurement, value)
WHERE condition = 'unfiltered';

CREATE VIEW table_prices AS
SELECT p.dataset, p.measurement, p.columns AS filter_columns, p.value, p.value - n.value AS difference, ratio(p.value, n.value) AS to_none
FROM all_prices p JOIN all_prices n USING (dataset, measurement) WHERE n.columns = 'none'
ORDER BY p.dataset, p.place, p.measurement, array_position(ARRAY['no index', 'none', 'integer', 'bigint', 'two integers'], p.columns);
COMMENT ON VIEW table_prices IS 'What filter columns cost pgslab';

CREATE VIEW table_builds AS
SELECT dataset, engine, setting AS index, build_seconds, cpu_seconds, mb(index_bytes) AS index_mb, mb(wal_bytes) AS wal_mb, foreign_cpu
FROM builds ORDER BY dataset, engine DESC, setting !~ 'slab|hnsw', length(setting), setting;
COMMENT ON VIEW table_builds IS 'Indexes, each built once';
