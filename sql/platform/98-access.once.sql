-- ----------------------------------------------------------------------
-- sql/platform/98-access.once.sql: which rule guards which table, and what a
-- profile may do. Both are data: 98-access.code.sql and mkt.grant_access()
-- only loop over them.
-- Changing a table needs a delta in sql/upgrade/.
-- ----------------------------------------------------------------------
CREATE TABLE mkt.table_access (
    table_name name NOT NULL,
    rule       text NOT NULL,
    CONSTRAINT table_access_pkey PRIMARY KEY (table_name),
    CONSTRAINT table_access_rule_check CHECK (rule IN ('org', 'cell', 'customer', 'open', 'office', 'self'))
);
COMMENT ON TABLE mkt.table_access IS 'How each table and view of schema mkt is guarded. org, cell, customer: row security by mkt._secure(); open: no branch rows in it; office: head office only; self: guarded by a policy of its own or by the tables below it.';

INSERT INTO mkt.table_access (table_name, rule) VALUES
    ('staff', 'org'), ('grid_cell', 'org'), ('hall', 'org'),
    ('customer', 'cell'),
    ('customer_profile', 'customer'), ('consent', 'customer'), ('do_not_disturb', 'customer'), ('suppression', 'customer'),
    ('work_order', 'org'), ('work_order_log', 'org'), ('unrouted', 'customer'), ('contact', 'org'),
    ('fan', 'customer'), ('code', 'org'), ('scan', 'org'), ('coupon', 'org'), ('sales_order', 'org'),
    -- no branch rows: catalogues, settings, the shape of the tree
    ('platform', 'open'), ('tier', 'open'), ('org', 'open'), ('post', 'open'), ('profile', 'open'),
    ('channel', 'open'), ('touchpoint', 'open'), ('product_type', 'open'), ('channel_product_priority', 'open'),
    ('tag', 'open'), ('tag_label', 'open'), ('product', 'open'), ('offer', 'open'),
    ('strategy_family', 'open'), ('task_kind', 'open'), ('strategy', 'open'), ('strategy_version', 'open'), ('strategy_channel', 'open'),
    ('round', 'open'), ('round_strategy', 'open'),
    ('contact_cap', 'open'), ('refusal_reason', 'open'), ('holdout', 'open'),
    ('order_state', 'open'), ('order_transition', 'open'), ('outcome', 'open'),
    ('domain', 'open'), ('coupon_batch', 'open'), ('sale_scene', 'open'), ('delivery_mode', 'open'), ('mechanism', 'open'),
    ('job', 'open'), ('job_run', 'open'), ('table_access', 'open'), ('profile_grant', 'open'),
    -- whole-operator sets and counts: branches ask the evaluator, which clips
    ('tag_block', 'office'), ('round_refusal', 'office'),
    ('access_grant', 'self'), ('customer_unlocated', 'self'), ('issued_order', 'self');

CREATE TABLE mkt.profile_grant (
    profile_code text NOT NULL,
    object_kind  text NOT NULL,
    pattern      text NOT NULL,
    privilege    text NOT NULL,
    CONSTRAINT profile_grant_pkey PRIMARY KEY (profile_code, object_kind, pattern, privilege),
    CONSTRAINT profile_grant_profile_code_fkey FOREIGN KEY (profile_code) REFERENCES mkt.profile,
    CONSTRAINT profile_grant_object_kind_check CHECK (object_kind IN ('schema', 'table', 'rule', 'reader', 'routine')),
    CONSTRAINT profile_grant_privilege_check CHECK (privilege IN ('USAGE', 'SELECT', 'INSERT', 'UPDATE', 'DELETE', 'EXECUTE'))
);
COMMENT ON TABLE mkt.profile_grant IS 'Privileges of a profile. object_kind rule: every table that mkt.table_access guards so; table and reader: names with * for any text, reader being routines that are not volatile and not SECURITY DEFINER; routine: one routine by its exact name, whatever it does.';

-- everybody reads what row security leaves, through tables and cockpits
INSERT INTO mkt.profile_grant (profile_code, object_kind, pattern, privilege)
SELECT p.profile_code, g.object_kind, g.pattern, g.privilege
FROM mkt.profile AS p
CROSS JOIN (VALUES
    ('schema', 'mkt',           'USAGE'),
    ('schema', 'mkt_cockpit',   'USAGE'),
    ('rule',   'org',           'SELECT'),
    ('rule',   'cell',          'SELECT'),
    ('rule',   'customer',      'SELECT'),
    ('rule',   'open',          'SELECT'),
    ('rule',   'self',          'SELECT'),
    ('table',  'mkt_cockpit.*', 'SELECT'),
    ('reader', 'mkt.*',         'EXECUTE'),
    ('reader', 'mkt_cockpit.*', 'EXECUTE')) AS g(object_kind, pattern, privilege);

-- what a profile may do beyond reading: routines are checked doors, rows
-- written directly must satisfy the policy of their table
INSERT INTO mkt.profile_grant (profile_code, object_kind, pattern, privilege) VALUES
    ('front_line',     'routine', 'mkt.my_tasks',      'EXECUTE'),
    ('front_line',     'routine', 'mkt.claim',         'EXECUTE'),
    ('front_line',     'routine', 'mkt.report',        'EXECUTE'),
    ('front_line',     'routine', 'mkt.next_best',     'EXECUTE'),
    ('front_line',     'routine', 'mkt.explain',       'EXECUTE'),
    ('front_line',     'routine', 'mkt.code_create',   'EXECUTE'),
    ('front_line',     'routine', 'mkt.code_resolve',  'EXECUTE'),
    ('front_line',     'routine', 'mkt.code_scan',     'EXECUTE'),
    ('front_line',     'routine', 'mkt.coupon_claim',  'EXECUTE'),
    ('front_line',     'routine', 'mkt.coupon_redeem', 'EXECUTE'),
    ('front_line',     'routine', 'mkt.order_place',   'EXECUTE'),
    ('front_line',     'routine', 'mkt.order_advance', 'EXECUTE'),
    ('strategist',     'routine', 'mkt.dry_run',       'EXECUTE'),
    ('strategist',     'routine', 'mkt.next_best',     'EXECUTE'),
    ('strategist',     'routine', 'mkt.explain',       'EXECUTE'),
    ('branch_admin',   'table',   'mkt.staff',         'INSERT'),
    ('branch_admin',   'table',   'mkt.staff',         'UPDATE'),
    ('branch_admin',   'table',   'mkt.do_not_disturb','INSERT'),
    ('branch_admin',   'table',   'mkt.do_not_disturb','UPDATE'),
    ('branch_admin',   'table',   'mkt.consent',       'INSERT'),
    ('branch_admin',   'table',   'mkt.consent',       'UPDATE'),
    ('branch_admin',   'routine', 'mkt.dry_run',       'EXECUTE'),
    ('branch_admin',   'routine', 'mkt.coupon_issue',  'EXECUTE'),
    ('head_office',    'rule',    'office',            'SELECT'),
    ('head_office',    'routine', 'mkt.dry_run',       'EXECUTE'),
    ('head_office',    'routine', 'mkt.next_best',     'EXECUTE'),
    ('head_office',    'routine', 'mkt.explain',       'EXECUTE'),
    ('head_office',    'routine', 'mkt.audit',         'EXECUTE'),
    ('platform_admin', 'rule',    'office',            'SELECT'),
    ('platform_admin', 'routine', 'mkt.audit',         'EXECUTE');
