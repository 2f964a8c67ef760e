-- The report: each view with a comment is a table of it, the comment its heading, in this order.
CREATE VIEW sets AS SELECT DISTINCT ON (dataset) dataset, rows, dims FROM loads ORDER BY dataset;

CREATE VIEW medians AS
SELECT dataset, engine, setting, count(*) AS repetitions, round(median(array_agg(recall)), 4) AS recall, round(median(array_agg(qps)), 1) AS qps,
       round(median(array_agg(p50_ms)), 3) AS p50_ms, round(median(array_agg(p99_ms)), 3) AS p99_ms, round(median(array_agg(cpu_ms)), 3) AS cpu_ms,
       max(foreign_cpu) AS foreign_cpu
FROM queries GROUP BY dataset, engine, setting;

-- Settings trade recall for time and are written name=value; "exact" and "sequential" do not.
CREATE VIEW fastest AS
SELECT DISTINCT ON (dataset, engine, target) dataset, engine, target, setting, recall, qps, p50_ms, p99_ms
FROM medians, (VALUES (0.95), (0.99)) AS t (target)
WHERE setting ~ '=' AND recall >= target
ORDER BY dataset, engine, target, qps DESC;

-- The same by processor time: what is left to compare where other processes disturb.
CREATE VIEW thriftiest AS
SELECT dataset, engine, target, min(cpu_ms) AS cpu_ms
FROM medians, (VALUES (0.95), (0.99)) AS t (target)
WHERE setting ~ '=' AND recall >= target
GROUP BY dataset, engine, target;

-- Either engine where it reaches the recall, and how they compare where both do.
CREATE VIEW at_recall AS
SELECT s.dataset, t.target, a.setting AS pgvector, a.recall AS pgvector_recall, a.qps AS pgvector_qps, a.p99_ms AS pgvector_p99_ms,
       b.setting AS pgslab, b.recall AS pgslab_recall, b.qps AS pgslab_qps, b.p99_ms AS pgslab_p99_ms,
       ratio(b.qps, a.qps) AS qps_ratio, ratio(b.p99_ms, a.p99_ms) AS p99_ratio, ratio(c.cpu_ms, d.cpu_ms) AS per_cpu_ratio
FROM sets s
CROSS JOIN (VALUES (0.95), (0.99)) AS t (target)
LEFT JOIN fastest a ON a.dataset = s.dataset AND a.target = t.target AND a.engine = 'pgvector'
LEFT JOIN fastest b ON b.dataset = s.dataset AND b.target = t.target AND b.engine = 'pgslab'
LEFT JOIN thriftiest c ON c.dataset = s.dataset AND c.target = t.target AND c.engine = 'pgvector'
LEFT JOIN thriftiest d ON d.dataset = s.dataset AND d.target = t.target AND d.engine = 'pgslab'
ORDER BY s.dataset, t.target;

CREATE VIEW both_builds AS
SELECT a.dataset, ratio(b.build_seconds, a.build_seconds) AS build, ratio(b.cpu_seconds, a.cpu_seconds) AS cpu,
       ratio(b.index_bytes, a.index_bytes) AS size, ratio(b.wal_bytes, a.wal_bytes) AS wal
FROM builds a JOIN builds b USING (dataset) WHERE a.engine = 'pgvector' AND b.engine = 'pgslab';

CREATE VIEW exact AS
SELECT e.dataset, s.p50_ms AS sequential_ms, e.p50_ms AS exact_ms, e.recall, ratio(s.p50_ms, e.p50_ms) AS times_faster
FROM medians e JOIN medians s USING (dataset, engine)
WHERE e.engine = 'pgslab' AND e.setting = 'exact' AND s.setting = 'sequential';

CREATE VIEW ratios AS
SELECT s.dataset, f95.qps_ratio AS qps_at_95, f99.qps_ratio AS qps_at_99, f95.per_cpu_ratio AS per_cpu_at_95,
       f99.per_cpu_ratio AS per_cpu_at_99, f95.p99_ratio AS p99_at_95, f99.p99_ratio AS p99_at_99,
       b.build AS build_time, b.size AS index_size, e.times_faster AS exact_to_sequential
FROM sets s
LEFT JOIN at_recall f95 ON f95.dataset = s.dataset AND f95.target = 0.95
LEFT JOIN at_recall f99 ON f99.dataset = s.dataset AND f99.target = 0.99
LEFT JOIN both_builds b ON b.dataset = s.dataset
LEFT JOIN exact e ON e.dataset = s.dataset
ORDER BY s.dataset;
COMMENT ON VIEW ratios IS 'pgslab to pgvector: queries a second and per second of processor time (more is better), p99, build time and size (less is better); exact to sequential scan';

CREATE VIEW table_at_recall AS
SELECT dataset, target, coalesce(pgvector, '-') AS pgvector, pgvector_recall, pgvector_qps, pgvector_p99_ms,
       coalesce(pgslab, '-') AS pgslab, pgslab_recall, pgslab_qps, pgslab_p99_ms, qps_ratio, per_cpu_ratio, p99_ratio
FROM at_recall;
COMMENT ON VIEW table_at_recall IS 'The fastest setting of each that reaches the recall';

CREATE VIEW table_builds AS
SELECT b.dataset, l.rows, l.dims, b.engine, b.build_seconds, b.cpu_seconds, mb(b.index_bytes) AS index_mb, mb(b.wal_bytes) AS wal_mb,
       mb(l.table_bytes) AS table_mb, b.foreign_cpu
FROM builds b JOIN loads l USING (dataset, engine) ORDER BY b.dataset, b.engine DESC;
COMMENT ON VIEW table_builds IS 'Building';

CREATE VIEW table_exact AS SELECT * FROM exact ORDER BY dataset;
COMMENT ON VIEW table_exact IS 'Exact search beside a sequential scan of the same column';

CREATE VIEW table_targets AS
SELECT dataset, substring(setting FROM '=(.*)')::numeric AS target_recall, recall AS delivered,
       round(recall - substring(setting FROM '=(.*)')::numeric, 4) AS difference
FROM medians WHERE engine = 'pgslab' AND setting LIKE 'target_recall=%' ORDER BY 1, 2;
COMMENT ON VIEW table_targets IS 'Recall asked for and delivered by pgslab';

CREATE VIEW table_growth AS
SELECT a.engine, a.setting, a.counter, a.value AS at_100k, b.value AS at_1m, ratio(b.value, a.value) AS growth
FROM work a JOIN work b USING (engine, setting, counter)
WHERE a.dataset = 'mix768_100k' AND b.dataset = 'mix768_1m' AND a.value > 0
ORDER BY a.engine DESC, a.counter, length(a.setting), a.setting;
COMMENT ON VIEW table_growth IS 'Counted work of a query, ten times the rows';

CREATE VIEW table_settings AS
SELECT m.dataset, m.engine, m.setting, m.recall, m.qps, m.p50_ms, m.p99_ms, m.cpu_ms, round(w.value) AS buffers, m.foreign_cpu
FROM medians m LEFT JOIN work w ON w.dataset = m.dataset AND w.engine = m.engine AND w.setting = m.setting AND w.counter = 'buffers'
ORDER BY m.dataset, m.engine DESC, m.setting !~ '=', m.recall, m.qps DESC;
COMMENT ON VIEW table_settings IS 'Every setting; cpu_ms is what client and server worked for a query, buffers what its plan accessed';
