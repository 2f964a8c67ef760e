-- How much longer the plan that is chosen takes than the best. Where settings force the very plan that is chosen, its time is the lesser of both.
\set QUIET on
\pset footer off
-- Costs without what the server adds for a node that is switched off.
CREATE VIEW plans_of_cells AS SELECT *, round((cost::numeric) % 10000000000) AS own_cost FROM times;
CREATE VIEW cells AS
SELECT c.rows, c.kind, c.share, c.limit_rows, c.nodes, c.own_cost AS cost, round(c.ms::numeric, 3) AS ms, round(c.recall::numeric, 3) AS recall,
       b.plan AS best, b.own_cost AS best_cost, round(b.ms::numeric, 3) AS best_ms, round((c.ms / least(b.ms, c.ms))::numeric, 2) AS ratio
FROM (SELECT rows, kind, share, limit_rows, nodes, own_cost, min(ms) AS ms, max(recall) FILTER (WHERE plan = 'chosen') AS recall
      FROM plans_of_cells GROUP BY rows, kind, share, limit_rows, nodes, own_cost HAVING bool_or(plan = 'chosen')) AS c,
     LATERAL (SELECT plan, own_cost, ms FROM plans_of_cells AS t
              WHERE (t.rows, t.kind, t.share, t.limit_rows) = (c.rows, c.kind, c.share, c.limit_rows) AND t.plan <> 'chosen'
              ORDER BY ms LIMIT 1) AS b;
\pset title 'The plan chosen to the best'
SELECT rows, kind, count(*) AS cells, round(100.0 * count(*) FILTER (WHERE ratio <= 1.5) / count(*), 1) AS "% within 1.5",
       max(ratio) AS worst, min(recall) AS least_recall
FROM cells GROUP BY GROUPING SETS ((rows, kind), ()) ORDER BY rows, kind;
\pset title 'Cells above 1.5'
SELECT rows, kind, share::real AS share, limit_rows, nodes, cost, ms, recall, best, best_cost, best_ms, ratio FROM cells WHERE ratio > 1.5 ORDER BY ratio DESC;
