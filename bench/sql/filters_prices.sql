-- What a build and an insert cost by the filter columns of the index.
\set QUIET on
CREATE TABLE prices (dataset text, repetition integer, columns text, measurement text, value numeric);

CREATE FUNCTION index_command(target text, columns text, opclass text) RETURNS text LANGUAGE sql AS $$
    SELECT format('CREATE INDEX priced ON %s USING slab (embedding %s%s)', target, opclass,
                  CASE columns WHEN 'none' THEN '' WHEN 'integer' THEN ', u100' WHEN 'bigint' THEN ', big' END)
$$;

CREATE PROCEDURE price_builds(dataset text, opclass text, repetition integer) LANGUAGE plpgsql AS $$
DECLARE
    columns text;
    began timestamptz;
BEGIN
    FOREACH columns IN ARRAY ARRAY['none', 'integer', 'bigint'] LOOP
        began := clock_timestamp();
        EXECUTE index_command('items', columns, opclass);
        INSERT INTO prices VALUES
            (dataset, repetition, columns, 'build, seconds', round(extract(epoch FROM clock_timestamp() - began), 3)),
            (dataset, repetition, columns, 'size, bytes a row', round(pg_relation_size('priced')::numeric / (SELECT count(*) FROM items), 2));
        DROP INDEX priced;
        COMMIT;
    END LOOP;
END $$;

-- 2000 rows, each in a transaction of its own, into an index of up to 20000.
CREATE PROCEDURE price_inserts(dataset text, opclass text, repetition integer) LANGUAGE plpgsql AS $$
DECLARE
    columns text;
    began timestamptz;
    lsn pg_lsn;
    spent_before double precision;
BEGIN
    FOREACH columns IN ARRAY ARRAY['no index', 'none', 'integer'] LOOP
        CREATE TABLE growing AS SELECT id, embedding, u100, big FROM items WHERE id >= 2000 ORDER BY id LIMIT 20000;
        IF columns <> 'no index' THEN
            EXECUTE index_command('growing', columns, opclass);
        END IF;
        COMMIT;
        CHECKPOINT;
        spent_before := spent();
        lsn := pg_current_wal_insert_lsn();
        began := clock_timestamp();
        FOR i IN 0..1999 LOOP
            INSERT INTO growing SELECT id, embedding, u100, big FROM items WHERE id = i;
            COMMIT;
        END LOOP;
        INSERT INTO prices VALUES
            (dataset, repetition, columns, 'inserts, rows a second', round(2000 / extract(epoch FROM clock_timestamp() - began), 1)),
            (dataset, repetition, columns, 'inserts, processor us a row', round(((spent() - spent_before) / 2)::numeric, 1)),
            (dataset, repetition, columns, 'inserts, bytes of WAL a row', round((pg_current_wal_insert_lsn() - lsn) / 2000, 1));
        DROP TABLE growing;
        COMMIT;
    END LOOP;
END $$;
