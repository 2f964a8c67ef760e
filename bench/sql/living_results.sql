-- What the client and the scripts of living.sh write, a table for each CSV file.
CREATE TABLE loads (dataset text, engine text, setting text, repetition integer, rows bigint, dims integer, load_seconds numeric, table_bytes bigint);

CREATE TABLE builds (dataset text, engine text, setting text, repetition integer, build_seconds numeric, cpu_seconds numeric, wal_bytes bigint,
                     index_bytes bigint, foreign_cpu numeric);

CREATE TABLE inserts (dataset text, engine text, setting text, repetition integer, rows bigint, rows_per_second numeric, p50_us numeric,
                      p99_us numeric, cpu_us numeric, wal_bytes_per_row numeric, foreign_cpu numeric);
CREATE TABLE wal (LIKE inserts);
CREATE TABLE writers (LIKE inserts);

CREATE TABLE vacuums (dataset text, engine text, setting text, repetition integer, vacuum_seconds numeric, cpu_seconds numeric, wal_bytes bigint,
                      index_bytes bigint, foreign_cpu numeric);

CREATE TABLE latencies (dataset text, engine text, setting text, repetition integer, queries integer, recall numeric, qps numeric, mean_ms numeric,
                        p50_ms numeric, p95_ms numeric, p99_ms numeric, cpu_ms numeric, foreign_cpu numeric);

CREATE TABLE recalls (dataset text, engine text, setting text, repetition integer, rows bigint, queries integer, recall numeric, worst_query numeric,
                      checked integer, exact_is_sequential numeric);

CREATE TABLE sizes (setting text, rows bigint, index_bytes bigint);

CREATE TABLE growth (rows bigint, dims integer, storage text, refine_bits integer, segments integer, sidecar_rows bigint, code_bytes_written bigint,
                     vector_bytes_written bigint, index_bytes bigint);

CREATE TABLE notes (measurement text, note text);
