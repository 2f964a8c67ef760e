-- Rows within a distance: of each query that of the nearest hundred.
\set QUIET on
CREATE TABLE bounds (query bigint, embedding vec STORAGE PLAIN, bound double precision);
SET slab.exact = on;
INSERT INTO bounds
SELECT q.id, q.embedding, (SELECT max(d) FROM (SELECT i.embedding :op q.embedding AS d FROM items AS i ORDER BY 1 LIMIT 101) AS s)
FROM queries AS q;
RESET slab.exact;
ANALYZE bounds;

CREATE PROCEDURE prepare_range(op text) LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('CREATE FUNCTION pg_temp.within(vec, double precision) RETURNS bigint[] LANGUAGE plpgsql AS %L',
                   format('DECLARE found bigint[]; BEGIN SELECT array_agg(id) INTO found FROM items WHERE embedding %s $1 < $2; RETURN found; END', op));
END $$;

-- All queries once, for what they find, and again for the time; of queries that take long ten will do.
CREATE FUNCTION measure_range(OUT queries bigint, OUT recall numeric, OUT mean_ms numeric, OUT cpu_ms numeric) LANGUAGE plpgsql AS $$
DECLARE
    query record;
    began timestamptz := clock_timestamp();
    spent_before double precision;
    asked bigint := 0;
BEGIN
    queries := 0;
    recall := 0;
    FOR query IN SELECT * FROM bounds ORDER BY bounds.query LOOP
        EXIT WHEN queries >= 10 AND clock_timestamp() > began + interval '2 s';
        recall := recall + cardinality(pg_temp.within(query.embedding, query.bound)) / 100.0;
        queries := queries + 1;
    END LOOP;
    recall := round(recall / queries, 4);
    began := clock_timestamp();
    spent_before := spent();
    WHILE clock_timestamp() < began + interval '200 ms' LOOP
        FOR query IN SELECT * FROM bounds ORDER BY bounds.query LIMIT queries LOOP
            PERFORM pg_temp.within(query.embedding, query.bound);
            asked := asked + 1;
        END LOOP;
    END LOOP;
    cpu_ms := round(((spent() - spent_before) / asked)::numeric, 4);
    mean_ms := round((extract(epoch FROM clock_timestamp() - began) * 1000 / asked)::numeric, 4);
END $$;
