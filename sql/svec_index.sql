-- Sparse vectors by an index: inner product and cosine.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pgslab;
RESET client_min_messages;
SET slab.auto_compact = off;
\set SHOW_CONTEXT never

CREATE TABLE svec_index (id integer PRIMARY KEY, s svec(1000), kind integer);
CREATE INDEX svec_index_ip ON svec_index USING slab (s svec_ip_ops, kind);
CREATE INDEX svec_index_cosine ON svec_index USING slab (s svec_cosine_ops, kind);
CREATE FUNCTION svec_index_value(i integer, n integer) RETURNS svec LANGUAGE sql IMMUTABLE AS $$
    SELECT ('{' || string_agg(d || ':' || ((hashint4(i * 1000 + d) & 255) - 100.5) / 16, ',' ORDER BY d) || '}/1000')::svec
    FROM (SELECT DISTINCT floor(1000 ^ ((hashint4(i * 1000 + w) & 65535) / 65536.0))::integer AS d FROM generate_series(1, n) AS w) AS s
$$;
INSERT INTO svec_index SELECT i, svec_index_value(i, 1 + i % 40), i % 10 FROM generate_series(1, 2000) AS i;
SELECT segments_after FROM slab_compact('svec_index_ip');
SELECT segments_after FROM slab_compact('svec_index_cosine');
INSERT INTO svec_index SELECT i, svec_index_value(i, 1 + i % 40), i % 10 FROM generate_series(2001, 2200) AS i;
INSERT INTO svec_index VALUES (-1, NULL, 1), (-2, '{}/1000', 2), (-3, '{1000:1}/1000', 3);

EXPLAIN (COSTS OFF) SELECT id FROM svec_index ORDER BY s <#> '{1:1,3:2}/1000' LIMIT 5;
EXPLAIN (COSTS OFF) SELECT id FROM svec_index ORDER BY s <=> '{1:1,3:2}/1000' LIMIT 5;
EXPLAIN (COSTS OFF) SELECT id FROM svec_index WHERE kind = 3 ORDER BY s <=> '{1:1,3:2}/1000' LIMIT 5;

-- Whether the index gives what the operator does: the same rows, the same values, in order.
CREATE FUNCTION svec_index_compare(operator text, query svec, condition text DEFAULT 'true', k integer DEFAULT 1000000,
                                   OUT rows bigint, OUT same_rows boolean, OUT same_values boolean)
LANGUAGE plpgsql AS $$
DECLARE
    scanned integer[];
    distances float8[];
    computed integer[];
    expected float8[];
BEGIN
    SET LOCAL enable_seqscan = off;
    EXECUTE format('SELECT array_agg(id ORDER BY n), array_agg(d ORDER BY n) FROM (SELECT id, d, row_number() OVER () AS n FROM (
        SELECT id, s %s %L::svec AS d FROM svec_index WHERE %s ORDER BY s %s %L::svec LIMIT %s) AS s) AS s', operator, query, condition, operator, query, k)
        INTO scanned, distances;
    SET LOCAL enable_seqscan = on;
    SET LOCAL enable_indexscan = off;
    EXECUTE format('SELECT array_agg(id ORDER BY d, n), array_agg(d ORDER BY d, n) FROM (SELECT * FROM (
        SELECT id, s %s %L::svec AS d, array_position(%L::integer[], id) AS n FROM svec_index WHERE (%s) AND s IS NOT NULL
        AND (%L <> ''<=>'' OR s <> ''{}/1000'')) AS s ORDER BY d, n LIMIT %s) AS s', operator, query, scanned, condition, operator, k)
        INTO computed, expected;
    SET LOCAL enable_indexscan = on;
    rows := coalesce(cardinality(scanned), 0);
    same_rows := scanned IS NOT DISTINCT FROM computed;
    same_values := distances::text IS NOT DISTINCT FROM expected::text;
END $$;
SELECT o, q, c.* FROM unnest(ARRAY['<#>', '<=>']) AS o,
    unnest(ARRAY['{1:1}/1000', '{1:1,3:2}/1000', '{1:-1,2:0.5,900:7}/1000', '{1000:-3}/1000', '{999:1e-30}/1000']::svec[]) AS q,
    svec_index_compare(o, q) AS c;
SELECT o, k, c.* FROM unnest(ARRAY['<#>', '<=>']) AS o, unnest(ARRAY[1, 10, 700]) AS k, svec_index_compare(o, svec_index_value(77, 30), k => k) AS c;
SELECT o, w, c.* FROM unnest(ARRAY['<#>', '<=>']) AS o,
    unnest(ARRAY['kind = 3', 'kind < 2 OR kind > 8', 'kind = 3 AND id % 3 = 1', 'id BETWEEN 1 AND 20', 'kind IS NULL']) AS w,
    svec_index_compare(o, svec_index_value(78, 20), w) AS c;
-- rows within a distance
SELECT o, c.* FROM (VALUES ('<#>', -40), ('<=>', 0.7)) AS v(o, bound),
    svec_index_compare(o, svec_index_value(79, 20), format('s %s %L::svec < %s', o, svec_index_value(79, 20), bound)) AS c;
EXPLAIN (COSTS OFF) SELECT count(*) FROM svec_index WHERE s <#> '{1:1,3:2}/1000' < -20;
SET enable_seqscan = off;
SELECT count(*) FROM svec_index WHERE s <#> '{1:1,3:2}/1000' < -20;
SET enable_indexscan = off;
SELECT count(*) FROM svec_index WHERE s <#> '{1:1,3:2}/1000' < -20;
RESET enable_indexscan;
RESET enable_seqscan;
-- a query that has no direction, and none
SET enable_seqscan = off;
SELECT count(*), count(DISTINCT d), min(d) FROM (SELECT s <#> '{}/1000'::svec AS d FROM svec_index ORDER BY s <#> '{}/1000'::svec LIMIT 100000) AS s;
SELECT count(*), count(DISTINCT d), min(d) FROM (SELECT s <=> '{}/1000'::svec AS d FROM svec_index ORDER BY s <=> '{}/1000'::svec LIMIT 100000) AS s;
SELECT count(*), count(d) FROM (SELECT s <=> NULL::svec AS d FROM svec_index ORDER BY s <=> NULL::svec LIMIT 100000) AS s;
RESET enable_seqscan;
SELECT id FROM svec_index ORDER BY s <#> '{1:1}/999' LIMIT 1;
-- after changes
UPDATE svec_index SET s = svec_index_value(id + 10000, 7) WHERE id % 10 = 0;
DELETE FROM svec_index WHERE id % 10 = 1;
SELECT o, c.* FROM unnest(ARRAY['<#>', '<=>']) AS o, svec_index_compare(o, svec_index_value(80, 30), k => 500) AS c;
VACUUM svec_index;
SELECT segments_after FROM slab_compact('svec_index_ip');
SELECT o, c.* FROM unnest(ARRAY['<#>', '<=>']) AS o, svec_index_compare(o, svec_index_value(80, 30), k => 500) AS c;
REINDEX TABLE svec_index;
SELECT o, c.* FROM unnest(ARRAY['<#>', '<=>']) AS o, svec_index_compare(o, svec_index_value(80, 30), k => 500) AS c;

-- Approximate only where that was asked for.
SET max_parallel_workers_per_gather = 0;
SELECT count(*) FROM (SELECT id FROM svec_index ORDER BY s <#> svec_index_value(80, 30) LIMIT 10) AS s;
SELECT index, exact, expected, rows FROM slab_last_terms_scan();
SET slab.target_recall = 0.9;
SELECT count(*) FROM (SELECT id FROM svec_index ORDER BY s <#> svec_index_value(80, 30) LIMIT 10) AS s;
SELECT index, exact, expected, rows FROM slab_last_terms_scan();
SET slab.exact = on;
SELECT count(*) FROM (SELECT id FROM svec_index ORDER BY s <#> svec_index_value(80, 30) LIMIT 10) AS s;
SELECT index, exact, expected, rows FROM slab_last_terms_scan();
RESET slab.exact;
RESET slab.target_recall;

-- Ordered by a join, a window, further keys, with ties.
SELECT q, s.id FROM generate_series(1, 3) AS q CROSS JOIN LATERAL (
    SELECT id FROM svec_index ORDER BY s <#> svec_index_value(q, 9) LIMIT 2) AS s;
EXPLAIN (COSTS OFF) SELECT id FROM svec_index ORDER BY s <#> '{1:1,3:2}/1000', id LIMIT 5;
SELECT id, s <#> '{950:1}/1000' AS d FROM svec_index ORDER BY s <#> '{950:1}/1000', id DESC LIMIT 3;
BEGIN;
DECLARE svec_cursor CURSOR FOR SELECT id FROM svec_index ORDER BY s <=> '{1:1,3:2}/1000', id;
FETCH 3 FROM svec_cursor;
DELETE FROM svec_index;
FETCH 3 FROM svec_cursor;
ROLLBACK;
SELECT count(*) FROM slab_topk('svec_index_ip', '[1]'::vec, 1);

DROP TABLE svec_index;
DROP FUNCTION svec_index_value, svec_index_compare;
