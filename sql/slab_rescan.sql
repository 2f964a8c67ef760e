-- One scan after another: nested loops, prepared statements, queries known only at execution.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pgslab;
RESET client_min_messages;
SET slab.exact = on;

CREATE TABLE slab_rescan_items (id integer, v vec(2));
INSERT INTO slab_rescan_items SELECT i, ARRAY[i, 0]::vec FROM generate_series(1, 200) AS i;
CREATE INDEX slab_rescan_i ON slab_rescan_items USING slab (v);
CREATE TABLE slab_rescan_queries (id integer, v vec);
INSERT INTO slab_rescan_queries VALUES (1, '[10.2,0]'), (2, '[150.7,3]'), (3, '[-5,0]'), (4, NULL), (5, '[1000,1]');
SET enable_seqscan = off;
SET enable_memoize = off;

-- ---- a query from each row of another table

SELECT plan_of($$SELECT q.id, n.id FROM slab_rescan_queries AS q
CROSS JOIN LATERAL (SELECT id FROM slab_rescan_items AS i ORDER BY i.v <-> q.v LIMIT 3) AS n$$);
SELECT q.id AS query, array_agg(n.id ORDER BY n.distance)
FROM slab_rescan_queries AS q
CROSS JOIN LATERAL
    (SELECT i.id, i.v <-> q.v AS distance FROM slab_rescan_items AS i ORDER BY i.v <-> q.v LIMIT 3) AS n
WHERE q.v IS NOT NULL GROUP BY q.id ORDER BY q.id;
-- to nothing all rows are equally far, and any will do
SELECT count(*), count(n.distance)
FROM slab_rescan_queries AS q
CROSS JOIN LATERAL
    (SELECT i.id, i.v <-> q.v AS distance FROM slab_rescan_items AS i ORDER BY i.v <-> q.v LIMIT 3) AS n
WHERE q.id = 4;
-- every row as a query, each once to its end and once not
SELECT count(*), count(*) FILTER (WHERE n.id = q.id), sum(n.id)
FROM slab_rescan_items AS q
CROSS JOIN LATERAL (SELECT id FROM slab_rescan_items AS i ORDER BY i.v <-> q.v LIMIT 1) AS n;
SELECT count(*), sum(n.id)
FROM slab_rescan_items AS q
CROSS JOIN LATERAL (SELECT id FROM slab_rescan_items AS i ORDER BY i.v <-> q.v) AS n;
-- an unsuited query among good ones
SELECT q.d, n.id
FROM (VALUES ('[7,0]'::vec, 1), ('[7]', 2)) AS q (v, d)
CROSS JOIN LATERAL (SELECT id FROM slab_rescan_items AS i ORDER BY i.v <-> q.v LIMIT 1) AS n;

-- a subquery in the select list, and one that depends on two levels
SELECT q.id, (SELECT i.id FROM slab_rescan_items AS i ORDER BY i.v <-> q.v LIMIT 1) AS nearest
FROM slab_rescan_queries AS q WHERE q.v IS NOT NULL ORDER BY q.id;
SELECT q.id, (SELECT (SELECT k.id FROM slab_rescan_items AS k WHERE k.id <> j.id ORDER BY k.v <-> j.v + '[0.4,0]' LIMIT 1)
              FROM slab_rescan_items AS j ORDER BY j.v <-> q.v LIMIT 1) AS next_to_nearest
FROM slab_rescan_queries AS q WHERE q.v IS NOT NULL ORDER BY q.id;

-- ---- a query from a subquery, which is run once

SELECT id FROM slab_rescan_items ORDER BY v <-> (SELECT v FROM slab_rescan_queries WHERE id = 2) LIMIT 2;
SELECT count(*) FROM
    (SELECT id FROM slab_rescan_items ORDER BY v <-> (SELECT v FROM slab_rescan_queries WHERE id = 6) LIMIT 2) AS s;

-- ---- prepared statements

PREPARE nearest (vec, integer) AS SELECT id FROM slab_rescan_items ORDER BY v <-> $1 LIMIT $2;
SET plan_cache_mode = force_custom_plan;
SELECT plan_of($$EXECUTE nearest ('[42.1,0]', 3)$$);
EXECUTE nearest ('[42.1,0]', 3);
EXECUTE nearest ('[99.9,0]', 1);
EXECUTE nearest ('[1]', 1);
SET plan_cache_mode = force_generic_plan;
SELECT plan_of($$EXECUTE nearest ('[42.1,0]', 3)$$);
EXECUTE nearest ('[42.1,0]', 3);
EXECUTE nearest ('[99.9,0]', 1);
EXECUTE nearest ('[1]', 1);
EXECUTE nearest ('[99.9,0]', 0);
-- a NULL that the planner did not see: all rows, in any order
CREATE FUNCTION pg_temp.count_ordered(query vec) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    n bigint;
BEGIN
    SELECT count(*) INTO n FROM (SELECT id FROM slab_rescan_items ORDER BY v <-> query OFFSET 0) AS s;
    RETURN n;
END $$;
SELECT pg_temp.count_ordered('[1,1]'), pg_temp.count_ordered(NULL);
RESET plan_cache_mode;

-- a plan survives a rebuilt index, and notices a dropped one
SET plan_cache_mode = force_generic_plan;
REINDEX INDEX slab_rescan_i;
EXECUTE nearest ('[42.1,0]', 3);
DROP INDEX slab_rescan_i;
EXECUTE nearest ('[42.1,0]', 3);
SELECT plan_of($$EXECUTE nearest ('[42.1,0]', 3)$$);
RESET plan_cache_mode;

DROP TABLE slab_rescan_items, slab_rescan_queries;
