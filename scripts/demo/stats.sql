\x on
SELECT * FROM slab_stats('packages_embedding');
