-- What filters.sh writes, a table for each CSV file.
CREATE TABLE loads (dataset text, engine text, setting text, repetition integer, rows bigint, dims integer, load_seconds numeric, table_bytes bigint);

CREATE TABLE builds (dataset text, engine text, setting text, repetition integer, build_seconds numeric, cpu_seconds numeric, wal_bytes bigint,
                     index_bytes bigint, foreign_cpu numeric);

CREATE TABLE searches (dataset text, engine text, setting text, repetition integer, condition text, queries integer, matches numeric, recall numeric,
                       rows_ok numeric, mean_ms numeric, p50_ms numeric, cpu_ms numeric, buffers numeric, plan text, strategy text,
                       lists numeric, codes numeric, scan_buffers numeric);

CREATE TABLE ranges (dataset text, repetition integer, way text, queries integer, recall numeric, mean_ms numeric, cpu_ms numeric);

CREATE TABLE prices (dataset text, repetition integer, columns text, measurement text, value numeric);
