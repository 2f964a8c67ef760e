-- What plans.sh measures with.
\set QUIET on
\ir common.sql
CREATE TABLE times (rows bigint, kind text, share numeric, limit_rows integer, plan text, nodes text, cost double precision,
                    ms double precision, recall double precision);

-- Settings that force plans: those of each are off.
CREATE TABLE plans (plan text, off text[]);
INSERT INTO plans VALUES ('chosen', '{}'), ('ordered scan', '{enable_seqscan,enable_bitmapscan,enable_sort}'),
    ('ordered scan of what another index finds', '{enable_seqscan,enable_sort}'),
    ('bitmap and sort', '{enable_seqscan,enable_indexscan}'), ('scan and sort', '{enable_indexscan,enable_bitmapscan}');

CREATE FUNCTION condition(kind text, ways integer) RETURNS text LANGUAGE sql AS $$
    SELECT CASE WHEN ways = 1 THEN 'true'
                ELSE CASE kind WHEN 'filter column' THEN format('f%s = 1', ways) WHEN 'btree' THEN format('o%s = 1', ways)
                               ELSE format('payload @> ''{"n%s": 1}''', ways) END END
$$;

-- The nodes of the plan that is made now, and what it costs to the planner.
CREATE FUNCTION plan_of(statement text, OUT nodes text, OUT cost double precision) LANGUAGE plpgsql AS $$
DECLARE
    plan jsonb;
BEGIN
    EXECUTE 'EXPLAIN (FORMAT json) ' || statement INTO plan;
    nodes := (SELECT string_agg(n #>> '{}', ', ') FROM jsonb_path_query(plan, 'strict $.**."Node Type"') AS n);
    cost := plan #>> '{0,Plan,Total Cost}';
END $$;

CREATE PROCEDURE turn(settings text[], value text) LANGUAGE plpgsql AS $$
BEGIN
    PERFORM set_config(s, value, true) FROM unnest(settings) AS s;
END $$;

-- Mean processor time of a search by the plan that is made now, the least of three rounds, each of which takes 60 ms and asks all queries, or
-- takes half a second; one round will do where a search takes 100 ms. ids: what the first three find.
CREATE PROCEDURE measure_plan(statement text, off text[], OUT ms double precision, OUT ids integer[]) LANGUAGE plpgsql AS $$
DECLARE
    queries vec[] := ARRAY(SELECT v FROM asked ORDER BY id);
    began double precision;
    took double precision;
    n integer;
BEGIN
    EXECUTE format('CREATE OR REPLACE FUNCTION pg_temp.search(q vec) RETURNS integer[] LANGUAGE plpgsql AS %L',
                   format('BEGIN RETURN ARRAY(%s); END', replace(statement, '$q', 'q')));
    SET LOCAL plan_cache_mode = force_generic_plan;
    CALL turn(off, 'off');
    ids := pg_temp.search(queries[1]) || pg_temp.search(queries[2]) || pg_temp.search(queries[3]);
    CALL turn(off, 'on');
    FOR i IN 1..3 LOOP
        began := spent();
        n := 0;
        LOOP
            PERFORM pg_temp.search(queries[n % cardinality(queries) + 1]);
            n := n + 1;
            CONTINUE WHEN n % 5 <> 0;
            took := spent() - began;
            EXIT WHEN took > 500 OR (n >= cardinality(queries) AND took > 60);
        END LOOP;
        ms := least(ms, took / n);
        EXIT WHEN ms > 100;
    END LOOP;
END $$;

-- What share of the first queries' rows another plan finds, too.
CREATE FUNCTION share_found(ids integer[], due integer[]) RETURNS double precision LANGUAGE sql AS $$
    SELECT CASE WHEN cardinality(due) = 0 THEN 1
                ELSE (SELECT count(*) FROM unnest(due) AS d WHERE d = ANY (ids))::double precision / cardinality(due) END
$$;

CREATE PROCEDURE measure_cell(rows bigint, kind text, ways integer, limit_rows integer) LANGUAGE plpgsql AS $$
DECLARE
    statement text := format('SELECT id FROM items WHERE %s ORDER BY v <-> $q LIMIT %s', condition(kind, ways), limit_rows);
    first_query text := (SELECT quote_literal(v) FROM asked ORDER BY id LIMIT 1);
    due integer[];
    one record;
    ms double precision;
    ids integer[];
    seen record;
BEGIN
    FOR one IN SELECT plan, off FROM plans ORDER BY plan <> 'scan and sort' LOOP
        CALL turn(one.off, 'off');
        seen := plan_of(replace(statement, '$q', first_query || '::vec'));
        CALL turn(one.off, 'on');
        CALL measure_plan(statement, one.off, ms, ids);
        due := coalesce(due, ids);
        INSERT INTO times VALUES (rows, kind, 1.0 / ways, limit_rows, one.plan, seen.nodes, seen.cost, ms, share_found(ids, due));
    END LOOP;
END $$;

CREATE PROCEDURE measure_cells(rows bigint, limits integer[]) LANGUAGE plpgsql AS $$
DECLARE
    cell record;
BEGIN
    SET jit = off;
    SET max_parallel_workers_per_gather = 0;
    FOR cell IN
        SELECT k.kind, w.ways, l.n
        FROM unnest(ARRAY['filter column', 'btree', 'gin']) AS k (kind), unnest(ARRAY[1, 2, 10, 100, 1000, 10000]) AS w (ways), unnest(limits) AS l (n)
        WHERE w.ways <= rows / 2 AND (w.ways > 1 OR k.kind = 'filter column')
    LOOP
        CALL measure_cell(rows, cell.kind, cell.ways, cell.n);
        COMMIT;
    END LOOP;
END $$;
