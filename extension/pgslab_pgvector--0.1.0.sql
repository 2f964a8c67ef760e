-- complain if script is sourced in psql, rather than via CREATE EXTENSION
\echo Use "CREATE EXTENSION pgslab_pgvector" to load this file. \quit

-- Types, functions and operators are found by the search path, which begins with a schema that others may create objects in. So what
-- is meant is checked at the end, before any of it is called.

-- ==== casts ==========================================================================================================

-- Values of both types have the same bytes, and these functions check dimensions, no more. Where the planner knows these it leaves
-- them out. Only one direction is implicit, so that where both types meet there is one way, which is ours.

CREATE FUNCTION slab_cast_support(internal) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION vector_to_vec(vector, integer, boolean) RETURNS vec
    AS 'MODULE_PATHNAME', 'vec_to_vec' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE SUPPORT slab_cast_support;

CREATE FUNCTION vec_to_vector(vec, integer, boolean) RETURNS vector
    AS 'MODULE_PATHNAME', 'vec_to_vec' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE SUPPORT slab_cast_support;

CREATE CAST (vector AS vec) WITH FUNCTION vector_to_vec(vector, integer, boolean) AS IMPLICIT;
CREATE CAST (vec AS vector) WITH FUNCTION vec_to_vector(vec, integer, boolean) AS ASSIGNMENT;

CREATE FUNCTION halfvec_to_hvec(halfvec, integer, boolean) RETURNS hvec
    AS 'MODULE_PATHNAME', 'hvec_to_hvec' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE SUPPORT slab_cast_support;

CREATE FUNCTION hvec_to_halfvec(hvec, integer, boolean) RETURNS halfvec
    AS 'MODULE_PATHNAME', 'hvec_to_hvec' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE SUPPORT slab_cast_support;

CREATE CAST (halfvec AS hvec) WITH FUNCTION halfvec_to_hvec(halfvec, integer, boolean) AS IMPLICIT;
CREATE CAST (hvec AS halfvec) WITH FUNCTION hvec_to_halfvec(hvec, integer, boolean) AS ASSIGNMENT;

CREATE FUNCTION sparsevec_to_svec(sparsevec, integer, boolean) RETURNS svec
    AS 'MODULE_PATHNAME', 'svec_to_svec' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE SUPPORT slab_cast_support;

CREATE FUNCTION svec_to_sparsevec(svec, integer, boolean) RETURNS sparsevec
    AS 'MODULE_PATHNAME', 'svec_to_svec' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE SUPPORT slab_cast_support;

CREATE CAST (sparsevec AS svec) WITH FUNCTION sparsevec_to_svec(sparsevec, integer, boolean) AS IMPLICIT;
CREATE CAST (svec AS sparsevec) WITH FUNCTION svec_to_sparsevec(svec, integer, boolean) AS ASSIGNMENT;

-- ==== slab indexes of vector and halfvec ==============================================================================

CREATE FUNCTION slab_vector_l2(internal) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

CREATE FUNCTION slab_vector_ip(internal) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

CREATE FUNCTION slab_vector_cosine(internal) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

CREATE FUNCTION slab_vector_l1(internal) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

CREATE FUNCTION slab_satisfies(vector, record) RETURNS boolean
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

CREATE OPERATOR <?> (LEFTARG = vector, RIGHTARG = record, FUNCTION = slab_satisfies);

COMMENT ON OPERATOR <?> (vector, record) IS 'the planner''s own: a condition on filter columns of a slab index';

CREATE OPERATOR CLASS vector_l2_ops DEFAULT FOR TYPE vector USING slab AS
    OPERATOR 1 <-> (vector, vector) FOR ORDER BY pg_catalog.float_ops,
    OPERATOR 2 <?> (vector, record),
    FUNCTION 1 slab_vector_l2(internal);

CREATE OPERATOR CLASS vector_ip_ops FOR TYPE vector USING slab AS
    OPERATOR 1 <#> (vector, vector) FOR ORDER BY pg_catalog.float_ops,
    OPERATOR 2 <?> (vector, record),
    FUNCTION 1 slab_vector_ip(internal);

CREATE OPERATOR CLASS vector_cosine_ops FOR TYPE vector USING slab AS
    OPERATOR 1 <=> (vector, vector) FOR ORDER BY pg_catalog.float_ops,
    OPERATOR 2 <?> (vector, record),
    FUNCTION 1 slab_vector_cosine(internal);

CREATE OPERATOR CLASS vector_l1_ops FOR TYPE vector USING slab AS
    OPERATOR 1 <+> (vector, vector) FOR ORDER BY pg_catalog.float_ops,
    OPERATOR 2 <?> (vector, record),
    FUNCTION 1 slab_vector_l1(internal);

CREATE FUNCTION slab_halfvec_l2(internal) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

CREATE FUNCTION slab_halfvec_ip(internal) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

CREATE FUNCTION slab_halfvec_cosine(internal) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

CREATE FUNCTION slab_halfvec_l1(internal) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

CREATE FUNCTION slab_satisfies(halfvec, record) RETURNS boolean
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

CREATE OPERATOR <?> (LEFTARG = halfvec, RIGHTARG = record, FUNCTION = slab_satisfies);

COMMENT ON OPERATOR <?> (halfvec, record) IS 'the planner''s own: a condition on filter columns of a slab index';

CREATE OPERATOR CLASS halfvec_l2_ops DEFAULT FOR TYPE halfvec USING slab AS
    OPERATOR 1 <-> (halfvec, halfvec) FOR ORDER BY pg_catalog.float_ops,
    OPERATOR 2 <?> (halfvec, record),
    FUNCTION 1 slab_halfvec_l2(internal);

CREATE OPERATOR CLASS halfvec_ip_ops FOR TYPE halfvec USING slab AS
    OPERATOR 1 <#> (halfvec, halfvec) FOR ORDER BY pg_catalog.float_ops,
    OPERATOR 2 <?> (halfvec, record),
    FUNCTION 1 slab_halfvec_ip(internal);

CREATE OPERATOR CLASS halfvec_cosine_ops FOR TYPE halfvec USING slab AS
    OPERATOR 1 <=> (halfvec, halfvec) FOR ORDER BY pg_catalog.float_ops,
    OPERATOR 2 <?> (halfvec, record),
    FUNCTION 1 slab_halfvec_cosine(internal);

CREATE OPERATOR CLASS halfvec_l1_ops FOR TYPE halfvec USING slab AS
    OPERATOR 1 <+> (halfvec, halfvec) FOR ORDER BY pg_catalog.float_ops,
    OPERATOR 2 <?> (halfvec, record),
    FUNCTION 1 slab_halfvec_l1(internal);

-- ==== slab indexes of bits ============================================================================================

-- Indexes of bits are of pgslab's classes bit_hamming_ops and bit_jaccard_ops, which are for varbit and so for bit as well. A query of
-- two bits finds the operators that vector has for these, with the same values. Classes in the same families make such an index serve
-- them; nobody needs to name these classes.

CREATE FUNCTION slab_satisfies(bit, record) RETURNS boolean
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

CREATE OPERATOR <?> (LEFTARG = bit, RIGHTARG = record, FUNCTION = slab_satisfies);

COMMENT ON OPERATOR <?> (bit, record) IS 'the planner''s own: a condition on filter columns of a slab index';

CREATE OPERATOR CLASS vector_bit_hamming_ops FOR TYPE bit USING slab FAMILY bit_hamming_ops AS
    OPERATOR 1 <~> (bit, bit) FOR ORDER BY pg_catalog.float_ops,
    OPERATOR 2 <?> (bit, record),
    FUNCTION 1 slab_bit_hamming(internal);

CREATE OPERATOR CLASS vector_bit_jaccard_ops FOR TYPE bit USING slab FAMILY bit_jaccard_ops AS
    OPERATOR 1 <%> (bit, bit) FOR ORDER BY pg_catalog.float_ops,
    OPERATOR 2 <?> (bit, record),
    FUNCTION 1 slab_bit_jaccard(internal);

-- ==== what all that relies on ========================================================================================

-- That the names above have found the types and operators of the two extensions.
DO $$
DECLARE
    foreign_object pg_catalog.text;
BEGIN
    WITH found(classid, objid, extension) AS (
        SELECT 'pg_catalog.pg_type'::pg_catalog.regclass, t.type::pg_catalog.oid, t.extension
        FROM (VALUES ('vector'::regtype, 'vector'::pg_catalog.name), ('halfvec'::regtype, 'vector'), ('sparsevec'::regtype, 'vector'),
                     ('vec'::regtype, 'pgslab'), ('hvec'::regtype, 'pgslab'), ('svec'::regtype, 'pgslab')) AS t(type, extension)
        UNION ALL
        SELECT 'pg_catalog.pg_operator'::pg_catalog.regclass, o.amopopr, 'vector'
        FROM pg_catalog.pg_amop AS o
        JOIN pg_catalog.pg_am AS a ON a.oid OPERATOR(pg_catalog.=) o.amopmethod
        WHERE a.amname OPERATOR(pg_catalog.=) 'slab'::pg_catalog.name
          AND o.amoppurpose OPERATOR(pg_catalog.=) 'o'::pg_catalog."char"
          AND o.amoplefttype OPERATOR(pg_catalog.=)
              ANY (ARRAY['vector'::regtype, 'halfvec'::regtype, 'pg_catalog.bit'::regtype]::pg_catalog.oid[])
        UNION ALL
        SELECT 'pg_catalog.pg_opfamily'::pg_catalog.regclass, c.opcfamily, 'pgslab'
        FROM pg_catalog.pg_opclass AS c
        JOIN pg_catalog.pg_am AS a ON a.oid OPERATOR(pg_catalog.=) c.opcmethod
        WHERE a.amname OPERATOR(pg_catalog.=) 'slab'::pg_catalog.name
          AND c.opcintype OPERATOR(pg_catalog.=) 'pg_catalog.bit'::regtype::pg_catalog.oid)
    SELECT pg_catalog.pg_describe_object(f.classid, f.objid, 0) INTO foreign_object
    FROM found AS f
    WHERE NOT EXISTS (
        SELECT FROM pg_catalog.pg_depend AS d
        JOIN pg_catalog.pg_extension AS e ON e.oid OPERATOR(pg_catalog.=) d.refobjid
        WHERE d.classid OPERATOR(pg_catalog.=) f.classid::pg_catalog.oid
          AND d.objid OPERATOR(pg_catalog.=) f.objid
          AND d.refclassid OPERATOR(pg_catalog.=) 'pg_catalog.pg_extension'::pg_catalog.regclass::pg_catalog.oid
          AND d.deptype OPERATOR(pg_catalog.=) 'e'::pg_catalog."char"
          AND e.extname OPERATOR(pg_catalog.=) f.extension)
    LIMIT 1;
    IF foreign_object IS NOT NULL THEN
        RAISE EXCEPTION USING
            ERRCODE = 'duplicate_object',
            MESSAGE = pg_catalog.format('%s hides one of an extension', foreign_object),
            DETAIL = 'It comes first in the search path, and is a member of neither pgslab nor vector.',
            HINT = 'Drop or rename it, or create pgslab_pgvector in the schema of the extension vector.';
    END IF;
END
$$;

-- That values of both types have the same bytes: those they are stored as, which the casts of this block show, and those they are sent
-- as.
CREATE CAST (vector AS pg_catalog.bytea) WITHOUT FUNCTION;
CREATE CAST (halfvec AS pg_catalog.bytea) WITHOUT FUNCTION;
CREATE CAST (sparsevec AS pg_catalog.bytea) WITHOUT FUNCTION;
CREATE CAST (vec AS pg_catalog.bytea) WITHOUT FUNCTION;
CREATE CAST (hvec AS pg_catalog.bytea) WITHOUT FUNCTION;
CREATE CAST (svec AS pg_catalog.bytea) WITHOUT FUNCTION;

DO $$
DECLARE
    pair record;
    texts pg_catalog.text[];
    a_value pg_catalog.text;
    same pg_catalog.bool;
    difference pg_catalog.text;
BEGIN
    FOR pair IN
        SELECT theirs.typname AS their_name, ours.typname AS our_name, t.theirs, t.ours,
               theirs.typsend AS their_send, ours.typsend AS our_send,
               (theirs.typlen, theirs.typbyval, theirs.typalign, theirs.typstorage)
                   OPERATOR(pg_catalog.=) (ours.typlen, ours.typbyval, ours.typalign, ours.typstorage) AS same
        FROM (VALUES ('vector'::regtype, 'vec'::regtype), ('halfvec'::regtype, 'hvec'::regtype),
                     ('sparsevec'::regtype, 'svec'::regtype)) AS t(theirs, ours)
        JOIN pg_catalog.pg_type AS theirs ON theirs.oid OPERATOR(pg_catalog.=) t.theirs::pg_catalog.oid
        JOIN pg_catalog.pg_type AS ours ON ours.oid OPERATOR(pg_catalog.=) t.ours::pg_catalog.oid
    LOOP
        IF NOT pair.same THEN
            difference := 'Length, alignment or storage differ.';
        END IF;
        texts := CASE pair.our_name
            WHEN 'svec'::pg_catalog.name THEN ARRAY['{1:1.5,3:-2}/5', '{}/1', '{1000000:0.1}/1000000']
            ELSE ARRAY['[1,-2.5,0.1]', '[0]', '[-6e-8,65504,3]',
                       (SELECT '[' OPERATOR(pg_catalog.||) pg_catalog.string_agg(i::pg_catalog.text, ',') OPERATOR(pg_catalog.||) ']'
                        FROM pg_catalog.generate_series(1, 1000) AS i)]
            END;
        FOREACH a_value IN ARRAY texts LOOP
            EXECUTE pg_catalog.format(
                'SELECT (%1$L::%2$s)::pg_catalog.bytea OPERATOR(pg_catalog.=) (%1$L::%3$s)::pg_catalog.bytea'
                ' AND %4$s(%1$L::%2$s) OPERATOR(pg_catalog.=) %5$s(%1$L::%3$s)',
                a_value, pair.theirs, pair.ours, pair.their_send, pair.our_send) INTO STRICT same;
            IF NOT same THEN
                difference := pg_catalog.format('The value %s has other bytes.', pg_catalog.left(a_value, 60));
            END IF;
        END LOOP;
        IF difference IS NOT NULL THEN
            RAISE EXCEPTION USING
                ERRCODE = 'feature_not_supported',
                MESSAGE = pg_catalog.format('values of types %s and %s are not the same', pair.their_name, pair.our_name),
                DETAIL = difference,
                HINT = 'Use versions of the extensions pgslab and vector that were made for each other.';
        END IF;
    END LOOP;
END
$$;

DROP CAST (vector AS pg_catalog.bytea);
DROP CAST (halfvec AS pg_catalog.bytea);
DROP CAST (sparsevec AS pg_catalog.bytea);
DROP CAST (vec AS pg_catalog.bytea);
DROP CAST (hvec AS pg_catalog.bytea);
DROP CAST (svec AS pg_catalog.bytea);
