-- What bench/sql/turn.sql measures with.

\ir common.sql

CREATE FUNCTION wal() RETURNS numeric LANGUAGE sql AS $$
    SELECT pg_current_wal_insert_lsn() - '0/0'::pg_lsn
$$;

CREATE FUNCTION search(times integer, rows integer) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    query record;
BEGIN
    FOR i IN 1..times LOOP
        FOR query IN SELECT v FROM queries LOOP
            PERFORM id FROM items ORDER BY v <-> query.v LIMIT rows;
        END LOOP;
    END LOOP;
END $$;

-- Counted work of a query, as slab_last_scan() says: means over the first queries.
CREATE FUNCTION counted(rows integer) RETURNS TABLE (name text, mean numeric) LANGUAGE plpgsql AS $$
DECLARE
    query record;
    work jsonb := '[]';
BEGIN
    FOR query IN SELECT v FROM queries ORDER BY id LIMIT 200 LOOP
        PERFORM id FROM items ORDER BY v <-> query.v LIMIT rows;
        work := work || (SELECT to_jsonb(s) FROM slab_last_scan() AS s);
    END LOOP;
    RETURN QUERY
        SELECT key, round(avg(value::numeric), 1)
        FROM jsonb_array_elements(work) AS scan(entry), jsonb_each_text(entry) AS counter(key, value)
        WHERE key IN ('lists', 'codes', 'refined', 'compared', 'buffers', 'looked_up', 'passes') GROUP BY key ORDER BY key;
END $$;

CREATE FUNCTION insert_singly(first integer, count integer) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    item record;
BEGIN
    FOR item IN SELECT id, v FROM items WHERE id >= first AND id < first + count ORDER BY id LOOP
        INSERT INTO living VALUES (item.id, item.v);
    END LOOP;
END $$;
