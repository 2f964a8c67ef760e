-- Tables with an index of each kind: built at once, filled by inserts, with tombstones, of every type.
CREATE EXTENSION pgslab;
CREATE EXTENSION pgslab_compat;

CREATE FUNCTION test_vec(seed bigint, dims integer) RETURNS vec LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT array_agg((hashint4extended(i, seed) / 1e18)::real)::vec FROM generate_series(1, dims) i
$$;

CREATE TABLE dense (id int PRIMARY KEY, tenant int, name text, v vec(48));
INSERT INTO dense SELECT i, i % 10, 'name ' || i % 7, test_vec(i, 48) FROM generate_series(1, 12000) i;
CREATE INDEX dense_l2 ON dense USING slab (v, tenant, name) WITH (addresses = on);
CREATE INDEX dense_cosine ON dense USING slab (v vec_cosine_ops) WITH (lists = 20, embedder = 'model', revision = '1');

CREATE TABLE halves (id int PRIMARY KEY, v hvec(48), s svec(48));
CREATE INDEX halves_ip ON halves USING slab (v hvec_ip_ops);
INSERT INTO halves SELECT id, v, v FROM dense WHERE id <= 3000;

CREATE TABLE bits (id int PRIMARY KEY, v bit(48));
INSERT INTO bits SELECT id, binary_quantize(v) FROM dense WHERE id <= 3000;
CREATE INDEX bits_hamming ON bits USING slab (v);

CREATE TABLE compat (id int PRIMARY KEY, v vector(48));
INSERT INTO compat SELECT id, v::real[]::vector FROM dense WHERE id <= 3000;
CREATE INDEX compat_l2 ON compat USING hnsw (v vector_l2_ops);

INSERT INTO dense SELECT i, i % 10, 'name ' || i % 7, test_vec(i, 48) FROM generate_series(12001, 13000) i;
DELETE FROM dense WHERE id % 13 = 0;
DELETE FROM halves WHERE id % 5 = 0;
VACUUM dense, halves, bits, compat;
