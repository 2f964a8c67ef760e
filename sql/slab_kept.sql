-- What slab.target_recall promises, where it is hard to keep: among copies, after updates of the whole table that nothing has
-- followed yet, and for queries that are unlike the rows.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pgslab;
RESET client_min_messages;
SET slab.auto_compact = off;

CREATE FUNCTION slab_kept_made(seed integer, dims integer) RETURNS vec LANGUAGE sql IMMUTABLE AS $$
    SELECT array_agg(hashint4(1000 * seed + d) / 4294967296.0 ORDER BY d)::real[]::vec FROM generate_series(1, dims) AS d
$$;

CREATE FUNCTION slab_kept_cells(relation text, op text, asked vec[], VARIADIC targets numeric[])
RETURNS TABLE (k integer, target numeric, kept boolean) LANGUAGE plpgsql AS $$
BEGIN
    FOREACH k IN ARRAY ARRAY[1, 10] LOOP
        FOREACH target IN ARRAY targets LOOP
            PERFORM set_config('slab.target_recall', target::text, true);
            kept := (SELECT recall + 2.3 * error >= target - .01
                     FROM delivered(relation, op, k, asked, last_values(relation, op, k, asked)));
            RETURN NEXT;
        END LOOP;
    END LOOP;
END $$;

-- Nineteen copies of one vector for each other row; the queries are others.
CREATE TABLE slab_kept_copies (id integer, v vec(8));
INSERT INTO slab_kept_copies SELECT i, array_fill(0, ARRAY[8])::vec FROM generate_series(1001, 20000) AS i;
INSERT INTO slab_kept_copies SELECT i, slab_kept_made(i, 8) FROM generate_series(1, 1000) AS i;
CREATE INDEX ON slab_kept_copies USING slab (v vec_ip_ops);
CREATE INDEX ON slab_kept_copies USING slab (v vec_l2_ops);
ANALYZE slab_kept_copies;
SELECT op, s.* FROM unnest(ARRAY['<#>', '<->']) AS op,
    slab_kept_cells('slab_kept_copies', op, (SELECT array_agg(v) FROM slab_kept_copies WHERE id <= 60), .8, .95) AS s;

-- Three updates, each of which takes all rows to where no list was trained.
CREATE TABLE slab_kept_moved (id integer PRIMARY KEY, v vec(8)) WITH (autovacuum_enabled = off);
INSERT INTO slab_kept_moved SELECT i, slab_kept_made(i, 8) FROM generate_series(1, 6000) AS i;
CREATE INDEX ON slab_kept_moved USING slab (v);
UPDATE slab_kept_moved SET v = v + '[1,0,0,0,0,0,0,0]';
UPDATE slab_kept_moved SET v = v + '[1,0,0,0,0,0,0,0]';
UPDATE slab_kept_moved SET v = v + '[1,0,0,0,0,0,0,0]';
SELECT s.* FROM slab_kept_cells('slab_kept_moved', '<->', (SELECT array_agg(v) FROM slab_kept_moved WHERE id <= 60), .8, .95) AS s;

-- Rows in clusters, and queries from anywhere: as built, and learnt from others of these queries.
CREATE TABLE slab_kept_clusters (id integer, v vec(32));
INSERT INTO slab_kept_clusters
SELECT i, slab_kept_made(-1 - i % 100, 32) + slab_kept_made(i, 32) * array_fill(.1, ARRAY[32])::vec FROM generate_series(1, 12000) AS i;
CREATE INDEX slab_kept_clusters_v ON slab_kept_clusters USING slab (v);
ANALYZE slab_kept_clusters;
CREATE TABLE slab_kept_asked AS SELECT i, slab_kept_made(-1000 - i, 32) AS v FROM generate_series(1, 160) AS i;
CREATE FUNCTION slab_kept_recall() RETURNS double precision LANGUAGE sql AS $$
    SELECT recall
    FROM (SELECT array_agg(v) AS asked FROM slab_kept_asked WHERE i <= 60) AS s,
         delivered('slab_kept_clusters', '<->', 10, asked, last_values('slab_kept_clusters', '<->', 10, asked))
$$;
SET slab.target_recall = .95;
SELECT slab_kept_recall() >= .8 AS as_built;
SELECT count(*) FROM slab_calibrate('slab_kept_clusters_v', (SELECT array_agg(v) FROM slab_kept_asked WHERE i > 60));
SELECT slab_kept_recall() >= .94 AS learnt;

RESET slab.target_recall;
RESET slab.auto_compact;
DROP TABLE slab_kept_copies, slab_kept_moved, slab_kept_clusters, slab_kept_asked;
DROP FUNCTION slab_kept_recall, slab_kept_cells, slab_kept_made;
