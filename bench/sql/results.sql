-- What the client writes, a table for each CSV file.
CREATE TABLE loads (dataset text, engine text, setting text, repetition integer, rows bigint, dims integer, load_seconds numeric, table_bytes bigint);

CREATE TABLE builds (dataset text, engine text, setting text, repetition integer, build_seconds numeric, cpu_seconds numeric, wal_bytes bigint,
                     index_bytes bigint, foreign_cpu numeric);

CREATE TABLE queries (dataset text, engine text, setting text, repetition integer, queries integer, recall numeric, qps numeric, mean_ms numeric,
                      p50_ms numeric, p95_ms numeric, p99_ms numeric, cpu_ms numeric, foreign_cpu numeric);

CREATE TABLE work (dataset text, engine text, setting text, repetition integer, counter text, value numeric);
