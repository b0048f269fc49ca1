-- ----------------------------------------------------------------------
-- sql/platform/81-cockpit-six.code.sql: how complete the links between the
-- six resources are, grid by grid.
-- ----------------------------------------------------------------------
CREATE OR REPLACE VIEW mkt_cockpit.command_six_link WITH (security_invoker = true) AS
    SELECT o.org_id AS grid_org_id, o.code AS grid_code, o.name AS grid_name, o.name_zh AS grid_name_zh, l.path_zh,
           n.customers, n.with_address, n.with_network, n.own_customers, n.with_product, n.with_channel, n.with_staff, n.complete,
           round(n.complete::numeric / n.customers, 4) AS complete_rate
    FROM (
        SELECT g.grid_id, count(*) AS customers,
               count(c.address_id) AS with_address,
               count(*) FILTER (WHERE covered.address_id IS NOT NULL) AS with_network,
               count(*) FILTER (WHERE c.net = 'own') AS own_customers,
               count(*) FILTER (WHERE c.net = 'own' AND held.cid IS NOT NULL) AS with_product,
               count(*) FILTER (WHERE c.net = 'own' AND held.sold) AS with_channel,
               count(*) FILTER (WHERE owner.staff_id IS NOT NULL OR served.org_id IS NOT NULL) AS with_staff,
               -- what an off-net customer holds is a competitor's
               count(*) FILTER (WHERE covered.address_id IS NOT NULL AND (c.net = 'off' OR held.sold)
                                  AND (owner.staff_id IS NOT NULL OR served.org_id IS NOT NULL)) AS complete
        FROM mkt.customer AS c
        JOIN mkt.grid_cell AS g ON g.cell_id = c.cell_id
        LEFT JOIN (SELECT DISTINCT a.address_id FROM mkt.address_network AS a) AS covered ON covered.address_id = c.address_id
        LEFT JOIN (SELECT s.cid, bool_and(EXISTS (SELECT FROM mkt.product_channel AS p WHERE p.product_code = s.product_code)) AS sold
                   FROM mkt.subscription AS s WHERE s.valid_to IS NULL GROUP BY s.cid) AS held ON held.cid = c.cid
        LEFT JOIN mkt.staff AS owner ON owner.staff_id = c.owner_staff_id AND owner.active
        LEFT JOIN (SELECT DISTINCT s.org_id FROM mkt.staff AS s WHERE s.active) AS served ON served.org_id = g.org_id
        WHERE c.live
        GROUP BY g.grid_id
    ) AS n
    JOIN mkt.org AS o ON o.org_id = n.grid_id
    LEFT JOIN mkt._org_line AS l ON l.org_id = o.org_id;
COMMENT ON VIEW mkt_cockpit.command_six_link IS
    'How complete the links between the six resources are in each grid that has live customers (S0-013). Single gaps are in mkt.broken_link. Key: grid_org_id.';
COMMENT ON COLUMN mkt_cockpit.command_six_link.grid_org_id IS 'Number of the grid (tier 5).';
COMMENT ON COLUMN mkt_cockpit.command_six_link.grid_code IS 'Code of the grid.';
COMMENT ON COLUMN mkt_cockpit.command_six_link.grid_name IS 'English name of the grid.';
COMMENT ON COLUMN mkt_cockpit.command_six_link.grid_name_zh IS 'Chinese name of the grid.';
COMMENT ON COLUMN mkt_cockpit.command_six_link.path_zh IS 'Chinese path of the grid.';
COMMENT ON COLUMN mkt_cockpit.command_six_link.customers IS 'Live customers of both nets in the grid [customers]';
COMMENT ON COLUMN mkt_cockpit.command_six_link.with_address IS 'Those with a standard address [customers]';
COMMENT ON COLUMN mkt_cockpit.command_six_link.with_network IS 'Those whose address a network resource covers [customers]';
COMMENT ON COLUMN mkt_cockpit.command_six_link.own_customers IS 'Live customers of our net [customers]';
COMMENT ON COLUMN mkt_cockpit.command_six_link.with_product IS 'Those of our net who hold a product [customers]';
COMMENT ON COLUMN mkt_cockpit.command_six_link.with_channel IS 'Those whose every product is sold by some channel [customers]';
COMMENT ON COLUMN mkt_cockpit.command_six_link.with_staff IS 'Customers whom an active person owns or serves [customers]';
COMMENT ON COLUMN mkt_cockpit.command_six_link.complete IS 'Customers with every link; what off-net customers hold is not asked [customers]';
COMMENT ON COLUMN mkt_cockpit.command_six_link.complete_rate IS 'complete / customers [0..1]';
