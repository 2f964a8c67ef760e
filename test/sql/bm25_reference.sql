-- BM25 by its definition, in SQL alone, for tests and measurements to compare the index and the operator with.

-- Every row of the table that has one of the words at least, and its score. `document` is an expression over a row of the table whose value is a
-- tsvector, such as a column's name; rows where it is NULL do not count. A word is a lexeme as the document has it. Numbers are computed in the order
-- of the definition, sums in ascending order of bytes, so that the same score is the same number.
CREATE FUNCTION bm25_reference(relation regclass, document text, words text[], k1 double precision DEFAULT 1.2, b double precision DEFAULT 0.75)
RETURNS TABLE ("row" tid, score double precision) LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN QUERY EXECUTE format($q$
        WITH documents AS MATERIALIZED (
            SELECT ctid AS id, %2$s AS terms FROM %1$s WHERE (%2$s) IS NOT NULL
        ), occurrences AS MATERIALIZED (
            SELECT d.id, u.lexeme COLLATE "C" AS lexeme, coalesce(cardinality(u.positions), 1)::double precision AS tf
            FROM documents AS d, unnest(d.terms) AS u
        ), lengths AS (
            SELECT o.id, sum(o.tf) AS length FROM occurrences AS o GROUP BY o.id
        ), counts AS (
            SELECT count(*)::double precision AS n, (SELECT coalesce(sum(length), 0) FROM lengths) / nullif(count(*), 0) AS average FROM documents
        ), weights AS (
            SELECT o.lexeme, ln(1 + (c.n - count(*) + 0.5) / (count(*) + 0.5)) AS idf
            FROM occurrences AS o, counts AS c WHERE o.lexeme = ANY ($1) GROUP BY o.lexeme, c.n
        )
        SELECT o.id, sum(w.idf * o.tf * ($2 + 1) / (o.tf + $2 * (1 - $3 + $3 * (l.length / c.average))) ORDER BY o.lexeme)
        FROM occurrences AS o JOIN weights AS w USING (lexeme) JOIN lengths AS l USING (id), counts AS c
        GROUP BY o.id
    $q$, relation, document) USING words, k1, b;
END $$;

-- The words of a query, whatever its operators.
CREATE FUNCTION bm25_words(query tsquery) RETURNS text[] LANGUAGE sql IMMUTABLE AS $$
    SELECT coalesce(array_agg(DISTINCT replace(replace(found[1], '''''', ''''), '\\', '\')), '{}')
    FROM regexp_matches(query::text, '''((?:[^'']|'''')+)''', 'g') AS found
$$;
