-- Where there are no package lists: the objects that PostgreSQL itself describes, with their catalog as the section.
CREATE TABLE packages AS
SELECT o.identity AS name, d.classoid::regclass::text AS section, d.description,
       vec_hash_embed(o.identity || ' ' || d.description, :dims)::vec(:dims) AS embedding
FROM pg_description d
CROSS JOIN LATERAL pg_identify_object(d.classoid, d.objoid, d.objsubid) o
LIMIT :rows;

ANALYZE packages;
SELECT count(*) AS objects, pg_size_pretty(pg_table_size('packages')) AS size FROM packages;
