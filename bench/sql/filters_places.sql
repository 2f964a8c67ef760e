-- Where rows lie: at the nearest of a hundred of them that stand for places. And of each query, which of these is nearest and which is
-- farthest, of those that have some rows. In pgslab's database only; pgvector's takes over what is found.
\set QUIET on
SELECT cardinality(embedding::real[]) AS dims, (SELECT least(100, count(*) / 200) FROM loaded) AS enough FROM loaded LIMIT 1 \gset

-- Stored in the row, so that a comparison does not have to fetch it.
CREATE TABLE centres (place integer, embedding vec STORAGE PLAIN);
INSERT INTO centres
SELECT row_number() OVER (), embedding FROM (SELECT embedding FROM loaded ORDER BY hashint8extended(id, 1) LIMIT 100) AS chosen;

-- The sum is a vector at hand, fetched once for all its comparisons.
CREATE TABLE places AS
SELECT id, (SELECT place FROM centres AS c ORDER BY c.embedding :op s.v LIMIT 1) AS near
FROM (SELECT id, embedding + array_fill(0::real, ARRAY[:dims])::vec AS v FROM loaded OFFSET 0) AS s;

CREATE TABLE query_places AS
WITH large AS (SELECT near AS place FROM places GROUP BY near HAVING count(*) >= :enough)
SELECT id, (SELECT place FROM centres AS c ORDER BY c.embedding :op q.embedding LIMIT 1) AS nearest,
       (SELECT place FROM centres AS c JOIN large USING (place) ORDER BY c.embedding :op q.embedding DESC LIMIT 1) AS farthest
FROM loaded_queries AS q;
DROP TABLE centres;
