-- Codes of the first dimensions: what an index with prefix_dims finds and promises is what any does.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pgslab;
RESET client_min_messages;
-- context names the functions below
\set SHOW_CONTEXT never

-- Rows around 60 centres, along four directions of each, whose elements weigh less and less.
CREATE FUNCTION slab_prefix_noise(i integer, d integer) RETURNS double precision LANGUAGE sql IMMUTABLE AS
    'SELECT hashint8(100003::bigint * i + d)::double precision / 2147483648::double precision';
CREATE FUNCTION slab_prefix_vector(row_number integer) RETURNS vec LANGUAGE sql IMMUTABLE AS $$
    SELECT array_agg((slab_prefix_noise(c, d) + 0.1 * slab_prefix_noise(row_number, d)
                      + 0.5 * (slab_prefix_noise(-row_number, 1) * slab_prefix_noise(1001 + 4 * c, d)
                               + slab_prefix_noise(-row_number, 2) * slab_prefix_noise(1002 + 4 * c, d)
                               + slab_prefix_noise(-row_number, 3) * slab_prefix_noise(1003 + 4 * c, d)
                               + slab_prefix_noise(-row_number, 4) * slab_prefix_noise(1004 + 4 * c, d))) * power(d, -0.4) ORDER BY d)::real[]::vec
    FROM (SELECT row_number % 60 AS c) AS s, generate_series(1, 192) AS d
$$;
CREATE TABLE slab_prefix_items (id integer, kind integer, v vec(192));
INSERT INTO slab_prefix_items SELECT i, i % 40, slab_prefix_vector(i) FROM generate_series(1, 8000) AS i;
SELECT array_agg(slab_prefix_vector(10000 + i)) AS asked FROM generate_series(1, 60) AS i \gset

-- ---- what is refused

CREATE INDEX ON slab_prefix_items USING slab (v) WITH (prefix_dims = 100);
CREATE INDEX ON slab_prefix_items USING slab (v) WITH (prefix_dims = 192);
CREATE INDEX ON slab_prefix_items USING slab (v) WITH (prefix_dims = 256);
CREATE INDEX ON slab_prefix_items USING slab (v) WITH (prefix_dims = -64);
CREATE INDEX ON slab_prefix_items USING slab (v vec_l1_ops) WITH (prefix_dims = 64);
CREATE TABLE slab_prefix_sets (b bit(192));
CREATE INDEX ON slab_prefix_sets USING slab (b bit_hamming_ops) WITH (prefix_dims = 64);
DROP TABLE slab_prefix_sets;

-- ---- sizes, recall, order

CREATE INDEX slab_prefix_whole ON slab_prefix_items USING slab (v) WITH (lists = 60);
CREATE TABLE slab_prefix_sizes AS SELECT * FROM slab_stats('slab_prefix_whole');
DROP INDEX slab_prefix_whole;
CREATE INDEX slab_prefix_l2 ON slab_prefix_items USING slab (v, kind) WITH (lists = 60, prefix_dims = 64);
CREATE INDEX slab_prefix_ip ON slab_prefix_items USING slab (v vec_ip_ops) WITH (lists = 60, prefix_dims = 64, bits = 8);
CREATE INDEX slab_prefix_cosine ON slab_prefix_items USING slab (v vec_cosine_ops) WITH (lists = 60, prefix_dims = 128, bits = none);
CREATE INDEX slab_prefix_half ON slab_prefix_items USING slab ((v::hvec(192)) hvec_l2_ops) WITH (lists = 60, prefix_dims = 64, storage = int8);
ANALYZE slab_prefix_items;
SELECT p.dims, p.refine_bits, p.slab_bytes = w.slab_bytes AS same_vectors, p.refine_bytes < w.refine_bytes AS smaller_codes
FROM slab_stats('slab_prefix_ip') AS p, slab_prefix_sizes AS w
UNION ALL
SELECT p.dims, p.refine_bits, p.slab_bytes = w.slab_bytes, p.refine_bytes < w.refine_bytes
FROM slab_stats('slab_prefix_l2') AS p, slab_prefix_sizes AS w;
SELECT slab_check('slab_prefix_l2', true), slab_check('slab_prefix_ip', true), slab_check('slab_prefix_cosine', true),
       slab_check('slab_prefix_half', true);

-- For each target, NULL standing for slab.exact: whether the recall that was delivered is what was promised.
CREATE FUNCTION slab_prefix_recall(op text, k integer, asked vec[]) RETURNS TABLE (target numeric, kept boolean) LANGUAGE plpgsql AS $$
DECLARE
    last double precision[] := last_values('slab_prefix_items', op, k, asked);
    found record;
BEGIN
    FOREACH target IN ARRAY ARRAY[.8, .95, .99, NULL] LOOP
        PERFORM set_config('slab.exact', (target IS NULL)::text, true);
        PERFORM set_config('slab.target_recall', coalesce(target, .5)::text, true);
        found := delivered('slab_prefix_items', op, k, asked, last);
        kept := found.recall + 2.3 * found.error >= coalesce(target - .01, 1);
        RETURN NEXT;
    END LOOP;
END $$;
SELECT op, k, s.* FROM unnest(ARRAY['<->', '<#>', '<=>']) AS op, unnest(ARRAY[1, 10]) AS k, slab_prefix_recall(op, k, :'asked') AS s;
SELECT queries, recall >= .93 AS kept FROM slab_recall('slab_prefix_half', 10, :'asked'::vec[]);

SET enable_seqscan = off;
-- in order, all of them, and none twice
SELECT count(*), count(DISTINCT id), bool_and(d >= before) AS in_order
FROM (SELECT id, d, lag(d, 1, -1) OVER (ORDER BY n) AS before
      FROM (SELECT id, d, row_number() OVER () AS n
            FROM (SELECT id, v <-> (:'asked'::vec[])[1] AS d FROM slab_prefix_items ORDER BY v <-> (:'asked'::vec[])[1]) AS a) AS b) AS c;
-- an exact search looks at no code, also where a filter or a bound leaves few rows
SET slab.exact = on;
CREATE FUNCTION slab_prefix_nearest(condition text, distance text) RETURNS integer[] LANGUAGE plpgsql AS $$
DECLARE
    found integer[];
BEGIN
    EXECUTE format('SELECT array_agg(id ORDER BY d, id) FROM (SELECT id, %1$s AS d FROM slab_prefix_items WHERE %2$s ORDER BY d LIMIT 10) AS s',
                   distance, replace(condition, 'distance', distance)) INTO found;
    RETURN found;
END $$;
CREATE FUNCTION slab_prefix_agrees(condition text) RETURNS boolean LANGUAGE sql AS $$
    SELECT slab_prefix_nearest(condition, '(0 + (v <-> slab_prefix_vector(10007)))') = slab_prefix_nearest(condition, 'v <-> slab_prefix_vector(10007)')
$$;
SELECT condition, slab_prefix_agrees(condition)
FROM unnest(ARRAY['true', 'kind = 7', 'kind IN (7, 8, 9)', 'distance < 1']) AS condition;
SELECT codes, refined FROM slab_last_scan();
SET slab.exact = off;
SET slab.target_recall = .99;
SELECT condition, slab_prefix_agrees(condition)
FROM unnest(ARRAY['kind = 7', 'distance < 1']) AS condition;
RESET slab.target_recall;
RESET enable_seqscan;

-- ---- the option is heeded by the next build; maintenance keeps what was built

ALTER INDEX slab_prefix_l2 SET (prefix_dims = 65);
ALTER INDEX slab_prefix_l2 SET (prefix_dims = 128);
INSERT INTO slab_prefix_items SELECT i, i % 40, slab_prefix_vector(i) FROM generate_series(8001, 9500) AS i;
DELETE FROM slab_prefix_items WHERE id % 4 = 0;
VACUUM slab_prefix_items;
SELECT refine_bytes AS before FROM slab_stats('slab_prefix_l2') \gset
SELECT slab_compact('slab_prefix_l2') IS NOT NULL AS compacted, slab_recluster('slab_prefix_ip') IS NOT NULL AS reclustered;
SELECT refine_bytes <= :before AS no_larger, sidecar_rows FROM slab_stats('slab_prefix_l2');
SELECT slab_check('slab_prefix_l2', true), slab_check('slab_prefix_ip', true), slab_check('slab_prefix_cosine', true),
       slab_check('slab_prefix_half', true);
SELECT op, k, s.* FROM unnest(ARRAY['<->', '<#>', '<=>']) AS op, unnest(ARRAY[10]) AS k, slab_prefix_recall(op, k, :'asked') AS s;
SELECT refine_bytes AS before FROM slab_stats('slab_prefix_l2') \gset
REINDEX INDEX slab_prefix_l2;
SELECT refine_bytes > :before AS larger FROM slab_stats('slab_prefix_l2');
ALTER INDEX slab_prefix_l2 RESET (prefix_dims);
SELECT pg_get_indexdef('slab_prefix_l2'::regclass);
REINDEX INDEX slab_prefix_l2;
SELECT slab_check('slab_prefix_l2', true);
SELECT k, s.* FROM unnest(ARRAY[10]) AS k, slab_prefix_recall('<->', k, :'asked') AS s;

DROP FUNCTION slab_prefix_agrees, slab_prefix_nearest, slab_prefix_recall, slab_prefix_vector, slab_prefix_noise;
DROP TABLE slab_prefix_items, slab_prefix_sizes;
