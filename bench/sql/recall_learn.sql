-- Each kind of queries that is unlike the rows once more, after so many of them were audited by an index that is built anew: half of the
-- queries is asked, the other half measured.
\set QUIET on
\pset footer off
SET client_min_messages = warning;
SET maintenance_work_mem = '1GB';
SET max_parallel_maintenance_workers = 0;
SELECT op FROM operators \gset
SELECT 'DROP INDEX base_v', index_command(:'options'),
       format('CALL learn(%1$L, %2$L, %3$L, %4$L, %5$L)', :'op', kind, :'wanted', :'targets', :'audits'),
       format('CALL measure(%1$L, %2$L, %3$L, %3$L || '', learnt'', 2, %4$L, %5$L)', :'set', :'op', kind, :'wanted', :'targets'),
       format('SELECT %1$L AS kind, learnt, audits, audited_recall FROM slab_stats(''base_v'')', kind)
FROM (SELECT DISTINCT kind FROM asked WHERE kind NOT IN ('rows', 'given') ORDER BY 1) AS k \gexec
