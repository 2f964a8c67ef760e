-- What users of vector search complain of, about WHERE beside ORDER BY distance LIMIT: one test each. Conditions and data of
-- any shape must give LIMIT rows if there are so many, only such rows, the nearest, in order.
SET client_min_messages = warning;
SET enable_seqscan = off;
SET enable_sort = off;
SET enable_bitmapscan = off;
SET slab.auto_compact = off;
SET jit = off;
SET timezone = 'Europe/Berlin';
SET extra_float_digits = 0;
\pset format unaligned
\pset tuples_only on

-- A vector near one of 50 places, always the same.
CREATE FUNCTION made(i integer, place integer) RETURNS vec LANGUAGE sql IMMUTABLE STRICT AS $$
    SELECT array_agg((hashint4(1000 * place + d) & 1023) / 256.0 + (hashint4(32 * i + d) & 1023) / 512.0)::real[]::vec
    FROM generate_series(1, 16) AS d
$$;

-- Of which many are made of few.
CREATE TABLE spread AS SELECT n, made(n, 0) AS v FROM generate_series(0, 490) AS n;
CREATE TABLE places AS SELECT n, made(n, n) AS v FROM generate_series(0, 49) AS n;

-- Queries: at places, and between them.
CREATE TABLE asked (n integer, q vec(16));
INSERT INTO asked SELECT n, p.v + s.v FROM places AS p JOIN spread AS s USING (n) WHERE n IN (8, 24);
INSERT INTO asked SELECT p.n, (p.v + o.v + s.v) * array_fill(.5, ARRAY[16])::vec
FROM places AS p, places AS o, spread AS s WHERE p.n = 40 AND o.n = 41 AND s.n = 42;

CREATE FUNCTION use_index(used boolean) RETURNS void LANGUAGE sql AS $$
    SELECT set_config('enable_indexscan', CASE WHEN used THEN 'on' ELSE 'off' END, true),
           set_config('enable_seqscan', CASE WHEN used THEN 'off' ELSE 'on' END, true),
           set_config('enable_sort', CASE WHEN used THEN 'off' ELSE 'on' END, true)
$$;

-- What the plan of a query says of how it orders: by an index of vectors, not at all since there can be no row, or otherwise.
CREATE FUNCTION way_of(query text) RETURNS text LANGUAGE sql AS $$
    SELECT CASE WHEN plan ~ 'One-Time Filter: ' THEN 'no scan' WHEN plan ~ 'Order By: \(' THEN 'index' ELSE plan END
    FROM (SELECT string_agg(line, E'\n') AS plan FROM plan_of(query) AS line) AS s
$$;

-- The rows that satisfy a condition, nearest first, for each of the queries, by the index and by the table: how many there
-- are and should be, whether they are in order and satisfy the condition, whether they are the nearest, and how the index
-- found them: "lists" stands for its ways to look at a part of the rows, which find most of the nearest. Where it compares all
-- that satisfy the condition, these must be the nearest; for one of the queries, with slab.exact, always. Where the index is
-- told nothing of the condition, the search leaves out what lies before rows that it has returned, so nearness is looked at
-- only there. A condition that most rows satisfy, or seem to, is always handed over by some versions of PostgreSQL, and by
-- others where that costs less: then pinned is false, and the way is not told.
CREATE FUNCTION both_ways(condition text, wanted integer DEFAULT 10, relation text DEFAULT 'goods',
                          operator text DEFAULT '<->', beyond integer DEFAULT 0, pinned boolean DEFAULT true) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
    query record;
    by_distance text := format('SELECT id, v %1$s $1 AS d FROM %2$s WHERE %3$s ORDER BY v %1$s $1 LIMIT %4$s OFFSET %5$s',
                               operator, relation, condition, wanted, beyond);
    way text;
    ids integer[];
    by_index float8[];
    by_table float8[];
    exactly float8[];
    right_ones integer;
    last float8;
    is_exact boolean := current_setting('slab.exact')::boolean;
    found integer := 0;
    due integer := 0;
    hits integer := 0;
    wrong integer := 0;
    disorder integer := 0;
    differing integer := 0;
    differing_exactly integer := 0;
    queries integer := 0;
    strategy text;
    strategies text[] := '{}';
    is_whole boolean;
BEGIN
    PERFORM use_index(true);
    way := way_of(replace(by_distance, '$1', (SELECT quote_literal(q) FROM asked ORDER BY n LIMIT 1)));
    IF way NOT IN ('index', 'no scan') THEN
        RETURN 'not by the index: ' || way;
    END IF;
    CREATE TEMPORARY TABLE told (n integer, q vec, ids integer[], distances float8[], exactly float8[]) ON COMMIT DROP;
    FOR query IN SELECT n, q FROM asked ORDER BY n LOOP
        EXECUTE format('INSERT INTO told SELECT $2, $1, coalesce(array_agg(id), ''{}''), coalesce(array_agg(d), ''{}'')
            FROM (%s) AS s', by_distance) USING query.q, query.n;
        SELECT s.strategy INTO strategy FROM slab_last_scan() AS s;
        strategies := strategies || CASE WHEN way = 'no scan' THEN way WHEN wanted = 0 THEN 'no search'
            WHEN strategy IS NULL THEN 'no filter' WHEN strategy IN ('keys', 'postings') THEN 'lists' ELSE strategy END;
        IF query.n = 40 THEN
            SET LOCAL slab.exact = on;
            EXECUTE format('UPDATE told SET exactly = (SELECT coalesce(array_agg(d), ''{}'') FROM (%s) AS s) WHERE n = $2',
                           by_distance) USING query.q, query.n;
            PERFORM set_config('slab.exact', is_exact::text, true);
        END IF;
    END LOOP;
    PERFORM use_index(false);
    FOR ids, by_index, exactly, by_table, right_ones IN EXECUTE format(
        'WITH s AS MATERIALIZED (SELECT * FROM %s WHERE %s)
        SELECT ids, distances, exactly, ARRAY(SELECT v %s q FROM s ORDER BY 1 LIMIT %s OFFSET %s),
               (SELECT count(*) FROM s WHERE id = ANY (ids))
        FROM told ORDER BY n', relation, condition, operator, wanted, beyond) LOOP
        queries := queries + 1;
        found := found + cardinality(by_index);
        due := due + cardinality(by_table);
        wrong := wrong + cardinality(ids) - right_ones;
        disorder := disorder + (SELECT count(*) FROM (SELECT d < lag(d) OVER (ORDER BY n) AS back
            FROM unnest(by_index) WITH ORDINALITY AS u(d, n)) AS s WHERE back);
        last := by_table[cardinality(by_table)];
        hits := hits + (SELECT count(*) FROM unnest(by_index) AS d WHERE d <= last);
        differing := differing + (by_index <> by_table)::integer;
        differing_exactly := differing_exactly + coalesce((exactly <> by_table)::integer, 0);
    END LOOP;
    PERFORM use_index(true);
    DROP TABLE told;
    strategies := ARRAY(SELECT DISTINCT s FROM unnest(strategies) AS s ORDER BY s);
    is_whole := is_exact OR strategies <@ ARRAY['never', 'matches', 'rows', 'no scan'];
    RETURN concat_ws(', ',
        CASE WHEN found = due THEN round(found::numeric / queries, 1)::real || ' rows'
             ELSE format('%s ROWS INSTEAD OF %s', found, due) END,
        CASE WHEN wrong > 0 THEN wrong || ' WRONG OR TWICE' END,
        CASE WHEN disorder > 0 THEN disorder || ' NOT IN ORDER' END,
        CASE WHEN differing_exactly > 0 THEN 'OTHERS WITH slab.exact' END,
        CASE WHEN due = 0 OR NOT pinned THEN NULL
             WHEN is_whole THEN
                 CASE WHEN differing = 0 THEN 'the nearest' ELSE 'NOT THE NEAREST ' || differing END
             WHEN strategies = '{no filter}' AND condition <> 'true' THEN NULL
             WHEN hits >= .8 * due THEN 'most of the nearest'
             ELSE 'FEW OF THE NEAREST: ' || round(hits::numeric / due, 3) END,
        CASE WHEN pinned THEN array_to_string(strategies, ' or ') END);
END
$$;

-- Any query, by the index and by the table: the same rows in the same order. $q stands for a vector.
CREATE FUNCTION same(query text, by_index boolean DEFAULT true) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    statement text := replace(query, '$q', quote_literal((SELECT q FROM asked WHERE n = 24)) || '::vec');
    way text;
    rows_by_index text[];
    rows_by_table text[];
BEGIN
    PERFORM use_index(true);
    way := way_of(statement);
    IF by_index AND way <> 'index' THEN
        RETURN 'not by the index: ' || way;
    END IF;
    EXECUTE format('SELECT coalesce(array_agg(s::text), ''{}'') FROM (%s) AS s', statement) INTO rows_by_index;
    PERFORM use_index(false);
    EXECUTE format('SELECT coalesce(array_agg(s::text), ''{}'') FROM (%s) AS s', statement) INTO rows_by_table;
    PERFORM use_index(true);
    IF rows_by_index <> rows_by_table THEN
        RETURN format('NOT THE SAME: %s INSTEAD OF %s', rows_by_index, rows_by_table);
    END IF;
    RETURN cardinality(rows_by_table) || ' rows, the same';
END
$$;

CREATE TABLE goods (id integer PRIMARY KEY, v vec(16), tenant integer, status text COLLATE "C", owner integer, place integer,
    a integer, b smallint, price numeric, at timestamptz, note text) WITH (fillfactor = 80);
INSERT INTO goods
SELECT i, p.v + s.v + o.v,
    CASE WHEN i IN (777, 8888, 15555) THEN -1 WHEN i = 12345 THEN -2 ELSE (hashint4(i) & 65535) % 200 END,
    CASE WHEN i % 200 = 0 THEN 'open' ELSE 'done' END,
    CASE WHEN i % 4 > 0 THEN (hashint4(i + 1000000) & 65535) % 1000 END, i % 50, i / 50 % 10,
    CASE WHEN i / 50 % 10 <> 3 THEN (hashint4(i + 2000000) & 65535) % 10 WHEN i / 50 % 80 = 3 AND i % 50 = 1 THEN 4 ELSE 0 END,
    (i % 1000) / 10.0, timestamptz '2024-01-01 00:00Z' + i * interval '1 minute', 'note'
FROM generate_series(1, 20000) AS i
    JOIN places AS p ON p.n = i % 50 JOIN spread AS s ON s.n = i % 487 JOIN spread AS o ON o.n = i % 491
ORDER BY i;
CREATE INDEX goods_v ON goods USING slab (v, tenant, status, owner, place, a, b, price, at);
ANALYZE goods;

---- How many rows have the value

-- "I ask for ten rows of a tenant and get two."
SELECT both_ways('tenant = 42');
-- "Our smallest tenant has three rows among 20000 and gets none of them."
SELECT both_ways('tenant = -1');
-- "There is exactly one."
SELECT both_ways('tenant = -2');
-- "A value that nobody has makes it read the whole index."
SELECT both_ways('tenant = 4321');
-- "A condition that more than 99 in 100 rows satisfy makes it slow, or wrong."
SELECT both_ways('status = ''done''');
-- "And the others are never found."
SELECT both_ways('status = ''open''');
-- "No row has this status."
SELECT both_ways('status = ''gone''');
-- "One in ten."
SELECT both_ways('a = 5');
-- "Half of them."
SELECT both_ways('a < 5');
-- "A condition that is always true costs recall."
SELECT both_ways('tenant >= -2');
SELECT both_ways('tenant > -2147483648 AND at > ''-infinity''');
SELECT both_ways('tenant = tenant');
SELECT both_ways('1 = 1');
-- "And one that never is."
SELECT both_ways('1 = 2');
-- "Without WHERE everything is as it was."
SELECT both_ways('true', 50);

---- How many rows are asked for

-- "LIMIT is larger than what the tenant has: I get some of its rows."
SELECT both_ways('tenant = -1', 100);
SELECT both_ways('tenant = 42', 1000);
SELECT both_ways('a = 5', 5000);
SELECT count(*) FROM (SELECT FROM goods WHERE status = 'done' ORDER BY v <-> made(0, 8) LIMIT 30000) AS s;
-- "LIMIT 0 fails, or scans."
SELECT both_ways('tenant = 42', 0);
-- "LIMIT 1."
SELECT both_ways('tenant = 42', 1);
SELECT both_ways('a = 5', 3);
-- "A large LIMIT with a condition."
SELECT both_ways('a = 5', 500);
-- "The second page repeats rows of the first, or skips some."
SELECT both_ways('tenant = 42', 10, beyond => 10);
SELECT both_ways('tenant = 42', 10, beyond => 70);
SELECT both_ways('a = 5', 10, beyond => 40);
-- "OFFSET beyond the last row."
SELECT both_ways('tenant = 42', 10, beyond => 5000);
-- "No LIMIT at all: I want every row of the tenant, in order."
SELECT same('SELECT id FROM goods WHERE tenant = 42 ORDER BY v <-> $q');
SELECT same('SELECT id FROM goods WHERE a = 5 ORDER BY v <-> $q');
-- "LIMIT ALL, LIMIT NULL."
SELECT same('SELECT id FROM goods WHERE tenant = 42 ORDER BY v <-> $q LIMIT ALL');
SELECT same('SELECT id FROM goods WHERE tenant = 42 ORDER BY v <-> $q LIMIT NULL');
-- "FETCH FIRST WITH TIES."
SELECT same('SELECT id FROM goods WHERE tenant = 42 ORDER BY v <-> $q FETCH FIRST 5 ROWS WITH TIES');
-- "A cursor that I fetch from on and on ends early, or goes back."
CREATE FUNCTION fetch_all(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    nearest refcursor;
    distance float8;
    before float8 := 0;
    got integer := 0;
    ascends boolean := true;
BEGIN
    OPEN nearest FOR EXECUTE replace(query, '$q', quote_literal((SELECT q FROM asked WHERE n = 24)) || '::vec');
    LOOP
        FETCH nearest INTO distance;
        EXIT WHEN NOT FOUND;
        got := got + 1;
        ascends := ascends AND distance >= before;
        before := distance;
    END LOOP;
    RETURN format('%s rows, %s', got, CASE WHEN ascends THEN 'in order' ELSE 'NOT IN ORDER' END);
END
$$;
SELECT fetch_all('SELECT v <-> $q FROM goods WHERE tenant = 42 ORDER BY v <-> $q');
SELECT fetch_all('SELECT v <-> $q FROM goods WHERE a = 5 ORDER BY v <-> $q');
SELECT fetch_all('SELECT v <-> $q FROM goods WHERE a = 5 AND id % 2 = 0 ORDER BY v <-> $q LIMIT 300');
SELECT count(*) FROM goods WHERE tenant = 42;
-- "With little memory it gives up."
SET work_mem = '64kB';
SELECT both_ways('a = 5', 5000);
SELECT both_ways('a < 5', 500);
RESET work_mem;

---- NULL

-- "IS NULL cannot be asked of an index of vectors."
SELECT both_ways('owner IS NULL');
SELECT both_ways('owner IS NOT NULL');
-- "Few are NULL and of my tenant."
SELECT both_ways('owner IS NULL AND tenant = 42');
SELECT both_ways('owner IS NOT NULL AND tenant = -1');
-- "= NULL finds rows, or fails."
SELECT both_ways('owner = NULL');
SELECT both_ways('owner = (SELECT NULL::integer)');
-- "IS [NOT] DISTINCT FROM."
SELECT both_ways('owner IS NOT DISTINCT FROM 5');
SELECT both_ways('owner IS DISTINCT FROM 5');
-- "A range finds the rows without a value, too."
SELECT both_ways('owner >= 990');
SELECT both_ways('owner > 0 AND owner IS NULL');
-- "IS NULL of a column where nothing is NULL."
SELECT both_ways('tenant IS NULL');
SELECT both_ways('coalesce(owner, -1) = -1');

---- Ranges and contradictions

-- "BETWEEN, at either end."
SELECT both_ways('tenant BETWEEN 40 AND 49');
SELECT both_ways('tenant BETWEEN -2 AND -1');
SELECT both_ways('tenant BETWEEN 43 AND 41');
SELECT both_ways('tenant BETWEEN SYMMETRIC 43 AND 41');
-- "A condition that contradicts itself reads everything before it finds nothing."
SELECT both_ways('a > 5 AND a < 3');
SELECT both_ways('tenant = 42 AND tenant = 43');
SELECT both_ways('status = ''done'' AND status = ''open''');
SELECT both_ways('tenant = 5000000000');
-- "The same column twice."
SELECT both_ways('tenant > 40 AND tenant > 41 AND tenant < 44 AND tenant <= 42');
-- "The last minutes of a year."
SELECT both_ways('at > timestamptz ''2024-01-01 00:00Z'' + interval ''19950 minutes''');
SELECT both_ways('at >= ''2024-01-14'' AND at < ''2024-01-14 01:00''');

---- Several columns

-- "Each condition has a thousand rows, both together have five, and I get none."
SELECT both_ways('a = 3 AND b = 4');
SELECT both_ways('a = 3');
SELECT both_ways('b = 4');
-- "The nearest rows are all of another place."
SELECT both_ways('place = 7');
SELECT both_ways('place IN (7, 9)');
SELECT both_ways('place <> 8 AND place <> 16 AND place <> 24 AND place <> 32 AND place <> 40 AND tenant = 42');
-- "And with a condition that the neighbours satisfy, search goes far away."
SELECT both_ways('place = 8');
-- "Eight columns, and a condition on each."
SELECT both_ways('tenant >= 0 AND status = ''done'' AND owner > 100 AND place < 40 AND a > 2 AND b < 5 AND price < 90
    AND at > ''2024-01-02''');
SELECT both_ways('tenant = 42 AND status = ''done'' AND owner > 100 AND place < 40 AND a > 2 AND b < 8 AND price < 90
    AND at > ''2024-01-02''');
-- "A row comparison."
SELECT both_ways('(tenant, a) = (42, 5)');
SELECT both_ways('(tenant, a) > (98, 5)');

---- What the index does not look at

-- "OR, NOT and <> leave LIMIT half full."
SELECT both_ways('tenant = 42 OR tenant = 43');
SELECT both_ways('tenant = 42 OR a = 5');
SELECT both_ways('tenant <> 42');
SELECT both_ways('NOT (tenant = 42)');
SELECT both_ways('NOT (tenant < 95)');
SELECT both_ways('tenant = 42 AND a <> 5');
SELECT both_ways('tenant = -1 OR tenant = -2');
-- "A column that is not in the index beside one that is."
SELECT both_ways('tenant = 42 AND note = ''note''');
SELECT both_ways('tenant = 42 AND id % 10 = 0');
SELECT both_ways('a = 5 AND id % 10 = 0');
-- "Only a column that is not in the index."
SELECT both_ways('id % 7 = 0');
-- "An expression around the column."
SELECT both_ways('tenant + 1 = 43');
SELECT both_ways('abs(tenant) = 1');
SELECT both_ways('tenant::text = ''42''');
-- "Not farther than that, and of my tenant."
SELECT same('SELECT id FROM goods WHERE tenant = 42 AND v <-> $q < 12.1 ORDER BY v <-> $q LIMIT 10');
SELECT same('SELECT id FROM goods WHERE tenant = 42 AND v <-> $q < 0.001 ORDER BY v <-> $q LIMIT 10');

---- Lists of values

-- "IN finds rows of the first value only."
SELECT both_ways('tenant IN (42, 43, -1, 4321)');
SELECT both_ways('status IN (''open'', ''gone'')');
SELECT both_ways('tenant IN (-1)');
-- "= ANY of an array, an empty one, one with NULL, none."
SELECT both_ways('tenant = ANY (ARRAY[-1, -2])');
SELECT both_ways('tenant = ANY (''{}'')');
SELECT both_ways('tenant = ANY (ARRAY[NULL, -1])');
SELECT both_ways('tenant = ANY (ARRAY[NULL::integer])');
SELECT both_ways('tenant = ANY (NULL::integer[])');
-- "The same value twice returns rows twice."
SELECT both_ways('tenant = ANY (ARRAY[-1, -1, -2, -1])');
-- "An array of arrays."
SELECT both_ways('tenant = ANY (ARRAY[[-1, 42], [-2, 42]])');
-- "An array of another type, out of range."
SELECT both_ways('tenant = ANY (ARRAY[5000000000, -1, -5000000000])');
-- "Ten thousand ids in an array."
SELECT both_ways(format('owner = ANY (%L::integer[])', (SELECT array_agg(i) FROM generate_series(990, 10989) AS i)),
    pinned => false);
SELECT both_ways(format('tenant = ANY (%L::integer[])', (SELECT array_agg(3 * i) FROM generate_series(-5000, 5000) AS i)),
    pinned => false);
-- "NOT IN, with NULL and without."
SELECT both_ways('tenant NOT IN (1, 2, 3)');
SELECT both_ways('tenant <> ALL (ARRAY[1, NULL])');
-- "< ANY and > ALL."
SELECT both_ways('tenant < ANY (ARRAY[0, -1])');
SELECT both_ways('tenant > ALL (ARRAY[90, 98])');
-- "Values from a subquery."
SELECT both_ways('tenant = (SELECT min(tenant) + 1 FROM goods)');
SELECT both_ways('tenant = ANY (ARRAY(SELECT DISTINCT tenant FROM goods WHERE tenant < 0))');

---- Queries around it

-- "A prepared statement is fast and right five times, then the generic plan comes."
PREPARE of_tenant(integer, vec, integer) AS
    SELECT array_agg(id) FROM (SELECT id FROM goods WHERE tenant = $1 ORDER BY v <-> $2 LIMIT $3) AS s;
SET plan_cache_mode = force_custom_plan;
EXECUTE of_tenant(-1, made(0, 8), 10);
EXECUTE of_tenant(42, made(0, 8), 4);
SET plan_cache_mode = force_generic_plan;
EXECUTE of_tenant(-1, made(0, 8), 10);
SELECT strategy FROM slab_last_scan();
EXECUTE of_tenant(42, made(0, 8), 4);
SELECT strategy FROM slab_last_scan();
EXECUTE of_tenant(NULL, made(0, 8), 4);
SELECT strategy FROM slab_last_scan();
EXECUTE of_tenant(4321, made(0, 8), 4);
EXECUTE of_tenant(42, made(0, 8), 0);
RESET plan_cache_mode;
DEALLOCATE of_tenant;
-- "A parameter of another type."
SET plan_cache_mode = force_generic_plan;
PREPARE of_tenant(bigint, text) AS
    SELECT count(*) FROM (SELECT id FROM goods WHERE tenant = $1 AND status = $2 ORDER BY v <-> made(0, 8) LIMIT 500) AS s;
EXECUTE of_tenant(42, 'done');
EXECUTE of_tenant(5000000000, 'done');
EXECUTE of_tenant(42, NULL);
RESET plan_cache_mode;
DEALLOCATE of_tenant;
SELECT count(*) FROM goods WHERE tenant = 42 AND status = 'done';
-- "A join hands over the tenant: five rows for each, LATERAL."
CREATE TABLE others (name text, tenant integer);
INSERT INTO others VALUES ('many', 42), ('three', -1), ('one', -2), ('none', 4321), ('null', NULL), ('again', 42);
SELECT same('SELECT o.name, n.id FROM others o, LATERAL (SELECT id FROM goods g WHERE g.tenant = o.tenant
    ORDER BY g.v <-> $q LIMIT 5) n');
SELECT same('SELECT o.name, n.id FROM others o LEFT JOIN LATERAL (SELECT id FROM goods g WHERE g.tenant = o.tenant
    ORDER BY g.v <-> $q LIMIT 5) n ON true');
-- "The query and the condition come from a row."
SELECT same('SELECT o.id, n.id AS near FROM (SELECT * FROM goods WHERE id BETWEEN 20 AND 25) o, LATERAL
    (SELECT id FROM goods g WHERE g.tenant = o.tenant AND g.id <> o.id ORDER BY g.v <-> o.v LIMIT 3) n ORDER BY o.id, n.id');
-- "The nearest of each of some tenants."
SELECT same('SELECT t, (SELECT id FROM goods WHERE tenant = t ORDER BY v <-> $q LIMIT 1) FROM generate_series(-3, 20) AS t');
-- "WHERE EXISTS in another table."
SELECT same('SELECT id FROM goods g WHERE tenant = 42 AND EXISTS (SELECT FROM others o WHERE o.tenant = g.tenant)
    ORDER BY v <-> $q LIMIT 5', by_index => false);
SELECT same('SELECT id FROM goods g WHERE tenant < 2 AND NOT EXISTS (SELECT FROM others o WHERE o.tenant = g.tenant)
    ORDER BY v <-> $q LIMIT 5', by_index => false);
-- "A second column to order by."
SELECT same('SELECT id FROM goods WHERE tenant = 42 ORDER BY v <-> $q, id LIMIT 10', by_index => false);
SELECT same('SELECT id FROM goods WHERE tenant = 42 ORDER BY v <-> $q, tenant LIMIT 10', by_index => false);
-- "ORDER BY the condition's column first."
SELECT same('SELECT id FROM goods WHERE tenant = 42 ORDER BY tenant, v <-> $q LIMIT 10', by_index => false);
-- "Farthest first."
SELECT same('SELECT id FROM goods WHERE tenant = 42 ORDER BY v <-> $q DESC LIMIT 10', by_index => false);
-- "DISTINCT, GROUP BY, a window, an aggregate above the search."
SELECT same('SELECT DISTINCT place FROM (SELECT place FROM goods WHERE tenant = 42 ORDER BY v <-> $q LIMIT 40) s ORDER BY 1');
SELECT same('SELECT place, count(*) FROM (SELECT place FROM goods WHERE tenant = 42 ORDER BY v <-> $q LIMIT 40) s
    GROUP BY 1 ORDER BY 1');
SELECT same('SELECT id, row_number() OVER (PARTITION BY place ORDER BY d) FROM
    (SELECT id, place, v <-> $q AS d FROM goods WHERE tenant = 42 ORDER BY v <-> $q LIMIT 40) s ORDER BY d');
SELECT same('SELECT min(v <-> $q) FROM goods WHERE tenant = 42');
SELECT same('SELECT count(*) FROM (SELECT FROM goods WHERE tenant = 42 ORDER BY v <-> $q LIMIT 150) s');
-- "UNION ALL of two tenants."
SELECT same('(SELECT id FROM goods WHERE tenant = 42 ORDER BY v <-> $q LIMIT 5) UNION ALL
    (SELECT id FROM goods WHERE tenant = -1 ORDER BY v <-> $q LIMIT 5)');
-- "The same in WITH, and joined to itself."
SELECT same('WITH n AS MATERIALIZED (SELECT id FROM goods WHERE tenant = 42 ORDER BY v <-> $q LIMIT 5)
    SELECT g.id, g.tenant FROM n JOIN goods g USING (id) ORDER BY g.id');
-- "Rows that I lock."
SELECT count(*) FROM (SELECT id FROM goods WHERE tenant = 42 ORDER BY v <-> made(0, 8) LIMIT 5 FOR UPDATE SKIP LOCKED) AS s;
-- "More recall."
SET slab.target_recall = 0.99;
SELECT both_ways('a = 5'), both_ways('tenant = 42'), both_ways('status = ''done''');
RESET slab.target_recall;
-- "Exact, and still by the index."
SET slab.exact = on;
SELECT both_ways('a = 5');
SELECT both_ways('tenant = 42');
SELECT both_ways('status = ''done''');
SELECT both_ways('status = ''done'' AND a <> 5', 30);
SELECT both_ways('tenant = 42 OR a = 5', 30);
SELECT both_ways('a = 3 AND b = 4');
RESET slab.exact;
-- "The query is NULL, or lies nowhere near."
SELECT count(*), min(tenant), max(tenant)
FROM (SELECT tenant FROM goods WHERE tenant = 42 ORDER BY v <-> NULL::vec LIMIT 1000) AS s;
SELECT count(*) FROM goods WHERE tenant = 42;
SELECT same('SELECT id FROM goods WHERE tenant = 42 ORDER BY v <-> array_fill(-1000, ARRAY[16])::vec LIMIT 10');
-- "slab_topk has no condition, and finds as before."
SELECT count(*) FROM slab_topk('goods_v', made(0, 8), 20);

---- Rows that change

-- "I move a row to another tenant: both have it, or neither."
UPDATE goods SET tenant = 7777 WHERE id IN (1042, 2042, 3042);
SELECT both_ways('tenant = 7777');
SELECT array_agg(id ORDER BY id) FROM (SELECT id FROM goods WHERE tenant = 7777 ORDER BY v <-> made(0, 8) LIMIT 10) AS s;
-- "And back."
UPDATE goods SET tenant = 7778 WHERE tenant = 7777;
UPDATE goods SET tenant = 7777 WHERE id = 1042;
SELECT both_ways('tenant = 7777'), both_ways('tenant = 7778');
-- "A column that is not in the index is updated: the row is lost."
UPDATE goods SET note = 'other' WHERE id IN (777, 1042);
UPDATE goods SET note = 'yet another' WHERE id IN (777, 1042);
SELECT both_ways('tenant = -1'), both_ways('tenant = 7777');
-- "Only the vector is updated."
UPDATE goods SET v = made(5, 8) WHERE id = 777;
SELECT both_ways('tenant = -1');
-- "A value becomes NULL, and NULL a value."
UPDATE goods SET owner = NULL WHERE tenant = -1;
UPDATE goods SET owner = 5555 WHERE id IN (4, 8);
SELECT both_ways('owner IS NULL AND tenant = -1'), both_ways('owner = 5555'), both_ways('owner IS NOT NULL AND tenant = -1');
-- "A transaction that is rolled back leaves rows."
BEGIN;
UPDATE goods SET tenant = 8888 WHERE id <= 20;
SELECT both_ways('tenant = 8888');
ROLLBACK;
SELECT both_ways('tenant = 8888');
BEGIN;
UPDATE goods SET tenant = 8888 WHERE id = 1;
SAVEPOINT before;
UPDATE goods SET tenant = 8889 WHERE id = 1;
SELECT both_ways('tenant = 8888'), both_ways('tenant = 8889');
ROLLBACK TO before;
SELECT both_ways('tenant = 8888'), both_ways('tenant = 8889');
COMMIT;
-- "Rows of a new tenant, which came after the index was built, are not found."
INSERT INTO goods SELECT i, made(i, i % 50), 9999, 'new', i, i % 50, 5, 5, 0, '2025-01-01', 'note'
FROM generate_series(20001, 20120) AS i;
SELECT both_ways('tenant = 9999'), both_ways('status = ''new'''), both_ways('tenant = 9999 AND place = 8');
SELECT both_ways('tenant = 9999', 1000), both_ways('owner > 20110', 20);
-- "Old and new rows of the same value."
INSERT INTO goods SELECT i, made(i, i % 50), 42, 'done', i, i % 50, 5, 5, 0, '2025-01-01', 'note'
FROM generate_series(20301, 20330) AS i;
SELECT both_ways('tenant = 42', 100), both_ways('a = 5'), both_ways('place = 8');
SELECT slab_check('goods_v', true);
-- "After maintenance they are lost."
SELECT sidecar_records > 0 AS had_sidecar FROM slab_compact('goods_v');
SELECT both_ways('tenant = 9999'), both_ways('status = ''new'''), both_ways('tenant = 42', 100), both_ways('a = 5');
-- "I delete rows: those that are left are not enough to fill LIMIT."
DELETE FROM goods WHERE tenant = 9999 AND id % 3 > 0 OR a = 5 AND id % 2 = 0 OR tenant = 43 OR id = 777;
SELECT both_ways('tenant = 9999', 200), both_ways('tenant = 43'), both_ways('tenant = -1'), both_ways('a = 5');
-- "And after VACUUM."
VACUUM goods;
SELECT both_ways('tenant = 9999', 200), both_ways('tenant = 43'), both_ways('tenant = -1'), both_ways('a = 5');
SELECT slab_check('goods_v', true);
-- "Row numbers are used again, by rows of another tenant."
INSERT INTO goods SELECT i, made(i, i % 50), 4343, 'done', NULL, i % 50, 0, 0, 0, '2025-01-02', 'note'
FROM generate_series(20401, 20600) AS i;
SELECT both_ways('tenant = 4343', 300), both_ways('tenant = 43'), both_ways('tenant = 9999', 200);
SELECT slab_check('goods_v', true);
-- "Lists are found anew."
SELECT records > 0 AS done FROM slab_recluster('goods_v');
SELECT both_ways('tenant = 4343', 300), both_ways('tenant = 42', 100), both_ways('a = 5'), both_ways('a = 3 AND b = 4');
-- "REINDEX."
REINDEX INDEX goods_v;
SELECT both_ways('tenant = 4343', 300), both_ways('tenant = 42', 100), both_ways('a = 5'), both_ways('tenant = 7778');
SELECT slab_check('goods_v', true);

---- Who may see rows

-- "With row-level security the search returns two rows instead of ten."
CREATE ROLE regress_slab_tenant;
GRANT SELECT ON goods, asked TO regress_slab_tenant;
ALTER TABLE goods ENABLE ROW LEVEL SECURITY;
CREATE POLICY of_tenant ON goods USING (tenant = current_setting('complaints.tenant')::integer);
CREATE FUNCTION tell(integer) RETURNS boolean LANGUAGE plpgsql COST 0.0001 AS $$
    BEGIN IF $1 <> -1 THEN RAISE 'saw %', $1; END IF; RETURN true; END $$;
SET ROLE regress_slab_tenant;
SET complaints.tenant = '42';
SELECT both_ways('true'), both_ways('a = 5'), both_ways('tenant = -1');
SELECT count(*), min(tenant), max(tenant) FROM (SELECT tenant FROM goods ORDER BY v <-> made(0, 8) LIMIT 20) AS s;
SET complaints.tenant = '-1';
SELECT both_ways('true'), both_ways('tenant = 42');
-- "A condition of mine sees rows of others before the policy does."
SELECT both_ways('tell(tenant)');
RESET ROLE;
ALTER TABLE goods DISABLE ROW LEVEL SECURITY;
DROP POLICY of_tenant ON goods;

---- Indexes of other kinds

-- "A partial index with a column in it."
CREATE INDEX goods_done ON goods USING slab (v vec_ip_ops, a, tenant) WHERE status = 'done';
SELECT both_ways('status = ''done'' AND tenant = 42', operator => '<#>');
SELECT both_ways('status = ''done'' AND a = 6', operator => '<#>');
SELECT both_ways('status = ''done'' AND a = 6 AND tenant = -1', operator => '<#>');
DROP INDEX goods_done;
-- "Another distance: cosine, L1."
CREATE INDEX goods_cosine ON goods USING slab (v vec_cosine_ops, tenant, a);
SELECT both_ways('tenant = 42', operator => '<=>'), both_ways('a = 6', operator => '<=>');
DROP INDEX goods_cosine;
CREATE INDEX goods_l1 ON goods USING slab (v vec_l1_ops, tenant);
SELECT both_ways('tenant = 42', operator => '<+>'), both_ways('tenant >= 0', operator => '<+>');
DROP INDEX goods_l1;
-- "One list, many lists, no codes, whole floats."
CREATE INDEX goods_ip ON goods USING slab (v vec_ip_ops, tenant, a) WITH (lists = 1, bits = none, storage = f32);
SELECT both_ways('tenant = 42', operator => '<#>'), both_ways('a = 6', operator => '<#>');
DROP INDEX goods_ip;
CREATE INDEX goods_ip ON goods USING slab (v vec_ip_ops, tenant, a) WITH (lists = 2000, bits = 8);
SELECT both_ways('tenant = 42', operator => '<#>'), both_ways('a = 6', operator => '<#>');
DROP INDEX goods_ip;
-- "A partitioned table, by tenant."
CREATE TABLE parted (id integer, v vec(16), tenant integer, status text COLLATE "C") PARTITION BY LIST (tenant);
CREATE TABLE parted_1 PARTITION OF parted FOR VALUES IN (1, 2);
CREATE TABLE parted_2 PARTITION OF parted FOR VALUES IN (3, NULL);
CREATE TABLE parted_3 PARTITION OF parted DEFAULT;
INSERT INTO parted SELECT id, v, nullif(id % 5, 0),
    CASE WHEN id % 97 = 0 THEN 'open' ELSE 'done' END FROM goods WHERE id <= 6000;
CREATE INDEX parted_v ON parted USING slab (v, tenant, status) WITH (lists = 20);
ANALYZE parted;
SELECT both_ways('tenant = 1 AND status = ''open''', relation => 'parted');
SELECT both_ways('tenant IS NULL AND status = ''open''', relation => 'parted');
SELECT both_ways('status = ''open''', relation => 'parted');
SELECT both_ways('tenant IN (1, 3) AND status = ''open''', relation => 'parted');
SELECT both_ways('tenant = 1', relation => 'parted');
UPDATE parted SET tenant = 4 WHERE id = 97;
SELECT both_ways('tenant = 4 AND status = ''open''', relation => 'parted');
-- "A partition whose columns are in another order, behind one that is gone."
CREATE TABLE parted_4 (status text COLLATE "C", gone integer, tenant integer, v vec(16), id integer);
ALTER TABLE parted_4 DROP COLUMN gone;
INSERT INTO parted_4 SELECT CASE WHEN id % 97 = 0 THEN 'open' ELSE 'done' END, 6, v, id FROM goods WHERE id BETWEEN 6001 AND 8000;
ALTER TABLE parted ATTACH PARTITION parted_4 FOR VALUES IN (6);
ANALYZE parted;
SELECT both_ways('tenant = 6 AND status = ''open''', relation => 'parted');
SELECT both_ways('status <> ''done'' AND tenant IN (4, 6)', relation => 'parted');
SELECT both_ways('status = ''open'' AND id > 5900', relation => 'parted');
DROP TABLE parted;
-- "A temporary table, and none of its rows has a vector at first."
CREATE TEMPORARY TABLE brief (id integer, v vec(16), tenant integer);
CREATE INDEX ON brief USING slab (v, tenant);
INSERT INTO brief SELECT id, NULL, tenant FROM goods WHERE id < 100;
SELECT both_ways('tenant = 42', relation => 'brief');
INSERT INTO brief SELECT id, v, tenant FROM goods WHERE id BETWEEN 100 AND 3000;
SELECT both_ways('tenant = 42 AND v IS NOT NULL', relation => 'brief');
DROP TABLE brief;
DROP TABLE goods, others;

---- Types

CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy');
-- Without ICU, a collation that tells all texts apart is as good for what is shown here.
DO $$
BEGIN
    CREATE COLLATION folding (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
    CREATE COLLATION english (provider = icu, locale = 'en');
EXCEPTION WHEN OTHERS THEN
    CREATE COLLATION folding (provider = libc, locale = 'C');
    CREATE COLLATION english (provider = libc, locale = 'C');
END
$$;
CREATE TABLE kinds (id integer PRIMARY KEY, v vec(16), small smallint, whole integer, big bigint, num numeric,
    dbl double precision,
    flt real, flag boolean, bytes text COLLATE "C", short varchar(20) COLLATE "C", title text COLLATE english,
    folded text COLLATE folding, uid uuid, mood mood, at timestamptz, local timestamp, day date, clock time, payload jsonb);
INSERT INTO kinds
SELECT i, p.v + s.v, i % 300 - 150, (i % 301 - 150) * 1000000, (i % 303)::bigint << 40, (i % 307) / 10.0, sin(i % 311),
    cos(i % 313), CASE i % 40 WHEN 0 THEN true WHEN 1 THEN NULL ELSE false END, 'same beginning ' || i % 317, 'v' || i % 331,
    'Title ' || i % 337, CASE i % 2 WHEN 0 THEN 'name ' ELSE 'NAME ' END || i % 200,
    ('018f0000-0000-7000-8000-' || lpad((i % 311)::text, 12, '0'))::uuid,
    (ARRAY['sad', 'ok', 'happy']::mood[])[1 + (i % 50 > 0)::integer + (i % 50 > 1)::integer],
    timestamptz '2024-03-31 00:00Z' + i % 347 * interval '10 minutes',
    timestamp '2024-10-27 00:00' + i % 349 * interval '10 minutes',
    date '2024-01-01' + i % 353, time '00:00' + i % 359 * interval '4 minutes',
    CASE WHEN i % 10 > 0 THEN jsonb_build_object('city', 'city ' || i % 331, 'n', i % 337) ELSE '{}' END
FROM generate_series(1, 6000) AS i JOIN places AS p ON p.n = i % 50 JOIN spread AS s ON s.n = i % 487 ORDER BY i;

-- "Numbers that double precision cannot tell apart, or cannot hold, find each other."
UPDATE kinds SET num = (ARRAY['0.1', '0.10000000000000001', '1e400', '-1e400', '1e-400', '-1e-400', 'NaN', 'Infinity',
    '-Infinity',
    '12345678901234567890.1', '12345678901234567890.2', '1e401'])[id]::numeric WHERE id <= 12;
-- "Floats: NaN, infinity, minus zero, the smallest and the largest."
UPDATE kinds SET dbl = (ARRAY['NaN', 'Infinity', '-Infinity', '-0', '0', '5e-324', '-5e-324',
    '1.7976931348623157e308'])[id]::float8,
    flt = (ARRAY['NaN', 'Infinity', '-Infinity', '-0', '0', '1e-45', '-1e-45', '3.4028235e38'])[id]::real WHERE id <= 8;
UPDATE kinds SET flt = 0.1 WHERE id = 9;
-- "The ends of integer types."
UPDATE kinds SET small = (ARRAY[-32768, 32767, 32766, 0])[id], whole = (ARRAY[-2147483648, 2147483647, 2147483646, 0])[id],
    big = (ARRAY[-9223372036854775808, 9223372036854775807, 9223372036854775806, 0])[id] WHERE id <= 4;
UPDATE kinds SET at = (ARRAY['infinity', '-infinity', '294276-12-31 23:59:59Z', '4713-01-02 00:00Z BC'])[id]::timestamptz,
    local = (ARRAY['infinity', '-infinity', '294276-12-31 23:59:59', '4713-01-01 BC'])[id]::timestamp,
    day = (ARRAY['infinity', '-infinity', '5874897-12-31', '4713-01-01 BC'])[id]::date,
    clock = (ARRAY['24:00', '00:00', '23:59:59.999999', '12:00'])[id]::time WHERE id <= 4;
UPDATE kinds SET uid = (ARRAY['ffffffff-ffff-ffff-ffff-ffffffffffff', '00000000-0000-0000-0000-000000000000',
    'ffffffff-ffff-ffff-0000-000000000000', 'ffffffff-ffff-fffe-0000-000000000000'])[id]::uuid WHERE id <= 4;
UPDATE kinds SET bytes = (ARRAY['', 'a', 'sam', 'same', 'same beginning', U&'\+10FFFF\+10FFFF', U&'\00E4'])[id] WHERE id <= 7;
-- "Texts that begin alike and have one hash." These do, and are told apart.
CREATE TABLE twins AS
SELECT min(t) AS one, max(t) AS two
FROM (SELECT 'twin' || i AS t FROM generate_series(1, 200000) AS i) AS s GROUP BY hashtext(t COLLATE "C") HAVING count(*) = 2
ORDER BY 1 LIMIT 1;
UPDATE kinds SET bytes = (SELECT CASE id WHEN 8 THEN one ELSE two END FROM twins) WHERE id IN (8, 9);

-- How many lists are visited, and so whether postings are worth reading, is not left to what the indexes measure.
SET slab.probes = 20;
CREATE INDEX kinds_1 ON kinds USING slab (v vec_l2_ops, small, whole, big, num, dbl, flt, flag, mood) WITH (lists = 40);
CREATE INDEX kinds_2 ON kinds USING slab (v vec_ip_ops, bytes, short, title, folded, uid, (payload ->> 'city'),
    ((payload ->> 'n')::integer)) WITH (lists = 40);
CREATE INDEX kinds_3 ON kinds USING slab (v vec_cosine_ops, at, local, day, clock) WITH (lists = 40);
VACUUM ANALYZE kinds;
SELECT slab_check('kinds_1', true), slab_check('kinds_2', true), slab_check('kinds_3', true);
\pset fieldsep ': '
CREATE FUNCTION each(operator text, VARIADIC conditions text[]) RETURNS TABLE (condition text, came text)
LANGUAGE sql AS $$
    SELECT c, both_ways(c, 10, 'kinds', operator) FROM unnest(conditions) WITH ORDINALITY AS u(c, n) ORDER BY n
$$;

-- "numeric"
SELECT * FROM each('<->', 'num = 0.1', 'num = 0.10000000000000001', 'num = 1e400', 'num = 1e401', 'num > 1e400',
    'num = -1e400',
    'num < -1e300', 'num = 1e-400', 'num = ''NaN''', 'num = ''Infinity''', 'num < ''-Infinity''',
    'num > 12345678901234567890.1',
    'num BETWEEN 12345678901234567890.05 AND 12345678901234567890.15', 'num = 12345678901234567890', 'num = 3', 'num = 3.00',
    'num = 3::bigint');
SELECT * FROM each('<->', 'num > 0.1 AND num <= 0.2', 'num < 0.10000000000000001', 'num > 0 AND num < 1e-300', 'num < 0',
    'num > 30', 'num IN (1e400, 0.1, 77777)');
-- "float"
SELECT * FROM each('<->', 'dbl = ''NaN''', 'dbl > ''Infinity''', 'dbl = ''Infinity''', 'dbl < -1e300', 'dbl = 0',
    'dbl = ''-0''',
    'dbl > 0 AND dbl < 1e-300', 'dbl < 0 AND dbl > -1e-300', 'dbl > 1e300', 'dbl = 5e-324', 'dbl = 0::real',
    'dbl > ''Infinity''::real');
SELECT * FROM each('<->', 'flt = ''NaN''', 'flt = ''Infinity''', 'flt = ''-Infinity''', 'flt = 0', 'flt = ''-0''::real',
    'flt = 0.1', 'flt = 0.1::real', 'flt > 0 AND flt < 1e-40', 'flt = 1e-50', 'flt > 1e300', 'flt < -1e300', 'flt >= 1e39',
    'flt = 3.4028235e38::real', 'flt > 3.4028234e38', 'flt <> 0 AND flt >= 0 AND flt < 1e-40',
    'flt <> 0.1 AND flt = 0.1::real', 'flt > ''NaN''', 'flt >= ''NaN''::double precision');
-- "smallint against integer, integer against bigint, and out of range"
SELECT * FROM each('<->', 'small = 7', 'small = 7::smallint', 'small = 7::bigint', 'small = 40000',
    'small = -40000::bigint',
    'small > 32766', 'small >= 32767::bigint', 'small > 32767', 'small < -32767', 'small < -32768', 'small > 149');
SELECT * FROM each('<->', 'whole = 7000000', 'whole = 7000000::bigint', 'whole = 0::smallint', 'whole = 5000000000',
    'whole > 2147483646', 'whole > 2147483646::bigint', 'whole = 2147483647', 'whole = 2147483646', 'whole < -2147483647',
    'whole = -2147483648', 'whole > 4294967296', 'whole < -4294967296', 'whole = 7000000::numeric');
SELECT * FROM each('<->', 'big = 0', 'big = 1', 'big = 7::bigint << 40', 'big > 9223372036854775806',
    'big = 9223372036854775806',
    'big < 0', 'big <= -9223372036854775808', 'big > 302::bigint << 40', 'big = 0::smallint');
SELECT * FROM each('<->', 'small < 40000', 'small > -40000', 'whole < 5000000000', 'whole <> 5000000000', 'big > -1',
    'whole IN (7000000, 5000000000)', 'big = 0::numeric');
-- "boolean"
SELECT * FROM each('<->', 'flag', 'flag IS NOT TRUE', 'flag IS UNKNOWN', 'flag = true', 'flag = false AND flag = true');
SELECT c, both_ways(c, relation => 'kinds', pinned => false) FROM unnest(ARRAY['NOT flag', 'flag <> true', 'flag IS FALSE']) AS c;
SELECT * FROM each('<->', 'flag IS NULL AND small = 7', 'flag > false AND whole = 7000000', 'flag < false',
    'flag > true');
-- "enum, also with a value that was added in between"
SELECT * FROM each('<->', 'mood = ''sad''', 'mood = ''ok''', 'mood = ''happy''', 'mood = ''sad'' AND mood = ''ok''');
SELECT * FROM each('<->', 'mood < ''ok''', 'mood >= ''ok''', 'mood BETWEEN ''sad'' AND ''ok''', 'mood IN (''sad'',
    ''ok'')', 'mood <> ''happy''', 'mood NOT IN (''sad'', ''happy'')', 'NOT (mood >= ''ok'')', 'mood IS DISTINCT FROM ''happy''');
ALTER TYPE mood ADD VALUE 'glum' BEFORE 'ok';
SELECT * FROM each('<->', 'mood = ''glum''');
UPDATE kinds SET mood = 'glum' WHERE id IN (100, 200);
SELECT * FROM each('<->', 'mood = ''glum''');
SELECT * FROM each('<->', 'mood < ''ok'' AND small = -50', 'mood > ''sad'' AND mood < ''ok''', 'mood <= ''glum''');

-- "text: values that begin alike, in the order of bytes"
SELECT * FROM each('<#>', 'bytes = ''same beginning 7''', 'bytes = ''same beginning''', 'bytes = ''same''',
    'bytes = ''sam''',
    'bytes = ''''', 'bytes < ''a''', 'bytes > ''sb''', 'bytes = ''same beginning 7 ''',
    'bytes = U&''\+10FFFF\+10FFFF''', 'bytes > U&''\+10FFFF''', 'bytes = U&''\00E4''', 'bytes = ''same beginning 7''::varchar',
    'short = ''v7''', 'short > ''v99''', 'short = ''w''', 'bytes = (SELECT one FROM twins)', 'bytes = (SELECT two FROM twins)');
SELECT * FROM each('<#>', 'bytes > ''same beginning 3'' AND bytes < ''same beginning 4''',
    'bytes >= ''same beginning 99''', 'bytes LIKE ''same beginning 99%''', 'bytes LIKE ''twin%''',
    'bytes LIKE ''same''', 'bytes ~ ''^same beginning 7$''',
    'bytes ILIKE ''SAME BEGINNING 7''', 'starts_with(bytes, ''twin'')', 'bytes ^@ ''same beginning 99''',
    'bytes = ''Same beginning 7'' COLLATE english', 'bytes IN (''same'', ''sam'', ''none'')',
    'bytes = ''same beginning 7''::char(20)', 'bytes <> ''a'' AND bytes < ''b''',
    'bytes NOT IN (''a'', ''sam'') AND bytes < ''samf''');
-- Few rows, and keys do not tell which: an approximate search may leave some out.
SET slab.exact = on;
SELECT * FROM each('<#>', 'bytes < ''same''', 'bytes <= ''same''', 'bytes ~>=~ ''twin''', 'bytes = ''same''::name',
    'lower(bytes) = ''same''', 'uid < ''018f0000-0000-7000-0000-000000000000''');
RESET slab.exact;
-- "text in the order of a language"
SELECT * FROM each('<#>', 'title = ''Title 7''', 'title = ''title 7''', 'title IS NULL',
    'title = ''Title 7'' AND short = ''v7''');
SELECT * FROM each('<#>', 'title > ''Title 99''', 'title <= ''Title 1''', 'title > ''title 7'' AND title < ''Title 8''',
    'title LIKE ''Title 99%''', 'title = ''Title 7'' COLLATE "C"', 'title IN (''Title 7'', ''title 8'')');
-- "text that does not distinguish cases"
SELECT * FROM each('<#>', 'folded = ''name 8''', 'folded = ''NAME 9''', 'folded = ''name 8'' AND folded = ''name 10''');
SELECT * FROM each('<#>', 'folded = ''Name 8'' OR folded = ''name 8''', 'folded >= ''name 98'' OR folded >= ''NAME 98''',
    'folded IN (''name 8'', ''NAME 9'')');
-- "uuid: all of one millisecond"
SELECT * FROM each('<#>', 'uid = ''ffffffff-ffff-ffff-ffff-ffffffffffff''',
    'uid = ''ffffffff-ffff-ffff-0000-000000000000''',
    'uid > ''ffffffff-ffff-ffff-0000-000000000000''', 'uid >= ''ffffffff-ffff-fffe-0000-000000000000''',
    'uid > ''ffffffff-ffff-ffff-ffff-ffffffffffff''');
SELECT * FROM each('<#>', 'uid = ''018f0000-0000-7000-8000-000000000007''', 'uid = ''018f0000-0000-7000-8000-000000000999''',
    'uid > ''018f0000-0000-7000-8000-000000000300''', 'uid <> ''018f0000-0000-7000-8000-000000000007''',
    'uid BETWEEN ''018f0000-0000-7000-8000-000000000007'' AND ''018f0000-0000-7000-8000-000000000009''');
-- "an expression: a field of a document"
SELECT * FROM each('<#>', 'payload ->> ''city'' = ''city 7''', 'payload ->> ''city'' = ''Athens''',
    '(payload ->> ''n'')::integer = 7', '(payload ->> ''n'')::integer > 336', '(payload ->> ''n'')::integer = 7::bigint',
    'payload ->> ''city'' = ''city 7'' AND (payload ->> ''n'')::integer IS NOT NULL', '(payload ->> ''n'')::integer IS NULL',
    '(payload ->> ''n'')::integer IS NULL AND short = ''v7''');
SELECT * FROM each('<#>', 'payload @> ''{"n": 7}''', 'payload ->> ''n'' = ''7''', '(payload ->> ''n'')::bigint = 7',
    'NOT payload ? ''n''', '(payload -> ''n'')::integer = 7');
-- "A document with a wrong type: an error, and nothing is lost."
\set VERBOSITY terse
INSERT INTO kinds (id, v, payload) VALUES (10001, made(1, 1), '{"city": "city 7", "n": 7}'), (10002, made(1, 1),
    '{"n": "many"}');
UPDATE kinds SET payload = '{"n": 1.5}' WHERE id = 7;
UPDATE kinds SET payload = '{"n": "99999999999"}' WHERE id = 7;
INSERT INTO kinds (id, v, payload) VALUES (10003, made(1, 1), '{"city": 7, "n": "7"}'), (10004, made(1, 1),
    '{"city": {"n": 7}, "n": null}'),
    (10005, made(1, 1), NULL);
SELECT * FROM each('<#>', '(payload ->> ''n'')::integer = 7', 'payload ->> ''city'' = ''7''',
    'payload ->> ''city'' = ''{"n": 7}''', 'payload ->> ''city'' = ''city 7''');
SELECT count(*) FROM kinds WHERE id > 10000;
SELECT slab_check('kinds_1', true), slab_check('kinds_2', true), slab_check('kinds_3', true);
-- "And with a wrong type in a condition."
SELECT id FROM kinds WHERE (payload ->> 'n')::integer = 'many' ORDER BY v <#> made(1, 1) LIMIT 1;
SELECT id FROM kinds WHERE whole = '5000000000' ORDER BY v <-> made(1, 1) LIMIT 1;
SELECT id FROM kinds WHERE mood = 'angry' ORDER BY v <-> made(1, 1) LIMIT 1;

-- "timestamptz, timestamp and date against one another, infinite ones, the night that clocks are changed"
SELECT * FROM each('<=>', 'at = ''2024-03-31 01:00Z''', 'at = ''2024-03-31 03:00''', 'at = ''infinity''',
    'at = ''-infinity''',
    'at > ''5000-01-01''', 'at < ''2024-01-01''', 'at >= ''294276-12-31 23:59:59Z''', 'at < date ''2024-03-31''',
    'at > date ''5874897-12-31''', 'at >= timestamp ''infinity''', 'at = timestamp ''2024-03-31 02:00''',
    'at BETWEEN timestamp ''2024-03-31 01:50'' AND timestamp ''2024-03-31 03:00''', 'at > ''infinity''', 'at < ''-infinity''');
SELECT * FROM each('<=>', 'local = ''2024-10-27 02:30''', 'local = ''infinity''', 'local = ''-infinity''',
    'local < ''2024-10-27''',
    'local > ''2024-10-30''', 'local = date ''2024-10-28''', 'local < date ''2024-10-27''', 'local > date ''5874897-12-31''',
    'local >= date ''infinity''');
SELECT * FROM each('<=>', 'local = timestamptz ''2024-10-27 00:30Z''', 'local = timestamptz ''2024-10-27 01:30Z''',
    'local < timestamptz ''2024-10-27 00:30Z''', 'local > timestamptz ''2024-10-28 00:00Z''',
    'local >= timestamptz ''infinity''',
    'local <= timestamptz ''-infinity''', 'local > timestamptz ''294276-12-31 20:00Z''', 'at::date = ''2024-04-01''',
    'local::date = ''2024-10-28''', 'at IN (''infinity'', ''2024-03-31 01:00Z'')', 'at > now()', 'at < current_date - 1',
    'local < localtimestamp', 'at < date ''5874897-12-31''', 'local < date ''5874897-12-31''');
SELECT * FROM each('<=>', 'day = ''2024-02-29''', 'day = ''infinity''', 'day = ''-infinity''', 'day > ''2024-12-18''',
    'day < ''2024-01-01''', 'day = ''5874897-12-31''', 'day >= ''5874897-12-31''', 'day = timestamp ''2024-02-29 00:00''',
    'day = timestamp ''2024-02-29 12:00''', 'day > timestamp ''2024-12-18 12:00''', 'day > timestamp ''294276-12-31''',
    'day < timestamp ''4000-01-01 BC''', 'day >= timestamp ''infinity''', 'day = timestamp ''infinity''');
SELECT * FROM each('<=>', 'day = timestamptz ''2024-02-29 00:00''', 'day >= timestamptz ''infinity''',
    'day <= timestamptz ''-infinity''', 'day < timestamptz ''2024-01-02 00:00''', 'day > timestamptz ''294276-12-31 20:00Z''',
    'day < current_date', 'day IN (''2024-02-29'', ''2024-03-01'')');
SELECT * FROM each('<=>', 'clock = ''12:00''', 'clock = ''24:00''', 'clock > ''23:55''', 'clock < ''00:00''',
    'clock = ''00:00''',
    'clock BETWEEN ''23:59:59'' AND ''24:00''', 'clock = ''00:04'' AND day = ''2024-01-02''');
-- "Another time zone in the session."
SET timezone = 'America/New_York';
SELECT * FROM each('<=>', 'at = timestamp ''2024-03-30 20:00''', 'at < date ''2024-03-31'' AND at > date ''2024-03-30''');
SELECT * FROM each('<=>', 'local = timestamptz ''2024-10-27 00:30Z''', 'day = timestamptz ''2024-02-29 05:00Z''');
SET timezone = 'Europe/Berlin';

---- Columns of other kinds

CREATE TYPE state AS ENUM ('new', 'open', 'done', 'late');
CREATE DOMAIN number_of AS integer;
CREATE DOMAIN name_of AS text COLLATE "C";
CREATE DOMAIN marks_of AS integer[];
-- Of uuids that begin alike, two whose keys are the same.
CREATE TABLE uuid_twins AS
SELECT (array_agg(u ORDER BY u))[1] AS one, (array_agg(u ORDER BY u))[2] AS two
FROM (SELECT ('018f0000-0000-7000-9000-' || lpad(i::text, 12, '0'))::uuid AS u FROM generate_series(1, 3000) AS i) AS s
GROUP BY uuid_hash(u) & 65535 HAVING count(*) = 2 ORDER BY 1 LIMIT 1;
CREATE TABLE shapes (gone text, id integer PRIMARY KEY, gone_too vec(3), v vec(16), state state, labels integer[], words text[],
    uid uuid, number number_of, name name_of, marks marks_of, code varchar(5) COLLATE "C", amount integer);
INSERT INTO shapes
SELECT 'gone', i, '[1,2,3]', p.v + s.v,
    (CASE WHEN i IN (1000, 2000, 3000) THEN 'open' WHEN i = 4000 THEN 'late' WHEN i <> 4500 THEN 'done' END)::state,
    CASE i WHEN 101 THEN '{2147483647}' WHEN 102 THEN '{2147483646}' WHEN 103 THEN '{2147483645}' WHEN 104 THEN '{2147483644}'
        WHEN 105 THEN '{2147483645,2147483646,2147483647}' WHEN 106 THEN '{{1001,1002},{1003,1004}}'
        WHEN 107 THEN '{-2147483648}' ELSE ARRAY[i % 300] END,
    CASE i WHEN 201 THEN ARRAY[t.one] WHEN 202 THEN ARRAY[t.two] WHEN 203 THEN ARRAY[t.one, t.two]
        ELSE ARRAY['word ' || i % 290] END,
    CASE i WHEN 301 THEN u.one WHEN 302 THEN u.two ELSE ('018f0000-0000-7000-8000-' || lpad((i % 311)::text, 12, '0'))::uuid END,
    i % 307, 'same name ' || i % 293, ARRAY[i % 283, -1], 'c' || i % 281, i % 277
FROM generate_series(1, 6000) AS i JOIN places AS p ON p.n = i % 50 JOIN spread AS s ON s.n = i % 487, twins AS t, uuid_twins AS u
ORDER BY i;
ALTER TABLE shapes DROP COLUMN gone;
CREATE INDEX shapes_1 ON shapes USING slab (v vec_l2_ops, state, labels, words, uid) WITH (lists = 40);
CREATE INDEX shapes_2 ON shapes USING slab (v vec_ip_ops, number, name, marks, code, amount) WITH (lists = 40);
ALTER TABLE shapes DROP COLUMN gone_too;
VACUUM ANALYZE shapes;
SELECT slab_check('shapes_1', true), slab_check('shapes_2', true);
CREATE FUNCTION each_shape(operator text, VARIADIC conditions text[]) RETURNS TABLE (condition text, came text) LANGUAGE sql AS $$
    SELECT c, both_ways(c, 10, 'shapes', operator) FROM unnest(conditions) WITH ORDINALITY AS u(c, n) ORDER BY n
$$;

-- "All but what is done: five rows of thousands, and I get two of them."
SELECT * FROM each_shape('<->', 'state <> ''done''', 'state NOT IN (''done'', ''late'')', 'state IS DISTINCT FROM ''done''',
    'NOT (state = ''done'')', 'state < ''done''', 'state <= ''open''', 'state > ''done''', 'state >= ''late''',
    'state > ''late''',
    'state < ''new''', 'state BETWEEN ''new'' AND ''open''', 'state < ANY (''{new,done}'')',
    'state IS NOT DISTINCT FROM ''late''', 'state IS NOT DISTINCT FROM (SELECT NULL::state)', 'state <> (SELECT NULL::state)',
    'state >= ''new''');
-- "So many values are put between others that all are numbered anew."
DO $$
BEGIN
    FOR i IN 1 .. 40 LOOP
        EXECUTE format('ALTER TYPE state ADD VALUE %L BEFORE ''done''', 'step ' || i);
    END LOOP;
END
$$;
SELECT * FROM each_shape('<->', 'state < ''done''', 'state > ''open'' AND state < ''done''', 'state > ''step 7''');
UPDATE shapes SET state = 'step 7' WHERE id IN (5000, 5001);
UPDATE shapes SET state = 'step 38' WHERE id = 5002;
SELECT * FROM each_shape('<->', 'state < ''done''', 'state > ''open'' AND state < ''done''',
    'state > ''step 7'' AND state <> ''done''',
    'state >= ''step 7'' AND state < ''step 8''', 'state <= ''step 38''', 'state BETWEEN ''step 8'' AND ''step 39''',
    'state <> ''done''');
-- "Labels whose keys are the same."
SELECT * FROM each_shape('<->', 'labels && ''{2147483647}''', 'labels && ''{2147483646}''', 'labels && ''{2147483645}''',
    'labels && ''{2147483644}''', 'labels @> ''{2147483646,2147483647}''', 'labels @> ''{2147483645,2147483644}''',
    '2147483645 = ANY (labels)', 'labels && ''{2147483645,2147483644}''', 'labels @> ''{-2147483648}''');
SELECT * FROM each_shape('<->', 'words && ARRAY[(SELECT one FROM twins)]', 'words @> ARRAY[(SELECT two FROM twins)]',
    '(SELECT two FROM twins) = ANY (words)', 'words @> (SELECT ARRAY[one, two] FROM twins)',
    'words && (SELECT ARRAY[one, two] FROM twins)');
-- "Labels in arrays of arrays."
SELECT * FROM each_shape('<->', 'labels && ''{1003}''', 'labels @> ''{{1004,1001}}''', '1002 = ANY (labels)',
    'labels && ''{{7,1001},{8,9}}''',
    'labels @> ''{{1001},{7}}''');
-- "Ids that begin alike, and have one key."
SELECT * FROM each_shape('<->', 'uid = (SELECT one FROM uuid_twins)', 'uid = (SELECT two FROM uuid_twins)',
    'uid = ANY (ARRAY(SELECT one FROM uuid_twins UNION SELECT two FROM uuid_twins))',
    'uid = ''018f0000-0000-7000-8000-000000000007''');
-- Few rows, and the index is told nothing of the condition, or keys do not tell.
SET slab.exact = on;
SELECT * FROM each_shape('<->', 'uid IN (SELECT one FROM uuid_twins UNION SELECT two FROM uuid_twins)',
    'uid > ''018f0000-0000-7000-9000-000000000000''', 'state > ALL (''{open,done}'')',
    'NOT (labels && ''{2147483644}'') AND labels && ''{2147483645}''');
RESET slab.exact;
-- "Domains."
SELECT * FROM each_shape('<#>', 'number = 7', 'number > 305', 'number <> 7 AND number BETWEEN 6 AND 8', 'number IN (7, 8)',
    'number IS DISTINCT FROM 7 AND number < 9', 'number = 7::bigint', 'number = 7::number_of', 'name = ''same name 7''',
    'name = ''same name 7''::name_of', 'name IN (''same name 7'', ''same'')', 'name > ''samf''', 'marks && ''{7}''',
    'marks @> ''{7,-1}''',
    '7 = ANY (marks)', 'marks @> ''{7}''::marks_of', 'marks && ''{7}'' OR number = 7');
-- "A column's type is changed."
ALTER TABLE shapes ALTER COLUMN amount TYPE bigint, ALTER COLUMN code TYPE varchar(10), ALTER COLUMN number TYPE integer;
UPDATE shapes SET amount = 5000000000, code = 'c123456789', number = 1000000 WHERE id IN (7, 8);
SELECT * FROM each_shape('<#>', 'amount = 7', 'amount = 5000000000', 'amount > 2147483647', 'code = ''c7''',
    'code = ''c123456789''',
    'code > ''c99''', 'number = 1000000');
SELECT slab_check('shapes_1', true), slab_check('shapes_2', true);
ALTER TABLE shapes ALTER COLUMN code TYPE text COLLATE english, ALTER COLUMN amount TYPE smallint USING amount % 1000,
    ALTER COLUMN state TYPE text;
SELECT * FROM each_shape('<#>', 'code = ''c7''', 'code = ''c123456789''', 'code IN (''c7'', ''c8'')', 'amount = 7', 'amount = 0');
SELECT * FROM each_shape('<->', 'state = ''open''', 'state = ''step 7''');
SELECT slab_check('shapes_1', true), slab_check('shapes_2', true);
DROP TABLE shapes, uuid_twins;
DROP FUNCTION each_shape;
DROP TYPE state;
DROP DOMAIN number_of, name_of, marks_of;

---- Vectors that have no distance

-- "Rows without a vector come back, or take places of LIMIT."
UPDATE kinds SET v = NULL WHERE id % 300 = 1;
SELECT count(*) FROM (SELECT FROM kinds WHERE small = -149 ORDER BY v <-> made(1, 1) LIMIT 30) AS s;
SELECT * FROM each('<->', 'small = -149 AND v IS NOT NULL');
SELECT * FROM each('<->', 'small = -148', 'v IS NOT NULL AND small = -148', 'v IS NOT NULL AND flag > false');
SELECT same('SELECT id FROM kinds WHERE v IS NULL AND small = -149 ORDER BY v <-> $q, id', by_index => false);
-- "Under cosine, zero vectors."
UPDATE kinds SET v = array_fill(0, ARRAY[16])::vec WHERE id IN (60, 413, 766);
SELECT count(*), count(nullif(v <=> made(1, 1), 'NaN')) FROM
    (SELECT v FROM kinds WHERE day = '2024-03-01' ORDER BY v <=> made(1, 1) LIMIT 100) AS s;
SELECT count(*), count(*) FILTER (WHERE vec_norm(v) > 0) FROM kinds WHERE day = '2024-03-01' AND v IS NOT NULL;
SELECT * FROM each('<->', 'small = -90', 'small = -37');
SELECT count(*) FROM (SELECT v FROM kinds WHERE day = '2024-03-01' ORDER BY v <=> array_fill(0, ARRAY[16])::vec LIMIT 100) AS s;
SELECT slab_check('kinds_1', true), slab_check('kinds_2', true), slab_check('kinds_3', true);
-- "All vectors are the same."
UPDATE kinds SET v = made(1, 1);
VACUUM kinds;
SELECT * FROM each('<->', 'small = 7', 'whole = 2147483647');
SELECT slab_check('kinds_1', true), slab_check('kinds_2', true), slab_check('kinds_3', true);

DROP TABLE kinds, twins, asked, places, spread;
DROP TYPE mood;
DROP COLLATION folding;
DROP COLLATION english;
DROP FUNCTION each, same, both_ways, way_of, use_index, fetch_all, tell, made;
DROP ROLE regress_slab_tenant;
