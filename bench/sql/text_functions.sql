-- What text.sh measures with: rows, what is to be asked, and how.
SET client_min_messages = warning;
\ir common.sql

CREATE UNLOGGED TABLE loaded (id bigint, body text);
CREATE UNLOGGED TABLE loaded_queries (id bigint, v text);
-- Of documents words and what they are as a tsquery that takes one of them at least; of sparse vectors each side's type.
CREATE TABLE queries (id bigint, kind text, terms integer, words text, q tsquery, v svec, w sparsevec);
-- The best ten of each query, and whatever is as good as the tenth, with their scores; how many are wanted is ten, or as many as there are.
CREATE TABLE truth (part text, place text, query bigint, wanted integer, ids bigint[], scores double precision[]);

-- A statement's $1 is words, $2 a tsquery, $3 an svec and $4 a sparsevec. Its rows are those of a place. A check is about $1 or $3, too, and gives
-- scores.
CREATE TABLE searches (turn serial PRIMARY KEY, part text, place text, side text, setting text, kind text, index text, settings text[], statement text, check_ text);

-- GIN's statement is planned anew each time, by the words that it has; the others are planned once.
INSERT INTO searches (part, place, side, setting, kind, index, settings, statement, check_)
SELECT part, place, side, setting, kind, index, settings || CASE side WHEN 'gin' THEN '{plan_cache_mode=force_custom_plan}'::text[] ELSE '{plan_cache_mode=force_generic_plan}' END,
       format('SELECT id FROM %s %s LIMIT 10', source, ordered), format('SELECT %s FROM %s %s LIMIT 10', score, source, ordered)
FROM (VALUES
    ('bm25', 'all', 'pgslab', '', 'words', 'docs_pgslab_index', 'docs_pgslab', '{enable_seqscan=off}'::text[]),
    ('bm25', 'all', 'gin', 'ts_rank_cd', 'words', 'docs_gin_index', 'docs_gin WHERE tsv @@ $2::tsquery', '{}'),
    ('bm25', 'all', 'rum', '', 'words', 'docs_rum_index', 'docs_rum WHERE tsv @@ $2::tsquery', '{enable_seqscan=off,enable_bitmapscan=off,enable_sort=off}'),
    ('filter', 'all', 'pgslab', 'without a condition', 'words', 'filtered_pgslab_index', 'filtered_pgslab', '{enable_seqscan=off}'),
    ('filter', 'tenant', 'pgslab', 'tenant = 7', 'words', 'filtered_pgslab_index', 'filtered_pgslab WHERE tenant = 7', '{enable_seqscan=off}'),
    ('filter', 'all', 'gin', 'without a condition', 'words', 'filtered_gin_index', 'filtered_gin WHERE tsv @@ $2::tsquery', '{}'),
    ('filter', 'tenant', 'gin', 'tenant = 7', 'words', NULL, 'filtered_gin WHERE tenant = 7 AND tsv @@ $2::tsquery', '{}'),
    ('growth', 'small', 'pgslab', 'small', 'three', 'small_pgslab_index', 'small_pgslab', '{enable_seqscan=off}'),
    ('growth', 'large', 'pgslab', 'large', 'three', 'large_pgslab_index', 'large_pgslab', '{enable_seqscan=off}'),
    ('sparse', 'all', 'pgslab', '', 'vectors', 'sparse_pgslab_index', 'sparse_pgslab', '{enable_seqscan=off}'),
    ('sparse', 'all', 'pgslab', 'target_recall=0.95', 'vectors', 'sparse_pgslab_index', 'sparse_pgslab', '{enable_seqscan=off,slab.target_recall=0.95}'),
    ('sparse', 'all', 'scan', '', 'vectors', 'none', 'sparse_pgslab', '{enable_indexscan=off}'),
    ('sparse', 'all', 'pgvector', 'ef_search=40', 'vectors', 'sparse_pgvector_index', 'sparse_pgvector', '{enable_seqscan=off,hnsw.ef_search=40}'),
    ('sparse', 'all', 'pgvector', 'ef_search=100', 'vectors', 'sparse_pgvector_index', 'sparse_pgvector', '{enable_seqscan=off,hnsw.ef_search=100}'),
    ('sparse', 'all', 'pgvector', 'ef_search=200', 'vectors', 'sparse_pgvector_index', 'sparse_pgvector', '{enable_seqscan=off,hnsw.ef_search=200}'),
    ('sparse', 'all', 'pgvector', 'ef_search=400', 'vectors', 'sparse_pgvector_index', 'sparse_pgvector', '{enable_seqscan=off,hnsw.ef_search=400}'),
    ('sparse', 'all', 'pgvector', 'ef_search=800', 'vectors', 'sparse_pgvector_index', 'sparse_pgvector', '{enable_seqscan=off,hnsw.ef_search=800}')
) AS asked(part, place, side, setting, kind, index, source, settings),
     LATERAL (SELECT CASE WHEN part = 'sparse' AND side = 'pgvector' THEN 'w <#> $4::sparsevec'
                          WHEN part = 'sparse' THEN 'v <#> $3::svec'
                          WHEN side = 'gin' THEN 'ts_rank_cd(tsv, $2::tsquery)'
                          WHEN side = 'rum' THEN 'tsv <=> $2::tsquery'
                          ELSE format('tsv <@> bm25_query(%L, $1::text)', index) END AS value) AS v,
     LATERAL (SELECT 'ORDER BY ' || value || CASE side WHEN 'gin' THEN ' DESC' ELSE '' END AS ordered, '-(' || value || ')' AS score) AS o;

CREATE TABLE builds (index text, build_s numeric, bytes bigint, table_bytes bigint);
CREATE PROCEDURE build(name text, definition text) LANGUAGE plpgsql AS $$
DECLARE
    began timestamptz := clock_timestamp();
BEGIN
    EXECUTE format('CREATE INDEX %I ON %I %s', name || '_index', name, definition);
    INSERT INTO builds VALUES (name || '_index', round(extract(epoch FROM clock_timestamp() - began), 2), pg_relation_size(name || '_index'),
                               pg_table_size(name));
END $$;

-- BM25 of the whole of a place for each query of a kind, in sets: weights of words by all its rows, scores of those that the condition takes. Only the
-- words of queries are looked at. test/sql/bm25_reference.sql says the same of one query.
CREATE PROCEDURE find_best_documents(part text, place text, kind text, source text, condition text) LANGUAGE plpgsql AS $$
BEGIN
    CREATE TEMP TABLE asked_words AS
    SELECT k.id AS query, w.lexeme COLLATE "C" AS lexeme FROM queries AS k, unnest(to_tsvector('english', k.words)) AS w WHERE k.kind = find_best_documents.kind;
    EXECUTE format($q$
        CREATE TEMP TABLE lengths AS
        SELECT id, (%s) AS taken, (SELECT sum(coalesce(cardinality(positions), 1)) FROM unnest(tsv))::double precision AS length FROM %s
    $q$, condition, source);
    EXECUTE format($q$
        CREATE TEMP TABLE postings AS
        SELECT d.id, u.lexeme COLLATE "C" AS lexeme, coalesce(cardinality(u.positions), 1)::double precision AS tf
        FROM %s AS d, unnest(d.tsv) AS u WHERE u.lexeme = ANY ($1)
    $q$, source) USING (SELECT array_agg(DISTINCT lexeme) FROM asked_words);
    CREATE TEMP TABLE shares AS
    WITH counts AS (SELECT count(*)::double precision AS n, sum(length) / count(*) AS average FROM lengths),
         weights AS (SELECT lexeme, ln(1 + (n - count(*) + 0.5) / (count(*) + 0.5)) AS idf FROM postings, counts GROUP BY lexeme, n)
    SELECT p.id, p.lexeme, w.idf * p.tf * (1.2 + 1) / (p.tf + 1.2 * (1 - 0.75 + 0.75 * (l.length / c.average))) AS share
    FROM postings AS p JOIN weights AS w USING (lexeme) JOIN lengths AS l ON l.id = p.id AND coalesce(l.taken, false), counts AS c;
    CREATE INDEX ON shares (lexeme);
    ANALYZE asked_words, shares;
    INSERT INTO truth
    SELECT find_best_documents.part, find_best_documents.place, k.query, count(*) FILTER (WHERE s.place <= 10),
           array_agg(s.id ORDER BY s.place), array_agg(s.score ORDER BY s.place) FILTER (WHERE s.place <= 10)
    FROM (SELECT DISTINCT query FROM asked_words) AS k LEFT JOIN
         LATERAL (SELECT s.id, s.score, row_number() OVER (ORDER BY s.score DESC, s.id) AS place, nth_value(s.score, 10) OVER (ORDER BY s.score DESC, s.id
                         ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS tenth
                  FROM (SELECT s.id, sum(s.share ORDER BY s.lexeme) AS score FROM asked_words AS w JOIN shares AS s USING (lexeme)
                        WHERE w.query = k.query GROUP BY s.id) AS s) AS s ON s.score >= coalesce(s.tenth, s.score)
    GROUP BY k.query;
    DROP TABLE asked_words, lengths, postings, shares;
END $$;

CREATE PROCEDURE find_best_vectors() LANGUAGE plpgsql SET enable_indexscan = off AS $$
DECLARE
    query record;
BEGIN
    FOR query IN SELECT * FROM queries WHERE kind = 'vectors' LOOP
        INSERT INTO truth
        WITH compared AS MATERIALIZED (SELECT id, -(v <#> query.v) AS score FROM sparse_pgslab),
             best AS (SELECT id, score FROM compared ORDER BY score DESC LIMIT 10)
        SELECT 'sparse', 'all', query.id, (SELECT count(*) FROM best), (SELECT array_agg(id) FROM compared WHERE score >= (SELECT min(score) FROM best)),
               (SELECT array_agg(score ORDER BY score DESC) FROM best);
    END LOOP;
END $$;

-- The index that a statement's plan uses: without a constant in the place of its parameters.
CREATE FUNCTION index_of(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    plan jsonb;
BEGIN
    EXECUTE 'EXPLAIN (GENERIC_PLAN, FORMAT json) ' || statement INTO plan;
    RETURN coalesce(jsonb_path_query_first(plan, 'strict $.**."Index Name"') #>> '{}', 'none');
END $$;

-- The statement of a search, in functions of the session, with its settings.
CREATE PROCEDURE prepare_search(asked integer) LANGUAGE plpgsql AS $$
DECLARE
    s searches := (SELECT s FROM searches AS s WHERE s.turn = asked);
    setting text;
    used text;
BEGIN
    -- What a library's settings may be, it says when it is loaded.
    LOAD 'vector';
    LOAD 'pgslab';
    FOREACH setting IN ARRAY s.settings LOOP
        PERFORM set_config(split_part(setting, '=', 1), split_part(setting, '=', 2), false);
    END LOOP;
    used := index_of(s.statement);
    IF used <> s.index THEN
        RAISE EXCEPTION 'the plan of a search with % uses %, not %', s.side, used, s.index;
    END IF;
    EXECUTE format('CREATE FUNCTION pg_temp.search(text, tsquery, svec, sparsevec) RETURNS bigint[] LANGUAGE plpgsql AS %L',
                   format('BEGIN RETURN ARRAY(%s); END', s.statement));
    EXECUTE format('CREATE FUNCTION pg_temp.scores(text, tsquery, svec, sparsevec) RETURNS double precision[] LANGUAGE plpgsql AS %L',
                   format('BEGIN RETURN ARRAY(%s); END', s.check_));
END $$;

-- All queries of a search's kind: once for its scores in the first repetition, the first of them once more, and all for the time.
CREATE TABLE measured (turn integer, repetition integer, query bigint, ids bigint[], ms double precision, cpu_ms double precision);
CREATE TABLE checked (turn integer, query bigint, scores double precision[]);
CREATE PROCEDURE ask(asked integer, repetition integer) LANGUAGE plpgsql AS $$
DECLARE
    s searches := (SELECT s FROM searches AS s WHERE s.turn = asked);
    query record;
    found bigint[];
    spent_before double precision;
    began timestamptz;
    ended timestamptz;
BEGIN
    IF repetition = 1 AND s.side = 'pgslab' AND s.setting !~ 'recall' THEN
        INSERT INTO checked SELECT asked, k.id, pg_temp.scores(k.words, k.q, k.v, k.w) FROM queries AS k WHERE k.kind = s.kind;
    END IF;
    FOR query IN SELECT * FROM queries WHERE kind = s.kind ORDER BY id LIMIT 20 LOOP
        found := pg_temp.search(query.words, query.q, query.v, query.w);
    END LOOP;
    FOR query IN SELECT * FROM queries WHERE kind = s.kind ORDER BY id LOOP
        spent_before := spent();
        began := clock_timestamp();
        found := pg_temp.search(query.words, query.q, query.v, query.w);
        ended := clock_timestamp();
        INSERT INTO measured VALUES (asked, repetition, query.id, found, extract(epoch FROM ended - began) * 1000, spent() - spent_before);
    END LOOP;
END $$;

-- Of those that are among the best ten, or as good as the tenth, the share that was found.
CREATE FUNCTION share_found(found bigint[], best bigint[], wanted integer) RETURNS numeric LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE wanted WHEN 0 THEN 1 ELSE count(DISTINCT f)::numeric / wanted END FROM unnest(found) AS f WHERE f = ANY (best)
$$;

-- One line of what was just measured.
CREATE FUNCTION asked(turn integer, repetition integer) RETURNS text LANGUAGE sql AS $$
    SELECT format('    %s %s %s, repetition %s: median %s ms, mean %s ms, found %s', s.part, s.side, s.setting, $2,
                  round(percentile_cont(0.5) WITHIN GROUP (ORDER BY m.ms)::numeric, 3), round(avg(m.ms)::numeric, 3),
                  round(avg(share_found(m.ids, t.ids, t.wanted)), 4))
    FROM searches AS s JOIN measured AS m USING (turn) JOIN truth AS t ON t.part = s.part AND t.place = s.place AND t.query = m.query
    WHERE s.turn = $1 AND m.repetition = $2 GROUP BY s.part, s.side, s.setting
$$;

-- Documents first .. first + count - 1 into the table of each side, a hundred at a time by turns: one half each in a transaction of its own, then the
-- other half a hundred in one. After each half what an index has put off is done: GIN's pending list, and pgslab's maintenance.
CREATE TABLE inserted (side text, way text, rows bigint, seconds double precision, cpu_ms double precision, wal_bytes numeric,
                       later_s double precision, later_wal_bytes numeric, bytes bigint);
CREATE PROCEDURE insert_documents(sides text[], first bigint, count bigint) LANGUAGE plpgsql AS $$
DECLARE
    side_ text;
    way_ text;
    later text;
    texts tsvector[];
    at bigint := first;
    spent_before double precision;
    began timestamptz;
    lsn pg_lsn;
BEGIN
    FOREACH way_ IN ARRAY ARRAY['a row a transaction', 'a hundred rows a transaction'] LOOP
        FOREACH side_ IN ARRAY sides LOOP
            INSERT INTO inserted VALUES (side_, way_, count / 2, 0, 0, 0, 0, 0);
        END LOOP;
        FOR turn IN 1..count / 200 LOOP
            SELECT array_agg(tsv ORDER BY id) INTO texts FROM documents WHERE id >= at AND id < at + 100;
            FOREACH side_ IN ARRAY sides LOOP
                COMMIT;
                spent_before := spent();
                lsn := pg_current_wal_insert_lsn();
                began := clock_timestamp();
                FOR i IN 1..100 LOOP
                    EXECUTE format('INSERT INTO docs_%s (id, tenant, tsv) VALUES ($1, 0, $2)', side_) USING at + i - 1, texts[i];
                    IF way_ = 'a row a transaction' THEN
                        COMMIT;
                    END IF;
                END LOOP;
                COMMIT;
                UPDATE inserted AS n SET seconds = n.seconds + extract(epoch FROM clock_timestamp() - began), cpu_ms = n.cpu_ms + spent() - spent_before,
                       wal_bytes = n.wal_bytes + (pg_current_wal_insert_lsn() - lsn) WHERE n.side = side_ AND n.way = way_;
            END LOOP;
            at := at + 100;
        END LOOP;
        FOREACH side_ IN ARRAY sides LOOP
            COMMIT;
            CONTINUE WHEN side_ = 'none';
            later := CASE side_ WHEN 'gin' THEN 'SELECT gin_clean_pending_list(''docs_gin_index'')' WHEN 'pgslab' THEN 'SELECT slab_compact(''docs_pgslab_index'')' END;
            lsn := pg_current_wal_insert_lsn();
            began := clock_timestamp();
            IF later IS NOT NULL THEN
                EXECUTE later;
            END IF;
            UPDATE inserted AS n SET later_s = extract(epoch FROM clock_timestamp() - began), later_wal_bytes = pg_current_wal_insert_lsn() - lsn,
                   bytes = pg_relation_size('docs_' || side_ || '_index') WHERE n.side = side_ AND n.way = way_;
        END LOOP;
    END LOOP;
END $$;
