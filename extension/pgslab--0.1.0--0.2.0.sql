-- complain if script is sourced in psql, rather than via ALTER EXTENSION
\echo Use "ALTER EXTENSION pgslab UPDATE TO '0.2.0'" to load this file. \quit

-- CREATE EXTENSION runs this file, too, after those of the versions before it.

-- ==== the type hvec ==================================================================================================

-- vec and hvec have functions of the same names. A call of which no argument has a type, as l2_normalize('[3,4]'), means vec: the
-- two are a category of their own, of which vec is the preferred type. No command changes the category of a type that exists.

UPDATE pg_catalog.pg_type SET typcategory = 'v', typispreferred = true
WHERE oid OPERATOR(pg_catalog.=) 'vec'::pg_catalog.regtype::pg_catalog.oid;

CREATE TYPE hvec;

CREATE FUNCTION hvec_in(cstring, oid, integer) RETURNS hvec
    AS 'MODULE_PATHNAME', 'hvec_in' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION hvec_out(hvec) RETURNS cstring
    AS 'MODULE_PATHNAME', 'hvec_out' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION hvec_typmod_in(cstring[]) RETURNS integer
    AS 'MODULE_PATHNAME', 'hvec_typmod_in' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION hvec_typmod_out(integer) RETURNS cstring
    AS 'MODULE_PATHNAME', 'hvec_typmod_out' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION hvec_recv(internal, oid, integer) RETURNS hvec
    AS 'MODULE_PATHNAME', 'hvec_recv' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION hvec_send(hvec) RETURNS bytea
    AS 'MODULE_PATHNAME', 'hvec_send' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

-- Not compressed, as vec.
CREATE TYPE hvec (
    INPUT = hvec_in,
    OUTPUT = hvec_out,
    TYPMOD_IN = hvec_typmod_in,
    TYPMOD_OUT = hvec_typmod_out,
    RECEIVE = hvec_recv,
    SEND = hvec_send,
    ALIGNMENT = int4,
    STORAGE = external,
    CATEGORY = 'v'
);

COMMENT ON TYPE hvec IS 'vector of half precision, up to 16000 dimensions';

-- Distances.

CREATE FUNCTION hvec_distance_support(internal) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION l2_distance(hvec, hvec) RETURNS double precision
    AS 'MODULE_PATHNAME', 'hvec_l2_distance' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20
    SUPPORT hvec_distance_support;

CREATE FUNCTION inner_product(hvec, hvec) RETURNS double precision
    AS 'MODULE_PATHNAME', 'hvec_inner_product' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20
    SUPPORT hvec_distance_support;

CREATE FUNCTION cosine_distance(hvec, hvec) RETURNS double precision
    AS 'MODULE_PATHNAME', 'hvec_cosine_distance' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20
    SUPPORT hvec_distance_support;

CREATE FUNCTION l1_distance(hvec, hvec) RETURNS double precision
    AS 'MODULE_PATHNAME', 'hvec_l1_distance' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20
    SUPPORT hvec_distance_support;

CREATE FUNCTION hvec_negative_inner_product(hvec, hvec) RETURNS double precision
    AS 'MODULE_PATHNAME', 'hvec_negative_inner_product' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20
    SUPPORT hvec_distance_support;

CREATE FUNCTION vec_l2_squared_distance(hvec, hvec) RETURNS double precision
    AS 'MODULE_PATHNAME', 'hvec_l2_squared_distance' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20
    SUPPORT hvec_distance_support;

COMMENT ON FUNCTION cosine_distance(hvec, hvec) IS '1 - cosine of the angle, from 0 to 2; NaN when either vector is zero';

-- Parts and measures.

CREATE FUNCTION vec_dims(hvec) RETURNS integer
    AS 'MODULE_PATHNAME', 'hvec_dims' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION vec_norm(hvec) RETURNS double precision
    AS 'MODULE_PATHNAME', 'hvec_norm' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION l2_normalize(hvec) RETURNS hvec
    AS 'MODULE_PATHNAME', 'hvec_l2_normalize' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION subvector(hvec, integer, integer) RETURNS hvec
    AS 'MODULE_PATHNAME', 'hvec_subvector' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION binary_quantize(hvec) RETURNS bit
    AS 'MODULE_PATHNAME', 'hvec_binary_quantize' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

-- Element-wise arithmetic, and concatenation.

CREATE FUNCTION hvec_add(hvec, hvec) RETURNS hvec
    AS 'MODULE_PATHNAME', 'hvec_add' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION hvec_sub(hvec, hvec) RETURNS hvec
    AS 'MODULE_PATHNAME', 'hvec_sub' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION hvec_mul(hvec, hvec) RETURNS hvec
    AS 'MODULE_PATHNAME', 'hvec_mul' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION hvec_concat(hvec, hvec) RETURNS hvec
    AS 'MODULE_PATHNAME', 'hvec_concat' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

-- Order.

CREATE FUNCTION hvec_lt(hvec, hvec) RETURNS boolean
    AS 'MODULE_PATHNAME', 'hvec_lt' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION hvec_le(hvec, hvec) RETURNS boolean
    AS 'MODULE_PATHNAME', 'hvec_le' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION hvec_eq(hvec, hvec) RETURNS boolean
    AS 'MODULE_PATHNAME', 'hvec_eq' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION hvec_ne(hvec, hvec) RETURNS boolean
    AS 'MODULE_PATHNAME', 'hvec_ne' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION hvec_ge(hvec, hvec) RETURNS boolean
    AS 'MODULE_PATHNAME', 'hvec_ge' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION hvec_gt(hvec, hvec) RETURNS boolean
    AS 'MODULE_PATHNAME', 'hvec_gt' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION hvec_cmp(hvec, hvec) RETURNS integer
    AS 'MODULE_PATHNAME', 'hvec_cmp' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION hvec_hash(hvec) RETURNS integer
    AS 'MODULE_PATHNAME', 'hvec_hash' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION hvec_hash_extended(hvec, bigint) RETURNS bigint
    AS 'MODULE_PATHNAME', 'hvec_hash_extended' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

-- Aggregates.

CREATE FUNCTION hvec_accum(double precision[], hvec) RETURNS double precision[]
    AS 'MODULE_PATHNAME', 'hvec_accum' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION hvec_combine(double precision[], double precision[]) RETURNS double precision[]
    AS 'MODULE_PATHNAME', 'hvec_combine' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION hvec_avg(double precision[]) RETURNS hvec
    AS 'MODULE_PATHNAME', 'hvec_avg' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION hvec_sum(double precision[]) RETURNS hvec
    AS 'MODULE_PATHNAME', 'hvec_sum' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE AGGREGATE avg(hvec) (
    SFUNC = hvec_accum,
    STYPE = double precision[],
    FINALFUNC = hvec_avg,
    COMBINEFUNC = hvec_combine,
    INITCOND = '{0}',
    PARALLEL = SAFE
);

CREATE AGGREGATE sum(hvec) (
    SFUNC = hvec_accum,
    STYPE = double precision[],
    FINALFUNC = hvec_sum,
    COMBINEFUNC = hvec_combine,
    INITCOND = '{0}',
    PARALLEL = SAFE
);

-- Casts.

CREATE FUNCTION hvec(hvec, integer, boolean) RETURNS hvec
    AS 'MODULE_PATHNAME', 'hvec_to_hvec' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION vec_to_hvec(vec, integer, boolean) RETURNS hvec
    AS 'MODULE_PATHNAME', 'vec_to_hvec' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION hvec_to_vec(hvec, integer, boolean) RETURNS vec
    AS 'MODULE_PATHNAME', 'hvec_to_vec' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION array_to_hvec(integer[], integer, boolean) RETURNS hvec
    AS 'MODULE_PATHNAME', 'hvec_from_int4_array' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION array_to_hvec(real[], integer, boolean) RETURNS hvec
    AS 'MODULE_PATHNAME', 'hvec_from_float4_array' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION array_to_hvec(double precision[], integer, boolean) RETURNS hvec
    AS 'MODULE_PATHNAME', 'hvec_from_float8_array' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION array_to_hvec(numeric[], integer, boolean) RETURNS hvec
    AS 'MODULE_PATHNAME', 'hvec_from_numeric_array' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION hvec_to_float4(hvec, integer, boolean) RETURNS real[]
    AS 'MODULE_PATHNAME', 'hvec_to_float4_array' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION hvec_to_float8(hvec, integer, boolean) RETURNS double precision[]
    AS 'MODULE_PATHNAME', 'hvec_to_float8_array' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE CAST (hvec AS hvec) WITH FUNCTION hvec(hvec, integer, boolean) AS IMPLICIT;

-- One of the two may be implicit, so that where both types meet there is one way. It is the one that lets an index of an hvec column
-- be searched with a vec.
CREATE CAST (vec AS hvec) WITH FUNCTION vec_to_hvec(vec, integer, boolean) AS IMPLICIT;
CREATE CAST (hvec AS vec) WITH FUNCTION hvec_to_vec(hvec, integer, boolean) AS ASSIGNMENT;

CREATE CAST (integer[] AS hvec) WITH FUNCTION array_to_hvec(integer[], integer, boolean) AS ASSIGNMENT;
CREATE CAST (real[] AS hvec) WITH FUNCTION array_to_hvec(real[], integer, boolean) AS ASSIGNMENT;
CREATE CAST (double precision[] AS hvec) WITH FUNCTION array_to_hvec(double precision[], integer, boolean) AS ASSIGNMENT;
CREATE CAST (numeric[] AS hvec) WITH FUNCTION array_to_hvec(numeric[], integer, boolean) AS ASSIGNMENT;

CREATE CAST (hvec AS real[]) WITH FUNCTION hvec_to_float4(hvec, integer, boolean) AS IMPLICIT;
CREATE CAST (hvec AS double precision[]) WITH FUNCTION hvec_to_float8(hvec, integer, boolean) AS ASSIGNMENT;

-- Operators.

CREATE OPERATOR <-> (LEFTARG = hvec, RIGHTARG = hvec, FUNCTION = l2_distance, COMMUTATOR = <->);

CREATE OPERATOR <#> (LEFTARG = hvec, RIGHTARG = hvec, FUNCTION = hvec_negative_inner_product, COMMUTATOR = <#>);

CREATE OPERATOR <=> (LEFTARG = hvec, RIGHTARG = hvec, FUNCTION = cosine_distance, COMMUTATOR = <=>);

CREATE OPERATOR <+> (LEFTARG = hvec, RIGHTARG = hvec, FUNCTION = l1_distance, COMMUTATOR = <+>);

CREATE FUNCTION l2_within(embedding hvec, center hvec, bound double precision) RETURNS boolean
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE RETURN embedding <-> center <= bound;

CREATE FUNCTION cosine_within(embedding hvec, center hvec, bound double precision) RETURNS boolean
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE RETURN embedding <=> center <= bound;

CREATE FUNCTION l1_within(embedding hvec, center hvec, bound double precision) RETURNS boolean
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE RETURN embedding <+> center <= bound;

CREATE FUNCTION ip_within(embedding hvec, center hvec, bound double precision) RETURNS boolean
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE RETURN inner_product(embedding, center) >= bound;

COMMENT ON FUNCTION ip_within(hvec, hvec, double precision) IS 'whether the inner product is at least the bound';

CREATE OPERATOR + (LEFTARG = hvec, RIGHTARG = hvec, FUNCTION = hvec_add, COMMUTATOR = +);

CREATE OPERATOR * (LEFTARG = hvec, RIGHTARG = hvec, FUNCTION = hvec_mul, COMMUTATOR = *);

CREATE OPERATOR - (LEFTARG = hvec, RIGHTARG = hvec, FUNCTION = hvec_sub);

CREATE OPERATOR || (LEFTARG = hvec, RIGHTARG = hvec, FUNCTION = hvec_concat);

CREATE OPERATOR < (
    LEFTARG = hvec, RIGHTARG = hvec, FUNCTION = hvec_lt,
    COMMUTATOR = >, NEGATOR = >=,
    RESTRICT = pg_catalog.scalarltsel, JOIN = pg_catalog.scalarltjoinsel
);

CREATE OPERATOR <= (
    LEFTARG = hvec, RIGHTARG = hvec, FUNCTION = hvec_le,
    COMMUTATOR = >=, NEGATOR = >,
    RESTRICT = pg_catalog.scalarlesel, JOIN = pg_catalog.scalarlejoinsel
);

CREATE OPERATOR = (
    LEFTARG = hvec, RIGHTARG = hvec, FUNCTION = hvec_eq,
    COMMUTATOR = =, NEGATOR = <>,
    RESTRICT = pg_catalog.eqsel, JOIN = pg_catalog.eqjoinsel,
    HASHES, MERGES
);

CREATE OPERATOR <> (
    LEFTARG = hvec, RIGHTARG = hvec, FUNCTION = hvec_ne,
    COMMUTATOR = <>, NEGATOR = =,
    RESTRICT = pg_catalog.neqsel, JOIN = pg_catalog.neqjoinsel
);

CREATE OPERATOR >= (
    LEFTARG = hvec, RIGHTARG = hvec, FUNCTION = hvec_ge,
    COMMUTATOR = <=, NEGATOR = <,
    RESTRICT = pg_catalog.scalargesel, JOIN = pg_catalog.scalargejoinsel
);

CREATE OPERATOR > (
    LEFTARG = hvec, RIGHTARG = hvec, FUNCTION = hvec_gt,
    COMMUTATOR = <, NEGATOR = <=,
    RESTRICT = pg_catalog.scalargtsel, JOIN = pg_catalog.scalargtjoinsel
);

CREATE OPERATOR CLASS hvec_ops DEFAULT FOR TYPE hvec USING btree AS
    OPERATOR 1 <,
    OPERATOR 2 <=,
    OPERATOR 3 =,
    OPERATOR 4 >=,
    OPERATOR 5 >,
    FUNCTION 1 hvec_cmp(hvec, hvec);

CREATE OPERATOR CLASS hvec_hash_ops DEFAULT FOR TYPE hvec USING hash AS
    OPERATOR 1 =,
    FUNCTION 1 hvec_hash(hvec),
    FUNCTION 2 hvec_hash_extended(hvec, bigint);

-- ==== slab indexes of hvec ===========================================================================================

CREATE FUNCTION slab_hvec_l2(internal) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

CREATE FUNCTION slab_hvec_ip(internal) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

CREATE FUNCTION slab_hvec_cosine(internal) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

CREATE FUNCTION slab_hvec_l1(internal) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

CREATE FUNCTION slab_satisfies(hvec, record) RETURNS boolean
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

CREATE OPERATOR <?> (LEFTARG = hvec, RIGHTARG = record, FUNCTION = slab_satisfies);

COMMENT ON OPERATOR <?> (hvec, record) IS 'the planner''s own: a condition on filter columns of a slab index';

CREATE OPERATOR CLASS hvec_l2_ops DEFAULT FOR TYPE hvec USING slab AS
    OPERATOR 1 <-> (hvec, hvec) FOR ORDER BY pg_catalog.float_ops,
    OPERATOR 2 <?> (hvec, record),
    FUNCTION 1 slab_hvec_l2(internal);

CREATE OPERATOR CLASS hvec_ip_ops FOR TYPE hvec USING slab AS
    OPERATOR 1 <#> (hvec, hvec) FOR ORDER BY pg_catalog.float_ops,
    OPERATOR 2 <?> (hvec, record),
    FUNCTION 1 slab_hvec_ip(internal);

CREATE OPERATOR CLASS hvec_cosine_ops FOR TYPE hvec USING slab AS
    OPERATOR 1 <=> (hvec, hvec) FOR ORDER BY pg_catalog.float_ops,
    OPERATOR 2 <?> (hvec, record),
    FUNCTION 1 slab_hvec_cosine(internal);

CREATE OPERATOR CLASS hvec_l1_ops FOR TYPE hvec USING slab AS
    OPERATOR 1 <+> (hvec, hvec) FOR ORDER BY pg_catalog.float_ops,
    OPERATOR 2 <?> (hvec, record),
    FUNCTION 1 slab_hvec_l1(internal);

CREATE FUNCTION slab_topk(
    index regclass,
    query hvec,
    k integer,
    min_score double precision DEFAULT NULL,
    filter text DEFAULT NULL,
    OUT ctid tid,
    OUT distance double precision)
    RETURNS SETOF record
    AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL RESTRICTED ROWS 10;

COMMENT ON FUNCTION slab_topk(regclass, hvec, integer, double precision, text) IS
    'the k nearest visible rows of a slab index, nearest first, as far as their score reaches min_score and they satisfy the filter, an expression as behind WHERE';
