-- Filter columns: sets of labels, and conditions that the server does not hand to an ordered scan by itself. The planner's hook
-- does: OR, NOT, <>, IN on every version, a value among a column's labels.
SET client_min_messages = warning;
SET enable_seqscan = off;
SET enable_sort = off;

CREATE TABLE conditions (
    id integer PRIMARY KEY, v vec(4), a integer, b boolean, n bigint, labels integer[], words text[], name text COLLATE "C",
    title text, half numeric);
INSERT INTO conditions
SELECT i, vec('[' || i % 101 || ',' || i % 103 || ',' || i % 107 || ',' || i % 109 || ']'),
    CASE WHEN i % 11 = 0 THEN NULL ELSE i % 97 END, CASE i % 5 WHEN 0 THEN NULL ELSE i % 5 < 3 END, (i % 89)::bigint << 33,
    CASE WHEN i % 13 = 0 THEN NULL ELSE ARRAY(SELECT (i * j + j * j) % 61 FROM generate_series(1, i % 12) j) END,
    ARRAY['w' || i % 7, NULL, 'x' || i % 17], 'name ' || i % 83, 'title ' || i % 79, i % 71 / 2.0
FROM generate_series(1, 6000) i;
CREATE INDEX conditions_v ON conditions USING slab (v, a, b, n, labels, words, name, title, half);
INSERT INTO conditions SELECT id + 6000, v, a, b, n, labels, words, name, title, half FROM conditions WHERE id <= 500;
ANALYZE conditions;
SELECT slab_check('conditions_v', true);

-- One condition after the other, by the index and by the table: how many rows, and the same distances; whether it is in the index.
CREATE FUNCTION compare(condition text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    query text := format('FROM conditions WHERE %s ORDER BY v <-> ''[50,50,50,50]'' LIMIT 30', condition);
    distances text := format('SELECT array_agg(v <-> ''[50,50,50,50]'') FROM (SELECT v %s) s', query);
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
        WHEN plan NOT LIKE '%Index Scan using conditions_v%' THEN 'not by the index: ' || plan
        WHEN by_index IS DISTINCT FROM by_table THEN format('other rows: %s instead of %s', by_index, by_table)
        ELSE coalesce(cardinality(by_index), 0) || CASE WHEN plan LIKE '%Index Cond%' THEN ' in the index' ELSE ' beside it' END
    END;
END
$$;
SET slab.exact = on;
CREATE TABLE asked (n integer GENERATED ALWAYS AS IDENTITY, condition text);
INSERT INTO asked (condition) VALUES
    ('a = 7 OR a = 9'), ('7 = a OR 9 = a'), ('a = 7 OR name = ''name 5'''), ('a = 7 OR a IS NULL'), ('a = 7 OR half = 3.5'),
    ('a IN (1, 2, 3)'), ('a = ANY(''{1,2,NULL}'')'), ('a = ANY(''{}'')'), ('a < ANY(''{1,2}'')'), ('n IN (8589934592, 17179869184)'),
    ('a < 3 OR a > 95'), ('a BETWEEN 3 AND 4 OR a BETWEEN 90 AND 91'), ('(a = 3 AND b) OR (a = 4 AND NOT b)'),
    ('a = 3 AND (name = ''name 3'' OR name > ''name 81'')'), ('(a = 3 AND id < 4000) OR a = 5'), ('a = 3 OR id = 4'),
    ('NOT (a > 3)'), ('NOT (a = 3 OR a = 4) AND a < 6'), ('a <> 3 AND a < 6'), ('a NOT IN (1, 2) AND a < 6'),
    ('a <> ALL(''{1,NULL}'')'), ('a <> ALL(''{}'') AND a < 6'), ('half <> 3.5 AND half < 5'), ('title <> ''title 3'' AND a = 3'),
    ('b AND a < 6'), ('NOT b AND a < 6'), ('b IS TRUE AND a < 6'), ('b IS FALSE AND a < 6'), ('b IS NOT TRUE AND a < 6'),
    ('b IS UNKNOWN AND a < 6'), ('(b OR a = 3) AND a < 6'), ('a = 3 OR a = 99999999999'), ('a = 3 OR n = 8589934592'),
    ('a > 5 AND a < 3'), ('a > 5 OR a < NULL'), ('(a = 1 AND a = 2) OR (a = 3 AND a = 4)'),
    ('5 = ANY(labels)'), ('labels && ''{5,6}'''), ('labels @> ''{5,6}'''), ('labels @> ''{5}'' AND a < 40'), ('labels && ''{}'''),
    ('labels @> ''{}'' AND a = 3'), ('labels IS NULL AND a < 40'), ('labels IS NOT NULL AND a = 3'), ('labels && ''{5,NULL}'''),
    ('labels @> ''{5,NULL}'''), ('5 = ANY(labels) OR a = 3'), ('5 = ALL(labels)'), ('labels = ''{}'' AND a < 40'),
    ('labels <@ ''{2,5,6}'' AND a < 40'), ('NULL = ANY(labels)'), ('60 = ANY(labels) AND 5 = ANY(labels)'),
    ('''w3'' = ANY(words)'), ('words @> ''{w3,x5}'''), ('words && ''{w3,x5,y1}'' AND a < 40'), ('words @> ARRAY[''w3'', NULL]'),
    ('''w3'' <> ANY(words) AND a = 3'),
    ('a IS DISTINCT FROM 3'), ('a IS NOT DISTINCT FROM 3'), ('3 IS NOT DISTINCT FROM a'), ('a IS DISTINCT FROM (SELECT NULL::integer)'),
    ('a IS NOT DISTINCT FROM (SELECT NULL::integer)'), ('a IS NOT DISTINCT FROM NULL'), ('NOT (a IS DISTINCT FROM 3 AND a IS DISTINCT FROM 4)'),
    ('a IS DISTINCT FROM 99999999999 AND name = ''name 3'''), ('title IS NOT DISTINCT FROM ''title 3'''), ('title IS DISTINCT FROM ''title 3'''),
    ('half IS NOT DISTINCT FROM 3.5 AND b IS DISTINCT FROM true'), ('b IS NOT TRUE'), ('b IS NOT FALSE'), ('b IS UNKNOWN'), ('b IS NOT UNKNOWN'),
    ('b IS NOT TRUE AND b IS NOT FALSE AND a < 6'), ('(b IS NOT FALSE OR a = 3) AND a < 6'), ('labels IS DISTINCT FROM ''{}'''),
    ('NOT (labels && ''{5,6}'')'), ('5 <> ALL(labels)');
SELECT condition, compare(condition) FROM asked ORDER BY n;

-- Conditions of many parts, and of more than a row has columns.
SELECT n AS parts, compare((SELECT string_agg(format('(a = %s AND n = %s::bigint << 33)', i % 97, i * 7 % 89), ' OR ')
                            FROM generate_series(1, n) i))
FROM (VALUES (1), (4), (5), (6), (10), (11), (50), (200), (1000)) s(n);
SELECT split_part(compare((SELECT string_agg('a = ' || i, ' OR ') FROM generate_series(1, 2000) i)), ' ', 1) AS rows;
SELECT compare((SELECT string_agg('half = ' || i || ' OR a = ' || i, ' OR ') FROM generate_series(1, 500) i));
SELECT labels, compare(format('labels @> %L', labels))
FROM (SELECT DISTINCT ON (cardinality(labels)) labels FROM conditions WHERE labels <> '{}' ORDER BY cardinality(labels), id) s;
UPDATE conditions SET labels = ARRAY(SELECT i FROM generate_series(1, 20) i) WHERE id IN (5, 6005);
SELECT compare('labels @> ''{1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20}''');

-- The same approximately, over lists: as many rows, and how the index found them. "lists" stands for its ways to look at a part
-- of the rows.
SET slab.exact = off;
SET slab.probes = 20;
ALTER INDEX conditions_v SET (lists = 40);
REINDEX INDEX conditions_v;
CREATE FUNCTION approximately(condition text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    query text := format('SELECT count(*) FROM (SELECT FROM conditions WHERE %s ORDER BY v <-> ''[50,50,50,50]'' LIMIT 30) s', condition);
    found bigint;
    due bigint;
    way text;
BEGIN
    EXECUTE query INTO found;
    SELECT strategy INTO way FROM slab_last_scan();
    EXECUTE format('SELECT least(count(*), 30) FROM conditions WHERE %s', condition) INTO due;
    RETURN format(CASE WHEN found = due THEN '%1$s by %3$s' ELSE '%1$s INSTEAD OF %2$s by %3$s' END, found, due,
                  CASE WHEN way IN ('keys', 'postings') THEN 'lists' ELSE coalesce(way, 'no filter') END);
END
$$;
SELECT condition, approximately(condition) FROM asked ORDER BY n;
ALTER INDEX conditions_v RESET (lists);
REINDEX INDEX conditions_v;
RESET slab.probes;

-- By a guess at what an index without any measure of its own would have to look at, and approximately.
CREATE FUNCTION strategy(condition text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    found bigint;
BEGIN
    EXECUTE format('SELECT count(*) FROM (SELECT id FROM conditions WHERE %s ORDER BY v <-> ''[50,50,50,50]'' LIMIT 30) s', condition)
    INTO found;
    RETURN found || ' by ' || coalesce((SELECT strategy FROM slab_last_scan()), 'nothing');
END
$$;
SELECT condition, strategy(condition) FROM (VALUES
    ('a = 7'), ('a = 7 OR a = 9'), ('a > 5 AND a < 3'), ('labels && ''{}'''), ('words @> ''{w3,x5}''')) c(condition);

-- Parameters are looked at when the scan starts; a row that is found in a loop has another value each time.
SET plan_cache_mode = force_generic_plan;
PREPARE either(integer, bigint) AS
    SELECT count(*) FROM (SELECT id FROM conditions WHERE a = $1 OR n = $2 ORDER BY v <-> '[1,2,3,4]' LIMIT 1000) s;
EXECUTE either(3, 8589934592);
EXECUTE either(3, NULL);
SELECT count(*) FILTER (WHERE a = 3 OR n = 8589934592), count(*) FILTER (WHERE a = 3) FROM conditions;
PREPARE any_of(integer[]) AS
    SELECT count(*) FROM (SELECT id FROM conditions WHERE a = ANY($1) ORDER BY v <-> '[1,2,3,4]' LIMIT 1000) s;
EXECUTE any_of('{3,5}');
EXECUTE any_of(NULL);
PREPARE none_of(integer[]) AS
    SELECT count(*), count(a) FROM (SELECT a FROM conditions WHERE a <> ALL($1) AND name = 'name 3' ORDER BY v <-> '[1,2,3,4]' LIMIT 1000) s;
EXECUTE none_of('{}');
EXECUTE none_of('{3,4}');
EXECUTE none_of('{3,NULL}');
SELECT count(*), count(a), count(*) FILTER (WHERE a <> ALL('{3,4}')) FROM conditions WHERE name = 'name 3';
EXPLAIN (COSTS OFF) EXECUTE either(3, 5);
PREPARE distinct_from(integer) AS
    SELECT count(*), count(a) FROM (SELECT a FROM conditions WHERE a IS DISTINCT FROM $1 AND name = 'name 3' ORDER BY v <-> '[1,2,3,4]' LIMIT 1000) s;
EXECUTE distinct_from(3);
EXECUTE distinct_from(NULL);
SELECT count(*) FILTER (WHERE a IS DISTINCT FROM 3), count(a) FILTER (WHERE a <> 3), count(a) FROM conditions WHERE name = 'name 3';
PREPARE not_distinct_from(integer) AS
    SELECT count(*), count(a) FROM (SELECT a FROM conditions WHERE a IS NOT DISTINCT FROM $1 AND name < 'name 3' ORDER BY v <-> '[1,2,3,4]' LIMIT 1000) s;
EXECUTE not_distinct_from(3);
EXECUTE not_distinct_from(NULL);
SELECT count(*) FILTER (WHERE a = 3), count(*) FILTER (WHERE a IS NULL) FROM conditions WHERE name < 'name 3';
EXPLAIN (COSTS OFF) EXECUTE not_distinct_from(3);
DEALLOCATE ALL;

-- Whoever may not see a row does not learn of it by a condition that is looked at before the policy: that of numerics, whose
-- operators are not leakproof, stays beside the index.
SET slab.exact = on;
CREATE POLICY only_some ON conditions USING (n > 0);
ALTER TABLE conditions ENABLE ROW LEVEL SECURITY;
CREATE ROLE conditions_reader;
GRANT SELECT ON conditions TO conditions_reader;
SET ROLE conditions_reader;
SELECT count(*) FROM (SELECT id FROM conditions WHERE a = 3 OR a = 4 ORDER BY v <-> '[1,2,3,4]' LIMIT 1000) s;
SELECT count(*) FROM (SELECT id FROM conditions WHERE half > 34 OR a = 4 ORDER BY v <-> '[1,2,3,4]' LIMIT 1000) s;
EXPLAIN (COSTS OFF) SELECT id FROM conditions WHERE half > 34 OR a = 4 ORDER BY v <-> '[1,2,3,4]' LIMIT 5;
RESET ROLE;
SELECT count(*) FROM conditions WHERE n > 0 AND (a = 3 OR a = 4);
SELECT count(*) FROM conditions WHERE n > 0 AND (half > 34 OR a = 4);
ALTER TABLE conditions DISABLE ROW LEVEL SECURITY;
DROP POLICY only_some ON conditions;
DROP OWNED BY conditions_reader;
DROP ROLE conditions_reader;

SET slab.exact = off;

-- The operator is not for others, who may not confuse a scan with it.
SELECT v <?> ROW('\x00'::bytea) FROM conditions WHERE id = 1;
\set VERBOSITY default
SELECT id FROM conditions WHERE v <?> ROW(1) ORDER BY v <-> '[1,2,3,4]' LIMIT 1;
\set VERBOSITY terse
SELECT id FROM conditions WHERE v <?> NULL::record ORDER BY v <-> '[1,2,3,4]' LIMIT 1;
SELECT id FROM conditions WHERE v <?> ROW('\x00'::bytea) ORDER BY v <-> '[1,2,3,4]' LIMIT 1;
SELECT id FROM conditions WHERE v <?> ROW(decode(repeat('01', 24), 'hex')) ORDER BY v <-> '[1,2,3,4]' LIMIT 1;
-- column 2 = the first value, an integer: with a text in its place, with none, and as it should be
SELECT id FROM conditions WHERE v <?> ROW('\x030000000000000002000000030000000000000017000000'::bytea, 'text'::text)
ORDER BY v <-> '[1,2,3,4]' LIMIT 1;
SELECT id FROM conditions WHERE v <?> ROW('\x030000000000000002000000030000000000000017000000'::bytea)
ORDER BY v <-> '[1,2,3,4]' LIMIT 1;
SELECT bool_and(a = 5) FROM (SELECT a FROM conditions
    WHERE v <?> ROW('\x030000000000000002000000030000000000000017000000'::bytea, 5) ORDER BY v <-> '[1,2,3,4]' LIMIT 9) s;
-- an operator that no column of integers has, with a value and with one of an array
SELECT id FROM conditions WHERE v <?> ROW('\x030000000000000002000000060000000000000017000000'::bytea, 5)
ORDER BY v <-> '[1,2,3,4]' LIMIT 1;
SELECT id FROM conditions WHERE v <?> ROW('\x030000000000000002000000000000000000000017000000'::bytea, 5)
ORDER BY v <-> '[1,2,3,4]' LIMIT 1;
SELECT id FROM conditions WHERE v <?> ROW('\x050000000000000002000000060000000000000017000000'::bytea, '{5}'::integer[])
ORDER BY v <-> '[1,2,3,4]' LIMIT 1;
-- a constant, which is a boolean
SELECT id FROM conditions WHERE v <?> ROW('\x0c0000000000000000000000000000000000000010000000'::bytea, 5)
ORDER BY v <-> '[1,2,3,4]' LIMIT 1;
SELECT count(*) FROM (SELECT id FROM conditions
    WHERE v <?> ROW('\x0c0000000000000000000000000000000000000010000000'::bytea, true) ORDER BY v <-> '[1,2,3,4]' LIMIT 9) s;

DELETE FROM conditions WHERE id % 3 = 0;
VACUUM conditions;
SELECT records_before > 0 AS compacted FROM slab_compact('conditions_v');
SELECT slab_check('conditions_v', true);
SET slab.exact = on;
SELECT compare('labels && ''{5,6}'''), compare('a = 7 OR a = 9');

DROP TABLE conditions, asked;
DROP FUNCTION compare, approximately, strategy;
