-- What several benchmarks measure with.
\set QUIET on

-- Processor time of this backend, in milliseconds.
CREATE FUNCTION spent() RETURNS double precision LANGUAGE sql AS $$
    SELECT split_part(pg_read_file('/proc/self/schedstat'), ' ', 1)::double precision / 1e6
$$;

-- A number below so many, by chance, but always the same for an id.
CREATE FUNCTION by_chance(id bigint, ways integer) RETURNS integer LANGUAGE sql IMMUTABLE AS
    'SELECT ((hashint8extended(id, ways) & 2147483647) % ways)::integer';

-- What a statement that returns an array of distances finds for $1, and the time that it takes: the clock's, and the processor's.
CREATE FUNCTION timed(statement text, q anyelement, OUT distances double precision[], OUT ms double precision, OUT cpu_ms double precision)
LANGUAGE plpgsql AS $$
DECLARE
    before double precision := spent();
    began timestamptz := clock_timestamp();
    ended timestamptz;
BEGIN
    EXECUTE statement INTO distances USING q;
    ended := clock_timestamp();
    cpu_ms := spent() - before;
    ms := extract(epoch FROM ended - began) * 1000;
END $$;

-- Of the ten nearest, the share that was found: whatever is as near as the true tenth counts.
CREATE FUNCTION recall_of(distances double precision[], tenth double precision) RETURNS numeric LANGUAGE sql IMMUTABLE AS
    'SELECT count(*) / 10.0 FROM unnest(distances) AS d WHERE d <= tenth';

CREATE FUNCTION in_order(distances double precision[]) RETURNS boolean LANGUAGE sql IMMUTABLE AS
    'SELECT distances = ARRAY(SELECT d FROM unnest(distances) AS d ORDER BY d)';
