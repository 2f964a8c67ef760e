-- The report of living.sh: each view with a comment is a table of it, the comment its heading, in this order.
CREATE VIEW insert_medians AS
SELECT dataset, setting, sum(rows) AS rows, median(array_agg(rows_per_second)) AS rate, median(array_agg(p50_us)) AS p50_us,
       median(array_agg(p99_us)) AS p99_us, median(array_agg(cpu_us)) AS cpu_us, max(foreign_cpu) AS foreign_cpu
FROM inserts GROUP BY dataset, setting;

-- Each index and the table of the same type that has none.
CREATE VIEW indexes AS SELECT * FROM (VALUES ('slab', 'plain_vec'), ('hnsw', 'plain_vector'), ('ivfflat', 'plain_vector')) AS t (setting, without);

CREATE VIEW wal_medians AS
SELECT dataset, setting, max(rows) AS rows, median(array_agg(wal_bytes_per_row)) AS bytes FROM wal GROUP BY dataset, setting;

CREATE VIEW index_wal AS
SELECT w.dataset, w.rows, i.setting, round(w.bytes) AS bytes, round(p.bytes) AS bytes_without, round(w.bytes - p.bytes) AS index_bytes
FROM indexes i JOIN wal_medians w USING (setting) JOIN wal_medians p ON p.dataset = w.dataset AND p.setting = i.without;

CREATE VIEW latency_medians AS
SELECT setting, count(*) AS repetitions, median(array_agg(p50_ms)) AS p50_ms, median(array_agg(p99_ms)) AS p99_ms, min(p99_ms) AS least_p99_ms,
       max(p99_ms) AS most_p99_ms, median(array_agg(qps)) AS qps, median(array_agg(cpu_ms)) AS cpu_ms
FROM latencies GROUP BY setting;

CREATE VIEW vacuum_medians AS
SELECT dataset AS percent, setting, count(*) AS repetitions, median(array_agg(vacuum_seconds)) AS seconds, median(array_agg(cpu_seconds)) AS cpu_seconds,
       median(array_agg(wal_bytes)) AS wal_bytes, max(foreign_cpu) AS foreign_cpu
FROM vacuums GROUP BY dataset, setting;

CREATE VIEW index_vacuums AS
SELECT v.percent, i.setting, v.seconds, p.seconds AS without, v.seconds - p.seconds AS difference, v.cpu_seconds - p.cpu_seconds AS cpu_difference,
       v.wal_bytes - p.wal_bytes AS wal_difference
FROM indexes i JOIN vacuum_medians v USING (setting) JOIN vacuum_medians p ON p.percent = v.percent AND p.setting = i.without;

-- The bytes that the rows of an index need for codes, one bit and refinement, and for vectors; without addresses, factors and page headers.
CREATE VIEW row_bytes AS
SELECT *, rows * dims * (1 + refine_bits) / 8 AS code_bytes, rows * dims * CASE storage WHEN 'f32' THEN 4 ELSE 2 END AS vector_bytes FROM growth;

-- What is to be reached: at least where better is 1, at most where it is -1.
CREATE VIEW figures AS
SELECT 1 AS place, 'inserts' AS measurement, 'pgslab to HNSW, rows a second, ' || s.dataset AS figure, ratio(s.rate, h.rate) AS value, 25.0 AS goal, 1 AS better
FROM insert_medians s JOIN insert_medians h USING (dataset) WHERE s.setting = 'slab' AND h.setting = 'hnsw'
UNION ALL
SELECT 1, 'inserts', 'no index to HNSW, what could be reached, ' || p.dataset, ratio(p.rate, h.rate), NULL, 1
FROM insert_medians p JOIN insert_medians h USING (dataset) WHERE p.setting = 'plain_vector' AND h.setting = 'hnsw'
UNION ALL
SELECT 2, 'inserts', 'pgslab to no index, rows a second, ' || s.dataset, ratio(s.rate, p.rate), 0.6, 1
FROM insert_medians s JOIN insert_medians p USING (dataset) WHERE s.setting = 'slab' AND p.setting = 'plain_vec'
UNION ALL
-- The same by processor time: what is left to compare where other processes disturb.
SELECT 2, 'inserts', 'pgslab to ' || CASE o.setting WHEN 'hnsw' THEN 'HNSW' ELSE 'no index' END || ', rows per second of processor time' || ', ' || s.dataset, ratio(o.cpu_us, s.cpu_us), NULL, 1
FROM insert_medians s JOIN insert_medians o USING (dataset) WHERE s.setting = 'slab' AND o.setting IN ('hnsw', 'plain_vec')
UNION ALL
SELECT 3, 'wal', 'bytes a row of the index, ' || dataset, index_bytes, 2600, -1
FROM index_wal WHERE setting = 'slab' AND dataset IN ('later', 'no_page_images')
UNION ALL
SELECT 4, 'wal', 'pgslab to IVFFlat right after a checkpoint, ' || s.dataset, ratio(s.index_bytes, i.index_bytes), 1.3, -1
FROM index_wal s JOIN index_wal i USING (dataset) WHERE s.setting = 'slab' AND i.setting = 'ivfflat' AND dataset ~ '^(first|next)'
UNION ALL
SELECT 5, 'vacuum', 'HNSW to pgslab, seconds, ' || s.percent || ' % deleted', ratio(h.seconds, s.seconds), 200, 1
FROM index_vacuums s JOIN index_vacuums h USING (percent) WHERE s.setting = 'slab' AND h.setting = 'hnsw'
UNION ALL
-- Noise may leave nothing, or less, to the smaller one.
SELECT 6, 'vacuum', 'HNSW to pgslab, seconds beyond those without an index, ' || s.percent || ' % deleted',
       ratio(h.difference, greatest(s.difference, 0.001)), 200, 1
FROM index_vacuums s JOIN index_vacuums h USING (percent) WHERE s.setting = 'slab' AND h.setting = 'hnsw'
UNION ALL
SELECT 7, 'latency', 'p99 to idle, ' || l.setting, ratio(l.p99_ms, i.p99_ms), CASE WHEN l.setting LIKE '%inserts%' THEN 2.0 END, -1
FROM latency_medians l, latency_medians i WHERE i.setting = 'idle' AND l.setting <> 'idle'
UNION ALL
SELECT 8, 'recall', 'lowest at target 0.95, after ' || setting || ', queries ' || dataset, recall, 0.94, 1
FROM (SELECT * FROM recalls ORDER BY recall LIMIT 1) r
UNION ALL
SELECT 9, 'size', 'after the cycles to REINDEX', ratio(a.index_bytes, r.index_bytes), 1.3, -1
FROM sizes a, sizes r WHERE a.setting = 'after_cycles' AND r.setting = 'reindexed'
UNION ALL
SELECT * FROM (
    SELECT 10, 'amplification', 'code bytes written to those of the rows', ratio(code_bytes_written, code_bytes), 6.0, -1 FROM row_bytes
    ORDER BY rows DESC LIMIT 1) c
UNION ALL
SELECT * FROM (
    SELECT 11, 'amplification', 'vector bytes written to those of the rows', ratio(vector_bytes_written, vector_bytes), 1.5, -1 FROM row_bytes
    ORDER BY rows DESC LIMIT 1) v;

CREATE VIEW goals AS
SELECT measurement, figure, coalesce(value::text, 'not reported') AS value,
       CASE WHEN goal IS NULL THEN '-' ELSE CASE better WHEN 1 THEN 'at least ' ELSE 'at most ' END || trim_scale(goal) END AS goal,
       CASE WHEN goal IS NULL OR value IS NULL THEN '-' WHEN (value - goal) * better >= 0 THEN 'yes' ELSE 'no' END AS reached
FROM figures ORDER BY place, figure;
COMMENT ON VIEW goals IS 'Goals';

CREATE VIEW table_notes AS SELECT * FROM notes;
COMMENT ON VIEW table_notes IS 'Not measured';

CREATE VIEW table_inserts AS
SELECT m.dataset AS variant, m.setting AS index, round(m.rate) AS rows_per_second, round(m.p50_us) AS p50_us, round(m.p99_us) AS p99_us,
       round(m.cpu_us) AS cpu_us, round(m.p50_us - p.p50_us) AS p50_us_of_index, m.rows, m.foreign_cpu
FROM insert_medians m LEFT JOIN indexes i USING (setting) LEFT JOIN insert_medians p ON p.dataset = m.dataset AND p.setting = i.without
ORDER BY m.dataset, m.rate DESC;
COMMENT ON VIEW table_inserts IS 'Single rows by one client; cpu_us is what client and server worked for a row';

CREATE VIEW table_wal AS
SELECT dataset AS "when", setting AS index, rows, bytes, bytes_without, index_bytes,
       ratio(index_bytes, (SELECT i.index_bytes FROM index_wal i WHERE i.dataset = w.dataset AND i.setting = 'ivfflat')) AS to_ivfflat
FROM index_wal w ORDER BY dataset, index_bytes;
COMMENT ON VIEW table_wal IS 'WAL bytes a row: first and next so many rows after a checkpoint, later, and without page images';

CREATE VIEW table_vacuums AS
SELECT m.percent AS percent_deleted, m.setting AS index, m.repetitions, round(m.seconds, 3) AS seconds, round(v.difference, 3) AS of_index,
       round(m.cpu_seconds, 2) AS cpu_seconds, round(v.cpu_difference, 2) AS cpu_of_index, mb(m.wal_bytes::bigint) AS wal_mb,
       mb(v.wal_difference::bigint) AS wal_mb_of_index, m.foreign_cpu
FROM vacuum_medians m LEFT JOIN index_vacuums v USING (percent, setting) ORDER BY m.percent, m.seconds;
COMMENT ON VIEW table_vacuums IS 'VACUUM after so many of the rows were deleted; of_index is less what the same table takes without it';

CREATE VIEW table_latencies AS
SELECT l.setting AS beside, l.p50_ms, l.p99_ms, l.least_p99_ms, l.most_p99_ms, ratio(l.p50_ms, i.p50_ms) AS p50_to_idle,
       ratio(l.p99_ms, i.p99_ms) AS p99_to_idle, l.qps, l.cpu_ms,
       (SELECT round(sum(w.rows) / l.repetitions) FROM writers w WHERE w.setting = l.setting) AS rows_inserted
FROM latency_medians l LEFT JOIN latency_medians i ON i.setting = 'idle' ORDER BY l.p50_ms;
COMMENT ON VIEW table_latencies IS 'One client that searches; the control''s writers insert into a table without an index';

CREATE VIEW table_recalls AS
SELECT setting AS after, dataset AS queries_from, rows, recall, worst_query, exact_is_sequential FROM recalls
ORDER BY setting LIKE 'cycle%', (regexp_match(setting, '^cycle_(\d+)'))[1]::integer, rows, setting, dataset;
COMMENT ON VIEW table_recalls IS 'Recall of the top 10 at slab.target_recall 0.95';

CREATE VIEW table_sizes AS SELECT setting, rows, mb(index_bytes) AS index_mb FROM sizes;
COMMENT ON VIEW table_sizes IS 'Size of the index';

CREATE VIEW table_growth AS
SELECT rows, segments, sidecar_rows, mb(code_bytes) AS code_mb, mb(code_bytes_written) AS code_mb_written, mb(vector_bytes) AS vector_mb,
       mb(vector_bytes_written) AS vector_mb_written, mb(index_bytes) AS index_mb
FROM row_bytes ORDER BY rows;
COMMENT ON VIEW table_growth IS 'Growing by single rows: bytes of the rows in the index, and bytes that maintenance wrote';

CREATE VIEW table_builds AS
SELECT b.dataset AS measurement, b.setting AS index, (SELECT max(l.rows) FROM loads l WHERE l.dataset = b.dataset AND l.setting = b.setting) AS rows,
       round(median(array_agg(b.build_seconds)), 3) AS build_seconds, mb(max(b.index_bytes)) AS index_mb, max(b.foreign_cpu) AS foreign_cpu
FROM builds b GROUP BY b.dataset, b.setting ORDER BY min(b.ctid);
COMMENT ON VIEW table_builds IS 'The indexes to begin with';
