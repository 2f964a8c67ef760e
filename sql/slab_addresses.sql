-- Option addresses: what other indexes find is found by the rows' addresses, and not by reading all records.
SET client_min_messages = warning;
SET max_parallel_workers_per_gather = 0;
-- Maintenance comes when it is called.
SET slab.auto_compact = off;

CREATE TABLE located (id integer PRIMARY KEY, v vec(8), payload jsonb, at integer, area box) WITH (autovacuum_enabled = off);
INSERT INTO located
SELECT i, (SELECT array_agg(((i * (j * 7919 + 31) + j) % 1009) / 10.0)::real[] FROM generate_series(1, 8) j)::vec(8),
    jsonb_build_object('city', 'c' || i * 37 % 100, 'tags', jsonb_build_array('t' || i % 7, 't' || i % 11)), i / 200,
    box(point(i * 53 % 1000, i * 59 % 1000), point(i * 53 % 1000 + 5, i * 59 % 1000 + 5))
FROM generate_series(1, 20000) i;
CREATE INDEX located_v ON located USING slab (v, id) WITH (lists = 40, seal_threshold = 1000000);
SELECT pg_relation_size('located_v') AS without \gset
DROP INDEX located_v;
CREATE INDEX located_v ON located USING slab (v, id) WITH (lists = 40, seal_threshold = 1000000, addresses = on);
-- Bytes a row, of which pages leave some unused.
SELECT (pg_relation_size('located_v') - :without) / 20000 BETWEEN 28 AND 34 AS is_as_much_larger_as_documented;
CREATE INDEX located_payload ON located USING gin (payload jsonb_path_ops);
CREATE INDEX located_at ON located USING brin (at) WITH (pages_per_range = 4);
CREATE INDEX located_area ON located USING gist (area);
VACUUM ANALYZE located;

CREATE TABLE conditions (n serial, condition text);
INSERT INTO conditions (condition) VALUES ('payload @> ''{"city": "c3"}'''), ('payload @> ''{"tags": ["t3"]}'''),
    ('payload @> ''{"city": "nowhere"}'''), ('payload @> ''{"city": "c3", "tags": ["t1"]}'''), ('area && box(point(0,0), point(100,100))'),
    ('at = 17'), ('at BETWEEN 20 AND 60'), ('payload @> ''{"tags": ["t3"]}'' AND id < 9000'),
    ('(id < 500 OR id > 19000) AND payload @> ''{"tags": ["t3"]}'''), ('payload @> ''{"city": "moved"}''');

-- The strategy, how many rows, and whether they are the same ones as by the table alone.
CREATE FUNCTION compare_located(condition text, exact boolean) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    query text := format('SELECT v <-> ''[50,50,50,50,50,50,50,50]'' AS d FROM located WHERE %s
        ORDER BY v <-> ''[50,50,50,50,50,50,50,50]'' LIMIT 30', condition);
    by_index float8[];
    by_table float8[];
    strategy text;
    found integer;
BEGIN
    PERFORM set_config('slab.exact', exact::text, true);
    SET LOCAL enable_seqscan = off;
    SET LOCAL enable_sort = off;
    EXECUTE format('SELECT array_agg(d) FROM (%s) q', query) INTO by_index;
    strategy := (SELECT s.strategy FROM slab_last_scan() AS s);
    SET LOCAL enable_seqscan = on;
    SET LOCAL enable_sort = on;
    SET LOCAL enable_indexscan = off;
    SET LOCAL enable_bitmapscan = off;
    EXECUTE format('SELECT array_agg(d) FROM (%s) q', query) INTO by_table;
    SET LOCAL enable_indexscan = on;
    SET LOCAL enable_bitmapscan = on;
    found := (SELECT count(*) FROM unnest(by_index) AS d WHERE d = ANY (by_table));
    RETURN coalesce(strategy, 'no filter') || CASE
        WHEN cardinality(by_index) IS DISTINCT FROM cardinality(by_table) THEN ', BUT OTHER ROWS'
        WHEN exact AND by_index IS DISTINCT FROM by_table THEN ', BUT OTHERS BY THE INDEX'
        WHEN found < 0.9 * cardinality(by_table) THEN format(', BUT ONLY %s', found)
        ELSE '' END;
END
$$;
SELECT condition, compare_located(condition, true) AS exactly, compare_located(condition, false) AS approximately FROM conditions ORDER BY n;

-- Rows that change, are new, and are gone; then after each kind of maintenance.
CREATE FUNCTION compare_all() RETURNS TABLE (kind text, strategies text) LANGUAGE sql AS $$
    SELECT kind, string_agg(compare_located(condition, kind = 'exactly'), ' ' ORDER BY n)
    FROM conditions, unnest('{exactly,approximately}'::text[]) AS kind GROUP BY kind ORDER BY kind DESC
$$;
UPDATE located SET payload = '{"city": "moved"}' WHERE id % 400 = 3;
UPDATE located SET v = v + v WHERE id % 1000 = 5;
DELETE FROM located WHERE id % 400 = 7;
INSERT INTO located SELECT id + 100000, v, '{"city": "moved", "tags": ["t3"]}', at, area FROM located WHERE id % 100 = 11;
SELECT * FROM compare_all();
VACUUM located;
SELECT * FROM compare_all();
INSERT INTO located SELECT id + 200000, v, payload, at, area FROM located WHERE id % 10 = 1 AND id < 100000;
ALTER INDEX located_v SET (seal_threshold = 100);
SELECT slab_compact('located_v') IS NOT NULL AS compacted;
SELECT * FROM compare_all();
DELETE FROM located WHERE id % 3 = 0;
VACUUM located;
SELECT slab_recluster('located_v') IS NOT NULL AS reclustered;
SELECT * FROM compare_all();
SELECT * FROM slab_check('located_v', true);
-- The table's rows have other addresses.
VACUUM FULL located;
SELECT * FROM compare_all();
SELECT * FROM slab_check('located_v', true);

-- Scanned again for each row of another table, with the same bitmap and with others.
CREATE TABLE asked (city jsonb, q vec(8));
INSERT INTO asked SELECT jsonb_build_object('city', 'c' || i), ('[' || i || ',1,2,3,4,5,6,7]')::vec(8) FROM generate_series(1, 5) i;
ANALYZE asked;
CREATE VIEW joined AS
    SELECT a.city, n.id, m.id AS other
    FROM asked a, LATERAL (SELECT id FROM located WHERE payload @> a.city ORDER BY v <-> a.q, id LIMIT 2) n,
        LATERAL (SELECT id FROM located WHERE payload @> '{"tags": ["t5"]}' ORDER BY v <-> a.q, id LIMIT 2) m;
SET enable_seqscan = off;
SET enable_sort = off;
SET slab.exact = on;
SELECT sum(hashtext(j::text)) AS joined FROM joined j \gset
RESET slab.exact;
SET enable_seqscan = on;
SET enable_sort = on;
SET enable_indexscan = off;
SET enable_bitmapscan = off;
SELECT count(*), sum(hashtext(j::text)) = :joined AS same FROM joined j;
RESET enable_indexscan;
RESET enable_bitmapscan;
RESET enable_seqscan;
RESET enable_sort;
DROP VIEW joined;
DROP TABLE asked;

CREATE FUNCTION nearest_by_l1(condition text, OUT ids integer[], OUT due integer[], OUT strategy text) LANGUAGE plpgsql AS $$
DECLARE
    query text := format('SELECT array_agg(id) FROM (SELECT id FROM located WHERE %s ORDER BY v <+> ''[50,50,50,50,50,50,50,50]'', id
        LIMIT 20) AS q', condition);
BEGIN
    SET LOCAL enable_seqscan = off;
    SET LOCAL enable_sort = off;
    EXECUTE query INTO ids;
    strategy := (SELECT s.strategy FROM slab_last_scan() AS s);
    SET LOCAL enable_seqscan = on;
    SET LOCAL enable_sort = on;
    SET LOCAL enable_indexscan = off;
    SET LOCAL enable_bitmapscan = off;
    EXECUTE query INTO due;
    SET LOCAL enable_indexscan = on;
    SET LOCAL enable_bitmapscan = on;
END
$$;

-- Under a partial index, without codes, and without lists.
DROP INDEX located_v;
CREATE INDEX located_first ON located USING slab (v) WITH (addresses = on) WHERE id < 10000;
SELECT compare_located('payload @> ''{"city": "c4"}'' AND id < 10000', true);
DROP INDEX located_first;
CREATE INDEX located_all ON located USING slab (v vec_l2_ops) WITH (lists = 1, bits = 'none', addresses = on);
SELECT * FROM compare_all();
DROP INDEX located_all;
CREATE INDEX located_l1 ON located USING slab (v vec_l1_ops, id) WITH (addresses = on);
SELECT count(*), string_agg(DISTINCT l1.strategy, ', ') AS strategies, bool_and(l1.ids IS NOT DISTINCT FROM l1.due) AS same
FROM conditions, nearest_by_l1(condition) AS l1;
DROP INDEX located_l1;

-- The next build heeds the option, an index that has addresses keeps them until then.
CREATE INDEX located_v ON located USING slab (v) WITH (lists = 40);
SELECT compare_located('payload @> ''{"tags": ["t3"]}''', false);
ALTER INDEX located_v SET (addresses = on);
SELECT compare_located('payload @> ''{"tags": ["t3"]}''', false);
REINDEX INDEX located_v;
SELECT compare_located('payload @> ''{"tags": ["t3"]}''', false);
ALTER INDEX located_v RESET (addresses);
INSERT INTO located VALUES (-1, '[1,2,3,4,5,6,7,8]', '{"city": "new"}');
SELECT compare_located('payload @> ''{"city": "new"}''', false);
REINDEX INDEX located_v;
SELECT compare_located('payload @> ''{"tags": ["t3"]}''', false);
ALTER INDEX located_v SET (addresses = maybe);
CREATE INDEX ON located USING slab (v, id, at, id, at, id, at, id, at) WITH (addresses = on);

DROP TABLE located, conditions;
DROP FUNCTION compare_located, compare_all, nearest_by_l1;
