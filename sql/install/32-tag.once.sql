-- ----------------------------------------------------------------------
-- sql/install/32-tag.once.sql: what a constraint of the tag tables needs.
-- Changing this needs a delta in sql/upgrade/.
-- ----------------------------------------------------------------------
CREATE FUNCTION mkt._tagmap_is_block(members mkt.tagmap, block integer) RETURNS boolean
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'mkt__tagmap_is_block';
COMMENT ON FUNCTION mkt._tagmap_is_block(mkt.tagmap, integer) IS
    'Does the set lie in this one block, and has it members? Checked on every row of mkt.tag_block.';
