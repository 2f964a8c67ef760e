-- The documents as tsvectors, and queries of their words. Wants the variables queries (of each kind) and among (documents whose words they take).
\set QUIET on
SET max_parallel_workers_per_gather = 1;
ALTER TABLE loaded SET (parallel_workers = 1);
CREATE UNLOGGED TABLE documents AS SELECT id, by_chance(id, 100) AS tenant, to_tsvector('english', body) AS tsv FROM loaded;
ALTER TABLE documents ADD PRIMARY KEY (id);
VACUUM ANALYZE documents;

-- A query's words stand in a document one behind the other, stop words left out, from some place on, and in the end those before it: so they are as
-- frequent as words in texts. One to twelve words, as many queries of each number; and three words.
WITH wanted AS (
    SELECT 'words' AS kind, i, 1 + i % 12 AS terms FROM generate_series(0, :queries - 1) AS i
    UNION ALL SELECT 'three', i, 3 FROM generate_series(0, :queries - 1) AS i
), tried AS (
    SELECT w.*, t.try, abs(hashint8extended(i * 1000 + try, terms)) % :among AS document
    FROM wanted AS w, generate_series(1, 20) AS t(try)
), taken AS (
    SELECT t.*, a.words FROM tried AS t JOIN loaded AS l ON l.id = t.document,
         LATERAL (SELECT array_agg(token ORDER BY place) AS words FROM (
             SELECT token, place FROM (
                 SELECT DISTINCT ON (stem) token, place
                 FROM (SELECT lower(token) AS token, ts_lexize('english_stem', lower(token)) AS stem,
                              row_number() OVER () + CASE WHEN row_number() OVER () > 1 + abs(hashint8(t.i)) % 40 THEN 0 ELSE 1000000 END AS place
                       FROM ts_parse('default', l.body) WHERE tokid IN (1, 2, 3)) AS s
                 WHERE stem <> '{}' ORDER BY stem, place) AS s
             ORDER BY place LIMIT t.terms) AS s) AS a
    WHERE cardinality(a.words) = t.terms
)
INSERT INTO queries (id, kind, terms, words, q)
SELECT DISTINCT ON (kind, i) i, kind, terms, array_to_string(words, ' '), to_tsquery('english', array_to_string(words, ' | ')) FROM taken ORDER BY kind, i, try;
DROP TABLE loaded;
ANALYZE queries;

SELECT count(*) AS documents, pg_size_pretty(pg_table_size('documents')) AS size, round(avg(length(tsv)), 1) AS "different words a document",
       (SELECT count(*) FROM queries) AS queries FROM documents;
