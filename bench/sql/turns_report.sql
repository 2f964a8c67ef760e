-- Of each measurement the medians and the least values of both sides, and how far turns of the same side are apart.
\set QUIET on
\pset footer off
WITH sides AS (
    SELECT measurement, side, percentile_cont(0.5) WITHIN GROUP (ORDER BY value)::numeric AS median, min(value) AS least,
           (max(value) - min(value)) / NULLIF(min(value), 0) AS spread
    FROM turns GROUP BY measurement, side)
SELECT measurement, round(b.median, 3) AS before, round(a.median, 3) AS after, round(a.median / NULLIF(b.median, 0), 3) AS ratio,
       round(a.least / NULLIF(b.least, 0), 3) AS of_least, round(greatest(a.spread, b.spread), 3) AS spread
FROM sides AS b JOIN sides AS a USING (measurement)
WHERE b.side = 'before' AND a.side = 'after'
ORDER BY measurement;
