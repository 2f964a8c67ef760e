-- complain if script is sourced in psql, rather than via ALTER EXTENSION
\echo Use "ALTER EXTENSION pgslab UPDATE TO '0.3.0'" to load this file. \quit

-- CREATE EXTENSION runs this file, too, after those of the versions before it.

-- The access method slab may have other names as well: it is known by its library. Materialized, so that slab_try_stats() is asked about
-- no other relation, whatever order the planner prefers.
CREATE OR REPLACE VIEW slab_indexes AS
    WITH readable AS MATERIALIZED (
        SELECT x.indexrelid, x.indrelid, x.indisvalid
        FROM pg_catalog.pg_index AS x
        JOIN pg_catalog.pg_class AS c ON c.oid OPERATOR(pg_catalog.=) x.indexrelid
        JOIN pg_catalog.pg_am AS a ON a.oid OPERATOR(pg_catalog.=) c.relam
        JOIN pg_catalog.pg_proc AS p ON p.oid OPERATOR(pg_catalog.=) a.amhandler::pg_catalog.oid
        WHERE p.probin OPERATOR(pg_catalog.=) '$libdir/pgslab'::pg_catalog.text
          AND c.relkind OPERATOR(pg_catalog.=) 'i'::pg_catalog."char"
          AND (c.relpersistence OPERATOR(pg_catalog.<>) 't'::pg_catalog."char"
               OR pg_catalog.pg_my_temp_schema() OPERATOR(pg_catalog.=) c.relnamespace)
          AND (c.relpersistence OPERATOR(pg_catalog.<>) 'u'::pg_catalog."char" OR NOT pg_catalog.pg_is_in_recovery())
          AND pg_catalog.has_table_privilege(x.indrelid, 'SELECT'::pg_catalog.text))
    SELECT r.indexrelid::pg_catalog.regclass AS index, r.indrelid::pg_catalog.regclass AS "table", r.indisvalid AS valid, s.*
    FROM readable AS r
    CROSS JOIN LATERAL slab_try_stats(r.indexrelid::pg_catalog.regclass) AS s;
