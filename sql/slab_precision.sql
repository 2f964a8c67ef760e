-- Rows that two bytes an element cannot tell apart: what the operator finds by the index, what a sequential scan finds, and what
-- slab_recall() says of the same queries agree, and recall is kept.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pgslab;
RESET client_min_messages;

-- Whole numbers; one element far larger than the others; all elements far from zero.
CREATE TABLE slab_precision_line (id integer, v vec(1));
INSERT INTO slab_precision_line SELECT i, ARRAY[i]::vec FROM generate_series(1, 20000) AS i;
CREATE TABLE slab_precision_large (id integer, v vec(5));
INSERT INTO slab_precision_large
SELECT i, array_agg(CASE d WHEN 1 THEN 1.7e9 ELSE hashint4(5 * i + d) / 4294967296.0 END ORDER BY d)::real[]::vec
FROM generate_series(1, 12000) AS i, generate_series(1, 5) AS d GROUP BY i;
CREATE TABLE slab_precision_apart (id integer, v vec(32));
INSERT INTO slab_precision_apart
SELECT i, array_agg(10.5 + hashint4(32 * i + d) / 4294967296.0 ORDER BY d)::real[]::vec
FROM generate_series(1, 12000) AS i, generate_series(1, 32) AS d GROUP BY i;

CREATE INDEX ON slab_precision_line USING slab (v vec_l2_ops);
CREATE INDEX ON slab_precision_line USING slab (v vec_ip_ops);
CREATE INDEX ON slab_precision_large USING slab (v vec_l2_ops);
CREATE INDEX ON slab_precision_apart USING slab (v vec_l2_ops);
CREATE INDEX ON slab_precision_apart USING slab (v vec_ip_ops);
CREATE INDEX ON slab_precision_apart USING slab (v vec_cosine_ops);
ANALYZE slab_precision_line, slab_precision_large, slab_precision_apart;

-- By 60 rows of the table as queries, for each target, NULL standing for slab.exact: whether the recall that was delivered, by a
-- sequential scan, is what slab_recall() says, and whether it is what was promised.
CREATE FUNCTION slab_precision_recall(relation text, op text, k integer)
RETURNS TABLE (target numeric, agrees boolean, kept boolean) LANGUAGE plpgsql AS $$
DECLARE
    by_index regclass;
    asked vec[];
    last double precision[];
    found record;
BEGIN
    SELECT i.indexrelid INTO STRICT by_index
    FROM pg_index AS i JOIN pg_opclass AS c ON c.oid = i.indclass[0] JOIN pg_amop AS a ON a.amopfamily = c.opcfamily
    WHERE i.indrelid = relation::regclass AND a.amopopr = (op || '(vec,vec)')::regoperator;
    EXECUTE format('SELECT array_agg(v ORDER BY id) FROM %I WHERE id %% 200 = 0 AND id <= 12000', relation) INTO asked;
    last := last_values(relation, op, k, asked);
    FOREACH target IN ARRAY ARRAY[.8, .95, .99, NULL] LOOP
        PERFORM set_config('slab.exact', (target IS NULL)::text, true);
        PERFORM set_config('slab.target_recall', coalesce(target, .5)::text, true);
        found := delivered(relation, op, k, asked, last);
        agrees := (SELECT abs(recall - found.recall) <= .01 FROM slab_recall(by_index, k, asked));
        kept := found.recall + 2.3 * found.error >= coalesce(target - .01, 1);
        RETURN NEXT;
    END LOOP;
END $$;

SELECT k, s.* FROM unnest(ARRAY[1, 10]) AS k, slab_precision_recall('slab_precision_line', '<->', k) AS s;
SELECT k, s.* FROM unnest(ARRAY[1, 10]) AS k, slab_precision_recall('slab_precision_line', '<#>', k) AS s;
SELECT k, s.* FROM unnest(ARRAY[1, 10]) AS k, slab_precision_recall('slab_precision_large', '<->', k) AS s;
SELECT k, s.* FROM unnest(ARRAY[1, 10]) AS k, slab_precision_recall('slab_precision_apart', '<->', k) AS s;
SELECT k, s.* FROM unnest(ARRAY[1, 10]) AS k, slab_precision_recall('slab_precision_apart', '<#>', k) AS s;
SELECT k, s.* FROM unnest(ARRAY[1, 10]) AS k, slab_precision_recall('slab_precision_apart', '<=>', k) AS s;
-- the nearest of whole numbers
SET enable_seqscan = off;
SELECT id FROM slab_precision_line ORDER BY v <-> '[15001]' LIMIT 1;
-- that this tells: of one list there is too little
SET slab.probes = 1;
SELECT DISTINCT agrees, kept FROM slab_precision_recall('slab_precision_apart', '<->', 10) WHERE target IS NOT NULL;
RESET slab.probes;
RESET enable_seqscan;

DROP FUNCTION slab_precision_recall;
DROP TABLE slab_precision_line, slab_precision_large, slab_precision_apart;
