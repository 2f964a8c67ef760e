-- What the figures of all reports are computed with.
CREATE FUNCTION median(numeric[]) RETURNS numeric LANGUAGE sql IMMUTABLE AS
    'SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY x)::numeric FROM unnest($1) x';

-- "times" with three digits that mean something.
CREATE FUNCTION ratio(numeric, numeric) RETURNS numeric LANGUAGE sql IMMUTABLE AS
    'SELECT CASE WHEN $1 / $2 < 10 THEN round($1 / $2, 2) ELSE round($1 / $2, 1) END WHERE $2 <> 0';

CREATE FUNCTION mb(bigint) RETURNS numeric LANGUAGE sql IMMUTABLE AS 'SELECT round($1 / 1e6, 1)';
