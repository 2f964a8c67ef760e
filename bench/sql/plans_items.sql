-- The table that is searched. A share of 1 / n of the rows satisfies a condition on f, o or payload, of which the index of vectors knows the first.
\set QUIET on
SET client_min_messages = warning;
SET maintenance_work_mem = '2GB';
DROP TABLE IF EXISTS items;
CREATE TABLE items AS
SELECT id, v, f2, f10, f100, f1000, f10000, f2 AS o2, f10 AS o10, f100 AS o100, f1000 AS o1000, f10000 AS o10000,
       jsonb_build_object('id', id, 'n2', f2, 'n10', f10, 'n100', f100, 'n1000', f1000, 'n10000', f10000) AS payload
FROM (SELECT id, v, by_chance(id, 2) AS f2, by_chance(id, 10) AS f10, by_chance(id, 100) AS f100, by_chance(id, 1000) AS f1000, by_chance(id, 10000) AS f10000
      FROM loaded) AS s
ORDER BY id;
ALTER TABLE items ADD PRIMARY KEY (id);
CREATE INDEX ON items USING slab (v, f2, f10, f100, f1000, f10000);
CREATE INDEX ON items (f2);
CREATE INDEX ON items (f10);
CREATE INDEX ON items (f100);
CREATE INDEX ON items (f1000);
CREATE INDEX ON items (f10000);
CREATE INDEX ON items (o2);
CREATE INDEX ON items (o10);
CREATE INDEX ON items (o100);
CREATE INDEX ON items (o1000);
CREATE INDEX ON items (o10000);
CREATE INDEX ON items USING gin (payload jsonb_path_ops);
VACUUM (FREEZE, ANALYZE) items;
