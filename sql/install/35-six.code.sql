-- ----------------------------------------------------------------------
-- sql/install/35-six.code.sql: a customer with everything it is linked to,
-- and households.
-- ----------------------------------------------------------------------
CREATE FUNCTION mkt.six_link(cid bigint)
    RETURNS TABLE (resource text, code text, external_key text, name text, name_zh text, link text, detail jsonb)
    LANGUAGE plpgsql STABLE ROWS 10
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM mkt._require_platform();
    PERFORM mkt._require_customer(six_link.cid);
    RETURN QUERY
        WITH self AS MATERIALIZED (
            SELECT c.* FROM mkt.customer AS c WHERE c.cid = six_link.cid
        ), held AS MATERIALIZED (
            SELECT s.product_code, count(*) AS lines, min(s.valid_from) AS since, array_agg(s.code ORDER BY s.code) AS codes
            FROM mkt.subscription AS s WHERE s.cid = six_link.cid AND s.valid_to IS NULL
            GROUP BY s.product_code
        ), linked (resource, code, external_key, name, name_zh, link, detail) AS (
            SELECT 'customer', c.customer_key, c.customer_key, c.customer_key, c.name_zh, 'is',
                   jsonb_build_object('cid', c.cid, 'net', c.net, 'live', c.live, 'household_id', c.household_id, 'cell', g.code, 'cell_zh', g.name_zh)
            FROM self AS c LEFT JOIN mkt.grid_cell AS g ON g.cell_id = c.cell_id
            UNION ALL
            SELECT 'address', a.code, a.external_key, a.name, a.name_zh, 'lives at', jsonb_build_object('cell', g.code, 'cell_zh', g.name_zh)
            FROM self AS c
            JOIN mkt.address AS a ON a.address_id = c.address_id
            LEFT JOIN mkt.grid_cell AS g ON g.cell_id = a.cell_id
            UNION ALL
            SELECT 'network', n.code, n.external_key, n.name, n.name_zh, 'covered by',
                   jsonb_build_object('kind', n.kind_code, 'capacity', n.capacity, 'used', n.used, 'free', n.capacity - n.used, 'unit', k.unit)
            FROM self AS c
            JOIN mkt.address_network AS l ON l.address_id = c.address_id
            JOIN mkt.network_resource AS n ON n.network_id = l.network_id
            JOIN mkt.network_kind AS k ON k.kind_code = n.kind_code
            UNION ALL
            SELECT 'product', p.product_code, p.external_key, p.name, p.name_zh, 'holds',
                   jsonb_build_object('lines', h.lines, 'since', h.since, 'codes', h.codes)
            FROM held AS h JOIN mkt.product AS p ON p.product_code = h.product_code
            UNION ALL
            SELECT 'channel', ch.channel_code, ch.external_key, ch.name, ch.name_zh, 'sold by', jsonb_build_object('products', s.products)
            FROM (SELECT l.channel_code, array_agg(l.product_code ORDER BY l.product_code) AS products
                  FROM held AS h JOIN mkt.product_channel AS l ON l.product_code = h.product_code
                  GROUP BY l.channel_code) AS s
            JOIN mkt.channel AS ch ON ch.channel_code = s.channel_code
            UNION ALL
            SELECT 'staff', s.code, s.external_key, s.name, s.name_zh,
                   CASE WHEN s.staff_id = c.owner_staff_id THEN 'owned by' ELSE 'served by' END,
                   jsonb_build_object('post', s.post_code, 'unit', o.code, 'unit_zh', o.name_zh)
            FROM self AS c
            LEFT JOIN mkt.grid_cell AS g ON g.cell_id = c.cell_id
            JOIN mkt.staff AS s ON s.active AND (s.staff_id = c.owner_staff_id OR s.org_id = g.org_id)
            JOIN mkt.org AS o ON o.org_id = s.org_id
        )
        SELECT six.resource, l.code, l.external_key, l.name, l.name_zh, coalesce(l.link, 'missing'), l.detail
        FROM unnest('{customer,address,network,product,channel,staff}'::text[]) WITH ORDINALITY AS six(resource, ordinal)
        LEFT JOIN linked AS l ON l.resource = six.resource
        ORDER BY six.ordinal, l.link, l.code;
END
$$;
COMMENT ON FUNCTION mkt.six_link(bigint) IS
    'The six resources around a customer in one call: the customer, the address, the network resources that cover it, the products held, the channels that sell them, the people who answer (S0-013). A resource that is missing is a row with link ''missing''. Row security holds: a branch finds its own customers only.';
