-- Indexes of the signs of vectors, whose rows are ranked by the table's: storage = bits.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pgslab;
RESET client_min_messages;

SELECT setseed(0.2);
CREATE TABLE slab_signs_items (id integer, tag integer, v vec(64), h hvec(64));
-- Rows around some centres, copies, rows without a direction and without a vector.
WITH centre AS MATERIALIZED (
    SELECT c, i, random() - 0.5 AS x FROM generate_series(0, 19) AS c, generate_series(1, 64) AS i)
INSERT INTO slab_signs_items (id, tag, v)
SELECT id, id % 10, array_agg((x + (random() - 0.5) / 4)::real ORDER BY i)::vec
FROM generate_series(1, 4000) AS id JOIN centre ON c = id % 20 GROUP BY id ORDER BY id;
INSERT INTO slab_signs_items (id, tag, v) SELECT 10000 + id, tag, v FROM slab_signs_items WHERE id % 40 = 0;
INSERT INTO slab_signs_items (id, tag, v) VALUES (6000, 1, array_fill(0, ARRAY[64])::vec), (6001, 2, NULL);
UPDATE slab_signs_items SET h = v::hvec;
VACUUM slab_signs_items;
CREATE TABLE slab_signs_asked AS
SELECT id AS n, v + (SELECT array_agg((random() - 0.5) / 4)::vec FROM generate_series(1, 64) WHERE id > 0) AS q
FROM slab_signs_items WHERE id % 97 = 1;

CREATE INDEX slab_signs_l2 ON slab_signs_items USING slab (v, tag) WITH (storage = bits);
CREATE INDEX slab_signs_ip ON slab_signs_items USING slab (v vec_ip_ops) WITH (storage = bits, lists = 8);
CREATE INDEX slab_signs_cosine ON slab_signs_items USING slab (v vec_cosine_ops) WITH (storage = bits);
CREATE INDEX slab_signs_l1 ON slab_signs_items USING slab (v vec_l1_ops) WITH (storage = bits);
CREATE INDEX slab_signs_half ON slab_signs_items USING slab (h hvec_cosine_ops) WITH (storage = bits);
SELECT index, metric, storage, dims, live, slab_check(index, true)
FROM unnest('{slab_signs_l2,slab_signs_ip,slab_signs_cosine,slab_signs_l1,slab_signs_half}'::regclass[]) AS index, slab_stats(index);

-- ---- plans: a search by each operator, filters; no range, of which signs say nothing

SET enable_seqscan = off;
SELECT op, bool_or(line LIKE '%slab_signs_' || index || '%') AS by_index
FROM (VALUES ('<->', 'l2'), ('<#>', 'ip'), ('<=>', 'cosine'), ('<+>', 'l1')) AS o(op, index),
     LATERAL plan_of(format('SELECT id FROM slab_signs_items ORDER BY v %s %L::vec LIMIT 3', op, array_fill(1, ARRAY[64])::vec)) AS line
GROUP BY op ORDER BY op;
SELECT bool_or(line LIKE '%Index Cond%') AS filters
FROM plan_of(format('SELECT id FROM slab_signs_items WHERE tag BETWEEN 3 AND 4 ORDER BY v <-> %L::vec LIMIT 3', array_fill(1, ARRAY[64])::vec)) AS line;
SELECT bool_or(line LIKE '%slab_signs%' AND line LIKE '%Index Scan%') AS ranges
FROM plan_of(format('SELECT id FROM slab_signs_items WHERE v <-> %L::vec < 4', array_fill(1, ARRAY[64])::vec)) AS line;
SELECT count(*) FILTER (WHERE line LIKE '%Index Cond%') AS conditions, count(*) FILTER (WHERE line LIKE '%Filter%') AS filters
FROM plan_of(format('SELECT id FROM slab_signs_items WHERE v <-> %1$L::vec < 4 ORDER BY v <-> %1$L::vec LIMIT 3', array_fill(1, ARRAY[64])::vec)) AS line;

-- ---- exact: as a sequential scan, also where what is ranked does not fit in memory

CREATE FUNCTION pg_temp.nearest(op text, query vec, k integer, by_index boolean, condition text DEFAULT 'true', col text DEFAULT 'v')
RETURNS double precision[] LANGUAGE plpgsql AS $$
DECLARE
    result double precision[];
BEGIN
    PERFORM set_config('enable_indexscan', by_index::text, true), set_config('enable_seqscan', (NOT by_index)::text, true);
    EXECUTE format('SELECT array_agg(d) FROM (SELECT %4$s %1$s $1::%5$s AS d FROM slab_signs_items WHERE v IS NOT NULL AND id <> 6000 AND %3$s '
                   'ORDER BY %4$s %1$s $1::%5$s LIMIT %2$s) AS s', op, k, condition, col, CASE col WHEN 'v' THEN 'vec' ELSE 'hvec' END)
        INTO result USING query;
    RETURN result;
END $$;
SET slab.exact = on;
SELECT op, k, bool_and(pg_temp.nearest(op, q, k, true) = pg_temp.nearest(op, q, k, false)) AS same
FROM unnest(ARRAY['<->', '<#>', '<=>', '<+>']) AS op, unnest(ARRAY[1, 100]) AS k, slab_signs_asked GROUP BY op, k ORDER BY op, k;
SELECT bool_and(pg_temp.nearest('<=>', q, 20, true, col => 'h') = pg_temp.nearest('<=>', q, 20, false, col => 'h')) AS same FROM slab_signs_asked;
SET work_mem = '64kB';
SELECT op, bool_and(pg_temp.nearest(op, q, 5000, true) = pg_temp.nearest(op, q, 5000, false)) AS same
FROM unnest(ARRAY['<->', '<=>']) AS op, slab_signs_asked WHERE n < 1000 GROUP BY op ORDER BY op;
RESET work_mem;
SELECT condition, bool_and(pg_temp.nearest('<->', q, 50, true, condition) = pg_temp.nearest('<->', q, 50, false, condition)) AS same
FROM unnest(ARRAY['tag = 3', 'tag BETWEEN 2 AND 8', 'id < 40']) AS condition, slab_signs_asked GROUP BY condition ORDER BY condition;
RESET slab.exact;

-- ---- to a recall: in order, as much as was asked for; LIMIT is filled

CREATE FUNCTION pg_temp.found(op text, query vec, k integer, condition text DEFAULT 'true') RETURNS double precision LANGUAGE sql AS $$
    SELECT count(*)::double precision / k FROM unnest(pg_temp.nearest(op, query, k, true, condition)) AS d
    WHERE d <= (pg_temp.nearest(op, query, k, false, condition))[k]
$$;
SELECT target, op, avg(pg_temp.found(op, q, 10)) >= target - 0.01 AS as_promised
FROM unnest(ARRAY[0.8, 0.95, 0.99]) AS target, unnest(ARRAY['<->', '<#>', '<=>', '<+>']) AS op, slab_signs_asked,
     set_config('slab.target_recall', target::text, true) WHERE set_config IS NOT NULL GROUP BY target, op ORDER BY target, op;
SET slab.target_recall = 0.95;
SELECT op, k, bool_and(d = ARRAY(SELECT unnest(d) ORDER BY 1)) AS in_order, min(cardinality(d)) AS rows
FROM unnest(ARRAY['<->', '<#>', '<=>', '<+>']) AS op, unnest(ARRAY[3, 70]) AS k, slab_signs_asked, pg_temp.nearest(op, q, k, true) AS d
GROUP BY op, k ORDER BY op, k;
SELECT avg(pg_temp.found('<->', q, 10, 'tag = 7')) >= 0.94 AS of_filtered, avg(pg_temp.found('<->', q, 10, 'id % 9 = 4')) >= 0.9 AS of_others
FROM slab_signs_asked;
-- many fewer rows are looked up than there are, and as many as slab.refine says
SELECT count(*) FROM (SELECT id FROM slab_signs_items ORDER BY v <=> (SELECT q FROM slab_signs_asked WHERE n = 98) LIMIT 10) AS s;
SELECT index, exact, rows, looked_up BETWEEN 10 AND 2000 AS looked_up, estimated_recall FROM slab_last_scan();
SET slab.refine = 25;
SELECT count(*) FROM (SELECT id FROM slab_signs_items ORDER BY v <=> (SELECT q FROM slab_signs_asked WHERE n = 98) LIMIT 10) AS s;
SELECT looked_up FROM slab_last_scan();
RESET slab.refine;
-- a condition that the index does not know has more rows looked up, and few match it
SELECT count(*), min(id), max(id) FROM (SELECT id FROM slab_signs_items WHERE id % 1000 = 7
                                        ORDER BY v <=> (SELECT q FROM slab_signs_asked WHERE n = 98) LIMIT 10) AS s;

-- ---- queries without a distance, rows without one, rescans, cursors

SELECT count(*), count(d) FROM (SELECT v <=> array_fill(0, ARRAY[64])::vec AS d FROM slab_signs_items ORDER BY 1 LIMIT 30) AS s;
SELECT count(*), count(d) FROM (SELECT v <-> NULL::vec AS d FROM slab_signs_items ORDER BY v <-> NULL::vec LIMIT 30) AS s;
SELECT count(*), avg((d <= (pg_temp.nearest('<->', q, 1, false))[1])::integer) > 0.9 AS nearest
FROM slab_signs_asked, LATERAL (SELECT v <-> q AS d FROM slab_signs_items ORDER BY v <-> q LIMIT 1) AS s;
-- more and more rows of one search, none twice, and in order: from few candidates on, sorted again and again, also on disk
CREATE FUNCTION pg_temp.go_on(query vec, OUT rows integer, OUT ids integer, OUT in_order boolean) LANGUAGE plpgsql AS $$
DECLARE
    item record;
    seen integer[];
    last double precision := '-infinity';
BEGIN
    rows := 0;
    in_order := true;
    FOR item IN SELECT id, v <-> query AS d FROM slab_signs_items ORDER BY v <-> query LIMIT 5 + 3995 LOOP
        in_order := in_order AND item.d >= last;
        last := item.d;
        seen := seen || item.id;
        rows := rows + 1;
    END LOOP;
    ids := (SELECT count(DISTINCT i) FROM unnest(seen) AS i);
END $$;
SET slab.refine = 20;
SET work_mem = '64kB';
SELECT rows = ids AS once, rows BETWEEN 3500 AND 4000 AS rows, in_order FROM pg_temp.go_on((SELECT q FROM slab_signs_asked WHERE n = 98));
RESET work_mem;
RESET slab.refine;
BEGIN;
SELECT count(*) FROM (SELECT id FROM slab_signs_items ORDER BY v <-> (SELECT q FROM slab_signs_asked WHERE n = 98) LIMIT 7 FOR UPDATE) AS s;
SELECT count(*) >= 7 AS ties FROM (SELECT id FROM slab_signs_items ORDER BY v <-> (SELECT q FROM slab_signs_asked WHERE n = 98) FETCH FIRST 7 ROWS WITH TIES) AS s;
ROLLBACK;

-- ---- rows that another index names, few and many

CREATE INDEX slab_signs_id ON slab_signs_items (id);
CREATE INDEX slab_signs_named ON slab_signs_items USING slab (v vec_cosine_ops) WITH (storage = bits, addresses = on);
ANALYZE slab_signs_items;
SET enable_sort = off;
SELECT op, condition, avg(pg_temp.found(op, q, 10, condition)) >= 0.94 AS as_promised
FROM unnest(ARRAY['<->', '<=>']) AS op, unnest(ARRAY['id BETWEEN 100 AND 130', 'id < 1500']) AS condition, slab_signs_asked
GROUP BY op, condition ORDER BY op, condition;
SET slab.exact = on;
SELECT op, condition, bool_and(pg_temp.nearest(op, q, 20, true, condition) = pg_temp.nearest(op, q, 20, false, condition)) AS same
FROM unnest(ARRAY['<->', '<=>']) AS op, unnest(ARRAY['id BETWEEN 100 AND 130', 'id < 1500']) AS condition, slab_signs_asked
GROUP BY op, condition ORDER BY op, condition;
RESET slab.exact;
SELECT bool_or(line LIKE '%SlabBitmapScan%') AS by_bitmap
FROM plan_of(format('SELECT id FROM slab_signs_items WHERE id BETWEEN 100 AND 130 ORDER BY v <-> %L::vec LIMIT 10', array_fill(1, ARRAY[64])::vec)) AS line;
RESET enable_sort;
DROP INDEX slab_signs_named, slab_signs_id;

-- ---- functions

SELECT count(*), bool_and(1 - distance >= 0.2) FROM slab_topk('slab_signs_cosine', (SELECT q FROM slab_signs_asked WHERE n = 98), 20, 0.2);
SELECT recall >= 0.93 AS recall, queries, refined BETWEEN 10 AND 2500 AS refined FROM slab_recall('slab_signs_l2', 10);
SELECT recall >= 0.93 AS recall, queries FROM slab_recall('slab_signs_cosine', 10);
SELECT recall, queries FROM slab_recall('slab_signs_cosine', 3, ARRAY[array_fill(0, ARRAY[64])::vec]);
SELECT recall >= 0.94 AS recall, queries FROM slab_recall('slab_signs_ip', 10, ARRAY(SELECT q FROM slab_signs_asked));
SELECT count(*), bool_and(refined >= before) AS ascending, min(refined) > 0 AS told
FROM (SELECT refined, lag(refined, 1, 0) OVER (ORDER BY recall) AS before FROM slab_calibrate('slab_signs_l2', ARRAY(SELECT q FROM slab_signs_asked))) AS s;
SELECT count(*), bool_and(quality_score = 1 - (v <=> q)) FROM slab_signs_asked,
    slab_two_tier('slab_signs_cosine', 'v', q, q, 5, 1, 50) AS t JOIN slab_signs_items AS i ON i.ctid = t.ctid WHERE n < 300;

-- ---- rows come and go; an index that the table has told nothing looks all rows up

DELETE FROM slab_signs_items WHERE id % 3 = 0;
VACUUM slab_signs_items;
UPDATE slab_signs_items SET v = '[0]'::vec(1) || subvector(v, 2, 63) WHERE id % 50 = 1;
SELECT op, avg(pg_temp.found(op, q, 10)) >= 0.93 AS as_promised FROM unnest(ARRAY['<->', '<=>']) AS op, slab_signs_asked GROUP BY op ORDER BY op;
SELECT count(*) FROM slab_compact('slab_signs_l2'), slab_recluster('slab_signs_cosine');
SELECT count(*) FROM (SELECT id FROM slab_signs_items ORDER BY v <=> (SELECT q FROM slab_signs_asked WHERE n = 98) LIMIT 10) AS s;
SELECT index, looked_up BETWEEN 10 AND 1500 AS looked_up FROM slab_last_scan();
REINDEX INDEX CONCURRENTLY slab_signs_l2;
ALTER TABLE slab_signs_items ALTER COLUMN tag TYPE bigint;
SELECT op, avg(pg_temp.found(op, q, 10)) >= 0.93 AS as_promised FROM unnest(ARRAY['<->', '<=>']) AS op, slab_signs_asked GROUP BY op ORDER BY op;
CREATE INDEX slab_signs_part ON slab_signs_items USING slab ((h::vec(64)) vec_cosine_ops) WITH (storage = bits) WHERE tag = 5;
SELECT avg(recall) >= 0.93 AS recall FROM slab_recall('slab_signs_part', 10);
SELECT slab_check(index, true) FROM unnest('{slab_signs_l2,slab_signs_ip,slab_signs_cosine,slab_signs_l1,slab_signs_half,slab_signs_part}'::regclass[]) AS index;
CREATE TABLE slab_signs_empty (v vec(8));
CREATE INDEX slab_signs_new ON slab_signs_empty USING slab (v) WITH (storage = bits);
SELECT count(*) FROM (SELECT FROM slab_signs_empty ORDER BY v <-> '[1,1,1,1,1,1,1,1]' LIMIT 3) AS s;
INSERT INTO slab_signs_empty SELECT ARRAY[i, -i, i, -i, i, -i, i, i % 7]::vec FROM generate_series(1, 500) AS i;
SELECT v FROM slab_signs_empty ORDER BY v <-> '[9,-9,9,-9,9,-9,9,0]' LIMIT 2;
SELECT looked_up FROM slab_last_scan();

-- ---- what is refused, and what is warned of

SELECT (refused('CREATE INDEX ON slab_signs_items USING slab (v) WITH (storage = bits, ' || option || ')')).*
FROM unnest(ARRAY['bits = 8', 'prefix_dims = 64']) AS option;
SELECT (refused('CREATE INDEX ON slab_signs_items USING slab (v) WITH (storage = bit)')).*;
CREATE TABLE slab_signs_positive AS SELECT i AS id, ARRAY[i, i % 7 + 1, i % 11 + 1]::vec(3) AS v FROM generate_series(1, 1000) AS i;
CREATE INDEX slab_signs_all ON slab_signs_positive USING slab (v) WITH (storage = bits);
SELECT id FROM slab_signs_positive ORDER BY v <-> '[500,4,5]' LIMIT 1;
DROP TABLE slab_signs_items, slab_signs_asked, slab_signs_empty, slab_signs_positive;
