-- How a search is told what to do: slab.target_recall, slab.probes, slab.refine, slab.exact. The other settings' values.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pgslab;
RESET client_min_messages;

SELECT vec_dims('[1]') AS library_loaded;

-- ---- values

SELECT name, setting, min_val, max_val, context FROM pg_settings WHERE name LIKE 'slab.%' AND name NOT IN ('slab.isa', 'slab.stop_at', 'slab.fail_at') ORDER BY name;
SET slab.target_recall = 0.5;
SET slab.target_recall = 0.999;
SET slab.target_recall = 0.4999;
SET slab.target_recall = 0.9991;
SET slab.target_recall = 1;
SET slab.target_recall = 'NaN';
SET slab.target_recall = 1.5;
SET slab.target_recall = much;
RESET slab.target_recall;
SET slab.probes = 65536;
SET slab.probes = 65537;
SET slab.probes = -1;
SET slab.refine = 2147483647;
SET slab.refine = -1;
SET slab.exact = maybe;
SET slab.auto_compact = off;
SHOW slab.auto_compact;
SET slab.auto_compact = 2;
RESET slab.auto_compact;
SET slab.recall = 1;
RESET slab.probes;
RESET slab.refine;

-- ---- what they do

CREATE TABLE slab_settings_items (id integer, v vec(8));
INSERT INTO slab_settings_items
SELECT i, array_agg(hashint4(i * 8 + d) / 2147483648.0 + (i % 50) * ((d + i % 50) % 3) ORDER BY d)::vec(8)
FROM generate_series(1, 8000) AS i, generate_series(1, 8) AS d GROUP BY i;
CREATE INDEX slab_settings_i ON slab_settings_items USING slab (v) WITH (lists = 64);
SET enable_seqscan = off;
PREPARE nearest AS SELECT id FROM slab_settings_items ORDER BY v <-> '[20,0,20,20,0,20,20,0]' LIMIT 10;

-- one list, all lists, and whatever the index thinks right
SET slab.probes = 1;
EXECUTE nearest \g /dev/null
SELECT exact, lists, rows, passes FROM slab_last_scan();
SET slab.probes = 64;
EXECUTE nearest \g /dev/null
SELECT exact, lists, codes, rows, passes FROM slab_last_scan();
RESET slab.probes;
EXECUTE nearest \g /dev/null
SELECT exact, lists BETWEEN 1 AND 63 AS some_lists, codes < 8000 AS some_codes, compared < 1000 AS few_compared, rows
FROM slab_last_scan();
-- to compare as many vectors as rows are wanted, at first
SET slab.refine = 10;
EXECUTE nearest \g /dev/null
SELECT compared BETWEEN 10 AND 1000 AS few_compared, rows FROM slab_last_scan();
RESET slab.refine;
-- a higher target takes more work, an exact answer considers everything
SET slab.target_recall = 0.5;
EXECUTE nearest \g /dev/null
SELECT lists AS low FROM slab_last_scan() \gset
SET slab.target_recall = 0.999;
EXECUTE nearest \g /dev/null
SELECT lists >= :low AS not_fewer_lists FROM slab_last_scan();
RESET slab.target_recall;
SET slab.exact = on;
EXECUTE nearest \g /dev/null
SELECT exact, compared, rows >= 10 AS enough FROM slab_last_scan();
RESET slab.exact;

-- a setting changes answers, so plans name it
SET slab.exact = on;
SET slab.probes = 3;
EXPLAIN (COSTS OFF, SETTINGS) SELECT id FROM slab_settings_items ORDER BY v <-> '[20,0,20,20,0,20,20,0]' LIMIT 10;
RESET slab.exact;
RESET slab.probes;

-- a function with settings of its own
CREATE FUNCTION pg_temp.exactly() RETURNS integer LANGUAGE sql SET slab.exact = on
AS $$ SELECT id FROM slab_settings_items ORDER BY v <-> '[20,0,20,20,0,20,20,0]' LIMIT 1 $$;
SELECT pg_temp.exactly() IS NOT NULL AS found;
SELECT exact FROM slab_last_scan();
SELECT count(*) FROM slab_topk('slab_settings_i', '[20,0,20,20,0,20,20,0]', 10);
SELECT exact FROM slab_last_scan();

-- ---- whatever they say, a search goes on for as long as rows are asked for, and returns each once, but for those it has missed

SET slab.probes = 1;
SET slab.refine = 1;
SELECT count(*), count(DISTINCT id) FROM
    (SELECT id FROM slab_settings_items ORDER BY v <-> '[20,0,20,20,0,20,20,0]') AS s;
SELECT count(*) FROM (SELECT id FROM slab_settings_items WHERE id % 1000 = 7
    ORDER BY v <-> '[20,0,20,20,0,20,20,0]' LIMIT 8) AS s;
SELECT count(*) BETWEEN 7000 AND 8000 AS most, count(*) = count(DISTINCT ctid) AS once
FROM slab_topk('slab_settings_i', '[20,0,20,20,0,20,20,0]', 8000);
SELECT count(*) FROM (SELECT id FROM slab_settings_items ORDER BY v <-> NULL LIMIT 9000) AS s;
RESET slab.probes;
RESET slab.refine;

-- ---- unless they say where that is to end

SET slab.max_scan_rows = -1;
SET slab.max_scan_rows = 100;
SELECT id FROM slab_settings_items WHERE length(id::text) > 4 ORDER BY v <-> '[20,0,20,20,0,20,20,0]' LIMIT 3;
SELECT rows FROM slab_last_scan();
-- LIMIT was filled before
SELECT count(*) FROM (SELECT id FROM slab_settings_items WHERE id % 2 = 0 ORDER BY v <-> '[20,0,20,20,0,20,20,0]' LIMIT 3) AS s;
-- what LIMIT asks for comes in any case
SELECT count(*) FROM (SELECT id FROM slab_settings_items ORDER BY v <-> '[20,0,20,20,0,20,20,0]' LIMIT 200) AS s;
SELECT count(*) FROM slab_topk('slab_settings_i', '[20,0,20,20,0,20,20,0]', 200);
-- who asks for all rows gets them
SELECT count(*) FROM (SELECT id FROM slab_settings_items ORDER BY v <-> '[20,0,20,20,0,20,20,0]') AS s;
SET slab.exact = on;
SELECT id FROM slab_settings_items WHERE length(id::text) > 4 ORDER BY v <-> '[20,0,20,20,0,20,20,0]' LIMIT 3;
RESET slab.exact;
-- a scan says so once, and each scan anew
BEGIN;
DECLARE c CURSOR FOR SELECT id FROM slab_settings_items WHERE length(id::text) > 4 ORDER BY v <-> '[20,0,20,20,0,20,20,0]' LIMIT 3;
FETCH c;
FETCH c;
COMMIT;
SELECT q, s.id FROM generate_series(1, 2) AS q LEFT JOIN LATERAL
    (SELECT id FROM slab_settings_items WHERE length(id::text) > 4 ORDER BY v <-> ARRAY[q, 0, 0, 0, 0, 0, 0, 0]::vec LIMIT 3) AS s ON true;
-- as many rows as there are
CREATE TABLE slab_settings_few (v vec(1));
INSERT INTO slab_settings_few SELECT ARRAY[i]::vec FROM generate_series(1, 100) AS i;
CREATE INDEX ON slab_settings_few USING slab (v);
SELECT v FROM slab_settings_few WHERE vec_dims(v) > 1 ORDER BY v <-> '[3]' LIMIT 1;
RESET slab.max_scan_rows;

DROP TABLE slab_settings_items, slab_settings_few;
