-- What searches by the indexes answer, exactly and not. Statistics do not outlive every upgrade, so they must not decide on plans.
SET enable_seqscan = off;
SET enable_bitmapscan = off;
SELECT 'indexes', index, rows, dims, problem FROM slab_indexes ORDER BY index::text;

CREATE FUNCTION pg_temp.searches() RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
    statement text;
    line text;
    plan text;
BEGIN
    FOREACH statement IN ARRAY ARRAY[
        $s$ SELECT id, v <-> test_vec(90001, 48) FROM dense ORDER BY v <-> test_vec(90001, 48) LIMIT 10 $s$,
        $s$ SELECT id, v <=> test_vec(90002, 48) FROM dense ORDER BY v <=> test_vec(90002, 48) LIMIT 10 $s$,
        $s$ SELECT id, v <-> test_vec(90003, 48) FROM dense WHERE tenant = 3 AND name = 'name 2' ORDER BY v <-> test_vec(90003, 48) LIMIT 10 $s$,
        $s$ SELECT id, v <#> test_vec(90004, 48)::hvec FROM halves ORDER BY v <#> test_vec(90004, 48)::hvec LIMIT 10 $s$,
        $s$ SELECT id, v <~> binary_quantize(test_vec(90005, 48)) FROM bits ORDER BY v <~> binary_quantize(test_vec(90005, 48)), id LIMIT 10 $s$,
        $s$ SELECT id, v <-> test_vec(90006, 48)::real[]::vector FROM compat ORDER BY v <-> test_vec(90006, 48)::real[]::vector LIMIT 10 $s$]
    LOOP
        plan := '';
        FOR line IN EXECUTE 'EXPLAIN (COSTS off) ' || statement LOOP
            plan := plan || line || E'\n';
        END LOOP;
        ASSERT plan ~ 'Index Scan using (dense_l2|dense_cosine|halves_ip|bits_hamming|compat_l2) ', plan;
        RETURN QUERY EXECUTE format('SELECT (''exact '' || current_setting(''slab.exact'') || q::text) FROM (%s) q', statement);
    END LOOP;
END $$;

SET slab.exact = on;
SELECT * FROM pg_temp.searches();
SET slab.exact = off;
SELECT * FROM pg_temp.searches();
SELECT 'topk', t.id, k.distance FROM slab_topk('dense_l2', test_vec(90007, 48), 10) k JOIN dense t ON t.ctid = k.ctid ORDER BY k.distance;
