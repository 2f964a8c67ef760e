-- Who may look into an index: readers of the table its contents, the owner its pages.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pgslab;
RESET client_min_messages;
SET slab.exact = on;

CREATE ROLE regress_slab_owner;
CREATE ROLE regress_slab_reader;
CREATE ROLE regress_slab_other;
CREATE SCHEMA slab_privileges;
GRANT ALL ON SCHEMA slab_privileges TO regress_slab_owner;
GRANT USAGE ON SCHEMA slab_privileges TO regress_slab_reader, regress_slab_other;
SET search_path = slab_privileges, public;

SET ROLE regress_slab_owner;
CREATE TABLE items (id integer, owner name, v vec(2));
INSERT INTO items SELECT i, CASE i % 2 WHEN 0 THEN 'regress_slab_reader' ELSE 'regress_slab_other' END, ARRAY[i, 0]::vec
FROM generate_series(1, 20) AS i;
CREATE INDEX items_i ON items USING slab (v);
GRANT SELECT ON items TO regress_slab_reader;
GRANT SELECT (id, v) ON items TO regress_slab_other;
SET enable_seqscan = off;

-- ---- the owner

SELECT rows FROM slab_stats('items_i');
SELECT count(*) FROM slab_pages('items_i');
SELECT slab_check('items_i', true);
SELECT distance FROM slab_topk('items_i', '[1,1]', 1);
SELECT index FROM slab_indexes WHERE "table" = 'items'::regclass;

-- ---- who may read the table

SET ROLE regress_slab_reader;
SELECT rows FROM slab_stats('items_i');
SELECT distance FROM slab_topk('items_i', '[1,1]', 1);
SELECT index FROM slab_indexes WHERE "table" = 'items'::regclass;
SELECT count(*) FROM slab_pages('items_i');
SELECT slab_check('items_i');
CREATE INDEX items_j ON items USING slab (v);

-- ---- who may read columns of it only: an index tells of rows, so it takes the whole table

SET ROLE regress_slab_other;
SELECT id FROM items ORDER BY v <-> '[1,1]' LIMIT 1;
SELECT rows FROM slab_stats('items_i');
SELECT distance FROM slab_topk('items_i', '[1,1]', 1);
SELECT distance FROM slab_topk('items_i', '[1,1]', 1, NULL, 'id > 2');
SELECT count(*) FROM slab_pages('items_i');
SELECT slab_check('items_i');
SELECT index FROM slab_indexes WHERE "table" = 'items'::regclass;
RESET ROLE;
REVOKE SELECT (id, v) ON items FROM regress_slab_other;
SET ROLE regress_slab_other;
SELECT id FROM items ORDER BY v <-> '[1,1]' LIMIT 1;
RESET ROLE;

-- ---- row-level security: ORDER BY and slab_topk() obey it

ALTER TABLE items ENABLE ROW LEVEL SECURITY;
CREATE TABLE secrets (id integer);
CREATE POLICY own ON items USING (owner = current_user);
GRANT SELECT ON items TO regress_slab_other;
SET ROLE regress_slab_reader;
EXPLAIN (COSTS OFF) SELECT id FROM items ORDER BY v <-> '[1,1]' LIMIT 3;
SELECT id FROM items ORDER BY v <-> '[1,1]' LIMIT 3;
SELECT ctid FROM slab_topk('items_i', '[1,1]', 3);
SELECT ctid FROM slab_topk('items_i', '[1,1]', 30, -5);
SELECT ctid FROM slab_topk('items_i', '[1,1]', 3, NULL, 'id > 2');
SELECT ctid FROM slab_topk('items_i', '[1,1]', 3, NULL, 'true OR true');
SELECT count(*) FROM slab_topk('items_i', '[1,1]', 30, NULL, $$owner = 'regress_slab_other'$$);
SELECT rows FROM slab_stats('items_i');
SET row_security = off;
SELECT id FROM items ORDER BY v <-> '[1,1]' LIMIT 3;
SELECT distance FROM slab_topk('items_i', '[1,1]', 1);
RESET row_security;
SET ROLE regress_slab_other;
SELECT id FROM items ORDER BY v <-> '[1,1]' LIMIT 3;
SELECT ctid FROM slab_topk('items_i', '[1,1]', 3);
-- a function in a filter does not see rows that the policy hides
CREATE FUNCTION pg_temp.tell(id integer) RETURNS boolean LANGUAGE plpgsql COST 0.0001 AS
$$ BEGIN RAISE NOTICE 'row %', id; RETURN true; END $$;
SELECT ctid FROM slab_topk('items_i', '[1,1]', 2, NULL, 'pg_temp.tell(id)');
DROP FUNCTION pg_temp.tell;
-- a filter is what its caller may read
SELECT ctid FROM slab_topk('items_i', '[1,1]', 2, NULL, 'id IN (SELECT id FROM secrets)');
-- the owner is above it unless it is forced
SET ROLE regress_slab_owner;
SELECT distance FROM slab_topk('items_i', '[1,1]', 1);
ALTER TABLE items FORCE ROW LEVEL SECURITY;
SELECT distance FROM slab_topk('items_i', '[1,1]', 1);
SELECT id FROM items ORDER BY v <-> '[1,1]' LIMIT 3;
-- a function of the owner's that readers may call
ALTER TABLE items NO FORCE ROW LEVEL SECURITY;
CREATE FUNCTION nearest(query vec) RETURNS SETOF double precision LANGUAGE sql SECURITY DEFINER
SET search_path = slab_privileges, public
AS $$ SELECT distance FROM slab_topk('items_i', query, 1) $$;
SET ROLE regress_slab_reader;
SELECT nearest('[1,1]');
RESET ROLE;

DROP SCHEMA slab_privileges CASCADE;
DROP ROLE regress_slab_owner, regress_slab_reader, regress_slab_other;
