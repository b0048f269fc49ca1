-- ----------------------------------------------------------------------
-- sql/platform/35-six.code.sql: links that are missing.
-- ----------------------------------------------------------------------
CREATE OR REPLACE VIEW mkt.broken_link WITH (security_invoker = true) AS
    SELECT 'customer_without_address' AS gap, c.cid AS id, c.customer_key AS code, c.name_zh, c.cell_id
    FROM mkt.customer AS c
    WHERE c.live AND c.address_id IS NULL
    UNION ALL
    SELECT 'customer_without_product', c.cid, c.customer_key, c.name_zh, c.cell_id
    FROM mkt.customer AS c
    WHERE c.live AND c.net = 'own'
      AND NOT EXISTS (SELECT FROM mkt.subscription AS s WHERE s.cid = c.cid AND s.valid_to IS NULL)
    UNION ALL
    SELECT 'customer_without_staff', c.cid, c.customer_key, c.name_zh, c.cell_id
    FROM mkt.customer AS c
    WHERE c.live
      AND NOT EXISTS (SELECT FROM mkt.staff AS s WHERE s.staff_id = c.owner_staff_id AND s.active)
      AND NOT EXISTS (SELECT FROM mkt.grid_cell AS g JOIN mkt.staff AS s ON s.org_id = g.org_id AND s.active WHERE g.cell_id = c.cell_id)
    UNION ALL
    SELECT 'address_without_cell', a.address_id, a.code, a.name_zh, a.cell_id
    FROM mkt.address AS a
    WHERE a.cell_id IS NULL
    UNION ALL
    SELECT 'address_without_network', a.address_id, a.code, a.name_zh, a.cell_id
    FROM mkt.address AS a
    WHERE NOT EXISTS (SELECT FROM mkt.address_network AS n WHERE n.address_id = a.address_id)
    UNION ALL
    SELECT 'network_without_cell', n.network_id, n.code, n.name_zh, n.cell_id
    FROM mkt.network_resource AS n
    WHERE n.cell_id IS NULL
    UNION ALL
    SELECT 'cell_without_network', g.cell_id, g.code, g.name_zh, g.cell_id
    FROM mkt.grid_cell AS g
    WHERE NOT EXISTS (SELECT FROM mkt.network_resource AS n WHERE n.cell_id = g.cell_id)
    UNION ALL
    SELECT 'cell_without_staff', g.cell_id, g.code, g.name_zh, g.cell_id
    FROM mkt.grid_cell AS g
    WHERE NOT EXISTS (SELECT FROM mkt.staff AS s WHERE s.org_id = g.org_id AND s.active)
    UNION ALL
    SELECT 'product_without_channel', NULL, p.product_code, p.name_zh, NULL
    FROM mkt.product AS p
    WHERE NOT EXISTS (SELECT FROM mkt.product_channel AS l WHERE l.product_code = p.product_code)
    UNION ALL
    SELECT 'channel_without_product', NULL, c.channel_code, c.name_zh, NULL
    FROM mkt.channel AS c
    WHERE NOT EXISTS (SELECT FROM mkt.product_channel AS l WHERE l.channel_code = c.channel_code)
    UNION ALL
    SELECT 'staff_without_cell', s.staff_id, s.code, s.name_zh, NULL
    FROM mkt.staff AS s
    WHERE s.active AND s.post_code = 'field_manager'
      AND NOT EXISTS (SELECT FROM mkt.grid_cell AS g WHERE g.org_id = s.org_id);
COMMENT ON VIEW mkt.broken_link IS 'Links between the six resources that are missing: which (mkt.link_gap), and the number and code of the resource that lacks it (S0-013). Those of the caller''s part of the organisation.';
