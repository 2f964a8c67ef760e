-- What filters.sh measures with, in either engine's database.
\set QUIET on

-- $2 is a place: of each query the nearest, or the farthest.
CREATE TABLE conditions (name text, sql text, of_farthest boolean);
INSERT INTO conditions VALUES ('unfiltered', 'true', false), ('u2 = 1', 'u2 = 1', false), ('u10 = 7', 'u10 = 7', false),
    ('u100 = 7', 'u100 = 7', false), ('u1000 = 7', 'u1000 = 7', false), ('u10000 = 7', 'u10000 = 7', false), ('hundred = 7', 'hundred = 7', false),
    ('near the query', 'near = $2', false), ('far from it', 'near = $2', true),
    ('json', 'payload @> ''{"u100": 7}''', false), ('box', 'area <@ box ''((70,0),(79,9))''', false);

CREATE FUNCTION statement(condition text, op text) RETURNS text LANGUAGE sql AS $$
    SELECT format('SELECT id FROM items WHERE %s ORDER BY embedding %s $1 LIMIT 10', sql, op) FROM conditions WHERE name = condition
$$;

-- Buffer accesses of this transaction: to the table, to what lies beside it, and to the indexes of both.
CREATE FUNCTION accessed(relations oid[]) RETURNS bigint LANGUAGE sql AS
    'SELECT sum(pg_stat_get_xact_blocks_fetched(o))::bigint FROM unnest(relations) AS o';
CREATE FUNCTION relations() RETURNS oid[] LANGUAGE sql AS $$
    WITH tables AS (SELECT unnest(ARRAY[oid, reltoastrelid]) AS o FROM pg_class WHERE oid = 'items'::regclass)
    SELECT array_agg(o) FROM (SELECT o FROM tables UNION SELECT indexrelid FROM tables JOIN pg_index ON indrelid = o) AS s
$$;

SELECT :'engine' = 'pgslab' AS is_slab \gset
\if :is_slab
CREATE FUNCTION last_scan() RETURNS jsonb LANGUAGE sql AS 'SELECT to_jsonb(s) FROM slab_last_scan() AS s';

-- The nearest ten of the rows that satisfy the condition, and whatever row is as near as the last of them. Engines add in different orders, so
-- rows that differ by less than single precision tells are as near.
CREATE TABLE truth (condition text, query bigint, matches bigint, wanted integer, ids bigint[]);
CREATE FUNCTION find_truth(asked text, op text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    template text := 'INSERT INTO truth
        WITH matching AS MATERIALIZED (SELECT id, embedding %1$s $1 AS distance FROM items WHERE %2$s),
             nearest AS (SELECT distance FROM matching ORDER BY distance LIMIT 10)
        SELECT %3$L, $3, (SELECT count(*) FROM matching), (SELECT count(*) FROM nearest),
               ARRAY(SELECT id FROM matching WHERE distance <= (SELECT max(distance) FROM nearest) * (1 + 1e-6))';
    condition record;
    query record;
BEGIN
    SELECT * INTO STRICT condition FROM conditions AS c WHERE c.name = asked;
    FOR query IN SELECT * FROM queries LOOP
        EXECUTE format(template, op, condition.sql, asked)
        USING query.embedding, CASE WHEN condition.of_farthest THEN query.farthest ELSE query.nearest END, query.id;
    END LOOP;
END $$;
\else
CREATE FUNCTION last_scan() RETURNS jsonb LANGUAGE sql AS 'SELECT NULL::jsonb';
\endif

-- The index that a plan uses, or its scan of the table.
CREATE FUNCTION plan_of(condition text, op text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    plan jsonb;
BEGIN
    EXECUTE 'EXPLAIN (GENERIC_PLAN, FORMAT json) ' || statement(condition, op) INTO plan;
    RETURN coalesce(jsonb_path_query_first(plan, 'strict $.**."Index Name"') #>> '{}', 'sequential');
END $$;

-- All queries of a condition once, for what they find and what they access, and if need be again, for the time: until 200 ms have passed. Of
-- queries that take more than that ten will do. Without the plan that is expected there is an error.
CREATE FUNCTION measure(asked text, op text, expected text, timed boolean,
                        OUT queries bigint, OUT matches numeric, OUT recall numeric, OUT rows_ok numeric,
                        OUT mean_ms numeric, OUT p50_ms numeric, OUT cpu_ms numeric, OUT buffers numeric,
                        OUT plan text, OUT strategy text, OUT lists numeric, OUT codes numeric, OUT scan_buffers numeric)
LANGUAGE plpgsql AS $$
DECLARE
    touched oid[] := relations();
    query record;
    found bigint[];
    before bigint;
    began timestamptz := clock_timestamp();
    seconds double precision;
    times double precision[] := '{}';
    started timestamptz;
    spent_before double precision;
    scans jsonb := '[]';
    of_farthest boolean := (SELECT c.of_farthest FROM conditions AS c WHERE c.name = asked);
BEGIN
    plan := plan_of(asked, op);
    IF plan <> expected THEN
        RAISE EXCEPTION '%: the plan uses %, not %', asked, plan, expected;
    END IF;
    queries := 0;
    matches := 0;
    recall := 0;
    rows_ok := 0;
    buffers := 0;
    FOR query IN
        SELECT q.embedding, CASE WHEN of_farthest THEN q.farthest ELSE q.nearest END AS place, t.matches, t.wanted, t.ids
        FROM queries AS q JOIN truth AS t ON t.query = q.id WHERE t.condition = asked ORDER BY q.id
    LOOP
        EXIT WHEN queries >= 10 AND clock_timestamp() > began + interval '2 s';
        before := accessed(touched);
        found := pg_temp.search(query.embedding, query.place);
        buffers := buffers + accessed(touched) - before;
        scans := scans || last_scan();
        queries := queries + 1;
        matches := matches + query.matches;
        rows_ok := rows_ok + (cardinality(found) = query.wanted)::integer;
        recall := recall + CASE query.wanted WHEN 0 THEN 1
                           ELSE (SELECT count(DISTINCT f)::numeric FROM unnest(found) AS f WHERE f = ANY (query.ids)) / query.wanted END;
    END LOOP;
    IF timed THEN
        started := clock_timestamp();
        spent_before := spent();
        WHILE clock_timestamp() < started + interval '200 ms' LOOP
            FOR query IN
                SELECT q.embedding, CASE WHEN of_farthest THEN q.farthest ELSE q.nearest END AS place
                FROM queries AS q ORDER BY q.id LIMIT queries
            LOOP
                began := clock_timestamp();
                found := pg_temp.search(query.embedding, query.place);
                seconds := extract(epoch FROM clock_timestamp() - began);
                times := times || seconds * 1000;
            END LOOP;
        END LOOP;
        cpu_ms := round(((spent() - spent_before) / cardinality(times))::numeric, 4);
    END IF;
    matches := round(matches / queries, 1);
    recall := round(least(recall / queries, 1), 4);
    rows_ok := round(rows_ok / queries, 4);
    buffers := round(buffers / queries, 1);
    SELECT round(avg(t)::numeric, 4), round(percentile_cont(0.5) WITHIN GROUP (ORDER BY t)::numeric, 4) INTO mean_ms, p50_ms
    FROM unnest(times) AS t;
    IF plan LIKE '%slab%' THEN
        SELECT mode() WITHIN GROUP (ORDER BY s ->> 'strategy'), round(avg((s ->> 'lists')::numeric), 1), round(avg((s ->> 'codes')::numeric), 1),
               round(avg((s ->> 'buffers')::numeric), 1)
        INTO strategy, lists, codes, scan_buffers FROM jsonb_array_elements(scans) AS s;
    END IF;
END $$;

-- The statement in a function of the session. With plan_cache_mode = force_generic_plan it is planned once, as a prepared one is.
CREATE PROCEDURE prepare_search(condition text, op text, type text) LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('CREATE FUNCTION pg_temp.search(%s, integer) RETURNS bigint[] LANGUAGE plpgsql AS %L',
                   type, format('BEGIN RETURN ARRAY(%s); END', statement(condition, op)));
END $$;
