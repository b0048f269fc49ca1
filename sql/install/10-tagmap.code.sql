-- ----------------------------------------------------------------------
-- sql/install/10-tagmap.code.sql: functions on sets that can be replaced.
-- ----------------------------------------------------------------------
CREATE FUNCTION mkt.card(mkt.tagmap) RETURNS bigint
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'mkt_card';
COMMENT ON FUNCTION mkt.card(mkt.tagmap) IS
    'How many customers the set has; reads the directory only (S0-032).';

CREATE FUNCTION mkt.is_empty(mkt.tagmap) RETURNS boolean
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'mkt_is_empty';
COMMENT ON FUNCTION mkt.is_empty(mkt.tagmap) IS
    'Has the set no customer?';

CREATE FUNCTION mkt.tagmap_min(mkt.tagmap) RETURNS bigint
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'mkt_tagmap_min';
COMMENT ON FUNCTION mkt.tagmap_min(mkt.tagmap) IS
    'The smallest customer number; NULL for the empty set.';

CREATE FUNCTION mkt.tagmap_max(mkt.tagmap) RETURNS bigint
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'mkt_tagmap_max';
COMMENT ON FUNCTION mkt.tagmap_max(mkt.tagmap) IS
    'The greatest customer number; NULL for the empty set.';

CREATE FUNCTION mkt.tagmap_rank(mkt.tagmap, bigint) RETURNS bigint
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'mkt_tagmap_rank';
COMMENT ON FUNCTION mkt.tagmap_rank(mkt.tagmap, bigint) IS
    'How many customers up to and including this number are in the set.';

CREATE FUNCTION mkt.tagmap_nth(mkt.tagmap, bigint) RETURNS bigint
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'mkt_tagmap_nth';
COMMENT ON FUNCTION mkt.tagmap_nth(mkt.tagmap, bigint) IS
    'The n-th customer of the set, counted from 1; NULL if there is none.';

CREATE FUNCTION mkt.tagmap_range(lo bigint, hi bigint) RETURNS mkt.tagmap
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME', 'mkt_tagmap_range';
COMMENT ON FUNCTION mkt.tagmap_range(bigint, bigint) IS
    'The customers lo to hi, both included; {} if lo > hi.';

-- ---- members -----------------------------------------------------------------
CREATE FUNCTION mkt._members_support(internal) RETURNS internal
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'mkt_members_support';
COMMENT ON FUNCTION mkt._members_support(internal) IS
    'Row estimate of mkt.members() for the planner.';

CREATE FUNCTION mkt.members(mkt.tagmap) RETURNS SETOF bigint
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE ROWS 10000
    SUPPORT mkt._members_support AS 'MODULE_PATHNAME', 'mkt_members';
COMMENT ON FUNCTION mkt.members(mkt.tagmap) IS
    'The customers of the set, ascending; streams, one block in memory.';

-- ---- counts without building the result ------------------------------------
CREATE FUNCTION mkt.and_card(mkt.tagmap, mkt.tagmap) RETURNS bigint
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME', 'mkt_and_card';
COMMENT ON FUNCTION mkt.and_card(mkt.tagmap, mkt.tagmap) IS
    'Customers in both sets, counted.';

CREATE FUNCTION mkt.or_card(mkt.tagmap, mkt.tagmap) RETURNS bigint
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME', 'mkt_or_card';
COMMENT ON FUNCTION mkt.or_card(mkt.tagmap, mkt.tagmap) IS
    'Customers in either set, counted.';

CREATE FUNCTION mkt.andnot_card(mkt.tagmap, mkt.tagmap) RETURNS bigint
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME', 'mkt_andnot_card';
COMMENT ON FUNCTION mkt.andnot_card(mkt.tagmap, mkt.tagmap) IS
    'Customers in the first set and not in the second, counted.';

CREATE FUNCTION mkt.xor_card(mkt.tagmap, mkt.tagmap) RETURNS bigint
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME', 'mkt_xor_card';
COMMENT ON FUNCTION mkt.xor_card(mkt.tagmap, mkt.tagmap) IS
    'Customers in exactly one of the sets, counted.';

CREATE FUNCTION mkt.jaccard(mkt.tagmap, mkt.tagmap) RETURNS double precision
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME', 'mkt_jaccard';
COMMENT ON FUNCTION mkt.jaccard(mkt.tagmap, mkt.tagmap) IS
    'Common customers over all customers, 0 to 1; two empty sets give 1 (semantics A3).';

-- ---- blocks -------------------------------------------------------------------
CREATE FUNCTION mkt.clip(mkt.tagmap, block integer) RETURNS mkt.tagmap
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME', 'mkt_clip';
COMMENT ON FUNCTION mkt.clip(mkt.tagmap, integer) IS
    'The part of the set in one block of 64,512 customers.';

CREATE FUNCTION mkt.blocks(mkt.tagmap, OUT block integer, OUT members mkt.tagmap) RETURNS SETOF record
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE ROWS 1000 AS 'MODULE_PATHNAME', 'mkt_blocks';
COMMENT ON FUNCTION mkt.blocks(mkt.tagmap) IS
    'The set cut into its non-empty blocks, each at most 8,080 bytes.';

-- ---- Roaring --------------------------------------------------------------------
CREATE FUNCTION mkt.to_roaring(mkt.tagmap) RETURNS bytea
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 50 AS 'MODULE_PATHNAME', 'mkt_to_roaring';
COMMENT ON FUNCTION mkt.to_roaring(mkt.tagmap) IS
    'The set in the 32-bit Roaring portable format.';

CREATE FUNCTION mkt.to_roaring64(mkt.tagmap) RETURNS bytea
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 50 AS 'MODULE_PATHNAME', 'mkt_to_roaring64';
COMMENT ON FUNCTION mkt.to_roaring64(mkt.tagmap) IS
    'The set in the 64-bit Roaring portable format.';

CREATE FUNCTION mkt.from_roaring(bytea) RETURNS mkt.tagmap
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 50 AS 'MODULE_PATHNAME', 'mkt_from_roaring';
COMMENT ON FUNCTION mkt.from_roaring(bytea) IS
    'A set from the 32-bit Roaring portable format; every byte is checked.';

CREATE FUNCTION mkt.from_roaring64(bytea) RETURNS mkt.tagmap
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 50 AS 'MODULE_PATHNAME', 'mkt_from_roaring64';
COMMENT ON FUNCTION mkt.from_roaring64(bytea) IS
    'A set from the 64-bit Roaring portable format; every byte is checked.';

-- ---- kernels ---------------------------------------------------------------------
CREATE FUNCTION mkt.simd_check(
    seed bigint DEFAULT 1, rounds integer DEFAULT 100,
    OUT kernel text, OUT in_use boolean, OUT mismatches bigint, OUT first_wrong text
) RETURNS SETOF record
    LANGUAGE c STABLE STRICT PARALLEL SAFE ROWS 3 AS 'MODULE_PATHNAME', 'mkt_simd_check';
COMMENT ON FUNCTION mkt.simd_check(bigint, integer) IS
    'The kernels this CPU can run (mkt.simd), each tested against plain loops on random blocks: mismatches must be 0.';
