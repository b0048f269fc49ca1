-- ----------------------------------------------------------------------
-- sql/install/12-tagexpr.code.sql: looking into an expression.
-- ----------------------------------------------------------------------
CREATE FUNCTION mkt.tagexpr_tags(expression mkt.tagexpr) RETURNS SETOF text
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 100 ROWS 5 AS 'MODULE_PATHNAME', 'mkt_tagexpr_tags';
COMMENT ON FUNCTION mkt.tagexpr_tags(mkt.tagexpr) IS
    'The tags an expression names, as written (code or Chinese name), each once.';
