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
    ('staff', 'org'), ('staff_history', 'org'), ('team', 'org'), ('grid_cell', 'org'), ('map_change', 'org'), ('hall', 'org'),
    ('customer', 'cell'), ('address', 'cell'), ('network_resource', 'cell'),
    ('consent_log', 'customer'), ('customer_key', 'customer'), ('account', 'customer'), ('subscription', 'customer'),
    ('customer_profile', 'customer'), ('consent', 'customer'), ('do_not_disturb', 'customer'), ('suppression', 'customer'),
    ('work_order', 'org'), ('work_order_log', 'org'), ('unrouted', 'customer'), ('contact', 'org'),
    ('fan', 'customer'), ('code', 'org'), ('scan', 'org'), ('coupon', 'org'), ('coupon_share', 'org'), ('sales_order', 'org'),
    -- no branch rows: catalogues, settings, the shape of the tree
    ('platform', 'open'), ('tier', 'open'), ('org', 'open'), ('org_history', 'open'), ('channel_owner', 'open'), ('measure', 'open'), ('grid_version', 'open'), ('map_version', 'open'), ('map_outline', 'open'), ('post', 'open'), ('profile', 'open'),
    ('channel', 'open'), ('touchpoint', 'open'), ('product_type', 'open'), ('channel_product_priority', 'open'),
    ('tag', 'open'), ('tag_label', 'open'), ('segment', 'open'), ('segment_version', 'open'), ('snapshot', 'open'), ('tag_transition', 'open'), ('tag_log', 'open'), ('model', 'open'), ('model_version', 'open'), ('model_quality', 'office'), ('product', 'open'), ('offer', 'open'),
    ('strategy_family', 'open'), ('task_kind', 'open'), ('strategy', 'open'), ('strategy_version', 'open'), ('strategy_channel', 'open'),
    ('push', 'org'), ('scene_event', 'customer'), ('push_state', 'open'), ('push_transition', 'open'), ('scene_matrix', 'open'), ('ladder', 'open'), ('ladder_step', 'open'),
    ('cube_axis', 'open'), ('cube_value', 'open'), ('strategy_cube', 'open'),
    ('round', 'open'), ('round_strategy', 'open'), ('decision_stamp', 'open'),
    ('contact_cap', 'open'), ('channel_load', 'open'), ('repeat_window', 'open'), ('strategy_pair', 'open'), ('refusal_reason', 'open'), ('holdout', 'open'),
    ('order_state', 'open'), ('order_transition', 'open'), ('outcome', 'open'),
    ('domain', 'open'), ('scan_step', 'open'), ('coupon_batch', 'open'), ('sale_scene', 'open'), ('order_flow', 'open'), ('sales_order_state', 'open'), ('delivery_mode', 'open'), ('mechanism', 'open'),
    ('job', 'open'), ('job_run', 'open'), ('audit_check', 'open'),
    ('catalogue_application', 'open'), ('catalogue_application_class', 'open'), ('catalogue_behaviour', 'open'), ('catalogue_business', 'open'),
    ('catalogue_business_gap', 'open'), ('catalogue_class', 'open'), ('catalogue_input_gap', 'open'), ('catalogue_model', 'open'),
    ('catalogue_scene', 'open'), ('catalogue_scene_gap', 'open'), ('catalogue_source', 'open'), ('catalogue_source_column', 'open'),
    ('catalogue_tag', 'open'),
    ('merge_rule', 'open'), ('customer_merge', 'self'), ('customer_merge_row', 'office'), ('control_override', 'customer'),
    ('key_system', 'open'), ('import_reason', 'open'), ('import_run', 'office'), ('import_refusal', 'office'), ('network_kind', 'open'), ('product_channel', 'open'), ('link_gap', 'open'),
    ('table_access', 'open'), ('profile_grant', 'open'),
    -- whole-operator sets and counts: branches ask the evaluator, which clips
    ('tag_block', 'office'), ('tag_change', 'office'), ('tag_shape', 'open'),
    ('access_grant', 'self'), ('round_refusal', 'self'), ('customer_unlocated', 'self'), ('address_network', 'self'), ('broken_link', 'self'), ('issued_order', 'self'), ('_segment_use', 'self'), ('_org_line', 'self'), ('_org_above', 'self'), ('_worker', 'self'), ('team_member', 'self'), ('_order_progress', 'self');

-- the sums behind the cockpits
INSERT INTO mkt.table_access (table_name, rule) VALUES
    ('rollup_staff', 'org'), ('rollup_strategy', 'org'), ('rollup_cell', 'org'), ('rollup_customer', 'cell'), ('rollup', 'open'),
    ('battle_map_unit', 'org'), ('battle_map_snapshot', 'cell'),
    ('_order_mark', 'self'), ('_staff_task', 'self'), ('_org_task', 'self'), ('_strategy_task', 'self'), ('_cell_task', 'self'), ('_cell_figure', 'self'),
    ('_rollup_staff_plain', 'self'), ('_rollup_strategy_plain', 'self'), ('_rollup_cell_plain', 'self'), ('_rollup_customer_plain', 'self');

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
COMMENT ON TABLE mkt.profile_grant IS 'Privileges of a profile. object_kind rule: every table that mkt.table_access guards so; table, reader, routine: names with * for any text. A reader is a routine that is neither volatile nor SECURITY DEFINER: it can do no more than its caller.';

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

-- What a profile may do beyond reading. The routines of the field run with
-- their caller's rights, so the caller needs the tables as well: what can be
-- written there is held by the policies (own rows) and by the triggers (legal
-- steps), whichever way it comes.
INSERT INTO mkt.profile_grant (profile_code, object_kind, pattern, privilege)
SELECT p.profile_code, g.object_kind, g.pattern, g.privilege
FROM (VALUES ('front_line'), ('branch_admin')) AS p(profile_code)
CROSS JOIN (VALUES
    ('routine', 'mkt.claim',          'EXECUTE'),
    ('routine', 'mkt.report',         'EXECUTE'),
    ('routine', 'mkt._require_staff', 'EXECUTE'),
    ('routine', 'mkt._lock_customer',  'EXECUTE'),
    ('routine', 'mkt.contact_*',      'EXECUTE'),
    ('routine', 'mkt._contact_settle', 'EXECUTE'),
    ('table',   'mkt.work_order',     'UPDATE'),
    ('table',   'mkt.work_order_log', 'INSERT'),
    ('table',   'mkt.contact',        'INSERT'),
    ('table',   'mkt.contact',        'UPDATE'),
    ('routine', 'mkt.code_*',         'EXECUTE'),
    ('routine', 'mkt._code_*',        'EXECUTE'),
    ('table',   'mkt.code',           'INSERT'),
    ('table',   'mkt.code',           'UPDATE'),
    ('table',   'mkt.scan',           'INSERT'),
    ('routine', 'mkt.fire',           'EXECUTE'),
    ('routine', 'mkt.one_click',      'EXECUTE'),
    ('table',   'mkt.scene_event',    'INSERT'),
    ('table',   'mkt.push',           'INSERT'),
    ('routine', 'mkt.coupon_share',   'EXECUTE'),
    ('routine', 'mkt.coupon_claim',   'EXECUTE'),
    ('routine', 'mkt.coupon_lock',    'EXECUTE'),
    ('routine', 'mkt.coupon_release', 'EXECUTE'),
    ('routine', 'mkt.coupon_redeem',  'EXECUTE'),
    ('routine', 'mkt._coupon_*',      'EXECUTE'),
    ('table',   'mkt.coupon',         'UPDATE'),
    ('table',   'mkt.coupon_share',   'INSERT'),
    ('routine', 'mkt.order_*',        'EXECUTE'),
    ('routine', 'mkt._order_*',       'EXECUTE'),
    ('table',   'mkt.sales_order',    'INSERT'),
    ('table',   'mkt.sales_order',    'UPDATE')) AS g(object_kind, pattern, privilege);

-- decisions: who would be chosen, and why
INSERT INTO mkt.profile_grant (profile_code, object_kind, pattern, privilege)
SELECT p.profile_code, 'routine', r.pattern, 'EXECUTE'
FROM (VALUES ('front_line'), ('strategist'), ('branch_admin'), ('head_office')) AS p(profile_code)
CROSS JOIN (VALUES ('mkt.next_best'), ('mkt.explain'), ('mkt.dry_run'), ('mkt._channel_room')) AS r(pattern)
WHERE p.profile_code <> 'front_line' OR r.pattern <> 'mkt.dry_run';

-- a merge runs with the platform's rights for whoever sees both customers
INSERT INTO mkt.profile_grant (profile_code, object_kind, pattern, privilege)
SELECT p.profile_code, g.object_kind, g.pattern, g.privilege
FROM (VALUES ('branch_admin'), ('head_office')) AS p(profile_code)
CROSS JOIN (VALUES
    ('routine', 'mkt.customer_merge',   'EXECUTE'),
    ('routine', 'mkt.customer_unmerge', 'EXECUTE'),
    ('table',   'mkt.customer_merge',   'INSERT'),
    ('table',   'mkt.customer_merge',   'UPDATE')) AS g(object_kind, pattern, privilege);

INSERT INTO mkt.profile_grant (profile_code, object_kind, pattern, privilege) VALUES
    ('branch_admin',   'table',   'mkt.staff',           'INSERT'),
    ('branch_admin',   'table',   'mkt.staff',           'UPDATE'),
    ('branch_admin',   'table',   'mkt.team',            'INSERT'),
    ('branch_admin',   'table',   'mkt.team',            'UPDATE'),
    ('branch_admin',   'table',   'mkt.team_member',     'INSERT'),
    ('branch_admin',   'table',   'mkt.team_member',     'UPDATE'),
    ('branch_admin',   'table',   'mkt.do_not_disturb',  'INSERT'),
    ('branch_admin',   'table',   'mkt.do_not_disturb',  'UPDATE'),
    ('branch_admin',   'table',   'mkt.consent',         'INSERT'),
    ('branch_admin',   'table',   'mkt.consent',         'UPDATE'),
    ('branch_admin',   'routine', 'mkt.consent_set',     'EXECUTE'),
    ('head_office',    'rule',    'office',              'SELECT'),
    ('head_office',    'routine', 'mkt.audit',           'EXECUTE'),
    ('platform_admin', 'rule',    'office',              'SELECT'),
    ('platform_admin', 'routine', 'mkt.audit',           'EXECUTE');
