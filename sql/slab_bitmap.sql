-- Conditions that other indexes answer, handed to an ordered scan as a bitmap of addresses.
SET client_min_messages = warning;
SET max_parallel_workers_per_gather = 0;

-- 20000 rows; of payload, of at and of name a hundredth has each value. at is clustered in the table, the others are not;
-- bitmaps of found_at are of whole pages.
CREATE TABLE found (id integer PRIMARY KEY, v vec(8), payload jsonb, at integer, area box, words tsvector, name text COLLATE "C", spare text);
INSERT INTO found
SELECT i, (SELECT array_agg(((i * (j * 7919 + 31) + j) % 1009) / 10.0)::real[] FROM generate_series(1, 8) j)::vec(8),
    jsonb_build_object('city', 'c' || i * 37 % 100, 'tags', jsonb_build_array('t' || i % 7, 't' || i % 11)), i / 200,
    box(point(i * 53 % 1000, i * 59 % 1000), point(i * 53 % 1000 + 5, i * 59 % 1000 + 5)),
    to_tsvector('simple', 'word' || i * 61 % 90 || ' other' || i % 3), 'n' || i * 41 % 100, repeat('x', 40)
FROM generate_series(1, 20000) i;
CREATE INDEX found_v ON found USING slab (v, id) WITH (lists = 40);
CREATE INDEX found_payload ON found USING gin (payload jsonb_path_ops);
CREATE INDEX found_at ON found USING brin (at) WITH (pages_per_range = 4);
CREATE INDEX found_area ON found USING gist (area);
CREATE INDEX found_words ON found USING gin (words);
CREATE INDEX found_name ON found (name);
CREATE INDEX found_part ON found (id) WHERE name = 'n7';
VACUUM ANALYZE found;

-- The nodes of a query's plan, from the top on, without the limit.
CREATE FUNCTION scans(query text) RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(name, ', ')
    FROM plan_of(query) line, substring(line FROM '^ *(?:-> +)?((?:Custom Scan [(]\w+|[A-Z][A-Za-z ]*[A-Za-z]))') raw,
        regexp_replace(raw, ' (using|on) .*|Custom Scan [(]', '') name
    WHERE line ~ '^(\w| *->)' AND name <> 'Limit'
$$;

-- A condition with the bitmap and by the table alone: the plan, how many rows, and whether they are the same ones.
CREATE FUNCTION compare_found(condition text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    query text := format('SELECT id, v <-> ''[50,50,50,50,50,50,50,50]'' AS d FROM found WHERE %s
        ORDER BY v <-> ''[50,50,50,50,50,50,50,50]'' LIMIT 30', condition);
    by_bitmap float8[];
    by_table float8[];
    plan text := scans(query);
BEGIN
    EXECUTE format('SELECT array_agg(d) FROM (%s) q', query) INTO by_bitmap;
    SET LOCAL enable_indexscan = off;
    SET LOCAL enable_bitmapscan = off;
    EXECUTE format('SELECT array_agg(d) FROM (%s) q', query) INTO by_table;
    SET LOCAL enable_indexscan = on;
    SET LOCAL enable_bitmapscan = on;
    RETURN format('%s rows%s: %s', coalesce(cardinality(by_table), 0),
        CASE WHEN by_bitmap IS DISTINCT FROM by_table THEN ', BUT OTHERS BY THE INDEX' END, plan);
END
$$;
SET enable_seqscan = off;
SET enable_sort = off;
SET slab.exact = on;
SELECT condition, compare_found(condition) FROM (VALUES
    ('payload @> ''{"city": "c3"}'''), ('payload @> ''{"city": "c3", "tags": ["t1"]}'''), ('payload @> ''{"city": "nowhere"}'''),
    ('payload @? ''$.tags[*] ? (@ == "t3")'''), ('area && box(point(0,0), point(100,100))'), ('words @@ ''word5'''),
    ('words @@ ''word5 & other1'''), ('words @@ ''word5 | word6'''), ('at = 17'), ('at BETWEEN 17 AND 19'), ('name = ''n5'''),
    ('name IN (''n5'', ''n6'')'), ('name > ''n98'''), ('name LIKE ''n9_'''),
    ('payload @> ''{"city": "c3"}'' AND name < ''n5'''), ('payload @> ''{"city": "c3"}'' OR name = ''n5'''),
    ('payload @> ''{"city": "c3"}'' AND at = 17'), ('payload @> ''{"city": "c3"}'' AND id < 9000'), ('id < 50 AND name = ''n5'''),
    ('payload @> ''{"city": "c3"}'' AND spare LIKE ''%x'''), ('payload @> ''{"city": "c3"}'' AND spare = ''y'''),
    ('name = ''n7'' AND id > 0'), ('NOT payload @> ''{"city": "c3"}'''), ('spare = ''y''')) AS c (condition);
-- Under a partial index rows of the bitmap are not looked up in the table: others are there, too, and the condition is not looked at again.
BEGIN;
DROP INDEX found_v;
CREATE INDEX found_first ON found USING slab (v) WHERE id < 10000;
SELECT compare_found('payload @> ''{"city": "c3"}'' AND id < 10000');
SELECT strategy FROM slab_last_scan();
ROLLBACK;
SET slab.exact = off;

-- Few rows are looked up; of many, those that are in lists nearby are compared.
CREATE FUNCTION strategy_of(condition text) RETURNS TABLE (rows bigint, strategy text) LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('SELECT count(*) FROM (SELECT FROM found WHERE %s ORDER BY v <-> ''[50,50,50,50,50,50,50,50]'' LIMIT 10) q', condition)
        INTO rows;
    SELECT s.strategy INTO strategy FROM slab_last_scan() s;
    RETURN NEXT;
END
$$;
SELECT condition, s.* FROM (VALUES ('payload @> ''{"city": "c3"}'''), ('payload @> ''{"tags": ["t3"]}'''),
    ('at BETWEEN 20 AND 24'),
    ('payload @> ''{"city": "c3"}'' AND id < 9000'), ('payload @> ''{"city": "nowhere"}''')) AS c (condition), strategy_of(condition) s;

-- What EXPLAIN shows, and how often the bitmap was made.
SELECT plan_of('SELECT id FROM found WHERE payload @> ''{"city": "c3"}'' ORDER BY v <-> ''[5,5,5,5,5,5,5,5]'' LIMIT 5');
SELECT plan_of('SELECT id, v <-> ''[5,5,5,5,5,5,5,5]'' FROM found WHERE payload @> ''{"city": "c3"}'' AND id < 9000 AND spare <> ''''
    ORDER BY v <-> ''[5,5,5,5,5,5,5,5]'' LIMIT 5');

-- Parameters: the bitmap follows them.
SET plan_cache_mode = force_generic_plan;
PREPARE by_city AS SELECT id FROM found WHERE payload @> $1 ORDER BY v <-> $2 LIMIT $3;
EXECUTE by_city('{"city": "c3"}', '[5,5,5,5,5,5,5,5]', 3);
EXECUTE by_city('{"city": "c4"}', '[5,5,5,5,5,5,5,5]', 3);
EXECUTE by_city('{"city": "nowhere"}', '[5,5,5,5,5,5,5,5]', 3);
EXECUTE by_city(NULL, '[5,5,5,5,5,5,5,5]', 3);
EXECUTE by_city('{"city": "c3"}', NULL, 3);
SELECT plan_of('EXECUTE by_city(''{"city": "c3"}'', ''[5,5,5,5,5,5,5,5]'', 3)');
RESET plan_cache_mode;

-- Below a nested loop: scanned again, with the bitmap of each outer row.
CREATE TABLE asked (city jsonb, q vec(8));
INSERT INTO asked SELECT jsonb_build_object('city', 'c' || i), ('[' || i || ',1,2,3,4,5,6,7]')::vec(8) FROM generate_series(1, 5) i;
ANALYZE asked;
SELECT scans('SELECT a.city, n.id FROM asked a, LATERAL (SELECT id FROM found WHERE payload @> a.city ORDER BY v <-> a.q LIMIT 2) n');
SELECT a.city, n.id FROM asked a, LATERAL (SELECT id FROM found WHERE payload @> a.city ORDER BY v <-> a.q LIMIT 2) n;
SELECT a.city, n.id FROM asked a, LATERAL (SELECT id FROM found WHERE payload @> '{"city": "c3"}' ORDER BY v <-> a.q LIMIT 2) n;
-- The same rows as without any index.
SET enable_indexscan = off;
SET enable_bitmapscan = off;
SELECT a.city, n.id FROM asked a, LATERAL (SELECT id FROM found WHERE payload @> a.city ORDER BY v <-> a.q LIMIT 2) n;
RESET enable_indexscan;
RESET enable_bitmapscan;

-- A join gives a bitmap no values: there are none when the scan starts.
CREATE TABLE others (id integer PRIMARY KEY, at integer);
INSERT INTO others SELECT id, at FROM found;
ANALYZE others;
SELECT scans('SELECT f.id FROM found f JOIN others g USING (id) WHERE f.payload @> ''{"city": "c3"}'' AND g.at > 5
    ORDER BY f.v <-> ''[5,5,5,5,5,5,5,5]'' LIMIT 3');
SELECT f.id FROM found f JOIN others g USING (id) WHERE f.payload @> '{"city": "c3"}' AND g.at > 5
ORDER BY f.v <-> '[5,5,5,5,5,5,5,5]' LIMIT 3;
SELECT f.id FROM found f WHERE f.spare <> '' AND f.name IN (SELECT replace(a.city ->> 'city', 'c', 'n') FROM asked a)
ORDER BY f.v <-> '[5,5,5,5,5,5,5,5]' LIMIT 3;
SELECT f.id, a.city FROM found f JOIN asked a ON f.name = replace(a.city ->> 'city', 'c', 'n') WHERE f.payload @> '{"city": "c71"}'
ORDER BY f.v <-> '[5,5,5,5,5,5,5,5]' LIMIT 3;

-- Rows are locked; a cursor goes back; a page of results is followed by the next.
SELECT id FROM found WHERE payload @> '{"city": "c3"}' ORDER BY v <-> '[5,5,5,5,5,5,5,5]' LIMIT 3 FOR UPDATE;
BEGIN;
DECLARE c SCROLL CURSOR FOR SELECT id FROM found WHERE payload @> '{"city": "c3"}' ORDER BY v <-> '[5,5,5,5,5,5,5,5]' LIMIT 5;
FETCH 3 FROM c;
FETCH BACKWARD 2 FROM c;
FETCH 4 FROM c;
COMMIT;
BEGIN;
DECLARE c CURSOR FOR SELECT id FROM found WHERE payload @> '{"city": "c3"}' ORDER BY v <-> '[5,5,5,5,5,5,5,5]' LIMIT 5;
FETCH 2 FROM c;
UPDATE found SET spare = 'current' WHERE CURRENT OF c RETURNING id;
ROLLBACK;
SELECT id FROM found WHERE payload @> '{"city": "c3"}' ORDER BY v <-> '[5,5,5,5,5,5,5,5]' LIMIT 2 OFFSET 3;
SELECT ctid IS NOT NULL AS has_ctid, tableoid::regclass FROM found WHERE payload @> '{"city": "c3"}'
ORDER BY v <-> '[5,5,5,5,5,5,5,5]' LIMIT 1;
SELECT found.id, (found).name FROM found WHERE payload @> '{"city": "c3"}' ORDER BY v <-> '[5,5,5,5,5,5,5,5]' LIMIT 1;

-- A condition without a column is a gate above both scans.
PREPARE gated AS SELECT id FROM found WHERE payload @> '{"city": "c3"}' AND $1 ORDER BY v <-> '[5,5,5,5,5,5,5,5]' LIMIT 2;
SET plan_cache_mode = force_generic_plan;
EXECUTE gated(true);
EXECUTE gated(false);
RESET plan_cache_mode;

-- Whoever may not see a row does not learn of it by a condition that is looked at before the policy: only what says nothing of what
-- it is given may be answered by an index before.
CREATE FUNCTION tells(jsonb) RETURNS boolean LANGUAGE plpgsql IMMUTABLE COST 0.0001 AS $$
BEGIN
    RAISE NOTICE 'saw %', $1 ->> 'city';
    RETURN true;
END
$$;
CREATE ROLE regress_slab_tenant;
GRANT SELECT ON found TO regress_slab_tenant;
ALTER TABLE found ENABLE ROW LEVEL SECURITY;
CREATE POLICY by_name ON found TO regress_slab_tenant USING (name = 'n5');
SET ROLE regress_slab_tenant;
SET client_min_messages = notice;
SELECT scans('SELECT id FROM found WHERE payload @> ''{"city": "c3"}'' ORDER BY v <-> ''[5,5,5,5,5,5,5,5]'' LIMIT 2');
SELECT count(*) FROM (SELECT id FROM found WHERE payload @> '{"city": "c3"}' ORDER BY v <-> '[5,5,5,5,5,5,5,5]' LIMIT 10) q;
SELECT plan_of('SELECT id FROM found WHERE tells(payload) ORDER BY v <-> ''[5,5,5,5,5,5,5,5]'' LIMIT 2');
SELECT count(*) FROM (SELECT id FROM found WHERE tells(payload) AND id = 81 ORDER BY v <-> '[5,5,5,5,5,5,5,5]' LIMIT 2) q;
RESET client_min_messages;
RESET ROLE;
ALTER TABLE found DISABLE ROW LEVEL SECURITY;

-- Rows that change, and an index that other statements change meanwhile.
UPDATE found SET payload = '{"city": "moved"}' WHERE id % 400 = 3;
DELETE FROM found WHERE id % 400 = 7;
INSERT INTO found SELECT id + 100000, v, '{"city": "moved"}', at, area, words, name, spare FROM found WHERE id % 1000 = 11;
SELECT compare_found('payload @> ''{"city": "moved"}'''), compare_found('payload @> ''{"city": "c3"}''');
VACUUM found;
SELECT compare_found('payload @> ''{"city": "moved"}'''), compare_found('payload @> ''{"city": "c3"}''');

-- It is by cost that the planner takes it, or something else.
RESET enable_seqscan;
RESET enable_sort;
SELECT condition, scans(format('SELECT id FROM found WHERE %s ORDER BY v <-> ''[5,5,5,5,5,5,5,5]'' LIMIT 10', condition)) FROM (VALUES
    ('id = 3'), ('payload @> ''{"city": "c3"}'''), ('words @@ ''other1'''), ('name <> ''n5''')) AS c (condition);

DROP TABLE found, asked, others;
DROP ROLE regress_slab_tenant;
DROP FUNCTION scans, compare_found, strategy_of, tells;
