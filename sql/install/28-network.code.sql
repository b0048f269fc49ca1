-- ----------------------------------------------------------------------
-- sql/install/28-network.code.sql: the ports of a cell are those of the
-- network resources in it.
-- ----------------------------------------------------------------------
CREATE FUNCTION mkt.network_ports(cells integer[] DEFAULT NULL) RETURNS bigint
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    corrected bigint;
BEGIN
    UPDATE mkt.grid_cell AS g
    SET ports_total = n.total, ports_used = n.used
    FROM (SELECT r.cell_id, coalesce(sum(r.capacity) FILTER (WHERE k.ports), 0)::integer AS total,
                 coalesce(sum(r.used) FILTER (WHERE k.ports), 0)::integer AS used
          FROM mkt.network_resource AS r
          JOIN mkt.network_kind AS k ON k.kind_code = r.kind_code
          WHERE r.cell_id IS NOT NULL AND (cells IS NULL OR r.cell_id = ANY (cells))
          GROUP BY r.cell_id
          UNION ALL
          -- the last resource of a cell took its ports along
          SELECT e.cell_id, 0, 0 FROM unnest(cells) AS e(cell_id)
          WHERE NOT EXISTS (SELECT FROM mkt.network_resource AS r WHERE r.cell_id = e.cell_id)) AS n
    WHERE g.cell_id = n.cell_id AND (g.ports_total, g.ports_used) <> (n.total, n.used);
    GET DIAGNOSTICS corrected = ROW_COUNT;
    RETURN corrected;
END
$$;
COMMENT ON FUNCTION mkt.network_ports(integer[]) IS
    'Sets the ports of cells of the map to the sum over their network resources; returns how many cells that changed. NULL: every cell that has resources, for example after mkt.grid_cell_load() brought other figures (S0-013, S0-021).';

CREATE FUNCTION mkt._network_ports_trigger() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    touched integer[] := '{}';
BEGIN
    IF TG_OP <> 'INSERT' THEN
        touched := ARRAY(SELECT DISTINCT b.cell_id FROM before AS b WHERE b.cell_id IS NOT NULL);
    END IF;
    IF TG_OP <> 'DELETE' THEN
        touched := touched || ARRAY(SELECT DISTINCT a.cell_id FROM after AS a WHERE a.cell_id IS NOT NULL);
    END IF;
    -- Two writers in one cell take turns here, and the second counts what the first wrote.
    PERFORM FROM mkt.grid_cell AS g WHERE g.cell_id = ANY (touched) ORDER BY g.cell_id FOR NO KEY UPDATE;
    PERFORM mkt.network_ports(ARRAY(SELECT DISTINCT t.cell_id FROM unnest(touched) AS t(cell_id)));
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION mkt._network_ports_trigger() IS 'Statement trigger of mkt.network_resource: brings the ports of the cells touched up to date.';
