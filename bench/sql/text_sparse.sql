-- Tables of sparse vectors, and queries for them.
\set QUIET on
CREATE TABLE sparse_pgslab (id bigint, v svec(30522)) WITH (parallel_workers = 1);
CREATE TABLE sparse_pgvector (id bigint, w sparsevec(30522)) WITH (parallel_workers = 1);
INSERT INTO queries (id, kind, v, w) SELECT id, 'vectors', v::svec, v::sparsevec FROM loaded_queries;
