-- The same searches through the index and through a sequential scan with a sort: the median of several runs of each, and how
-- many of the nearest rows the index found. Then what the settings give, measured with rows of the table as queries.
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

CREATE FUNCTION pg_temp.found(statement text) RETURNS text LANGUAGE sql AS $$
    SELECT format('%s of %s', (SELECT count(*) FROM unnest(pg_temp.distances(statement, true)) AS d WHERE d <= max(nearest)),
                  count(*))
    FROM unnest(pg_temp.distances(statement, false)) AS nearest
$$;

-- What a setting gives: it is in force for this call only.
CREATE FUNCTION pg_temp.measure(setting text, value text, OUT share text, OUT ms numeric) LANGUAGE plpgsql AS $$
BEGIN
    PERFORM set_config(setting, value, true);
    SELECT round((recall * 100)::numeric, 1) || ' %', round(time_ms::numeric, 2) INTO share, ms
    FROM slab_recall('packages_embedding', 10);
    PERFORM set_config(setting, CASE setting WHEN 'slab.exact' THEN 'off' ELSE '0.95' END, true);
END $$;

\echo 'Searches for the ten nearest, by the index and by a scan of the whole table with a sort:'
WITH measured AS MATERIALIZED (
    SELECT query, pg_temp.found(statement) AS found,
           pg_temp.median_ms(statement, true, 9) AS index_ms,
           pg_temp.median_ms(statement, false, 9) AS scan_ms
    FROM unnest(ARRAY['vector graphics editor', 'music player for the terminal', 'network audio server']) AS query,
         pg_temp.nearest(query, :dims) AS statement
)
SELECT query, found AS "found by the index", round(index_ms::numeric, 2) AS "index, ms",
       round(scan_ms::numeric, 2) AS "scan, ms", round((scan_ms / index_ms)::numeric, 1) AS "times faster"
FROM measured;

\echo 'An index is asked for a share of the nearest rows, on average over queries like the rows themselves; a single search'
\echo 'may find fewer, or all. A larger share usually takes longer, and slab.exact finds every one. What share of the ten'
\echo 'nearest is found, and at what price, with rows of this table as queries:'
SELECT 'SET ' || setting || ' = ' || value || CASE WHEN value = '0.95' THEN ' (the default)' ELSE '' END AS "setting",
       m.share AS "found", m.ms AS "ms a search"
FROM (VALUES (1, 'slab.target_recall', '0.8'), (2, 'slab.target_recall', '0.95'), (3, 'slab.target_recall', '0.99'),
             (4, 'slab.exact', 'on')) AS s (n, setting, value),
     LATERAL pg_temp.measure(setting, value) AS m
ORDER BY n;
