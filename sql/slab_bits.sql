-- Indexes of bits: as those of vectors, whatever reads them.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pgslab;
RESET client_min_messages;

CREATE TABLE slab_bits_items (id integer, tag integer, b bit(100));
SELECT setseed(0.4);
-- Sets of all sizes around some of them, the empty one among them, and copies.
INSERT INTO slab_bits_items
SELECT id, id % 10, (SELECT string_agg(CASE WHEN (i * 7919 + id % 25 * 104729) % 101 < id % 25 * 4 THEN
           CASE WHEN random() < 0.9 THEN '1' ELSE '0' END ELSE CASE WHEN random() < 0.02 THEN '1' ELSE '0' END END, '')
           FROM generate_series(1, 100) AS i WHERE id > 0)::bit(100)
FROM generate_series(1, 3000) AS id;
INSERT INTO slab_bits_items SELECT 3000 + i, i % 10, 0::bit(100) FROM generate_series(1, 30) AS i;
INSERT INTO slab_bits_items SELECT 4000 + id, tag, b FROM slab_bits_items WHERE id % 10 = 0;
CREATE INDEX slab_bits_hamming ON slab_bits_items USING slab (b, tag) WITH (lists = 12);
CREATE INDEX slab_bits_jaccard ON slab_bits_items USING slab (b bit_jaccard_ops, tag) WITH (lists = 12, bits = none);
INSERT INTO slab_bits_items SELECT 6000 + id, tag, ~b FROM slab_bits_items WHERE id <= 200;
INSERT INTO slab_bits_items VALUES (7000, 1, NULL);
SELECT index, metric, storage, dims, live, slab_check(index, true)
FROM unnest('{slab_bits_hamming,slab_bits_jaccard}'::regclass[]) AS index, slab_stats(index);

-- ---- each operator class has its operator, beside a literal, a parameter, and other bit strings

SET enable_seqscan = off;
SELECT plan_of($$SELECT id FROM slab_bits_items ORDER BY b <~> 5::bit(100) LIMIT 3$$);
SELECT plan_of($$SELECT id FROM slab_bits_items ORDER BY 5::bit(100) <%> b LIMIT 3$$);
SELECT plan_of($$SELECT id FROM slab_bits_items ORDER BY hamming_distance(b, 5::bit(100)::varbit) LIMIT 3$$);
SELECT plan_of($$SELECT id FROM slab_bits_items ORDER BY jaccard_distance(b, 5::bit(100)) LIMIT 3$$);
SELECT plan_of($$SELECT id FROM slab_bits_items WHERE tag BETWEEN 3 AND 4 ORDER BY b <~> 5::bit(100) LIMIT 3$$);
SELECT plan_of($$SELECT id FROM slab_bits_items WHERE b <~> 5::bit(100) < 4$$);
PREPARE slab_bits_p(bit) AS SELECT count(*), max(d) FROM (SELECT b <~> $1 AS d FROM slab_bits_items ORDER BY 1 LIMIT 40) AS s;
EXECUTE slab_bits_p(0::bit(100));
EXECUTE slab_bits_p(repeat('1', 100)::bit(100));
DEALLOCATE slab_bits_p;
SELECT index::text, used FROM slab_why($$SELECT FROM slab_bits_items ORDER BY b <%> 5::bit(100) LIMIT 1$$)
WHERE index IN ('slab_bits_jaccard'::regclass, 'slab_bits_hamming'::regclass) ORDER BY 1;

-- ---- exact and not: distances in order, those of a sequential scan

CREATE FUNCTION pg_temp.nearest(op text, query bit, k integer, by_index boolean, condition text DEFAULT 'true')
RETURNS double precision[] LANGUAGE plpgsql AS $$
DECLARE
    result double precision[];
BEGIN
    PERFORM set_config('enable_indexscan', by_index::text, true), set_config('enable_seqscan', (NOT by_index)::text, true);
    EXECUTE format('SELECT array_agg(d) FROM (SELECT b %1$s $1 AS d FROM slab_bits_items WHERE b IS NOT NULL AND %3$s '
                   'ORDER BY b %1$s $1 LIMIT %2$s) AS s', op, k, condition) INTO result USING query;
    RETURN result;
END $$;
CREATE TEMP TABLE asked AS SELECT id, b FROM slab_bits_items WHERE id % 101 = 5 OR id IN (1, 3001) OR id BETWEEN 6000 AND 6005;
SET slab.exact = on;
SELECT op, k, bool_and(pg_temp.nearest(op, b, k, true) = pg_temp.nearest(op, b, k, false)) AS same
FROM unnest(ARRAY['<~>', '<%>']) AS op, unnest(ARRAY[1, 100, 5000]) AS k, asked GROUP BY op, k ORDER BY op, k;
SELECT op, condition, bool_and(pg_temp.nearest(op, b, 50, true, condition) = pg_temp.nearest(op, b, 50, false, condition)) AS same
FROM unnest(ARRAY['<~>', '<%>']) AS op, unnest(ARRAY['tag = 3', 'tag BETWEEN 2 AND 8', 'id < 40']) AS condition, asked
GROUP BY op, condition ORDER BY op, condition;
-- no row has to be looked up in the table to know its distance
SELECT count(*) FROM (SELECT FROM slab_bits_items ORDER BY b <%> 5::bit(100) LIMIT 500) AS s;
SELECT index::text, exact, looked_up FROM slab_last_scan();
SET slab.exact = off;
SET slab.target_recall = 0.95;
CREATE FUNCTION pg_temp.found(op text, query bit, k integer) RETURNS double precision LANGUAGE sql AS $$
    SELECT count(*)::double precision / k FROM unnest(pg_temp.nearest(op, query, k, true)) AS d
    WHERE d <= (pg_temp.nearest(op, query, k, false))[k]
$$;
SELECT op, avg(pg_temp.found(op, b, 10)) >= 0.93 AS as_promised,
       bool_and(pg_temp.nearest(op, b, 50, true) = ARRAY(SELECT unnest(pg_temp.nearest(op, b, 50, true)) ORDER BY 1)) AS in_order
FROM unnest(ARRAY['<~>', '<%>']) AS op, asked GROUP BY op ORDER BY op;
RESET slab.target_recall;

-- ---- rows within a distance, exact ones and those that are found to a recall

SET slab.exact = on;
CREATE FUNCTION pg_temp.within(condition text, query bit, by_index boolean) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    result bigint;
BEGIN
    PERFORM set_config('enable_indexscan', by_index::text, true), set_config('enable_seqscan', (NOT by_index)::text, true);
    EXECUTE 'SELECT count(*) FROM slab_bits_items WHERE ' || condition INTO result USING query;
    RETURN result;
END $$;
SELECT condition, bool_and(pg_temp.within(condition, b, true) = pg_temp.within(condition, b, false)) AS same,
       sum(pg_temp.within(condition, b, false)) > 0 AS some
FROM unnest(ARRAY['b <~> $1 < 1', 'b <~> $1 <= 12', 'b <~> $1 < 0', 'b <%> $1 < 0.2', 'b <%> $1 <= 0', 'b <%> $1 < 1', 'b <%> $1 <= 1',
                  'b <%> $1 < 2']) AS condition, asked GROUP BY condition ORDER BY condition;
SET slab.exact = off;
SELECT condition, sum(pg_temp.within(condition, b, true)) >= 0.9 * sum(pg_temp.within(condition, b, false)) AS most
FROM unnest(ARRAY['b <~> $1 < 1', 'b <~> $1 <= 12', 'b <%> $1 < 0.2', 'b <%> $1 <= 0']) AS condition, asked
GROUP BY condition ORDER BY condition;

-- ---- functions: a vec stands for its elements above 0, and bits are a vec of 0 and 1

SELECT B'1011'::vec, B'1'::varbit::vec(1);
SELECT array_agg(t.distance) = pg_temp.nearest('<~>', b, 5, false) AS same
FROM (SELECT b FROM slab_bits_items WHERE id = 7) AS q, slab_topk('slab_bits_hamming', q.b::vec, 5) AS t GROUP BY b;
SELECT array_agg(t.distance) = pg_temp.nearest('<~>', b, 5, false, 'tag < 5') AS same
FROM (SELECT b FROM slab_bits_items WHERE id = 7) AS q, slab_topk('slab_bits_hamming', q.b::vec, 5, filter => 'tag < 5') AS t GROUP BY b;
SELECT max(distance) <= 0.3 AS near, count(*) > 0 AS some
FROM slab_topk('slab_bits_jaccard', (SELECT b::vec FROM slab_bits_items WHERE id = 20), 100, min_score => 0.7);
SELECT recall, queries FROM slab_recall('slab_bits_hamming', 10, ARRAY(SELECT b::vec FROM asked LIMIT 5));
SELECT count(*) > 0 AS measured FROM slab_calibrate('slab_bits_jaccard', ARRAY(SELECT b::vec FROM asked LIMIT 5));

-- ---- the bits of vectors, and the vectors of what they find

CREATE TABLE slab_bits_vectors (id integer, v vec(64));
INSERT INTO slab_bits_vectors
SELECT id, (SELECT array_agg(random() - 0.5 + (i + id) * 0) FROM generate_series(1, 64) AS i)::vec FROM generate_series(1, 500) AS id;
CREATE INDEX slab_bits_signs ON slab_bits_vectors USING slab ((binary_quantize(v)::bit(64)) bit_hamming_ops);
SELECT plan_of($$SELECT id FROM slab_bits_vectors ORDER BY binary_quantize(v)::bit(64) <~> 5::bit(64) LIMIT 1$$);
-- by Hamming distance and by L2, as the column's default operator class has it
SELECT v.id, t.score, t.fast_score, t.quality_score
FROM (SELECT v AS q FROM slab_bits_vectors WHERE id = 3) AS asked, slab_two_tier('slab_bits_signs', 'v', q, q, 1) AS t
JOIN slab_bits_vectors AS v ON v.ctid = t.ctid;
SELECT bool_and(t.quality_score = -(v.v <-> q)) AS l2, bool_and(t.fast_score = -(binary_quantize(v.v) <~> binary_quantize(q))) AS hamming
FROM (SELECT v AS q FROM slab_bits_vectors WHERE id = 3) AS asked, slab_two_tier('slab_bits_signs', 'v', q, q, 20) AS t
JOIN slab_bits_vectors AS v ON v.ctid = t.ctid;

CREATE INDEX slab_bits_sets ON slab_bits_vectors USING slab ((binary_quantize(v)::bit(64)) bit_jaccard_ops);
SELECT bool_and(t.fast_score = 1 - (binary_quantize(v.v) <%> binary_quantize(q))) AS jaccard
FROM (SELECT v AS q FROM slab_bits_vectors WHERE id = 3) AS asked, slab_two_tier('slab_bits_sets', 'v', q, q, 20) AS t
JOIN slab_bits_vectors AS v ON v.ctid = t.ctid;
SELECT index::text, used, remedy FROM slab_why($$SELECT FROM slab_bits_vectors ORDER BY binary_quantize(v) <~> B'1' LIMIT 1$$)
WHERE index = 'slab_bits_signs'::regclass;

-- ---- few rows that share anything with the query, among many that do not

CREATE TABLE slab_bits_tags (id integer, b bit(512));
INSERT INTO slab_bits_tags
SELECT id, (SELECT bit_or(set_bit(0::bit(512), (id * 13 + i * i * 37) % 500, 1)) FROM generate_series(1, 8) AS i)
FROM generate_series(1, 20000) AS id;
INSERT INTO slab_bits_tags SELECT 30000 + i, set_bit(set_bit(0::bit(512), 505, 1), i, 1) FROM generate_series(1, 5) AS i;
CREATE INDEX slab_bits_tags_i ON slab_bits_tags USING slab (b bit_jaccard_ops) WITH (lists = 60);
SET slab.exact = off;
SELECT array_agg(id ORDER BY id) FILTER (WHERE d < 1) AS shared, count(*) FILTER (WHERE d = 1) AS others
FROM (SELECT id, b <%> set_bit(0::bit(512), 505, 1) AS d FROM slab_bits_tags ORDER BY 2 LIMIT 20) AS s;
SELECT compared < 60000 AS not_over_and_over FROM slab_last_scan();
-- the empty query
SELECT count(*), min(d) FROM (SELECT b <%> 0::bit(512) AS d FROM slab_bits_tags ORDER BY 1 LIMIT 20) AS s;

-- ---- what maintenance leaves

SET slab.exact = on;
DELETE FROM slab_bits_items WHERE id % 3 = 0;
VACUUM slab_bits_items;
INSERT INTO slab_bits_items SELECT id + 10000, tag, b FROM slab_bits_items WHERE id <= 300;
SELECT records_after FROM slab_vacuum('slab_bits_hamming');
SELECT segments_after FROM slab_compact('slab_bits_jaccard', "full" => true);
SELECT records FROM slab_recluster('slab_bits_hamming');
SELECT index, slab_check(index, true), (slab_stats(index)).live
FROM unnest('{slab_bits_hamming,slab_bits_jaccard}'::regclass[]) AS index;
SELECT op, bool_and(pg_temp.nearest(op, b, 100, true) = pg_temp.nearest(op, b, 100, false)) AS same
FROM unnest(ARRAY['<~>', '<%>']) AS op, asked GROUP BY op ORDER BY op;

-- ---- other lengths, varbit, and long ones

CREATE TABLE slab_bits_lengths (id integer, b varbit(8), c bit(9000), d varbit, e bit(16001));
INSERT INTO slab_bits_lengths SELECT i, i::bit(5), i::bit(9000), B'1' FROM generate_series(1, 31) AS i;
CREATE INDEX slab_bits_varbit ON slab_bits_lengths USING slab ((b::bit(5)));
CREATE INDEX slab_bits_long ON slab_bits_lengths USING slab (c bit_jaccard_ops);
SELECT id FROM slab_bits_lengths ORDER BY b::bit(5) <~> B'10101' LIMIT 1;
SELECT id FROM slab_bits_lengths ORDER BY c <%> 21::bit(9000) LIMIT 1;
SELECT index, slab_check(index, true) FROM unnest('{slab_bits_varbit,slab_bits_long}'::regclass[]) AS index;

-- ---- what is refused

SELECT id FROM slab_bits_lengths ORDER BY b::bit(5) <~> B'101' LIMIT 1;
-- values of a varbit may be shorter than it says
CREATE INDEX ON slab_bits_lengths USING slab (b);
CREATE INDEX ON slab_bits_lengths USING slab (d);
CREATE INDEX ON slab_bits_lengths USING slab (e);
CREATE INDEX ON slab_bits_lengths USING slab (c) WITH (storage = f16);
CREATE INDEX ON slab_bits_lengths USING slab (c bit_jaccard_ops) WITH (bits = 8);
CREATE INDEX ON slab_bits_lengths USING slab (c, c bit_hamming_ops);
SELECT ''::varbit::vec;
SELECT B'101'::vec(4);
SELECT repeat('1', 16001)::varbit::vec;

DROP TABLE slab_bits_items, slab_bits_vectors, slab_bits_tags, slab_bits_lengths;
