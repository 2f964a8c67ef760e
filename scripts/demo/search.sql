-- The nearest descriptions to a query, by cosine distance. The query goes through the same embedding as the rows.
\echo 'vector graphics editor:'
SELECT name, round((embedding <=> vec_hash_embed('vector graphics editor', :dims))::numeric, 3) AS distance,
       left(description, 70) AS description
FROM packages
ORDER BY embedding <=> vec_hash_embed('vector graphics editor', :dims)
LIMIT 5;

\echo 'music player for the terminal:'
SELECT name, round((embedding <=> vec_hash_embed('music player for the terminal', :dims))::numeric, 3) AS distance,
       left(description, 70) AS description
FROM packages
ORDER BY embedding <=> vec_hash_embed('music player for the terminal', :dims)
LIMIT 5;

-- LIMIT is filled whatever WHERE leaves: the index goes on until enough rows have passed. Here, one section.
SELECT section AS chosen FROM packages GROUP BY section ORDER BY section = 'sound' DESC, count(*) DESC LIMIT 1
\gset
\echo 'network audio server, only in section' :chosen:
SELECT name, round((embedding <=> vec_hash_embed('network audio server', :dims))::numeric, 3) AS distance,
       left(description, 70) AS description
FROM packages
WHERE section = :'chosen'
ORDER BY embedding <=> vec_hash_embed('network audio server', :dims)
LIMIT 5;

-- In a sub-select, so that the plan does not spell out the vector.
\echo 'The plan of the first:'
EXPLAIN (ANALYZE, BUFFERS, COSTS OFF)
SELECT name
FROM packages
ORDER BY embedding <=> (SELECT vec_hash_embed('vector graphics editor', :dims))
LIMIT 5;
