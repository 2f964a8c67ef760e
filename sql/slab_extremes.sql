-- Vectors near the ends of what float32 holds: no index that a check refuses, and rows in the right order.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pgslab;
RESET client_min_messages;
SET enable_seqscan = off;

-- ---- inner products that are no float32

CREATE TABLE slab_extremes_huge (id integer, v vec(2));
INSERT INTO slab_extremes_huge
SELECT i, array[hashint4(i) / 2147483648.0 * 3e38, hashint4(-i) / 2147483648.0 * 3e38]::vec FROM generate_series(1, 500) AS i;
CREATE INDEX slab_extremes_huge_i ON slab_extremes_huge USING slab (v vec_ip_ops);
INSERT INTO slab_extremes_huge VALUES (501, '[1,2]');
VACUUM slab_extremes_huge;
SELECT slab_check('slab_extremes_huge_i', true);
SELECT id FROM slab_extremes_huge ORDER BY v <#> '[3e38,1e38]' LIMIT 3;
SET enable_indexscan = off;
SET enable_seqscan = on;
SELECT id FROM slab_extremes_huge ORDER BY v <#> '[3e38,1e38]' LIMIT 3;
RESET enable_indexscan;
SET enable_seqscan = off;
SELECT recall > 0.9 AS recall FROM slab_recall('slab_extremes_huge_i');
REINDEX INDEX slab_extremes_huge_i;
SELECT slab_check('slab_extremes_huge_i', true);

-- an index of ordinary rows takes them in, and measures itself
CREATE TABLE slab_extremes_healthy (id integer, v vec(2));
INSERT INTO slab_extremes_healthy SELECT i, array[i, 1]::vec FROM generate_series(1, 300) AS i;
CREATE INDEX slab_extremes_healthy_i ON slab_extremes_healthy USING slab (v vec_ip_ops);
INSERT INTO slab_extremes_healthy SELECT id + 1000, v FROM slab_extremes_huge, generate_series(1, 4);
SELECT count(*) FROM slab_calibrate('slab_extremes_healthy_i');
INSERT INTO slab_extremes_healthy VALUES (3000, '[1,2]');
VACUUM slab_extremes_healthy;
SELECT slab_check('slab_extremes_healthy_i', true);
SELECT slab_compact('slab_extremes_healthy_i', true) IS NOT NULL AS compacted;
SELECT count(*) FROM slab_calibrate('slab_extremes_healthy_i');
SELECT slab_check('slab_extremes_healthy_i', true);
DROP TABLE slab_extremes_huge, slab_extremes_healthy;

-- ---- multiples of ordinary vectors

CREATE TABLE slab_extremes_rows (id integer, v vec(8));
CREATE FUNCTION pg_temp.point(i integer, factor float8) RETURNS vec LANGUAGE sql IMMUTABLE AS $$
    SELECT array_agg(hashint4(i * 31 + d) / 2147483648.0 * factor ORDER BY d)::vec FROM generate_series(1, 8) AS d
$$;

-- The distances of the ten nearest rows, by the index or by a sequential scan.
CREATE FUNCTION pg_temp.nearest(operator text, query vec, by_index boolean) RETURNS float8[] LANGUAGE plpgsql AS $$
DECLARE
    distances float8[];
BEGIN
    PERFORM set_config('enable_seqscan', (NOT by_index)::text, true), set_config('enable_indexscan', by_index::text, true);
    EXECUTE format('SELECT array_agg(d ORDER BY n) FROM (SELECT row_number() OVER () AS n, d FROM
        (SELECT v %1$s $1 AS d FROM slab_extremes_rows ORDER BY v %1$s $1 LIMIT 10) AS s) AS t', operator)
        USING query INTO distances;
    RETURN distances;
END $$;

-- Of a table of such multiples with an index by that operator class: whether an exact search gives the order of a
-- sequential scan, whether the usual one and slab_recall() find at least nine tenths, and whether the index is whole.
CREATE FUNCTION pg_temp.try(opclass text, operator text, options text, factor float8,
    OUT exact boolean, OUT usual boolean, OUT recall boolean, OUT whole boolean) LANGUAGE plpgsql AS $$
DECLARE
    truth float8[];
    found integer := 0;
BEGIN
    TRUNCATE slab_extremes_rows;
    INSERT INTO slab_extremes_rows SELECT i, pg_temp.point(i, factor) FROM generate_series(1, 600) AS i;
    EXECUTE format('CREATE INDEX slab_extremes_i ON slab_extremes_rows USING slab (v %s) WITH (%s)', opclass, options);
    INSERT INTO slab_extremes_rows SELECT i, pg_temp.point(i, factor) FROM generate_series(601, 700) AS i;
    exact := true;
    FOR q IN 1001 .. 1004 LOOP
        truth := pg_temp.nearest(operator, pg_temp.point(q, factor), false);
        PERFORM set_config('slab.exact', 'on', true);
        exact := exact AND pg_temp.nearest(operator, pg_temp.point(q, factor), true) = truth;
        PERFORM set_config('slab.exact', 'off', true);
        found := found + (SELECT count(*) FROM unnest(pg_temp.nearest(operator, pg_temp.point(q, factor), true)) AS d
            WHERE d <= truth[10]);
    END LOOP;
    usual := found >= 36;
    recall := (SELECT r.recall > 0.9 FROM slab_recall('slab_extremes_i') AS r);
    whole := slab_check('slab_extremes_i', true) IS NOT NULL;
    DROP INDEX slab_extremes_i;
END $$;

SELECT opclass, options, factor, t.*
FROM (VALUES ('vec_l2_ops', '<->', ', lists = 4'), ('vec_ip_ops', '<#>', ', lists = 4'), ('vec_cosine_ops', '<=>', ', bits = 8'),
        ('vec_l1_ops', '<+>', '')) AS o (opclass, operator, more),
    unnest(ARRAY['f16', 'f32']) AS storage, concat('storage = ', storage, more) AS options,
    unnest(ARRAY[1e-36, 1e-24, 1, 1e25, 3e38]::float8[]) AS factor, pg_temp.try(opclass, operator, options, factor) AS t
ORDER BY opclass, options, factor;
DROP TABLE slab_extremes_rows;
