-- How much longer the plan that is chosen takes than the best.
\set QUIET on
\pset footer off
CREATE VIEW cells AS
SELECT c.rows, c.kind, c.share, c.limit_rows, c.nodes, round(c.cost) AS cost, round(c.ms::numeric, 3) AS ms, round(c.recall::numeric, 3) AS recall,
       b.plan AS best, round(b.cost) AS best_cost, round(b.ms::numeric, 3) AS best_ms, round((c.ms / least(b.ms, c.ms))::numeric, 2) AS ratio
FROM times AS c, LATERAL (SELECT plan, cost, ms FROM times AS t
                          WHERE (t.rows, t.kind, t.share, t.limit_rows) = (c.rows, c.kind, c.share, c.limit_rows) AND t.plan <> 'chosen'
                          ORDER BY ms LIMIT 1) AS b
WHERE c.plan = 'chosen';
\pset title 'The plan chosen to the best'
SELECT rows, kind, count(*) AS cells, round(100.0 * count(*) FILTER (WHERE ratio <= 1.5) / count(*), 1) AS "% within 1.5",
       max(ratio) AS worst, min(recall) AS least_recall
FROM cells GROUP BY GROUPING SETS ((rows, kind), ()) ORDER BY rows, kind;
\pset title 'Cells above 1.5'
SELECT rows, kind, share::real AS share, limit_rows, nodes, cost, ms, recall, best, best_cost, best_ms, ratio FROM cells WHERE ratio > 1.5 ORDER BY ratio DESC;
