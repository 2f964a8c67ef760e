\timing on
CREATE INDEX packages_embedding ON packages USING slab (embedding vec_cosine_ops);
\timing off
SELECT pg_size_pretty(pg_relation_size('packages_embedding')) AS index_size;
