-- Indexes of hvec: as those of vec, whatever reads them.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pgslab;
RESET client_min_messages;
SET slab.exact = on;
SET enable_seqscan = off;

CREATE TABLE slab_hvec_items (id integer, tag integer, h hvec(3));
INSERT INTO slab_hvec_items SELECT i, i % 10, ARRAY[i / 10.0, sin(i) * 10, 1]::hvec FROM generate_series(1, 2000) AS i;
CREATE INDEX slab_hvec_l2 ON slab_hvec_items USING slab (h, tag);
CREATE INDEX slab_hvec_ip ON slab_hvec_items USING slab (h hvec_ip_ops);
CREATE INDEX slab_hvec_cosine ON slab_hvec_items USING slab (h hvec_cosine_ops);
CREATE INDEX slab_hvec_l1 ON slab_hvec_items USING slab (h hvec_l1_ops);
INSERT INTO slab_hvec_items SELECT i, i % 10, ARRAY[i / 10.0, cos(i) * 10, 1]::hvec FROM generate_series(2001, 2300) AS i;
INSERT INTO slab_hvec_items VALUES (2301, 1, NULL), (2302, 1, '[0,0,0]');

-- ---- each operator class has its operator, beside a literal, a parameter, and a vec

SELECT plan_of($$SELECT id FROM slab_hvec_items ORDER BY h <-> '[50,1,1]' LIMIT 3$$);
SELECT plan_of($$SELECT id FROM slab_hvec_items ORDER BY h <#> '[50,1,1]' LIMIT 3$$);
SELECT plan_of($$SELECT id FROM slab_hvec_items ORDER BY h <=> '[50,1,1]' LIMIT 3$$);
SELECT plan_of($$SELECT id FROM slab_hvec_items ORDER BY h <+> '[50,1,1]' LIMIT 3$$);
SELECT plan_of($$SELECT id FROM slab_hvec_items ORDER BY h <-> '[50,1,1]'::vec LIMIT 3$$);
SELECT plan_of($$SELECT id FROM slab_hvec_items ORDER BY '[50,1,1]'::vec <-> h LIMIT 3$$);
SELECT plan_of($$SELECT id FROM slab_hvec_items ORDER BY l2_distance(h, '[50,1,1]') LIMIT 3$$);
SELECT id FROM slab_hvec_items ORDER BY h <-> '[50,1,1]' LIMIT 3;
PREPARE slab_hvec_p AS SELECT id FROM slab_hvec_items ORDER BY h <=> $1 LIMIT 3;
EXECUTE slab_hvec_p('[50,1,1]');
EXECUTE slab_hvec_p('[50,1,1]'::vec);
DEALLOCATE slab_hvec_p;

-- ---- conditions on filter columns, and rows within a distance

SELECT plan_of($$SELECT id FROM slab_hvec_items WHERE tag BETWEEN 3 AND 4 ORDER BY h <-> '[50,1,1]' LIMIT 3$$);
SELECT id, tag FROM slab_hvec_items WHERE tag BETWEEN 3 AND 4 ORDER BY h <-> '[50,1,1]' LIMIT 3;
SELECT plan_of($$SELECT id FROM slab_hvec_items WHERE h <-> '[50,1,1]' < 2$$);
SELECT count(*) FROM slab_hvec_items WHERE h <-> '[50,1,1]' < 2;
SELECT count(*) FROM slab_hvec_items WHERE l2_within(h, '[50,1,1]', 2) AND tag = 3;
SELECT plan_of($$SELECT id FROM slab_hvec_items WHERE inner_product(h, '[1,0,0]') > 229.5$$);
SELECT count(*) FROM slab_hvec_items WHERE ip_within(h, '[1,0,0]', 229.5);

-- ---- functions: queries of either type, rounded to the index's

SELECT (slab_stats('slab_hvec_l2')).dims, storage, metric, rows FROM slab_stats('slab_hvec_l2');
SELECT t.distance = (i.h <-> '[50,1,1]') AS same
FROM slab_topk('slab_hvec_l2', '[50,1,1]', 3) AS t JOIN slab_hvec_items AS i ON i.ctid = t.ctid;
SELECT array_agg(distance) = (SELECT array_agg(distance) FROM slab_topk('slab_hvec_l2', '[0.1,1,1]', 5)) AS same
FROM slab_topk('slab_hvec_l2', '[0.1,1,1]'::hvec, 5);
SELECT array_agg(distance) = (SELECT array_agg(distance) FROM slab_topk('slab_hvec_l2', '[0.1,1,1]', 5, filter => 'tag < 5')) AS same
FROM slab_topk('slab_hvec_l2', '[0.1,1,1]'::hvec, 5, filter => 'tag < 5');
SELECT recall, queries FROM slab_recall('slab_hvec_cosine', 10, ARRAY['[1,2,3]', '[50,1,1]']::vec[]);
SELECT recall, queries FROM slab_recall('slab_hvec_l2', 10, (SELECT array_agg(h)::vec[] FROM slab_hvec_items WHERE id < 5));
SELECT count(*) > 0 AS measured FROM slab_calibrate('slab_hvec_l2', ARRAY['[1,2,3]', '[50,1,1]']::vec[]);
SELECT index::text, used FROM slab_why($$SELECT FROM slab_hvec_items ORDER BY h <+> $1 LIMIT 1$$)
WHERE index = 'slab_hvec_l1'::regclass;

-- a query of a vec index may be an hvec, which is a vec as it is
CREATE TABLE slab_hvec_vecs (id integer, v vec(3));
INSERT INTO slab_hvec_vecs SELECT id, h FROM slab_hvec_items;
CREATE INDEX slab_hvec_vecs_i ON slab_hvec_vecs USING slab (v);
SELECT array_agg(distance) = (SELECT array_agg(distance) FROM slab_topk('slab_hvec_l2', '[0.1,1,1]'::hvec, 50)) AS same
FROM slab_topk('slab_hvec_vecs_i', '[0.1,1,1]'::hvec, 50);

-- a literal without a type is a vec, and then rounded again: here a tie, which it is not as text
SELECT distance = (SELECT min(h <-> '[1.00048828125000001,0,0]') FROM slab_hvec_items) AS as_text,
       distance = (SELECT min(h <-> '[1.00048828125000001,0,0]'::vec::hvec) FROM slab_hvec_items) AS as_vec
FROM slab_topk('slab_hvec_l2', '[1.00048828125000001,0,0]'::hvec, 1)
UNION ALL
SELECT distance = (SELECT min(h <-> '[1.00048828125000001,0,0]') FROM slab_hvec_items),
       distance = (SELECT min(h <-> '[1.00048828125000001,0,0]'::vec::hvec) FROM slab_hvec_items)
FROM slab_topk('slab_hvec_l2', '[1.00048828125000001,0,0]', 1);

-- ---- halves are stored as they are, so nothing is looked up to know the order

SET slab.exact = off;
SELECT count(*) FROM (SELECT FROM slab_hvec_items ORDER BY h <-> '[50.3,1.7,1]' LIMIT 100) AS s;
SELECT looked_up FROM slab_last_scan();
SELECT count(*) FROM (SELECT FROM slab_hvec_items ORDER BY h <+> '[50.3,1.7,1]' LIMIT 100) AS s;
SELECT looked_up FROM slab_last_scan();
SELECT count(*) FROM (SELECT FROM slab_hvec_items ORDER BY h <#> '[50.3,1.7,1]' LIMIT 100) AS s;
SELECT looked_up FROM slab_last_scan();
-- but under cosine, where they are normalised first
SELECT count(*) FROM (SELECT FROM slab_hvec_items ORDER BY h <=> '[50.3,1.7,1]' LIMIT 100) AS s;
SELECT looked_up > 0 AS some FROM slab_last_scan();
SET slab.exact = on;

-- ---- what maintenance leaves

DELETE FROM slab_hvec_items WHERE id % 3 = 0;
VACUUM slab_hvec_items;
SELECT records_after FROM slab_vacuum('slab_hvec_l2');
SELECT segments_after FROM slab_compact('slab_hvec_cosine', "full" => true);
SELECT records FROM slab_recluster('slab_hvec_ip');
SELECT index::regclass, slab_check(index, true), (slab_stats(index)).live
FROM unnest(ARRAY['slab_hvec_l2', 'slab_hvec_ip', 'slab_hvec_cosine', 'slab_hvec_l1']::regclass[]) AS index;

-- ---- every metric, from zero and from elsewhere: the distances of a sequential scan

CREATE FUNCTION pg_temp.distances(op text, query hvec, by_index boolean) RETURNS double precision[] LANGUAGE plpgsql AS $$
DECLARE
    result double precision[];
BEGIN
    PERFORM set_config('enable_indexscan', by_index::text, true), set_config('enable_seqscan', (NOT by_index)::text, true);
    EXECUTE format('SELECT array_agg(d) FROM (SELECT h %1$s $1 AS d FROM slab_hvec_items WHERE vec_norm(h) > 0 ORDER BY h %1$s $1) AS s',
                   op) INTO result USING query;
    RETURN result;
END $$;
SELECT op, query, pg_temp.distances(op, query, true) = pg_temp.distances(op, query, false) AS same
FROM unnest(ARRAY['<->', '<#>', '<=>', '<+>']) AS op, unnest(ARRAY['[0,0,1]', '[100.1,-3,6e4]', '[6e-8,0,0]']::hvec[]) AS query;

-- ---- an index of halves over a column of vec; storage f32; a domain

CREATE INDEX slab_hvec_expression ON slab_hvec_vecs USING slab ((v::hvec(3)) hvec_cosine_ops) WITH (storage = f32);
SELECT plan_of($$SELECT id FROM slab_hvec_vecs ORDER BY v::hvec(3) <=> '[50,1,1]' LIMIT 3$$);
SELECT count(*) FROM (SELECT FROM slab_hvec_vecs ORDER BY v::hvec(3) <=> '[50,1,1]' LIMIT 3) AS s;
SELECT slab_check('slab_hvec_expression', true);
-- where the distance is of the other type, it is said which the index has
SELECT index::text, used, reason, remedy FROM slab_why($$SELECT FROM slab_hvec_vecs ORDER BY v <-> $1::hvec LIMIT 1$$) ORDER BY 1;
SELECT index::text, used, reason, remedy FROM slab_why($$SELECT FROM slab_hvec_vecs ORDER BY v <=> $1 LIMIT 1$$) ORDER BY 1;
SELECT index::text, used, reason, remedy FROM slab_why($$SELECT FROM slab_hvec_vecs WHERE v <-> $1::hvec < 2$$) ORDER BY 1;
-- a distance of the index's own type comes first, wherever it stands
ALTER TABLE slab_hvec_vecs ADD COLUMN h hvec(3);
CREATE INDEX slab_hvec_both ON slab_hvec_vecs USING slab (h);
SELECT index::text, used, reason FROM slab_why($$SELECT FROM slab_hvec_vecs WHERE v <-> $1 < 2 AND h <-> $2 > 1$$) WHERE index = 'slab_hvec_both'::regclass;
SELECT index::text, used, reason FROM slab_why($$SELECT FROM slab_hvec_vecs ORDER BY v <-> $1, h <-> $2 LIMIT 1$$) WHERE index = 'slab_hvec_both'::regclass;
CREATE DOMAIN slab_hvec_domain AS hvec(2);
CREATE TABLE slab_hvec_domains (d slab_hvec_domain);
INSERT INTO slab_hvec_domains SELECT ARRAY[i, 1]::hvec::slab_hvec_domain FROM generate_series(1, 100) AS i;
CREATE INDEX ON slab_hvec_domains USING slab (d);
SELECT d FROM slab_hvec_domains ORDER BY d <-> '[7.2,1]' LIMIT 1;

DROP TABLE slab_hvec_items, slab_hvec_vecs, slab_hvec_domains;
DROP DOMAIN slab_hvec_domain;
