-- ----------------------------------------------------------------------
-- sql/install/44-experiment.code.sql: who is in the global control group.
-- A pure hash (mkt.bucket): nothing has to be stored or drawn, but for whom a
-- merge brought another one's hash along (mkt.control_override). The control
-- group of one strategy is drawn the same way in 40-strategy's _decide().
-- ----------------------------------------------------------------------
CREATE FUNCTION mkt._in_bucket(salt text, cid bigint, bucket_from integer, bucket_to integer, as_of timestamptz) RETURNS boolean
    LANGUAGE plpgsql STABLE PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN mkt.bucket(salt, cid) >= bucket_from AND mkt.bucket(salt, cid) < bucket_to
        OR EXISTS (SELECT FROM mkt.control_override AS o
                   WHERE o.cid = _in_bucket.cid AND o.since <= as_of
                     AND mkt.bucket(salt, o.like_cid) >= bucket_from AND mkt.bucket(salt, o.like_cid) < bucket_to);
END
$$;
COMMENT ON FUNCTION mkt._in_bucket(text, bigint, integer, integer, timestamptz) IS
    'Whether the bucket of a customer, or of one merged into it by then, is in [bucket_from, bucket_to) (semantics A.6, D1).';

CREATE FUNCTION mkt.is_control(cid bigint, as_of timestamptz DEFAULT now()) RETURNS boolean
    LANGUAGE plpgsql STABLE PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN EXISTS (
        SELECT FROM mkt.holdout AS h
        WHERE h.valid_from <= as_of AND (h.valid_to IS NULL OR as_of < h.valid_to)
          AND mkt._in_bucket(h.salt, is_control.cid, h.bucket_from, h.bucket_to, as_of));
END
$$;
COMMENT ON FUNCTION mkt.is_control(bigint, timestamptz) IS
    'Whether a customer is in the global control group then: no strategy may contact it (semantics D1). Of two merged customers the control one decides (semantics A.6).';
