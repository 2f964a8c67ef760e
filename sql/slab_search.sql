-- The nearest rows, in the operator's order: every metric and storage, every LIMIT.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pgslab;
RESET client_min_messages;
SET slab.exact = on;

-- ---- a few points whose distances can be worked out by hand

CREATE TABLE slab_search_points (id integer, v vec(2));
INSERT INTO slab_search_points VALUES
    (1, '[3,4]'), (2, '[0,1]'), (3, '[8,6]'), (4, '[5,12]'),
    (5, '[-8,-15]'), (6, '[-2,0]'), (7, '[20,21]'), (8, '[-7,24]');
SET enable_seqscan = off;

CREATE INDEX slab_search_i ON slab_search_points USING slab (v);
EXPLAIN (COSTS OFF) SELECT id FROM slab_search_points ORDER BY v <-> '[0,0]' LIMIT 3;
SELECT id, v <-> '[0,0]' AS distance FROM slab_search_points ORDER BY v <-> '[0,0]';
DROP INDEX slab_search_i;
CREATE INDEX slab_search_i ON slab_search_points USING slab (v vec_ip_ops);
SELECT id, v <#> '[1,2]' AS distance FROM slab_search_points ORDER BY v <#> '[1,2]';
DROP INDEX slab_search_i;
CREATE INDEX slab_search_i ON slab_search_points USING slab (v vec_cosine_ops);
SELECT id, round((v <=> '[1,0]')::numeric, 6) AS distance FROM slab_search_points ORDER BY v <=> '[1,0]';
DROP INDEX slab_search_i;
CREATE INDEX slab_search_i ON slab_search_points USING slab (v vec_l1_ops);
SELECT id, v <+> '[4,10]' AS distance FROM slab_search_points ORDER BY v <+> '[4,10]';
-- the query may stand on the left
EXPLAIN (COSTS OFF) SELECT id FROM slab_search_points ORDER BY '[4,10]' <+> v LIMIT 2;
SELECT id FROM slab_search_points ORDER BY '[4,10]' <+> v LIMIT 2;
SELECT id FROM slab_search_points ORDER BY v <+> '[4,10]' LIMIT 0;
SELECT id FROM slab_search_points ORDER BY v <+> '[4,10]' LIMIT 2 OFFSET 3;
SELECT id FROM slab_search_points ORDER BY v <+> '[4,10]' OFFSET 8;
SELECT id FROM slab_search_points ORDER BY v <+> '[4,10]' FETCH FIRST 1 ROW WITH TIES;
DROP TABLE slab_search_points;

-- ---- more rows than one pass of a scan keeps, against a sequential scan

CREATE TABLE slab_search_rows (id integer, rank integer, v vec(7));
INSERT INTO slab_search_rows (id, v)
SELECT i, array_agg((i * 7919 + d * 104729 + i * i * d % 1009) % 2003 * 0.37 - 350 ORDER BY d)::vec(7)
FROM generate_series(1, 3000) AS i, generate_series(1, 7) AS d GROUP BY i;

-- Runs a statement, which returns ids and distances, by the index or by a sequential scan and nothing else.
CREATE FUNCTION pg_temp.run(statement text, by_index boolean, OUT ids integer[], OUT distances float8[])
LANGUAGE plpgsql AS $$
DECLARE
    plan json;
BEGIN
    PERFORM set_config('enable_seqscan', (NOT by_index)::text, true),
        set_config('enable_indexscan', by_index::text, true);
    EXECUTE 'EXPLAIN (FORMAT JSON) ' || statement INTO plan;
    IF plan::text ~ 'Index Scan' <> by_index OR plan::text ~ 'Seq Scan' = by_index THEN
        RAISE 'not the plan that was asked for: %', plan;
    END IF;
    EXECUTE 'SELECT array_agg(id), array_agg(distance) FROM (' || statement || ') AS s' INTO ids, distances;
END $$;

-- Equal distances in the same places are the same rows, ties aside, if no row comes twice.
CREATE FUNCTION pg_temp.agrees(statement text, OUT rows integer, OUT same_distances boolean, OUT distinct_ids boolean)
LANGUAGE plpgsql AS $$
DECLARE
    indexed record := pg_temp.run(statement, true);
    sequential record := pg_temp.run(statement, false);
BEGIN
    rows := cardinality(indexed.ids);
    same_distances := indexed.distances = sequential.distances;
    distinct_ids := rows = (SELECT count(DISTINCT id) FROM unnest(indexed.ids) AS id);
END $$;

CREATE FUNCTION pg_temp.compare(operator text)
RETURNS TABLE (clauses text, rows integer, same_distances boolean, distinct_ids boolean)
LANGUAGE plpgsql AS $$
DECLARE
    distance text := 'v ' || operator || $q$ '[100,-200,-100,0.5,300.25,200,1e-3]'$q$;
BEGIN
    EXECUTE format('UPDATE slab_search_rows AS r SET rank = s.rank FROM '
        '(SELECT id, row_number() OVER (ORDER BY %s) AS rank FROM slab_search_rows) AS s WHERE s.id = r.id', distance);
    RETURN QUERY
    SELECT concat_ws(' ', c.filter, c.page), a.*
    FROM (VALUES
        (NULL, 'LIMIT 1'), (NULL, 'LIMIT 10'), (NULL, 'LIMIT 1023'), (NULL, 'LIMIT 1024'), (NULL, 'LIMIT 1025'),
        (NULL, NULL), (NULL, 'LIMIT 10 OFFSET 2000'),
        -- what passes the filter is scattered, near, or behind more rows than a pass keeps
        ('WHERE id % 500 = 7', 'LIMIT 5'), ('WHERE rank <= 3', 'LIMIT 5'), ('WHERE rank > 2500', 'LIMIT 5'),
        ('WHERE rank IN (1, 1024, 1025, 2048, 3000)', 'LIMIT 5'), ('WHERE rank = 3000', NULL))
        AS c (filter, page),
        pg_temp.agrees(concat_ws(' ', 'SELECT id,', distance, 'AS distance FROM slab_search_rows', c.filter,
            'ORDER BY', distance, c.page)) AS a;
END $$;

CREATE INDEX slab_search_i ON slab_search_rows USING slab (v);
SELECT * FROM pg_temp.compare('<->');
DROP INDEX slab_search_i;
CREATE INDEX slab_search_i ON slab_search_rows USING slab (v vec_ip_ops);
SELECT * FROM pg_temp.compare('<#>');
DROP INDEX slab_search_i;
CREATE INDEX slab_search_i ON slab_search_rows USING slab (v vec_cosine_ops);
SELECT * FROM pg_temp.compare('<=>');
DROP INDEX slab_search_i;
CREATE INDEX slab_search_i ON slab_search_rows USING slab (v vec_l1_ops);
SELECT * FROM pg_temp.compare('<+>');

-- the same with the memory of a thousand candidates, and with the kernels that every CPU can run
SET work_mem = '64kB';
SELECT count(*), bool_and(same_distances AND distinct_ids) FROM pg_temp.compare('<+>');
RESET work_mem;
SET slab.isa = 'baseline';
SELECT count(*), bool_and(same_distances AND distinct_ids) FROM pg_temp.compare('<+>');
DROP INDEX slab_search_i;

-- the same with every element as it is in the table; the index was built by other kernels than search it
CREATE INDEX slab_search_i ON slab_search_rows USING slab (v) WITH (storage = f32);
RESET slab.isa;
SELECT count(*), bool_and(same_distances AND distinct_ids) FROM pg_temp.compare('<->');
DROP INDEX slab_search_i;
CREATE INDEX slab_search_i ON slab_search_rows USING slab (v vec_ip_ops) WITH (storage = f32);
SELECT count(*), bool_and(same_distances AND distinct_ids) FROM pg_temp.compare('<#>');
DROP INDEX slab_search_i;
CREATE INDEX slab_search_i ON slab_search_rows USING slab (v vec_cosine_ops) WITH (storage = f32);
SELECT count(*), bool_and(same_distances AND distinct_ids) FROM pg_temp.compare('<=>');
DROP INDEX slab_search_i;
CREATE INDEX slab_search_i ON slab_search_rows USING slab (v vec_l1_ops) WITH (storage = f32);
SELECT count(*), bool_and(same_distances AND distinct_ids) FROM pg_temp.compare('<+>');

DROP TABLE slab_search_rows;
