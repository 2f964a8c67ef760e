-- Cursors: an ordered scan goes forward; what wants to go back is materialised, or refused.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pgslab;
RESET client_min_messages;
SET slab.exact = on;

CREATE TABLE slab_cursor_items (id integer, note text, v vec(2));
INSERT INTO slab_cursor_items SELECT i, 'old', ARRAY[i, 0]::vec FROM generate_series(1, 100) AS i;
CREATE INDEX slab_cursor_i ON slab_cursor_items USING slab (v);
SET enable_seqscan = off;

-- forward
BEGIN;
EXPLAIN (COSTS OFF) DECLARE c CURSOR FOR SELECT id FROM slab_cursor_items ORDER BY v <-> '[50.2,0]';
DECLARE c CURSOR FOR SELECT id FROM slab_cursor_items ORDER BY v <-> '[50.2,0]';
FETCH 3 FROM c;
FETCH 2 FROM c;
MOVE FORWARD 93 FROM c;
FETCH ALL FROM c;
FETCH 1 FROM c;
SAVEPOINT s;
FETCH BACKWARD 1 FROM c;
ROLLBACK TO s;
CLOSE c;
COMMIT;

-- back and forth
BEGIN;
EXPLAIN (COSTS OFF) DECLARE c SCROLL CURSOR FOR SELECT id FROM slab_cursor_items ORDER BY v <-> '[50.2,0]';
DECLARE c SCROLL CURSOR FOR SELECT id FROM slab_cursor_items ORDER BY v <-> '[50.2,0]';
FETCH 3 FROM c;
FETCH BACKWARD 2 FROM c;
FETCH ABSOLUTE 5 FROM c;
FETCH LAST FROM c;
FETCH PRIOR FROM c;
FETCH FIRST FROM c;
COMMIT;

-- beyond its transaction
BEGIN;
DECLARE c CURSOR WITH HOLD FOR SELECT id FROM slab_cursor_items ORDER BY v <-> '[99.8,0]';
FETCH 1 FROM c;
COMMIT;
FETCH 2 FROM c;
CLOSE c;

-- two scans of one index, in turns
BEGIN;
DECLARE a CURSOR FOR SELECT id FROM slab_cursor_items ORDER BY v <-> '[0,0]';
DECLARE b CURSOR FOR SELECT id FROM slab_cursor_items ORDER BY v <-> '[200,0]';
FETCH 1 FROM a;
FETCH 1 FROM b;
FETCH 1 FROM a;
FETCH 1 FROM b;
CLOSE a;
FETCH 1 FROM b;
COMMIT;

-- what happens after it was opened it does not see, whether it has read the index by then or not
BEGIN;
DECLARE unread CURSOR FOR SELECT id, note FROM slab_cursor_items ORDER BY v <-> '[50.2,0]';
DECLARE half_read CURSOR FOR SELECT id, note FROM slab_cursor_items ORDER BY v <-> '[50.2,0]';
FETCH 1 FROM half_read;
INSERT INTO slab_cursor_items VALUES (101, 'new', '[50.3,0]');
UPDATE slab_cursor_items SET note = 'updated', v = '[0,-7]' WHERE id = 51;
DELETE FROM slab_cursor_items WHERE id = 49;
FETCH 3 FROM unread;
FETCH 2 FROM half_read;
SELECT id, note FROM slab_cursor_items ORDER BY v <-> '[50.2,0]' LIMIT 3;
ROLLBACK;

-- a loop in a function, which is a cursor too
DO $$
DECLARE
    item record;
    ids integer[] := '{}';
BEGIN
    FOR item IN SELECT id FROM slab_cursor_items ORDER BY v <-> '[70.2,0]' LOOP
        ids := ids || item.id;
        EXIT WHEN cardinality(ids) = 4;
    END LOOP;
    RAISE NOTICE '%', ids;
END $$;

DROP TABLE slab_cursor_items;
