-- The same searches through the index and through a sequential scan with a sort: the median of several runs of each, and
-- whether both gave the same distances.
SET client_min_messages = warning;

CREATE FUNCTION pg_temp.nearest(query text, dims integer) RETURNS text LANGUAGE sql AS $$
    SELECT format('SELECT embedding <=> %L::vec AS d FROM packages ORDER BY embedding <=> %1$L::vec LIMIT 10',
                  vec_hash_embed(query, dims))
$$;

CREATE FUNCTION pg_temp.distances(statement text, use_index boolean) RETURNS float8[] LANGUAGE plpgsql AS $$
DECLARE
    result float8[];
BEGIN
    PERFORM set_config('enable_indexscan', use_index::text, true), set_config('enable_seqscan', (NOT use_index)::text, true);
    EXECUTE format('SELECT array_agg(d) FROM (%s) s', statement) INTO result;
    RETURN result;
END $$;

CREATE FUNCTION pg_temp.median_ms(statement text, use_index boolean, runs integer) RETURNS float8 LANGUAGE plpgsql AS $$
DECLARE
    started timestamptz;
    times float8[];
BEGIN
    PERFORM pg_temp.distances(statement, use_index);
    FOR run IN 1 .. runs LOOP
        started := clock_timestamp();
        PERFORM pg_temp.distances(statement, use_index);
        times := times || extract(epoch FROM clock_timestamp() - started)::float8 * 1000;
    END LOOP;
    RETURN (SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY t) FROM unnest(times) t);
END $$;

WITH measured AS MATERIALIZED (
    SELECT query,
           pg_temp.median_ms(statement, true, 9) AS index_ms,
           pg_temp.median_ms(statement, false, 9) AS scan_ms,
           pg_temp.distances(statement, true) = pg_temp.distances(statement, false) AS same_answer
    FROM unnest(ARRAY['vector graphics editor', 'music player for the terminal', 'network audio server']) AS query,
         pg_temp.nearest(query, :dims) AS statement
)
SELECT query, round(index_ms::numeric, 2) AS "index, ms", round(scan_ms::numeric, 2) AS "sequential scan, ms",
       round((scan_ms / index_ms)::numeric, 1) AS "times faster", same_answer AS "same answer"
FROM measured;
