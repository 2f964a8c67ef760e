-- storage = int8: a byte an element. Rows, their order and their distances are those of the table.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pgslab;
RESET client_min_messages;

CREATE TABLE slab_bytes_items (id integer, v vec(40), h hvec(40));
SELECT setseed(0.3);
INSERT INTO slab_bytes_items
SELECT id, v, v FROM (
    SELECT id, (SELECT array_agg(random() * 2 - 1 + i * 0.01 + id * 0) FROM generate_series(1, 40) AS i)::vec AS v
    FROM generate_series(1, 1500) AS id) AS rows;
CREATE INDEX slab_bytes_l2 ON slab_bytes_items USING slab (v) WITH (storage = int8, lists = 8);
CREATE INDEX slab_bytes_ip ON slab_bytes_items USING slab (v vec_ip_ops) WITH (storage = int8, lists = 8, bits = none);
CREATE INDEX slab_bytes_cosine ON slab_bytes_items USING slab (v vec_cosine_ops) WITH (storage = int8, lists = 8, bits = 8);
CREATE INDEX slab_bytes_l1 ON slab_bytes_items USING slab (v vec_l1_ops) WITH (storage = int8);
CREATE INDEX slab_bytes_hvec ON slab_bytes_items USING slab (h hvec_l2_ops) WITH (storage = int8);
SELECT index, storage, live, slab_check(index, true)
FROM unnest('{slab_bytes_l2,slab_bytes_ip,slab_bytes_cosine,slab_bytes_l1,slab_bytes_hvec}'::regclass[]) AS index, slab_stats(index);

-- ---- every metric, exact and not: distances in order, those of a sequential scan

CREATE FUNCTION pg_temp.nearest(op text, query vec, k integer, by_index boolean) RETURNS double precision[] LANGUAGE plpgsql AS $$
DECLARE
    result double precision[];
BEGIN
    PERFORM set_config('enable_indexscan', by_index::text, true), set_config('enable_seqscan', (NOT by_index)::text, true);
    EXECUTE format('SELECT array_agg(d) FROM (SELECT v %1$s $1 AS d FROM slab_bytes_items ORDER BY v %1$s $1 LIMIT %2$s) AS s',
                   op, k) INTO result USING query;
    RETURN result;
END $$;
SET slab.exact = on;
SELECT op, bool_and(pg_temp.nearest(op, v, 100, true) = pg_temp.nearest(op, v, 100, false)) AS same
FROM unnest(ARRAY['<->', '<#>', '<=>', '<+>']) WITH ORDINALITY AS o(op, n), slab_bytes_items WHERE id <= 5 GROUP BY op, n ORDER BY n;
-- bounds of codes would rule no row out, so vectors are compared without
SELECT pg_temp.nearest('<->', v, 1, true) IS NULL AS none FROM slab_bytes_items WHERE id = 1;
SELECT index::text, exact, refined, compared FROM slab_last_scan();
SET slab.exact = off;
SET slab.target_recall = 0.99;
CREATE FUNCTION pg_temp.found(op text, query vec, k integer) RETURNS double precision LANGUAGE sql AS $$
    SELECT count(*)::double precision / k FROM unnest(pg_temp.nearest(op, query, k, true)) AS d
    WHERE d <= (pg_temp.nearest(op, query, k, false))[k]
$$;
SELECT op, avg(pg_temp.found(op, v, 10)) >= 0.97 AS as_promised,
       bool_and(pg_temp.nearest(op, v, 50, true) = ARRAY(SELECT unnest(pg_temp.nearest(op, v, 50, true)) ORDER BY 1)) AS in_order
FROM unnest(ARRAY['<->', '<#>', '<=>', '<+>']) WITH ORDINALITY AS o(op, n), slab_bytes_items WHERE id <= 40 GROUP BY op, n ORDER BY n;
RESET slab.target_recall;

-- ---- half of f16

CREATE INDEX slab_bytes_f16 ON slab_bytes_items USING slab (((v || v)::vec(80))) WITH (storage = f16);
CREATE INDEX slab_bytes_int8 ON slab_bytes_items USING slab (((v || v)::vec(80))) WITH (storage = int8);
SELECT (slab_stats('slab_bytes_int8')).slab_bytes::real / (slab_stats('slab_bytes_f16')).slab_bytes BETWEEN 0.45 AND 0.7 AS less;

-- ---- whole numbers are kept as they are, so nothing is looked up to know their order

CREATE TABLE slab_bytes_whole (id integer, v vec(4));
INSERT INTO slab_bytes_whole SELECT i, ARRAY[i % 127, i / 10, -(i % 100), 3]::vec FROM generate_series(1, 1000) AS i;
CREATE INDEX slab_bytes_whole_i ON slab_bytes_whole USING slab (v) WITH (storage = int8);
SET enable_seqscan = off;
SELECT count(*) FROM (SELECT FROM slab_bytes_whole ORDER BY v <-> '[50.3,1.7,1,0]' LIMIT 100) AS s;
SELECT looked_up FROM slab_last_scan();
-- small ones too, and products of them
CREATE TABLE slab_bytes_small (id integer, v vec(4));
INSERT INTO slab_bytes_small SELECT i, ARRAY[i % 7, i % 5, -(i % 16), -3]::vec FROM generate_series(1, 1000) AS i;
CREATE INDEX slab_bytes_small_i ON slab_bytes_small USING slab (v vec_ip_ops) WITH (storage = int8);
SELECT count(*) FROM (SELECT FROM slab_bytes_small ORDER BY v <#> '[1.3,1.7,1,1]' LIMIT 100) AS s;
SELECT looked_up FROM slab_last_scan();

-- ---- rows within a distance of a copy

CREATE TABLE slab_bytes_copies (id integer, v vec(40));
INSERT INTO slab_bytes_copies SELECT 100 * c + id, v FROM slab_bytes_items, generate_series(1, 100) AS c WHERE id <= 20;
CREATE INDEX slab_bytes_copies_i ON slab_bytes_copies USING slab (v) WITH (storage = int8, lists = 20);
SET slab.target_recall = 0.95;
SELECT count(*) >= 1900 AS found
FROM slab_bytes_items AS i, LATERAL (SELECT FROM slab_bytes_copies AS c WHERE c.v <-> i.v < 1e-4) AS s WHERE i.id <= 20;
RESET slab.target_recall;

-- ---- what maintenance leaves

SET slab.exact = on;
DELETE FROM slab_bytes_items WHERE id % 3 = 0;
VACUUM slab_bytes_items;
INSERT INTO slab_bytes_items SELECT id + 10000, v + v, h FROM slab_bytes_items WHERE id <= 300;
SELECT records_after FROM slab_vacuum('slab_bytes_l2');
SELECT segments_after FROM slab_compact('slab_bytes_cosine', "full" => true);
SELECT records FROM slab_recluster('slab_bytes_ip');
SELECT index, slab_check(index, true), (slab_stats(index)).live
FROM unnest('{slab_bytes_l2,slab_bytes_ip,slab_bytes_cosine,slab_bytes_l1,slab_bytes_hvec}'::regclass[]) AS index;
SELECT op, bool_and(pg_temp.nearest(op, v, 100, true) = pg_temp.nearest(op, v, 100, false)) AS same
FROM unnest(ARRAY['<->', '<#>', '<=>', '<+>']) WITH ORDINALITY AS o(op, n), slab_bytes_items WHERE id <= 5 GROUP BY op, n ORDER BY n;

-- ---- extreme values: of all magnitudes, the largest and the smallest

CREATE TABLE slab_bytes_extremes (id integer, v vec(3));
INSERT INTO slab_bytes_extremes VALUES (1, '[3.4028235e38,-3.4028235e38,1]'), (2, '[1e-45,0,0]'), (3, '[2e-43,-1e-45,3e-44]'), (4, '[0,0,0]'),
    (5, '[1e38,1,1e-38]'), (6, '[1e-38,1.1e-38,0]'), (7, '[127,128,1]'), (8, '[-127,127,0.5]'), (9, '[65504,1e-5,3]');
CREATE INDEX slab_bytes_extremes_i ON slab_bytes_extremes USING slab (v) WITH (storage = int8);
SELECT count(*), array_agg(d) = array_agg(d ORDER BY d) AS in_order FROM (SELECT v <-> '[1,1,1]' AS d FROM slab_bytes_extremes ORDER BY 1) AS s;
SELECT array_agg(id) FROM (SELECT id FROM slab_bytes_extremes ORDER BY v <-> '[1e-45,0,0]' LIMIT 4) AS s;
SELECT slab_check('slab_bytes_extremes_i', true);

DROP TABLE slab_bytes_items, slab_bytes_whole, slab_bytes_small, slab_bytes_copies, slab_bytes_extremes;
