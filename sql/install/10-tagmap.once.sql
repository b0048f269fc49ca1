-- ----------------------------------------------------------------------
-- sql/install/10-tagmap.once.sql: type mkt.tagmap, a set of customers, with
-- its operators, operator classes, casts and aggregates. What can be replaced
-- later is in 10-tagmap.code.sql; changing this needs a delta in sql/upgrade/.
-- ----------------------------------------------------------------------
CREATE TYPE mkt.tagmap;

CREATE FUNCTION mkt.tagmap_in(cstring) RETURNS mkt.tagmap
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'mkt_tagmap_in';
COMMENT ON FUNCTION mkt.tagmap_in(cstring) IS
    'Text to set: numbers and ranges like {1,5,7-9}, in any order.';

CREATE FUNCTION mkt.tagmap_out(mkt.tagmap) RETURNS cstring
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'mkt_tagmap_out';
COMMENT ON FUNCTION mkt.tagmap_out(mkt.tagmap) IS
    'Set to text: ascending, three or more consecutive customers as a range; reads back as the same set.';

CREATE FUNCTION mkt.tagmap_recv(internal) RETURNS mkt.tagmap
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'mkt_tagmap_recv';
COMMENT ON FUNCTION mkt.tagmap_recv(internal) IS
    'Wire to set: every byte is checked.';

CREATE FUNCTION mkt.tagmap_send(mkt.tagmap) RETURNS bytea
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'mkt_tagmap_send';
COMMENT ON FUNCTION mkt.tagmap_send(mkt.tagmap) IS
    'Set to wire: the stored bytes, little-endian (docs/tagmap.md).';

CREATE TYPE mkt.tagmap (
    INPUT = mkt.tagmap_in,
    OUTPUT = mkt.tagmap_out,
    RECEIVE = mkt.tagmap_recv,
    SEND = mkt.tagmap_send,
    INTERNALLENGTH = VARIABLE,
    ALIGNMENT = double,
    STORAGE = external
);
COMMENT ON TYPE mkt.tagmap IS
    'A set of customer numbers 0 to 2^40 - 1, one encoding per set, at most 8 KB per 64,512 customers (S0-032).';

-- ---- algebra -----------------------------------------------------------
CREATE FUNCTION mkt.tagmap_and(mkt.tagmap, mkt.tagmap) RETURNS mkt.tagmap
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 20 AS 'MODULE_PATHNAME', 'mkt_tagmap_and';
COMMENT ON FUNCTION mkt.tagmap_and(mkt.tagmap, mkt.tagmap) IS
    'Customers in both sets.';

CREATE FUNCTION mkt.tagmap_or(mkt.tagmap, mkt.tagmap) RETURNS mkt.tagmap
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 20 AS 'MODULE_PATHNAME', 'mkt_tagmap_or';
COMMENT ON FUNCTION mkt.tagmap_or(mkt.tagmap, mkt.tagmap) IS
    'Customers in either set.';

CREATE FUNCTION mkt.tagmap_minus(mkt.tagmap, mkt.tagmap) RETURNS mkt.tagmap
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 20 AS 'MODULE_PATHNAME', 'mkt_tagmap_minus';
COMMENT ON FUNCTION mkt.tagmap_minus(mkt.tagmap, mkt.tagmap) IS
    'Customers in the first set and not in the second.';

CREATE FUNCTION mkt.tagmap_xor(mkt.tagmap, mkt.tagmap) RETURNS mkt.tagmap
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 20 AS 'MODULE_PATHNAME', 'mkt_tagmap_xor';
COMMENT ON FUNCTION mkt.tagmap_xor(mkt.tagmap, mkt.tagmap) IS
    'Customers in exactly one of the two sets.';

CREATE OPERATOR mkt.& (
    FUNCTION = mkt.tagmap_and,
    LEFTARG = mkt.tagmap,
    RIGHTARG = mkt.tagmap,
    COMMUTATOR = OPERATOR(mkt.&)
);
COMMENT ON OPERATOR mkt.& (mkt.tagmap, mkt.tagmap) IS 'Intersection.';

CREATE OPERATOR mkt.| (
    FUNCTION = mkt.tagmap_or,
    LEFTARG = mkt.tagmap,
    RIGHTARG = mkt.tagmap,
    COMMUTATOR = OPERATOR(mkt.|)
);
COMMENT ON OPERATOR mkt.| (mkt.tagmap, mkt.tagmap) IS 'Union.';

CREATE OPERATOR mkt.- (
    FUNCTION = mkt.tagmap_minus,
    LEFTARG = mkt.tagmap,
    RIGHTARG = mkt.tagmap
);
COMMENT ON OPERATOR mkt.- (mkt.tagmap, mkt.tagmap) IS 'Difference.';

CREATE OPERATOR mkt.# (
    FUNCTION = mkt.tagmap_xor,
    LEFTARG = mkt.tagmap,
    RIGHTARG = mkt.tagmap,
    COMMUTATOR = OPERATOR(mkt.#)
);
COMMENT ON OPERATOR mkt.# (mkt.tagmap, mkt.tagmap) IS 'Symmetric difference.';

-- ---- questions ----------------------------------------------------------
CREATE FUNCTION mkt.tagmap_contains(mkt.tagmap, mkt.tagmap) RETURNS boolean
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 20 AS 'MODULE_PATHNAME', 'mkt_tagmap_contains';
COMMENT ON FUNCTION mkt.tagmap_contains(mkt.tagmap, mkt.tagmap) IS
    'Is every customer of the second set in the first?';

CREATE FUNCTION mkt.tagmap_contained(mkt.tagmap, mkt.tagmap) RETURNS boolean
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 20 AS 'MODULE_PATHNAME', 'mkt_tagmap_contained';
COMMENT ON FUNCTION mkt.tagmap_contained(mkt.tagmap, mkt.tagmap) IS
    'Is every customer of the first set in the second?';

CREATE FUNCTION mkt.tagmap_overlaps(mkt.tagmap, mkt.tagmap) RETURNS boolean
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 20 AS 'MODULE_PATHNAME', 'mkt_tagmap_overlaps';
COMMENT ON FUNCTION mkt.tagmap_overlaps(mkt.tagmap, mkt.tagmap) IS
    'Have the sets a customer in common?';

CREATE FUNCTION mkt.tagmap_has(mkt.tagmap, bigint) RETURNS boolean
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'mkt_tagmap_has';
COMMENT ON FUNCTION mkt.tagmap_has(mkt.tagmap, bigint) IS
    'Is the customer in the set?';

CREATE FUNCTION mkt.tagmap_within(bigint, mkt.tagmap) RETURNS boolean
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'mkt_tagmap_within';
COMMENT ON FUNCTION mkt.tagmap_within(bigint, mkt.tagmap) IS
    'Is the customer in the set?';

CREATE OPERATOR mkt.@> (
    FUNCTION = mkt.tagmap_contains,
    LEFTARG = mkt.tagmap,
    RIGHTARG = mkt.tagmap,
    COMMUTATOR = OPERATOR(mkt.<@),
    RESTRICT = contsel,
    JOIN = contjoinsel
);
COMMENT ON OPERATOR mkt.@> (mkt.tagmap, mkt.tagmap) IS 'Contains the set.';

CREATE OPERATOR mkt.<@ (
    FUNCTION = mkt.tagmap_contained,
    LEFTARG = mkt.tagmap,
    RIGHTARG = mkt.tagmap,
    COMMUTATOR = OPERATOR(mkt.@>),
    RESTRICT = contsel,
    JOIN = contjoinsel
);
COMMENT ON OPERATOR mkt.<@ (mkt.tagmap, mkt.tagmap) IS 'Is contained in the set.';

CREATE OPERATOR mkt.&& (
    FUNCTION = mkt.tagmap_overlaps,
    LEFTARG = mkt.tagmap,
    RIGHTARG = mkt.tagmap,
    COMMUTATOR = OPERATOR(mkt.&&),
    RESTRICT = contsel,
    JOIN = contjoinsel
);
COMMENT ON OPERATOR mkt.&& (mkt.tagmap, mkt.tagmap) IS 'Has customers in common.';

CREATE OPERATOR mkt.@> (
    FUNCTION = mkt.tagmap_has,
    LEFTARG = mkt.tagmap,
    RIGHTARG = bigint,
    COMMUTATOR = OPERATOR(mkt.<@),
    RESTRICT = contsel,
    JOIN = contjoinsel
);
COMMENT ON OPERATOR mkt.@> (mkt.tagmap, bigint) IS 'Contains the customer.';

CREATE OPERATOR mkt.<@ (
    FUNCTION = mkt.tagmap_within,
    LEFTARG = bigint,
    RIGHTARG = mkt.tagmap,
    COMMUTATOR = OPERATOR(mkt.@>),
    RESTRICT = contsel,
    JOIN = contjoinsel
);
COMMENT ON OPERATOR mkt.<@ (bigint, mkt.tagmap) IS 'Is in the set.';

-- ---- order ----------------------------------------------------------------
-- Sets are ordered as the ascending sequences of their members are:
-- {} < {1} < {1,2} < {1,3} < {2}.
CREATE FUNCTION mkt.tagmap_eq(mkt.tagmap, mkt.tagmap) RETURNS boolean
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME', 'mkt_tagmap_eq';
COMMENT ON FUNCTION mkt.tagmap_eq(mkt.tagmap, mkt.tagmap) IS
    'Are the sets equal?';

CREATE FUNCTION mkt.tagmap_ne(mkt.tagmap, mkt.tagmap) RETURNS boolean
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME', 'mkt_tagmap_ne';
COMMENT ON FUNCTION mkt.tagmap_ne(mkt.tagmap, mkt.tagmap) IS
    'Are the sets different?';

CREATE FUNCTION mkt.tagmap_lt(mkt.tagmap, mkt.tagmap) RETURNS boolean
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME', 'mkt_tagmap_lt';
COMMENT ON FUNCTION mkt.tagmap_lt(mkt.tagmap, mkt.tagmap) IS
    'Does the first set come before the second?';

CREATE FUNCTION mkt.tagmap_le(mkt.tagmap, mkt.tagmap) RETURNS boolean
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME', 'mkt_tagmap_le';
COMMENT ON FUNCTION mkt.tagmap_le(mkt.tagmap, mkt.tagmap) IS
    'Does the first set come before the second, or equal it?';

CREATE FUNCTION mkt.tagmap_gt(mkt.tagmap, mkt.tagmap) RETURNS boolean
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME', 'mkt_tagmap_gt';
COMMENT ON FUNCTION mkt.tagmap_gt(mkt.tagmap, mkt.tagmap) IS
    'Does the first set come after the second?';

CREATE FUNCTION mkt.tagmap_ge(mkt.tagmap, mkt.tagmap) RETURNS boolean
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME', 'mkt_tagmap_ge';
COMMENT ON FUNCTION mkt.tagmap_ge(mkt.tagmap, mkt.tagmap) IS
    'Does the first set come after the second, or equal it?';

CREATE FUNCTION mkt.tagmap_cmp(mkt.tagmap, mkt.tagmap) RETURNS integer
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME', 'mkt_tagmap_cmp';
COMMENT ON FUNCTION mkt.tagmap_cmp(mkt.tagmap, mkt.tagmap) IS
    'Order of two sets: -1, 0 or 1.';

CREATE FUNCTION mkt.tagmap_hash(mkt.tagmap) RETURNS integer
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME', 'mkt_tagmap_hash';
COMMENT ON FUNCTION mkt.tagmap_hash(mkt.tagmap) IS
    'Frozen hash of a set, 32 bits.';

CREATE FUNCTION mkt.tagmap_hash_extended(mkt.tagmap, bigint) RETURNS bigint
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME', 'mkt_tagmap_hash_extended';
COMMENT ON FUNCTION mkt.tagmap_hash_extended(mkt.tagmap, bigint) IS
    'Frozen hash of a set, 64 bits, with a seed.';

CREATE OPERATOR mkt.= (
    FUNCTION = mkt.tagmap_eq,
    LEFTARG = mkt.tagmap,
    RIGHTARG = mkt.tagmap,
    COMMUTATOR = OPERATOR(mkt.=),
    NEGATOR = OPERATOR(mkt.<>),
    RESTRICT = eqsel,
    JOIN = eqjoinsel,
    HASHES,
    MERGES
);
COMMENT ON OPERATOR mkt.= (mkt.tagmap, mkt.tagmap) IS 'Equal.';

CREATE OPERATOR mkt.<> (
    FUNCTION = mkt.tagmap_ne,
    LEFTARG = mkt.tagmap,
    RIGHTARG = mkt.tagmap,
    COMMUTATOR = OPERATOR(mkt.<>),
    NEGATOR = OPERATOR(mkt.=),
    RESTRICT = neqsel,
    JOIN = neqjoinsel
);
COMMENT ON OPERATOR mkt.<> (mkt.tagmap, mkt.tagmap) IS 'Different.';

CREATE OPERATOR mkt.< (
    FUNCTION = mkt.tagmap_lt,
    LEFTARG = mkt.tagmap,
    RIGHTARG = mkt.tagmap,
    COMMUTATOR = OPERATOR(mkt.>),
    NEGATOR = OPERATOR(mkt.>=),
    RESTRICT = scalarltsel,
    JOIN = scalarltjoinsel
);
COMMENT ON OPERATOR mkt.< (mkt.tagmap, mkt.tagmap) IS 'Comes before.';

CREATE OPERATOR mkt.<= (
    FUNCTION = mkt.tagmap_le,
    LEFTARG = mkt.tagmap,
    RIGHTARG = mkt.tagmap,
    COMMUTATOR = OPERATOR(mkt.>=),
    NEGATOR = OPERATOR(mkt.>),
    RESTRICT = scalarlesel,
    JOIN = scalarlejoinsel
);
COMMENT ON OPERATOR mkt.<= (mkt.tagmap, mkt.tagmap) IS 'Comes before or equals.';

CREATE OPERATOR mkt.> (
    FUNCTION = mkt.tagmap_gt,
    LEFTARG = mkt.tagmap,
    RIGHTARG = mkt.tagmap,
    COMMUTATOR = OPERATOR(mkt.<),
    NEGATOR = OPERATOR(mkt.<=),
    RESTRICT = scalargtsel,
    JOIN = scalargtjoinsel
);
COMMENT ON OPERATOR mkt.> (mkt.tagmap, mkt.tagmap) IS 'Comes after.';

CREATE OPERATOR mkt.>= (
    FUNCTION = mkt.tagmap_ge,
    LEFTARG = mkt.tagmap,
    RIGHTARG = mkt.tagmap,
    COMMUTATOR = OPERATOR(mkt.<=),
    NEGATOR = OPERATOR(mkt.<),
    RESTRICT = scalargesel,
    JOIN = scalargejoinsel
);
COMMENT ON OPERATOR mkt.>= (mkt.tagmap, mkt.tagmap) IS 'Comes after or equals.';

CREATE OPERATOR FAMILY mkt.tagmap_ops USING btree;
COMMENT ON OPERATOR FAMILY mkt.tagmap_ops USING btree IS 'Sets in the order of their members.';
CREATE OPERATOR CLASS mkt.tagmap_ops DEFAULT FOR TYPE mkt.tagmap USING btree FAMILY mkt.tagmap_ops AS
    OPERATOR 1 mkt.<,
    OPERATOR 2 mkt.<=,
    OPERATOR 3 mkt.=,
    OPERATOR 4 mkt.>=,
    OPERATOR 5 mkt.>,
    FUNCTION 1 mkt.tagmap_cmp(mkt.tagmap, mkt.tagmap);
COMMENT ON OPERATOR CLASS mkt.tagmap_ops USING btree IS 'Sets in the order of their members.';
CREATE OPERATOR FAMILY mkt.tagmap_ops USING hash;
COMMENT ON OPERATOR FAMILY mkt.tagmap_ops USING hash IS 'Sets by equality.';
CREATE OPERATOR CLASS mkt.tagmap_ops DEFAULT FOR TYPE mkt.tagmap USING hash FAMILY mkt.tagmap_ops AS
    OPERATOR 1 mkt.=,
    FUNCTION 1 mkt.tagmap_hash(mkt.tagmap),
    FUNCTION 2 mkt.tagmap_hash_extended(mkt.tagmap, bigint);
COMMENT ON OPERATOR CLASS mkt.tagmap_ops USING hash IS 'Sets by equality.';

-- ---- casts -----------------------------------------------------------------
CREATE FUNCTION mkt.tagmap(bigint[]) RETURNS mkt.tagmap
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'mkt_tagmap_from_array';
COMMENT ON FUNCTION mkt.tagmap(bigint[]) IS
    'The set of the arrays customers; NULL elements are refused.';

CREATE FUNCTION mkt.tagmap(bytea) RETURNS mkt.tagmap
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'mkt_tagmap_from_bytea';
COMMENT ON FUNCTION mkt.tagmap(bytea) IS
    'A set from its wire format; every byte is checked.';

CREATE CAST (bigint[] AS mkt.tagmap) WITH FUNCTION mkt.tagmap(bigint[]);
COMMENT ON CAST (bigint[] AS mkt.tagmap) IS 'The set of the array''s customers.';
CREATE CAST (bytea AS mkt.tagmap) WITH FUNCTION mkt.tagmap(bytea);
COMMENT ON CAST (bytea AS mkt.tagmap) IS 'A set from its wire format, checked.';
CREATE CAST (mkt.tagmap AS bytea) WITH FUNCTION mkt.tagmap_send(mkt.tagmap);
COMMENT ON CAST (mkt.tagmap AS bytea) IS 'The wire format of a set.';

-- ---- aggregates --------------------------------------------------------------
-- NULL inputs are ignored. Of no rows, the union and the symmetric difference
-- are the empty set; the intersection is NULL, for it would be everybody.
CREATE FUNCTION mkt._tagmap_agg_add(internal, bigint) RETURNS internal
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'mkt_tagmap_agg_add';
COMMENT ON FUNCTION mkt._tagmap_agg_add(internal, bigint) IS
    'One more customer.';

CREATE FUNCTION mkt._tagmap_or_agg_add(internal, mkt.tagmap) RETURNS internal
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'mkt_tagmap_or_agg_add';
COMMENT ON FUNCTION mkt._tagmap_or_agg_add(internal, mkt.tagmap) IS
    'One more set, united.';

CREATE FUNCTION mkt._tagmap_xor_agg_add(internal, mkt.tagmap) RETURNS internal
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'mkt_tagmap_xor_agg_add';
COMMENT ON FUNCTION mkt._tagmap_xor_agg_add(internal, mkt.tagmap) IS
    'One more set, by symmetric difference.';

CREATE FUNCTION mkt._tagmap_or_agg_combine(internal, internal) RETURNS internal
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'mkt_tagmap_or_agg_combine';
COMMENT ON FUNCTION mkt._tagmap_or_agg_combine(internal, internal) IS
    'Unite two states.';

CREATE FUNCTION mkt._tagmap_xor_agg_combine(internal, internal) RETURNS internal
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'mkt_tagmap_xor_agg_combine';
COMMENT ON FUNCTION mkt._tagmap_xor_agg_combine(internal, internal) IS
    'Symmetric difference of two states.';

CREATE FUNCTION mkt._tagmap_agg_serialize(internal) RETURNS bytea
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'mkt_tagmap_agg_serialize';
COMMENT ON FUNCTION mkt._tagmap_agg_serialize(internal) IS
    'State to the wire format.';

CREATE FUNCTION mkt._tagmap_or_agg_deserialize(bytea, internal) RETURNS internal
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'mkt_tagmap_or_agg_deserialize';
COMMENT ON FUNCTION mkt._tagmap_or_agg_deserialize(bytea, internal) IS
    'State from the wire format, checked.';

CREATE FUNCTION mkt._tagmap_xor_agg_deserialize(bytea, internal) RETURNS internal
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'mkt_tagmap_xor_agg_deserialize';
COMMENT ON FUNCTION mkt._tagmap_xor_agg_deserialize(bytea, internal) IS
    'State from the wire format, checked.';

CREATE FUNCTION mkt._tagmap_agg_final(internal) RETURNS mkt.tagmap
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'mkt_tagmap_agg_final';
COMMENT ON FUNCTION mkt._tagmap_agg_final(internal) IS
    'State to set.';

CREATE AGGREGATE mkt.tagmap_agg(bigint) (
    SFUNC = mkt._tagmap_agg_add,
    STYPE = internal,
    FINALFUNC = mkt._tagmap_agg_final,
    COMBINEFUNC = mkt._tagmap_or_agg_combine,
    SERIALFUNC = mkt._tagmap_agg_serialize,
    DESERIALFUNC = mkt._tagmap_or_agg_deserialize,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE mkt.tagmap_agg(bigint) IS
    'The set of all customers met; {} if none (S0-032).';

CREATE AGGREGATE mkt.tagmap_or_agg(mkt.tagmap) (
    SFUNC = mkt._tagmap_or_agg_add,
    STYPE = internal,
    FINALFUNC = mkt._tagmap_agg_final,
    COMBINEFUNC = mkt._tagmap_or_agg_combine,
    SERIALFUNC = mkt._tagmap_agg_serialize,
    DESERIALFUNC = mkt._tagmap_or_agg_deserialize,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE mkt.tagmap_or_agg(mkt.tagmap) IS
    'The union of all sets; {} if none.';

CREATE AGGREGATE mkt.tagmap_xor_agg(mkt.tagmap) (
    SFUNC = mkt._tagmap_xor_agg_add,
    STYPE = internal,
    FINALFUNC = mkt._tagmap_agg_final,
    COMBINEFUNC = mkt._tagmap_xor_agg_combine,
    SERIALFUNC = mkt._tagmap_agg_serialize,
    DESERIALFUNC = mkt._tagmap_xor_agg_deserialize,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE mkt.tagmap_xor_agg(mkt.tagmap) IS
    'Customers in an odd number of the sets; {} if none.';

CREATE AGGREGATE mkt.tagmap_and_agg(mkt.tagmap) (
    SFUNC = mkt.tagmap_and,
    STYPE = mkt.tagmap,
    COMBINEFUNC = mkt.tagmap_and,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE mkt.tagmap_and_agg(mkt.tagmap) IS
    'The intersection of all sets; NULL if there is none.';
