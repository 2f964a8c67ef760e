-- vec_hash_embed(text, dims): an embedding without a model.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pgslab;
RESET client_min_messages;

SELECT vec_dims(vec_hash_embed('hello world', 64)), vec_dims(vec_hash_embed('hello world', dims => 16000));
SELECT round(vec_norm(vec_hash_embed('hello world', dims => 64))::numeric, 6) AS norm;

-- stored embeddings must go on matching: one word has one place
SELECT vec_hash_embed('a', dims => 4), vec_hash_embed('cat', dims => 4), vec_hash_embed('car', dims => 4);

-- letters' case and punctuation do not matter, the order of words does
SELECT vec_hash_embed('Hello, World!', dims => 64) = vec_hash_embed('hello world', dims => 64) AS same_words,
       vec_hash_embed('world hello', dims => 1000) = vec_hash_embed('hello world', dims => 1000) AS other_order;

-- a text without words is the zero vector
SELECT vec_hash_embed('', dims => 3), vec_hash_embed(' ... ', dims => 3);
SELECT vec_hash_embed(NULL, dims => 3) IS NULL AS strict;

-- the nearest texts share words
SELECT content FROM (VALUES
    ('boil the rice in salted water'),
    ('the stock market fell again today'),
    ('water the garden in the morning')) AS t(content)
ORDER BY vec_hash_embed(content, dims => 512) <=> vec_hash_embed('how long to boil rice', dims => 512), content
LIMIT 1;

-- long and compressed texts
SELECT vec_hash_embed(repeat('word ', 100000), dims => 2) = vec_hash_embed(repeat('Word. ', 100000), dims => 2) AS same;
