-- The indexes of all sides. What they warn of, as of too little memory, is to be seen.
\set QUIET on
SELECT format('CALL build(%L)', engine) FROM engines WHERE engine IN (SELECT side FROM settings) ORDER BY engine \gexec
VACUUM ANALYZE items;
