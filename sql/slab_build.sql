-- CREATE INDEX: lists, bits and sample; what they do to an index, and when they are refused.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pgslab;
RESET client_min_messages;


-- the distances of the nearest rows, and whether the index agrees with a sequential scan and with its table
CREATE FUNCTION pg_temp.agrees(index regclass, k integer DEFAULT 20) RETURNS boolean
LANGUAGE plpgsql STABLE SET slab.exact = on AS $$
DECLARE
    query vec := (SELECT v FROM slab_build_items WHERE id = 77);
    indexed double precision[];
    sequential double precision[];
BEGIN
    PERFORM slab_check(index, true);
    SELECT array_agg(distance) INTO indexed FROM slab_topk(index, query, k);
    SELECT array_agg(d) INTO sequential
        FROM (SELECT v <-> query AS d FROM slab_build_items WHERE v IS NOT NULL ORDER BY 1 LIMIT k) s;
    RETURN indexed = sequential;
END $$;

CREATE TABLE slab_build_items (id integer, v vec(40));
INSERT INTO slab_build_items
    SELECT i, (SELECT array_agg((hashint4extended(d, i) / 1e18)::real) FROM generate_series(1, 40) d)
    FROM generate_series(1, 3000) i;
INSERT INTO slab_build_items SELECT -i, NULL FROM generate_series(1, 50) i;

-- ---- options: as they are shown, and what was built

CREATE INDEX slab_build_default ON slab_build_items USING slab (v);
CREATE INDEX slab_build_zero ON slab_build_items USING slab (v) WITH (lists = 0, bits = auto, sample = 0);
CREATE INDEX slab_build_lists ON slab_build_items USING slab (v) WITH (lists = 7);
CREATE INDEX slab_build_none ON slab_build_items USING slab (v) WITH (lists = 3, bits = none);
CREATE INDEX slab_build_4 ON slab_build_items USING slab (v) WITH (bits = 4, sample = 100);
CREATE INDEX slab_build_8 ON slab_build_items USING slab (v) WITH (bits = '8', lists = 20, storage = f32);
CREATE INDEX slab_build_one ON slab_build_items USING slab (v) WITH (lists = 20, sample = 1);
CREATE INDEX slab_build_many ON slab_build_items USING slab (v) WITH (lists = 65536);
SELECT pg_get_indexdef(indexrelid) FROM pg_index
WHERE indrelid = 'slab_build_items'::regclass ORDER BY indexrelid::regclass::text;
SELECT index, rows, lists, refine_bits, calibration_queries > 0 AS calibrated, pg_temp.agrees(index)
FROM slab_indexes WHERE "table" = 'slab_build_items'::regclass AND index <> 'slab_build_many'::regclass
ORDER BY index::text;
-- no more lists than rows to train them with
SELECT lists BETWEEN 1000 AND 3000 AS many, pg_temp.agrees(index) FROM slab_indexes WHERE index = 'slab_build_many'::regclass;

-- the same rows give the same index, but for the identity of its codebook
SELECT bool_and(a IS NOT DISTINCT FROM b) AS same FROM slab_calibrate('slab_build_default') a
FULL JOIN slab_calibrate('slab_build_zero') b ON a = b;

-- changed options count from the next build on
ALTER INDEX slab_build_lists SET (lists = 9, bits = none);
SELECT lists, refine_bits FROM slab_stats('slab_build_lists');
REINDEX INDEX slab_build_lists;
SELECT lists, refine_bits, pg_temp.agrees('slab_build_lists') FROM slab_stats('slab_build_lists');
ALTER INDEX slab_build_lists RESET (lists, bits);
REINDEX INDEX slab_build_lists;
SELECT lists, refine_bits, pg_temp.agrees('slab_build_lists') FROM slab_stats('slab_build_lists');
-- rows that come in later
INSERT INTO slab_build_items SELECT id + 10000, v FROM slab_build_items WHERE id BETWEEN 1 AND 400;
SELECT index, rows, pg_temp.agrees(index, 100)
FROM slab_indexes WHERE "table" = 'slab_build_items'::regclass ORDER BY index::text;
DROP INDEX slab_build_default, slab_build_zero, slab_build_none, slab_build_4, slab_build_8, slab_build_one, slab_build_many;

-- ---- measuring again

SELECT count(*) BETWEEN 1 AND 8 AS levels, bool_and(recall BETWEEN 0 AND 1) AS recall, bool_and(lists >= 0) AS lists,
    bool_and(codes >= 0 AND refined >= 0 AND compared >= 0) AS work
FROM slab_calibrate('slab_build_lists');
SELECT calibration_queries > 0 AS calibrated, pg_temp.agrees('slab_build_lists') FROM slab_stats('slab_build_lists');
CREATE ROLE regress_slab_build;
GRANT SELECT ON slab_build_items TO regress_slab_build;
SET ROLE regress_slab_build;
SELECT slab_calibrate('slab_build_lists');
RESET ROLE;
DROP OWNED BY regress_slab_build;
DROP ROLE regress_slab_build;
SELECT slab_calibrate('slab_build_items');
SELECT slab_calibrate(NULL);

-- ---- few rows, and none

CREATE TABLE slab_build_few (id integer, v vec(3));
CREATE INDEX slab_build_few_i ON slab_build_few USING slab (v) WITH (lists = 5);
SELECT rows, lists, calibration_queries FROM slab_stats('slab_build_few_i');
SELECT * FROM slab_calibrate('slab_build_few_i');
INSERT INTO slab_build_few VALUES (1, '[1,2,3]'), (2, NULL), (3, '[0,0,0]');
SELECT slab_check('slab_build_few_i', true);
REINDEX INDEX slab_build_few_i;
SELECT rows, lists, calibration_queries FROM slab_stats('slab_build_few_i');
SELECT slab_check('slab_build_few_i', true);
SELECT count(*) FROM slab_topk('slab_build_few_i', '[1,1,1]', 10);
-- all rows alike
INSERT INTO slab_build_few SELECT i, '[1,2,3]' FROM generate_series(4, 500) i;
REINDEX INDEX slab_build_few_i;
SELECT rows FROM slab_stats('slab_build_few_i');
SELECT slab_check('slab_build_few_i', true);
SELECT count(*), max(distance) FROM slab_topk('slab_build_few_i', '[1,2,3]', 499);
-- nothing that has a distance
CREATE TABLE slab_build_zeros AS SELECT i, '[0,0,0]'::vec(3) AS v FROM generate_series(1, 300) i;
CREATE INDEX slab_build_zeros_i ON slab_build_zeros USING slab (v vec_cosine_ops);
SELECT rows FROM slab_stats('slab_build_zeros_i');
SELECT slab_check('slab_build_zeros_i', true);
INSERT INTO slab_build_zeros VALUES (301, '[1,2,3]');
SELECT count(*) FROM slab_topk('slab_build_zeros_i', '[1,2,3]', 10);
DROP TABLE slab_build_few, slab_build_zeros;

-- a partial index of few rows of a table of many
CREATE INDEX slab_build_partial ON slab_build_items USING slab (v) WHERE id = 77;
SELECT rows, lists FROM slab_stats('slab_build_partial');
SELECT slab_check('slab_build_partial', true);
DROP INDEX slab_build_partial;

-- ---- little memory: the sample is smaller

SET maintenance_work_mem = '1MB';
CREATE TABLE slab_build_large (v vec(1000));
INSERT INTO slab_build_large SELECT (SELECT array_agg(sin(i * d)::real) FROM generate_series(1, 1000) d) FROM generate_series(1, 600) i;
CREATE INDEX slab_build_large_i ON slab_build_large USING slab (v) WITH (lists = 200);
SELECT rows, lists FROM slab_stats('slab_build_large_i');
SELECT slab_check('slab_build_large_i', true);
SELECT count(*) FROM slab_topk('slab_build_large_i', (SELECT v FROM slab_build_large LIMIT 1), 1000);
CREATE INDEX slab_build_large_sample ON slab_build_large USING slab (v) WITH (sample = 100);
DROP TABLE slab_build_large;
RESET maintenance_work_mem;

-- ---- L1 has no codes

CREATE INDEX slab_build_l1 ON slab_build_items USING slab (v vec_l1_ops) WITH (lists = 0, bits = auto);
SELECT lists, refine_bits, calibration_queries FROM slab_stats('slab_build_l1');
SELECT slab_check('slab_build_l1', true);
SELECT * FROM slab_calibrate('slab_build_l1');

-- ---- what is refused

CREATE TABLE slab_build_wide (v vec(16000));
\pset format unaligned
\pset tuples_only on
\pset fieldsep '\n  '
SELECT statement, e.* FROM unnest(ARRAY[
    'CREATE INDEX ON slab_build_items USING slab (v) WITH (lists = -1)',
    'CREATE INDEX ON slab_build_items USING slab (v) WITH (lists = 65537)',
    'CREATE INDEX ON slab_build_items USING slab (v) WITH (lists = many)',
    'CREATE INDEX ON slab_build_items USING slab (v) WITH (bits = 2)',
    'CREATE INDEX ON slab_build_items USING slab (v) WITH (bits = 16)',
    'CREATE INDEX ON slab_build_items USING slab (v) WITH (bits)',
    'CREATE INDEX ON slab_build_items USING slab (v) WITH (sample = -5)',
    'CREATE INDEX ON slab_build_items USING slab (v vec_l1_ops) WITH (lists = 1)',
    'CREATE INDEX ON slab_build_items USING slab (v vec_l1_ops) WITH (bits = none)',
    'CREATE INDEX ON slab_build_items USING slab (v vec_l1_ops) WITH (sample = 10)',
    'CREATE INDEX ON slab_build_wide USING slab (v) WITH (bits = 8)',
    'CREATE INDEX ON slab_build_wide USING slab (v) WITH (bits = none)',
    'CREATE INDEX ON slab_build_wide USING slab (v) WITH (bits = 4)',
    'CREATE INDEX ON slab_build_wide USING slab (v)'
]) AS statement, refused(statement) AS e;
\pset format aligned
\pset tuples_only off
DROP TABLE slab_build_items, slab_build_wide;
