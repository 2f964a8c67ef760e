-- slab_why(): whether the plan of a query uses an index, why not, and what to write instead.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pgslab;
RESET client_min_messages;
SET max_parallel_workers_per_gather = 0;

CREATE TABLE slab_why_items (id integer PRIMARY KEY, tag integer, v vec(64), w vec(64)) WITH (autovacuum_enabled = false);
INSERT INTO slab_why_items
SELECT i, i % 100, x, x FROM (
    SELECT i, array_agg((i * 7919 + d * 104729 + i * d) % 1009 ORDER BY d)::vec(64) AS x
    FROM generate_series(1, 3000) AS i, generate_series(1, 64) AS d GROUP BY i) AS made;
CREATE INDEX slab_why_l2 ON slab_why_items USING slab (v);
ANALYZE slab_why_items;
CREATE TABLE slab_why_few (id integer, v vec(64)) WITH (autovacuum_enabled = false);
INSERT INTO slab_why_few SELECT id, v FROM slab_why_items WHERE id <= 10;
CREATE INDEX slab_why_few_i ON slab_why_few USING slab (v);
ANALYZE slab_why_few;

-- What the function says of a statement with $q for a query vector, without costs.
CREATE FUNCTION pg_temp.why(statement text) RETURNS SETOF text LANGUAGE sql AS $$
    SELECT format('%s AS %s %s: %s%s', index, alias, CASE WHEN used THEN 'used' ELSE 'not used' END,
                  regexp_replace(reason, '\d+\.\d\d', '#', 'g'), E'\n  -> ' || remedy)
    FROM slab_why_few AS q, slab_why(replace(statement, '$q', quote_literal(q.v)))
    WHERE q.id = 7
    ORDER BY index::text COLLATE "C", alias COLLATE "C", used, reason COLLATE "C"
$$;
\pset format unaligned
\t on

-- ---- it is used

SELECT pg_temp.why('SELECT id FROM slab_why_items ORDER BY v <-> $q LIMIT 10');
SELECT pg_temp.why('SELECT id FROM slab_why_items AS i WHERE tag <> 3 ORDER BY l2_distance($q, i.v) LIMIT 10');
SELECT pg_temp.why('SELECT min(v <-> $q) FROM slab_why_items');
SELECT pg_temp.why('SELECT id, row_number() OVER (ORDER BY v <-> $q) FROM slab_why_items LIMIT 10');
SELECT pg_temp.why('SELECT f.id, n.id FROM slab_why_few AS f,
    LATERAL (SELECT id FROM slab_why_items AS i ORDER BY i.v <-> f.v LIMIT 1) AS n');
SELECT pg_temp.why('UPDATE slab_why_few SET id = n.id FROM (SELECT id FROM slab_why_items ORDER BY v <-> $q LIMIT 1) AS n');
SELECT pg_temp.why('INSERT INTO slab_why_few SELECT id, v FROM slab_why_items ORDER BY v <-> $q LIMIT 1');
SELECT pg_temp.why('EXPLAIN ANALYZE DELETE FROM slab_why_few WHERE id = (SELECT id FROM slab_why_items ORDER BY v <-> $q LIMIT 1)');
SELECT pg_temp.why('DECLARE c CURSOR FOR SELECT id FROM slab_why_items ORDER BY v <-> $q LIMIT 10');
SELECT pg_temp.why('CREATE TABLE slab_why_made AS SELECT id FROM slab_why_items ORDER BY v <-> $q LIMIT 10');
SELECT pg_temp.why('(SELECT id FROM slab_why_items AS a ORDER BY v <-> $q LIMIT 5) UNION ALL (SELECT id FROM slab_why_items AS b LIMIT 5)');
-- values of parameters are not known
SELECT alias, used, reason, remedy FROM slab_why('SELECT id FROM slab_why_items WHERE tag <> $2 ORDER BY v <-> $1 LIMIT 10');
SELECT alias, used, reason, remedy FROM slab_why('SELECT id FROM slab_why_items ORDER BY v <-> $1 LIMIT $2');
-- nothing was run
SELECT count(*) FROM slab_why_few;

-- ---- the order is another

SELECT pg_temp.why('SELECT id FROM slab_why_items ORDER BY v <-> $q DESC LIMIT 10');
SELECT pg_temp.why('SELECT id FROM slab_why_items ORDER BY v <-> $q NULLS FIRST LIMIT 10');
SELECT pg_temp.why('SELECT id FROM slab_why_items ORDER BY v <=> $q LIMIT 10');
SELECT pg_temp.why('SELECT id FROM slab_why_items ORDER BY vec_l2_squared_distance(v, $q) LIMIT 10');
SELECT pg_temp.why('SELECT id FROM slab_why_items ORDER BY inner_product(v, $q) DESC LIMIT 10');
SELECT pg_temp.why('SELECT id, 1 - (v <=> $q) AS score FROM slab_why_items ORDER BY score DESC LIMIT 10');
SELECT pg_temp.why('SELECT id FROM slab_why_items ORDER BY (v <-> $q)::real LIMIT 10');
SELECT pg_temp.why('SELECT id FROM slab_why_items ORDER BY round((v <-> $q)::numeric, 2) LIMIT 10');
SELECT pg_temp.why('SELECT id FROM slab_why_items ORDER BY tag, v <-> $q LIMIT 10');
SELECT pg_temp.why('SELECT id FROM slab_why_items WHERE tag = 7 ORDER BY tag, v <=> $q LIMIT 10');
SELECT pg_temp.why('SELECT id, row_number() OVER (PARTITION BY tag ORDER BY v <-> $q) FROM slab_why_items LIMIT 10');
SELECT pg_temp.why('SELECT id FROM slab_why_items ORDER BY w <-> $q LIMIT 10');
SELECT pg_temp.why('SELECT id FROM slab_why_items ORDER BY l2_normalize(v) <-> $q LIMIT 10');
SELECT pg_temp.why('SELECT id FROM slab_why_items ORDER BY v::vec(32) <-> $q LIMIT 10');
SELECT pg_temp.why('SELECT id FROM slab_why_items ORDER BY subvector(v || $q, 1, 64) <-> $q LIMIT 10');

SELECT pg_temp.why('SELECT id FROM slab_why_items ORDER BY v <-> $q, v <-> l2_normalize($q) LIMIT 10');
SELECT pg_temp.why('SELECT id FROM slab_why_items ORDER BY v <-> $q, id LIMIT 10');
SELECT pg_temp.why('SELECT v <-> $q AS d, count(*) FROM slab_why_items GROUP BY d');
SELECT pg_temp.why('SELECT id, rank() OVER (PARTITION BY tag ORDER BY v <-> $q) FROM slab_why_items ORDER BY v <-> $q LIMIT 10');

-- ---- there is none

SELECT pg_temp.why('SELECT count(*) FROM slab_why_items');
SELECT pg_temp.why('SELECT id FROM slab_why_items WHERE tag = 3 ORDER BY id LIMIT 10');
-- ---- within a distance
SELECT pg_temp.why('SELECT id FROM slab_why_items WHERE v <-> $q < 100');
SELECT pg_temp.why('SELECT id FROM slab_why_items WHERE l2_within(v, $q, 100) AND tag < 50 ORDER BY id');
SELECT pg_temp.why('SELECT id FROM slab_why_items WHERE v <-> $q < 100 ORDER BY v <-> $q');
SELECT pg_temp.why('DELETE FROM slab_why_items WHERE v <-> $q < 100');
SELECT pg_temp.why('SELECT id FROM slab_why_items WHERE v <-> $q < 10000');
SELECT pg_temp.why('SELECT id FROM slab_why_items WHERE v <-> $q > 100');
SELECT pg_temp.why('SELECT id FROM slab_why_items WHERE v <=> $q < 0.1');
SELECT pg_temp.why('SELECT id FROM slab_why_items WHERE v <-> $q < 100 OR tag = 3');
SELECT pg_temp.why('SELECT id FROM slab_why_items WHERE v <-> $q < tag');
-- ---- there is none
SELECT pg_temp.why('DELETE FROM slab_why_items WHERE id = 3');

-- ---- the other side is not one value

SELECT pg_temp.why('SELECT id FROM slab_why_items ORDER BY v <-> w LIMIT 10');
SELECT pg_temp.why('SELECT i.id FROM slab_why_items AS i, slab_why_few AS f ORDER BY i.v <-> f.v LIMIT 10');
SELECT pg_temp.why('SELECT id FROM slab_why_items ORDER BY v <-> array_fill(random(), ARRAY[64])::vec LIMIT 10');
SELECT pg_temp.why('SELECT id FROM slab_why_items ORDER BY v <-> (SELECT array_fill(random(), ARRAY[64])::vec) LIMIT 10');

-- ---- something lies between the scan and the order

SELECT pg_temp.why('SELECT tag, min(v <-> $q) FROM slab_why_items GROUP BY tag ORDER BY 2 LIMIT 10');
SELECT pg_temp.why('SELECT DISTINCT tag, v <=> $q AS d FROM slab_why_items ORDER BY d LIMIT 10');
SELECT pg_temp.why('SELECT DISTINCT ON (tag) id FROM slab_why_items ORDER BY tag, v <-> $q');
SELECT pg_temp.why('SELECT id, rank() OVER (ORDER BY id) FROM slab_why_items ORDER BY v <-> $q LIMIT 10');
SELECT pg_temp.why('SELECT * FROM (SELECT DISTINCT id, v FROM slab_why_items) AS s ORDER BY v <-> $q LIMIT 10');
SELECT pg_temp.why('SELECT * FROM (SELECT tag, avg(v) AS v FROM slab_why_items GROUP BY tag) AS s ORDER BY v <-> $q LIMIT 10');
SELECT pg_temp.why('WITH c AS MATERIALIZED (SELECT id, v <-> $q AS d FROM slab_why_items) SELECT id FROM c ORDER BY d LIMIT 10');
SELECT pg_temp.why('WITH c AS NOT MATERIALIZED (SELECT id, v <-> $q AS d FROM slab_why_items) SELECT id FROM c ORDER BY d LIMIT 10');
SELECT pg_temp.why('SELECT id, v <-> $q FROM slab_why_items UNION SELECT id, v <-> $q FROM slab_why_few ORDER BY 2 LIMIT 10');
SELECT pg_temp.why('SELECT * FROM (SELECT id, v FROM slab_why_items LIMIT 100) AS s ORDER BY v <-> $q LIMIT 10');
SELECT pg_temp.why('SELECT i.id FROM slab_why_items AS i JOIN (SELECT DISTINCT id FROM slab_why_few) AS f ON f.id = i.tag ORDER BY i.v <-> $q LIMIT 1');
SELECT pg_temp.why('SELECT id FROM slab_why_items ORDER BY v <-> $q, (SELECT max(id) FROM slab_why_few) LIMIT 10');
SELECT pg_temp.why('SELECT f.id FROM slab_why_few AS f LEFT JOIN slab_why_items AS i USING (id) ORDER BY i.v <-> $q LIMIT 10');
SELECT pg_temp.why('SELECT id FROM slab_why_items TABLESAMPLE system (50) ORDER BY v <-> $q LIMIT 10');

-- ---- another plan costs less

SELECT pg_temp.why('SELECT id FROM slab_why_items ORDER BY v <-> $q');
SELECT pg_temp.why('SELECT * FROM (SELECT id FROM slab_why_items ORDER BY v <-> $q OFFSET 0) AS s WHERE id > 7 LIMIT 10');
SELECT pg_temp.why('SELECT id FROM slab_why_few ORDER BY v <-> $q LIMIT 3');
SELECT pg_temp.why('SELECT min(v <-> $q) FROM slab_why_few');
SELECT pg_temp.why('SELECT id FROM slab_why_items ORDER BY v <-> $q LIMIT ALL');
SELECT pg_temp.why('SELECT id FROM slab_why_items WHERE id = 5 ORDER BY v <-> $q LIMIT 3');
SELECT pg_temp.why('SELECT id FROM slab_why_items ORDER BY v <-> $q LIMIT 2900');
SET enable_indexscan = off;
SELECT pg_temp.why('SELECT id FROM slab_why_items ORDER BY v <-> $q LIMIT 10');
RESET enable_indexscan;
CREATE INDEX slab_why_second ON slab_why_items USING slab (v);
SELECT count(*), count(*) FILTER (WHERE used), count(*) FILTER (WHERE reason ~ '^Another index, slab_why_(l2|second), gives the same order')
FROM slab_why('SELECT id FROM slab_why_items ORDER BY v <-> (SELECT v FROM slab_why_few LIMIT 1) LIMIT 10')
WHERE alias = 'slab_why_items';
DROP INDEX slab_why_second;

-- ---- queries of functions that are called while it is planned are others

CREATE FUNCTION pg_temp.tag() RETURNS integer IMMUTABLE LANGUAGE plpgsql AS $$ BEGIN RETURN (SELECT max(id) FROM slab_why_few); END $$;
SELECT pg_temp.why('SELECT id FROM slab_why_items WHERE tag <> pg_temp.tag() ORDER BY v <-> $q LIMIT 10');
CREATE FUNCTION slab_why_fails() RETURNS integer IMMUTABLE LANGUAGE plpgsql AS $$ BEGIN RAISE 'not today'; END $$;
SELECT pg_temp.why('SELECT id FROM slab_why_items WHERE tag <> slab_why_fails() ORDER BY v <-> $q LIMIT 10');
SELECT pg_temp.why('SELECT id FROM slab_why_items ORDER BY v <-> $q LIMIT 10');
SHOW client_min_messages;

-- ---- no row can be found

SELECT pg_temp.why('SELECT id FROM slab_why_items WHERE false ORDER BY v <-> $q LIMIT 10');
SELECT pg_temp.why('SELECT id FROM slab_why_items WHERE v IS NULL ORDER BY v <-> $q LIMIT 10');

-- ---- the same table twice

SELECT pg_temp.why('SELECT a.id FROM slab_why_items AS a JOIN slab_why_items AS b ON b.id = a.id + 1 ORDER BY a.v <-> $q LIMIT 10');

SELECT pg_temp.why('SELECT count(*), (SELECT id FROM slab_why_items ORDER BY v <-> $q LIMIT 1) FROM slab_why_items');
SELECT pg_temp.why('SELECT max(id) FROM slab_why_few WHERE id IN (SELECT id FROM slab_why_few ORDER BY v <-> $q LIMIT 1)');

-- ---- other indexes: of a condition, of an expression, of another distance, invalid, with filter columns

CREATE INDEX slab_why_partial ON slab_why_items USING slab (v vec_cosine_ops) WHERE tag < 50;
SELECT pg_temp.why('SELECT id FROM slab_why_items ORDER BY v <=> $q LIMIT 10');
SELECT pg_temp.why('SELECT id FROM slab_why_items WHERE tag < 20 ORDER BY v <=> $q LIMIT 10');
SELECT pg_temp.why('SELECT id FROM slab_why_items WHERE v <=> $q < 0.1');
DROP INDEX slab_why_partial;
CREATE INDEX slab_why_cosine ON slab_why_items USING slab (v vec_cosine_ops);
SELECT pg_temp.why('SELECT id, 1 - (v <=> $q) AS score FROM slab_why_items ORDER BY score DESC LIMIT 10');
SELECT pg_temp.why('SELECT id FROM slab_why_items WHERE 1 - (v <=> $q) > 0.5 ORDER BY 1 - (v <=> $q) DESC LIMIT 10');
SELECT pg_temp.why('SELECT id FROM slab_why_items ORDER BY cosine_distance($q, v) LIMIT 10');
DROP INDEX slab_why_cosine;
CREATE INDEX slab_why_expression ON slab_why_items USING slab ((subvector(v, 1, 32)::vec(32)) vec_ip_ops, tag);
SELECT pg_temp.why('SELECT id FROM slab_why_items ORDER BY subvector(v, 1, 32) <#> subvector($q, 1, 32) LIMIT 10');
SELECT pg_temp.why('SELECT id FROM slab_why_items WHERE tag IN (3, 5) ORDER BY subvector(v, 1, 32)::vec(32) <#> subvector($q, 1, 32) LIMIT 10');
DROP INDEX slab_why_expression;
UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'slab_why_l2'::regclass;
SELECT pg_temp.why('SELECT id FROM slab_why_items ORDER BY v <-> $q LIMIT 10');
UPDATE pg_index SET indisvalid = true WHERE indexrelid = 'slab_why_l2'::regclass;

-- ---- views, partitions, tables that inherit, rules

CREATE VIEW slab_why_view AS SELECT id, tag, v FROM slab_why_items WHERE tag > 5;
SELECT pg_temp.why('SELECT id FROM slab_why_view ORDER BY v <-> $q LIMIT 10');
SELECT pg_temp.why('SELECT id FROM slab_why_view ORDER BY v <#> $q LIMIT 10');
CREATE TABLE slab_why_parts (id integer, v vec(64)) PARTITION BY RANGE (id);
CREATE TABLE slab_why_part1 PARTITION OF slab_why_parts FOR VALUES FROM (0) TO (1500);
CREATE TABLE slab_why_part2 PARTITION OF slab_why_parts FOR VALUES FROM (1500) TO (2990) PARTITION BY RANGE (id);
CREATE TABLE slab_why_part21 PARTITION OF slab_why_part2 DEFAULT;
CREATE TABLE slab_why_part3 (v vec(64), id integer);
ALTER TABLE slab_why_parts ATTACH PARTITION slab_why_part3 DEFAULT;
CREATE INDEX ON slab_why_parts USING slab (v);
INSERT INTO slab_why_parts SELECT id, v FROM slab_why_items;
ANALYZE slab_why_parts;
SELECT pg_temp.why('SELECT id FROM slab_why_parts ORDER BY v <-> $q LIMIT 10');
SELECT pg_temp.why('SELECT id FROM slab_why_parts ORDER BY v <-> $q DESC LIMIT 10');
SELECT pg_temp.why('SELECT id FROM slab_why_parts ORDER BY v <-> $q');
SELECT pg_temp.why('SELECT id FROM slab_why_parts WHERE id > 2990 ORDER BY v <=> $q LIMIT 10');
CREATE TABLE slab_why_parent (id integer, v vec(64));
CREATE TABLE slab_why_child (more text) INHERITS (slab_why_parent);
CREATE INDEX slab_why_child_i ON slab_why_child USING slab (v);
SELECT pg_temp.why('SELECT id FROM slab_why_parent ORDER BY -(v <-> $q) LIMIT 10');
SELECT pg_temp.why('SELECT id FROM (SELECT id, v <-> $q AS d FROM slab_why_items UNION ALL SELECT id, v <=> $q FROM slab_why_few) AS u ORDER BY d LIMIT 10');
CREATE RULE slab_why_rule AS ON INSERT TO slab_why_parent DO INSTEAD NOTHING;
SELECT pg_temp.why('INSERT INTO slab_why_parent SELECT id, v FROM slab_why_items ORDER BY v <-> $q LIMIT 10');

-- ---- no index

SELECT * FROM slab_why('SELECT * FROM pg_class');
SELECT * FROM slab_why('VALUES (1)');
SELECT * FROM slab_why(NULL);

-- ---- statements that are refused

SELECT * FROM slab_why('');
SELECT * FROM slab_why('SELECT 1; SELECT 2');
SELECT * FROM slab_why('SELECT id FROM slab_why_items ORDER BY LIMIT 10');
SELECT * FROM slab_why('SELECT nothing FROM slab_why_items');
SELECT * FROM slab_why('SELECT id FROM no_such_table');
SELECT * FROM slab_why('SELECT $1');
SELECT * FROM slab_why('DROP TABLE slab_why_items');
SELECT * FROM slab_why('EXECUTE something');
SELECT * FROM slab_why('EXPLAIN EXECUTE something');

-- ---- the rights are the caller's

CREATE ROLE regress_slab_why;
SET ROLE regress_slab_why;
SELECT * FROM slab_why('SELECT id FROM slab_why_items ORDER BY v <-> ''[1]'' LIMIT 10');
SELECT * FROM slab_why('SELECT id FROM slab_why_view ORDER BY v <-> ''[1]'' LIMIT 10');
RESET ROLE;
GRANT SELECT ON slab_why_view, slab_why_few TO regress_slab_why;
GRANT SELECT (id, v) ON slab_why_items TO regress_slab_why;
SET ROLE regress_slab_why;
SELECT pg_temp.why('SELECT id FROM slab_why_view ORDER BY v <-> $q LIMIT 10');
SELECT pg_temp.why('SELECT id FROM slab_why_items ORDER BY v <-> $q LIMIT 10');
SELECT pg_temp.why('SELECT tag FROM slab_why_items ORDER BY v <-> $q LIMIT 10');
SELECT pg_temp.why('UPDATE slab_why_items SET tag = 1');
RESET ROLE;
-- a policy is a condition like others
ALTER TABLE slab_why_items ENABLE ROW LEVEL SECURITY;
CREATE POLICY few ON slab_why_items USING (id = 5);
SET ROLE regress_slab_why;
SELECT pg_temp.why('SELECT id FROM slab_why_items ORDER BY v <-> $q LIMIT 10');
RESET ROLE;

\t off
\pset format aligned
DROP TABLE slab_why_parent, slab_why_child, slab_why_parts;
DROP VIEW slab_why_view;
DROP FUNCTION slab_why_fails;
DROP TABLE slab_why_items, slab_why_few;
DROP ROLE regress_slab_why;
