#!/usr/bin/env bash
# Writes what test/t/026_pages_of_earlier_versions.pl reads: the files of indexes as this version of the format has them, and the
# rows of their table. To be run once for each version of the format, before the first release that has it:
#
#   test/compat/make.sh
#
# The result is test/compat/format<version>/, which is kept for good: a later version of the extension has to read it.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
# shellcheck source-path=SCRIPTDIR/../..
source scripts/lib/setup.sh

clean_up() {
    stop_clusters
    remove_workspace
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

choose_postgres
new_workspace compat
plan_prefix "$WORK/prefix"
build_extension plain
assemble_prefix
hand_over
start_cluster

# Values with few digits, so that the rows are short. Rows are of one size, so that a table filled in this order has them at the
# same places. Of the first rows the index is built; others are sealed, merged or wait in the sidecar; some are dead.
run_psql postgres -At <<'SQL'
CREATE EXTENSION pgslab;
ALTER DATABASE postgres SET slab.auto_compact = off;
SET slab.auto_compact = off;
CREATE TABLE compat (id int NOT NULL, dead bool NOT NULL, v vec(24)) WITH (autovacuum_enabled = off);
CREATE FUNCTION row_of(id int) RETURNS compat LANGUAGE sql AS $$
    SELECT id, id % 9 = 0,
        (SELECT array_agg((hashint4extended(d, id) % 33) / 4.0 ORDER BY d) FROM generate_series(1, 24) d)::real[]::vec
$$;
INSERT INTO compat SELECT r.* FROM generate_series(1, 250) id, row_of(id) r;
CREATE INDEX compat_l2 ON compat USING slab (v) WITH (lists = 5, bits = 4, seal_threshold = 40);
CREATE INDEX compat_ip ON compat USING slab (v vec_ip_ops) WITH (lists = 3, bits = 8, storage = f32, seal_threshold = 40);
CREATE INDEX compat_cosine ON compat USING slab (v vec_cosine_ops)
    WITH (bits = none, seal_threshold = 40, embedder = 'model', revision = 'v3');
CREATE INDEX compat_l1 ON compat USING slab (v vec_l1_ops);
CREATE INDEX compat_maintained ON compat USING slab (v) WITH (lists = 5, seal_threshold = 40);
-- Filter columns of every type, but for enums, whose keys are numbers of the catalog that this database alone has. Whatever the
-- database's locale, this collation is not one that orders bytes.
CREATE COLLATION compat_not_c (provider = libc, locale = 'C.UTF-8');
CREATE INDEX compat_keys ON compat USING slab (v, id, dead, (nullif(id % 3, 0)::smallint), (id * 20000000000), ((id / 7::real)::real),
    (-id / 7::double precision), (id / 7::numeric), (md5(id::text)::uuid)) WITH (lists = 3, bits = none, seal_threshold = 40);
CREATE INDEX compat_keys_too ON compat USING slab (v vec_ip_ops, (md5(id::text) COLLATE compat_not_c), ((id::text) COLLATE "C"),
    ('2000-01-01'::date - id), ('00:00'::time + id * '1 minute'::interval), ('2000-01-01'::timestamp + id * '1 hour'::interval),
    (to_timestamp(id::double precision)), (ARRAY[id % 5, id % 11 - 5, id]), (ARRAY[md5((id % 4)::text), id::text]))
    WITH (lists = 4, bits = none, seal_threshold = 40);
INSERT INTO compat SELECT r.* FROM generate_series(251, 380) id, row_of(id) r;
DELETE FROM compat WHERE dead;
VACUUM (INDEX_CLEANUP ON, TRUNCATE OFF) compat;
SELECT slab_recluster('compat_maintained');
SQL

version=$(run_psql postgres -Atc "SELECT format_version FROM slab_stats('compat_l2')")
out=test/compat/format$version
rm -rf "$out"
mkdir -p "$out"

# All rows, the dead ones too, in the order of their places; and how each index was made.
run_psql postgres -c 'COPY (SELECT r.* FROM generate_series(1, 380) id, row_of(id) r) TO STDOUT' | gzip -9n >"$out/rows.gz"
run_psql postgres -Atc "SELECT indexrelid::regclass, pg_get_indexdef(indexrelid), pg_relation_filepath(indexrelid) FROM pg_index
    WHERE indrelid = 'compat'::regclass ORDER BY 1" -F '|' >"$WORK/indexes"
run_psql postgres -c CHECKPOINT
stop_clusters
while IFS='|' read -r name definition path; do
    echo "$definition" >>"$out/indexes.sql"
    # Without the log that they belong to, pages must not name a place in it.
    perl -0777 -pe 's/(.{8})(.{8184})/("\0" x 8) . $2/gse' "$WORK/data/$path" | gzip -9n >"$out/$name.gz"
done <"$WORK/indexes"
du -sh "$out"
