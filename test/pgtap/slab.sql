-- The surface of the access method slab as the catalogs show it, and properties it must have.
BEGIN;
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS pgslab;
SELECT plan(168);

-- ---- the access method and its operator classes

SELECT results_eq(
    $$SELECT amtype, amhandler::text, obj_description(oid, 'pg_am') COLLATE "default" FROM pg_am WHERE amname = 'slab'$$,
    $$VALUES ('i'::"char", 'slab_handler', 'nearest neighbours of vectors, and text by BM25')$$,
    'slab is an index access method');
SELECT results_eq(
    $$SELECT property, pg_indexam_has_property(a.oid, property) FROM pg_am a,
          unnest(ARRAY['can_include', 'can_multi_col', 'can_order', 'can_unique']) AS property
      WHERE amname = 'slab' ORDER BY 1$$,
    $$VALUES ('can_include', false), ('can_multi_col', true), ('can_order', false), ('can_unique', false)$$,
    'it has several columns, no order of values and no uniqueness');
SELECT results_eq(
    $$SELECT c.opcname, f.opfname, c.opcdefault, c.opcintype::regtype::text, c.opckeytype, o.oprname, p.amopstrategy::integer,
             p.amoppurpose, s.opfname, q.amproc::text
      FROM pg_opclass c
      JOIN pg_am a ON a.oid = c.opcmethod
      JOIN pg_opfamily f ON f.oid = c.opcfamily
      JOIN pg_amop p ON p.amopfamily = f.oid
      JOIN pg_operator o ON o.oid = p.amopopr
      JOIN pg_opfamily s ON s.oid = p.amopsortfamily
      JOIN pg_amproc q ON q.amprocfamily = f.oid
      WHERE a.amname = 'slab' ORDER BY 1$$,
    $$VALUES
      ('bit_hamming_ops'::name, 'bit_hamming_ops'::name, true, 'bit varying', 0::oid, '<~>'::name, 1, 'o'::"char",
       'float_ops'::name, 'slab_bit_hamming'),
      ('bit_jaccard_ops', 'bit_jaccard_ops', false, 'bit varying', 0, '<%>', 1, 'o', 'float_ops', 'slab_bit_jaccard'),
      ('hvec_cosine_ops', 'hvec_cosine_ops', false, 'hvec', 0, '<=>', 1, 'o', 'float_ops', 'slab_hvec_cosine'),
      ('hvec_ip_ops', 'hvec_ip_ops', false, 'hvec', 0, '<#>', 1, 'o', 'float_ops', 'slab_hvec_ip'),
      ('hvec_l1_ops', 'hvec_l1_ops', false, 'hvec', 0, '<+>', 1, 'o', 'float_ops', 'slab_hvec_l1'),
      ('hvec_l2_ops', 'hvec_l2_ops', true, 'hvec', 0, '<->', 1, 'o', 'float_ops', 'slab_hvec_l2'),
      ('svec_cosine_ops', 'svec_cosine_ops', false, 'svec', 0, '<=>', 1, 'o', 'float_ops', 'slab_svec_cosine'),
      ('svec_ip_ops', 'svec_ip_ops', true, 'svec', 0, '<#>', 1, 'o', 'float_ops', 'slab_svec_ip'),
      ('tsvector_bm25_ops', 'tsvector_bm25_ops', true, 'tsvector', 0, '<@>', 1, 'o', 'float_ops', 'slab_tsvector_bm25'),
      ('vec_cosine_ops', 'vec_cosine_ops', false, 'vec', 0, '<=>', 1, 'o', 'float_ops', 'slab_vec_cosine'),
      ('vec_ip_ops', 'vec_ip_ops', false, 'vec', 0, '<#>', 1, 'o', 'float_ops', 'slab_vec_ip'),
      ('vec_l1_ops', 'vec_l1_ops', false, 'vec', 0, '<+>', 1, 'o', 'float_ops', 'slab_vec_l1'),
      ('vec_l2_ops', 'vec_l2_ops', true, 'vec', 0, '<->', 1, 'o', 'float_ops', 'slab_vec_l2')$$,
    'each operator class orders by one distance and has a support function; those of L2, Hamming, BM25 and sparse products are the defaults');
SELECT is_empty(
    $$SELECT s.amopopr::regoperator, s.amopstrategy FROM pg_amop s
      WHERE s.amopmethod = (SELECT oid FROM pg_am WHERE amname = 'slab') AND s.amoppurpose = 's'
        AND NOT EXISTS (SELECT FROM pg_amop b WHERE b.amopmethod = (SELECT oid FROM pg_am WHERE amname = 'btree')
                        AND b.amopopr = s.amopopr AND b.amopstrategy = s.amopstrategy)
        AND (s.amopopr::regoperator::text, s.amopstrategy) NOT IN
            (('&&(anyarray,anyarray)', 6), ('@>(anyarray,anyarray)', 7), ('<?>(vec,record)', 2), ('<?>(hvec,record)', 2),
             ('<?>(bit varying,record)', 2), ('<?>(svec,record)', 2), ('<?>(tsvector,record)', 2))$$,
    'the operators of filter columns are a btree''s, and numbered as there, those of sets, and the planner''s own');
SELECT ok(amvalidate(c.oid), c.opcname || ' is valid')
FROM pg_opclass c JOIN pg_am a ON a.oid = c.opcmethod WHERE a.amname = 'slab' ORDER BY c.opcname;
SELECT is(pg_opclass_is_visible(oid), true, opcname || ' is found by its name alone')
FROM pg_opclass WHERE opcname ~ '^(h?vec|bit)_.*_ops$' ORDER BY opcname;

-- ---- functions: arguments with names and defaults, result, volatility, strictness, parallel safety, estimates

CREATE TEMPORARY TABLE promised (function text, result text, volatile "char", strict boolean, parallel "char", rows real);
INSERT INTO promised VALUES
    ('slab_bit_hamming(internal)', 'internal', 'i', false, 's', 0),
    ('slab_bit_jaccard(internal)', 'internal', 'i', false, 's', 0),
    ('slab_bm25(index regclass, query text, k integer, filter text DEFAULT NULL::text, OUT ctid tid, OUT score double precision, OUT "table" regclass)',
     'SETOF record', 's', false, 'r', 10),
    ('slab_calibrate(index regclass, queries vec[] DEFAULT NULL::vec[], forget boolean DEFAULT false, OUT recall real, OUT lists real, '
     'OUT codes real, OUT refined real, OUT compared real)', 'SETOF record', 'v', false, 'u', 8),
    ('slab_check(index regclass, heap_all_indexed boolean DEFAULT false)', 'void', 'v', true, 'r', 0),
    ('slab_compact(index regclass, "full" boolean DEFAULT false, OUT records_before bigint, OUT sidecar_records bigint, '
     'OUT segments_before integer, OUT segments_after integer, OUT bytes_written bigint, OUT elapsed_ms double precision)',
     'record', 'v', true, 'u', 0),
    ('slab_handler(internal)', 'index_am_handler', 'v', false, 'u', 0),
    ('slab_hvec_cosine(internal)', 'internal', 'i', false, 's', 0),
    ('slab_hvec_ip(internal)', 'internal', 'i', false, 's', 0),
    ('slab_hvec_l1(internal)', 'internal', 'i', false, 's', 0),
    ('slab_hvec_l2(internal)', 'internal', 'i', false, 's', 0),
    ('slab_keys_bool(internal)', 'internal', 'i', false, 's', 0),
    ('slab_keys_date(internal)', 'internal', 'i', false, 's', 0),
    ('slab_keys_enum(internal)', 'internal', 'i', false, 's', 0),
    ('slab_keys_float4(internal)', 'internal', 'i', false, 's', 0),
    ('slab_keys_float8(internal)', 'internal', 'i', false, 's', 0),
    ('slab_keys_int2(internal)', 'internal', 'i', false, 's', 0),
    ('slab_keys_int4(internal)', 'internal', 'i', false, 's', 0),
    ('slab_keys_int4_array(internal)', 'internal', 'i', false, 's', 0),
    ('slab_keys_int8(internal)', 'internal', 'i', false, 's', 0),
    ('slab_keys_numeric(internal)', 'internal', 'i', false, 's', 0),
    ('slab_keys_text(internal)', 'internal', 'i', false, 's', 0),
    ('slab_keys_text_array(internal)', 'internal', 'i', false, 's', 0),
    ('slab_keys_time(internal)', 'internal', 'i', false, 's', 0),
    ('slab_keys_timestamp(internal)', 'internal', 'i', false, 's', 0),
    ('slab_keys_timestamptz(internal)', 'internal', 'i', false, 's', 0),
    ('slab_keys_uuid(internal)', 'internal', 'i', false, 's', 0),
    ('slab_last_scan(OUT index regclass, OUT exact boolean, OUT expected bigint, OUT lists bigint, OUT codes bigint, '
     'OUT filtered bigint, OUT refined bigint, OUT compared bigint, OUT buffers bigint, OUT rows bigint, OUT passes bigint, OUT looked_up bigint, OUT estimated_recall real, OUT strategy text)',
     'record', 'v', false, 'r', 0),
    ('slab_last_terms_scan(OUT index regclass, OUT exact boolean, OUT expected bigint, OUT blocks bigint, OUT skipped bigint, OUT postings bigint, '
     'OUT sidecar bigint, OUT scored bigint, OUT asked bigint, OUT filter_pages bigint, OUT buffers bigint, OUT rows bigint, OUT passes bigint)',
     'record', 'v', false, 'r', 0),
    ('slab_pages(index regclass, OUT block bigint, OUT role text, OUT kind text, OUT part bigint, OUT generation bigint, '
     'OUT sequence bigint, OUT used_bytes integer, OUT records integer, OUT tombstones integer, OUT checksum_ok boolean)',
     'SETOF record', 'v', true, 'r', 1000),
    ('slab_recall(index regclass, k integer DEFAULT 10, queries vec[] DEFAULT NULL::vec[], OUT recall double precision, '
     'OUT queries integer, OUT lists double precision, OUT codes double precision, OUT refined double precision, '
     'OUT compared double precision, OUT buffers double precision, OUT time_ms double precision)', 'record', 'v', false, 'r', 0),
    ('slab_recluster(index regclass, OUT records bigint, OUT lists_before integer, OUT lists_after integer, '
     'OUT bytes_written bigint, OUT elapsed_ms double precision)', 'record', 'v', true, 'u', 0),
    ('slab_satisfies(bit varying, record)', 'boolean', 'i', false, 's', 0),
    ('slab_satisfies(hvec, record)', 'boolean', 'i', false, 's', 0),
    ('slab_satisfies(svec, record)', 'boolean', 'i', false, 's', 0),
    ('slab_satisfies(tsvector, record)', 'boolean', 'i', false, 's', 0),
    ('slab_satisfies(vec, record)', 'boolean', 'i', false, 's', 0),
    ('slab_stats(index regclass, OUT format_version integer, OUT dims integer, OUT metric text, OUT storage text, '
     'OUT lists integer, OUT refine_bits integer, OUT segments integer, OUT calibration_queries integer, '
     'OUT rows bigint, OUT live bigint, OUT tombstones bigint, OUT tombstone_ratio double precision, '
     'OUT sidecar_rows bigint, OUT generation bigint, OUT embedder text, OUT revision text, OUT meta_bytes bigint, '
     'OUT record_bytes bigint, OUT slab_bytes bigint, OUT refine_bytes bigint, OUT segment_bytes bigint, '
     'OUT codebook_bytes bigint, OUT in_progress_bytes bigint, OUT spare_bytes bigint, OUT total_bytes bigint, '
     'OUT drift double precision, OUT needs_vacuum boolean, OUT needs_compaction boolean, OUT code_bytes_written bigint, OUT vector_bytes_written bigint, OUT seal_overdue boolean, '
     'OUT learnt real[], OUT audits bigint[], OUT audited_recall real[])',
     'record', 'v', true, 'r', 0),
    ('slab_svec_cosine(internal)', 'internal', 'i', false, 's', 0),
    ('slab_svec_ip(internal)', 'internal', 'i', false, 's', 0),
    ('slab_topk(index regclass, query hvec, k integer, min_score double precision DEFAULT NULL::double precision, '
     'filter text DEFAULT NULL::text, OUT ctid tid, OUT distance double precision)', 'SETOF record', 's', false, 'r', 10),
    ('slab_topk(index regclass, query vec, k integer, min_score double precision DEFAULT NULL::double precision, '
     'filter text DEFAULT NULL::text, OUT ctid tid, OUT distance double precision)', 'SETOF record', 's', false, 'r', 10),
    ('slab_tsvector_bm25(internal)', 'internal', 'i', false, 's', 0),
    ('slab_two_tier(fast_index regclass, quality_column name, q_fast vec, q_quality vec, k integer, alpha double precision DEFAULT 0.7, '
     'candidates integer DEFAULT NULL::integer, filter text DEFAULT NULL::text, OUT ctid tid, OUT score double precision, '
     'OUT fast_score double precision, OUT quality_score double precision)', 'SETOF record', 's', false, 'r', 10),
    ('slab_vacuum(index regclass, OUT records_before bigint, OUT records_after bigint, OUT tombstones_removed bigint, '
     'OUT bytes_reclaimed bigint, OUT elapsed_ms double precision)', 'record', 'v', true, 'u', 0),
    ('slab_vec_cosine(internal)', 'internal', 'i', false, 's', 0),
    ('slab_vec_ip(internal)', 'internal', 'i', false, 's', 0),
    ('slab_vec_l1(internal)', 'internal', 'i', false, 's', 0),
    ('slab_vec_l2(internal)', 'internal', 'i', false, 's', 0),
    ('slab_warm(index regclass, what text DEFAULT ''codes''::text, budget bigint DEFAULT NULL::bigint)',
     'bigint', 'v', false, 'r', 0),
    ('slab_why(query text, OUT index regclass, OUT alias text, OUT used boolean, OUT reason text, OUT remedy text)',
     'SETOF record', 'v', true, 'u', 2);
INSERT INTO promised
SELECT regexp_replace(replace(function, 'slab_stats(', 'slab_try_stats('), '\)$', ', OUT problem text)'), result, volatile, strict, 'u', rows
FROM promised WHERE function LIKE 'slab\_stats(%';
SELECT results_eq(
    $$SELECT format('%s(%s)', proname, pg_get_function_arguments(p.oid)) COLLATE "C", pg_get_function_result(p.oid),
             provolatile, proisstrict, proparallel, prorows
      FROM pg_proc p JOIN pg_language l ON l.oid = prolang
      WHERE lanname = 'c' AND proname LIKE 'slab\_%' ORDER BY 1$$,
    $$SELECT function COLLATE "C", result, volatile, strict, parallel, rows FROM promised ORDER BY 1$$,
    'the functions are these, and no others');
SELECT isnt(obj_description(p.oid, 'pg_proc'), NULL, proname || '() says what it is for')
FROM pg_proc p JOIN pg_language l ON l.oid = prolang
WHERE lanname = 'c' AND proname IN ('slab_calibrate', 'slab_stats', 'slab_try_stats', 'slab_check', 'slab_pages', 'slab_topk', 'slab_two_tier', 'slab_recall', 'slab_last_scan',
    'slab_bm25', 'slab_last_terms_scan', 'slab_warm', 'slab_why', 'slab_compact', 'slab_vacuum', 'slab_recluster') ORDER BY proname;
SELECT is_empty(
    $$SELECT p.oid::regprocedure FROM pg_proc p JOIN pg_depend d ON d.objid = p.oid AND d.classid = 'pg_proc'::regclass
      JOIN pg_extension e ON e.oid = d.refobjid AND d.refclassid = 'pg_extension'::regclass
      WHERE e.extname = 'pgslab' AND p.prosecdef$$,
    'no function runs with the rights of its owner');

-- ---- the views

SELECT has_view('slab_indexes');
SELECT columns_are('slab_indexes', ARRAY['index', 'table', 'valid', 'format_version', 'dims', 'metric', 'storage', 'lists',
    'refine_bits', 'segments', 'calibration_queries', 'rows', 'live', 'tombstones', 'tombstone_ratio', 'sidecar_rows', 'generation', 'embedder', 'revision', 'meta_bytes',
    'record_bytes', 'slab_bytes', 'refine_bytes', 'segment_bytes', 'codebook_bytes', 'in_progress_bytes', 'spare_bytes', 'total_bytes',
    'drift', 'needs_vacuum', 'needs_compaction', 'code_bytes_written', 'vector_bytes_written', 'seal_overdue', 'learnt', 'audits', 'audited_recall', 'problem']);
SELECT results_eq(
    $$SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute
      WHERE attrelid = 'slab_indexes'::regclass AND attnum BETWEEN 1 AND 3 ORDER BY attnum$$,
    $$VALUES ('index'::name, 'regclass'), ('table', 'regclass'), ('valid', 'boolean')$$,
    'slab_indexes begins with the index and its table');
SELECT has_view('slab_maintenance');
SELECT results_eq(
    $$SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute
      WHERE attrelid = 'slab_maintenance'::regclass AND attnum > 0 ORDER BY attnum$$,
    $$VALUES ('pid'::name, 'integer'), ('index', 'regclass'), ('operation', 'text'), ('phase', 'text'), ('done', 'bigint'),
      ('total', 'bigint')$$,
    'slab_maintenance has these columns');
SELECT is_empty('SELECT * FROM slab_maintenance', 'and nothing in it when nothing goes on');
SELECT isnt(obj_description(view, 'pg_class'), NULL, view::text || ' says what it shows')
FROM unnest(ARRAY['slab_indexes', 'slab_maintenance']::regclass[]) AS view;

-- ---- what a role without any grant may do

CREATE ROLE regress_slab_nobody;
SELECT ok(has_table_privilege('regress_slab_nobody', view, 'SELECT'), 'anybody may look at ' || view)
FROM unnest(ARRAY['slab_indexes', 'slab_maintenance']) AS view;
SELECT ok(NOT has_table_privilege('regress_slab_nobody', view, 'INSERT, UPDATE, DELETE, TRUNCATE'), 'and change nothing in ' || view)
FROM unnest(ARRAY['slab_indexes', 'slab_maintenance']) AS view;
SELECT ok(has_function_privilege('regress_slab_nobody', p.oid, 'EXECUTE'), 'anybody may call ' || p.oid::regprocedure)
FROM pg_proc p JOIN pg_language l ON l.oid = prolang
WHERE lanname = 'c' AND proname IN ('slab_calibrate', 'slab_stats', 'slab_try_stats', 'slab_check', 'slab_pages', 'slab_topk', 'slab_two_tier', 'slab_recall', 'slab_last_scan',
    'slab_bm25', 'slab_last_terms_scan', 'slab_warm', 'slab_why', 'slab_compact', 'slab_vacuum', 'slab_recluster') ORDER BY proname;

-- ---- settings

SELECT results_eq(
    $$SELECT name, vartype, context, setting, boot_val FROM pg_settings WHERE name = 'slab.isa'$$,
    $$VALUES ('slab.isa', 'string', 'user', 'auto', 'auto')$$,
    'slab.isa may be set by anybody and chooses for itself');
SELECT lives_ok('SET LOCAL slab.isa = baseline', 'every CPU can run the baseline');
SELECT lives_ok('SET LOCAL slab.isa = auto', 'and the best it has');
SELECT throws_ok('SET LOCAL slab.isa = none', '22023', 'invalid value for parameter "slab.isa": "none"');
SELECT results_eq(
    $$SELECT name, vartype, context, boot_val, min_val, max_val FROM pg_settings
      WHERE name IN ('slab.exact', 'slab.probes', 'slab.refine', 'slab.target_recall') ORDER BY name$$,
    $$VALUES ('slab.exact', 'bool', 'user', 'off', NULL, NULL), ('slab.probes', 'integer', 'user', '0', '0', '65536'),
      ('slab.refine', 'integer', 'user', '0', '0', '2147483647'), ('slab.target_recall', 'real', 'user', '0.95', '0', '1')$$,
    'anybody may say how thoroughly to search');
SELECT results_eq(
    $$SELECT vartype, context, boot_val FROM pg_settings WHERE name = 'slab.auto_compact'$$,
    $$VALUES ('bool', 'user', 'on')$$, 'inserts have indexes compacted unless somebody says they shall not');
SELECT lives_ok('SET LOCAL slab.target_recall = ' || value, 'a recall of ' || value || ' may be aimed at')
FROM unnest(ARRAY[0.5, 0.7, 0.999]) AS value;
SELECT throws_ok('SET LOCAL slab.target_recall = ' || value, '22023',
    format('invalid value for parameter "slab.target_recall": %s', value), 'a recall of ' || value || ' may not')
FROM unnest(ARRAY[0, 0.49, 0.9995, 1]) AS value;
CREATE FUNCTION pg_temp.complaint(statement text, OUT state text, OUT detail text, OUT hint text) LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE statement;
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
END $$;
SELECT results_eq(
    $$SELECT * FROM pg_temp.complaint('SET LOCAL slab.target_recall = 1')$$,
    $$VALUES ('22023', 'The share of the nearest rows to find is between 0.5 and 0.999.',
      'To find all of them, set slab.exact to on.')$$, 'whoever wants everything is told how');
SELECT results_eq(
    $$SELECT * FROM pg_temp.complaint('SET LOCAL slab.target_recall = 0.1')$$,
    $$VALUES ('22023', 'The share of the nearest rows to find is between 0.5 and 0.999.',
      'To search less, set slab.probes and slab.refine.')$$, 'and so is whoever wants little');
SELECT throws_ok('SET LOCAL slab.probes = -1', '22023', NULL, 'probes are not negative');
SELECT throws_ok('SET LOCAL slab.refine = -1', '22023', NULL, 'neither are vectors to compare');
RESET slab.target_recall;

-- ---- what every index keeps, for any table

CREATE TABLE items (id integer, v vec(5));
INSERT INTO items SELECT i, ARRAY[i, i % 7, 0, -i % 13, 1]::vec FROM generate_series(1, 700) AS i;
CREATE INDEX items_i ON items USING slab (v);
INSERT INTO items SELECT i, ARRAY[i, i % 7, 0, -i % 13, 1]::vec FROM generate_series(701, 900) AS i;
INSERT INTO items VALUES (901, NULL);
SET LOCAL enable_seqscan = off;
SET LOCAL enable_sort = off;
SET LOCAL slab.exact = on;

SELECT lives_ok($$SELECT slab_check('items_i', true)$$, 'an index in use agrees with its table');
SELECT results_eq(
    $$SELECT rows, live, tombstones, sidecar_rows FROM slab_stats('items_i')$$,
    $$VALUES (900::bigint, 900::bigint, 0::bigint, 200::bigint)$$,
    'statistics count rows with a vector; the sidecar has those that came after the build');
SELECT results_eq(
    $$SELECT total_bytes, meta_bytes + record_bytes + slab_bytes + refine_bytes + segment_bytes + codebook_bytes
          + in_progress_bytes + spare_bytes FROM slab_stats('items_i')$$,
    $$SELECT pg_relation_size('items_i'), pg_relation_size('items_i')$$,
    'statistics account for every byte of the file');
SELECT results_eq(
    $$SELECT count(*) * 8192, sum(records) FROM slab_pages('items_i')$$,
    $$SELECT total_bytes, rows FROM slab_stats('items_i')$$,
    'slab_pages() has a row for each block and counts the same records');
SELECT results_eq(
    $$SELECT replace(replace(role, 'directory', 'segment'), 'list', 'segment'), count(*) * 8192
      FROM slab_pages('items_i') GROUP BY 1 ORDER BY 1$$,
    $$SELECT role, bytes FROM slab_stats('items_i'), LATERAL (VALUES ('meta', meta_bytes), ('record', record_bytes),
      ('slab', slab_bytes), ('refine', refine_bytes), ('segment', segment_bytes), ('codebook', codebook_bytes))
      AS b (role, bytes) WHERE bytes > 0 ORDER BY role$$,
    'and the same pages of each kind');
SELECT results_eq(
    format($$SELECT v <-> %1$L FROM items ORDER BY v <-> %1$L LIMIT %2$s$$, query, k),
    format($$SELECT distance FROM slab_topk('items_i', %L, %s)$$, query, k),
    format('slab_topk() and ORDER BY give the same %s distances from %s', k, query))
FROM unnest(ARRAY['[0,0,0,0,0]', '[450.5,3,1,-6,1]', '[-1e10,1e-10,0,0,0]']) AS query, unnest(ARRAY[1, 10, 900]) AS k;
SELECT is(
    (SELECT array_agg(distance) FROM slab_topk('items_i', '[3,3,3,3,3]', 1000)),
    (SELECT array_agg(distance) FROM (SELECT v <-> '[3,3,3,3,3]' AS distance FROM items WHERE v IS NOT NULL
     ORDER BY v <-> '[3,3,3,3,3]') AS s),
    'and all of them when asked for more than there are');
SELECT results_eq(
    $$SELECT count(*) FROM slab_topk('items_i', '[3,3,3,3,3]', 1000, -100)$$,
    $$SELECT count(*) FROM items WHERE v <-> '[3,3,3,3,3]' <= 100$$,
    'min_score keeps rows up to a distance');
SELECT results_eq(
    format($$SELECT v <-> '[3,3,3,3,3]' FROM items WHERE (%s) AND v IS NOT NULL ORDER BY v <-> '[3,3,3,3,3]' LIMIT %s$$, filter, k),
    format($$SELECT distance FROM slab_topk('items_i', '[3,3,3,3,3]', %s, NULL, %L)$$, k, filter),
    format('a filter %s keeps what WHERE does, of %s', filter, k))
FROM unnest(ARRAY['id % 3 = 0', 'id < 50 OR id > 800', 'false']) AS filter, unnest(ARRAY[10, 1000]) AS k;

-- Of all rows as candidates, both scores and what is made of them, by SQL.
CREATE TEMPORARY TABLE tiers AS
SELECT ctid AS address, score, fast_score, quality_score FROM slab_two_tier('items_i', 'v', '[3,3,3,3,3]', '[400,0,1,-2,0]', 900, 0.6);
SELECT is((SELECT count(DISTINCT address) FROM tiers), 900::bigint, 'slab_two_tier() has each candidate once');
SELECT is_empty(
    $$WITH scores AS (SELECT ctid AS address, -(v <-> '[3,3,3,3,3]') AS fast, -(v <-> '[400,0,1,-2,0]') AS quality FROM items WHERE v IS NOT NULL),
           shares AS (SELECT *, (fast - min(fast) OVER ()) / (max(fast) OVER () - min(fast) OVER ()) AS f,
                             (quality - min(quality) OVER ()) / (max(quality) OVER () - min(quality) OVER ()) AS q FROM scores)
      SELECT address FROM tiers FULL JOIN shares USING (address)
      WHERE (fast_score, quality_score) IS DISTINCT FROM (fast, quality) OR abs(score - (0.6 * q + 0.4 * f)) > 1e-12$$,
    'scores are those of the operators, added up after each was scaled to 0 .. 1');
SELECT is_empty(
    $$SELECT n FROM (SELECT n, score, lag(score) OVER (ORDER BY n) AS before
                     FROM slab_two_tier('items_i', 'v', '[3,3,3,3,3]', '[400,0,1,-2,0]', 900) WITH ORDINALITY AS t(c, score, f, q, n)) AS s
      WHERE score > before$$,
    'the best first');

-- ---- how well it searches

SELECT is(recall, 1::float8, 'an exact search finds everything') FROM slab_recall('items_i');
SET LOCAL slab.exact = off;
SELECT cmp_ok(recall, '>=', 0.8::float8, 'any other about what it aims at') FROM slab_recall('items_i', 10);
SELECT results_eq(
    $$SELECT k, count(*) FROM unnest(ARRAY[1, 10, 900, 1000]) AS k, slab_topk('items_i', '[3,3,3,3,3]', k) GROUP BY k ORDER BY k$$,
    $$VALUES (1, 1::bigint), (10, 10), (900, 900), (1000, 900)$$,
    'it returns as many rows as asked for, if there are');
SELECT results_eq(
    $$SELECT count(*), count(DISTINCT id) FROM (SELECT id FROM items ORDER BY v <-> '[3,3,3,3,3]' OFFSET 0) AS s$$,
    $$VALUES (900::bigint, 900::bigint)$$,
    'and each once');
SELECT results_eq(
    $$SELECT index::text, exact, rows FROM slab_last_scan()$$,
    $$VALUES ('items_i', true, 900::bigint)$$,
    'slab_last_scan() tells of it');
SELECT throws_ok(format('SELECT slab_recall(''items_i'', %s)', k), '22023', 'k must be between 1 and 1000')
FROM unnest(ARRAY[0, -1, 1001]) AS k;
SELECT throws_ok($$SELECT slab_recall('items_i', 1, ARRAY['[1]'::vec])$$, '22000', NULL, 'queries have the dimensions of the index');
SELECT throws_ok($$SELECT slab_recall('items_i', 1, ARRAY[NULL]::vec[])$$, '22004', 'a query must not be null');
SELECT throws_ok($$SELECT slab_recall('items_i', 1, '{}'::vec[])$$, '22023', 'there are no queries');

-- ---- what maintenance leaves

SELECT results_eq(
    $$SELECT records_before, sidecar_records, segments_before, segments_after FROM slab_compact('items_i')$$,
    $$VALUES (900::bigint, 200::bigint, 1, 1)$$, 'a compaction tells what it found and left');
SELECT results_eq(
    $$SELECT rows, live, sidecar_rows, segments, needs_vacuum, needs_compaction FROM slab_stats('items_i')$$,
    $$VALUES (900::bigint, 900::bigint, 0::bigint, 1, false, false)$$, 'one segment for all rows');
SELECT results_eq(
    $$SELECT records_before, segments_after, bytes_written > 900 * 10 FROM slab_compact('items_i', "full" => true)$$,
    $$VALUES (900::bigint, 1, true)$$, 'a full one writes vectors, too');
SELECT results_eq(
    $$SELECT records FROM slab_recluster('items_i')$$, 'VALUES (900::bigint)', 'a recluster puts every row in a list');
SELECT results_eq(
    $$SELECT records_before, records_after, tombstones_removed, bytes_reclaimed FROM slab_vacuum('items_i')$$,
    $$VALUES (900::bigint, 900::bigint, 0::bigint, 0::bigint)$$, 'there is nothing to vacuum');
SELECT lives_ok($$SELECT slab_check('items_i', true)$$, 'the index agrees with its table as before');
SELECT results_eq(
    $$SELECT total_bytes, meta_bytes + record_bytes + slab_bytes + refine_bytes + segment_bytes + codebook_bytes
          + in_progress_bytes + spare_bytes, spare_bytes > 0 FROM slab_stats('items_i')$$,
    $$SELECT pg_relation_size('items_i'), pg_relation_size('items_i'), true$$,
    'spare bytes are accounted for');
SELECT results_eq(
    $$SELECT count(*) * 8192 FROM slab_pages('items_i') WHERE role = 'spare'$$,
    $$SELECT spare_bytes FROM slab_stats('items_i')$$, 'and are the pages without another use');
SELECT results_eq(
    $$SELECT count(*), count(DISTINCT id) FROM (SELECT id FROM items ORDER BY v <-> '[3,3,3,3,3]' OFFSET 0) AS s$$,
    $$VALUES (900::bigint, 900::bigint)$$, 'a search finds each row once');
SET LOCAL slab.exact = on;
SELECT results_eq(
    format($$SELECT v <-> %1$L FROM items ORDER BY v <-> %1$L LIMIT 900$$, query),
    format($$SELECT v <-> %1$L FROM items WHERE v IS NOT NULL ORDER BY (v <-> %1$L) + 0$$, query),
    'an exact one in order of distance from ' || query)
FROM unnest(ARRAY['[0,0,0,0,0]', '[450.5,3,1,-6,1]']) AS query;
CREATE INDEX items_l1 ON items USING slab (v vec_l1_ops);
SELECT results_eq(
    $$SELECT * FROM pg_temp.complaint('SELECT slab_recluster(''items_l1'')')$$,
    $$VALUES ('0A000', 'A search by L1 distance reads all vectors.',
      'slab_compact(index, full => true) writes an index anew as it is.')$$, 'without lists there is nothing to recluster');
SELECT results_eq(
    $$SELECT * FROM pg_temp.complaint('SELECT slab_compact(''items'')')$$,
    $$VALUES ('42809', '', 'The view slab_indexes lists the slab indexes of this database.')$$, 'a table is not an index');
SELECT is_empty('SELECT * FROM slab_maintenance', 'nothing goes on any more');

-- ---- slab_why

SELECT results_eq(
    format('SELECT index::text, used, remedy IS NULL FROM slab_why(%L) ORDER BY index::text COLLATE "C"', query),
    $$VALUES ('items_i', false, false), ('items_l1', false, false)$$, 'slab_why() has a remedy where no index is used: ' || query)
FROM unnest(ARRAY['SELECT FROM items ORDER BY v <-> $1 DESC LIMIT 1', 'SELECT FROM items ORDER BY 1 - (v <-> $1) LIMIT 1',
    'SELECT FROM items ORDER BY v <=> $1 LIMIT 1', 'SELECT count(*) FROM items', 'SELECT FROM items ORDER BY v <-> v LIMIT 1']) AS query;
SET LOCAL enable_seqscan = off;
SELECT results_eq(
    $$SELECT index::text, used FROM slab_why('SELECT FROM items ORDER BY v <+> $1 LIMIT 1') ORDER BY index::text COLLATE "C"$$,
    $$VALUES ('items_i', false), ('items_l1', true)$$, 'and says which index is used');
SELECT is_empty($$SELECT * FROM slab_why('SELECT FROM pg_class')$$, 'and nothing of tables without one');

SELECT * FROM finish();
ROLLBACK;
