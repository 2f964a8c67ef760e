# SQL functions that run a statement in several ways and compare its rows with those of the same statement without an index.
package SlabTestCompare;

use strict;
use warnings;

our $functions = <<'SQL';
-- What became of each statement: scans of slab indexes in its plan; if they were approximate, rows that they gave, that an
-- exact answer has, that these two have in common as far as distances say, and that there would be without a limit; of the rows
-- that are as far as the last one that WITH TIES asks for, those given and all.
CREATE TABLE tally (plan jsonb, scans integer, approximate boolean, given integer, wanted integer, hits integer, available integer,
    ties_given integer, ties_there integer);

-- A statement returns a distance d, or NULL where it demands no order, and a text r of all else that is determined.
CREATE FUNCTION literal(query vec) RETURNS text LANGUAGE sql AS $$ SELECT quote_nullable(query) || '::vec' $$;

-- A statement with its parameters, the query $1 and the limit $2, as constants.
CREATE FUNCTION with_constants(statement text, query vec, k bigint) RETURNS text LANGUAGE sql AS $$
    SELECT replace(replace(statement, '$1', literal(query)), '$2', k::text)
$$;

CREATE FUNCTION execution(query vec, k bigint) RETURNS text LANGUAGE sql AS $$
    SELECT format('EXECUTE p (%s, %s)', literal(query), k)
$$;

-- Adds all rows of what EXECUTE runs.
CREATE FUNCTION append_rows(statement text, INOUT d double precision[], INOUT r text[])
LANGUAGE plpgsql AS $$
DECLARE
    x record;
BEGIN
    FOR x IN EXECUTE statement LOOP
        d := array_append(d, x.d);
        r := array_append(r, x.r);
    END LOOP;
END $$;

-- By a cursor, some rows at a time, while other scans come and go beside the first pieces. Rows are appended here, not by
-- append_rows(), because arrays that are handed from function to function are copied each time.
CREATE FUNCTION fetch_rows(piece integer, meanwhile text, query vec, INOUT d double precision[], INOUT r text[])
LANGUAGE plpgsql AS $$
DECLARE
    x record;
    before integer;
    pieces integer := 0;
BEGIN
    LOOP
        before := cardinality(d);
        FOR x IN EXECUTE format('FETCH %s FROM c', piece) LOOP
            d := array_append(d, x.d);
            r := array_append(r, x.r);
        END LOOP;
        EXIT WHEN cardinality(d) = before;
        pieces := pieces + 1;
        IF meanwhile IS NOT NULL AND pieces <= 100 THEN
            EXECUTE meanwhile USING query;
        END IF;
    END LOOP;
END $$;

CREATE FUNCTION reversed(a anyarray) RETURNS anyarray LANGUAGE sql AS $$
    SELECT coalesce(array_agg(x ORDER BY i DESC), '{}') FROM unnest(a) WITH ORDINALITY AS s (x, i)
$$;

-- The rows of a statement in their order. In mode "held" it ran before, when the transaction of a cursor WITH HOLD ended.
CREATE FUNCTION rows_of(statement text, query vec, k bigint, mode text, piece integer, meanwhile text,
    OUT d double precision[], OUT r text[]) LANGUAGE plpgsql AS $$
DECLARE
    x record;
BEGIN
    d := '{}';
    r := '{}';
    CASE mode
    WHEN 'whole' THEN
        EXECUTE 'SELECT coalesce(array_agg(d), ''{}''), coalesce(array_agg(r), ''{}'') FROM (' || statement || ') AS s'
            INTO d, r USING query, k;
    WHEN 'portal' THEN
        FOR x IN EXECUTE statement USING query, k LOOP
            d := array_append(d, x.d);
            r := array_append(r, x.r);
        END LOOP;
    WHEN 'prepared' THEN
        SELECT * INTO d, r FROM append_rows(execution(query, k), d, r);
    WHEN 'held' THEN
        SELECT * INTO d, r FROM fetch_rows(piece, meanwhile, query, d, r);
        EXECUTE 'CLOSE c';
    ELSE
        EXECUTE format('DECLARE c %s CURSOR FOR %s', CASE mode WHEN 'scroll' THEN 'SCROLL' END,
            with_constants(statement, query, k));
        SELECT * INTO d, r FROM fetch_rows(piece, meanwhile, query, d, r);
        IF mode = 'scroll' THEN
            SELECT * INTO x FROM append_rows('FETCH BACKWARD ALL FROM c', '{}', '{}');
            IF reversed(x.d) IS DISTINCT FROM d OR reversed(x.r) IS DISTINCT FROM r THEN
                RAISE 'a cursor goes back another way';
            END IF;
        END IF;
        EXECUTE 'CLOSE c';
    END CASE;
END $$;

-- How many scans of the tables' slab indexes the plan of a statement has.
CREATE FUNCTION index_scans(statement text, query vec, k bigint, mode text) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    plan json;
    explain text := 'EXPLAIN (FORMAT JSON) ';
BEGIN
    CASE mode
    WHEN 'whole', 'portal' THEN EXECUTE explain || statement INTO plan USING query, k;
    WHEN 'prepared' THEN EXECUTE explain || execution(query, k) INTO plan;
    ELSE EXECUTE explain || 'DECLARE c CURSOR FOR ' || with_constants(statement, query, k) INTO plan;
    END CASE;
    RETURN (SELECT count(*) FROM regexp_matches(plan::text, '"Index Name": "items', 'g'));
END $$;

CREATE FUNCTION apply_settings(settings jsonb) RETURNS void LANGUAGE sql AS $$
    SELECT set_config(key, value, true) FROM jsonb_each_text(settings)
$$;

-- The ways of an ordinary server, except that no plan has an index scan.
CREATE FUNCTION forbid_indexes(settings jsonb) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    name text;
BEGIN
    FOR name IN SELECT jsonb_object_keys(settings) LOOP
        EXECUTE format('SET LOCAL %s TO DEFAULT', name);
    END LOOP;
    SET LOCAL enable_indexscan = off;
    SET LOCAL enable_bitmapscan = off;
END $$;

CREATE FUNCTION allow_indexes() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    SET LOCAL enable_indexscan TO DEFAULT;
    SET LOCAL enable_bitmapscan TO DEFAULT;
END $$;

-- Rows of the first that the second has not, or not as often.
CREATE FUNCTION surplus(d double precision[], r text[], d2 double precision[], r2 text[], OUT n bigint, OUT example text)
LANGUAGE sql AS $$
    SELECT count(*), left(min(s::text), 200)
    FROM (SELECT * FROM unnest(d, r) AS a (d, r) EXCEPT ALL SELECT * FROM unnest(d2, r2) AS b (d, r)) AS s
$$;

-- Where a sequence descends or, if it must not, repeats; NULL if nowhere. NULL is last, as in a sort, and after NaN.
CREATE FUNCTION first_descent(d double precision[], strictly boolean) RETURNS text LANGUAGE sql AS $$
    SELECT format('%s after %s in place %s', coalesce(x::text, 'NULL'), coalesce(previous::text, 'NULL'), i)
    FROM (SELECT x, i, lag(x) OVER w AS previous FROM unnest(d) WITH ORDINALITY AS s (x, i) WINDOW w AS (ORDER BY i)) AS s
    WHERE i > 1 AND (x < previous OR previous IS NULL AND x IS NOT NULL OR strictly AND x IS NOT DISTINCT FROM previous)
    ORDER BY i LIMIT 1
$$;

CREATE FUNCTION brief(a anyarray) RETURNS text LANGUAGE sql AS $$
    SELECT format('%s%s', left(a::text, 150), CASE WHEN length(a::text) > 150 THEN '...' END)
$$;

-- Why rows are not what an exact answer is: the same distances, and none but rows of the answer without a limit. (So of rows at the
-- same distance all are there, but for those that the limit cuts.)
CREATE FUNCTION exact_faults(plan jsonb, d double precision[], r text[], right_d double precision[], right_r text[])
RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
    i integer;
BEGIN
    IF d IS DISTINCT FROM right_d THEN
        SELECT min(n) INTO i FROM generate_series(1, greatest(cardinality(d), cardinality(right_d))) AS n
        WHERE d[n] IS DISTINCT FROM right_d[n] OR (n <= cardinality(d)) <> (n <= cardinality(right_d));
        RETURN NEXT format('%s rows instead of %s; from the %s. on distances are %s instead of %s', cardinality(d),
            cardinality(right_d), i, brief(d[i:]), brief(right_d[i:]));
    ELSIF (plan->>'total')::boolean AND r IS DISTINCT FROM right_r THEN
        RETURN NEXT format('rows in another order: %s instead of %s', brief(r), brief(right_r));
    END IF;
END $$;

-- Why rows are not what a sort of some of the table's rows gives.
CREATE FUNCTION order_faults(plan jsonb, d double precision[], r text[], all_d double precision[], all_r text[])
RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
    s record;
    descent text := first_descent(d, (plan->>'unique')::boolean);
BEGIN
    SELECT * INTO s FROM surplus(d, r, all_d, all_r);
    IF s.n > 0 THEN
        RETURN NEXT format('%s rows that should not be, as %s', s.n, s.example);
    END IF;
    IF (plan->>'ascends')::boolean AND descent IS NOT NULL THEN
        RETURN NEXT 'not in order: ' || descent;
    END IF;
END $$;

-- WITH TIES: what follows the rows asked for is as far as the last of them.
CREATE FUNCTION ties_faults(plan jsonb, d double precision[]) RETURNS SETOF text LANGUAGE sql AS $$
    SELECT format('%s follows %s, which is not tied with it', x, d[(plan->>'k')::integer])
    FROM unnest(d[(plan->>'k')::integer + 1:]) AS x
    WHERE (plan->>'ties')::boolean AND x IS DISTINCT FROM d[(plan->>'k')::integer] LIMIT 1
$$;

CREATE FUNCTION equal_numbers(d double precision[], x double precision) RETURNS bigint LANGUAGE sql AS $$
    SELECT count(*) FROM unnest(d) AS y WHERE y IS NOT DISTINCT FROM x
$$;

CREATE FUNCTION note_approximate(
    plan jsonb, scans integer, d double precision[], right_d double precision[], all_d double precision[])
RETURNS void LANGUAGE sql AS $$
    INSERT INTO tally
    SELECT plan, scans, true, cardinality(d), cardinality(right_d),
        cardinality(d) - (SELECT n FROM surplus(d, d::text[], right_d, right_d::text[])), cardinality(all_d),
        CASE WHEN tied THEN equal_numbers(d, last) END, CASE WHEN tied THEN equal_numbers(all_d, last) END
    FROM (SELECT d[(plan->>'k')::integer] AS last,
            (plan->>'ties')::boolean AND plan->>'limit' !~ 'OFFSET' AND plan->>'superset' = '' AS tied) AS s
$$;

-- Puts the rows of a plan's inner statement, which is a search with a limit, into the table "captured" as that search gives
-- them. The second time it knows the rows that the first one flagged as dead, as a third one does.
CREATE FUNCTION capture(near text, query vec) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    CREATE TEMP TABLE IF NOT EXISTS captured (id integer, tag integer, d double precision);
    FOR i IN 1 .. 2 LOOP
        TRUNCATE captured;
        EXECUTE 'INSERT INTO captured SELECT * FROM (' || near || ') AS s' USING query;
    END LOOP;
END $$;

CREATE FUNCTION whole_statement(plan jsonb, with_limit boolean, near text) RETURNS text LANGUAGE sql AS $$
    SELECT replace(replace(plan->>'sql', '{limit}', CASE WHEN with_limit THEN plan->>'limit' ELSE '' END), '{near}', near)
$$;

-- Begins what check_plan() completes, where another transaction has to end in between: a cursor WITH HOLD.
CREATE FUNCTION hold(plan jsonb, query vec) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM apply_settings(plan->'settings');
    -- A search that meets dead rows which are not flagged yet may miss others.
    IF plan->>'near' <> '' THEN
        PERFORM capture(plan->>'near', query);
    END IF;
    EXECUTE 'DECLARE c CURSOR WITH HOLD FOR '
        || with_constants(whole_statement(plan, true, '(' || (plan->>'near') || ')'), query, (plan->>'k')::bigint);
END $$;

-- Whether the search that was the only one of a statement, if it had any, was exact; NULL if there were several.
CREATE FUNCTION was_exact(scans integer) RETURNS boolean LANGUAGE sql AS $$
    SELECT CASE scans WHEN 0 THEN true WHEN 1 THEN (SELECT exact FROM slab_last_scan()) END
$$;

-- A statement of which a statement's rows are some: itself without a limit, unless a plan knows another for approximate searches.
CREATE FUNCTION statement_of_all(plan jsonb, exact boolean) RETURNS text LANGUAGE sql AS $$
    SELECT CASE WHEN plan->>'superset' <> '' AND exact IS NOT TRUE THEN plan->>'superset'
        ELSE whole_statement(plan, false, '(TABLE captured)') END
$$;

-- What is wrong with a plan's rows. Without a limit, with slab.exact and wherever the search says that it is exact, nothing may be
-- missing; else rows may, and what remains has to be in order.
CREATE FUNCTION plan_faults(plan jsonb, query vec) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
    k bigint := plan->>'k';
    mode text := plan->>'mode';
    settings jsonb := plan->'settings';
    statement text := whole_statement(plan, true, '(' || (plan->>'near') || ')');
    got record;
    answer record;
    everything record;
    scans integer;
    exact boolean;
BEGIN
    PERFORM apply_settings(settings);
    IF plan->>'near' <> '' THEN
        PERFORM capture(plan->>'near', query);
    END IF;
    IF mode = 'prepared' THEN
        DEALLOCATE ALL;
        EXECUTE 'PREPARE p (vec, bigint) AS ' || statement;
    END IF;
    scans := index_scans(statement, query, k, mode);
    got := rows_of(statement, query, k, mode, (plan->>'piece')::integer, plan->>'meanwhile');
    exact := settings->>'slab.exact' = 'on' OR NOT (plan->>'approximate')::boolean
        OR plan->>'meanwhile' IS NULL AND mode <> 'held' AND was_exact(scans);

    PERFORM forbid_indexes(settings);
    answer := rows_of(whole_statement(plan, true, '(TABLE captured)'), query, k, 'whole', NULL, NULL);
    everything := rows_of(statement_of_all(plan, exact), query, k, 'whole', NULL, NULL);
    PERFORM allow_indexes();

    RETURN QUERY SELECT * FROM order_faults(plan, got.d, got.r, everything.d, everything.r);
    IF exact THEN
        RETURN QUERY SELECT * FROM exact_faults(plan, got.d, got.r, answer.d, answer.r);
    ELSE
        RETURN QUERY SELECT * FROM ties_faults(plan, got.d);
        PERFORM note_approximate(plan, scans, got.d, answer.d, everything.d);
        RETURN;
    END IF;
    INSERT INTO tally (plan, scans, approximate)
    VALUES (plan, scans, plan->>'near' <> '' AND settings->>'slab.exact' = 'off');
END $$;

-- The same, errors included, with what repeats it by hand.
CREATE FUNCTION check_plan(plan jsonb, query vec) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
    fault text;
    faults text;
BEGIN
    BEGIN
        SELECT string_agg(f, '; ') INTO faults FROM plan_faults(plan, query) AS f;
    EXCEPTION WHEN OTHERS THEN
        faults := concat_ws(' ', SQLSTATE, SQLERRM);
    END;
    IF faults IS NOT NULL THEN
        RETURN NEXT format('%s (%s): %s; plan %s; query %s', plan->>'name', plan->>'mode', faults, plan, query);
    END IF;
END $$;
SQL

1;
