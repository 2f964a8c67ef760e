-- The rows within a distance: WHERE v <-> q < r and the like, by the index.
SET client_min_messages = warning;
SET max_parallel_workers_per_gather = 0;
SET jit = off;

CREATE TABLE places (id integer PRIMARY KEY, v vec(8), tag integer);
INSERT INTO places
SELECT i, (SELECT array_agg(('x' || substr(md5(format('%s %s', i, j)), 1, 4))::bit(16)::integer / 655.36) FROM generate_series(1, 8) j)::real[]::vec(8), i % 10
FROM generate_series(1, 20000) i;
INSERT INTO places VALUES (20001, NULL, 1), (20002, '[0,0,0,0,0,0,0,0]', 2);
CREATE INDEX places_l2 ON places USING slab (v, tag) WITH (lists = 40);
CREATE INDEX places_ip ON places USING slab (v vec_ip_ops, tag) WITH (lists = 40);
CREATE INDEX places_cosine ON places USING slab (v vec_cosine_ops, tag) WITH (lists = 40);
CREATE INDEX places_l1 ON places USING slab (v vec_l1_ops, tag);
VACUUM ANALYZE places;

-- A condition by the index, exactly and not, and by the table alone: what plan, how many rows, and whether they are the same ones;
-- not exactly, whether most of them are found, and none that is not.
CREATE FUNCTION compare_places(condition text, rest text DEFAULT '') RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    query text := format('SELECT id FROM places WHERE %s %s',
        replace(condition, '$q', '''[50,60,20,30,90,10,40,70]''::vec'), replace(rest, '$q', '''[50,60,20,30,90,10,40,70]'''));
    exactly integer[];
    about integer[];
    by_table integer[];
    plan text;
BEGIN
    SET LOCAL enable_seqscan = off;
    SET LOCAL enable_bitmapscan = off;
    SELECT string_agg(DISTINCT name, ', ') INTO plan
    FROM plan_of(query) line, substring(line FROM '((?:Index|Seq|Custom) Scan.*) on places') name;
    EXECUTE format('SELECT array_agg(id ORDER BY id) FROM (%s) q', query) INTO about;
    SET LOCAL slab.exact = on;
    EXECUTE format('SELECT array_agg(id ORDER BY id) FROM (%s) q', query) INTO exactly;
    SET LOCAL enable_seqscan = on;
    SET LOCAL enable_indexscan = off;
    EXECUTE format('SELECT array_agg(id ORDER BY id) FROM (%s) q', query) INTO by_table;
    SET LOCAL enable_indexscan = on;
    SET LOCAL slab.exact = off;
    RETURN format('%s rows%s%s: %s', coalesce(cardinality(by_table), 0),
        CASE WHEN exactly IS DISTINCT FROM by_table THEN ', OTHERS EXACTLY' END,
        CASE WHEN NOT coalesce(about, '{}') <@ coalesce(by_table, '{}') THEN ', ROWS BEYOND'
             WHEN coalesce(cardinality(about), 0) < .85 * coalesce(cardinality(by_table), 0) THEN ', TOO FEW' END, plan);
END
$$;

SELECT condition, compare_places(condition) FROM (VALUES
    ('v <-> $q < 40'), ('v <-> $q <= 40'), ('40 > v <-> $q'), ('$q <-> v < 40'), ('v <-> $q < 40 AND tag = 3'),
    ('v <-> $q < 40 AND tag IN (3, 4) AND id % 2 = 0'), ('v <-> $q < 40 AND v <-> $q < 35'), ('v <-> $q < 40 AND v <-> $q > 35'),
    ('l2_distance(v, $q) < 40'), ('l2_within(v, $q, 40)'), ('l2_within(v, $q, 40) AND tag = 3'),
    ('v <=> $q < .03'), ('cosine_distance(v, $q) <= .03'), ('cosine_within(v, $q, .03)'),
    ('v <+> $q < 90'), ('l1_within(v, $q, 90)'),
    ('v <#> $q < -30000'), ('(v <#> $q) * -1 > 30000'), ('-(v <#> $q) >= 30000'), ('30000 < inner_product(v, $q)'),
    ('inner_product($q, v) > 30000'), ('ip_within(v, $q, 30000)'),
    ('v <-> $q < 40::real'), ('v <-> $q < 40::numeric'), ('v <-> $q < 40::bigint')
) c (condition);

-- ---- bounds of all kinds
SELECT condition, compare_places(condition) FROM (VALUES
    ('v <-> $q < 0'), ('v <-> $q <= 0'), ('v <-> ''[0,0,0,0,0,0,0,0]'' <= 0'), ('v <-> $q < -1'), ('v <-> $q < ''-Infinity'''),
    ('v <-> $q < ''Infinity'' AND tag = 3'), ('v <-> $q < ''NaN'' AND tag = 3'), ('v <-> $q <= ''NaN'' AND tag = 3'), ('v <-> $q < NULL'),
    ('v <-> $q < 1e300 AND tag = 3'), ('v <=> $q < 2.5 AND tag = 3'), ('v <=> ''[0,0,0,0,0,0,0,0]'' < 1'), ('v <-> NULL < 40')
) c (condition);

-- ---- what is no such condition, or may be one or not
SELECT condition, compare_places(condition) FROM (VALUES
    ('v <-> $q > 140'), ('v <-> $q = 0'), ('v <-> $q < tag'), ('NOT v <-> $q >= 40'), ('v <-> $q < 20 OR tag = 3 AND id < 100'),
    ('v <-> $q < random() * 0 + 40'), ('1 - (v <=> $q) > .97'), ('-(v <=> $q) > -.03'),
    ('v <=> $q <= ''NaN'' AND tag = 3')
) c (condition);

-- ---- in order, and some of them
SELECT rest, compare_places('v <-> $q < 40', rest) FROM (VALUES
    ('ORDER BY v <-> $q'), ('ORDER BY v <-> $q LIMIT 5'), ('ORDER BY v <-> $q DESC'), ('ORDER BY v <=> $q LIMIT 5'),
    ('ORDER BY id LIMIT 5')
) c (rest);
SET enable_seqscan = off;
SELECT array_agg(d ORDER BY d) = array_agg(d ORDER BY n) AS in_order, count(*) > 1 AS several
FROM (SELECT v <-> '[50,60,20,30,90,10,40,70]' AS d, row_number() OVER () AS n
      FROM (SELECT v FROM places WHERE v <-> '[50,60,20,30,90,10,40,70]' < 40 ORDER BY v <-> '[50,60,20,30,90,10,40,70]') s) s;

-- ---- parameters, of plans for one value and for any
PREPARE within (vec, float8) AS SELECT count(*) FROM places WHERE v <-> $1 < $2;
SET slab.exact = on;
SET plan_cache_mode = force_generic_plan;
SELECT * FROM plan_of($$ EXECUTE within('[50,60,20,30,90,10,40,70]', 40) $$);
EXECUTE within('[50,60,20,30,90,10,40,70]', 40);
EXECUTE within('[50,60,20,30,90,10,40,70]', NULL);
EXECUTE within(NULL, 40);
EXECUTE within('[1,2]', 40);
SET plan_cache_mode = force_custom_plan;
EXECUTE within('[50,60,20,30,90,10,40,70]', 40);
EXECUTE within('[50,60,20,30,90,10,40,70]', 20);
EXECUTE within('[1,2]', 40);
PREPARE turned_within (float8) AS SELECT count(*) FROM places WHERE v <=> '[50,60,20,30,90,10,40,70]' <= $1;
SET plan_cache_mode = force_generic_plan;
EXECUTE turned_within(.03);
EXECUTE turned_within('-Infinity');
EXECUTE turned_within('NaN');
RESET plan_cache_mode;
RESET slab.exact;
-- beside what another index finds, and beside columns of a table on the left
CREATE INDEX places_tag ON places (tag);
CREATE INDEX places_scattered ON places ((hashint4(id) & 1023));
ANALYZE places;
SELECT compare_places('v <-> $q < 40 AND tag = 3');
SET enable_seqscan = off;
SET cpu_tuple_cost = 0.1;
SELECT * FROM plan_of($$ SELECT count(*) FROM places WHERE v <-> '[50,60,20,30,90,10,40,70]' < 40 AND hashint4(id) & 1023 < 300 $$);
SELECT count(*) FROM places WHERE v <-> '[50,60,20,30,90,10,40,70]' < 40 AND hashint4(id) & 1023 < 300;
RESET cpu_tuple_cost;
DROP INDEX places_tag, places_scattered;
SELECT n, count(*), bool_and(s.sum = n + s.id) AS right
FROM generate_series(1, 2) AS n LEFT JOIN LATERAL
    (SELECT id, n + coalesce(places.id, 0) AS sum FROM places WHERE v <-> '[50,60,20,30,90,10,40,70]' < 40) AS s ON true
GROUP BY n ORDER BY n;

-- ---- where a missed row would not only be missing, none is missed
CREATE FUNCTION searches_exactly(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    near text := 'SELECT id FROM places AS n WHERE v <-> ''[50,60,20,30,90,10,40,70]'' < 40';
    plan text;
BEGIN
    statement := replace(statement, '$near', near);
    SELECT string_agg(DISTINCT name, ', ') INTO plan
    FROM plan_of(statement) line, substring(line FROM '(?:Index|Seq) Scan using places_l2') name;
    EXECUTE statement;
    RETURN plan || (SELECT CASE WHEN exact THEN ', exact' ELSE ', approximate' END FROM slab_last_scan());
END
$$;
BEGIN;
SELECT statement, searches_exactly(statement) FROM (VALUES
    ('$near'), ('SELECT count(*) FROM ($near) AS s'), ('WITH s AS MATERIALIZED ($near) SELECT count(*) FROM s'),
    ('SELECT tag FROM places WHERE id IN ($near)'), ('SELECT tag FROM places AS p WHERE EXISTS ($near AND n.id = p.id)'),
    ('SELECT tag, count(*) FROM places WHERE v <-> ''[50,60,20,30,90,10,40,70]'' < 40 GROUP BY tag'),
    ('$near UNION SELECT 1'), ('SELECT s.id FROM ($near) AS s LEFT JOIN places USING (id)'),
    ('SELECT tag FROM places WHERE id NOT IN ($near)'), ('SELECT tag FROM places AS p WHERE NOT EXISTS ($near AND n.id = p.id)'),
    ('SELECT p.id FROM places AS p LEFT JOIN ($near) AS s ON s.id = p.id WHERE s.id IS NULL'), ('SELECT id FROM places EXCEPT $near'),
    ('SELECT tag, count(*) FROM places WHERE v <-> ''[50,60,20,30,90,10,40,70]'' < 40 GROUP BY tag HAVING count(*) < 3'),
    ('SELECT id FROM places WHERE id = 1 OR id = (SELECT avg(tag) FROM places WHERE id IN ($near))'),
    ('WITH s AS MATERIALIZED ($near) SELECT id FROM places WHERE id NOT IN (SELECT id FROM s)'),
    ('WITH s AS MATERIALIZED ($near) SELECT id FROM places EXCEPT SELECT id FROM s'),
    ('WITH s AS MATERIALIZED ($near) DELETE FROM places USING s WHERE places.id = s.id'),
    ('DELETE FROM places WHERE id IN ($near ORDER BY v <-> ''[50,60,20,30,90,10,40,70]'' LIMIT 100)'),
    ('SELECT count(*) FROM (SELECT tag, count(*) AS c FROM places WHERE id IN ($near) GROUP BY tag OFFSET 0) AS s WHERE c < 3'),
    ('SELECT * FROM (SELECT id, row_number() OVER (PARTITION BY tag ORDER BY id) AS n FROM places WHERE id IN ($near)) AS s WHERE n <= 1'),
    ('SELECT * FROM (SELECT id, count(*) OVER () AS n FROM places WHERE id IN ($near)) AS s WHERE n < 10'),
    ('SELECT id, row_number() OVER (ORDER BY id) FROM places WHERE id IN ($near)'),
    ('SELECT p.id FROM places AS p JOIN (SELECT DISTINCT tag AS id FROM places WHERE id IN ($near)) AS s USING (id)'),
    ('WITH s AS MATERIALIZED ($near) SELECT DISTINCT id FROM s'),
    ('SELECT id + 1, v <-> ''[50,60,20,30,90,10,40,70]'' FROM places WHERE v <-> ''[50,60,20,30,90,10,40,70]'' < 40'),
    ('SELECT min(tag) FROM places WHERE v <-> ''[50,60,20,30,90,10,40,70]'' < 40'),
    ('$near ORDER BY v <-> ''[50,60,20,30,90,10,40,70]'' LIMIT 5'),
    ('UPDATE places SET tag = 0 WHERE id IN ($near)'), ('CREATE TEMP TABLE near_places AS $near'), ('INSERT INTO places (id) SELECT -id FROM ($near) AS s'),
    ('WITH s AS (DELETE FROM places WHERE v <-> ''[50,60,20,30,90,10,40,70]'' < 40 RETURNING id) SELECT count(*) FROM s')
) c (statement);
ROLLBACK;
RESET enable_seqscan;
DROP FUNCTION searches_exactly;

-- ---- what work that is: not that of all rows
SELECT count(*) > 0 AS measured FROM slab_calibrate('places_l2');
SELECT count(*) > 0 AS some FROM places WHERE v <-> '[50,60,20,30,90,10,40,70]' < 30;
SELECT exact, lists < 20 AS some_lists, codes < 10000 AS some_codes FROM slab_last_scan();
RESET enable_seqscan;

-- ---- without being told to, where few rows lie there and where most do
SELECT * FROM plan_of($$ SELECT count(*) FROM places WHERE v <-> '[50,60,20,30,90,10,40,70]' < 20 $$);
SELECT * FROM plan_of($$ SELECT count(*) FROM places WHERE v <-> '[50,60,20,30,90,10,40,70]' < 150 $$);

-- ---- how many lie there is known to joins, too, and to plans without the index
CREATE FUNCTION rows_planned(query text) RETURNS double precision LANGUAGE plpgsql AS $$
DECLARE
    plan json;
BEGIN
    EXECUTE 'EXPLAIN (FORMAT json) ' || query INTO plan;
    RETURN plan #>> '{0,Plan,Plan Rows}';
END
$$;
CREATE TABLE parts (id integer, v vec(8)) PARTITION BY RANGE (id);
CREATE TABLE parts_1 PARTITION OF parts FOR VALUES FROM (1) TO (10000);
CREATE TABLE parts_2 PARTITION OF parts FOR VALUES FROM (10000) TO (30000);
INSERT INTO parts SELECT id, v FROM places;
CREATE INDEX ON parts USING slab (v);
VACUUM ANALYZE parts;
CREATE INDEX places_none ON places USING slab (v) WHERE id < 0;
SELECT query, bound, rows_planned(format(query, bound)) BETWEEN least AND most AS right
FROM (VALUES ('SELECT 1 FROM places WHERE v <-> $q < %s'), ('SELECT 1 FROM places p JOIN places o ON o.id = p.id WHERE p.v <-> $q < %s'),
             ('SELECT 1 FROM places o JOIN places p ON o.id = p.id WHERE p.v <-> $q < %s'), ('SELECT 1 FROM places WHERE v <-> $q < %s AND v <-> $q > 10'),
             ('SELECT 1 FROM parts WHERE v <-> $q < %s'), ('SELECT 1 FROM parts p JOIN places o ON o.id = p.id WHERE p.v <-> $q < %s')) AS q (form),
     LATERAL (SELECT replace(form, '$q', '''[50,60,20,30,90,10,40,70]''')) AS t (query),
     (VALUES (30, 1, 300), (150, 10000, 20100)) AS b (bound, least, most);
SELECT condition, rows_planned('SELECT 1 FROM places WHERE ' || condition) BETWEEN least AND most AS right
FROM (VALUES ('v <-> ''[50,60,20,30,90,10,40,70]'' < ''Infinity''', 19000, 20100), ('v <-> ''[50,60,20,30,90,10,40,70]'' < ''-Infinity''', 1, 1),
             ('v <-> ''[50,60,20,30,90,10,40,70]'' > 30', 19000, 20100), ('v <-> ''[50,60,20,30,90,10,40,70]'' > 150', 1, 8000),
             ('v <-> ''[50,60]'' < 30', 100, 101)) AS c (condition, least, most);
-- an ordered scan is for as many rows as it takes to find some that lie there
SELECT * FROM plan_of($$ SELECT id FROM places WHERE v <-> '[50,60,20,30,90,10,40,70]' < 40 AND tag >= 0 ORDER BY v <-> '[1,2,3,4,5,6,7,8]' LIMIT 1 $$);
-- and who may not see rows is not told of them
CREATE ROLE estimator;
CREATE TABLE watched (id integer, v vec(8), tag integer);
INSERT INTO watched SELECT id, v + array_fill(CASE WHEN id % 2 = 0 THEN 1000 END, ARRAY[8])::real[]::vec(8), 2 FROM places WHERE id % 2 = 0 AND v IS NOT NULL;
INSERT INTO watched SELECT id, v, 1 FROM places WHERE id % 2 = 1 AND v IS NOT NULL;
CREATE INDEX ON watched USING slab (v);
VACUUM ANALYZE watched;
ALTER TABLE watched ENABLE ROW LEVEL SECURITY;
CREATE POLICY ones ON watched USING (tag = 1);
GRANT SELECT ON watched TO estimator;
SET ROLE estimator;
SELECT rows_planned('SELECT 1 FROM watched WHERE v <-> ''[1050,1060,1020,1030,1090,1010,1040,1070]'' < 60') =
       rows_planned('SELECT 1 FROM watched WHERE v <-> ''[3050,1060,1020,1030,1090,1010,1040,1070]'' < 60') AS same;
RESET ROLE;
DROP TABLE watched;
DROP INDEX places_none;
DROP ROLE estimator;
DROP FUNCTION rows_planned;

-- ---- parts of a table, and a policy, which comes first
SET slab.exact = on;
SELECT count(*), (SELECT count(*) FROM places WHERE v <-> '[50,60,20,30,90,10,40,70]' < 30) AS of_whole
FROM parts WHERE v <-> '[50,60,20,30,90,10,40,70]' < 30;
SELECT * FROM plan_of($$ SELECT id FROM parts WHERE v <-> '[50,60,20,30,90,10,40,70]' < 20 $$);
RESET slab.exact;

DROP TABLE places, parts;

-- ---- copies, which lie where their list does, but for what a centroid is rounded by; the bound is where they lie
CREATE TABLE copies (id integer, v vec(8), far vec(100));
INSERT INTO copies
SELECT i, (SELECT array_agg(('x' || substr(md5(format('%s %s', i % 60, j)), 1, 4))::bit(16)::integer / 655.36) FROM generate_series(1, 8) j)::real[]::vec(8),
       (SELECT array_agg(10 + ('x' || substr(md5(format('%s %s', i % 60, j)), 1, 4))::bit(16)::integer / 655360.0) FROM generate_series(1, 100) j)::real[]::vec(100)
FROM generate_series(0, 4799) i;
-- Of each copy's searches for its like: how many rows all find, of 80 each, and whether one was exact.
CREATE FUNCTION find_copies(condition text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    copy record;
    rows bigint;
    least bigint;
    was_exact boolean := false;
BEGIN
    FOR copy IN SELECT * FROM copies WHERE id < 60 ORDER BY id LOOP
        EXECUTE 'SELECT count(*) FROM copies AS c WHERE ' || condition INTO rows USING copy.v, copy.far;
        least := least(least, rows);
        was_exact := was_exact OR (SELECT exact FROM slab_last_scan());
    END LOOP;
    RETURN format('at least %s%s', least, CASE WHEN was_exact THEN ', EXACT' END);
END
$$;
SET enable_seqscan = off;
CREATE INDEX copies_l2 ON copies USING slab (v) WITH (lists = 60);
CREATE INDEX copies_far_l2 ON copies USING slab (far) WITH (lists = 60);
SELECT find_copies('c.v <-> $1 <= 0'), find_copies('c.far <-> $2 <= 0'), find_copies('c.far <-> $2 < 1e-3');
DROP INDEX copies_l2, copies_far_l2;
CREATE INDEX copies_cosine ON copies USING slab (v vec_cosine_ops) WITH (lists = 60);
CREATE INDEX copies_far_cosine ON copies USING slab (far vec_cosine_ops) WITH (lists = 60);
SELECT find_copies('c.v <=> $1 < 1e-7'), find_copies('c.far <=> $2 <= $2 <=> $2');
DROP INDEX copies_cosine, copies_far_cosine;
CREATE INDEX copies_ip ON copies USING slab (v vec_ip_ops) WITH (lists = 60);
CREATE INDEX copies_far_ip ON copies USING slab (far vec_ip_ops) WITH (lists = 60);
SELECT find_copies('ip_within(c.v, $1, inner_product($1, $1))'), find_copies('ip_within(c.far, $2, inner_product($2, $2))');
RESET enable_seqscan;
DROP FUNCTION find_copies;
DROP TABLE copies;
DROP FUNCTION compare_places;

-- ---- 200 conditions by chance, beside others and in some order: exactly as the table alone gives them, and else nothing that does not belong
-- there and at least nine tenths of what does
CREATE TABLE mixed (id integer PRIMARY KEY, v vec(12), tag integer, j jsonb);
INSERT INTO mixed
SELECT i, (SELECT array_agg((('x' || substr(md5(format('%s %s', i, d)), 1, 4))::bit(16)::integer / 3276.8 - 10) * (1 + i % 3))
           FROM generate_series(1, 12) d)::real[]::vec(12), i % 7, jsonb_build_object('a', i % 13)
FROM generate_series(1, 5000) i;
CREATE INDEX ON mixed USING slab (v, tag) WITH (lists = 25);
CREATE INDEX ON mixed USING slab (v vec_ip_ops) WITH (lists = 25);
CREATE INDEX ON mixed USING slab (v vec_cosine_ops, tag) WITH (lists = 25);
CREATE INDEX ON mixed USING gin (j jsonb_path_ops);
INSERT INTO mixed SELECT 5000 + id, v, tag, j FROM mixed WHERE id <= 700;
DELETE FROM mixed WHERE id % 11 = 0;
VACUUM ANALYZE mixed;

-- The ids, ascending, by these plans.
CREATE FUNCTION ids_of(query text, q vec, r double precision, exactly boolean, index boolean, bitmap boolean) RETURNS integer[] LANGUAGE plpgsql AS $$
DECLARE
    ids integer[];
BEGIN
    PERFORM set_config('enable_seqscan', (NOT index)::text, true), set_config('enable_indexscan', index::text, true),
            set_config('enable_bitmapscan', bitmap::text, true), set_config('slab.exact', exactly::text, true);
    EXECUTE format('SELECT coalesce(array_agg(id ORDER BY id), ''{}'') FROM (%s) s', query) INTO ids USING q, r;
    RETURN ids;
END
$$;
DO $$
DECLARE
    op text;
    query text;
    q vec;
    r double precision;
    due integer[];
    found integer[];
    share double precision := 0;
    several integer := 0;
BEGIN
    FOR i IN 1..200 LOOP
        op := (ARRAY['<->', '<=>', '<#>'])[i % 3 + 1];
        q := (SELECT v FROM mixed WHERE id >= i * 23 ORDER BY id LIMIT 1);
        IF i % 4 = 0 THEN
            q := q + (SELECT v FROM mixed WHERE id = 2);
        END IF;
        EXECUTE format('SELECT max(d) FROM (SELECT v %s $1 AS d FROM mixed ORDER BY d LIMIT $2) s', op)
        INTO r USING q, (ARRAY[1, 2, 6, 41, 301, 3001])[i % 6 + 1];
        query := format('SELECT id FROM mixed WHERE v %s $1 %s $2%s%s', op, (ARRAY['<', '<='])[i % 2 + 1],
            (ARRAY['', ' AND tag = 3', ' AND tag IN (1, 2)', ' AND j @> ''{"a": 5}''', ' AND id % 2 = 0', ' AND (tag = 1 OR id < 100)'])[i / 6 % 6 + 1],
            (ARRAY['', format(' ORDER BY v %s $1', op), format(' ORDER BY v %s $1, id LIMIT 17', op), ' ORDER BY id LIMIT 9'])[i / 5 % 4 + 1]);
        due := ids_of(query, q, r, false, false, true);
        IF ids_of(query, q, r, true, true, i % 7 = 0) <> due THEN
            RAISE WARNING 'other rows exactly: %', query;
        END IF;
        found := ids_of(query, q, r, false, true, i % 7 = 0);
        CONTINUE WHEN query LIKE '%LIMIT%' OR due = '{}';
        IF NOT found <@ due THEN
            RAISE WARNING 'rows beyond: %', query;
        END IF;
        share := share + cardinality(found)::double precision / cardinality(due);
        several := several + 1;
    END LOOP;
    IF several < 50 OR share < 0.9 * several THEN
        RAISE WARNING '% of % found', share, several;
    END IF;
END
$$;
DROP FUNCTION ids_of;
DROP TABLE mixed;
