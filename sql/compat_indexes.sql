-- Indexes by the names that pgvector has for them, and slab indexes of the types of pgslab_compat.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pgslab;
CREATE EXTENSION pgslab_compat;
RESET client_min_messages;

-- the classes, which are default where pgvector's are
SELECT amname, opcname, opcintype::regtype, opcdefault, amvalidate(c.oid)
FROM pg_opclass AS c JOIN pg_am AS a ON a.oid = opcmethod JOIN pg_depend AS d ON d.objid = c.oid AND d.classid = 'pg_opclass'::regclass
JOIN pg_extension AS e ON e.oid = refobjid WHERE extname = 'pgslab_compat' ORDER BY amname, opcname;

CREATE TABLE compat_items (id integer, tenant integer, data jsonb, v vector(3), h halfvec(3), s sparsevec(3), b bit(8), any_dims vector);
INSERT INTO compat_items SELECT i, i % 10, jsonb_build_object('n', i % 50), ARRAY[sin(i), cos(i), i % 17 / 10.0],
    ARRAY[sin(i), cos(i), i % 17 / 10.0], ARRAY[sin(i), 0, 1], (i % 256)::bit(8), ARRAY[i, 1]
FROM generate_series(1, 3000) AS i;

-- definitions are kept as they were written
CREATE INDEX compat_l2 ON compat_items USING hnsw (v vector_l2_ops) WITH (m = 16, ef_construction = 64);
CREATE INDEX compat_ip ON compat_items USING hnsw (v vector_ip_ops);
CREATE INDEX compat_cosine ON compat_items USING ivfflat (v vector_cosine_ops) WITH (lists = 10);
CREATE INDEX compat_default ON compat_items USING ivfflat (v);
CREATE INDEX compat_l1 ON compat_items USING hnsw (v vector_l1_ops) WITH (ef_construction = 100);
CREATE INDEX compat_half ON compat_items USING hnsw (h halfvec_l2_ops);
CREATE INDEX compat_half_ip ON compat_items USING ivfflat (h halfvec_ip_ops);
CREATE INDEX compat_as_half ON compat_items USING hnsw ((v::halfvec(3)) halfvec_cosine_ops);
CREATE INDEX compat_bits ON compat_items USING hnsw (b bit_hamming_ops);
CREATE INDEX compat_quantized ON compat_items USING hnsw ((binary_quantize(v)::bit(3)) bit_jaccard_ops);
CREATE INDEX compat_partial ON compat_items USING hnsw ((any_dims::vector(2)) vector_l2_ops) WHERE tenant = 3;
CREATE INDEX compat_slab ON compat_items USING slab (v vector_cosine_ops, tenant);
CREATE INDEX compat_slab_half ON compat_items USING slab (h);
SELECT indexname, split_part(indexdef, ' USING ', 2) FROM pg_indexes WHERE tablename = 'compat_items' ORDER BY 1;
SELECT index, metric, storage, rows, problem FROM slab_indexes WHERE "table" = 'compat_items'::regclass ORDER BY index::text;
SELECT slab_check(index, true) FROM slab_indexes WHERE "table" = 'compat_items'::regclass;

-- options: pgvector's bounds, and our own beside them
CREATE INDEX compat_wrong ON compat_items USING hnsw (v vector_l2_ops) WITH (m = 1);
CREATE INDEX compat_wrong ON compat_items USING hnsw (v vector_l2_ops) WITH (m = 101);
CREATE INDEX compat_wrong ON compat_items USING hnsw (v vector_l2_ops) WITH (ef_construction = 3);
CREATE INDEX compat_wrong ON compat_items USING hnsw (v vector_l2_ops) WITH (ef_construction = 1001);
CREATE INDEX compat_wrong ON compat_items USING hnsw (v vector_l2_ops) WITH (m = 50, ef_construction = 99);
CREATE INDEX compat_wrong ON compat_items USING ivfflat (v) WITH (lists = 0);
CREATE INDEX compat_wrong ON compat_items USING ivfflat (v) WITH (lists = 32769);
CREATE INDEX compat_wrong ON compat_items USING ivfflat (v) WITH (m = 16);
CREATE INDEX compat_wrong ON compat_items USING slab (v) WITH (m = 16);
CREATE INDEX compat_own ON compat_items USING hnsw (v vector_l2_ops) WITH (m = 8, storage = f32, lists = 4, seal_threshold = 100);
SELECT storage, lists FROM slab_stats('compat_own');
ALTER INDEX compat_own SET (ef_construction = 10);
ALTER INDEX compat_own SET (ef_construction = 32);
ALTER INDEX compat_own RESET (m, ef_construction);
ALTER INDEX compat_own SET (vacuum_threshold = 0.5);
SELECT reloptions FROM pg_class WHERE oid = 'compat_own'::regclass;
DROP INDEX compat_own;
-- lists of ivfflat are none of the index
CREATE INDEX compat_own ON compat_items USING ivfflat (v) WITH (lists = 3000);
SELECT c.lists = s.lists FROM slab_stats('compat_own') AS c, slab_stats('compat_default') AS s;
DROP INDEX compat_own;

-- what is refused, as pgvector would
CREATE INDEX compat_wrong ON compat_items USING hnsw (v);
CREATE INDEX compat_wrong ON compat_items USING hnsw (v vector_l2_ops, tenant);
CREATE INDEX compat_wrong ON compat_items USING hnsw (v vector_l2_ops) INCLUDE (tenant);
CREATE INDEX compat_wrong ON compat_items USING hnsw (any_dims vector_l2_ops);
CREATE INDEX compat_wrong ON compat_items USING ivfflat (v vector_l1_ops);
CREATE INDEX compat_wrong ON compat_items USING hnsw (tenant);
CREATE UNIQUE INDEX compat_wrong ON compat_items USING hnsw (v vector_l2_ops);
-- what it would not refuse
CREATE INDEX compat_wrong ON compat_items USING hnsw (s sparsevec_l2_ops);
-- and more dimensions than it takes
CREATE TABLE compat_wide (v vector(16000), h halfvec(16000));
CREATE INDEX ON compat_wide USING hnsw (v vector_l2_ops);
CREATE INDEX ON compat_wide USING ivfflat (h halfvec_cosine_ops);
DROP TABLE compat_wide;

-- queries use them and find what a sequential scan finds
CREATE FUNCTION compat_plan(statement text) RETURNS SETOF text LANGUAGE plpgsql AS $$
BEGIN
    RETURN QUERY EXECUTE 'EXPLAIN (COSTS OFF) ' || statement;
END
$$;
CREATE FUNCTION compat_differences(distance text, condition text DEFAULT 'true') RETURNS TABLE (index text, differences bigint)
LANGUAGE plpgsql AS $$
DECLARE
    statement text := format('SELECT id FROM compat_items WHERE %s ORDER BY %s, id LIMIT 50', condition, distance);
    found integer[];
    expected integer[];
    line text;
BEGIN
    SET LOCAL slab.exact = on;
    SET LOCAL enable_seqscan = off;
    SET LOCAL enable_sort = off;
    SELECT substring(l from 'Index Scan using (\w+)') INTO index FROM compat_plan(statement) AS l WHERE l ~ 'Index Scan using';
    EXECUTE format('SELECT array_agg(id) FROM (%s) AS s', statement) INTO found;
    SET LOCAL enable_indexscan = off;
    SET LOCAL enable_seqscan = on;
    SET LOCAL enable_sort = on;
    EXECUTE format('SELECT array_agg(id) FROM (%s) AS s', statement) INTO expected;
    SELECT count(*) INTO differences FROM unnest(found, expected) AS d(a, b) WHERE a IS DISTINCT FROM b;
    RETURN NEXT;
END
$$;
DROP INDEX compat_default;
ANALYZE compat_items;
SELECT distance, d.* FROM unnest(ARRAY[
    $$v <-> '[0.1,0.2,0.3]'$$, $$v <#> '[0.1,0.2,0.3]'$$, $$v <+> '[0.1,0.2,0.3]'$$, $$h <#> '[0.1,0.2,0.3]'$$,
    $$v::halfvec(3) <=> '[0.1,0.2,0.3]'$$, $$b <~> '10101010'$$, $$binary_quantize(v)::bit(3) <%> '101'$$,
    $$l2_distance(v, '[0.1,0.2,0.3]')$$, $$v <-> '[0.1,0.2,0.3]'::vec::vector$$]) AS distance, compat_differences(distance) AS d;
SELECT * FROM compat_differences($$any_dims::vector(2) <-> '[5,5]'$$, 'tenant = 3');
SELECT * FROM compat_differences($$v <-> '[0.1,0.2,0.3]'$$, 'id % 3 = 1');
SELECT * FROM compat_differences($$v <-> '[0.1,0.2,0.3]'$$, $$v <-> '[0.1,0.2,0.3]' < 0.2$$);
SELECT * FROM compat_differences($$v <-> '[0.1,0.2,0.3]'$$, $$l2_within(v, '[0.1,0.2,0.3]', 0.2)$$);
SET enable_seqscan = off;
SELECT * FROM compat_plan($$SELECT id FROM compat_items WHERE v <-> '[0.1,0.2,0.3]' < 0.05$$);
SELECT * FROM compat_plan($$SELECT id FROM compat_items WHERE ip_within(v, '[0.1,0.2,0.3]', 0.5) ORDER BY v <#> '[0.1,0.2,0.3]' LIMIT 5$$);
-- with conditions that another index answers
CREATE INDEX compat_data ON compat_items USING gin (data);
SELECT * FROM compat_plan($$SELECT id FROM compat_items WHERE data @> '{"n": 7}' ORDER BY v <-> '[0.1,0.2,0.3]' LIMIT 5$$);
SELECT * FROM compat_differences($$v <-> '[0.1,0.2,0.3]'$$, $$data @> '{"n": 7}'$$);
-- with conditions on filter columns, which slab has
DROP INDEX compat_cosine;
SELECT * FROM compat_plan($$SELECT id FROM compat_items WHERE tenant = 3 AND v <=> '[0.1,0.2,0.3]' < 0.3 ORDER BY v <=> '[0.1,0.2,0.3]' LIMIT 5$$);
SELECT * FROM compat_differences($$v <=> '[0.1,0.2,0.3]'$$, 'tenant = 3');
RESET enable_seqscan;

-- EXPLAIN, slab_why(), slab_last_scan()
SELECT count(*) FROM (SELECT FROM compat_items ORDER BY v <-> '[0.1,0.2,0.3]' LIMIT 5) AS s;
SELECT index, exact, expected FROM slab_last_scan();
SELECT index, used, reason, remedy FROM slab_why($$SELECT id FROM compat_items ORDER BY v <-> '[1,2,3]' LIMIT 5$$) WHERE used;
SELECT index, used, reason, remedy FROM slab_why($$SELECT id FROM compat_items ORDER BY v <+> '[1,2,3]' DESC LIMIT 5$$)
WHERE index = 'compat_l1'::regclass;

-- functions on them, with queries of our types and of these
SELECT (SELECT array_agg(distance) FROM slab_topk('compat_l2', '[0.1,0.2,0.3]'::vector, 5))
    = (SELECT array_agg(distance) FROM slab_topk('compat_l2', '[0.1,0.2,0.3]', 5));
SELECT count(*) FROM slab_topk('compat_half', '[0.1,0.2,0.3]'::halfvec, 5);
SELECT count(*) FROM slab_topk('compat_half', '[0.1,0.2,0.3]'::vector, 5);
SELECT count(*) FROM slab_topk('compat_l2', '[0.1,0.2,0.3]'::halfvec, 5, filter => 'tenant = 1');
SELECT count(*) FROM slab_two_tier('compat_bits', 'v', B'10101010'::vec, '[0.1,0.2,0.3]'::vector, 5);
SELECT recall > 0.9, queries FROM slab_recall('compat_l2', 5, ARRAY['[0.1,0.2,0.3]', '[1,0,1]']::vector[]);
SELECT count(*) > 0 FROM slab_calibrate('compat_l2', ARRAY['[0.1,0.2,0.3]', '[1,0,1]']::vector[]);
SELECT slab_warm('compat_l2') > 0;
SELECT count(*) > 0 FROM slab_pages('compat_l2');
DELETE FROM compat_items WHERE id % 4 = 0;
INSERT INTO compat_items (id, v) SELECT i, ARRAY[sin(i), cos(i), 2] FROM generate_series(3001, 3100) AS i;
VACUUM compat_items;
SELECT tombstones_removed FROM slab_vacuum('compat_l2');
SELECT sidecar_records FROM slab_compact('compat_l2', true);
SELECT records FROM slab_recluster('compat_l2');
SELECT live, tombstones FROM slab_stats('compat_l2');
SELECT slab_check(index, true) FROM slab_indexes WHERE "table" = 'compat_items'::regclass;
REINDEX INDEX compat_l2;
REINDEX INDEX CONCURRENTLY compat_l2;
SELECT slab_check('compat_l2', true);

-- partitions and copies of tables have the same indexes
CREATE TABLE compat_parts (id integer, v vector(3)) PARTITION BY HASH (id);
CREATE TABLE compat_part0 PARTITION OF compat_parts FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE compat_part1 PARTITION OF compat_parts FOR VALUES WITH (MODULUS 2, REMAINDER 1);
INSERT INTO compat_parts SELECT id, v FROM compat_items WHERE v IS NOT NULL;
CREATE INDEX compat_parted ON compat_parts USING hnsw (v vector_l2_ops);
ANALYZE compat_parts;
SELECT * FROM compat_plan($$SELECT id FROM compat_parts ORDER BY v <-> '[0.1,0.2,0.3]' LIMIT 5$$);
CREATE TABLE compat_like (LIKE compat_items INCLUDING INDEXES);
SELECT count(*) FROM pg_indexes WHERE tablename = 'compat_like' AND indexdef ~ 'hnsw|ivfflat';

-- the extension takes them with it
DROP TABLE compat_parts, compat_like;
DROP FUNCTION compat_plan, compat_differences;
SET client_min_messages = warning;
DROP EXTENSION pgslab_compat CASCADE;
RESET client_min_messages;
SELECT attname FROM pg_attribute WHERE attrelid = 'compat_items'::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum;
SELECT indexname FROM pg_indexes WHERE tablename = 'compat_items' ORDER BY 1;
DROP TABLE compat_items;
