# The SQL functions that tests of whole servers call. They write nothing, so a standby can run them too.
package SlabTestSql;

use strict;
use warnings;

our $functions = <<'SQL';
CREATE EXTENSION pgslab;

-- The same vector for the same seed, here and anywhere.
CREATE FUNCTION test_vec(seed bigint, dims integer) RETURNS vec LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT array_agg((hashint4extended(i, seed) / 1e18)::real)::vec FROM generate_series(1, dims) i
$$;

-- The same of a sparse vector, of a few values to some hundred, and of a text.
CREATE FUNCTION test_svec(seed bigint, dims integer) RETURNS svec LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT ('{' || string_agg(d || ':' || hashint4extended(d, seed) / 1e18, ',') || '}/' || dims)::svec
    FROM (SELECT DISTINCT 1 + floor((dims - 1) * ((hashint4extended(i, seed + 1) & 1073741823) / 1073741824.0::float8) ^ 3)::integer AS d
          FROM generate_series(1, 3 + ((hashint8extended(seed, 1) & 15) ^ 2)::integer) i) s
$$;
CREATE FUNCTION test_words(seed bigint, words integer) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT string_agg('word' || floor(500 * ((hashint4extended(i, seed) & 1073741823) / 1073741824.0::float8) ^ 3), ' ') FROM generate_series(1, words) i
$$;
CREATE FUNCTION test_text(seed bigint) RETURNS tsvector LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT to_tsvector('simple', test_words(seed, 3 + ((hashint8extended(seed, 1) & 15) ^ 2)::integer))
$$;

-- How a statement whose $1 is a vec writes it as the operand of an operator: of bits, those of its signs.
CREATE FUNCTION operand(operator text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN operator IN ('<~>', '<%>') THEN 'binary_quantize($1)' ELSE '$1' END
$$;

-- The slab indexes that have pages here.
CREATE VIEW test_index AS
    SELECT x.indexrelid::regclass AS index, x.indrelid::regclass AS tab, x.indisvalid AS valid,
        pg_get_indexdef(x.indexrelid, 1, true) AS col, o.oprname AS operator
    FROM pg_index x
    JOIN pg_class c ON c.oid = x.indexrelid AND c.relkind = 'i'
    JOIN pg_am a ON a.oid = c.relam AND a.amname = 'slab'
    JOIN pg_opclass k ON k.oid = x.indclass[0]
    JOIN pg_amop p ON p.amopfamily = k.opcfamily AND p.amoppurpose = 'o'
    JOIN pg_operator o ON o.oid = p.amopopr
    WHERE x.indisready AND (c.relpersistence <> 'u' OR NOT pg_is_in_recovery())
    ORDER BY c.relname;

-- What slab_check() objects to. A valid index is also compared with its table.
CREATE FUNCTION index_faults() RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
    i record;
    detail text;
BEGIN
    FOR i IN SELECT * FROM test_index LOOP
        BEGIN
            PERFORM slab_check(i.index, i.valid);
        EXCEPTION WHEN OTHERS THEN
            GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL;
            RETURN NEXT concat_ws(' ', SQLSTATE, SQLERRM, detail);
        END;
    END LOOP;
END
$$;

-- The distances of the k nearest rows: by a sequential scan, by the planner's use of a slab index, by slab_topk(); both of
-- them exactly. STABLE, so that all three see the caller's snapshot.
CREATE FUNCTION nearest_distances(
    index regclass, query vec, k integer,
    OUT sequential double precision[], OUT indexed double precision[], OUT topk double precision[])
LANGUAGE plpgsql STABLE AS $$
DECLARE
    statement text;
BEGIN
    SELECT format('SELECT array_agg(d) FROM (SELECT %1$s %2$s %5$s AS d FROM %3$s ORDER BY 1 LIMIT %4$L) s',
                  t.col, t.operator, t.tab, k, operand(t.operator))
        INTO STRICT statement FROM test_index t WHERE t.index = nearest_distances.index;
    PERFORM set_config('slab.exact', 'on', true);
    PERFORM set_config('enable_indexscan', 'off', true), set_config('enable_seqscan', 'on', true);
    EXECUTE statement INTO sequential USING query;
    PERFORM set_config('enable_indexscan', 'on', true), set_config('enable_seqscan', 'off', true);
    EXECUTE statement INTO indexed USING query;
    SELECT array_agg(t.distance) INTO topk FROM slab_topk(index, query, coalesce(k, 2147483647)) t;
END
$$;

-- Valid slab indexes whose answers differ from the sequential scan's, or that the planner does not use. Distances are
-- compared, since of rows at the same distance either may come first.
CREATE FUNCTION answer_faults(seed bigint) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
    i record;
    plan text;
    query vec;
    k integer;
    d record;
BEGIN
    FOR i IN SELECT t.*, s.dims FROM test_index t, slab_stats(t.index) s WHERE t.valid AND s.storage IS NOT NULL LOOP
        FOREACH k IN ARRAY ARRAY[1, 10, NULL] LOOP
            seed := seed + 1;
            query := test_vec(seed, i.dims);
            d := nearest_distances(i.index, query, k);
            IF d.sequential IS DISTINCT FROM d.indexed THEN
                RETURN NEXT format('%s, seed %s, k %s: ORDER BY gives %s instead of %s', i.index, seed, k,
                                   left(d.indexed::text, 200), left(d.sequential::text, 200));
            END IF;
            IF d.sequential IS DISTINCT FROM d.topk THEN
                RETURN NEXT format('%s, seed %s, k %s: slab_topk gives %s instead of %s', i.index, seed, k,
                                   left(d.topk::text, 200), left(d.sequential::text, 200));
            END IF;
        END LOOP;
        -- The settings are the last ones of nearest_distances().
        EXECUTE format('EXPLAIN SELECT FROM %s ORDER BY %s %s %s', i.tab, i.col, i.operator, operand(i.operator)) INTO plan USING query;
        IF plan NOT LIKE 'Index Scan using %' THEN
            RETURN NEXT format('%s: not used, the plan is %s', i.index, plan);
        END IF;
    END LOOP;
END
$$;

-- The same of indexes by terms. Of text they have no rows without a score.
CREATE FUNCTION term_faults(seed bigint) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
    i record;
    k integer;
    query text;
    statement text;
    sequential double precision[];
    indexed double precision[];
    plan text;
BEGIN
    FOR i IN SELECT t.*, s.dims FROM test_index t, slab_stats(t.index) s WHERE t.valid AND s.storage IS NULL LOOP
        FOREACH k IN ARRAY ARRAY[1, 10, NULL] LOOP
            seed := seed + 1;
            query := CASE WHEN i.operator = '<@>' THEN format('bm25_query(%L, %L)', i.index, test_words(seed, 4))
                          ELSE format('%L::svec', test_svec(seed, i.dims)) END;
            query := format('SELECT %1$s %2$s %3$s AS d FROM %4$s ORDER BY %1$s %2$s %3$s LIMIT %5$L', i.col, i.operator, query, i.tab, k);
            statement := format('SELECT array_agg(d) FROM (%s) s%s', query, CASE i.operator WHEN '<@>' THEN ' WHERE d < 0' ELSE '' END);
            PERFORM set_config('enable_indexscan', 'off', true), set_config('enable_seqscan', 'on', true);
            EXECUTE statement INTO sequential;
            PERFORM set_config('enable_indexscan', 'on', true), set_config('enable_seqscan', 'off', true);
            EXECUTE statement INTO indexed;
            IF sequential IS DISTINCT FROM indexed THEN
                RETURN NEXT format('%s, seed %s, k %s: ORDER BY gives %s instead of %s', i.index, seed, k,
                                   left(indexed::text, 200), left(sequential::text, 200));
            END IF;
        END LOOP;
        EXECUTE 'EXPLAIN ' || query INTO plan;
        IF plan NOT LIKE 'Index Scan using %' THEN
            RETURN NEXT format('%s: not used, the plan is %s', i.index, plan);
        END IF;
    END LOOP;
END
$$;

-- What is wrong with searches for rows that satisfy a condition on filter columns: the nearest of a hundred by distance, and all,
-- are to be those of a sequential scan; an approximate search has to fill its limit with some of them, each once; and where they are
-- less than a quarter of the table a slab index has to be given the condition. The table has an id and a vector v.
CREATE FUNCTION filter_faults(tab regclass, condition text, operator text, query vec) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
    nearest text := format('SELECT array_agg(d) FROM (SELECT v %s %s AS d FROM %s WHERE %s ORDER BY 1 LIMIT 100) s',
                           operator, operand(operator), tab, condition);
    ids text := format('SELECT array_agg(id ORDER BY 0 + id) FROM (SELECT id FROM %s WHERE %s ORDER BY v %s %s ',
                       tab, condition, operator, operand(operator));
    right_distances double precision[];
    right_ids bigint[];
    found_distances double precision[];
    found_ids bigint[];
    is_selective boolean;
    line text;
BEGIN
    PERFORM set_config('enable_indexscan', 'off', true), set_config('enable_seqscan', 'on', true);
    EXECUTE nearest INTO right_distances USING query;
    EXECUTE ids || 'OFFSET 0) s' INTO right_ids USING query;
    PERFORM set_config('enable_indexscan', 'on', true), set_config('enable_seqscan', 'off', true),
        set_config('enable_bitmapscan', 'off', true), set_config('enable_sort', 'off', true), set_config('slab.exact', 'on', true);
    EXECUTE nearest INTO found_distances USING query;
    EXECUTE ids || 'OFFSET 0) s' INTO found_ids USING query;
    IF (found_distances, found_ids) IS DISTINCT FROM (right_distances, right_ids) THEN
        RETURN NEXT format('%s where %s: %s rows instead of %s, distances %s instead of %s', tab, condition,
                           cardinality(found_ids), cardinality(right_ids), left(found_distances::text, 200),
                           left(right_distances::text, 200));
    END IF;
    PERFORM set_config('slab.exact', 'off', true);
    EXECUTE ids || 'LIMIT 20) s' INTO found_ids USING query;
    IF (SELECT count(DISTINCT id) FROM unnest(found_ids) id WHERE id = ANY (right_ids)) <
        least(20, coalesce(cardinality(right_ids), 0)) THEN
        RETURN NEXT format('%s where %s: an approximate search gives %s, there are %s rows', tab, condition, found_ids,
                           cardinality(right_ids));
    END IF;
    EXECUTE 'SELECT count(*) > 4 * $1 FROM ' || tab INTO is_selective USING cardinality(right_ids);
    FOR line IN EXECUTE 'EXPLAIN ' || nearest USING query LOOP
        IF line LIKE '%Index Cond: %' THEN
            is_selective := false;
        END IF;
    END LOOP;
    IF is_selective THEN
        RETURN NEXT format('%s where %s: no index is given the condition', tab, condition);
    END IF;
END
$$;

-- Blocks of an index's file by what they are for.
CREATE FUNCTION blocks(index regclass, role text) RETURNS bigint LANGUAGE sql AS $$
    SELECT count(*) FROM slab_pages(index) p WHERE p.role = $2
$$;
SQL

1;
