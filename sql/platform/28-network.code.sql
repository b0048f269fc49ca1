-- ----------------------------------------------------------------------
-- sql/platform/28-network.code.sql: ports of a cell are those of its
-- resources, and coverage is seen by whoever sees the address.
-- ----------------------------------------------------------------------
CREATE OR REPLACE TRIGGER network_ports_added
    AFTER INSERT ON mkt.network_resource
    REFERENCING NEW TABLE AS after
    FOR EACH STATEMENT EXECUTE FUNCTION mkt._network_ports_trigger();
COMMENT ON TRIGGER network_ports_added ON mkt.network_resource IS 'Keeps ports_total and ports_used of mkt.grid_cell.';

CREATE OR REPLACE TRIGGER network_ports_removed
    AFTER DELETE ON mkt.network_resource
    REFERENCING OLD TABLE AS before
    FOR EACH STATEMENT EXECUTE FUNCTION mkt._network_ports_trigger();
COMMENT ON TRIGGER network_ports_removed ON mkt.network_resource IS 'Keeps ports_total and ports_used of mkt.grid_cell.';

CREATE OR REPLACE TRIGGER network_ports_changed
    AFTER UPDATE ON mkt.network_resource
    REFERENCING OLD TABLE AS before NEW TABLE AS after
    FOR EACH STATEMENT EXECUTE FUNCTION mkt._network_ports_trigger();
COMMENT ON TRIGGER network_ports_changed ON mkt.network_resource IS 'Keeps ports_total and ports_used of mkt.grid_cell.';

ALTER TABLE mkt.address_network ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS scope ON mkt.address_network;
CREATE POLICY scope ON mkt.address_network
    USING ((SELECT mkt.sees_all()) OR EXISTS (SELECT FROM mkt.address AS seen WHERE seen.address_id = address_network.address_id));
COMMENT ON POLICY scope ON mkt.address_network IS 'Whoever sees the address sees what covers it.';
