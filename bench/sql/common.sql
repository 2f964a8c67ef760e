-- What several benchmarks measure with.
\set QUIET on

-- Processor time of this backend, in milliseconds.
CREATE FUNCTION spent() RETURNS double precision LANGUAGE sql AS $$
    SELECT split_part(pg_read_file('/proc/self/schedstat'), ' ', 1)::double precision / 1e6
$$;

-- A number below so many, by chance, but always the same for an id.
CREATE FUNCTION by_chance(id bigint, ways integer) RETURNS integer LANGUAGE sql IMMUTABLE AS
    'SELECT ((hashint8extended(id, ways) & 2147483647) % ways)::integer';
