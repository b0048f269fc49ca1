-- ----------------------------------------------------------------------
-- sql/platform/26-drill.once.sql: the measures that drill along the tree.
-- Changing a table needs a delta in sql/upgrade/.
-- ----------------------------------------------------------------------
CREATE TABLE mkt.measure (
    code    text NOT NULL,
    name    text NOT NULL,
    name_zh text NOT NULL,
    unit    text NOT NULL,
    query   text NOT NULL,
    CONSTRAINT measure_pkey PRIMARY KEY (code),
    CONSTRAINT measure_query_check CHECK (query ~* '^\s*(select|with)\s')
);
COMMENT ON TABLE mkt.measure IS 'Additive figures for mkt.drill(): query gives one row (org_id, value, cid, key) for each fact, with the unit that answers for it; $1 and $2 are the bounds of a half-open period. It runs with the rights of whoever drills (S0-011, S0-027).';

INSERT INTO mkt.measure (code, name, name_zh, unit, query) VALUES
    ('staff', 'People at work', '在岗人员', 'persons',
     'SELECT s.org_id, 1 AS value, NULL::bigint AS cid, s.code AS key FROM mkt.staff AS s WHERE s.active'),
    ('customers', 'Customers', '客户', 'customers',
     'SELECT g.org_id, 1 AS value, c.cid, c.customer_key AS key FROM mkt.customer AS c LEFT JOIN mkt.grid_cell AS g ON g.cell_id = c.cell_id WHERE c.live'),
    ('households', 'Households', '家庭户', 'households',
     'SELECT g.org_id, g.households AS value, NULL::bigint AS cid, g.code AS key FROM mkt.grid_cell AS g'),
    ('orders_issued', 'Work orders issued', '下发工单', 'orders',
     'SELECT o.org_id, 1 AS value, o.cid, o.order_id::text AS key FROM mkt.issued_order AS o WHERE o.issued_at >= $1 AND o.issued_at < $2'),
    ('orders_open', 'Work orders open now', '在途工单', 'orders',
     'SELECT o.org_id, 1 AS value, o.cid, o.order_id::text AS key FROM mkt.issued_order AS o WHERE o.closed_at IS NULL'),
    ('sales_orders', 'Sales orders placed', '销售订单', 'orders',
     'SELECT o.org_id, 1 AS value, o.cid, o.order_key AS key FROM mkt.sales_order AS o WHERE o.state <> ''cancelled'' AND o.placed_at >= $1 AND o.placed_at < $2'),
    ('sales_amount', 'Sales', '销售额', 'yuan',
     'SELECT o.org_id, o.amount AS value, o.cid, o.order_key AS key FROM mkt.sales_order AS o WHERE o.state <> ''cancelled'' AND o.placed_at >= $1 AND o.placed_at < $2');
