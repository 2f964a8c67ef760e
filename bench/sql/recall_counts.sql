-- How many cells are short, and how often recall falls as the target rises.
\set QUIET on
SELECT (SELECT count(*) FROM cells WHERE short), (SELECT count(*) FROM falls);
