-- slab_two_tier(): the nearest rows by one vector, ranked by another, too.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pgslab;
RESET client_min_messages;
SET slab.exact = on;

-- By the fast vectors row i is i away from [0]; by the others the last rows are the best, and every seventh has none.
CREATE TABLE slab_two_tier_items (id integer, fast vec(1), quality hvec(2), any_dims vec, note text);
INSERT INTO slab_two_tier_items
SELECT i, ARRAY[i]::vec, CASE WHEN i % 7 > 0 THEN ARRAY[100 - i, 0]::hvec END, ARRAY[i]::vec, 'row ' || i FROM generate_series(1, 50) AS i;
CREATE INDEX slab_two_tier_l2 ON slab_two_tier_items USING slab (fast);
CREATE VIEW slab_two_tier_names AS SELECT ctid AS address, id FROM slab_two_tier_items;

-- the three nearest for each row that is wanted are candidates, 1 to 9; that without a vector comes last by quality
SELECT id, round(score::numeric, 4) AS score, fast_score, quality_score
FROM slab_two_tier('slab_two_tier_l2', 'quality', '[0]', '[0,0]', 3)
    WITH ORDINALITY AS t(address, score, fast_score, quality_score, n) JOIN slab_two_tier_names USING (address) ORDER BY n;
SELECT id, round(score::numeric, 4) AS score, fast_score, quality_score
FROM slab_two_tier('slab_two_tier_l2', 'quality', '[0]', '[0,0]', 9, candidates => 9)
    WITH ORDINALITY AS t(address, score, fast_score, quality_score, n) JOIN slab_two_tier_names USING (address) ORDER BY n;
-- by one of the two alone; of equal scores the nearer comes first
SELECT array_agg(id ORDER BY n) FROM slab_two_tier('slab_two_tier_l2', 'quality', '[0]', '[0,0]', 8, 0, 8)
    WITH ORDINALITY AS t(address, score, fast_score, quality_score, n) JOIN slab_two_tier_names USING (address);
SELECT array_agg(id ORDER BY n) FROM slab_two_tier('slab_two_tier_l2', 'quality', '[0]', '[0,0]', 8, 1, 8)
    WITH ORDINALITY AS t(address, score, fast_score, quality_score, n) JOIN slab_two_tier_names USING (address);
SELECT array_agg(id ORDER BY n) FROM slab_two_tier('slab_two_tier_l2', 'quality', '[0]', '[0,0]', 8, 0.5, 8)
    WITH ORDINALITY AS t(address, score, fast_score, quality_score, n) JOIN slab_two_tier_names USING (address);
-- more candidates, other rows
SELECT array_agg(id ORDER BY n) FROM slab_two_tier('slab_two_tier_l2', 'quality', '[0]', '[0,0]', 4, 1, 50)
    WITH ORDINALITY AS t(address, score, fast_score, quality_score, n) JOIN slab_two_tier_names USING (address);
SELECT count(*), count(quality_score) FROM slab_two_tier('slab_two_tier_l2', 'quality', '[0]', '[0,0]', 50);
SELECT count(*) FROM slab_two_tier('slab_two_tier_l2', 'quality', '[0]', '[0,0]', 2147483647);
SELECT count(*) FROM slab_two_tier('slab_two_tier_l2', 'quality', '[0]', '[0,0]', 0);
-- the same column twice
SELECT array_agg(id ORDER BY n) FROM slab_two_tier('slab_two_tier_l2', 'fast', '[3.25]', '[3.25]', 4)
    WITH ORDINALITY AS t(address, score, fast_score, quality_score, n) JOIN slab_two_tier_names USING (address);
-- a single candidate, and several of the same scores
SELECT id, score FROM slab_two_tier('slab_two_tier_l2', 'quality', '[0]', '[0,0]', 1, candidates => 1)
    WITH ORDINALITY AS t(address, score, fast_score, quality_score, n) JOIN slab_two_tier_names USING (address) ORDER BY n;

-- a filter, and conditions of policies
SELECT array_agg(id ORDER BY n) FROM slab_two_tier('slab_two_tier_l2', 'quality', '[0]', '[0,0]', 3, filter => 'id % 10 = 5')
    WITH ORDINALITY AS t(address, score, fast_score, quality_score, n) JOIN slab_two_tier_names USING (address);
SELECT count(*) FROM slab_two_tier('slab_two_tier_l2', 'quality', '[0]', '[0,0]', 3, filter => 'false');
CREATE ROLE regress_slab_two_tier;
GRANT SELECT ON slab_two_tier_items TO regress_slab_two_tier;
ALTER TABLE slab_two_tier_items ENABLE ROW LEVEL SECURITY;
CREATE POLICY even ON slab_two_tier_items USING (id % 2 = 0);
SET ROLE regress_slab_two_tier;
SELECT count(*) FROM slab_two_tier('slab_two_tier_l2', 'quality', '[0]', '[0,0]', 50);
RESET ROLE;
ALTER TABLE slab_two_tier_items DISABLE ROW LEVEL SECURITY;
REVOKE SELECT ON slab_two_tier_items FROM regress_slab_two_tier;
GRANT SELECT (id, fast) ON slab_two_tier_items TO regress_slab_two_tier;
SET ROLE regress_slab_two_tier;
SELECT count(*) FROM slab_two_tier('slab_two_tier_l2', 'quality', '[0]', '[0,0]', 50);
RESET ROLE;
DROP OWNED BY regress_slab_two_tier;
DROP ROLE regress_slab_two_tier;

-- rows are those that the snapshot sees, with the vectors that it sees
BEGIN;
DECLARE c CURSOR FOR SELECT fast_score, quality_score FROM slab_two_tier('slab_two_tier_l2', 'quality', '[0]', '[0,0]', 1, 0);
UPDATE slab_two_tier_items SET quality = '[1,0]' WHERE id = 1;
FETCH ALL FROM c;
SELECT fast_score, quality_score FROM slab_two_tier('slab_two_tier_l2', 'quality', '[0]', '[0,0]', 1, 0);
ROLLBACK;

-- scores are those of the index's metric
CREATE TABLE slab_two_tier_metrics (id integer, fast vec(2), quality vec(2));
INSERT INTO slab_two_tier_metrics VALUES (1, '[3,4]', '[1,0]'), (2, '[4,3]', '[0,2]'), (3, '[1,0]', '[-3,4]'), (4, '[0,2]', '[0,0]');
CREATE VIEW slab_two_tier_rows AS SELECT ctid AS address, * FROM slab_two_tier_metrics;
CREATE INDEX slab_two_tier_ip ON slab_two_tier_metrics USING slab (fast vec_ip_ops);
CREATE INDEX slab_two_tier_cosine ON slab_two_tier_metrics USING slab (fast vec_cosine_ops);
CREATE INDEX slab_two_tier_l1 ON slab_two_tier_metrics USING slab (fast vec_l1_ops);
SELECT id, fast_score = inner_product(fast, '[1,1]') AS fast, quality_score = inner_product(quality, '[2,1]') AS quality, round(score::numeric, 4) AS score
FROM slab_two_tier('slab_two_tier_ip', 'quality', '[1,1]', '[2,1]', 4)
    WITH ORDINALITY AS t(address, score, fast_score, quality_score, n) JOIN slab_two_tier_rows USING (address) ORDER BY n;
-- a vector of zeros has no direction, and so no score
SELECT id, fast_score = 1 - (fast <=> '[1,1]') AS fast, quality_score = 1 - (quality <=> '[2,1]') AS quality, round(score::numeric, 4) AS score
FROM slab_two_tier('slab_two_tier_cosine', 'quality', '[1,1]', '[2,1]', 4)
    WITH ORDINALITY AS t(address, score, fast_score, quality_score, n) JOIN slab_two_tier_rows USING (address) ORDER BY n;
SELECT id, fast_score = -(fast <+> '[1,1]') AS fast, quality_score = -(quality <+> '[2,1]') AS quality, round(score::numeric, 4) AS score
FROM slab_two_tier('slab_two_tier_l1', 'quality', '[1,1]', '[2,1]', 4)
    WITH ORDINALITY AS t(address, score, fast_score, quality_score, n) JOIN slab_two_tier_rows USING (address) ORDER BY n;
-- nor has a query
SELECT id, fast_score, score FROM slab_two_tier('slab_two_tier_cosine', 'quality', '[0,0]', '[1,0]', 1)
    WITH ORDINALITY AS t(address, score, fast_score, quality_score, n) JOIN slab_two_tier_rows USING (address) ORDER BY n;
SELECT DISTINCT quality_score, round(score::numeric, 4) <= 0.3 AS by_the_other FROM slab_two_tier('slab_two_tier_cosine', 'quality', '[1,0]', '[0,0]', 4);

-- a query for halves is rounded to them
SELECT quality_score FROM slab_two_tier('slab_two_tier_l2', 'quality', '[1]', '[99.01,0]', 1, 0);

-- nothing without an argument
SELECT * FROM slab_two_tier(NULL, 'quality', '[0]', '[0,0]', 1);
SELECT * FROM slab_two_tier('slab_two_tier_l2', NULL, '[0]', '[0,0]', 1);
SELECT * FROM slab_two_tier('slab_two_tier_l2', 'quality', NULL, '[0,0]', 1);
SELECT * FROM slab_two_tier('slab_two_tier_l2', 'quality', '[0]', NULL, 1);
SELECT * FROM slab_two_tier('slab_two_tier_l2', 'quality', '[0]', '[0,0]', NULL);
SELECT * FROM slab_two_tier('slab_two_tier_l2', 'quality', '[0]', '[0,0]', 1, NULL);

-- errors
\pset format unaligned
\pset tuples_only on
\pset fieldsep '\n  '
SELECT arguments, e.* FROM unnest(ARRAY[
    $$'slab_two_tier_items', 'quality', '[0]', '[0,0]', 1$$,
    $$'slab_two_tier_l2', 'none', '[0]', '[0,0]', 1$$,
    $$'slab_two_tier_l2', 'ctid', '[0]', '[0,0]', 1$$,
    $$'slab_two_tier_l2', 'note', '[0]', '[0,0]', 1$$,
    $$'slab_two_tier_l2', 'quality', '[0,0]', '[0,0]', 1$$,
    $$'slab_two_tier_l2', 'quality', '[0]', '[0]', 1$$,
    $$'slab_two_tier_l2', 'any_dims', '[0]', '[0,0]', 1$$,
    $$'slab_two_tier_l2', 'quality', '[0]', '[1e6,0]', 1$$,
    $$'slab_two_tier_l2', 'quality', '[0]', '[0,0]', -1$$,
    $$'slab_two_tier_l2', 'quality', '[0]', '[0,0]', 1, -0.1$$,
    $$'slab_two_tier_l2', 'quality', '[0]', '[0,0]', 1, 1.1$$,
    $$'slab_two_tier_l2', 'quality', '[0]', '[0,0]', 1, 'NaN'$$,
    $$'slab_two_tier_l2', 'quality', '[0]', '[0,0]', 5, candidates => 4$$,
    $$'slab_two_tier_l2', 'quality', '[0]', '[0,0]', 1, candidates => -1$$,
    $$'slab_two_tier_l2', 'quality', '[0]', '[0,0]', 1, filter => 'id, id'$$
]) AS arguments, refused(format('SELECT * FROM slab_two_tier(%s)', arguments)) AS e;

DROP VIEW slab_two_tier_names, slab_two_tier_rows;
DROP TABLE slab_two_tier_items, slab_two_tier_metrics;
