-- Bit strings that have no distance: SQLSTATE, message, detail and hint.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pgslab;
RESET client_min_messages;

\pset format unaligned
\pset tuples_only on
\pset fieldsep '\n  '

-- different lengths
SELECT e.* FROM refused($$SELECT hamming_distance(B'101', B'1010')$$) AS e;
SELECT e.* FROM refused($$SELECT jaccard_distance(B'1010', B'101')$$) AS e;
SELECT e.* FROM refused($$SELECT B'' <~> B'1'$$) AS e;
SELECT e.* FROM refused($$SELECT B'1' <%> B''$$) AS e;
-- of as many bytes
SELECT e.* FROM refused($$SELECT B'1010101' <~> B'10101010'$$) AS e;
SELECT e.* FROM refused($$SELECT '0000000' <%> '00000000'$$) AS e;
-- bit and varbit, long ones, and columns
SELECT e.* FROM refused($$SELECT B'101'::bit(4) <~> B'101'::varbit$$) AS e;
SELECT e.* FROM refused($$SELECT repeat('1', 1000000)::varbit <~> repeat('1', 999999)::varbit$$) AS e;
CREATE TEMPORARY TABLE lengths (b bit(8), v varbit(8));
INSERT INTO lengths VALUES ('11110000', '1111');
SELECT e.* FROM refused($$SELECT b <~> v FROM lengths$$) AS e;
SELECT e.* FROM refused($$SELECT v <%> '11110000' FROM lengths$$) AS e;
SELECT e.* FROM refused($$SELECT b FROM lengths ORDER BY b <~> '1'$$) AS e;
SELECT e.* FROM refused($$SELECT binary_quantize('[1,2]'::vec) <~> binary_quantize('[1,2,3]'::vec)$$) AS e;

-- what is no bit string, in the server's own words
SELECT e.code, e.message FROM refused($$SELECT B'1' <~> '2'$$) AS e;
SELECT e.code, e.message FROM refused($$SELECT B'1' <~> '1'::text$$) AS e;
SELECT e.code, e.message FROM refused($$SELECT B'1' <%> 1$$) AS e;
SELECT e.code, e.message FROM refused($$SELECT '[1]'::vec <~> B'1'$$) AS e;
SELECT e.code, e.message FROM refused($$SELECT '[1]'::vec <%> '[1]'::vec$$) AS e;
SELECT e.code, e.message FROM refused($$SELECT hamming_distance(1, 2)$$) AS e;
SELECT e.code, e.message FROM refused($$SELECT binary_quantize('{1:1}/2'::svec)$$) AS e;
SELECT e.code, e.message FROM refused($$INSERT INTO lengths (b) VALUES (binary_quantize('[1]'::vec))$$) AS e;
