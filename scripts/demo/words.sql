-- The same descriptions by their words: ranked by BM25, in an index with the section as a filter column.
\timing on
CREATE INDEX packages_words ON packages USING slab ((to_tsvector('english', name || ' ' || description)), section);
\timing off
SELECT pg_size_pretty(pg_relation_size('packages_words')) AS index_size;

\echo 'vector graphics editor, by BM25:'
SELECT name, round((-(to_tsvector('english', name || ' ' || description)
                      <@> bm25_query('packages_words', 'vector graphics editor')))::numeric, 2) AS score,
       left(description, 70) AS description
FROM packages
ORDER BY to_tsvector('english', name || ' ' || description) <@> bm25_query('packages_words', 'vector graphics editor')
LIMIT 5;

SELECT section AS chosen FROM packages GROUP BY section ORDER BY section = 'sound' DESC, count(*) DESC LIMIT 1
\gset
\echo 'server or client but not game, only in section' :chosen:
SELECT name, left(description, 70) AS description
FROM packages
WHERE section = :'chosen'
ORDER BY to_tsvector('english', name || ' ' || description)
         <@> bm25_query('packages_words', to_tsquery('english', '(server | client) & !game'))
LIMIT 5;

-- Each side gives its best rows; a row's place in each counts, however scores are made (reciprocal rank fusion).
\echo 'edit photos, by words and by embedding, fused by rank:'
WITH words AS (
    SELECT name, row_number() OVER () AS rank
    FROM (SELECT name FROM packages
          ORDER BY to_tsvector('english', name || ' ' || description) <@> bm25_query('packages_words', 'edit photos')
          LIMIT 100) s
), vectors AS (
    SELECT name, row_number() OVER () AS rank
    FROM (SELECT name FROM packages
          ORDER BY embedding <=> vec_hash_embed('edit photos', :dims)
          LIMIT 100) s
)
SELECT name, words.rank AS by_words, vectors.rank AS by_embedding, round(rrf(words.rank, vectors.rank)::numeric, 5) AS score
FROM words FULL JOIN vectors USING (name)
ORDER BY rrf(words.rank, vectors.rank) DESC, name
LIMIT 5;
