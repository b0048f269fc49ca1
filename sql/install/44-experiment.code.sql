-- ----------------------------------------------------------------------
-- sql/install/44-experiment.code.sql: who is in the global control group.
-- A pure hash (mkt.bucket): nothing has to be stored or drawn. The control
-- group of one strategy is drawn the same way in 40-strategy's _decide().
-- ----------------------------------------------------------------------
CREATE FUNCTION mkt.is_control(cid bigint, as_of timestamptz DEFAULT now()) RETURNS boolean
    LANGUAGE plpgsql STABLE PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN EXISTS (
        SELECT FROM mkt.holdout AS h
        WHERE h.valid_from <= as_of AND (h.valid_to IS NULL OR as_of < h.valid_to)
          AND mkt.bucket(h.salt, is_control.cid) >= h.bucket_from
          AND mkt.bucket(h.salt, is_control.cid) < h.bucket_to);
END
$$;
COMMENT ON FUNCTION mkt.is_control(bigint, timestamptz) IS
    'Whether a customer is in the global control group then: no strategy may contact it (semantics D1).';
