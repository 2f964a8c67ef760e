-- All settings in turn, and backwards in every other repetition. Wants the variable repetition.
\set QUIET on
SELECT format('CALL ask(%s, %s)', turn, :repetition) FROM settings ORDER BY turn * CASE :repetition % 2 WHEN 1 THEN 1 ELSE -1 END \gexec
