-- Counted work of an insert: the same rows into the same table with an index and without. Away from a checkpoint, so that no full-page
-- images are counted, and with every page in memory.
\set QUIET on
\pset footer off
CREATE TABLE plain AS SELECT * FROM base WHERE false;
CREATE TABLE indexed AS SELECT * FROM base WHERE false;
CREATE INDEX indexed_embedding ON indexed USING slab (embedding vec_l2_ops);
INSERT INTO plain SELECT * FROM base WHERE id < 500;
INSERT INTO indexed SELECT * FROM base WHERE id < 500;

CREATE FUNCTION insert_work(target regclass, OUT wal_bytes numeric, OUT buffers numeric) LANGUAGE plpgsql AS $$
DECLARE
    plan jsonb;
BEGIN
    EXECUTE format('EXPLAIN (ANALYZE, BUFFERS, WAL, FORMAT json)
                    INSERT INTO %s SELECT * FROM base WHERE id BETWEEN 1000 AND 2999', target) INTO plan;
    plan := plan -> 0 -> 'Plan';
    wal_bytes := (plan ->> 'WAL Bytes')::numeric / 2000;
    buffers := ((plan ->> 'Shared Hit Blocks')::numeric + (plan ->> 'Shared Read Blocks')::numeric) / 2000;
END $$;

\echo
\echo Work of an inserted row
WITH work AS (SELECT i.wal_bytes AS wal_i, i.buffers AS buf_i, p.wal_bytes AS wal_p, p.buffers AS buf_p
              FROM insert_work('indexed') i, insert_work('plain') p)
SELECT round(wal_p) AS wal_bytes_table, round(wal_i - wal_p) AS wal_bytes_index,
       round(buf_p, 1) AS buffers_table, round(buf_i - buf_p, 1) AS buffers_index
FROM work;
