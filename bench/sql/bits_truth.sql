-- How far the tenth nearest row of each query is, by PostgreSQL's own functions; and whether the bits are worth searching. Wants the variable dims.
\set QUIET on
\pset footer off
VACUUM ANALYZE items;
UPDATE queries AS q SET tenth = (SELECT max(d) FROM (SELECT bit_count(b # q.b) AS d FROM items ORDER BY d LIMIT 10) AS s);
VACUUM ANALYZE queries;

WITH ones AS (SELECT avg(get_bit(b, i)) AS share FROM items, generate_series(0, :dims - 1) AS i WHERE id < 2000 GROUP BY i)
SELECT (SELECT count(*) FROM items) AS rows, pg_size_pretty(pg_table_size('items')) AS table, (SELECT count(*) FROM queries) AS queries,
       (SELECT min(tenth) || ' .. ' || max(tenth) FROM queries) AS "10th distance",
       round(min(share), 2) || ' .. ' || round(max(share), 2) AS "share of ones by position"
FROM ones;
