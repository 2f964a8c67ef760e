-- complain if script is sourced in psql, rather than via CREATE EXTENSION
\echo Use "CREATE EXTENSION pgslab" to load this file. \quit

-- ==== the type vec ===================================================================================================

CREATE TYPE vec;

CREATE FUNCTION vec_in(cstring, oid, integer) RETURNS vec
    AS 'MODULE_PATHNAME', 'vec_in' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION vec_out(vec) RETURNS cstring
    AS 'MODULE_PATHNAME', 'vec_out' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION vec_typmod_in(cstring[]) RETURNS integer
    AS 'MODULE_PATHNAME', 'vec_typmod_in' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION vec_typmod_out(integer) RETURNS cstring
    AS 'MODULE_PATHNAME', 'vec_typmod_out' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION vec_recv(internal, oid, integer) RETURNS vec
    AS 'MODULE_PATHNAME', 'vec_recv' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION vec_send(vec) RETURNS bytea
    AS 'MODULE_PATHNAME', 'vec_send' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

-- Not compressed: float32 coordinates hardly shrink, and a distance would pay for unpacking them.
CREATE TYPE vec (
    INPUT = vec_in,
    OUTPUT = vec_out,
    TYPMOD_IN = vec_typmod_in,
    TYPMOD_OUT = vec_typmod_out,
    RECEIVE = vec_recv,
    SEND = vec_send,
    ALIGNMENT = int4,
    STORAGE = external
);

COMMENT ON TYPE vec IS 'vector of float4, up to 16000 dimensions';

-- Distances. One reads thousands of floats, often from TOAST, where a comparison of integers reads one each. The support
-- function tells the planner by the declared dimensions; COST 20 holds where there are none.
-- It also tells which of the operators below, if any, a call stands for, so that it uses an index as the operator does.

CREATE FUNCTION vec_distance_support(internal) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION l2_distance(vec, vec) RETURNS double precision
    AS 'MODULE_PATHNAME', 'vec_l2_distance' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20
    SUPPORT vec_distance_support;

CREATE FUNCTION inner_product(vec, vec) RETURNS double precision
    AS 'MODULE_PATHNAME', 'vec_inner_product' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20
    SUPPORT vec_distance_support;

CREATE FUNCTION cosine_distance(vec, vec) RETURNS double precision
    AS 'MODULE_PATHNAME', 'vec_cosine_distance' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20
    SUPPORT vec_distance_support;

CREATE FUNCTION l1_distance(vec, vec) RETURNS double precision
    AS 'MODULE_PATHNAME', 'vec_l1_distance' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20
    SUPPORT vec_distance_support;

CREATE FUNCTION vec_negative_inner_product(vec, vec) RETURNS double precision
    AS 'MODULE_PATHNAME', 'vec_negative_inner_product' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20
    SUPPORT vec_distance_support;

CREATE FUNCTION vec_l2_squared_distance(vec, vec) RETURNS double precision
    AS 'MODULE_PATHNAME', 'vec_l2_squared_distance' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20
    SUPPORT vec_distance_support;

COMMENT ON FUNCTION cosine_distance(vec, vec) IS '1 - cosine of the angle, from 0 to 2; NaN when either vector is zero';

-- Parts and measures.

CREATE FUNCTION vec_dims(vec) RETURNS integer
    AS 'MODULE_PATHNAME', 'vec_dims' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION vec_norm(vec) RETURNS double precision
    AS 'MODULE_PATHNAME', 'vec_norm' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION l2_normalize(vec) RETURNS vec
    AS 'MODULE_PATHNAME', 'vec_l2_normalize' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION subvector(vec, integer, integer) RETURNS vec
    AS 'MODULE_PATHNAME', 'vec_subvector' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION binary_quantize(vec) RETURNS bit
    AS 'MODULE_PATHNAME', 'vec_binary_quantize' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION vec_hash_embed(text, dims integer) RETURNS vec
    AS 'MODULE_PATHNAME', 'vec_hash_embed' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

-- Element-wise arithmetic, and concatenation.

CREATE FUNCTION vec_add(vec, vec) RETURNS vec
    AS 'MODULE_PATHNAME', 'vec_add' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION vec_sub(vec, vec) RETURNS vec
    AS 'MODULE_PATHNAME', 'vec_sub' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION vec_mul(vec, vec) RETURNS vec
    AS 'MODULE_PATHNAME', 'vec_mul' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION vec_concat(vec, vec) RETURNS vec
    AS 'MODULE_PATHNAME', 'vec_concat' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

-- Order.

CREATE FUNCTION vec_lt(vec, vec) RETURNS boolean
    AS 'MODULE_PATHNAME', 'vec_lt' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION vec_le(vec, vec) RETURNS boolean
    AS 'MODULE_PATHNAME', 'vec_le' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION vec_eq(vec, vec) RETURNS boolean
    AS 'MODULE_PATHNAME', 'vec_eq' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION vec_ne(vec, vec) RETURNS boolean
    AS 'MODULE_PATHNAME', 'vec_ne' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION vec_ge(vec, vec) RETURNS boolean
    AS 'MODULE_PATHNAME', 'vec_ge' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION vec_gt(vec, vec) RETURNS boolean
    AS 'MODULE_PATHNAME', 'vec_gt' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION vec_cmp(vec, vec) RETURNS integer
    AS 'MODULE_PATHNAME', 'vec_cmp' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION vec_hash(vec) RETURNS integer
    AS 'MODULE_PATHNAME', 'vec_hash' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION vec_hash_extended(vec, bigint) RETURNS bigint
    AS 'MODULE_PATHNAME', 'vec_hash_extended' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

-- Aggregates.

CREATE FUNCTION vec_accum(double precision[], vec) RETURNS double precision[]
    AS 'MODULE_PATHNAME', 'vec_accum' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION vec_combine(double precision[], double precision[]) RETURNS double precision[]
    AS 'MODULE_PATHNAME', 'vec_combine' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION vec_avg(double precision[]) RETURNS vec
    AS 'MODULE_PATHNAME', 'vec_avg' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION vec_sum(double precision[]) RETURNS vec
    AS 'MODULE_PATHNAME', 'vec_sum' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE AGGREGATE avg(vec) (
    SFUNC = vec_accum,
    STYPE = double precision[],
    FINALFUNC = vec_avg,
    COMBINEFUNC = vec_combine,
    INITCOND = '{0}',
    PARALLEL = SAFE
);

CREATE AGGREGATE sum(vec) (
    SFUNC = vec_accum,
    STYPE = double precision[],
    FINALFUNC = vec_sum,
    COMBINEFUNC = vec_combine,
    INITCOND = '{0}',
    PARALLEL = SAFE
);

-- Casts.

CREATE FUNCTION vec(vec, integer, boolean) RETURNS vec
    AS 'MODULE_PATHNAME', 'vec_to_vec' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION array_to_vec(integer[], integer, boolean) RETURNS vec
    AS 'MODULE_PATHNAME', 'vec_from_int4_array' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION array_to_vec(real[], integer, boolean) RETURNS vec
    AS 'MODULE_PATHNAME', 'vec_from_float4_array' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION array_to_vec(double precision[], integer, boolean) RETURNS vec
    AS 'MODULE_PATHNAME', 'vec_from_float8_array' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION array_to_vec(numeric[], integer, boolean) RETURNS vec
    AS 'MODULE_PATHNAME', 'vec_from_numeric_array' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION vec_to_float4(vec, integer, boolean) RETURNS real[]
    AS 'MODULE_PATHNAME', 'vec_to_float4_array' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION vec_to_float8(vec, integer, boolean) RETURNS double precision[]
    AS 'MODULE_PATHNAME', 'vec_to_float8_array' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE CAST (vec AS vec) WITH FUNCTION vec(vec, integer, boolean) AS IMPLICIT;
CREATE CAST (integer[] AS vec) WITH FUNCTION array_to_vec(integer[], integer, boolean) AS ASSIGNMENT;
CREATE CAST (real[] AS vec) WITH FUNCTION array_to_vec(real[], integer, boolean) AS ASSIGNMENT;
CREATE CAST (double precision[] AS vec) WITH FUNCTION array_to_vec(double precision[], integer, boolean) AS ASSIGNMENT;
CREATE CAST (numeric[] AS vec) WITH FUNCTION array_to_vec(numeric[], integer, boolean) AS ASSIGNMENT;

-- One of the two may be implicit: with both, a function that exists for both arrays could not be called with a vec.
CREATE CAST (vec AS real[]) WITH FUNCTION vec_to_float4(vec, integer, boolean) AS IMPLICIT;
CREATE CAST (vec AS double precision[]) WITH FUNCTION vec_to_float8(vec, integer, boolean) AS ASSIGNMENT;

-- Operators.

CREATE OPERATOR <-> (LEFTARG = vec, RIGHTARG = vec, FUNCTION = l2_distance, COMMUTATOR = <->);

CREATE OPERATOR <#> (LEFTARG = vec, RIGHTARG = vec, FUNCTION = vec_negative_inner_product, COMMUTATOR = <#>);

CREATE OPERATOR <=> (LEFTARG = vec, RIGHTARG = vec, FUNCTION = cosine_distance, COMMUTATOR = <=>);

CREATE OPERATOR <+> (LEFTARG = vec, RIGHTARG = vec, FUNCTION = l1_distance, COMMUTATOR = <+>);

-- Whether a vector lies within a distance of a center, or has an inner product with it that is as large. The planner looks into them.
CREATE FUNCTION l2_within(embedding vec, center vec, bound double precision) RETURNS boolean
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE RETURN embedding <-> center <= bound;

CREATE FUNCTION cosine_within(embedding vec, center vec, bound double precision) RETURNS boolean
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE RETURN embedding <=> center <= bound;

CREATE FUNCTION l1_within(embedding vec, center vec, bound double precision) RETURNS boolean
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE RETURN embedding <+> center <= bound;

CREATE FUNCTION ip_within(embedding vec, center vec, bound double precision) RETURNS boolean
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE RETURN inner_product(embedding, center) >= bound;

COMMENT ON FUNCTION ip_within(vec, vec, double precision) IS 'whether the inner product is at least the bound';

CREATE OPERATOR + (LEFTARG = vec, RIGHTARG = vec, FUNCTION = vec_add, COMMUTATOR = +);

CREATE OPERATOR * (LEFTARG = vec, RIGHTARG = vec, FUNCTION = vec_mul, COMMUTATOR = *);

CREATE OPERATOR - (LEFTARG = vec, RIGHTARG = vec, FUNCTION = vec_sub);

CREATE OPERATOR || (LEFTARG = vec, RIGHTARG = vec, FUNCTION = vec_concat);

CREATE OPERATOR < (
    LEFTARG = vec, RIGHTARG = vec, FUNCTION = vec_lt,
    COMMUTATOR = >, NEGATOR = >=,
    RESTRICT = pg_catalog.scalarltsel, JOIN = pg_catalog.scalarltjoinsel
);

CREATE OPERATOR <= (
    LEFTARG = vec, RIGHTARG = vec, FUNCTION = vec_le,
    COMMUTATOR = >=, NEGATOR = >,
    RESTRICT = pg_catalog.scalarlesel, JOIN = pg_catalog.scalarlejoinsel
);

CREATE OPERATOR = (
    LEFTARG = vec, RIGHTARG = vec, FUNCTION = vec_eq,
    COMMUTATOR = =, NEGATOR = <>,
    RESTRICT = pg_catalog.eqsel, JOIN = pg_catalog.eqjoinsel,
    HASHES, MERGES
);

CREATE OPERATOR <> (
    LEFTARG = vec, RIGHTARG = vec, FUNCTION = vec_ne,
    COMMUTATOR = <>, NEGATOR = =,
    RESTRICT = pg_catalog.neqsel, JOIN = pg_catalog.neqjoinsel
);

CREATE OPERATOR >= (
    LEFTARG = vec, RIGHTARG = vec, FUNCTION = vec_ge,
    COMMUTATOR = <=, NEGATOR = <,
    RESTRICT = pg_catalog.scalargesel, JOIN = pg_catalog.scalargejoinsel
);

CREATE OPERATOR > (
    LEFTARG = vec, RIGHTARG = vec, FUNCTION = vec_gt,
    COMMUTATOR = <, NEGATOR = <=,
    RESTRICT = pg_catalog.scalargtsel, JOIN = pg_catalog.scalargtjoinsel
);

CREATE OPERATOR CLASS vec_ops DEFAULT FOR TYPE vec USING btree AS
    OPERATOR 1 <,
    OPERATOR 2 <=,
    OPERATOR 3 =,
    OPERATOR 4 >=,
    OPERATOR 5 >,
    FUNCTION 1 vec_cmp(vec, vec);

CREATE OPERATOR CLASS vec_hash_ops DEFAULT FOR TYPE vec USING hash AS
    OPERATOR 1 =,
    FUNCTION 1 vec_hash(vec),
    FUNCTION 2 vec_hash_extended(vec, bigint);

-- ==== the index access method slab ===================================================================================

CREATE FUNCTION slab_handler(internal) RETURNS index_am_handler
    AS 'MODULE_PATHNAME' LANGUAGE C;

CREATE ACCESS METHOD slab TYPE INDEX HANDLER slab_handler;

COMMENT ON ACCESS METHOD slab IS 'nearest neighbours of vectors';

-- Support functions: each names its operator class's metric.

CREATE FUNCTION slab_vec_l2(internal) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

CREATE FUNCTION slab_vec_ip(internal) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

CREATE FUNCTION slab_vec_cosine(internal) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

CREATE FUNCTION slab_vec_l1(internal) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

-- How the planner hands over conditions on filter columns that the server does not hand to an ordered scan. Not to be
-- written by hand: it holds of every row.

CREATE FUNCTION slab_satisfies(vec, record) RETURNS boolean
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

CREATE OPERATOR <?> (LEFTARG = vec, RIGHTARG = record, FUNCTION = slab_satisfies);

COMMENT ON OPERATOR <?> (vec, record) IS 'the planner''s own: a condition on filter columns of a slab index';

CREATE OPERATOR CLASS vec_l2_ops DEFAULT FOR TYPE vec USING slab AS
    OPERATOR 1 <-> (vec, vec) FOR ORDER BY pg_catalog.float_ops,
    OPERATOR 2 <?> (vec, record),
    FUNCTION 1 slab_vec_l2(internal);

CREATE OPERATOR CLASS vec_ip_ops FOR TYPE vec USING slab AS
    OPERATOR 1 <#> (vec, vec) FOR ORDER BY pg_catalog.float_ops,
    OPERATOR 2 <?> (vec, record),
    FUNCTION 1 slab_vec_ip(internal);

CREATE OPERATOR CLASS vec_cosine_ops FOR TYPE vec USING slab AS
    OPERATOR 1 <=> (vec, vec) FOR ORDER BY pg_catalog.float_ops,
    OPERATOR 2 <?> (vec, record),
    FUNCTION 1 slab_vec_cosine(internal);

CREATE OPERATOR CLASS vec_l1_ops FOR TYPE vec USING slab AS
    OPERATOR 1 <+> (vec, vec) FOR ORDER BY pg_catalog.float_ops,
    OPERATOR 2 <?> (vec, record),
    FUNCTION 1 slab_vec_l1(internal);

-- Filter columns: conditions on columns of an index besides its vector. Strategies are those of a btree.

CREATE FUNCTION slab_keys_bool(internal) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

CREATE FUNCTION slab_keys_int2(internal) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

CREATE FUNCTION slab_keys_int4(internal) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

CREATE FUNCTION slab_keys_int8(internal) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

CREATE FUNCTION slab_keys_float4(internal) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

CREATE FUNCTION slab_keys_float8(internal) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

CREATE FUNCTION slab_keys_numeric(internal) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

CREATE FUNCTION slab_keys_text(internal) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

CREATE FUNCTION slab_keys_uuid(internal) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

CREATE FUNCTION slab_keys_enum(internal) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

CREATE FUNCTION slab_keys_date(internal) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

CREATE FUNCTION slab_keys_time(internal) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

CREATE FUNCTION slab_keys_timestamp(internal) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

CREATE FUNCTION slab_keys_timestamptz(internal) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

CREATE FUNCTION slab_keys_int4_array(internal) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

CREATE FUNCTION slab_keys_text_array(internal) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

CREATE OPERATOR FAMILY integer_ops USING slab;

CREATE OPERATOR FAMILY float_ops USING slab;

CREATE OPERATOR FAMILY datetime_ops USING slab;

CREATE OPERATOR CLASS bool_ops DEFAULT FOR TYPE boolean USING slab AS
    OPERATOR 1 <, OPERATOR 2 <=, OPERATOR 3 =, OPERATOR 4 >=, OPERATOR 5 >,
    FUNCTION 2 slab_keys_bool(internal);

CREATE OPERATOR CLASS int2_ops DEFAULT FOR TYPE smallint USING slab FAMILY integer_ops AS
    OPERATOR 1 <, OPERATOR 2 <=, OPERATOR 3 =, OPERATOR 4 >=, OPERATOR 5 >,
    FUNCTION 2 slab_keys_int2(internal);

CREATE OPERATOR CLASS int4_ops DEFAULT FOR TYPE integer USING slab FAMILY integer_ops AS
    OPERATOR 1 <, OPERATOR 2 <=, OPERATOR 3 =, OPERATOR 4 >=, OPERATOR 5 >,
    FUNCTION 2 slab_keys_int4(internal);

CREATE OPERATOR CLASS int8_ops DEFAULT FOR TYPE bigint USING slab FAMILY integer_ops AS
    OPERATOR 1 <, OPERATOR 2 <=, OPERATOR 3 =, OPERATOR 4 >=, OPERATOR 5 >,
    FUNCTION 2 slab_keys_int8(internal);

CREATE OPERATOR CLASS float4_ops DEFAULT FOR TYPE real USING slab FAMILY float_ops AS
    OPERATOR 1 <, OPERATOR 2 <=, OPERATOR 3 =, OPERATOR 4 >=, OPERATOR 5 >,
    FUNCTION 2 slab_keys_float4(internal);

CREATE OPERATOR CLASS float8_ops DEFAULT FOR TYPE double precision USING slab FAMILY float_ops AS
    OPERATOR 1 <, OPERATOR 2 <=, OPERATOR 3 =, OPERATOR 4 >=, OPERATOR 5 >,
    FUNCTION 2 slab_keys_float8(internal);

CREATE OPERATOR CLASS numeric_ops DEFAULT FOR TYPE numeric USING slab AS
    OPERATOR 1 <, OPERATOR 2 <=, OPERATOR 3 =, OPERATOR 4 >=, OPERATOR 5 >,
    FUNCTION 2 slab_keys_numeric(internal);

CREATE OPERATOR CLASS text_ops DEFAULT FOR TYPE text USING slab AS
    OPERATOR 1 <, OPERATOR 2 <=, OPERATOR 3 =, OPERATOR 4 >=, OPERATOR 5 >,
    FUNCTION 2 slab_keys_text(internal);

CREATE OPERATOR CLASS uuid_ops DEFAULT FOR TYPE uuid USING slab AS
    OPERATOR 1 <, OPERATOR 2 <=, OPERATOR 3 =, OPERATOR 4 >=, OPERATOR 5 >,
    FUNCTION 2 slab_keys_uuid(internal);

CREATE OPERATOR CLASS enum_ops DEFAULT FOR TYPE anyenum USING slab AS
    OPERATOR 1 <, OPERATOR 2 <=, OPERATOR 3 =, OPERATOR 4 >=, OPERATOR 5 >,
    FUNCTION 2 slab_keys_enum(internal);

CREATE OPERATOR CLASS date_ops DEFAULT FOR TYPE date USING slab FAMILY datetime_ops AS
    OPERATOR 1 <, OPERATOR 2 <=, OPERATOR 3 =, OPERATOR 4 >=, OPERATOR 5 >,
    FUNCTION 2 slab_keys_date(internal);

CREATE OPERATOR CLASS time_ops DEFAULT FOR TYPE time USING slab AS
    OPERATOR 1 <, OPERATOR 2 <=, OPERATOR 3 =, OPERATOR 4 >=, OPERATOR 5 >,
    FUNCTION 2 slab_keys_time(internal);

CREATE OPERATOR CLASS timestamp_ops DEFAULT FOR TYPE timestamp USING slab FAMILY datetime_ops AS
    OPERATOR 1 <, OPERATOR 2 <=, OPERATOR 3 =, OPERATOR 4 >=, OPERATOR 5 >,
    FUNCTION 2 slab_keys_timestamp(internal);

CREATE OPERATOR CLASS timestamptz_ops DEFAULT FOR TYPE timestamptz USING slab FAMILY datetime_ops AS
    OPERATOR 1 <, OPERATOR 2 <=, OPERATOR 3 =, OPERATOR 4 >=, OPERATOR 5 >,
    FUNCTION 2 slab_keys_timestamptz(internal);

CREATE OPERATOR CLASS int4_array_ops DEFAULT FOR TYPE integer[] USING slab AS
    OPERATOR 6 && (anyarray, anyarray), OPERATOR 7 @> (anyarray, anyarray),
    FUNCTION 2 slab_keys_int4_array(internal);

CREATE OPERATOR CLASS text_array_ops DEFAULT FOR TYPE text[] USING slab AS
    OPERATOR 6 && (anyarray, anyarray), OPERATOR 7 @> (anyarray, anyarray),
    FUNCTION 2 slab_keys_text_array(internal);

ALTER OPERATOR FAMILY integer_ops USING slab ADD
    OPERATOR 1 < (int2, int4), OPERATOR 2 <= (int2, int4), OPERATOR 3 = (int2, int4), OPERATOR 4 >= (int2, int4), OPERATOR 5 > (int2, int4),
    OPERATOR 1 < (int2, int8), OPERATOR 2 <= (int2, int8), OPERATOR 3 = (int2, int8), OPERATOR 4 >= (int2, int8), OPERATOR 5 > (int2, int8),
    OPERATOR 1 < (int4, int2), OPERATOR 2 <= (int4, int2), OPERATOR 3 = (int4, int2), OPERATOR 4 >= (int4, int2), OPERATOR 5 > (int4, int2),
    OPERATOR 1 < (int4, int8), OPERATOR 2 <= (int4, int8), OPERATOR 3 = (int4, int8), OPERATOR 4 >= (int4, int8), OPERATOR 5 > (int4, int8),
    OPERATOR 1 < (int8, int2), OPERATOR 2 <= (int8, int2), OPERATOR 3 = (int8, int2), OPERATOR 4 >= (int8, int2), OPERATOR 5 > (int8, int2),
    OPERATOR 1 < (int8, int4), OPERATOR 2 <= (int8, int4), OPERATOR 3 = (int8, int4), OPERATOR 4 >= (int8, int4), OPERATOR 5 > (int8, int4);

ALTER OPERATOR FAMILY float_ops USING slab ADD
    OPERATOR 1 < (float4, float8), OPERATOR 2 <= (float4, float8), OPERATOR 3 = (float4, float8), OPERATOR 4 >= (float4, float8), OPERATOR 5 > (float4, float8),
    OPERATOR 1 < (float8, float4), OPERATOR 2 <= (float8, float4), OPERATOR 3 = (float8, float4), OPERATOR 4 >= (float8, float4), OPERATOR 5 > (float8, float4);

ALTER OPERATOR FAMILY datetime_ops USING slab ADD
    OPERATOR 1 < (date, timestamp), OPERATOR 2 <= (date, timestamp), OPERATOR 3 = (date, timestamp), OPERATOR 4 >= (date, timestamp), OPERATOR 5 > (date, timestamp),
    OPERATOR 1 < (date, timestamptz), OPERATOR 2 <= (date, timestamptz), OPERATOR 3 = (date, timestamptz), OPERATOR 4 >= (date, timestamptz), OPERATOR 5 > (date, timestamptz),
    OPERATOR 1 < (timestamp, date), OPERATOR 2 <= (timestamp, date), OPERATOR 3 = (timestamp, date), OPERATOR 4 >= (timestamp, date), OPERATOR 5 > (timestamp, date),
    OPERATOR 1 < (timestamp, timestamptz), OPERATOR 2 <= (timestamp, timestamptz), OPERATOR 3 = (timestamp, timestamptz), OPERATOR 4 >= (timestamp, timestamptz), OPERATOR 5 > (timestamp, timestamptz),
    OPERATOR 1 < (timestamptz, date), OPERATOR 2 <= (timestamptz, date), OPERATOR 3 = (timestamptz, date), OPERATOR 4 >= (timestamptz, date), OPERATOR 5 > (timestamptz, date),
    OPERATOR 1 < (timestamptz, timestamp), OPERATOR 2 <= (timestamptz, timestamp), OPERATOR 3 = (timestamptz, timestamp), OPERATOR 4 >= (timestamptz, timestamp), OPERATOR 5 > (timestamptz, timestamp);

-- ==== functions on slab indexes ======================================================================================

CREATE FUNCTION slab_stats(
    index regclass,
    OUT format_version integer,
    OUT dims integer,
    OUT metric text,
    OUT storage text,
    OUT lists integer,
    OUT refine_bits integer,
    OUT segments integer,
    OUT calibration_queries integer,
    OUT rows bigint,
    OUT live bigint,
    OUT tombstones bigint,
    OUT tombstone_ratio double precision,
    OUT sidecar_rows bigint,
    OUT generation bigint,
    OUT embedder text,
    OUT revision text,
    OUT meta_bytes bigint,
    OUT record_bytes bigint,
    OUT slab_bytes bigint,
    OUT refine_bytes bigint,
    OUT segment_bytes bigint,
    OUT codebook_bytes bigint,
    OUT in_progress_bytes bigint,
    OUT spare_bytes bigint,
    OUT total_bytes bigint,
    OUT drift double precision,
    OUT needs_vacuum boolean,
    OUT needs_compaction boolean,
    OUT code_bytes_written bigint,
    OUT vector_bytes_written bigint,
    OUT seal_overdue boolean,
    OUT learnt real[],
    OUT audits bigint[],
    OUT audited_recall real[])
    AS 'MODULE_PATHNAME' LANGUAGE C STRICT VOLATILE PARALLEL RESTRICTED;

COMMENT ON FUNCTION slab_stats(regclass) IS 'what a slab index is and holds, counted from its record pages';

-- For the view slab_indexes. A subtransaction, which this needs, may not start in a parallel operation.
CREATE FUNCTION slab_try_stats(
    index regclass,
    OUT format_version integer,
    OUT dims integer,
    OUT metric text,
    OUT storage text,
    OUT lists integer,
    OUT refine_bits integer,
    OUT segments integer,
    OUT calibration_queries integer,
    OUT rows bigint,
    OUT live bigint,
    OUT tombstones bigint,
    OUT tombstone_ratio double precision,
    OUT sidecar_rows bigint,
    OUT generation bigint,
    OUT embedder text,
    OUT revision text,
    OUT meta_bytes bigint,
    OUT record_bytes bigint,
    OUT slab_bytes bigint,
    OUT refine_bytes bigint,
    OUT segment_bytes bigint,
    OUT codebook_bytes bigint,
    OUT in_progress_bytes bigint,
    OUT spare_bytes bigint,
    OUT total_bytes bigint,
    OUT drift double precision,
    OUT needs_vacuum boolean,
    OUT needs_compaction boolean,
    OUT code_bytes_written bigint,
    OUT vector_bytes_written bigint,
    OUT seal_overdue boolean,
    OUT learnt real[],
    OUT audits bigint[],
    OUT audited_recall real[],
    OUT problem text)
    AS 'MODULE_PATHNAME' LANGUAGE C STRICT VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION slab_try_stats(regclass) IS 'slab_stats() of a slab index or, if it cannot be read, what is wrong with it';

CREATE FUNCTION slab_check(index regclass, heap_all_indexed boolean DEFAULT false) RETURNS void
    AS 'MODULE_PATHNAME' LANGUAGE C STRICT VOLATILE PARALLEL RESTRICTED;

COMMENT ON FUNCTION slab_check(regclass, boolean) IS
    'raises an error that names the block if a page of the index is damaged or, if asked, if a row of its table is not indexed once';

CREATE FUNCTION slab_pages(
    index regclass,
    OUT block bigint,
    OUT role text,
    OUT kind text,
    OUT part bigint,
    OUT generation bigint,
    OUT sequence bigint,
    OUT used_bytes integer,
    OUT records integer,
    OUT tombstones integer,
    OUT checksum_ok boolean)
    RETURNS SETOF record
    AS 'MODULE_PATHNAME' LANGUAGE C STRICT VOLATILE PARALLEL RESTRICTED;

COMMENT ON FUNCTION slab_pages(regclass) IS 'every block of a slab index: its role by the manifest and what its page says';

CREATE FUNCTION slab_calibrate(
    index regclass,
    queries vec[] DEFAULT NULL,
    forget boolean DEFAULT false,
    OUT recall real,
    OUT lists real,
    OUT codes real,
    OUT refined real,
    OUT compared real)
    RETURNS SETOF record
    AS 'MODULE_PATHNAME' LANGUAGE C VOLATILE PARALLEL UNSAFE ROWS 8;

COMMENT ON FUNCTION slab_calibrate(regclass, vec[], boolean) IS
    'has a slab index measure itself again, and learn from queries: the mean work of a query that finds so much of the ten nearest rows';

CREATE FUNCTION slab_compact(
    index regclass,
    "full" boolean DEFAULT false,
    OUT records_before bigint,
    OUT sidecar_records bigint,
    OUT segments_before integer,
    OUT segments_after integer,
    OUT bytes_written bigint,
    OUT elapsed_ms double precision)
    AS 'MODULE_PATHNAME' LANGUAGE C STRICT VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION slab_compact(regclass, boolean) IS
    'puts the codes of a slab index into one segment; full: and its rows into parts in the order of their lists, without tombstones';

CREATE FUNCTION slab_vacuum(
    index regclass,
    OUT records_before bigint,
    OUT records_after bigint,
    OUT tombstones_removed bigint,
    OUT bytes_reclaimed bigint,
    OUT elapsed_ms double precision)
    AS 'MODULE_PATHNAME' LANGUAGE C STRICT VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION slab_vacuum(regclass) IS 'writes the parts of a slab index anew that hold tombstones of an earlier VACUUM';

CREATE FUNCTION slab_recluster(
    index regclass,
    OUT records bigint,
    OUT lists_before integer,
    OUT lists_after integer,
    OUT bytes_written bigint,
    OUT elapsed_ms double precision)
    AS 'MODULE_PATHNAME' LANGUAGE C STRICT VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION slab_recluster(regclass) IS 'trains the lists of a slab index anew with its own rows, and puts each row where it belongs';

CREATE FUNCTION slab_topk(
    index regclass,
    query vec,
    k integer,
    min_score double precision DEFAULT NULL,
    filter text DEFAULT NULL,
    OUT ctid tid,
    OUT distance double precision)
    RETURNS SETOF record
    AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL RESTRICTED ROWS 10;

COMMENT ON FUNCTION slab_topk(regclass, vec, integer, double precision, text) IS
    'the k nearest visible rows of a slab index, nearest first, as far as their score reaches min_score and they satisfy the filter, an expression as behind WHERE';

CREATE FUNCTION slab_recall(
    index regclass,
    k integer DEFAULT 10,
    queries vec[] DEFAULT NULL,
    OUT recall double precision,
    OUT queries integer,
    OUT lists double precision,
    OUT codes double precision,
    OUT refined double precision,
    OUT compared double precision,
    OUT buffers double precision,
    OUT time_ms double precision)
    AS 'MODULE_PATHNAME' LANGUAGE C VOLATILE PARALLEL RESTRICTED;

COMMENT ON FUNCTION slab_recall(regclass, integer, vec[]) IS
    'what share of the k nearest rows a slab index finds with the current settings, and at what work for each query, on average';

CREATE FUNCTION slab_last_scan(
    OUT index regclass,
    OUT exact boolean,
    OUT expected bigint,
    OUT lists bigint,
    OUT codes bigint,
    OUT filtered bigint,
    OUT refined bigint,
    OUT compared bigint,
    OUT buffers bigint,
    OUT rows bigint,
    OUT passes bigint,
    OUT looked_up bigint,
    OUT estimated_recall real,
    OUT strategy text)
    AS 'MODULE_PATHNAME' LANGUAGE C VOLATILE PARALLEL RESTRICTED;

COMMENT ON FUNCTION slab_last_scan() IS 'what this session''s last finished scan of a slab index did';

-- What it returns depends on settings and statistics, which a statement may change while it runs; and it plans, which may take
-- calling any function that is not volatile.
CREATE FUNCTION slab_why(
    query text,
    OUT index regclass,
    OUT alias text,
    OUT used boolean,
    OUT reason text,
    OUT remedy text)
    RETURNS SETOF record
    AS 'MODULE_PATHNAME' LANGUAGE C STRICT VOLATILE PARALLEL UNSAFE ROWS 2;

COMMENT ON FUNCTION slab_why(text) IS
    'whether the plan of a query uses the slab indexes of the tables it reads and, if not, why, and what to write instead; the query is not run';

CREATE FUNCTION slab_warm(index regclass, what text DEFAULT 'codes', budget bigint DEFAULT NULL) RETURNS bigint
    AS 'MODULE_PATHNAME' LANGUAGE C VOLATILE PARALLEL RESTRICTED;

COMMENT ON FUNCTION slab_warm(regclass, text, bigint) IS
    'reads a slab index into shared buffers (''meta'', ''codes'' or ''all''), at most so many blocks, those that searches need most first; returns how many';

-- Names within a view are qualified, and arguments have exactly the types of the function's parameters, so that nothing that
-- somebody else has put into this schema can be meant. The schema's own functions, which have no name to qualify them by, are
-- exact matches: had somebody made one of the same signature, its CREATE FUNCTION above would have failed.

-- Maintenance is reported as a CREATE INDEX by a command that the server has not; the phase's name begins with the operation. An
-- operation counts blocks or rows, never both.
CREATE VIEW slab_maintenance AS
    SELECT s.pid, s.param7::pg_catalog.oid::pg_catalog.regclass AS index,
           pg_catalog.split_part(p.name, ': '::pg_catalog.text, 1) AS operation,
           pg_catalog.split_part(p.name, ': '::pg_catalog.text, 2) AS phase,
           greatest(s.param13, s.param17) AS done,
           CASE WHEN greatest(s.param12, s.param16) OPERATOR(pg_catalog.>) 0::pg_catalog.int8
                THEN greatest(s.param12, s.param16) END AS total
    FROM pg_catalog.pg_stat_get_progress_info('CREATE INDEX'::pg_catalog.text) AS s
    JOIN pg_catalog.pg_database AS d ON d.oid OPERATOR(pg_catalog.=) s.datid
    CROSS JOIN LATERAL pg_catalog.pg_indexam_progress_phasename(s.param9::pg_catalog.oid, s.param11) AS p(name)
    WHERE d.datname OPERATOR(pg_catalog.=) pg_catalog.current_database()
      AND s.param1 OPERATOR(pg_catalog.=) 5000::pg_catalog.int8;

COMMENT ON VIEW slab_maintenance IS 'the maintenance of slab indexes of this database that is under way, and how far it is';

GRANT SELECT ON slab_maintenance TO PUBLIC;

-- Materialized, so that slab_try_stats() is asked about no other relation, whatever order the planner prefers.
CREATE VIEW slab_indexes AS
    WITH readable AS MATERIALIZED (
        SELECT x.indexrelid, x.indrelid, x.indisvalid
        FROM pg_catalog.pg_index AS x
        JOIN pg_catalog.pg_class AS c ON c.oid OPERATOR(pg_catalog.=) x.indexrelid
        JOIN pg_catalog.pg_am AS a ON a.oid OPERATOR(pg_catalog.=) c.relam
        WHERE a.amname OPERATOR(pg_catalog.=) 'slab'::pg_catalog.name
          AND c.relkind OPERATOR(pg_catalog.=) 'i'::pg_catalog."char"
          AND (c.relpersistence OPERATOR(pg_catalog.<>) 't'::pg_catalog."char"
               OR pg_catalog.pg_my_temp_schema() OPERATOR(pg_catalog.=) c.relnamespace)
          AND (c.relpersistence OPERATOR(pg_catalog.<>) 'u'::pg_catalog."char" OR NOT pg_catalog.pg_is_in_recovery())
          AND pg_catalog.has_table_privilege(x.indrelid, 'SELECT'::pg_catalog.text))
    SELECT r.indexrelid::pg_catalog.regclass AS index, r.indrelid::pg_catalog.regclass AS "table", r.indisvalid AS valid, s.*
    FROM readable AS r
    CROSS JOIN LATERAL slab_try_stats(r.indexrelid::pg_catalog.regclass) AS s;

COMMENT ON VIEW slab_indexes IS
    'the slab indexes of this database that have pages here and whose tables the user may read, with slab_stats() of each or what is wrong with it';

GRANT SELECT ON slab_indexes TO PUBLIC;
