-- What the other files of recall.sh measure with.

CREATE TABLE cells (dataset text, kind text, rows integer, target numeric, queries integer, recall numeric, error numeric, codes numeric,
                    cpu_ms numeric, short boolean);
-- Recall that falls by more than .002 as the target rises.
CREATE VIEW falls AS
SELECT dataset, kind, rows, before_target, before, target, recall
FROM (SELECT *, lag(recall) OVER by_target AS before, lag(target) OVER by_target AS before_target
      FROM cells WINDOW by_target AS (PARTITION BY dataset, kind, rows ORDER BY target)) AS s
WHERE recall < before - 0.002;
CREATE TABLE operators (op text);
CREATE TABLE builds (dataset text, seconds numeric, bytes bigint);

\ir common.sql

-- Elements of a vector, one by one: with noise, half of them, moved by half the difference of two others, what lies between two.
CREATE FUNCTION noisy(v vec, deviations real[], share real) RETURNS vec LANGUAGE sql AS $$
    SELECT array_agg(x + share * deviations[i] * (random() + random() + random() + random() + random() + random() - 3) * 1.414 ORDER BY i)::real[]::vec
    FROM unnest(v::real[]) WITH ORDINALITY AS e(x, i)
$$;
CREATE FUNCTION halved(v vec) RETURNS vec LANGUAGE sql AS $$
    SELECT array_agg(CASE WHEN random() < 0.5 THEN x ELSE 0 END ORDER BY i)::real[]::vec FROM unnest(v::real[]) WITH ORDINALITY AS e(x, i)
$$;
CREATE FUNCTION moved(v vec, a vec, b vec) RETURNS vec LANGUAGE sql AS $$
    SELECT v + (a - b) * array_fill(0.5::real, ARRAY[vec_dims(v)])::vec
$$;
CREATE FUNCTION middle(a vec, b vec) RETURNS vec LANGUAGE sql AS $$
    SELECT array_agg((x + y) / 2 ORDER BY i)::real[]::vec
    FROM unnest(a::real[]) WITH ORDINALITY AS e(x, i) JOIN unnest(b::real[]) WITH ORDINALITY AS f(y, j) ON i = j
$$;

-- Adds to what is asked: rows moved by half the difference of two others.
CREATE PROCEDURE ask_differences(wanted integer) LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO asked
    SELECT 'difference', moved(c[1], c[2], c[3])
    FROM (SELECT array_agg(v) AS c
          FROM (SELECT v, (row_number() OVER () - 1) / 3 AS n FROM (SELECT v FROM base ORDER BY random() LIMIT 3 * wanted) AS s) AS s
          GROUP BY n) AS s
    WHERE cardinality(c) = 3;
END $$;

-- The distances of the nearest rows, as the settings say.
CREATE FUNCTION nearest(op text, q vec, k integer) RETURNS double precision[] LANGUAGE plpgsql AS $$
DECLARE
    found double precision[];
BEGIN
    EXECUTE format('SELECT array_agg(d) FROM (SELECT v %1$s $1 AS d FROM base ORDER BY v %1$s $1 LIMIT %2$s) s', op, k) INTO found USING q;
    RETURN found;
END $$;

-- Makes the index, with such options.
CREATE FUNCTION index_command(options text) RETURNS text LANGUAGE sql AS $$
    SELECT format('CREATE INDEX base_v ON base USING slab (v %s) %s',
                  CASE op WHEN '<=>' THEN 'vec_cosine_ops' WHEN '<#>' THEN 'vec_ip_ops' ELSE 'vec_l2_ops' END,
                  CASE WHEN options = '' THEN '' ELSE 'WITH (' || options || ')' END)
    FROM operators
$$;

-- What there is to be found: the distances of as many nearest rows as will be wanted.
CREATE PROCEDURE find_truth(op text, wanted integer[]) LANGUAGE plpgsql AS $$
DECLARE
    most integer := (SELECT max(w) FROM unnest(wanted) AS w);
BEGIN
    SET LOCAL enable_seqscan = off;
    SET LOCAL slab.exact = on;
    DROP TABLE IF EXISTS truth;
    CREATE TABLE truth AS
    SELECT kind, row_number() OVER (PARTITION BY kind) AS n, v, nearest(op, v, most) AS nearest FROM asked;
END $$;

-- Measures all cells of a kind of queries, of one query in `every`.
CREATE PROCEDURE measure(dataset text, op text, asked_kind text, name text, every integer, wanted integer[], targets numeric[])
LANGUAGE plpgsql AS $$
DECLARE
    k integer;
    target numeric;
    query record;
    found double precision[];
    hits double precision;
    recalls double precision[];
    codes bigint;
    began double precision;
    n integer;
    mean double precision;
    deviation double precision;
BEGIN
    SET LOCAL enable_seqscan = off;
    SET LOCAL slab.learn = off;
    FOREACH k IN ARRAY wanted LOOP
        FOREACH target IN ARRAY targets LOOP
            PERFORM set_config('slab.target_recall', target::text, true);
            recalls := '{}';
            codes := 0;
            began := spent();
            FOR query IN SELECT v, t.nearest FROM truth AS t WHERE kind = asked_kind AND t.n % every = 0 AND cardinality(t.nearest) >= k LOOP
                found := nearest(op, query.v, k);
                codes := codes + (SELECT s.codes FROM slab_last_scan() AS s);
                SELECT count(*) INTO hits FROM unnest(found) AS d WHERE d <= query.nearest[k];
                recalls := recalls || hits / k;
            END LOOP;
            n := cardinality(recalls);
            CONTINUE WHEN n = 0;
            SELECT avg(least(r, 1)), coalesce(stddev(least(r, 1)), 0) INTO mean, deviation FROM unnest(recalls) AS r;
            INSERT INTO cells VALUES (dataset, name, k, target, n, round(mean::numeric, 4), round((deviation / sqrt(n))::numeric, 4),
                                      round(codes::numeric / n), round(((spent() - began) / n)::numeric, 4),
                                      mean + 2.3 * deviation / sqrt(n) < target - 0.01);
        END LOOP;
    END LOOP;
END $$;

-- Asks the other queries of a kind, for numbers of rows and at targets by turns, until so many were audited.
CREATE PROCEDURE learn(op text, asked_kind text, wanted integer[], targets numeric[], wanted_audits bigint) LANGUAGE plpgsql AS $$
DECLARE
    query record;
    i integer := 0;
BEGIN
    SET enable_seqscan = off;
    LOOP
        IF i > 3000 THEN
            RAISE EXCEPTION 'queries are not audited: % of % so far', (SELECT s.audits FROM slab_stats('base_v') AS s), wanted_audits;
        END IF;
        PERFORM set_config('slab.target_recall', targets[i / cardinality(wanted) % cardinality(targets) + 1]::text, false);
        FOR query IN SELECT v FROM truth WHERE kind = asked_kind AND n % 2 = 1 ORDER BY random() LIMIT 320 LOOP
            PERFORM nearest(op, query.v, wanted[i % cardinality(wanted) + 1]);
        END LOOP;
        COMMIT;
        EXIT WHEN (SELECT sum(a) >= wanted_audits FROM slab_stats('base_v') AS s, unnest(s.audits) AS a);
        PERFORM pg_sleep(0.5);
        i := i + 1;
    END LOOP;
    RESET slab.target_recall;
END $$;
