-- ----------------------------------------------------------------------
-- sql/platform/70-merge.once.sql: customers who turn out to be one: what
-- happens to each table, and what was done.
-- Changing a table needs a delta in sql/upgrade/.
-- ----------------------------------------------------------------------
CREATE TABLE mkt.merge_rule (
    table_name  name     NOT NULL,
    column_name name     NOT NULL DEFAULT 'cid',
    ordinal     smallint NOT NULL,
    how         text     NOT NULL,
    also        jsonb    NOT NULL DEFAULT '{}',
    prefer      text,
    why         text     NOT NULL,
    CONSTRAINT merge_rule_pkey PRIMARY KEY (table_name, column_name),
    CONSTRAINT merge_rule_how_check CHECK (how IN ('move', 'pair', 'fill', 'stay', 'own')),
    CONSTRAINT merge_rule_prefer_check CHECK ((how = 'pair') = (prefer IS NOT NULL))
);
COMMENT ON TABLE mkt.merge_rule IS 'What a merge does with every column that holds a customer number; a column that is not listed fails a test. move: the rows change hands; pair: customers have at most one row per key, prefer says when that of the one who goes wins; fill: one row per customer, gaps of the keeper''s are filled; stay: untouched; own: mkt._merge_<table>(). Whoever may write this table decides what a merge executes: no profile gets that right.';
COMMENT ON COLUMN mkt.merge_rule.ordinal IS 'The order in which a merge takes the tables, which is that in which others lock them: orders before contacts.';
COMMENT ON COLUMN mkt.merge_rule.also IS 'move: further columns and what they become, as SQL over o (the row before), $2 the keeper and $3 the one who goes.';
COMMENT ON COLUMN mkt.merge_rule.prefer IS 'pair: SQL condition over o (the keeper''s row) and g (that of the one who goes).';

INSERT INTO mkt.merge_rule (table_name, column_name, ordinal, how, also, prefer, why) VALUES
    ('customer',         'cid',         10, 'own',  '{}', NULL, 'The keeper''s gaps are filled; the other is live no more and points to the keeper.'),
    ('customer',         'merged_into', 10, 'stay', '{}', NULL, 'Earlier merges into the one who goes stay as they were; mkt.customer_current() follows the chain.'),
    ('customer_profile', 'cid',         11, 'fill', '{}', NULL, 'The keeper''s attributes stand, gaps are filled.'),
    ('customer_key',     'cid',         12, 'move', '{}', NULL, 'Every outside key finds the keeper.'),
    ('consent',          'cid',         13, 'own',  '{}', NULL, 'The stricter wins, channel by channel.'),
    ('consent_log',      'cid',         13, 'stay', '{}', NULL, 'Proof is not rewritten: it says who said what. What the merge makes of it is logged anew.'),
    ('do_not_disturb',   'cid',         14, 'move', '{}', NULL, 'Both requests hold.'),
    ('suppression',      'cid',         15, 'pair', '{}', 'g.since < o.since', 'Suppressed if one of them was, from the earlier day.'),
    ('control_override', 'cid',         16, 'own',  '{}', NULL, 'Control wins, also that of customers merged earlier.'),
    ('control_override', 'like_cid',    16, 'stay', '{}', NULL, 'Says whose bucket counts as well, which no merge changes.'),
    ('account',          'cid',         20, 'move', '{}', NULL, 'The keeper pays.'),
    ('subscription',     'cid',         21, 'move', '{}', NULL, 'The keeper holds what both held.'),
    ('fan',              'cid',         22, 'pair', '{}', 'g.since < o.since', 'A follower of a domain once, since the earlier day.'),
    ('coupon',           'cid',         30, 'move',
     '{"made_for": "coalesce(o.made_for, o.cid)",
       "holding": "CASE WHEN o.holding IS NOT NULL THEN (SELECT n FROM generate_series(1, 1 + (SELECT count(*) FROM mkt.coupon AS a WHERE a.batch_id = o.batch_id AND a.cid IN ($2, $3))) AS n WHERE NOT EXISTS (SELECT FROM mkt.coupon AS h WHERE h.batch_id = o.batch_id AND h.cid = $2 AND h.holding = n) ORDER BY n OFFSET (SELECT count(*) FROM mkt.coupon AS p WHERE p.batch_id = o.batch_id AND p.cid = $3 AND p.holding < o.holding) LIMIT 1) END"}',
     NULL, 'The keeper holds both; more than a batch allows only because two had claimed them.'),
    ('sales_order',      'cid',         31, 'move', '{}', NULL, 'What was bought.'),
    ('scan',             'cid',         32, 'move', '{}', NULL, 'What was seen.'),
    ('work_order',       'cid',         40, 'move', '{"made_for": "coalesce(o.made_for, o.cid)"}', NULL, 'Tasks about either are about the keeper, in the state they are in.'),
    ('work_order',       'made_for',    40, 'stay', '{}', NULL, 'Set by the merge itself.'),
    ('contact',          'cid',         41, 'move', '{"made_for": "coalesce(o.made_for, o.cid)"}', NULL, 'The caps of the keeper count both.'),
    ('contact',          'made_for',    41, 'stay', '{}', NULL, 'Set by the merge itself.'),
    ('push',             'cid',         42, 'move', '{}', NULL, 'Messages go to the keeper.'),
    ('scene_event',      'cid',         42, 'move', '{}', NULL, 'What happened to either happened to the keeper.'),
    ('coupon',           'made_for',    41, 'stay', '{}', NULL, 'Set by the merge itself.'),
    ('unrouted',         'cid',         42, 'stay', '{}', NULL, 'What a round found about the customer it asked: its books count candidates.');

CREATE TABLE mkt.customer_merge (
    merge_id  bigint      GENERATED ALWAYS AS IDENTITY,
    keep      bigint      NOT NULL,
    gone      bigint      NOT NULL,
    reason    text        NOT NULL,
    merged_at timestamptz NOT NULL,
    merged_by name        NOT NULL DEFAULT current_user,
    undone_at timestamptz,
    undone_by name,
    CONSTRAINT customer_merge_pkey PRIMARY KEY (merge_id),
    CONSTRAINT customer_merge_keep_fkey FOREIGN KEY (keep) REFERENCES mkt.customer,
    CONSTRAINT customer_merge_gone_fkey FOREIGN KEY (gone) REFERENCES mkt.customer,
    CONSTRAINT customer_merge_self_check CHECK (keep <> gone),
    CONSTRAINT customer_merge_undone_check CHECK ((undone_at IS NULL) = (undone_by IS NULL))
);
COMMENT ON TABLE mkt.customer_merge IS 'Merges of two customers, and which were taken back (semantics A.6). A new row merges, setting undone_at takes back: triggers do it, with the platform''s rights, for whoever sees both customers. Use mkt.customer_merge() and mkt.customer_unmerge().';
CREATE INDEX customer_merge_gone_idx ON mkt.customer_merge (gone);
CREATE INDEX customer_merge_keep_idx ON mkt.customer_merge (keep);

CREATE TABLE mkt.customer_merge_row (
    merge_id   bigint NOT NULL,
    seq        bigint GENERATED ALWAYS AS IDENTITY,
    table_name name   NOT NULL,
    key        jsonb,
    before     jsonb,
    after      jsonb,
    CONSTRAINT customer_merge_row_pkey PRIMARY KEY (merge_id, seq),
    CONSTRAINT customer_merge_row_merge_id_fkey FOREIGN KEY (merge_id) REFERENCES mkt.customer_merge
);
COMMENT ON TABLE mkt.customer_merge_row IS 'The merge log: every row a merge changed. Changed: its key and the changed columns before and after; removed: all of it before; added: all of it after. Of a tag (table tag_block): the values of keep and gone.';
