-- An index over base, and all cells of it.
\set QUIET on
\pset footer off
SET client_min_messages = warning;
SET maintenance_work_mem = '1GB';
SET max_parallel_maintenance_workers = 0;
VACUUM ANALYZE base;
SELECT op FROM operators \gset
SELECT spent() AS before \gset
-- The build says how long it took and how long the index measured itself.
SET client_min_messages = debug1;
SELECT index_command(:'options') \gexec
SET client_min_messages = warning;
INSERT INTO builds SELECT :'set', round(((spent() - :before) / 1000)::numeric, 2), pg_relation_size('base_v');
SELECT lists, pg_size_pretty(pg_relation_size('base_v')) AS size, b.seconds FROM slab_stats('base_v'), builds AS b WHERE b.dataset = :'set';
CALL find_truth(:'op', :'wanted');
SELECT format('CALL measure(%1$L, %2$L, %3$L, %3$L, 1, %4$L, %5$L)', :'set', :'op', kind, :'wanted', :'targets')
FROM (SELECT DISTINCT kind FROM asked ORDER BY 1) AS k \gexec
SELECT kind, rows, string_agg(format('%s: %s%s', target, recall, CASE WHEN short THEN ' SHORT' ELSE '' END), ', ' ORDER BY target) AS recall,
       string_agg(codes::text, ', ' ORDER BY target) AS codes
FROM cells WHERE dataset = :'set' GROUP BY kind, rows ORDER BY kind, rows;
