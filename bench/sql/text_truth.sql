-- What is true of one measurement. Wants the variables part and sides.
\set QUIET on
SELECT :'part' = 'sparse' AS is_sparse, :'part' = 'growth' AS is_growth, :'part' = 'filter' AS is_filter \gset
\if :is_sparse
CALL find_best_vectors();
\elif :is_growth
CALL find_best_documents('growth', 'small', 'three', 'small_pgslab', 'true');
CALL find_best_documents('growth', 'large', 'three', 'large_pgslab', 'true');
\else
SELECT CASE WHEN :'part' = 'filter' THEN 'filtered_' ELSE 'docs_' END || side AS source FROM unnest(:'sides'::text[]) AS side WHERE side IN ('pgslab', 'gin', 'rum') ORDER BY side LIMIT 1 \gset
CALL find_best_documents(:'part', 'all', 'words', :'source', 'true');
\if :is_filter
CALL find_best_documents(:'part', 'tenant', 'words', :'source', 'tenant = 7');
\endif
\endif
