-- What text.sh found.
\set QUIET on
\pset footer off
\ir functions.sql

-- Of each repetition a median and a mean over queries, and of these the medians. Processor time is counted by the scheduler. What pgslab gives is equal
-- where all its scores are the numbers of the definition.
CREATE TABLE figures AS
WITH repetitions AS (
    SELECT m.turn, m.repetition, avg(share_found(m.ids, t.ids, t.wanted)) AS found, percentile_cont(0.5) WITHIN GROUP (ORDER BY m.ms)::numeric AS median_ms,
           avg(m.ms)::numeric AS mean_ms, percentile_cont(0.95) WITHIN GROUP (ORDER BY m.ms)::numeric AS p95_ms, avg(m.cpu_ms)::numeric AS cpu_ms, count(*) AS queries
    FROM measured AS m JOIN searches AS s USING (turn) JOIN truth AS t ON t.part = s.part AND t.place = s.place AND t.query = m.query
    GROUP BY m.turn, m.repetition
), equal AS (
    SELECT c.turn, avg((c.scores = coalesce(t.scores, '{}'))::integer) AS equal_scores
    FROM checked AS c JOIN searches AS s USING (turn) JOIN truth AS t ON t.part = s.part AND t.place = s.place AND t.query = c.query GROUP BY c.turn
)
SELECT s.part, s.side, s.setting, max(r.queries) AS queries, round(avg(r.found), 4) AS found, round(max(e.equal_scores), 4) AS equal_scores,
       round(median(array_agg(r.median_ms)), 3) AS median_ms, round(median(array_agg(r.mean_ms)), 3) AS mean_ms,
       round(median(array_agg(r.p95_ms)), 3) AS p95_ms, round(median(array_agg(r.cpu_ms)), 3) AS mean_cpu_ms, s.turn
FROM repetitions AS r JOIN searches AS s USING (turn) LEFT JOIN equal AS e USING (turn)
GROUP BY s.part, s.side, s.setting, s.turn ORDER BY s.turn;

CREATE VIEW by_terms AS
SELECT part, side, setting, terms, round(median(array_agg(ms)), 3) AS median_ms
FROM (SELECT s.part, s.side, s.setting, s.turn, q.terms, percentile_cont(0.5) WITHIN GROUP (ORDER BY m.ms)::numeric AS ms
      FROM measured AS m JOIN searches AS s USING (turn) JOIN queries AS q ON q.kind = s.kind AND q.id = m.query
      WHERE q.kind = 'words' GROUP BY s.turn, q.terms, m.repetition) AS r
GROUP BY part, side, setting, turn, terms ORDER BY turn, terms;

-- Rows a second, what an index adds to a row of a table without one, and the same with what was put off.
CREATE VIEW insert_rates AS
SELECT i.side, i.way, i.rows, round((i.rows / i.seconds)::numeric) AS rows_s, round((1e6 * i.seconds / i.rows)::numeric, 1) AS us_a_row,
       round((1e6 * (i.seconds - n.seconds) / i.rows)::numeric, 1) AS us_of_the_index, round((i.rows / (i.seconds + i.later_s))::numeric) AS rows_s_with_later,
       round((1e6 * (i.seconds + i.later_s - n.seconds) / i.rows)::numeric, 1) AS us_with_later, round(i.later_s::numeric, 2) AS later_s,
       round((i.wal_bytes + i.later_wal_bytes) / i.rows) AS wal_a_row, round((1e3 * i.cpu_ms / i.rows)::numeric, 1) AS cpu_us_a_row
FROM inserted AS i JOIN inserted AS n ON n.side = 'none' AND n.way = i.way ORDER BY i.way, i.side;

-- The least of HNSW's settings that finds as much as pgslab, or if none does, the one that finds most.
CREATE VIEW chosen_hnsw AS
SELECT h.* FROM figures AS h, figures AS p
WHERE h.part = 'sparse' AND h.side = 'pgvector' AND p.part = 'sparse' AND p.side = 'pgslab' AND p.setting = ''
ORDER BY h.found >= p.found DESC, CASE WHEN h.found >= p.found THEN h.median_ms END, h.found DESC LIMIT 1;

-- What was asked for. A value that is null was not measured.
CREATE VIEW goals AS
WITH f AS (SELECT * FROM figures),
measured_values(goal, wanted, at_least, value) AS (
    SELECT 'BM25: times as fast as GIN with ts_rank_cd', 20, true,
           (SELECT ratio(g.median_ms, p.median_ms) FROM f AS g, f AS p WHERE g.part = 'bm25' AND g.side = 'gin' AND p.part = 'bm25' AND p.side = 'pgslab')
    UNION ALL SELECT 'BM25: times as fast as RUM', 5, true,
           (SELECT ratio(g.median_ms, p.median_ms) FROM f AS g, f AS p WHERE g.part = 'bm25' AND g.side = 'rum' AND p.part = 'bm25' AND p.side = 'pgslab')
    UNION ALL SELECT 'BM25: share of queries with the scores of the definition', 1, true, (SELECT min(equal_scores) FROM f WHERE part IN ('bm25', 'filter', 'growth'))
    UNION ALL SELECT 'growth: cost of the larger by that of the smaller', 4, false,
           (SELECT ratio(l.median_ms, s.median_ms) FROM f AS l, f AS s WHERE l.part = 'growth' AND l.setting = 'large' AND s.part = 'growth' AND s.setting = 'small')
    UNION ALL SELECT 'filter: cost with the condition by that without', 1, false,
           (SELECT ratio(c.median_ms, w.median_ms) FROM f AS c, f AS w WHERE c.part = 'filter' AND c.side = 'pgslab' AND c.setting LIKE 'tenant%'
                   AND w.part = 'filter' AND w.side = 'pgslab' AND w.setting LIKE 'without%')
    UNION ALL SELECT 'size: of the index by that of GIN', 1.2, false,
           (SELECT ratio(p.bytes, g.bytes) FROM builds AS p, builds AS g WHERE p.index = 'docs_pgslab_index' AND g.index = 'docs_gin_index')
    UNION ALL SELECT 'inserts, ' || w.way || ': rows a second by those of GIN', 1, true,
           (SELECT ratio(p.rows_s, g.rows_s) FROM insert_rates AS p, insert_rates AS g WHERE p.side = 'pgslab' AND g.side = 'gin' AND p.way = w.way AND g.way = w.way)
    FROM (VALUES ('a row a transaction'), ('a hundred rows a transaction')) AS w(way)
    UNION ALL SELECT 'inserts, ' || w.way || ': the same, with what was put off', 1, true,
           (SELECT ratio(p.rows_s_with_later, g.rows_s_with_later) FROM insert_rates AS p, insert_rates AS g
            WHERE p.side = 'pgslab' AND g.side = 'gin' AND p.way = w.way AND g.way = w.way)
    FROM (VALUES ('a row a transaction'), ('a hundred rows a transaction')) AS w(way)
    UNION ALL SELECT 'sparse: times as fast as a sequential scan', 50, true,
           (SELECT ratio(g.median_ms, p.median_ms) FROM f AS g, f AS p WHERE g.part = 'sparse' AND g.side = 'scan' AND p.part = 'sparse' AND p.side = 'pgslab' AND p.setting = '')
    UNION ALL SELECT 'sparse: share of queries with the scores of the scan', 1, true, (SELECT equal_scores FROM f WHERE part = 'sparse' AND side = 'pgslab' AND setting = '')
    UNION ALL SELECT 'sparse: times as fast as HNSW that finds as much, or most', 1, true,
           (SELECT ratio(g.median_ms, p.median_ms) FROM chosen_hnsw AS g, f AS p WHERE p.part = 'sparse' AND p.side = 'pgslab' AND p.setting = '')
)
SELECT goal, CASE WHEN at_least THEN 'at least ' ELSE 'at most ' END || wanted AS wanted, value,
       CASE WHEN value IS NULL THEN 'not measured' WHEN at_least AND value >= wanted OR NOT at_least AND value <= wanted THEN 'reached' ELSE 'missed' END AS result
FROM measured_values;

\echo
\echo 'Indexes'
SELECT index, build_s, pg_size_pretty(bytes) AS size, pg_size_pretty(table_bytes) AS of_a_table FROM builds;
\echo
\echo 'Top 10: found is the share of the best ten by BM25, or by inner product; GIN and RUM rank by other formulas'
SELECT part, side, setting, queries, found, equal_scores, median_ms, mean_ms, p95_ms, mean_cpu_ms FROM figures ORDER BY turn;
SELECT count(*) > 0 AS any FROM by_terms \gset
\if :any
\echo
\echo 'Median milliseconds by the number of words'
SELECT part, side, setting, string_agg(median_ms::text, '  ' ORDER BY terms) AS "1 to 12 words" FROM by_terms GROUP BY part, side, setting ORDER BY part, side, setting;
\endif
SELECT count(*) > 0 AS any FROM inserted \gset
\if :any
\echo
\echo 'Single-row inserts; later is the pending list of GIN, and what slab_compact() does'
SELECT * FROM insert_rates;
\endif
\echo
\echo 'Goals'
SELECT * FROM goals;
