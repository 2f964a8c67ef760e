-- What the figures of all reports are computed with.
CREATE FUNCTION median(numeric[]) RETURNS numeric LANGUAGE sql IMMUTABLE AS
    'SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY x)::numeric FROM unnest($1) x';

-- "times" with three digits that mean something.
CREATE FUNCTION ratio(numeric, numeric) RETURNS numeric LANGUAGE sql IMMUTABLE AS
    'SELECT CASE WHEN $1 / $2 < 10 THEN round($1 / $2, 2) ELSE round($1 / $2, 1) END WHERE $2 <> 0';

CREATE FUNCTION mb(bigint) RETURNS numeric LANGUAGE sql IMMUTABLE AS 'SELECT round($1 / 1e6, 1)';

-- The value at x on the line from (x0, y0) to (x1, y1); of the one point there is where the other is null.
CREATE FUNCTION between_points(x numeric, x0 numeric, y0 numeric, x1 numeric, y1 numeric) RETURNS numeric LANGUAGE sql IMMUTABLE AS
    'SELECT CASE WHEN x0 IS NULL OR x1 IS NULL OR x0 = x1 THEN coalesce(y0, y1) ELSE y0 + (y1 - y0) * (x - x0) / (x1 - x0) END';
