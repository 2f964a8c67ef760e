-- An index that grows by inserts: from nothing to many extents, with narrow vectors and with the widest.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pgslab;
RESET client_min_messages;
SET slab.exact = on;
SET enable_seqscan = off;
-- No worker interferes.
SET slab.auto_compact = off;

-- Pages by role, each of which must be what the manifest says it is, and has its place among its owner's.
CREATE FUNCTION pg_temp.pages(index regclass, OUT role text, OUT parts bigint, OUT in_sequence boolean, OUT records bigint,
    OUT checksums_ok boolean) RETURNS SETOF record LANGUAGE sql AS $$
    SELECT role, count(DISTINCT part), array_agg(sequence ORDER BY part, sequence) =
            array_agg(place ORDER BY part, sequence), sum(records), bool_and(checksum_ok)
    FROM (SELECT *, row_number() OVER (PARTITION BY part ORDER BY sequence) - 1 AS place FROM slab_pages(index)
        WHERE role = kind) AS p GROUP BY role ORDER BY role
$$;

-- ---- narrow

CREATE TABLE slab_growth_items (id integer, v vec(3));
CREATE INDEX slab_growth_i ON slab_growth_items USING slab (v);
DO $$
BEGIN
    FOR i IN 1..400 LOOP
        INSERT INTO slab_growth_items VALUES (i, ARRAY[i, 0, 0]::vec);
    END LOOP;
END $$;
SELECT * FROM pg_temp.pages('slab_growth_i');
INSERT INTO slab_growth_items SELECT i, ARRAY[i % 1000, i / 1000, 0]::vec FROM generate_series(401, 20000) AS i;
SELECT * FROM pg_temp.pages('slab_growth_i');
-- sealed from time to time; 8 bytes a vector, 24 a record, 40 a code, and some for lists
SELECT rows, live, segments, sidecar_rows, in_progress_bytes,
    meta_bytes + record_bytes + slab_bytes + refine_bytes + codebook_bytes + segment_bytes + spare_bytes = total_bytes AS accounted,
    record_bytes + slab_bytes + refine_bytes < 1.25 * 20000 * (8 + 24 + 40) AS compact, segment_bytes < 20000 * 64 AS short
FROM slab_stats('slab_growth_i');
SELECT id FROM slab_growth_items ORDER BY v <-> '[333.3,15.1,0]' LIMIT 3;
SELECT slab_check('slab_growth_i', true);
-- built at once it takes no more room than it needs
REINDEX INDEX slab_growth_i;
SELECT * FROM pg_temp.pages('slab_growth_i');
SELECT meta_bytes, slab_bytes / 8192 AS slab_pages, record_bytes / 8192 AS record_pages, refine_bytes / 8192 AS refine_pages,
    segment_bytes < 20000 * 64 AS compact,
    meta_bytes + record_bytes + slab_bytes + refine_bytes + codebook_bytes + segment_bytes = total_bytes AS accounted
FROM slab_stats('slab_growth_i');
-- and grows on beside the built part
INSERT INTO slab_growth_items SELECT i, ARRAY[i % 1000, i / 1000, 0]::vec FROM generate_series(20001, 22000) AS i;
SELECT * FROM pg_temp.pages('slab_growth_i');
SELECT id FROM slab_growth_items ORDER BY v <-> '[333.3,21.1,0]' LIMIT 3;
SELECT slab_check('slab_growth_i', true);
DROP TABLE slab_growth_items;

-- ---- wide: a vector on part of a page, on several, on more than a WAL record takes

CREATE FUNCTION pg_temp.wide(i integer, dims integer) RETURNS vec LANGUAGE sql AS $$
    SELECT (array_fill(i, ARRAY[dims - 1]) || -i)::vec
$$;
-- Inserts rows singly into an empty index, some rolled back, looks for each of them, builds it anew, and looks again.
CREATE FUNCTION pg_temp.grow(dims integer, storage text, OUT item_pages numeric, OUT grown bigint, OUT rows bigint,
    OUT built bigint) LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('CREATE TABLE slab_growth_wide (id integer, v vec(%s))', dims);
    EXECUTE format('CREATE INDEX slab_growth_wide_i ON slab_growth_wide USING slab (v) WITH (storage = %s)', storage);
    FOR i IN 1..30 LOOP
        BEGIN
            INSERT INTO slab_growth_wide VALUES (i, pg_temp.wide(i, dims));
            IF i % 10 = 0 THEN
                RAISE division_by_zero;
            END IF;
        EXCEPTION WHEN division_by_zero THEN
            NULL;
        END;
    END LOOP;
    item_pages := round(dims * CASE storage WHEN 'f16' THEN 2 ELSE 4 END / 8128.0, 2);
    SELECT count(*) INTO grown FROM generate_series(1, 30) AS i
    WHERE i = (SELECT id FROM slab_growth_wide ORDER BY v <-> pg_temp.wide(i, dims) LIMIT 1);
    PERFORM slab_check('slab_growth_wide_i', true);
    SELECT s.rows INTO rows FROM slab_stats('slab_growth_wide_i') AS s;
    REINDEX INDEX slab_growth_wide_i;
    SELECT count(*) INTO built FROM generate_series(1, 30) AS i
    WHERE i = (SELECT id FROM slab_growth_wide ORDER BY v <-> pg_temp.wide(i, dims) LIMIT 1);
    PERFORM slab_check('slab_growth_wide_i', true);
    DROP TABLE slab_growth_wide;
END $$;
-- 27 of 30 rows are visible; the grown index holds all of them
SELECT dims, storage, g.* FROM unnest(ARRAY[1, 31, 32, 33, 2000, 4064, 4065, 9000, 16000]) AS dims,
    unnest(ARRAY['f16', 'f32']) AS storage, pg_temp.grow(dims, storage) AS g ORDER BY storage, dims;
