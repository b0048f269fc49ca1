-- ----------------------------------------------------------------------
-- sql/platform/81-battle-map.once.sql: battle maps of units, and as they were.
-- The maps of cells are views (80) of the roll-ups (78).
-- Changing a table needs a delta in sql/upgrade/.
-- ----------------------------------------------------------------------
CREATE TABLE mkt.battle_map_unit (
    org_id        integer       NOT NULL,
    tier          smallint      NOT NULL,
    geom          geometry(MultiPolygon, 4326) NOT NULL,
    built_from    text          NOT NULL,
    cells         integer       NOT NULL DEFAULT 0,
    area_km2      numeric       NOT NULL DEFAULT 0,
    households    bigint        NOT NULL DEFAULT 0,
    ports_total   bigint        NOT NULL DEFAULT 0,
    ports_used    bigint        NOT NULL DEFAULT 0,
    own_customers bigint        NOT NULL DEFAULT 0,
    off_customers bigint        NOT NULL DEFAULT 0,
    scored        bigint        NOT NULL DEFAULT 0,
    churn_score   numeric       NOT NULL DEFAULT 0,
    issued_tasks  bigint        NOT NULL DEFAULT 0,
    succeeded     bigint        NOT NULL DEFAULT 0,
    overdue_tasks bigint        NOT NULL DEFAULT 0,
    open_tasks    bigint        NOT NULL DEFAULT 0,
    sales_orders  bigint        NOT NULL DEFAULT 0,
    sales_yuan    numeric(14,2) NOT NULL DEFAULT 0,
    as_of         timestamptz,
    refreshed_at  timestamptz,
    CONSTRAINT battle_map_unit_pkey PRIMARY KEY (org_id),
    CONSTRAINT battle_map_unit_org_id_fkey FOREIGN KEY (org_id, tier) REFERENCES mkt.org (org_id, tier) ON DELETE CASCADE,
    CONSTRAINT battle_map_unit_tier_check CHECK (tier IN (2, 3, 5))
);
COMMENT ON TABLE mkt.battle_map_unit IS 'What a map shows while it is too far off for cells: shape and figures of cities, counties and grids, as of refreshed_at; made by mkt.battle_map_refresh(). The shape is the union of the cells, drawn with fewer points. built_from: fingerprint of the map and the tree it was made from.';
CREATE INDEX battle_map_unit_geom_idx ON mkt.battle_map_unit USING gist (geom);

CREATE TABLE mkt.battle_map_snapshot (
    day           date          NOT NULL,
    cell_id       integer       NOT NULL,
    area_km2      numeric       NOT NULL,
    households    integer       NOT NULL,
    ports_total   integer       NOT NULL,
    ports_used    integer       NOT NULL,
    own_customers bigint        NOT NULL,
    off_customers bigint        NOT NULL,
    scored        bigint        NOT NULL,
    churn_score   numeric       NOT NULL,
    issued_tasks  bigint        NOT NULL,
    succeeded     bigint        NOT NULL,
    overdue_tasks bigint        NOT NULL,
    open_tasks    bigint        NOT NULL,
    sales_orders  bigint        NOT NULL,
    sales_yuan    numeric(14,2) NOT NULL,
    staff_code    text,
    taken_at      timestamptz   NOT NULL,
    CONSTRAINT battle_map_snapshot_pkey PRIMARY KEY (cell_id, day)
);
COMMENT ON TABLE mkt.battle_map_snapshot IS 'The battle maps as they were: one row per cell and day, written by mkt.battle_map_take() and never changed (S0-021, S0-022). mkt.battle_map_trim() removes what nobody needs any more.';
CREATE INDEX battle_map_snapshot_day_idx ON mkt.battle_map_snapshot (day);
