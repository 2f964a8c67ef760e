-- Settings before a session has loaded the library: they are taken as they come, and looked at when it is loaded.
\set superuser :USER
\c -
SHOW slab.target_recall;
SET slab.target_recall = 0.9;
SET slab.exact = on;
LOAD 'pgslab';
SHOW slab.target_recall;
SHOW slab.exact;
-- ---- what is wrong is reported then, and the default holds
\c -
SET slab.target_recall = 7;
SET slab.probes = many;
SET slab.exact = perhaps;
SET slab.isa = i386;
SET slab.recall = 0.9;
LOAD 'pgslab';
SELECT name, setting, source FROM pg_settings WHERE name IN ('slab.target_recall', 'slab.probes', 'slab.exact', 'slab.isa') ORDER BY name;
SHOW slab.recall;
\c -
SET slab.target_recall = 0.3;
SET slab.refine = 5;
LOAD 'pgslab';
SHOW slab.target_recall;
SHOW slab.refine;
-- ---- for a transaction
\c -
BEGIN;
SET LOCAL slab.exact = on;
LOAD 'pgslab';
SHOW slab.exact;
COMMIT;
SHOW slab.exact;
\c -
BEGIN;
SET slab.exact = on;
LOAD 'pgslab';
ROLLBACK;
SHOW slab.exact;
-- ---- of a role: by itself once its session knows the setting, by a superuser at any time
CREATE ROLE slab_load_user LOGIN;
\c - slab_load_user
ALTER ROLE slab_load_user SET slab.exact = on;
SELECT vec_dims('[1]');
ALTER ROLE slab_load_user SET slab.exact = on;
ALTER ROLE slab_load_user SET slab.target_recall = 7;
\c - :superuser
ALTER ROLE slab_load_user SET slab.target_recall = 7;
ALTER ROLE slab_load_user SET slab.refine = 5;
\c - slab_load_user
SELECT count(vec) FROM vec(ARRAY[1]::vec, 1, true);
SHOW slab.exact;
SHOW slab.refine;
SHOW slab.target_recall;
-- ---- preloaded, they are known from the beginning
\c - :superuser
ALTER ROLE slab_load_user RESET slab.target_recall;
ALTER ROLE slab_load_user SET session_preload_libraries = 'pgslab';
\c - slab_load_user
SHOW slab.target_recall;
SHOW slab.exact;
SET slab.recall = 1;
SET slab.target_recall = 7;
\c - :superuser
DROP ROLE slab_load_user;
