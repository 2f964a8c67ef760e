-- Changes to rows: what a statement, a transaction and a rolled-back part of one leave in the index.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pgslab;
RESET client_min_messages;
SET slab.exact = on;
SET enable_seqscan = off;
SET enable_sort = off;

CREATE TABLE slab_dml_items (id integer PRIMARY KEY, note text, v vec(2)) WITH (fillfactor = 50);
CREATE INDEX slab_dml_i ON slab_dml_items USING slab (v);

EXPLAIN (COSTS OFF) SELECT id, note FROM slab_dml_items ORDER BY v <-> '[100,0]' LIMIT 5;
-- the five nearest to [100,0]
CREATE FUNCTION pg_temp.nearest() RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    result text;
BEGIN
    SELECT string_agg(id || coalesce(note, ''), ' ') INTO result
    FROM (SELECT id, note FROM slab_dml_items ORDER BY v <-> '[100,0]' LIMIT 5) AS s;
    RETURN result;
END $$;

-- ---- INSERT, one by one and many at once

INSERT INTO slab_dml_items VALUES (100, 'a', '[100.1,0]');
SELECT pg_temp.nearest();
INSERT INTO slab_dml_items SELECT i, 'b', ARRAY[i + 0.25, 0]::vec FROM generate_series(1, 99) AS i;
SELECT pg_temp.nearest();
INSERT INTO slab_dml_items VALUES (101, NULL, NULL), (102, 'c', '[102,0]') RETURNING id;
COPY slab_dml_items FROM STDIN;
103	d	[103.1,0]
104	\N	[104,0.5]
105	d	\N
\.
SELECT pg_temp.nearest();
INSERT INTO slab_dml_items VALUES (106, 'e', '[1,2,3]');
COPY slab_dml_items FROM STDIN;
106	e	[100,0]
107	e	[100]
\.
SELECT pg_temp.nearest();

-- ---- a transaction sees its own rows, a rolled-back one leaves none

BEGIN;
INSERT INTO slab_dml_items VALUES (200, 'mine', '[100,0]');
SELECT pg_temp.nearest();
UPDATE slab_dml_items SET v = '[100,0.05]', note = 'moved' WHERE id = 200;
SELECT pg_temp.nearest();
DELETE FROM slab_dml_items WHERE id = 100;
SELECT pg_temp.nearest();
ROLLBACK;
SELECT pg_temp.nearest();

-- savepoints: what was rolled back to is not seen, what was released is
BEGIN;
INSERT INTO slab_dml_items VALUES (200, 'kept', '[100,0]');
SAVEPOINT one;
INSERT INTO slab_dml_items VALUES (201, 'lost', '[100,0.01]');
SAVEPOINT two;
INSERT INTO slab_dml_items VALUES (202, 'lost', '[100,0.02]');
DELETE FROM slab_dml_items WHERE id = 200;
RELEASE two;
SELECT pg_temp.nearest();
ROLLBACK TO one;
SELECT pg_temp.nearest();
SAVEPOINT three;
INSERT INTO slab_dml_items VALUES (203, 'kept', '[100,0.03]');
RELEASE three;
COMMIT;
SELECT pg_temp.nearest();

-- a block that fails half-way through its rows
DO $$
BEGIN
    INSERT INTO slab_dml_items
    SELECT 300 + i, 'lost', ARRAY[100, 0.001]::vec FROM generate_series(1, 40) AS i WHERE 1 / (40 - i) >= 0;
EXCEPTION WHEN division_by_zero THEN
    INSERT INTO slab_dml_items VALUES (300, 'handler', '[100,0.005]');
END $$;
SELECT pg_temp.nearest();
DELETE FROM slab_dml_items WHERE id BETWEEN 200 AND 300;

-- ---- UPDATE

-- of the vector, of another column in place, of both, to NULL and back, of the key
UPDATE slab_dml_items SET v = '[100,0]' WHERE id = 1;
SELECT pg_temp.nearest();
UPDATE slab_dml_items SET note = 'hot' WHERE id = 1;
UPDATE slab_dml_items SET note = 'hotter' WHERE id = 1;
SELECT pg_temp.nearest();
UPDATE slab_dml_items SET v = '[100,0.2]', note = 'both' WHERE id = 1;
SELECT pg_temp.nearest();
UPDATE slab_dml_items SET v = NULL WHERE id = 1;
SELECT pg_temp.nearest();
UPDATE slab_dml_items SET v = '[100,0]' WHERE id = 1;
UPDATE slab_dml_items SET id = 1000 WHERE id = 1;
SELECT pg_temp.nearest();
UPDATE slab_dml_items SET v = '[1,2,3]' WHERE id = 1000;
-- of all of them, twice in a transaction
BEGIN;
UPDATE slab_dml_items SET v = v + '[0,1000]';
UPDATE slab_dml_items SET v = v - '[0,1000]';
SELECT pg_temp.nearest();
COMMIT;
SELECT slab_check('slab_dml_i', true);

-- ---- INSERT ... ON CONFLICT, MERGE

INSERT INTO slab_dml_items VALUES (1000, 'conflict', '[0,0]'), (1001, 'new', '[100,0.01]') ON CONFLICT DO NOTHING;
SELECT pg_temp.nearest();
INSERT INTO slab_dml_items VALUES (1000, 'upsert', '[100,0.02]'), (1002, 'new', '[100,0.03]')
ON CONFLICT (id) DO UPDATE SET note = EXCLUDED.note, v = EXCLUDED.v;
SELECT pg_temp.nearest();
MERGE INTO slab_dml_items AS t
USING (VALUES (1000, NULL), (1001, '[100,0.04]'::vec), (1003, '[100,0.005]')) AS s (id, v) ON t.id = s.id
WHEN MATCHED AND s.v IS NULL THEN DELETE
WHEN MATCHED THEN UPDATE SET v = s.v, note = 'merged'
WHEN NOT MATCHED THEN INSERT VALUES (s.id, 'merged', s.v);
SELECT pg_temp.nearest();

-- ---- DELETE

DELETE FROM slab_dml_items WHERE id > 1000;
SELECT pg_temp.nearest();
WITH moved AS (DELETE FROM slab_dml_items WHERE id IN (99, 100) RETURNING *)
INSERT INTO slab_dml_items SELECT id + 100, 'moved', v FROM moved;
SELECT pg_temp.nearest();
DELETE FROM slab_dml_items WHERE v <-> '[100,0]' < 5;
SELECT pg_temp.nearest();
SELECT slab_check('slab_dml_i', true);

-- ---- triggers that look at the table while it changes

CREATE FUNCTION slab_dml_nearest_before() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.note := (SELECT 'next to ' || id FROM slab_dml_items ORDER BY v <-> NEW.v LIMIT 1);
    RETURN NEW;
END $$;
CREATE TRIGGER slab_dml_t BEFORE INSERT ON slab_dml_items
FOR EACH ROW EXECUTE FUNCTION slab_dml_nearest_before();
INSERT INTO slab_dml_items (id, v) VALUES (500, '[90.3,0]'), (501, '[90.31,0]'), (502, '[90.32,0]');
SELECT id, note FROM slab_dml_items WHERE id >= 500 ORDER BY id;
DROP TABLE slab_dml_items;
DROP FUNCTION slab_dml_nearest_before;
