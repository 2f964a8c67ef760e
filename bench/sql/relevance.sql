-- Rankings of judged texts, and how good they are. Wants the variable sides.
\set QUIET on
\pset footer off
SET client_min_messages = warning;
ALTER TABLE documents ADD COLUMN tsv tsvector;
UPDATE documents SET tsv = to_tsvector('english', body);
VACUUM ANALYZE documents;
CREATE TABLE ranked (side text, k1 double precision, b double precision, query integer, document integer, place bigint);

-- The best thousand of each query. The values that most of the literature takes for k1 and b, and those of Anserini.
CREATE PROCEDURE rank_all(side text, k1 double precision, b double precision) LANGUAGE plpgsql AS $$
DECLARE
    q record;
BEGIN
    IF side = 'pgslab' THEN
        EXECUTE format('CREATE INDEX documents_slab ON documents USING slab (tsv tsvector_bm25_ops) WITH (k1 = %s, b = %s, text_config = ''english'')', k1, b);
    END IF;
    FOR q IN SELECT id, words, to_tsvector('english', words) AS terms, replace(plainto_tsquery('english', words)::text, '&', '|')::tsquery AS any_of FROM asked LOOP
        CASE side
        WHEN 'pgslab' THEN
            EXECUTE 'INSERT INTO ranked SELECT $1, $2, $3, $4, id, row_number() OVER () FROM (
                SELECT id FROM documents ORDER BY tsv <@> bm25_query(''documents_slab'', $5) LIMIT 1000) AS s' USING side, k1, b, q.id, q.words;
        WHEN 'definition' THEN
            INSERT INTO ranked SELECT side, k1, b, q.id, s.* FROM (
                SELECT d.id, row_number() OVER (ORDER BY r.score DESC, d.id)
                FROM bm25_reference('documents', 'tsv', tsvector_to_array(q.terms), k1, b) AS r JOIN documents AS d ON d.ctid = r."row"
                ORDER BY 2 LIMIT 1000) AS s;
        WHEN 'ts_rank_cd', 'ts_rank' THEN
            EXECUTE format('INSERT INTO ranked SELECT $1, NULL, NULL, $2, s.* FROM (
                SELECT id, row_number() OVER (ORDER BY %I(tsv, $3) DESC, id) FROM documents WHERE tsv @@ $3 ORDER BY 2 LIMIT 1000) AS s', side)
            USING side, q.id, q.any_of;
        END CASE;
    END LOOP;
    IF side = 'pgslab' THEN
        DROP INDEX documents_slab;
    END IF;
END $$;
SET enable_seqscan = off;
SELECT format('CALL rank_all(%L, %s, %s)', side, k1, b)
FROM unnest(:'sides'::text[]) WITH ORDINALITY AS s(side, n), (VALUES (1.2, 0.75), (0.9, 0.4)) AS v(k1, b)
WHERE side IN ('pgslab', 'definition') OR k1 = 1.2 ORDER BY n, k1 DESC \gexec

-- A document is relevant or is not. Queries for which nothing is relevant do not count.
SELECT r.side, r.k1, r.b, count(*) AS queries, round(avg(m.ndcg_10)::numeric, 4) AS "nDCG@10", round(avg(m.map)::numeric, 4) AS "MAP",
       round(avg(m.found_10) / 10, 4) AS "P@10", round(avg(m.found_100 / m.relevant::numeric), 4) AS "recall@100", round(avg(m.reciprocal)::numeric, 4) AS "MRR"
FROM (SELECT DISTINCT side, k1, b FROM ranked) AS r, (SELECT query, count(*) AS relevant FROM judged GROUP BY query) AS j,
     LATERAL (
         SELECT j.relevant,
                coalesce(sum(1 / log(2, place + 1)) FILTER (WHERE place <= 10), 0)
                    / (SELECT sum(1 / log(2, i + 1)) FROM generate_series(1, least(10, j.relevant)) AS i) AS ndcg_10,
                coalesce(sum(found::numeric / place), 0) / j.relevant AS map, count(*) FILTER (WHERE place <= 10) AS found_10,
                count(*) FILTER (WHERE place <= 100) AS found_100, coalesce(1.0 / min(place), 0) AS reciprocal
         FROM (SELECT k.place, row_number() OVER (ORDER BY k.place) AS found
               FROM ranked AS k JOIN judged AS g ON g.query = k.query AND g.document = k.document
               WHERE k.side = r.side AND k.k1 IS NOT DISTINCT FROM r.k1 AND k.b IS NOT DISTINCT FROM r.b AND k.query = j.query) AS f) AS m
GROUP BY r.side, r.k1, r.b ORDER BY array_position(:'sides'::text[], r.side), r.k1 DESC;
