-- ----------------------------------------------------------------------
-- sql/platform/22-grid.code.sql: every change of the map is a new version.
--
-- ALWAYS: also what replication or session_replication_role = replica brings.
-- ----------------------------------------------------------------------
CREATE OR REPLACE TRIGGER grid_version
    AFTER INSERT OR DELETE OR TRUNCATE OR UPDATE OF cell_id, grid_id, geom ON mkt.grid_cell
    FOR EACH STATEMENT EXECUTE FUNCTION mkt._grid_version_trigger();
ALTER TABLE mkt.grid_cell ENABLE ALWAYS TRIGGER grid_version;
COMMENT ON TRIGGER grid_version ON mkt.grid_cell IS 'The compiled maps of all sessions are out of date.';
