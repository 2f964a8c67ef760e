-- slab_warm(): which blocks it reads, in which order, and how many.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pgslab;
RESET client_min_messages;

CREATE TABLE slab_warm_items (id integer, v vec(40));
INSERT INTO slab_warm_items
SELECT i, array_agg(hashint4(i * 40 + d) / 2147483648.0 ORDER BY d)::vec(40)
FROM generate_series(1, 3000) AS i, generate_series(1, 40) AS d GROUP BY i;
CREATE INDEX slab_warm_i ON slab_warm_items USING slab (v) WITH (lists = 8, bits = 4, seal_threshold = 1000000);
CREATE INDEX slab_warm_l1 ON slab_warm_items USING slab (v vec_l1_ops);
INSERT INTO slab_warm_items SELECT -id, v FROM slab_warm_items WHERE id <= 500;

-- blocks with one of these roles
CREATE FUNCTION pg_temp.blocks(index regclass, VARIADIC roles text[]) RETURNS bigint LANGUAGE sql AS $$
    SELECT count(*) FROM slab_pages(index) WHERE role = ANY (roles)
$$;

-- ---- what is read

SELECT index, slab_warm(index, 'meta') = pg_temp.blocks(index, 'meta', 'codebook', 'directory') AS meta,
       slab_warm(index, 'codes') = pg_temp.blocks(index, 'meta', 'codebook', 'directory', 'list', 'refine', 'record') AS codes,
       slab_warm(index, 'all') = pg_temp.blocks(index, 'meta', 'codebook', 'directory', 'list', 'refine', 'record', 'slab') AS all
FROM unnest(ARRAY['slab_warm_i', 'slab_warm_l1']::regclass[]) AS index ORDER BY index;
SELECT slab_warm('slab_warm_i') = slab_warm('slab_warm_i', 'codes') AS codes_by_default,
       slab_warm('slab_warm_i', 'meta') < slab_warm('slab_warm_i') AND slab_warm('slab_warm_i') < slab_warm('slab_warm_i', 'all') AS each_more,
       slab_warm('slab_warm_i', 'all') * 8192 <= pg_relation_size('slab_warm_i') AS no_more_than_there_are;
-- without prefetching, too
SET effective_io_concurrency = 0;
SELECT slab_warm('slab_warm_i', 'all') = pg_temp.blocks('slab_warm_i', 'meta', 'codebook', 'directory', 'list', 'refine', 'record', 'slab') AS all;
RESET effective_io_concurrency;

-- ---- a budget, which the rest of the index does not exceed

SELECT budget, slab_warm('slab_warm_i', 'all', budget) AS blocks FROM unnest(ARRAY[1, 2, 50]) AS budget;
SELECT slab_warm('slab_warm_i', what, 9223372036854775807) = slab_warm('slab_warm_i', what, NULL) AS enough
FROM unnest(ARRAY['meta', 'codes', 'all']) AS what;
SELECT slab_warm('slab_warm_i', budget => 1);
SELECT slab_warm('slab_warm_i', 'meta', 0);
SELECT slab_warm('slab_warm_i', 'meta', -1);

-- ---- what cannot be read

SELECT slab_warm('slab_warm_i', 'everything');
SELECT slab_warm('slab_warm_i', '');
SELECT slab_warm('slab_warm_i', 'ALL');
SELECT slab_warm('slab_warm_items');
SELECT slab_warm(NULL) IS NULL AS no_index, slab_warm('slab_warm_i', NULL) IS NULL AS nothing;

-- ---- indexes without rows, unlogged, temporary

CREATE UNLOGGED TABLE slab_warm_none (v vec(3));
CREATE INDEX slab_warm_none_i ON slab_warm_none USING slab (v);
CREATE TEMPORARY TABLE slab_warm_temporary (v vec(3));
INSERT INTO slab_warm_temporary VALUES ('[1,2,3]');
CREATE INDEX slab_warm_temporary_i ON slab_warm_temporary USING slab (v);
SELECT index, slab_warm(index, 'all') = pg_temp.blocks(index, 'meta', 'codebook', 'directory', 'list', 'refine', 'record', 'slab') AS all
FROM unnest(ARRAY['slab_warm_none_i', 'slab_warm_temporary_i']::regclass[]) AS index ORDER BY index;

-- ---- who may: readers of the table

CREATE ROLE regress_slab_warm;
SET ROLE regress_slab_warm;
SELECT slab_warm('slab_warm_i');
RESET ROLE;
GRANT SELECT ON slab_warm_items TO regress_slab_warm;
SET ROLE regress_slab_warm;
SELECT slab_warm('slab_warm_i') > 0 AS readers_may;
RESET ROLE;

DROP TABLE slab_warm_items, slab_warm_none, slab_warm_temporary;
DROP ROLE regress_slab_warm;
