-- Query shapes, and what users say of them: one test each. Nothing is switched off, so plans are those that costs make. Each
-- line says how a query finds its rows: scans, with what an index is asked for, and sorts, from the outermost node in. Then,
-- whether the rows are those of the same query without indexes, in the same order.
SET client_min_messages = warning;
SET jit = off;
SET slab.auto_compact = off;
-- As for pages in memory, and for disks that find one page as soon as the next.
SET random_page_cost = 1.1;
\pset format unaligned
\pset tuples_only on

-- A vector of whole numbers, always the same, hardly ever two at one distance from a third.
CREATE FUNCTION shapes_vector(i integer, dims integer DEFAULT 32) RETURNS vec LANGUAGE sql IMMUTABLE STRICT AS $$
    SELECT array_agg(hashint4(1024 * i + d) & 1023 ORDER BY d)::vec FROM generate_series(1, dims) AS d
$$;

CREATE TABLE goods (id integer PRIMARY KEY, tenant integer, shop integer, price integer, made date, tags jsonb, words tsvector,
    span int4range, v vec(32)) WITH (autovacuum_enabled = false);
INSERT INTO goods
SELECT i, i % 40, i % 300, i * 7919 % 1000, date '2024-01-01' + i % 700, jsonb_build_object('colour', i % 6),
       to_tsvector('simple', 'word' || i % 5 || ' all'), int4range(i % 90, i % 90 + 20), shapes_vector(i)
FROM generate_series(1, 6000) AS i;
CREATE INDEX goods_v ON goods USING slab (v, tenant);
CREATE TABLE shops (shop integer PRIMARY KEY, name text, town integer, v vec(32)) WITH (autovacuum_enabled = false);
INSERT INTO shops SELECT i, 'shop ' || i, i % 30, shapes_vector(-i) FROM generate_series(0, 299) AS i;
ANALYZE goods, shops;

-- A statement with $q for a vector.
CREATE FUNCTION with_query(statement text) RETURNS text LANGUAGE sql AS $$
    SELECT replace(replace(statement, '$q', quote_literal(shapes_vector(-77))), '$wide', quote_literal(shapes_vector(-77, 520)))
$$;

-- How a statement finds its rows. <?> stands for conditions that versions write differently.
CREATE FUNCTION summary(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    line text;
    result text := '';
BEGIN
    FOR line IN SELECT regexp_replace(l, '\(+\w+ (?:<\?> ROW|= ANY )\(.*\)', '(<?>)') FROM plan_of(statement) AS l LOOP
        result := concat_ws(' < ', nullif(result, ''),
            lower(substring(line FROM '(?:Incremental Sort|Sort|Merge Append|WindowAgg|Unique|Gather Merge|Gather)$')),
            substring(line FROM '(?:Index Scan|Index Only Scan) using (\w+) on'), 'all of ' || substring(line FROM 'Seq Scan on (\w+)'))
            || coalesce(' [' || regexp_replace(substring(line FROM 'Index Cond: \((.*)\)'), '\$\d+|\(InitPlan \d+\).col1', '$', 'g') || ']', '');
    END LOOP;
    RETURN result;
END $$;

-- What it returns, and changes nothing.
CREATE FUNCTION rows_of(statement text, fetches text[] DEFAULT '{}') RETURNS text[] LANGUAGE plpgsql AS $$
DECLARE
    this record;
    result text[] := '{}';
BEGIN
    IF fetches = '{}' THEN
        FOR this IN EXECUTE statement LOOP
            result := result || this::text;
        END LOOP;
    ELSE
        EXECUTE statement;
        FOREACH statement IN ARRAY fetches LOOP
            FOR this IN EXECUTE statement LOOP
                result := result || this::text;
            END LOOP;
        END LOOP;
    END IF;
    RAISE EXCEPTION SQLSTATE 'BACK0';
EXCEPTION WHEN SQLSTATE 'BACK0' THEN
    RETURN result;
END $$;

CREATE FUNCTION use_indexes(used boolean) RETURNS void LANGUAGE sql AS $$
    SELECT set_config(name, CASE WHEN used THEN 'on' ELSE 'off' END, true)
    FROM unnest(ARRAY['enable_indexscan', 'enable_indexonlyscan', 'enable_bitmapscan']) AS name
$$;

-- A query, or a cursor and what is fetched from it. The rows are those of an exact search.
CREATE FUNCTION shape(query text, fetches text[] DEFAULT '{}') RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    statement text := with_query(query);
    plan text := summary(statement);
    scans bigint := pg_stat_get_xact_numscans('goods_v'::regclass);
    by_index text[];
    by_table text[];
BEGIN
    SET LOCAL slab.exact = on;
    by_index := rows_of(statement, fetches);
    IF plan !~ '_v' AND pg_stat_get_xact_numscans('goods_v'::regclass) > scans THEN
        plan := concat_ws(' < ', nullif(plan, ''), 'goods_v within');
    END IF;
    DISCARD PLANS;
    PERFORM use_indexes(false);
    by_table := rows_of(statement, fetches);
    IF summary(statement) ~ '_v' THEN
        plan := plan || ' COMPARED WITH ITSELF';
    END IF;
    PERFORM use_indexes(true);
    DISCARD PLANS;
    SET LOCAL slab.exact = off;
    RETURN format('%s: %s', plan, CASE WHEN by_index = by_table THEN format('the same %s', cardinality(by_index))
        ELSE format('%s INSTEAD OF %s', by_index, by_table) END);
END $$;

---- Joins

-- "I join the name of the shop, and the index is not used."
SELECT shape('SELECT g.id, s.name FROM goods g JOIN shops s USING (shop) ORDER BY g.v <-> $q LIMIT 10');
SELECT shape('SELECT g.id, s.name FROM goods g LEFT JOIN shops s ON s.shop = g.shop ORDER BY g.v <-> $q LIMIT 10');
SELECT shape('SELECT g.id, s.name FROM shops s RIGHT JOIN goods g USING (shop) ORDER BY g.v <-> $q LIMIT 10');
-- "A condition on the other table makes it sort everything."
SELECT shape('SELECT g.id, s.name FROM goods g JOIN shops s USING (shop) WHERE s.town < 15 ORDER BY g.v <-> $q LIMIT 10');
-- "A join that few rows survive reads the whole index, row by row." It does not: these are sorted.
SELECT shape('SELECT g.id FROM goods g JOIN shops s USING (shop) WHERE s.name = ''shop 7'' ORDER BY g.v <-> $q LIMIT 10');
-- "A table joined to itself."
SELECT shape('SELECT g.id, o.id FROM goods g JOIN goods o ON o.id = g.id + 1 ORDER BY g.v <-> $q LIMIT 10');
-- "Three tables."
SELECT shape('SELECT g.id, s.name, o.price FROM goods g JOIN shops s USING (shop) JOIN goods o ON o.id = s.shop + 1
    ORDER BY g.v <-> $q LIMIT 10');
-- "IN (SELECT ...) and EXISTS turn it off."
SELECT shape('SELECT id FROM goods WHERE shop IN (SELECT shop FROM shops WHERE town < 15) ORDER BY v <-> $q LIMIT 10');
SELECT shape('SELECT id FROM goods g WHERE EXISTS (SELECT FROM shops s WHERE s.shop = g.shop AND town < 15) ORDER BY v <-> $q LIMIT 10');
-- "NOT EXISTS, NOT IN, LEFT JOIN ... IS NULL."
SELECT shape('SELECT id FROM goods g WHERE NOT EXISTS (SELECT FROM shops s WHERE s.shop = g.shop AND town < 15)
    ORDER BY v <-> $q LIMIT 10');
SELECT shape('SELECT id FROM goods WHERE shop NOT IN (SELECT shop FROM shops WHERE town < 15) ORDER BY v <-> $q LIMIT 10');
SELECT shape('SELECT g.id FROM goods g LEFT JOIN shops s ON s.shop = g.shop AND s.town < 15 WHERE s.shop IS NULL
    ORDER BY g.v <-> $q LIMIT 10');
-- "I join to a list of ids of tenants." The index is asked for each of them in turn, or not at all; the order is the join's.
SELECT shape('SELECT g.id FROM goods g JOIN unnest(ARRAY[3, 5]) AS t (tenant) USING (tenant) ORDER BY g.v <-> $q LIMIT 10');
-- "The query vector is in the row of another table, joined by key." A scan needs it before it starts: a subquery has it then.
SELECT shape('SELECT g.id FROM goods g, shops s WHERE s.shop = 7 ORDER BY g.v <-> s.v LIMIT 10');
SELECT shape('SELECT id FROM goods ORDER BY v <-> (SELECT v FROM shops WHERE shop = 7) LIMIT 10');
SELECT shape('SELECT n.id FROM shops s, LATERAL (SELECT id FROM goods g ORDER BY g.v <-> s.v LIMIT 10) n WHERE s.shop = 7');
-- "Rows that I lock in a join."
SELECT shape('SELECT g.id, s.name FROM goods g JOIN shops s USING (shop) ORDER BY g.v <-> $q LIMIT 10 FOR UPDATE OF g');

---- For each row its nearest

-- "LATERAL sorts the table for each row."
SELECT shape('SELECT s.shop, n.id FROM shops s, LATERAL (SELECT id FROM goods g ORDER BY g.v <-> s.v LIMIT 2) n WHERE town = 3');
SELECT shape('SELECT s.shop, n.id, n.d FROM shops s CROSS JOIN LATERAL (SELECT id, v <-> s.v AS d FROM goods ORDER BY d LIMIT 2) n
    WHERE town = 3 ORDER BY d');
-- "With a condition from the row, and rows that find none."
SELECT shape('SELECT s.shop, n.id FROM shops s LEFT JOIN LATERAL (SELECT id FROM goods g WHERE g.tenant = s.shop
    ORDER BY g.v <-> s.v LIMIT 2) n ON true WHERE s.shop BETWEEN 30 AND 50');
-- "Only those that are near enough."
SELECT shape('SELECT s.shop, n.id FROM shops s JOIN LATERAL (SELECT id, v <-> s.v AS d FROM goods ORDER BY d LIMIT 3) n ON n.d < 1500
    WHERE town = 3');
-- "A subquery in the select list."
SELECT shape('SELECT s.shop, (SELECT id FROM goods g ORDER BY g.v <-> s.v LIMIT 1) FROM shops s WHERE town = 3');
SELECT shape('SELECT s.shop, ARRAY(SELECT id FROM goods g WHERE g.tenant = s.town ORDER BY g.v <-> s.v LIMIT 3) FROM shops s
    WHERE town = 3');
SELECT shape('SELECT s.shop, (SELECT jsonb_agg(n) FROM (SELECT id, price FROM goods g ORDER BY g.v <-> s.v LIMIT 2) n) FROM shops s
    WHERE town = 3');
-- "The smallest distance of each."
SELECT shape('SELECT s.shop, (SELECT min(g.v <-> s.v) FROM goods g) FROM shops s WHERE town = 3');
-- "Neighbours of rows within one table."
SELECT shape('SELECT g.id, n.id FROM goods g, LATERAL (SELECT id FROM goods o WHERE o.id <> g.id AND o.tenant = g.tenant
    ORDER BY o.v <-> g.v LIMIT 1) n WHERE g.id < 30');
-- "In WHERE."
SELECT shape('SELECT shop FROM shops s WHERE (SELECT price FROM goods g ORDER BY g.v <-> s.v LIMIT 1) < 500 AND town = 3');
-- "From neighbour to neighbour, WITH RECURSIVE."
SELECT shape('WITH RECURSIVE walk(step, id, v) AS (SELECT 1, id, v FROM goods WHERE id = 7 UNION ALL
    SELECT step + 1, n.id, n.v FROM walk, LATERAL (SELECT id, v FROM goods g WHERE g.tenant <> walk.id % 40 ORDER BY g.v <-> walk.v
    LIMIT 1) n WHERE step < 5) SELECT step, id FROM walk');
-- "By several processes." The subquery is run by each of them.
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SELECT shape('SELECT s.shop, (SELECT id FROM goods g ORDER BY g.v <-> s.v LIMIT 1) FROM shops s WHERE shop % 15 = 3 ORDER BY name');
-- "A search that I could have had alone is made parallel."
SELECT shape('SELECT id FROM goods WHERE price > 10 ORDER BY v <-> $q LIMIT 10');
RESET parallel_setup_cost;
RESET parallel_tuple_cost;
RESET min_parallel_table_scan_size;

---- WITH, subqueries, UNION

-- "In WITH it is not used."
SELECT shape('WITH n AS (SELECT * FROM goods) SELECT id FROM n ORDER BY v <-> $q LIMIT 10');
SELECT shape('WITH n AS (SELECT id, v <-> $q AS d FROM goods WHERE tenant = 7) SELECT * FROM n ORDER BY d LIMIT 10');
-- "The vector comes from WITH." Of one row without a table it does; of a table it takes a subquery.
SELECT shape('WITH q AS (SELECT shapes_vector(-77) AS v) SELECT id FROM goods g, q ORDER BY g.v <-> q.v LIMIT 10');
SELECT shape('WITH q AS MATERIALIZED (SELECT v FROM shops WHERE shop = 5) SELECT id FROM goods ORDER BY v <-> (SELECT v FROM q) LIMIT 10');
-- "MATERIALIZED." That is what it says: all rows are put down first, and have no index.
SELECT shape('WITH n AS MATERIALIZED (SELECT * FROM goods) SELECT id FROM n ORDER BY v <-> $q LIMIT 10');
-- "A threshold on the distance, outside."
SELECT shape('SELECT * FROM (SELECT id, v <-> $q AS d FROM goods) s WHERE d < 1800 ORDER BY d LIMIT 10');
SELECT shape('SELECT * FROM (SELECT id, v <-> $q AS d FROM goods ORDER BY d LIMIT 50) s WHERE d < 1700 ORDER BY d');
-- "The best 50 by the index, the best 10 of these by something else."
SELECT shape('SELECT id FROM (SELECT id, price, v FROM goods ORDER BY v <-> $q LIMIT 50) s ORDER BY v <=> $q, id LIMIT 10');
SELECT shape('SELECT id FROM (SELECT id, price, v <-> $q AS d FROM goods ORDER BY d LIMIT 50) s ORDER BY price + d LIMIT 10');
-- "Nearest by the vector and best by words, put together."
SELECT shape('WITH near AS (SELECT id, row_number() OVER (ORDER BY d) AS n FROM
        (SELECT id, v <-> $q AS d FROM goods ORDER BY d LIMIT 20) s),
    words AS (SELECT id, row_number() OVER (ORDER BY id) AS n FROM goods WHERE words @@ ''word3''::tsquery ORDER BY id LIMIT 60)
    SELECT coalesce(near.id, words.id) AS id FROM near FULL JOIN words USING (id)
    ORDER BY coalesce(1.0 / (60 + near.n), 0) + coalesce(1.0 / (60 + words.n), 0) DESC, 1 LIMIT 10');
-- "Two searches, UNION ALL, and the nearest of both."
SELECT shape('(SELECT id, v <-> $q AS d FROM goods WHERE tenant = 3 ORDER BY d LIMIT 5) UNION ALL
    (SELECT id, v <-> $q AS d FROM goods WHERE tenant = 5 ORDER BY d LIMIT 5) ORDER BY d LIMIT 5');
-- "Two tables as one, one of them without an index."
SELECT shape('SELECT id FROM (SELECT id, v FROM goods UNION ALL SELECT shop, v FROM shops) u ORDER BY v <-> $q LIMIT 10');
-- "EXCEPT of two searches", of a type that cannot be sorted, as versions sort or hash another.
SELECT shape('SELECT count(*) FROM ((SELECT id::text::xid FROM goods ORDER BY v <-> $q LIMIT 30) EXCEPT
    (SELECT id::text::xid FROM goods WHERE tenant < 20 ORDER BY v <-> $q LIMIT 30)) s');

---- LIMIT and OFFSET

-- "OFFSET reads the table, or skips wrong rows."
SELECT shape('SELECT id FROM goods ORDER BY v <-> $q LIMIT 10 OFFSET 20');
-- "OFFSET beyond the end returns something."
SELECT shape('SELECT id FROM goods ORDER BY v <-> $q LIMIT 10 OFFSET 7000');
-- "LIMIT of a billion takes a billion slots." Everything is sorted, as without LIMIT.
SELECT shape('SELECT id FROM goods ORDER BY v <-> $q LIMIT 1000000000');
SELECT shape('SELECT id FROM goods ORDER BY v <-> $q LIMIT ALL');
-- "A LIMIT of a quarter of the table."
SELECT shape('SELECT id FROM goods ORDER BY v <-> $q LIMIT 2000');
-- "LIMIT 0."
SELECT shape('SELECT id FROM goods ORDER BY v <-> $q LIMIT 0');
-- "LIMIT from a subquery."
SELECT shape('SELECT id FROM goods ORDER BY v <-> $q LIMIT (SELECT 5 + count(*) FROM shops WHERE shop < 5)');
-- "FETCH FIRST WITH TIES, where there are ties."
CREATE TABLE twins (id integer, v vec(32)) WITH (autovacuum_enabled = false);
INSERT INTO twins SELECT i, g.v FROM generate_series(1, 6000) AS i JOIN goods g ON g.id = i % 200 + 1;
CREATE INDEX twins_v ON twins USING slab (v);
ANALYZE twins;
SELECT shape('SELECT id FROM (SELECT id FROM twins ORDER BY v <-> $q FETCH FIRST 10 ROWS WITH TIES) s ORDER BY id');
-- "A second column for ties: PostgreSQL 15 does not use the index, or pages overlap."
SELECT shape('SELECT id FROM twins ORDER BY v <-> $q, id LIMIT 100');
SELECT shape('SELECT id FROM twins ORDER BY v <-> $q, id DESC LIMIT 100 OFFSET 20');

---- ORDER BY

-- "The distance by its name, or by its number."
SELECT shape('SELECT id, v <-> $q AS distance FROM goods ORDER BY distance LIMIT 10');
SELECT shape('SELECT id, v <-> $q AS distance FROM goods ORDER BY 2 LIMIT 10');
-- "USING."
SELECT shape('SELECT id FROM goods ORDER BY v <-> $q USING < LIMIT 10');
-- "Rounded where it is shown."
SELECT shape('SELECT id, round((v <-> $q)::numeric, 1) FROM goods ORDER BY v <-> $q LIMIT 10');
-- "The condition's column first: it is the same for all."
SELECT shape('SELECT id FROM goods WHERE tenant = 7 ORDER BY tenant, v <-> $q LIMIT 10');
-- "A second column, with conditions that the index is told of in another way, and in a join."
SELECT shape('SELECT id FROM goods WHERE tenant = 7 ORDER BY v <-> $q, id LIMIT 10');
SELECT shape('SELECT id FROM goods WHERE tenant = 7 OR tenant = 8 ORDER BY v <-> $q, id LIMIT 10');
SELECT shape('SELECT g.id, s.name FROM goods g JOIN shops s USING (shop) ORDER BY g.v <-> $q, s.name LIMIT 10');
-- "A second distance for ties."
SELECT shape('SELECT id FROM twins ORDER BY v <-> $q, v <-> shapes_vector(-8), id LIMIT 40');
-- "Another column, and then the distance." Nothing is in order yet.
SELECT shape('SELECT id FROM goods ORDER BY tenant, v <-> $q LIMIT 10');
-- "A sum of two distances." No index has that order.
SELECT shape('SELECT id FROM goods ORDER BY (v <-> $q) + (v <-> shapes_vector(-8)) LIMIT 10');

---- The vector

-- "A cast of the text, of the column, of an array."
SELECT shape('SELECT id FROM goods ORDER BY v <-> $q::vec(32) LIMIT 10');
SELECT shape('SELECT id FROM goods ORDER BY v <-> CAST($q::text AS vec) LIMIT 10');
SELECT shape('SELECT id FROM goods ORDER BY v::vec <-> $q LIMIT 10');
SELECT shape('SELECT id FROM goods ORDER BY v::vec(32) <-> $q LIMIT 10');
SELECT shape('SELECT id FROM goods ORDER BY v <-> array_fill(500, ARRAY[32])::vec LIMIT 10');
-- "Of a setting of the session, of a document."
SELECT set_config('shapes.q', with_query('$q'), false) <> '' AS is_set \gset
SELECT shape('SELECT id FROM goods ORDER BY v <-> trim(current_setting(''shapes.q''), '''''''')::vec LIMIT 10');
SELECT shape('SELECT id FROM goods ORDER BY v <-> (SELECT (d ->> ''v'')::vec FROM jsonb_build_object(''v'', $q::text) AS d) LIMIT 10');
-- "The middle of some rows; what is computed of vectors."
SELECT shape('SELECT id FROM goods ORDER BY v <-> (SELECT avg(v) FROM goods WHERE id < 5) LIMIT 10');
SELECT shape('SELECT id FROM goods ORDER BY v <-> $q::vec + $q::vec - shapes_vector(-5) LIMIT 10');
-- "More like this one, but not this one."
SELECT shape('SELECT id FROM goods WHERE id <> 5 AND tenant = (SELECT tenant FROM goods WHERE id = 5)
    ORDER BY v <-> (SELECT v FROM goods WHERE id = 5) LIMIT 10');
-- "A subquery that finds no row: no vector, and no order."
SELECT shape('SELECT count(*) FROM (SELECT id FROM goods ORDER BY v <-> (SELECT v FROM goods WHERE id = -1) LIMIT 10) s');
-- "A function that is stable; one that is volatile, which may say something else for each row, unless it is asked once."
CREATE FUNCTION stable_vector() RETURNS vec LANGUAGE sql STABLE AS 'SELECT v FROM shops WHERE shop = 5';
CREATE FUNCTION volatile_vector() RETURNS vec LANGUAGE plpgsql AS 'BEGIN RETURN shapes_vector(-77); END';
SELECT shape('SELECT id FROM goods ORDER BY v <-> stable_vector() LIMIT 10');
SELECT shape('SELECT id FROM goods ORDER BY v <-> volatile_vector() LIMIT 10');
SELECT shape('SELECT id FROM goods ORDER BY v <-> (SELECT volatile_vector()) LIMIT 10');

---- Prepared statements and functions

PREPARE nearest(vec, bigint, bigint) AS SELECT id FROM goods ORDER BY v <-> $1 LIMIT $2 OFFSET $3;
PREPARE untyped AS SELECT id FROM goods WHERE tenant = $1 ORDER BY v <-> $2 LIMIT $3;
PREPARE by_text(text) AS SELECT id FROM goods ORDER BY v <-> $1::vec LIMIT 10;
PREPARE by_floats(real[]) AS SELECT id FROM goods ORDER BY v <-> $1::vec LIMIT 10;
PREPARE by_doubles(double precision[]) AS SELECT id FROM goods ORDER BY v <-> $1::vec(32) LIMIT 10;
PREPARE paged(vec) AS SELECT id FROM goods ORDER BY v <-> $1, id LIMIT 10;
PREPARE of_tenants(vec, integer[]) AS SELECT id FROM goods WHERE tenant = ANY ($2) ORDER BY v <-> $1 LIMIT 10;
PREPARE perhaps(vec, integer) AS SELECT id FROM goods WHERE ($2 IS NULL OR tenant = $2) ORDER BY v <-> $1 LIMIT 10;
PREPARE perhaps_two(vec, integer, boolean) AS
    SELECT id FROM goods WHERE ($2 IS NULL OR tenant = $2) AND ($3 OR (tenant < 20 AND price < 500)) ORDER BY v <-> $1 LIMIT 10;
SET plan_cache_mode = force_generic_plan;
-- "The generic plan sorts: LIMIT and OFFSET are parameters."
SELECT shape('EXECUTE nearest($q, 10, 0)');
SELECT shape('EXECUTE nearest($q, 10, 20)');
SELECT shape('EXECUTE nearest($q, 0, NULL)');
SELECT shape('EXECUTE nearest($q, NULL, 5990)');
-- "The driver does not say of what type parameters are."
SELECT shape('EXECUTE untyped(7, $q, 10)');
SELECT shape('EXECUTE untyped(NULL, $q, 10)');
-- "It sends text, or an array."
SELECT shape('EXECUTE by_text($q)');
SELECT shape('EXECUTE by_floats(array_fill(500, ARRAY[32]))');
SELECT shape('EXECUTE by_doubles(array_fill(500, ARRAY[32]))');
-- "The vector is NULL." All rows are equally far.
SELECT shape('SELECT count(*) FROM (SELECT v <-> NULL FROM goods ORDER BY 1 LIMIT 10) s');
-- "A second column to order by, in a generic plan."
SELECT shape('EXECUTE paged($q)');
-- "An array of tenants."
SELECT shape('EXECUTE of_tenants($q, ''{3,5}'')');
SELECT shape('EXECUTE of_tenants($q, NULL)');
-- "One statement for all: a condition that a NULL turns off." The index is told of it, whichever way it turns out.
SELECT shape('EXECUTE perhaps($q, 7)');
SELECT shape('EXECUTE perhaps($q, NULL)');
SELECT shape('EXECUTE perhaps_two($q, 7, false)');
SELECT shape('EXECUTE perhaps_two($q, 7, NULL)');
SELECT shape('EXECUTE perhaps_two($q, NULL, true)');
RESET plan_cache_mode;
SELECT shape('EXECUTE perhaps($q, 7)');
SELECT shape('EXECUTE perhaps($q, NULL)');
SELECT shape('EXECUTE perhaps_two($q, 7, true)');

CREATE FUNCTION nearest(q vec, k integer) RETURNS SETOF goods LANGUAGE sql STABLE AS
    'SELECT * FROM goods ORDER BY v <-> q LIMIT k';
CREATE FUNCTION nearest_ids(q vec, k integer) RETURNS integer[] LANGUAGE sql STABLE AS
    'SELECT ARRAY(SELECT id FROM goods ORDER BY v <-> q LIMIT k)';
CREATE FUNCTION nearest_loop(q vec, k integer) RETURNS SETOF integer LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN QUERY SELECT id FROM goods ORDER BY v <-> q LIMIT k;
END $$;
CREATE FUNCTION nearest_text(q vec, k integer) RETURNS SETOF integer LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN QUERY EXECUTE 'SELECT id FROM goods WHERE tenant < 30 ORDER BY v <-> $1 LIMIT $2' USING q, k;
END $$;
-- "A search in a function, which is inlined, or not."
SELECT shape('SELECT id FROM nearest($q, 10)');
SELECT shape('SELECT n.id, s.name FROM nearest($q, 10) n JOIN shops s USING (shop) WHERE price < 700 ORDER BY n.id');
SELECT shape('SELECT s.shop, n.id FROM shops s, nearest(s.v, 2) n WHERE town = 3');
SELECT shape('SELECT nearest_ids($q, 10)');
-- "PL/pgSQL, and SQL that it puts together; generic plans there."
SELECT shape('SELECT nearest_loop($q, 10)');
SELECT shape('SELECT nearest_text($q, 10)');
SET plan_cache_mode = force_generic_plan;
SELECT shape('SELECT s.shop, nearest_loop(s.v, 2) FROM shops s WHERE town = 3');
RESET plan_cache_mode;

---- Aggregates, windows, DISTINCT

-- "The distance's row_number()."
SELECT shape('SELECT id, row_number() OVER (ORDER BY v <-> $q) AS n FROM goods ORDER BY v <-> $q LIMIT 10');
SELECT shape('SELECT id, rank() OVER (ORDER BY d) FROM (SELECT id, v <-> $q AS d FROM goods ORDER BY d LIMIT 10) s');
-- "WHERE row_number() <= 10." All rows are numbered; LIMIT says what is meant.
SELECT shape('SELECT id FROM (SELECT id, row_number() OVER (ORDER BY v <-> $q) AS n FROM goods) s WHERE n <= 10');
-- "The nearest of each tenant." All are sorted, by tenant.
SELECT shape('SELECT id FROM (SELECT id, row_number() OVER (PARTITION BY tenant ORDER BY v <-> $q) AS n FROM goods) s WHERE n = 1
    ORDER BY id');
SELECT shape('SELECT DISTINCT ON (tenant) tenant, id FROM goods ORDER BY tenant, v <-> $q');
-- "The nearest of each shop, among the nearest."
SELECT shape('SELECT DISTINCT ON (shop) shop, id FROM (SELECT shop, id, v <-> $q AS d FROM goods ORDER BY d LIMIT 50) s
    ORDER BY shop, d');
SELECT shape('SELECT shop, count(*), min(d) FROM (SELECT shop, v <-> $q AS d FROM goods ORDER BY d LIMIT 50) s GROUP BY shop
    ORDER BY 2 DESC, 1');
SELECT shape('SELECT shop, tenant, count(*) FROM (SELECT shop, tenant FROM goods ORDER BY v <-> $q LIMIT 50) s
    GROUP BY GROUPING SETS ((shop), (tenant), ()) ORDER BY 1, 2');
-- "An aggregate of the nearest."
SELECT shape('SELECT avg(d), count(*), avg(v) FROM (SELECT v, v <-> $q AS d FROM goods ORDER BY d LIMIT 50) s');
SELECT shape('SELECT string_agg(id::text, '','') FROM (SELECT id FROM goods ORDER BY v <-> $q LIMIT 10) s');
-- "The smallest distance, the largest." Nobody has the rows in the order from the last to the first.
SELECT shape('SELECT min(v <-> $q) FROM goods WHERE tenant = 7');
SELECT shape('SELECT max(v <-> $q) FROM goods WHERE tenant = 7');
-- "A set-returning function beside it."
SELECT shape('SELECT id, generate_series(1, 2) FROM goods ORDER BY v <-> $q LIMIT 10');

-- "An index that lacks rows without a vector changes what is counted." Where all rows count it is not used. (Rows are long, so
-- that it would pay.)
CREATE TABLE papers (id integer PRIMARY KEY, tenant integer, body text, v vec(520)) WITH (autovacuum_enabled = false);
ALTER TABLE papers ALTER body SET STORAGE plain, ALTER v SET STORAGE external;
INSERT INTO papers SELECT i, i % 60, repeat('text ', 400), CASE WHEN i <= 900 THEN shapes_vector(i, 520) END
FROM generate_series(1, 960) AS i;
CREATE INDEX papers_v ON papers USING slab (v, tenant);
ANALYZE papers;
SELECT shape('SELECT id FROM papers WHERE tenant = 3 ORDER BY v <-> $wide LIMIT 10');
SELECT shape('SELECT count(*) FROM (SELECT DISTINCT v <-> $wide FROM papers WHERE tenant = 3) s');
SELECT shape('SELECT count(*), sum(n) FROM (SELECT v <-> $wide, count(*) AS n FROM papers WHERE tenant = 3 GROUP BY 1) s');
SELECT shape('SELECT max(n) FROM (SELECT rank() OVER (ORDER BY v <-> $wide) AS n FROM papers WHERE tenant = 3) s');
SELECT shape('SELECT id, count(*) OVER () FROM papers WHERE tenant = 3 ORDER BY v <-> $wide LIMIT 10');
SELECT shape('SELECT id, rank() OVER (ORDER BY id DESC) FROM papers WHERE tenant = 3 ORDER BY v <-> $wide LIMIT 10');
SELECT shape('SELECT id, rank() OVER (ORDER BY v <-> $wide) FROM papers WHERE tenant = 3 ORDER BY v <-> $wide LIMIT 10');
SELECT shape('SELECT id, rank() OVER (ORDER BY v <-> $wide) AS n FROM papers WHERE tenant = 3 ORDER BY n LIMIT 10');
-- (Later versions sort for these.)
SELECT regexp_replace(shape('SELECT array_agg(id ORDER BY v <-> $wide) FROM papers WHERE tenant = 3 LIMIT 1'), '.*sort < ', '');
SELECT regexp_replace(shape('SELECT count(*) FROM (SELECT v <-> $wide FROM papers WHERE tenant = 3 UNION SELECT 1) s'), '.*sort < ', '');
-- "LEFT JOIN says that there is no such row, and there is one, without a vector."
SELECT shape('SELECT t, p.id FROM generate_series(3, 4) AS t LEFT JOIN papers p ON p.tenant = t AND p.id > 900
    ORDER BY p.v <-> $wide LIMIT 10');
SELECT shape('SELECT t, p.id FROM generate_series(3, 4) AS t LEFT JOIN papers p ON p.tenant = t ORDER BY p.v <-> $wide LIMIT 10');

---- WHERE that no slab index knows

-- "Documents, words, ranges: conditions of other kinds leave LIMIT half full."
SELECT shape('SELECT id FROM goods WHERE tags @> ''{"colour": 3}'' ORDER BY v <-> $q LIMIT 10');
SELECT shape('SELECT id FROM goods WHERE words @@ to_tsquery(''simple'', ''word3 & all'') ORDER BY v <-> $q LIMIT 10');
SELECT shape('SELECT id FROM goods WHERE span && int4range(5, 30) AND tenant < 20 ORDER BY v <-> $q LIMIT 10');
SELECT shape('SELECT id FROM goods WHERE price % 7 <> 3 AND made >= ''2024-06-01'' ORDER BY v <-> $q LIMIT 10');
-- "A condition that another index finds in no time."
SELECT shape('SELECT id FROM goods WHERE id = 77 ORDER BY v <-> $q LIMIT 10');
SELECT shape('SELECT id FROM goods WHERE id < 50 ORDER BY v <-> $q LIMIT 10');
-- "And one that it finds many rows by."
SELECT shape('SELECT id FROM goods WHERE id > 50 ORDER BY v <-> $q LIMIT 10');
-- "A volatile condition beside one that the index knows."
SELECT shape('SELECT id FROM goods WHERE tenant = 7 AND random() >= 0 ORDER BY v <-> $q LIMIT 10');
-- "Rows that have a vector."
SELECT shape('SELECT id FROM goods WHERE v IS NOT NULL AND tenant = 7 ORDER BY v <-> $q LIMIT 10');
-- "A sample of the table." That is no index scan.
SELECT shape('SELECT id FROM goods TABLESAMPLE system (100) ORDER BY v <-> $q LIMIT 10');

---- Rows that are locked or changed

-- "FOR UPDATE, FOR SHARE, SKIP LOCKED, NOWAIT."
SELECT shape('SELECT id FROM goods ORDER BY v <-> $q LIMIT 10 FOR UPDATE');
SELECT shape('SELECT id FROM goods WHERE tenant = 7 ORDER BY v <-> $q LIMIT 10 FOR SHARE SKIP LOCKED');
SELECT shape('SELECT id FROM goods ORDER BY v <-> $q, id LIMIT 10 FOR NO KEY UPDATE NOWAIT');
-- "UPDATE and DELETE of the nearest."
SELECT shape('WITH changed AS (UPDATE goods SET price = 0 WHERE id IN (SELECT id FROM goods ORDER BY v <-> $q LIMIT 10) RETURNING id)
    SELECT id FROM changed ORDER BY id');
SELECT shape('WITH changed AS (UPDATE goods g SET price = n.place FROM (SELECT id, row_number() OVER (ORDER BY v <-> $q) AS place
    FROM goods ORDER BY v <-> $q LIMIT 10) n WHERE g.id = n.id RETURNING g.id, g.price) SELECT * FROM changed ORDER BY id');
SELECT shape('DELETE FROM goods WHERE ctid = ANY (ARRAY(SELECT ctid FROM goods WHERE tenant = 7 ORDER BY v <-> $q LIMIT 10)) RETURNING id');
SELECT shape('WITH taken AS (DELETE FROM goods g USING (SELECT id FROM goods ORDER BY v <-> $q LIMIT 5 FOR UPDATE SKIP LOCKED) n
    WHERE g.id = n.id RETURNING g.id) SELECT id FROM taken ORDER BY id');
-- "INSERT of what is found."
SELECT shape('INSERT INTO shops SELECT 1000 + id, ''copy'', tenant, v FROM goods ORDER BY v <-> $q LIMIT 10 RETURNING shop');
SELECT shape('INSERT INTO shops AS s SELECT shop, ''copy'', tenant, v FROM goods WHERE tenant = 7 ORDER BY v <-> $q LIMIT 1
    ON CONFLICT (shop) DO UPDATE SET name = excluded.name, v = excluded.v RETURNING s.shop');

---- Cursors

-- "A cursor without LIMIT sorts before it gives the first row."
SELECT shape('DECLARE c CURSOR FOR SELECT id FROM goods ORDER BY v <-> $q', '{FETCH 5 FROM c,FETCH 50 FROM c}');
SELECT shape('DECLARE c CURSOR FOR SELECT id FROM goods ORDER BY v <-> $q LIMIT 20', '{FETCH 5 FROM c,FETCH ALL FROM c}');
-- "Back and forth."
SELECT shape('DECLARE c SCROLL CURSOR FOR SELECT id FROM goods WHERE tenant = 7 ORDER BY v <-> $q LIMIT 20',
    '{FETCH LAST FROM c,FETCH BACKWARD 5 FROM c,FETCH ABSOLUTE 2 FROM c}');
-- "With a second column."
SELECT shape('DECLARE c CURSOR FOR SELECT id FROM twins ORDER BY v <-> $q, id', '{FETCH 50 FROM c,FETCH 5 FROM c}');

---- Views and policies

CREATE VIEW some_goods AS SELECT id, tenant, price, v FROM goods WHERE tenant < 20;
CREATE VIEW named_goods AS SELECT g.*, s.name FROM goods g JOIN shops s USING (shop);
CREATE VIEW distances AS SELECT g.id, s.shop, g.v <-> s.v AS distance FROM goods g CROSS JOIN shops s;
CREATE VIEW barred_goods WITH (security_barrier) AS SELECT id, tenant, price, v FROM goods WHERE tenant < 20;
-- "Through a view."
SELECT shape('SELECT id FROM some_goods WHERE tenant > 15 ORDER BY v <-> $q LIMIT 10');
SELECT shape('SELECT id, name FROM named_goods ORDER BY v <-> $q LIMIT 10');
-- "A view of all distances." It is a join: the vector has to be known first.
SELECT shape('SELECT id FROM distances WHERE shop = 5 ORDER BY distance LIMIT 10');
-- "A view with security_barrier." It is searched as a table of its own, so ORDER BY and LIMIT have to be in it.
SELECT shape('SELECT id FROM barred_goods ORDER BY v <-> $q LIMIT 10');

CREATE ROLE shapes_reader;
CREATE TABLE members (name text, tenant integer);
INSERT INTO members VALUES ('shapes_reader', 7), ('shapes_reader', 9), ('postgres', 1);
GRANT SELECT ON goods, shops, members TO shapes_reader;
ALTER TABLE goods ENABLE ROW LEVEL SECURITY;
SET shapes.tenant = 7;
SET shapes.tenants = '{7,9}';
-- "With a policy by tenant every search reads the table." The index is told of the policy.
CREATE POLICY own ON goods USING (tenant = current_setting('shapes.tenant')::integer);
SET ROLE shapes_reader;
SELECT shape('SELECT id FROM goods ORDER BY v <-> $q LIMIT 10');
SELECT shape('SELECT id FROM goods WHERE price < 500 ORDER BY v <-> $q, id LIMIT 10');
SELECT shape('SELECT g.id, s.name FROM goods g JOIN shops s USING (shop) ORDER BY g.v <-> $q LIMIT 10');
SELECT shape('SELECT s.shop, n.id FROM shops s, LATERAL (SELECT id FROM goods g ORDER BY g.v <-> s.v LIMIT 2) n WHERE town = 3');
-- "A prepared statement keeps the tenant it was planned for."
PREPARE own_nearest(vec) AS SELECT id FROM goods ORDER BY v <-> $1 LIMIT 10;
SET plan_cache_mode = force_generic_plan;
SELECT shape('EXECUTE own_nearest($q)');
SET shapes.tenant = 8;
SELECT shape('EXECUTE own_nearest($q)');
RESET plan_cache_mode;
RESET ROLE;
-- "A policy by several tenants."
ALTER POLICY own ON goods USING (tenant = ANY (current_setting('shapes.tenants')::integer[]));
SET ROLE shapes_reader;
SELECT shape('SELECT id FROM goods ORDER BY v <-> $q LIMIT 10');
RESET ROLE;
-- "A policy by a table of members." As an array the index is told of it, as IN (SELECT ...) it is not.
ALTER POLICY own ON goods USING (tenant = ANY (ARRAY(SELECT m.tenant FROM members m WHERE m.name = current_user)));
SET ROLE shapes_reader;
SELECT shape('SELECT id FROM goods ORDER BY v <-> $q LIMIT 10');
RESET ROLE;
ALTER POLICY own ON goods USING (tenant IN (SELECT m.tenant FROM members m WHERE m.name = current_user));
SET ROLE shapes_reader;
SELECT shape('SELECT id FROM goods ORDER BY v <-> $q LIMIT 10');
RESET ROLE;
-- "A policy by a function that may say what it sees."
CREATE FUNCTION may_see(tenant integer) RETURNS boolean LANGUAGE plpgsql AS 'BEGIN RETURN tenant BETWEEN 7 AND 20; END';
ALTER POLICY own ON goods USING (may_see(tenant));
SET ROLE shapes_reader;
SELECT shape('SELECT id FROM goods ORDER BY v <-> $q LIMIT 10');
SELECT shape('SELECT id FROM goods WHERE tenant IN (5, 8, 9) ORDER BY v <-> $q LIMIT 10');
RESET ROLE;
-- "Two policies, either of which will do; and one more that all rows have to pass."
ALTER POLICY own ON goods USING (tenant = 7);
CREATE POLICY others ON goods USING (tenant = 30);
SET ROLE shapes_reader;
SELECT shape('SELECT id FROM goods ORDER BY v <-> $q LIMIT 10');
RESET ROLE;
DROP POLICY others ON goods;
CREATE POLICY others ON goods AS RESTRICTIVE USING (price < 500);
SET ROLE shapes_reader;
SELECT shape('SELECT id FROM goods ORDER BY v <-> $q LIMIT 10');
RESET ROLE;
-- "A view that is searched with the rights of whoever asks."
CREATE VIEW seen_goods WITH (security_invoker) AS SELECT id, v FROM goods;
GRANT SELECT ON seen_goods TO shapes_reader;
SET ROLE shapes_reader;
SELECT shape('SELECT id FROM seen_goods ORDER BY v <-> $q LIMIT 10');
RESET ROLE;
ALTER TABLE goods DISABLE ROW LEVEL SECURITY;
DROP POLICY own ON goods;
DROP POLICY others ON goods;
DROP OWNED BY shapes_reader;
DROP ROLE shapes_reader;

---- Partitions

CREATE TABLE parted (id integer, tenant integer, made date, v vec(32)) PARTITION BY RANGE (made);
CREATE TABLE parted_1 PARTITION OF parted FOR VALUES FROM ('2024-01-01') TO ('2024-10-01');
CREATE TABLE parted_2 PARTITION OF parted FOR VALUES FROM ('2024-10-01') TO ('2025-06-01');
CREATE TABLE parted_3 (LIKE parted);
INSERT INTO parted_3 SELECT id, tenant, made, v FROM goods WHERE made >= '2025-06-01';
CREATE INDEX parted_v ON parted USING slab (v, tenant);
INSERT INTO parted SELECT id, tenant, made, v FROM goods WHERE made < '2025-06-01';
ANALYZE parted, parted_3;
-- "A second column, over partitions."
SELECT shape('SELECT id FROM parted ORDER BY v <-> $q, id LIMIT 10');
-- "Conditions reach the partitions' indexes."
SELECT shape('SELECT id FROM parted WHERE tenant = 7 ORDER BY v <-> $q LIMIT 10');
SELECT shape('SELECT id FROM parted WHERE tenant = 7 OR tenant = 9 ORDER BY v <-> $q LIMIT 10');
-- "Partitions that cannot have a row are searched, too."
SELECT shape('SELECT id FROM parted WHERE made < ''2024-09-01'' ORDER BY v <-> $q LIMIT 10');
PREPARE since(vec, date) AS SELECT id FROM parted WHERE made >= $2 ORDER BY v <-> $1 LIMIT 10;
SET plan_cache_mode = force_generic_plan;
SELECT shape('EXECUTE since($q, ''2024-11-01'')');
RESET plan_cache_mode;
-- "In a join, for each row of another table."
SELECT shape('SELECT p.id, s.name FROM parted p JOIN shops s ON s.shop = p.tenant ORDER BY p.v <-> $q LIMIT 10');
SELECT shape('SELECT s.shop, n.id FROM shops s, LATERAL (SELECT id FROM parted p ORDER BY p.v <-> s.v LIMIT 2) n WHERE town = 3');
-- "One partition has no index: all are sorted."
DROP INDEX parted_v;
CREATE INDEX parted_1_v ON parted_1 USING slab (v, tenant);
CREATE INDEX parted_2_v ON parted_2 USING slab (v, tenant);
ALTER TABLE parted ATTACH PARTITION parted_3 FOR VALUES FROM ('2025-06-01') TO ('2027-01-01');
SELECT shape('SELECT id FROM parted ORDER BY v <-> $q LIMIT 10');
SELECT shape('SELECT id FROM parted WHERE tenant < 20 ORDER BY v <-> $q, id LIMIT 10');

---- Tables and indexes of other kinds

-- "A domain."
CREATE DOMAIN embedding AS vec(32) CHECK (vec_norm(VALUE) > 0);
CREATE TABLE domained (id integer, v embedding);
INSERT INTO domained SELECT id, v FROM goods WHERE id <= 3000;
CREATE INDEX domained_v ON domained USING slab (v);
ANALYZE domained;
SELECT shape('SELECT id FROM domained ORDER BY v <-> $q LIMIT 10');
SELECT shape('SELECT id FROM domained ORDER BY v <-> $q::embedding, id LIMIT 10');
-- "The column says nothing of dimensions: the index and the query have to."
CREATE TABLE undeclared (id integer, v vec);
INSERT INTO undeclared SELECT id, v FROM goods WHERE id <= 3000;
CREATE INDEX undeclared_v ON undeclared USING slab ((v::vec(32)));
ANALYZE undeclared;
SELECT shape('SELECT id FROM undeclared ORDER BY v::vec(32) <-> $q LIMIT 10');
SELECT shape('SELECT id FROM undeclared ORDER BY v <-> $q LIMIT 10');
-- "A part of the vector for the search, all of it for what is found."
CREATE INDEX undeclared_part_v ON undeclared USING slab ((subvector(v, 1, 16)::vec(16)));
ANALYZE undeclared;
SELECT shape('SELECT id FROM (SELECT id, v FROM undeclared ORDER BY subvector(v, 1, 16)::vec(16) <-> subvector($q, 1, 16) LIMIT 50) s
    ORDER BY v <-> $q LIMIT 10');
-- "A partial index, for a query that implies its condition, and for one that may not."
CREATE TABLE kept (id integer, kind integer, v vec(32));
INSERT INTO kept SELECT id, id % 4, v FROM goods WHERE id <= 6000;
CREATE INDEX kept_v ON kept USING slab (v) WHERE kind = 1;
ANALYZE kept;
SELECT shape('SELECT id FROM kept WHERE kind = 1 ORDER BY v <-> $q, id LIMIT 10');
SELECT shape('SELECT id FROM kept WHERE kind IN (1, 2) ORDER BY v <-> $q LIMIT 10');
PREPARE of_kind(vec, integer) AS SELECT id FROM kept WHERE kind = $2 ORDER BY v <-> $1 LIMIT 10;
SELECT shape('EXECUTE of_kind($q, 1)');
SET plan_cache_mode = force_generic_plan;
SELECT shape('EXECUTE of_kind($q, 1)');
RESET plan_cache_mode;
-- "Several indexes on one column: the distance chooses."
CREATE INDEX twins_cosine_v ON twins USING slab (v vec_cosine_ops);
CREATE INDEX twins_ip_v ON twins USING slab (v vec_ip_ops);
SELECT shape('SELECT id FROM twins ORDER BY v <=> $q, id LIMIT 10');
SELECT shape('SELECT id FROM twins ORDER BY v <#> $q, id LIMIT 10');
SELECT shape('SELECT id FROM twins ORDER BY v <-> $q, id LIMIT 10');
SELECT shape('SELECT id FROM twins ORDER BY v <#> $q, v <=> $q, v <-> $q, id LIMIT 10');
-- "A temporary table, an unlogged one, one that was never analysed."
CREATE TEMPORARY TABLE passing (id integer, v vec(32));
INSERT INTO passing SELECT id, v FROM goods WHERE id <= 4000;
CREATE INDEX passing_v ON passing USING slab (v);
SELECT shape('SELECT id FROM passing ORDER BY v <-> $q LIMIT 10');
CREATE UNLOGGED TABLE unlogged (id integer, v vec(32)) WITH (autovacuum_enabled = false);
CREATE INDEX unlogged_v ON unlogged USING slab (v);
INSERT INTO unlogged SELECT id, v FROM goods WHERE id <= 4000;
SELECT shape('SELECT id FROM unlogged ORDER BY v <-> $q LIMIT 10');
-- "An empty table."
CREATE TABLE nothing (id integer, v vec(32));
CREATE INDEX nothing_v ON nothing USING slab (v);
SELECT shape('SELECT id FROM nothing ORDER BY v <-> $q LIMIT 10');
SELECT shape('SELECT g.id, n.id FROM nothing n JOIN goods g USING (id) ORDER BY g.v <-> $q LIMIT 10');
-- "A materialized view."
CREATE MATERIALIZED VIEW gathered AS SELECT g.id, s.name, g.v FROM goods g JOIN shops s USING (shop);
CREATE INDEX gathered_v ON gathered USING slab (v);
ANALYZE gathered;
SELECT shape('SELECT name FROM gathered ORDER BY v <-> $q LIMIT 10');

---- A new session

-- "The first query of a session has another plan than later ones."
\c
\pset format unaligned
\pset tuples_only on
SELECT summary('SELECT id FROM goods WHERE tenant = 7 OR tenant = 8 ORDER BY v <-> (SELECT v FROM shops WHERE shop = 7), id LIMIT 10');
SELECT summary('SELECT id FROM goods WHERE tenant = 7 OR tenant = 8 ORDER BY v <-> (SELECT v FROM shops WHERE shop = 7), id LIMIT 10');
\c
\pset format unaligned
\pset tuples_only on
SELECT array_agg(id) FROM (SELECT id FROM goods ORDER BY v <-> (SELECT v FROM goods WHERE id = 7) LIMIT 1) AS s;
SELECT shape('SELECT id FROM goods ORDER BY l2_distance(v, $q) LIMIT 10');

SET client_min_messages = warning;
DROP TABLE goods, shops, twins, papers, members, parted, domained, undeclared, kept, unlogged, nothing CASCADE;
DROP FUNCTION shapes_vector, with_query, summary, rows_of, use_indexes, shape, stable_vector, volatile_vector, nearest_ids,
    nearest_loop, nearest_text, may_see;
DROP DOMAIN embedding;
