-- complain if script is sourced in psql, rather than via ALTER EXTENSION
\echo Use "ALTER EXTENSION pgslab UPDATE TO '0.2.0'" to load this file. \quit

-- CREATE EXTENSION runs this file, too, after those of the versions before it.

-- An update does not take the comment from the control file.
COMMENT ON EXTENSION pgslab IS 'vector types and index for nearest-neighbour search, approximate to a chosen recall or exact';

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

CREATE FUNCTION slab_two_tier(
    fast_index regclass,
    quality_column name,
    q_fast vec,
    q_quality vec,
    k integer,
    alpha double precision DEFAULT 0.7,
    candidates integer DEFAULT NULL,
    filter text DEFAULT NULL,
    OUT ctid tid,
    OUT score double precision,
    OUT fast_score double precision,
    OUT quality_score double precision)
    RETURNS SETOF record
    AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL RESTRICTED ROWS 10;

COMMENT ON FUNCTION slab_two_tier(regclass, name, vec, vec, integer, double precision, integer, text) IS
    'the k best of the rows that a slab index finds nearest to one query, by the scores of these and of another column''s vectors for another query';

-- ==== the type svec ==================================================================================================

-- It has names of functions in common with vec and hvec, and so their category, too.

CREATE TYPE svec;

CREATE FUNCTION svec_in(cstring, oid, integer) RETURNS svec
    AS 'MODULE_PATHNAME', 'svec_in' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION svec_out(svec) RETURNS cstring
    AS 'MODULE_PATHNAME', 'svec_out' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION svec_typmod_in(cstring[]) RETURNS integer
    AS 'MODULE_PATHNAME', 'svec_typmod_in' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION svec_typmod_out(integer) RETURNS cstring
    AS 'MODULE_PATHNAME', 'svec_typmod_out' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION svec_recv(internal, oid, integer) RETURNS svec
    AS 'MODULE_PATHNAME', 'svec_recv' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION svec_send(svec) RETURNS bytea
    AS 'MODULE_PATHNAME', 'svec_send' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

-- Not compressed: a distance would pay for unpacking each time.
CREATE TYPE svec (
    INPUT = svec_in,
    OUTPUT = svec_out,
    TYPMOD_IN = svec_typmod_in,
    TYPMOD_OUT = svec_typmod_out,
    RECEIVE = svec_recv,
    SEND = svec_send,
    ALIGNMENT = int4,
    STORAGE = external,
    CATEGORY = 'v'
);

COMMENT ON TYPE svec IS 'sparse vector of float4, up to a billion dimensions';

-- Distances. What one costs, the non-zeros decide, of which the planner knows nothing.

CREATE FUNCTION l2_distance(svec, svec) RETURNS double precision
    AS 'MODULE_PATHNAME', 'svec_l2_distance' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20;

CREATE FUNCTION inner_product(svec, svec) RETURNS double precision
    AS 'MODULE_PATHNAME', 'svec_inner_product' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20;

CREATE FUNCTION cosine_distance(svec, svec) RETURNS double precision
    AS 'MODULE_PATHNAME', 'svec_cosine_distance' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20;

CREATE FUNCTION l1_distance(svec, svec) RETURNS double precision
    AS 'MODULE_PATHNAME', 'svec_l1_distance' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20;

CREATE FUNCTION svec_negative_inner_product(svec, svec) RETURNS double precision
    AS 'MODULE_PATHNAME', 'svec_negative_inner_product' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20;

CREATE FUNCTION vec_l2_squared_distance(svec, svec) RETURNS double precision
    AS 'MODULE_PATHNAME', 'svec_l2_squared_distance' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20;

COMMENT ON FUNCTION cosine_distance(svec, svec) IS '1 - cosine of the angle, from 0 to 2; NaN when either vector is zero';

-- Measures, and vectors of terms.

CREATE FUNCTION vec_dims(svec) RETURNS integer
    AS 'MODULE_PATHNAME', 'svec_dims' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION svec_nnz(svec) RETURNS integer
    AS 'MODULE_PATHNAME', 'svec_nnz' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION vec_norm(svec) RETURNS double precision
    AS 'MODULE_PATHNAME', 'svec_norm' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION l2_normalize(svec) RETURNS svec
    AS 'MODULE_PATHNAME', 'svec_l2_normalize' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION svec_hash_terms(terms text[], weights real[], dims integer) RETURNS svec
    AS 'MODULE_PATHNAME', 'svec_hash_terms' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION svec_nnz(svec) IS 'number of non-zeros';

COMMENT ON FUNCTION svec_hash_terms(text[], real[], integer) IS 'sparse vector of weighted terms, whose indices are hashes';

-- Element-wise arithmetic.

CREATE FUNCTION svec_add(svec, svec) RETURNS svec
    AS 'MODULE_PATHNAME', 'svec_add' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION svec_sub(svec, svec) RETURNS svec
    AS 'MODULE_PATHNAME', 'svec_sub' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION svec_mul(svec, svec) RETURNS svec
    AS 'MODULE_PATHNAME', 'svec_mul' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

-- Order.

CREATE FUNCTION svec_lt(svec, svec) RETURNS boolean
    AS 'MODULE_PATHNAME', 'svec_lt' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION svec_le(svec, svec) RETURNS boolean
    AS 'MODULE_PATHNAME', 'svec_le' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION svec_eq(svec, svec) RETURNS boolean
    AS 'MODULE_PATHNAME', 'svec_eq' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION svec_ne(svec, svec) RETURNS boolean
    AS 'MODULE_PATHNAME', 'svec_ne' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION svec_ge(svec, svec) RETURNS boolean
    AS 'MODULE_PATHNAME', 'svec_ge' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION svec_gt(svec, svec) RETURNS boolean
    AS 'MODULE_PATHNAME', 'svec_gt' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION svec_cmp(svec, svec) RETURNS integer
    AS 'MODULE_PATHNAME', 'svec_cmp' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION svec_hash(svec) RETURNS integer
    AS 'MODULE_PATHNAME', 'svec_hash' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION svec_hash_extended(svec, bigint) RETURNS bigint
    AS 'MODULE_PATHNAME', 'svec_hash_extended' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

-- Aggregates. Their state is in memory: it has the indices that were met, however many dimensions there are.

CREATE FUNCTION svec_accum(internal, svec) RETURNS internal
    AS 'MODULE_PATHNAME', 'svec_accum' LANGUAGE C IMMUTABLE PARALLEL SAFE;

CREATE FUNCTION svec_combine(internal, internal) RETURNS internal
    AS 'MODULE_PATHNAME', 'svec_combine' LANGUAGE C IMMUTABLE PARALLEL SAFE;

CREATE FUNCTION svec_serialize(internal) RETURNS bytea
    AS 'MODULE_PATHNAME', 'svec_serialize' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION svec_deserialize(bytea, internal) RETURNS internal
    AS 'MODULE_PATHNAME', 'svec_deserialize' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION svec_avg(internal) RETURNS svec
    AS 'MODULE_PATHNAME', 'svec_avg' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION svec_sum(internal) RETURNS svec
    AS 'MODULE_PATHNAME', 'svec_sum' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE AGGREGATE avg(svec) (
    SFUNC = svec_accum,
    STYPE = internal,
    FINALFUNC = svec_avg,
    COMBINEFUNC = svec_combine,
    SERIALFUNC = svec_serialize,
    DESERIALFUNC = svec_deserialize,
    PARALLEL = SAFE
);

CREATE AGGREGATE sum(svec) (
    SFUNC = svec_accum,
    STYPE = internal,
    FINALFUNC = svec_sum,
    COMBINEFUNC = svec_combine,
    SERIALFUNC = svec_serialize,
    DESERIALFUNC = svec_deserialize,
    PARALLEL = SAFE
);

-- Casts. Between svec and the other types none is implicit: an operator is to say which of the two it compares.

CREATE FUNCTION svec(svec, integer, boolean) RETURNS svec
    AS 'MODULE_PATHNAME', 'svec_to_svec' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION vec_to_svec(vec, integer, boolean) RETURNS svec
    AS 'MODULE_PATHNAME', 'svec_from_vec' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION svec_to_vec(svec, integer, boolean) RETURNS vec
    AS 'MODULE_PATHNAME', 'svec_to_vec' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION hvec_to_svec(hvec, integer, boolean) RETURNS svec
    AS 'MODULE_PATHNAME', 'svec_from_hvec' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION svec_to_hvec(svec, integer, boolean) RETURNS hvec
    AS 'MODULE_PATHNAME', 'svec_to_hvec' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION array_to_svec(integer[], integer, boolean) RETURNS svec
    AS 'MODULE_PATHNAME', 'svec_from_int4_array' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION array_to_svec(real[], integer, boolean) RETURNS svec
    AS 'MODULE_PATHNAME', 'svec_from_float4_array' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION array_to_svec(double precision[], integer, boolean) RETURNS svec
    AS 'MODULE_PATHNAME', 'svec_from_float8_array' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION array_to_svec(numeric[], integer, boolean) RETURNS svec
    AS 'MODULE_PATHNAME', 'svec_from_numeric_array' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION svec_to_float4(svec, integer, boolean) RETURNS real[]
    AS 'MODULE_PATHNAME', 'svec_to_float4_array' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE CAST (svec AS svec) WITH FUNCTION svec(svec, integer, boolean) AS IMPLICIT;
CREATE CAST (vec AS svec) WITH FUNCTION vec_to_svec(vec, integer, boolean) AS ASSIGNMENT;
CREATE CAST (svec AS vec) WITH FUNCTION svec_to_vec(svec, integer, boolean) AS ASSIGNMENT;
CREATE CAST (hvec AS svec) WITH FUNCTION hvec_to_svec(hvec, integer, boolean) AS ASSIGNMENT;
CREATE CAST (svec AS hvec) WITH FUNCTION svec_to_hvec(svec, integer, boolean) AS ASSIGNMENT;

CREATE CAST (integer[] AS svec) WITH FUNCTION array_to_svec(integer[], integer, boolean) AS ASSIGNMENT;
CREATE CAST (real[] AS svec) WITH FUNCTION array_to_svec(real[], integer, boolean) AS ASSIGNMENT;
CREATE CAST (double precision[] AS svec) WITH FUNCTION array_to_svec(double precision[], integer, boolean) AS ASSIGNMENT;
CREATE CAST (numeric[] AS svec) WITH FUNCTION array_to_svec(numeric[], integer, boolean) AS ASSIGNMENT;

CREATE CAST (svec AS real[]) WITH FUNCTION svec_to_float4(svec, integer, boolean) AS ASSIGNMENT;

-- Operators.

CREATE OPERATOR <-> (LEFTARG = svec, RIGHTARG = svec, FUNCTION = l2_distance, COMMUTATOR = <->);

CREATE OPERATOR <#> (LEFTARG = svec, RIGHTARG = svec, FUNCTION = svec_negative_inner_product, COMMUTATOR = <#>);

CREATE OPERATOR <=> (LEFTARG = svec, RIGHTARG = svec, FUNCTION = cosine_distance, COMMUTATOR = <=>);

CREATE OPERATOR <+> (LEFTARG = svec, RIGHTARG = svec, FUNCTION = l1_distance, COMMUTATOR = <+>);

CREATE OPERATOR + (LEFTARG = svec, RIGHTARG = svec, FUNCTION = svec_add, COMMUTATOR = +);

CREATE OPERATOR * (LEFTARG = svec, RIGHTARG = svec, FUNCTION = svec_mul, COMMUTATOR = *);

CREATE OPERATOR - (LEFTARG = svec, RIGHTARG = svec, FUNCTION = svec_sub);

CREATE OPERATOR < (
    LEFTARG = svec, RIGHTARG = svec, FUNCTION = svec_lt,
    COMMUTATOR = >, NEGATOR = >=,
    RESTRICT = pg_catalog.scalarltsel, JOIN = pg_catalog.scalarltjoinsel
);

CREATE OPERATOR <= (
    LEFTARG = svec, RIGHTARG = svec, FUNCTION = svec_le,
    COMMUTATOR = >=, NEGATOR = >,
    RESTRICT = pg_catalog.scalarlesel, JOIN = pg_catalog.scalarlejoinsel
);

CREATE OPERATOR = (
    LEFTARG = svec, RIGHTARG = svec, FUNCTION = svec_eq,
    COMMUTATOR = =, NEGATOR = <>,
    RESTRICT = pg_catalog.eqsel, JOIN = pg_catalog.eqjoinsel,
    HASHES, MERGES
);

CREATE OPERATOR <> (
    LEFTARG = svec, RIGHTARG = svec, FUNCTION = svec_ne,
    COMMUTATOR = <>, NEGATOR = =,
    RESTRICT = pg_catalog.neqsel, JOIN = pg_catalog.neqjoinsel
);

CREATE OPERATOR >= (
    LEFTARG = svec, RIGHTARG = svec, FUNCTION = svec_ge,
    COMMUTATOR = <=, NEGATOR = <,
    RESTRICT = pg_catalog.scalargesel, JOIN = pg_catalog.scalargejoinsel
);

CREATE OPERATOR > (
    LEFTARG = svec, RIGHTARG = svec, FUNCTION = svec_gt,
    COMMUTATOR = <, NEGATOR = <=,
    RESTRICT = pg_catalog.scalargtsel, JOIN = pg_catalog.scalargtjoinsel
);

CREATE OPERATOR CLASS svec_ops DEFAULT FOR TYPE svec USING btree AS
    OPERATOR 1 <,
    OPERATOR 2 <=,
    OPERATOR 3 =,
    OPERATOR 4 >=,
    OPERATOR 5 >,
    FUNCTION 1 svec_cmp(svec, svec);

CREATE OPERATOR CLASS svec_hash_ops DEFAULT FOR TYPE svec USING hash AS
    OPERATOR 1 =,
    FUNCTION 1 svec_hash(svec),
    FUNCTION 2 svec_hash_extended(svec, bigint);

-- ==== bits ===========================================================================================================

-- Distances of PostgreSQL's own bit strings. A bit(n) is taken as a varbit, whose bytes are the same. They are not defined of bit, of
-- which another extension in the same schema may have functions and operators of these names.

CREATE FUNCTION bit_distance_support(internal) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION hamming_distance(varbit, varbit) RETURNS double precision
    AS 'MODULE_PATHNAME', 'bit_hamming_distance' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20
    SUPPORT bit_distance_support;

CREATE FUNCTION jaccard_distance(varbit, varbit) RETURNS double precision
    AS 'MODULE_PATHNAME', 'bit_jaccard_distance' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20
    SUPPORT bit_distance_support;

COMMENT ON FUNCTION hamming_distance(varbit, varbit) IS 'number of bits that differ';

COMMENT ON FUNCTION jaccard_distance(varbit, varbit) IS
    'share of the bits set in either that are not set in both, from 0 to 1; 1 when none is set in both';

CREATE OPERATOR <~> (LEFTARG = varbit, RIGHTARG = varbit, FUNCTION = hamming_distance, COMMUTATOR = <~>);

CREATE OPERATOR <%> (LEFTARG = varbit, RIGHTARG = varbit, FUNCTION = jaccard_distance, COMMUTATOR = <%>);

CREATE FUNCTION bit_to_vec(varbit, integer, boolean) RETURNS vec
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE CAST (bit AS vec) WITH FUNCTION bit_to_vec(varbit, integer, boolean);
CREATE CAST (varbit AS vec) WITH FUNCTION bit_to_vec(varbit, integer, boolean);

-- ==== slab indexes of bits ===========================================================================================

-- Of columns of type bit, too.

CREATE FUNCTION slab_bit_hamming(internal) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

CREATE FUNCTION slab_bit_jaccard(internal) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

CREATE FUNCTION slab_satisfies(varbit, record) RETURNS boolean
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

CREATE OPERATOR <?> (LEFTARG = varbit, RIGHTARG = record, FUNCTION = slab_satisfies);

COMMENT ON OPERATOR <?> (varbit, record) IS 'the planner''s own: a condition on filter columns of a slab index';

CREATE OPERATOR CLASS bit_hamming_ops DEFAULT FOR TYPE varbit USING slab AS
    OPERATOR 1 <~> (varbit, varbit) FOR ORDER BY pg_catalog.float_ops,
    OPERATOR 2 <?> (varbit, record),
    FUNCTION 1 slab_bit_hamming(internal);

CREATE OPERATOR CLASS bit_jaccard_ops FOR TYPE varbit USING slab AS
    OPERATOR 1 <%> (varbit, varbit) FOR ORDER BY pg_catalog.float_ops,
    OPERATOR 2 <?> (varbit, record),
    FUNCTION 1 slab_bit_jaccard(internal);
