-- What several tests use.

-- A statement's plan, without what PostgreSQL 18 adds to nodes that enable_seqscan and the like discourage.
CREATE FUNCTION plan_of(statement text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
    line text;
BEGIN
    FOR line IN EXECUTE 'EXPLAIN (COSTS OFF) ' || statement LOOP
        IF line !~ '^ *Disabled: true$' THEN
            RETURN NEXT line;
        END IF;
    END LOOP;
END $$;

-- The operator's values of the nearest rows.
CREATE FUNCTION nearest_values(relation text, op text, k integer, q vec) RETURNS double precision[] LANGUAGE plpgsql AS $$
DECLARE
    found double precision[];
BEGIN
    EXECUTE format('SELECT array_agg(d) FROM (SELECT v %1$s $1 AS d FROM %2$I ORDER BY v %1$s $1 LIMIT %3$s) AS s', op, relation, k)
        INTO found USING q;
    RETURN found;
END $$;

-- For each query the value of the last of them, by a sequential scan.
CREATE FUNCTION last_values(relation text, op text, k integer, asked vec[]) RETURNS double precision[] LANGUAGE sql
SET enable_seqscan = on SET enable_indexscan = off AS $$
    SELECT array_agg((nearest_values(relation, op, k, q))[k] ORDER BY n) FROM unnest(asked) WITH ORDINALITY AS u(q, n)
$$;

-- The share of the nearest rows that is found by the index with the current settings, and its standard error.
CREATE FUNCTION delivered(relation text, op text, k integer, asked vec[], last double precision[],
                          OUT recall double precision, OUT error double precision) LANGUAGE sql
SET enable_seqscan = off SET enable_indexscan = on AS $$
    SELECT avg(share), stddev_pop(share) / sqrt(count(*))
    FROM unnest(asked, last) AS u(q, l),
         LATERAL (SELECT count(*) / k::double precision AS share FROM unnest(nearest_values(relation, op, k, q)) AS d WHERE d <= l) AS s
$$;

-- What a statement is refused with.
CREATE FUNCTION refused(statement text, OUT code text, OUT message text, OUT detail text, OUT hint text)
LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE statement;
    message := 'not refused';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS code = RETURNED_SQLSTATE, message = MESSAGE_TEXT,
        detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
END $$;
