-- The report: each view with a comment is a table of it, the comment its heading, in this order.
CREATE VIEW sets AS SELECT DISTINCT ON (dataset) dataset, rows, dims FROM loads ORDER BY dataset;

CREATE VIEW medians AS
SELECT dataset, engine, setting, count(*) AS repetitions, round(median(array_agg(recall)), 4) AS recall, round(median(array_agg(qps)), 1) AS qps,
       round(median(array_agg(p50_ms)), 3) AS p50_ms, round(median(array_agg(p99_ms)), 3) AS p99_ms, round(median(array_agg(cpu_ms)), 3) AS cpu_ms,
       max(foreign_cpu) AS foreign_cpu
FROM queries GROUP BY dataset, engine, setting;

-- Settings trade recall for time and are written name=value; "exact", "sequential" and "two_clients" do not.

-- What pgvector takes for the recall that a setting of pgslab delivered: between the two of its settings that enclose that recall, in
-- proportion. Past the end of its curve the end stands for it, which flatters it above ("at least" this ratio) and pgslab below.
CREATE VIEW equal_recall AS
SELECT b.dataset, b.setting, b.recall, b.qps, b.cpu_ms, b.p99_ms,
       CASE WHEN hi.recall IS NULL THEN 'at least' WHEN lo.recall IS NULL THEN 'at most' ELSE '' END AS bound,
       between_points(b.recall, lo.recall, 1 / lo.qps, hi.recall, 1 / hi.qps) AS seconds,
       between_points(b.recall, lo.recall, lo.cpu_ms, hi.recall, hi.cpu_ms) AS peer_cpu_ms,
       between_points(b.recall, lo.recall, lo.p99_ms, hi.recall, hi.p99_ms) AS peer_p99_ms
FROM medians b
LEFT JOIN LATERAL (SELECT * FROM medians m WHERE m.dataset = b.dataset AND m.engine = 'pgvector' AND m.setting ~ '=' AND m.recall <= b.recall
                   ORDER BY m.recall DESC LIMIT 1) lo ON true
LEFT JOIN LATERAL (SELECT * FROM medians m WHERE m.dataset = b.dataset AND m.engine = 'pgvector' AND m.setting ~ '=' AND m.recall > b.recall
                   ORDER BY m.recall LIMIT 1) hi ON true
WHERE b.engine = 'pgslab' AND b.setting ~ '=' AND (lo.recall IS NOT NULL OR hi.recall IS NOT NULL);

-- pgslab by its fastest setting that reaches the recall, beside that.
CREATE VIEW at_recall AS
SELECT DISTINCT ON (e.dataset, t.target) e.dataset, t.target, e.setting, e.recall, e.bound, ratio(e.qps, 1 / e.seconds) AS qps,
       ratio(e.peer_cpu_ms, e.cpu_ms) AS per_cpu, ratio(e.p99_ms, e.peer_p99_ms) AS p99
FROM equal_recall e, (VALUES (0.95), (0.99)) AS t (target)
WHERE e.recall >= t.target
ORDER BY e.dataset, t.target, e.qps DESC;

CREATE VIEW both_builds AS
SELECT a.dataset, ratio(b.build_seconds, a.build_seconds) AS build, ratio(b.cpu_seconds, a.cpu_seconds) AS cpu,
       ratio(b.index_bytes, a.index_bytes) AS size, ratio(b.wal_bytes, a.wal_bytes) AS wal
FROM builds a JOIN builds b USING (dataset) WHERE a.engine = 'pgvector' AND b.engine = 'pgslab';

CREATE VIEW exact AS
SELECT e.dataset, s.engine AS sequential, s.p50_ms AS sequential_ms, e.p50_ms AS exact_ms, e.recall, ratio(s.p50_ms, e.p50_ms) AS times_faster
FROM medians e JOIN medians s USING (dataset)
WHERE e.engine = 'pgslab' AND e.setting = 'exact' AND s.setting = 'sequential';

CREATE VIEW ratios AS
SELECT s.dataset, concat_ws(' ', nullif(f95.bound, ''), f95.qps) AS qps_at_95, concat_ws(' ', nullif(f99.bound, ''), f99.qps) AS qps_at_99,
       f95.per_cpu AS per_cpu_at_95, f99.per_cpu AS per_cpu_at_99, f95.p99 AS p99_at_95, f99.p99 AS p99_at_99,
       b.build AS build_time, b.size AS index_size, e.times_faster AS exact_to_sequential
FROM sets s
LEFT JOIN at_recall f95 ON f95.dataset = s.dataset AND f95.target = 0.95
LEFT JOIN at_recall f99 ON f99.dataset = s.dataset AND f99.target = 0.99
LEFT JOIN both_builds b ON b.dataset = s.dataset
LEFT JOIN exact e ON e.dataset = s.dataset AND e.sequential = 'pgvector'
ORDER BY s.dataset;
COMMENT ON VIEW ratios IS 'pgslab to pgvector at the recall that pgslab delivered: queries a second and per second of processor time (more is better), p99, build time and size (less is better); exact search to pgvector''s sequential scan';

CREATE VIEW table_equal_recall AS
SELECT dataset, setting AS pgslab, recall, qps, round(1 / seconds, 1) AS pgvector_qps, concat_ws(' ', nullif(bound, ''), ratio(qps, 1 / seconds)) AS qps_ratio,
       cpu_ms, round(peer_cpu_ms, 3) AS pgvector_cpu_ms, p99_ms, round(peer_p99_ms, 3) AS pgvector_p99_ms
FROM equal_recall ORDER BY dataset, recall;
COMMENT ON VIEW table_equal_recall IS 'At equal recall: pgvector between the two of its settings that enclose the recall of pgslab''s';

CREATE VIEW table_builds AS
SELECT b.dataset, l.rows, l.dims, b.engine, b.build_seconds, b.cpu_seconds, mb(b.index_bytes) AS index_mb, mb(b.wal_bytes) AS wal_mb,
       mb(l.table_bytes) AS table_mb, b.foreign_cpu
FROM builds b JOIN loads l USING (dataset, engine) ORDER BY b.dataset, b.engine DESC;
COMMENT ON VIEW table_builds IS 'Building';

CREATE VIEW table_exact AS SELECT * FROM exact ORDER BY dataset;
COMMENT ON VIEW table_exact IS 'Exact search beside a sequential scan of each engine''s column';

CREATE VIEW table_clients AS
SELECT b.dataset, a.qps AS one, b.qps AS two, ratio(b.qps, a.qps) AS times
FROM medians a JOIN medians b USING (dataset, engine)
WHERE a.engine = 'pgslab' AND a.setting = 'target_recall=0.95' AND b.setting = 'two_clients' ORDER BY 1;
COMMENT ON VIEW table_clients IS 'Queries a second of pgslab at a target of .95 by one client, and by two on two processors';

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
