-- Filter columns: conditions on columns of the index are looked at in the index.
SET client_min_messages = warning;
SET enable_seqscan = off;
SET enable_sort = off;

CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy');
CREATE TABLE filtered (
    id integer PRIMARY KEY, v vec(3), tenant integer, big bigint, small smallint, flag boolean,
    price numeric, name text COLLATE "C", title text, day date, at timestamptz, local timestamp, mood mood, uid uuid,
    ratio double precision, part real, payload jsonb);
INSERT INTO filtered
SELECT i, vec('[' || i % 101 || ',' || i % 103 || ',' || i % 107 || ']'), i % 50, (i % 7)::bigint << 40,
    i % 11, CASE i % 5 WHEN 0 THEN NULL ELSE i % 5 < 3 END, (i % 13) / 4.0, 'name ' || i % 17,
    'title ' || i % 19, date '2024-01-01' + i % 23, timestamptz '2024-01-01 00:00Z' + i % 29 * interval '1 hour',
    timestamp '2024-10-27 00:00' + i % 31 * interval '10 minutes',
    (ARRAY['sad', 'ok', 'happy']::mood[])[1 + i % 3], md5((i % 31)::text)::uuid, sin(i % 37), cos(i % 41),
    jsonb_build_object('city', 'city ' || i % 43, 'n', i % 47)
FROM generate_series(1, 3000) i;
CREATE INDEX filtered_1 ON filtered USING slab (v vec_l2_ops, tenant, big, small, flag, price, name, title, day);
CREATE INDEX filtered_2 ON filtered
    USING slab (v vec_ip_ops, at, local, mood, uid, ratio, part, (payload ->> 'city'), ((payload ->> 'n')::integer));
INSERT INTO filtered SELECT id + 3000, v, tenant, big, small, flag, price, name, title, day, at, local, mood, uid,
    ratio, part, payload FROM filtered WHERE id <= 500;
ANALYZE filtered;
SELECT slab_check('filtered_1', true), slab_check('filtered_2', true);

-- One condition after the other, by the index and by the table: the same distances. All of the condition is in the index,
-- unless it says that some is beside it, or is of a kind that this server does not always hand to an ordered scan.
CREATE FUNCTION compare(condition text, operator text DEFAULT '<->', always_handed boolean DEFAULT true) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
    query text := format('FROM filtered WHERE %s ORDER BY v %s ''[50,50,50]'' LIMIT 20', condition, operator);
    distances text := format('SELECT array_agg(v %s ''[50,50,50]'') FROM (SELECT v %s) s', operator, query);
    plan text := '';
    line text;
    by_index float8[];
    by_table float8[];
BEGIN
    FOR line IN EXECUTE 'EXPLAIN (COSTS OFF) SELECT id ' || query LOOP
        plan := plan || line || E'\n';
    END LOOP;
    EXECUTE distances INTO by_index;
    SET LOCAL enable_seqscan = on;
    SET LOCAL enable_sort = on;
    SET LOCAL enable_indexscan = off;
    EXECUTE distances INTO by_table;
    SET LOCAL enable_indexscan = on;
    SET LOCAL enable_seqscan = off;
    SET LOCAL enable_sort = off;
    RETURN CASE
        WHEN plan NOT LIKE '%Index Scan using filtered_%' THEN 'not by the index: ' || plan
        WHEN always_handed AND plan NOT LIKE '%Index Cond%' THEN 'not in the index: ' || plan
        WHEN by_index IS DISTINCT FROM by_table THEN format('other rows: %s instead of %s', by_index, by_table)
        ELSE coalesce(cardinality(by_index), 0) || ' rows'
             || CASE WHEN always_handed AND plan LIKE '%Filter:%' THEN ', some of it beside the index' ELSE '' END
    END;
END
$$;
-- Clocks are put back in that night, from 3 to 2.
SET timezone = 'Europe/Berlin';
SET slab.exact = on;
\pset format unaligned
\pset fieldsep ': '
\pset tuples_only on
SELECT c, compare(c) FROM unnest(ARRAY[
    'tenant = 7', 'tenant = 7::bigint', 'tenant = 7::smallint', 'tenant = 70', 'tenant = 5000000000',
    'tenant > 5000000000', 'tenant < 5000000000', 'tenant < -5000000000', 'tenant BETWEEN 3 AND 5', 'tenant IS NULL',
    'tenant IS NOT NULL', 'tenant > 45 AND tenant <= 48', 'tenant > 5 AND tenant < 3',
    'big = 2::bigint << 40', 'big > 5::bigint << 40', 'big >= 0', 'big = 1', 'small < 3', 'small = 3::bigint',
    'small > 40000', 'small <= -40000', 'flag IS NULL', 'flag IS NOT NULL AND tenant = 9', 'price = 1.25',
    'price > 2.75', 'price = 1.2500000000000000000001', 'price < 0.25', 'name = ''name 3''', 'name > ''name 8''',
    'name >= ''name 8'' AND name < ''name 9''', 'name = ''nam''', 'title = ''title 7''', 'title > ''title 7''',
    'day = ''2024-01-05''', 'day > ''2024-01-20''', 'day < timestamp ''2024-01-03 12:00''',
    'day = timestamp ''2024-01-03 12:00''', 'day >= timestamptz ''2024-01-20 00:00''',
    'tenant = 3 AND small = 3 AND id > 0', 'tenant = 2 AND id % 2 = 0', 'v IS NOT NULL AND tenant = 4'])
    WITH ORDINALITY AS u(c, n) ORDER BY n;
SELECT c, compare(c, '<#>') FROM unnest(ARRAY[
    'at = ''2024-01-01 05:00Z''', 'at >= ''2024-01-02 00:00Z''', 'at < date ''2024-01-02''',
    'at > timestamp ''2024-01-01 20:00''', 'mood = ''ok''', 'mood > ''sad''', 'uid = md5(''4'')::uuid',
    'uid > md5(''4'')::uuid', 'ratio = 0', 'ratio > 0.5', 'ratio < 0.5::real', 'ratio = ''NaN''',
    'ratio <= ''Infinity''', 'part > 0.25', 'part = cos(1)::real', 'part > 0.25::double precision',
    'part < ''NaN''::real', 'local = ''2024-10-27 02:30''', 'local > ''2024-10-27 02:30''',
    'local > timestamptz ''2024-10-27 00:30Z''', 'local = timestamptz ''2024-10-27 01:30Z''',
    'local <= date ''2024-10-27''', 'local < timestamptz ''294276-12-31 23:59:59Z''',
    'local > timestamptz ''-infinity''', 'payload ->> ''city'' = ''city 4''',
    '(payload ->> ''n'')::integer BETWEEN 3 AND 4',
    'payload ->> ''city'' IS NULL', 'at < ''2024-01-01 12:00Z'' AND mood = ''sad'' AND ratio > 0'])
    WITH ORDINALITY AS u(c, n) ORDER BY n;
SELECT c, compare(c, o, false) FROM (VALUES
    ('tenant IN (1, 2, 40, 99)', '<->'), ('tenant = ANY (ARRAY[]::integer[])', '<->'),
    ('tenant = ANY (ARRAY[NULL, 3])', '<->'), ('tenant = ANY (ARRAY[3, 5000000000])', '<->'),
    ('title IN (''title 1'', ''title 2'')', '<->'), ('tenant > ANY (ARRAY[47, 48])', '<->'), ('flag', '<->'),
    ('NOT flag', '<->'), ('flag IS TRUE', '<->'), ('mood IN (''sad'', ''happy'')', '<#>')) AS u(c, o);
\pset tuples_only off
\pset format aligned
RESET slab.exact;
RESET timezone;

-- LIMIT is filled, whatever the condition keeps.
SELECT count(*) FROM (SELECT id FROM filtered WHERE tenant = 7 ORDER BY v <-> '[1,2,3]' LIMIT 60) s;
SELECT count(*) FROM (SELECT id FROM filtered WHERE tenant = 7 ORDER BY v <-> '[1,2,3]' LIMIT 1000) s;
SELECT count(*) FROM (SELECT id FROM filtered WHERE tenant = 7000 ORDER BY v <-> '[1,2,3]' LIMIT 1000) s;

-- Other columns are no hindrance to slab_topk, which looks at all rows unless it is given a filter.
SELECT count(*) FROM slab_topk('filtered_1', '[1,2,3]', 50);
SELECT count(*) FROM slab_topk('filtered_1', '[1,2,3]', 1000, NULL, 'tenant = 7');
SELECT index, strategy IS NOT NULL AS filtered FROM slab_last_scan();

-- A parameter, in a generic plan, and in a nested loop.
SET plan_cache_mode = force_generic_plan;
PREPARE by_tenants(integer[]) AS SELECT count(*), min(tenant), max(tenant) FROM
    (SELECT tenant FROM filtered WHERE tenant = ANY ($1) ORDER BY v <-> '[1,2,3]' LIMIT 1000) s;
EXECUTE by_tenants('{3,4}');
EXECUTE by_tenants('{}');
EXECUTE by_tenants(NULL);
SELECT t, n.ids FROM generate_series(1, 3) t,
    LATERAL (SELECT count(*) ids FROM (SELECT id FROM filtered f WHERE f.tenant = t ORDER BY v <-> '[1,2,3]' LIMIT 30) s) n;
RESET plan_cache_mode;

-- A row that moves from one value to another is found by the new one only.
UPDATE filtered SET tenant = 1000 WHERE id IN (1, 2, 3001);
SELECT array_agg(id ORDER BY id) FROM (SELECT id FROM filtered WHERE tenant = 1000 ORDER BY v <-> '[1,2,3]' LIMIT 10) s;
SELECT count(*) FROM (SELECT id FROM filtered WHERE tenant IN (1, 2) AND id IN (1, 2, 3001) ORDER BY v <-> '[1,2,3]' LIMIT 10) s;
SELECT slab_check('filtered_1', true);
DELETE FROM filtered WHERE id % 3 = 0;
VACUUM filtered;
SELECT records_before, segments_after FROM slab_compact('filtered_1');
SELECT slab_check('filtered_1', true), slab_check('filtered_2', true);
SELECT count(*) FROM (SELECT id FROM filtered WHERE tenant = 7 ORDER BY v <-> '[1,2,3]' LIMIT 1000) s;
REINDEX INDEX filtered_1;
SELECT count(*) FROM (SELECT id FROM filtered WHERE tenant = 7 ORDER BY v <-> '[1,2,3]' LIMIT 1000) s;

-- Joined by OR, negated, or as arrays, of every type.
SET slab.exact = on;
SELECT condition, compare(condition, '<->', false) FROM (VALUES
    ('tenant = 3 OR big = 3::bigint << 40'), ('small IN (1::smallint, 2)'), ('price = 1.25 OR price > 3'), ('price NOT IN (1, 2)'),
    ('name = ''name 3'' OR name < ''name 1'''), ('title IN (''title 3'', ''title 4'')'), ('title > ''title 8'' OR tenant = 3'),
    ('day = ''2024-01-05'' OR day > timestamp ''2024-01-20 12:00'''), ('day <> ''2024-01-05'''), ('flag OR tenant = 3'),
    ('NOT flag AND tenant < 9'), ('flag IS NULL OR flag')) c(condition);
SELECT condition, compare(condition, '<#>', false) FROM (VALUES
    ('mood = ''ok'' OR ratio > .9'), ('mood IN (''ok'', ''sad'')'), ('mood <> ''ok'''), ('mood NOT IN (''ok'', ''sad'')'),
    ('uid = md5(''3'')::uuid OR uid = md5(''4'')::uuid'), ('uid <> md5(''3'')::uuid AND ratio > 0'), ('part = 1 OR part < -0.9::float8'),
    ('part <> 1 AND ratio > 0'), ('at < ''2024-01-01 05:00Z'' OR at > timestamp ''2024-01-02 03:00'''), ('local IN (''2024-10-27 00:10'')'),
    ('payload ->> ''city'' = ''city 3'' OR (payload ->> ''n'')::integer = 3'), ('(payload ->> ''n'')::integer IN (3, 5)')) c(condition);
SET slab.exact = off;

-- Without a distance to order by, and for rows without a vector, the index is of no use.
SELECT plan_of('SELECT id FROM filtered WHERE tenant = 7');
INSERT INTO filtered (id, tenant) VALUES (100001, 7);
SELECT id FROM filtered WHERE v IS NULL AND tenant = 7 ORDER BY v <-> '[1,2,3]' LIMIT 1;

-- What cannot be.
\set VERBOSITY default
CREATE INDEX ON filtered USING slab (tenant, v vec_l2_ops);
CREATE INDEX ON filtered USING slab (v vec_l2_ops, v vec_ip_ops);
CREATE INDEX ON filtered USING slab (v vec_l2_ops, tenant, big, small, flag, price, name, title, day, at);
CREATE INDEX ON filtered USING slab (v vec_l2_ops, payload);
CREATE INDEX ON filtered USING slab (v vec_l2_ops) INCLUDE (tenant);
CREATE INDEX ON filtered USING slab (tenant);
\set VERBOSITY terse

-- Whether there is a vector can be asked of an index without filter columns as well.
CREATE TABLE unfiltered (v vec(3));
INSERT INTO unfiltered SELECT v FROM filtered WHERE v IS NOT NULL;
CREATE INDEX unfiltered_v ON unfiltered USING slab (v);
EXPLAIN (COSTS OFF) SELECT v FROM unfiltered WHERE v IS NOT NULL ORDER BY v <-> '[1,2,3]' LIMIT 5;
SELECT v <-> '[1,2,3]' AS distance FROM unfiltered WHERE v IS NOT NULL ORDER BY v <-> '[1,2,3]' LIMIT 2;
DROP TABLE unfiltered;

-- Without lists: L1 compares vectors, and filters as well.
CREATE INDEX filtered_3 ON filtered USING slab (v vec_l1_ops, tenant);
EXPLAIN (COSTS OFF) SELECT id FROM filtered WHERE tenant = 7 ORDER BY v <+> '[1,2,3]' LIMIT 5;
SELECT compare('tenant = 7', '<+>');
SELECT slab_check('filtered_3', true);

-- A function that was said to be immutable, and is not: the index has keys that its rows would not get now.
CREATE TABLE computed (id integer, v vec(3), a integer);
INSERT INTO computed SELECT i, vec('[' || i || ',1,2]'), i FROM generate_series(1, 20) AS i;
CREATE FUNCTION key_of(a integer) RETURNS integer LANGUAGE plpgsql IMMUTABLE AS 'BEGIN RETURN 2 * a; END';
CREATE INDEX computed_v ON computed USING slab (v, (key_of(a)));
SELECT slab_check('computed_v', true);
CREATE OR REPLACE FUNCTION key_of(a integer) RETURNS integer LANGUAGE plpgsql IMMUTABLE
AS 'BEGIN RETURN CASE a WHEN 5 THEN 11 ELSE 2 * a END; END';
SELECT slab_check('computed_v');
\set VERBOSITY default
SELECT slab_check('computed_v', true);
\set VERBOSITY terse
REINDEX INDEX computed_v;
SELECT slab_check('computed_v', true);

DROP TABLE filtered, computed;
DROP TYPE mood;
DROP FUNCTION compare, key_of;
