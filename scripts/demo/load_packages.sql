-- A package's name and description are embedded together. vec_hash_embed() hashes words: it needs no model, and finds
-- texts that share words with the query. With a model of your own, the embedding is what that returns.
CREATE TEMP TABLE listed (name text, section text, description text);
\copy listed FROM pstdin

CREATE TABLE packages AS
SELECT name, section, description, vec_hash_embed(name || ' ' || description, :dims)::vec(:dims) AS embedding
FROM listed;

ANALYZE packages;
SELECT count(*) AS packages, pg_size_pretty(pg_table_size('packages')) AS size FROM packages;
