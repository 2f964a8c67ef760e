-- What a build and an insert cost by the filter columns of the index.
\set QUIET on
CREATE TABLE prices (dataset text, repetition integer, columns text, measurement text, value numeric);

CREATE FUNCTION index_command(target text, columns text, opclass text, name text) RETURNS text LANGUAGE sql AS $$
    SELECT format('CREATE INDEX %s ON %s USING slab (embedding %s%s)', name, target, opclass,
                  CASE columns WHEN 'none' THEN '' WHEN 'integer' THEN ', u100' WHEN 'bigint' THEN ', big' END)
$$;

CREATE PROCEDURE price_builds(dataset text, opclass text, repetition integer) LANGUAGE plpgsql AS $$
DECLARE
    columns text;
    began timestamptz;
BEGIN
    FOREACH columns IN ARRAY ARRAY['none', 'integer', 'bigint'] LOOP
        began := clock_timestamp();
        EXECUTE index_command('items', columns, opclass, 'priced');
        INSERT INTO prices VALUES
            (dataset, repetition, columns, 'build, seconds', round(extract(epoch FROM clock_timestamp() - began), 3)),
            (dataset, repetition, columns, 'size, bytes a row', round(pg_relation_size('priced')::numeric / (SELECT count(*) FROM items), 2));
        DROP INDEX priced;
        COMMIT;
    END LOOP;
END $$;

-- 4000 rows, each in a transaction of its own, into an index of up to 20000. Tables take turns of a hundred rows.
CREATE PROCEDURE price_inserts(dataset text, opclass text, repetition integer) LANGUAGE plpgsql AS $$
DECLARE
    kinds text[] := ARRAY['no index', 'none', 'integer'];
    began timestamptz;
    lsn pg_lsn;
    spent_before double precision;
BEGIN
    CREATE TEMP TABLE turns (kind integer, seconds numeric, spent double precision, wal numeric);
    FOR kind IN 1..3 LOOP
        EXECUTE format('CREATE TABLE growing_%s AS SELECT id, embedding, u100, big FROM items WHERE id >= 4000 ORDER BY id LIMIT 20000', kind);
        IF kind > 1 THEN
            EXECUTE index_command('growing_' || kind, kinds[kind], opclass, 'priced_' || kind);
        END IF;
    END LOOP;
    COMMIT;
    CHECKPOINT;
    FOR turn IN 0..39 LOOP
        FOR kind IN 1..3 LOOP
            spent_before := spent();
            lsn := pg_current_wal_insert_lsn();
            began := clock_timestamp();
            FOR i IN 100 * turn..100 * turn + 99 LOOP
                EXECUTE format('INSERT INTO growing_%s SELECT id, embedding, u100, big FROM items WHERE id = $1', kind) USING i;
                COMMIT;
            END LOOP;
            INSERT INTO turns VALUES
                (kind, extract(epoch FROM clock_timestamp() - began), spent() - spent_before, pg_current_wal_insert_lsn() - lsn);
        END LOOP;
    END LOOP;
    INSERT INTO prices
    SELECT dataset, repetition, kinds[t.kind], m.measurement, m.value
    FROM (SELECT t.kind, (percentile_cont(0.5) WITHIN GROUP (ORDER BY seconds))::numeric AS seconds,
                 (percentile_cont(0.5) WITHIN GROUP (ORDER BY spent))::numeric AS spent, sum(wal) AS wal
          FROM turns AS t GROUP BY t.kind) AS t,
         LATERAL (VALUES ('inserts, rows a second', round(100 / t.seconds, 1)),
                         ('inserts, processor us a row', round(10 * t.spent, 1)),
                         ('inserts, bytes of WAL a row', round(t.wal / 4000, 1))) AS m (measurement, value);
    DROP TABLE turns, growing_1, growing_2, growing_3;
END $$;
