-- Of each measurement the medians of both sides, and how far turns of the same side are apart.
\set QUIET on
\pset footer off
WITH medians AS (
    SELECT measurement, side, percentile_cont(0.5) WITHIN GROUP (ORDER BY value)::numeric AS median,
           (max(value) - min(value)) / NULLIF(min(value), 0) AS spread
    FROM turns GROUP BY measurement, side)
SELECT measurement, round(b.median, 3) AS before, round(a.median, 3) AS after, round(a.median / NULLIF(b.median, 0), 3) AS ratio,
       round(greatest(a.spread, b.spread), 3) AS spread
FROM medians AS b JOIN medians AS a USING (measurement)
WHERE b.side = 'before' AND a.side = 'after'
ORDER BY measurement;
