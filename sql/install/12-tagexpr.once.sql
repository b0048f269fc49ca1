-- ----------------------------------------------------------------------
-- sql/install/12-tagexpr.once.sql: type mkt.tagexpr, an audience in words.
-- What its names mean is 32-tag. Changing this needs a delta in sql/upgrade/.
-- ----------------------------------------------------------------------
CREATE TYPE mkt.tagexpr;

CREATE FUNCTION mkt.tagexpr_in(cstring) RETURNS mkt.tagexpr
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'mkt_tagexpr_in';
COMMENT ON FUNCTION mkt.tagexpr_in(cstring) IS 'Text to expression: parsed, made canonical.';

CREATE FUNCTION mkt.tagexpr_out(mkt.tagexpr) RETURNS cstring
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'mkt_tagexpr_out';
COMMENT ON FUNCTION mkt.tagexpr_out(mkt.tagexpr) IS 'The canonical text: equal expressions print equal, and it reads back.';

CREATE FUNCTION mkt.tagexpr_recv(internal) RETURNS mkt.tagexpr
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'mkt_tagexpr_recv';
COMMENT ON FUNCTION mkt.tagexpr_recv(internal) IS 'Wire to expression: the text, parsed and made canonical like any other.';

CREATE FUNCTION mkt.tagexpr_send(mkt.tagexpr) RETURNS bytea
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'mkt_tagexpr_send';
COMMENT ON FUNCTION mkt.tagexpr_send(mkt.tagexpr) IS 'Expression to wire: its canonical text.';

CREATE TYPE mkt.tagexpr (
    INPUT = mkt.tagexpr_in,
    OUTPUT = mkt.tagexpr_out,
    RECEIVE = mkt.tagexpr_recv,
    SEND = mkt.tagexpr_send,
    INTERNALLENGTH = VARIABLE,
    ALIGNMENT = int4,
    STORAGE = extended
);
COMMENT ON TYPE mkt.tagexpr IS
    'An audience in words: tags, comparisons, & | !, parentheses; checked and canonical (S3-016).';

-- ---- composing ---------------------------------------------------------
CREATE FUNCTION mkt.tagexpr_and(mkt.tagexpr, mkt.tagexpr) RETURNS mkt.tagexpr
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'mkt_tagexpr_and';
COMMENT ON FUNCTION mkt.tagexpr_and(mkt.tagexpr, mkt.tagexpr) IS 'Customers in both audiences.';

CREATE FUNCTION mkt.tagexpr_or(mkt.tagexpr, mkt.tagexpr) RETURNS mkt.tagexpr
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'mkt_tagexpr_or';
COMMENT ON FUNCTION mkt.tagexpr_or(mkt.tagexpr, mkt.tagexpr) IS 'Customers in either audience.';

CREATE FUNCTION mkt.tagexpr_not(mkt.tagexpr) RETURNS mkt.tagexpr
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'mkt_tagexpr_not';
COMMENT ON FUNCTION mkt.tagexpr_not(mkt.tagexpr) IS 'Customers of the universe who are not in the audience.';

CREATE OPERATOR mkt.& (FUNCTION = mkt.tagexpr_and, LEFTARG = mkt.tagexpr, RIGHTARG = mkt.tagexpr, COMMUTATOR = OPERATOR(mkt.&));
COMMENT ON OPERATOR mkt.& (mkt.tagexpr, mkt.tagexpr) IS 'and';
CREATE OPERATOR mkt.| (FUNCTION = mkt.tagexpr_or, LEFTARG = mkt.tagexpr, RIGHTARG = mkt.tagexpr, COMMUTATOR = OPERATOR(mkt.|));
COMMENT ON OPERATOR mkt.| (mkt.tagexpr, mkt.tagexpr) IS 'or';
CREATE OPERATOR mkt.! (FUNCTION = mkt.tagexpr_not, RIGHTARG = mkt.tagexpr);
COMMENT ON OPERATOR mkt.! (NONE, mkt.tagexpr) IS 'not';

-- ---- comparing: by canonical text, byte by byte ------------------------
CREATE FUNCTION mkt.tagexpr_eq(mkt.tagexpr, mkt.tagexpr) RETURNS boolean
    LANGUAGE c IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE AS 'MODULE_PATHNAME', 'mkt_tagexpr_eq';
COMMENT ON FUNCTION mkt.tagexpr_eq(mkt.tagexpr, mkt.tagexpr) IS 'Do both print equal?';

CREATE FUNCTION mkt.tagexpr_ne(mkt.tagexpr, mkt.tagexpr) RETURNS boolean
    LANGUAGE c IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE AS 'MODULE_PATHNAME', 'mkt_tagexpr_ne';
COMMENT ON FUNCTION mkt.tagexpr_ne(mkt.tagexpr, mkt.tagexpr) IS 'Do both print differently?';

CREATE FUNCTION mkt.tagexpr_lt(mkt.tagexpr, mkt.tagexpr) RETURNS boolean
    LANGUAGE c IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE AS 'MODULE_PATHNAME', 'mkt_tagexpr_lt';
COMMENT ON FUNCTION mkt.tagexpr_lt(mkt.tagexpr, mkt.tagexpr) IS 'Order of the canonical texts.';

CREATE FUNCTION mkt.tagexpr_le(mkt.tagexpr, mkt.tagexpr) RETURNS boolean
    LANGUAGE c IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE AS 'MODULE_PATHNAME', 'mkt_tagexpr_le';
COMMENT ON FUNCTION mkt.tagexpr_le(mkt.tagexpr, mkt.tagexpr) IS 'Order of the canonical texts.';

CREATE FUNCTION mkt.tagexpr_gt(mkt.tagexpr, mkt.tagexpr) RETURNS boolean
    LANGUAGE c IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE AS 'MODULE_PATHNAME', 'mkt_tagexpr_gt';
COMMENT ON FUNCTION mkt.tagexpr_gt(mkt.tagexpr, mkt.tagexpr) IS 'Order of the canonical texts.';

CREATE FUNCTION mkt.tagexpr_ge(mkt.tagexpr, mkt.tagexpr) RETURNS boolean
    LANGUAGE c IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE AS 'MODULE_PATHNAME', 'mkt_tagexpr_ge';
COMMENT ON FUNCTION mkt.tagexpr_ge(mkt.tagexpr, mkt.tagexpr) IS 'Order of the canonical texts.';

CREATE FUNCTION mkt.tagexpr_cmp(mkt.tagexpr, mkt.tagexpr) RETURNS integer
    LANGUAGE c IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE AS 'MODULE_PATHNAME', 'mkt_tagexpr_cmp';
COMMENT ON FUNCTION mkt.tagexpr_cmp(mkt.tagexpr, mkt.tagexpr) IS 'Order of the canonical texts, for btree.';

CREATE FUNCTION mkt.tagexpr_hash(mkt.tagexpr) RETURNS integer
    LANGUAGE c IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE AS 'MODULE_PATHNAME', 'mkt_tagexpr_hash';
COMMENT ON FUNCTION mkt.tagexpr_hash(mkt.tagexpr) IS 'Hash of the canonical text.';

CREATE FUNCTION mkt.tagexpr_hash_extended(mkt.tagexpr, bigint) RETURNS bigint
    LANGUAGE c IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE AS 'MODULE_PATHNAME', 'mkt_tagexpr_hash_extended';
COMMENT ON FUNCTION mkt.tagexpr_hash_extended(mkt.tagexpr, bigint) IS 'Seeded hash of the canonical text.';

CREATE OPERATOR mkt.= (FUNCTION = mkt.tagexpr_eq, LEFTARG = mkt.tagexpr, RIGHTARG = mkt.tagexpr,
    COMMUTATOR = OPERATOR(mkt.=), NEGATOR = OPERATOR(mkt.<>), RESTRICT = eqsel, JOIN = eqjoinsel, HASHES, MERGES);
COMMENT ON OPERATOR mkt.= (mkt.tagexpr, mkt.tagexpr) IS 'equal';
CREATE OPERATOR mkt.<> (FUNCTION = mkt.tagexpr_ne, LEFTARG = mkt.tagexpr, RIGHTARG = mkt.tagexpr,
    COMMUTATOR = OPERATOR(mkt.<>), NEGATOR = OPERATOR(mkt.=), RESTRICT = neqsel, JOIN = neqjoinsel);
COMMENT ON OPERATOR mkt.<> (mkt.tagexpr, mkt.tagexpr) IS 'not equal';
CREATE OPERATOR mkt.< (FUNCTION = mkt.tagexpr_lt, LEFTARG = mkt.tagexpr, RIGHTARG = mkt.tagexpr,
    COMMUTATOR = OPERATOR(mkt.>), NEGATOR = OPERATOR(mkt.>=), RESTRICT = scalarltsel, JOIN = scalarltjoinsel);
COMMENT ON OPERATOR mkt.< (mkt.tagexpr, mkt.tagexpr) IS 'sorts before';
CREATE OPERATOR mkt.<= (FUNCTION = mkt.tagexpr_le, LEFTARG = mkt.tagexpr, RIGHTARG = mkt.tagexpr,
    COMMUTATOR = OPERATOR(mkt.>=), NEGATOR = OPERATOR(mkt.>), RESTRICT = scalarlesel, JOIN = scalarlejoinsel);
COMMENT ON OPERATOR mkt.<= (mkt.tagexpr, mkt.tagexpr) IS 'sorts before, or equal';
CREATE OPERATOR mkt.> (FUNCTION = mkt.tagexpr_gt, LEFTARG = mkt.tagexpr, RIGHTARG = mkt.tagexpr,
    COMMUTATOR = OPERATOR(mkt.<), NEGATOR = OPERATOR(mkt.<=), RESTRICT = scalargtsel, JOIN = scalargtjoinsel);
COMMENT ON OPERATOR mkt.> (mkt.tagexpr, mkt.tagexpr) IS 'sorts after';
CREATE OPERATOR mkt.>= (FUNCTION = mkt.tagexpr_ge, LEFTARG = mkt.tagexpr, RIGHTARG = mkt.tagexpr,
    COMMUTATOR = OPERATOR(mkt.<=), NEGATOR = OPERATOR(mkt.<), RESTRICT = scalargesel, JOIN = scalargejoinsel);
COMMENT ON OPERATOR mkt.>= (mkt.tagexpr, mkt.tagexpr) IS 'sorts after, or equal';

CREATE OPERATOR CLASS mkt.tagexpr_ops DEFAULT FOR TYPE mkt.tagexpr USING btree AS
    OPERATOR 1 mkt.<,
    OPERATOR 2 mkt.<=,
    OPERATOR 3 mkt.=,
    OPERATOR 4 mkt.>=,
    OPERATOR 5 mkt.>,
    FUNCTION 1 mkt.tagexpr_cmp(mkt.tagexpr, mkt.tagexpr);
COMMENT ON OPERATOR CLASS mkt.tagexpr_ops USING btree IS 'Sorting and grouping expressions.';
COMMENT ON OPERATOR FAMILY mkt.tagexpr_ops USING btree IS 'Sorting and grouping expressions.';

CREATE OPERATOR CLASS mkt.tagexpr_hash_ops DEFAULT FOR TYPE mkt.tagexpr USING hash AS
    OPERATOR 1 mkt.=,
    FUNCTION 1 mkt.tagexpr_hash(mkt.tagexpr),
    FUNCTION 2 mkt.tagexpr_hash_extended(mkt.tagexpr, bigint);
COMMENT ON OPERATOR CLASS mkt.tagexpr_hash_ops USING hash IS 'Hashing expressions.';
COMMENT ON OPERATOR FAMILY mkt.tagexpr_hash_ops USING hash IS 'Hashing expressions.';
