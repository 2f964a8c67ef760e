-- Every index is read page by page, and compared with its table.
SELECT slab_check(index, true) FROM slab_indexes;
DO $$ BEGIN ASSERT (SELECT count(*) = 5 AND bool_and(valid) FROM slab_indexes), 'an index is missing'; END $$;
