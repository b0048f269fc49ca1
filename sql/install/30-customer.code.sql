-- ----------------------------------------------------------------------
-- sql/install/30-customer.code.sql: customers and the map, and the check
-- behind consent. Whether a contact is allowed is 42-policy.
-- ----------------------------------------------------------------------
CREATE FUNCTION mkt._consent_channel_trigger() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM mkt.channel AS c WHERE c.channel_code = NEW.channel_code) THEN
        RAISE EXCEPTION 'channel "%" does not exist', NEW.channel_code
            USING ERRCODE = 'foreign_key_violation', HINT = 'Use a channel of mkt.channel, or * for all of them.';
    END IF;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION mkt._consent_channel_trigger() IS 'Row trigger of mkt.consent: the channel exists.';

CREATE FUNCTION mkt.customer_assign_cells() RETURNS bigint
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    assigned bigint;
BEGIN
    UPDATE mkt.customer AS c
    SET cell_id = mkt._cell_at(c.location)
    WHERE c.cell_id IS NULL AND mkt._cell_at(c.location) IS NOT NULL;
    GET DIAGNOSTICS assigned = ROW_COUNT;
    RETURN assigned;
END
$$;
COMMENT ON FUNCTION mkt.customer_assign_cells() IS
    'Puts every customer without a cell into the one that covers its address point, as mkt.locate_cell() would; returns how many. Those outside every grid stay listed in mkt.customer_unlocated (S0-013).';
