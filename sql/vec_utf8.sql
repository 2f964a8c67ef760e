-- Texts with multi-byte characters: messages quote them between characters. Needs a database in UTF8.
SELECT getdatabaseencoding() <> 'UTF8' AS skip_test \gset
\if :skip_test
\quit
\endif
SET client_encoding = utf8;
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pgslab;
RESET client_min_messages;

SELECT '[é]'::vec;
SELECT '日本'::vec;
SELECT '[1,2] é'::vec;
-- 60 bytes are quoted at most: 59 here, as the 60th is the first half of a character
SELECT ('[' || repeat('é', 100) || ']')::vec;
-- and 60 of this one, whose characters have three bytes
SELECT ('[1,' || repeat('日', 100) || ']')::vec;

-- letters of any script make words
SELECT vec_hash_embed('日本', dims => 64) <> vec_hash_embed('日光', dims => 64) AS other_word;
