-- Rows come and go, and every kind of maintenance is done.
INSERT INTO dense SELECT max(id) + i, i % 10, 'name ' || i % 7, test_vec(max(id) + i, 48) FROM dense, generate_series(1, 1000) i GROUP BY i;
UPDATE dense SET v = test_vec(-id, 48) WHERE id % 11 = 0;
DELETE FROM dense WHERE id % 17 = 0;
INSERT INTO halves SELECT max(halves.id) + i, test_vec(i, 48), test_vec(i, 48) FROM halves, generate_series(1, 300) i GROUP BY i;
INSERT INTO compat SELECT max(compat.id) + i, test_vec(i, 48)::real[]::vector FROM compat, generate_series(1, 300) i GROUP BY i;
DELETE FROM bits WHERE id % 6 = 0;
VACUUM dense, halves, bits, compat;
SELECT slab_compact('dense_l2', true);
SELECT slab_recluster('dense_cosine');
REINDEX INDEX halves_ip;
