-- A definition that an index cannot be built from is refused when it is made, not when the index is built the next time.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pgslab;
RESET client_min_messages;
SET enable_seqscan = off;
SET slab.exact = on;
-- context names the commands that ALTER TABLE runs for partitions
\set SHOW_CONTEXT never

-- ---- types without dimensions

CREATE DOMAIN slab_definition_any AS vec;
CREATE DOMAIN slab_definition_three AS vec(3);
CREATE DOMAIN slab_definition_first AS slab_definition_three CHECK (VALUE > '[0,0,0]');

CREATE TABLE slab_definition_items (id integer, v vec(3));
INSERT INTO slab_definition_items SELECT i, ARRAY[i, i % 7, 0]::vec FROM generate_series(1, 300) AS i;
CREATE INDEX slab_definition_i ON slab_definition_items USING slab (v);
SELECT pg_relation_filenode('slab_definition_i') AS file \gset
ALTER TABLE slab_definition_items ALTER v TYPE vec;
ALTER TABLE slab_definition_items ALTER v TYPE slab_definition_any;
ALTER TABLE slab_definition_items ALTER v TYPE vec(4);
ALTER TABLE slab_definition_items ADD note text, ALTER v TYPE vec;
CREATE TABLE slab_definition_like (LIKE slab_definition_items INCLUDING INDEXES);
SELECT pg_get_indexdef(indexrelid) FROM pg_index WHERE indrelid = 'slab_definition_like'::regclass;
SELECT format_type(atttypid, atttypmod), pg_relation_filenode('slab_definition_i') = :file AS same_file
FROM pg_attribute WHERE attrelid = 'slab_definition_items'::regclass AND attname = 'v';

-- ---- domains have the dimensions of what they are made from; the pages stay if the values do

ALTER TABLE slab_definition_items ALTER v TYPE slab_definition_three;
SELECT pg_relation_filenode('slab_definition_i') = :file AS same_file;
INSERT INTO slab_definition_items VALUES (301, '[301,0,0]');
INSERT INTO slab_definition_items VALUES (302, '[302,0]');
SELECT id FROM slab_definition_items ORDER BY v <-> '[300.8,0,0]' LIMIT 2;
ALTER TABLE slab_definition_items ALTER v TYPE slab_definition_first;
INSERT INTO slab_definition_items VALUES (302, '[-1,0,0]');
CREATE INDEX CONCURRENTLY slab_definition_cosine ON slab_definition_items USING slab (v vec_cosine_ops) WITH (lists = 3);
EXPLAIN (COSTS OFF) SELECT id FROM slab_definition_items ORDER BY v <=> '[150.1,3,0]' LIMIT 2;
SELECT v <=> '[150.1,3,0]' < 1e-9 AS near FROM slab_definition_items ORDER BY v <=> '[150.1,3,0]' LIMIT 2;
SELECT id FROM slab_definition_items ORDER BY v <-> '[150.1,3,0]'::slab_definition_three LIMIT 1;
SELECT count(*), min(distance) FROM slab_topk('slab_definition_i', '[300.8,0,0]', 10);
SELECT recall, queries FROM slab_recall('slab_definition_i', 3, ARRAY['[10.2,0,0]'::vec]);
VACUUM FULL slab_definition_items;
REINDEX TABLE slab_definition_items;
REINDEX INDEX CONCURRENTLY slab_definition_i;
TRUNCATE slab_definition_items;
INSERT INTO slab_definition_items SELECT i, ARRAY[i, i % 7, 0]::vec FROM generate_series(1, 300) AS i;
SELECT slab_check('slab_definition_i', true), slab_check('slab_definition_cosine', true);
SELECT pg_get_indexdef('slab_definition_cosine'::regclass);
SELECT index, dims, rows FROM slab_indexes WHERE "table" = 'slab_definition_items'::regclass ORDER BY index::text;
DROP INDEX slab_definition_cosine;
ALTER TABLE slab_definition_items ALTER v TYPE vec;
ALTER TABLE slab_definition_items ALTER v TYPE vec(3);
SELECT id FROM slab_definition_items ORDER BY v <-> '[150.1,3,0]' LIMIT 1;
DROP INDEX slab_definition_i;
-- what a distance costs is known by the dimensions of the domain, too
CREATE TABLE slab_definition_cost (a vec(2000), b vec);
CREATE DOMAIN slab_definition_many AS vec(2000);
ALTER TABLE slab_definition_cost ADD c slab_definition_many;
CREATE FUNCTION pg_temp.cost(columns text) RETURNS numeric LANGUAGE plpgsql AS $$
DECLARE
    plan json;
BEGIN
    EXECUTE 'EXPLAIN (FORMAT json) SELECT ' || columns || ' FROM slab_definition_cost' INTO plan;
    RETURN plan -> 0 -> 'Plan' ->> 'Total Cost';
END $$;
SELECT pg_temp.cost('a <-> a') = pg_temp.cost('c <-> c') AS same, pg_temp.cost('b <-> b') < pg_temp.cost('c <-> c') AS more;

-- ---- options: those that do not suit the distance or the dimensions

CREATE INDEX slab_definition_i ON slab_definition_items USING slab (v vec_l1_ops);
ALTER INDEX slab_definition_i SET (lists = 10);
ALTER INDEX slab_definition_i SET (bits = 4);
ALTER INDEX slab_definition_i SET (sample = 100, storage = f32);
ALTER INDEX slab_definition_i SET (storage = f32);
DROP INDEX slab_definition_i;
CREATE TABLE slab_definition_wide (v vec(8065));
CREATE INDEX slab_definition_wide_i ON slab_definition_wide USING slab (v);
ALTER INDEX slab_definition_wide_i SET (bits = 8);
ALTER INDEX slab_definition_wide_i SET (bits = none);
ALTER TABLE slab_definition_wide ALTER v TYPE vec(8064);
ALTER INDEX slab_definition_wide_i SET (bits = 8);
ALTER TABLE slab_definition_wide ALTER v TYPE vec(8065);
REINDEX INDEX slab_definition_wide_i;
SELECT pg_get_indexdef('slab_definition_wide_i'::regclass);

-- ---- partitioned indexes, which have no pages

CREATE TABLE slab_definition_parts (id integer, v vec(3), any_dims vec) PARTITION BY LIST (id);
CREATE INDEX ON slab_definition_parts USING slab (any_dims);
CREATE INDEX ON ONLY slab_definition_parts USING slab (any_dims);
CREATE INDEX ON slab_definition_parts USING slab (v vec_l1_ops) WITH (lists = 5);
CREATE INDEX slab_definition_parts_i ON slab_definition_parts USING slab (v);
ALTER TABLE slab_definition_parts ALTER v TYPE vec;
CREATE TABLE slab_definition_part PARTITION OF slab_definition_parts FOR VALUES IN (1);
ALTER TABLE slab_definition_parts ALTER v TYPE vec;
CREATE TABLE slab_definition_added (id integer, v vec, any_dims vec);
ALTER TABLE slab_definition_parts ATTACH PARTITION slab_definition_added FOR VALUES IN (2);
ALTER TABLE slab_definition_added ALTER v TYPE vec(3);
ALTER TABLE slab_definition_parts ATTACH PARTITION slab_definition_added FOR VALUES IN (2);
ALTER TABLE slab_definition_parts ALTER v TYPE slab_definition_three;
INSERT INTO slab_definition_parts VALUES (1, '[1,2,3]'), (2, '[2,3,4]');
SELECT id FROM slab_definition_parts ORDER BY v <-> '[2,3,3.9]' LIMIT 1;
SELECT index, dims, rows FROM slab_indexes
WHERE "table" IN ('slab_definition_part'::regclass, 'slab_definition_added'::regclass) ORDER BY index::text;

-- ---- what else may be altered

CREATE SCHEMA slab_definition;
ALTER TABLE slab_definition_wide SET SCHEMA slab_definition;
ALTER INDEX slab_definition.slab_definition_wide_i RENAME TO slab_definition_wide_j;
ALTER TABLE slab_definition.slab_definition_wide OWNER TO pg_database_owner;
ALTER INDEX slab_definition.slab_definition_wide_j SET TABLESPACE pg_default;
SELECT slab_check('slab_definition.slab_definition_wide_j', true);

DROP SCHEMA slab_definition CASCADE;
DROP TABLE slab_definition_items, slab_definition_like, slab_definition_cost, slab_definition_parts;
DROP DOMAIN slab_definition_any, slab_definition_first, slab_definition_three, slab_definition_many;
