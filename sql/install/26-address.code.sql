-- ----------------------------------------------------------------------
-- sql/install/26-address.code.sql: addresses and the map.
-- ----------------------------------------------------------------------
CREATE FUNCTION mkt.address_assign_cells(cells integer[] DEFAULT '{}') RETURNS bigint
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    assigned bigint;
BEGIN
    UPDATE mkt.address AS a
    SET cell_id = mkt._cell_at(a.location)
    WHERE (a.cell_id IS NULL OR cells IS NULL OR a.cell_id = ANY (cells))
      AND a.location IS NOT NULL AND mkt._cell_at(a.location) IS DISTINCT FROM a.cell_id;
    GET DIAGNOSTICS assigned = ROW_COUNT;
    RETURN assigned;
END
$$;
COMMENT ON FUNCTION mkt.address_assign_cells(integer[]) IS
    'Puts every address without a cell into the one that covers its point, and places those of the given cells (NULL: all) anew, as mkt.customer_assign_cells() does with customers; returns how many changed (S0-013).';
