-- What bits.sh found.
\set QUIET on
\pset footer off

-- Of each repetition a median over queries, or a mean, and of these the medians.
CREATE TABLE figures AS
WITH repetitions AS (
    SELECT m.turn, avg(recall_of(m.distances, q.tenth)) AS recall, bool_and(in_order(m.distances)) AS in_order,
           percentile_cont(0.5) WITHIN GROUP (ORDER BY m.ms) AS median_ms, avg(m.cpu_ms) AS mean_cpu_ms, avg(m.lists) AS lists,
           avg(m.codes) AS codes, avg(m.compared) AS compared, avg(m.looked_up) AS looked_up
    FROM measured AS m JOIN queries AS q ON q.id = m.query GROUP BY m.turn, m.repetition
), medians AS (
    SELECT turn, round(avg(recall), 4) AS recall, bool_and(in_order) AS in_order,
           round(percentile_cont(0.5) WITHIN GROUP (ORDER BY median_ms)::numeric, 3) AS median_ms,
           round(percentile_cont(0.5) WITHIN GROUP (ORDER BY mean_cpu_ms)::numeric, 3) AS mean_cpu_ms,
           round(avg(lists), 1) AS lists, round(avg(codes), 1) AS codes, round(avg(compared), 1) AS compared, round(avg(looked_up), 1) AS looked_up
    FROM repetitions GROUP BY turn
), stored AS (
    SELECT count(*) AS rows, sum(length(b)) / 8 AS bytes FROM items
), read AS (
    SELECT round(percentile_cont(0.5) WITHIN GROUP (ORDER BY gb_s)::numeric, 3) AS read_gb_s,
           round(percentile_cont(0.5) WITHIN GROUP (ORDER BY cpu_gb_s)::numeric, 3) AS read_cpu_gb_s FROM reads
)
SELECT s.side, s.setting, t.rows, m.recall, m.in_order, m.median_ms, m.mean_cpu_ms, m.lists, m.codes, m.compared, m.looked_up,
       round(e.build_s, 1) AS build_s, pg_total_relation_size(s.index::regclass) AS index_bytes,
       CASE s.setting WHEN 'exact' THEN round((t.bytes / m.median_ms / 1e6)::numeric, 3) END AS gb_s,
       CASE s.setting WHEN 'exact' THEN round((t.bytes / m.mean_cpu_ms / 1e6)::numeric, 3) END AS cpu_gb_s, r.read_gb_s, r.read_cpu_gb_s
FROM settings AS s JOIN medians AS m USING (turn) CROSS JOIN stored AS t CROSS JOIN read AS r
     LEFT JOIN engines AS e ON e.engine = s.side
ORDER BY s.side, s.turn;

-- Of pgvector's settings the fastest that finds as much, or if none does, the one that finds most.
CREATE VIEW ratios AS
SELECT p.setting, p.recall, p.median_ms, p.mean_cpu_ms, v.setting AS pgvector, v.recall AS its_recall, v.median_ms AS its_ms, v.mean_cpu_ms AS its_cpu_ms,
       round(v.median_ms / p.median_ms, 2) AS by_time, round(v.mean_cpu_ms / p.mean_cpu_ms, 2) AS by_cpu,
       CASE WHEN v.recall < p.recall THEN 'pgvector finds less with every setting: this is the one that finds most' ELSE '' END AS note
FROM figures AS p, LATERAL (
    SELECT * FROM figures AS v WHERE v.side = 'pgvector'
    ORDER BY v.recall >= p.recall DESC, CASE WHEN v.recall >= p.recall THEN v.median_ms END, v.recall DESC, v.median_ms LIMIT 1
) AS v
WHERE p.side = 'pgslab' ORDER BY p.recall, p.setting;

\echo
\echo Indexes
SELECT DISTINCT side, pg_size_pretty(index_bytes) AS size, build_s FROM figures WHERE index_bytes IS NOT NULL ORDER BY side;
\echo
\echo Top 10; lists, codes, compared and looked_up are what slab_last_scan() says
SELECT side, setting, recall, median_ms, mean_cpu_ms, in_order, lists, codes, compared, looked_up FROM figures;
SELECT count(*) > 0 AS compared FROM ratios \gset
\if :compared
\echo
\echo 'At equal recall: how many times as long pgvector takes'
SELECT * FROM ratios;
\endif
\echo
\echo 'GB a second: all bits by the time of the exact search, and a loop that only reads as many bytes; the goal is a share of 0.7'
SELECT of, exact, read, round(exact / read, 3) AS share
FROM (SELECT * FROM figures ORDER BY gb_s LIMIT 1) AS f, LATERAL (VALUES ('the clock', gb_s, read_gb_s), ('processor time', cpu_gb_s, read_cpu_gb_s)) AS rates(of, exact, read)
ORDER BY of DESC;
