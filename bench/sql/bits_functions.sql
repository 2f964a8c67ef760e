-- What bits.sh measures with: rows, what is to be asked, and how. Wants the variables dims and sides.
SET client_min_messages = warning;
\ir common.sql

CREATE TABLE items (id integer, b bit(:dims)) WITH (parallel_workers = 1);
-- A query's tenth is the distance of the tenth nearest row.
CREATE TABLE queries (id integer, b bit(:dims), tenth double precision);
-- How fast memory is read, in GB a second of the clock, and of processor time.
CREATE TABLE reads (gb_s double precision, cpu_gb_s double precision);

-- Whose operator is found depends on the search path.
CREATE TABLE engines (engine text, path text, index text, definition text, build_s numeric);
INSERT INTO engines VALUES
    ('pgslab', 'public', 'items_slab', 'USING slab (b bit_hamming_ops)'),
    ('pgvector', 'theirs, public', 'items_hnsw', 'USING hnsw (b bit_hamming_ops) WITH (m = 16, ef_construction = 64)');

-- In the order of their turns. The table is scanned with pgvector's operator, and with pgslab's where that is a side.
CREATE TABLE settings (turn serial, side text, setting text, path text, index text, variable text, value text);
INSERT INTO settings (side, setting, path, index, variable, value)
SELECT side, setting, path, CASE WHEN side = engine THEN index END, variable, value
FROM (VALUES
    (1, 'pgslab', 'pgslab', 'exact', 'slab.exact', 'on'),
    (2, 'pgslab', 'pgslab', 'target_recall=0.90', 'slab.target_recall', '0.90'),
    (3, 'pgslab', 'pgslab', 'target_recall=0.95', 'slab.target_recall', '0.95'),
    (4, 'pgslab', 'pgslab', 'target_recall=0.99', 'slab.target_recall', '0.99'),
    (1, 'pgvector', 'pgvector', 'ef_search=40', 'hnsw.ef_search', '40'),
    (2, 'pgvector', 'pgvector', 'ef_search=100', 'hnsw.ef_search', '100'),
    (3, 'pgvector', 'pgvector', 'ef_search=200', 'hnsw.ef_search', '200'),
    (4, 'pgvector', 'pgvector', 'ef_search=400', 'hnsw.ef_search', '400'),
    (5, 'pgvector', 'pgvector', 'ef_search=800', 'hnsw.ef_search', '800'),
    (1, 'scan', 'pgslab', 'operator=pgslab', 'enable_indexscan', 'off'),
    (2, 'scan', 'pgvector', 'operator=pgvector', 'enable_indexscan', 'off')
) AS asked(place, side, engine, setting, variable, value) JOIN engines USING (engine)
WHERE side = ANY (:'sides') AND (engine = 'pgvector' OR engine = ANY (:'sides'))
ORDER BY place, side;

CREATE PROCEDURE build(asked text) LANGUAGE plpgsql AS $$
DECLARE
    e engines := (SELECT s FROM engines AS s WHERE s.engine = asked);
    began timestamptz := clock_timestamp();
BEGIN
    PERFORM set_config('search_path', e.path, true);
    EXECUTE format('CREATE INDEX %I ON items %s', e.index, e.definition);
    UPDATE engines SET build_s = extract(epoch FROM clock_timestamp() - began) WHERE engine = asked;
END $$;

-- An error where the plan of a statement uses another index than is expected, or none, or one where none is.
CREATE PROCEDURE require_index(statement text, q bit, expected text) LANGUAGE plpgsql AS $$
DECLARE
    plan jsonb;
    used text;
BEGIN
    EXECUTE 'EXPLAIN (FORMAT json) ' || statement INTO plan USING q;
    used := jsonb_path_query_first(plan, 'strict $.**."Index Name"') #>> '{}';
    IF used IS DISTINCT FROM expected THEN
        RAISE EXCEPTION 'the plan uses %, not %', coalesce(used, 'no index'), coalesce(expected, 'a sequential scan');
    END IF;
END $$;

-- All queries with one setting. The first of them once before, uncounted, so that what this setting needs is in memory. Distances are those
-- of PostgreSQL's own functions, whoever found the rows.
CREATE TABLE measured (turn integer, repetition integer, query integer, distances double precision[], ms double precision, cpu_ms double precision,
                       lists bigint, codes bigint, compared bigint, looked_up bigint);
CREATE PROCEDURE ask(asked integer, repetition integer) LANGUAGE plpgsql AS $$
DECLARE
    s settings := (SELECT s FROM settings AS s WHERE s.turn = asked);
    statement text := 'SELECT array_agg(bit_count(b # $1)) FROM (SELECT b FROM items ORDER BY b <~> $1 LIMIT 10) AS s';
    query record;
    took record;
BEGIN
    PERFORM set_config('search_path', s.path, true), set_config('enable_seqscan', (s.index IS NULL)::text, true), set_config(s.variable, s.value, true);
    FOR query IN SELECT * FROM queries ORDER BY id LIMIT 20 LOOP
        CALL require_index(statement, query.b, s.index);
        PERFORM timed(statement, query.b);
    END LOOP;
    FOR query IN SELECT * FROM queries ORDER BY id LOOP
        SELECT * INTO took FROM timed(statement, query.b);
        INSERT INTO measured SELECT asked, repetition, query.id, took.distances, took.ms, took.cpu_ms, w.lists, w.codes, w.compared, w.looked_up
        FROM (SELECT) AS always LEFT JOIN slab_last_scan() AS w ON s.side = 'pgslab';
    END LOOP;
END $$;
