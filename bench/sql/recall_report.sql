-- How many cells fall short, of queries like the rows and of others.
\set QUIET on
\pset footer off
SELECT dataset, kind, count(*) AS cells, count(*) FILTER (WHERE short) AS short, min(recall - target) AS worst,
       round(exp(avg(ln(greatest(cpu_ms, 0.001)))), 3) AS cpu_ms, round(exp(avg(ln(greatest(codes, 1))))) AS codes
FROM cells GROUP BY dataset, kind ORDER BY dataset, kind;
\pset title 'Recall that falls as the target rises'
SELECT * FROM falls ORDER BY dataset, kind, rows, target;
