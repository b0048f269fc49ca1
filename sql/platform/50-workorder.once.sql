-- ----------------------------------------------------------------------
-- sql/platform/50-workorder.once.sql: tasks of the front line, the states
-- they go through, and the log of every change.
-- What customers buy is 64-order.
-- Changing a table needs a delta in sql/upgrade/.
-- ----------------------------------------------------------------------
CREATE TABLE mkt.order_state (
    state       text     NOT NULL,
    ordinal     smallint NOT NULL,
    terminal    boolean  NOT NULL,
    accepted    boolean  NOT NULL,
    contacted   boolean  NOT NULL,
    succeeded   boolean  NOT NULL,
    refused     boolean  NOT NULL,
    unreachable boolean  NOT NULL,
    overdue     boolean  NOT NULL,
    open        boolean  NOT NULL,
    settled     boolean  NOT NULL,
    name        text     NOT NULL,
    name_zh     text     NOT NULL,
    CONSTRAINT order_state_pkey PRIMARY KEY (state),
    CONSTRAINT order_state_ordinal_key UNIQUE (ordinal)
);
COMMENT ON TABLE mkt.order_state IS 'States of a work order (semantics F). terminal: the front line has nothing more to do, and closed_at is set; verifying and closing a result is office work. accepted to open: what an order in this state counts as; settled: by what the customer had said.';

-- At most one of succeeded to open is true, so the results of a unit and the
-- rest add up to its issued orders.
INSERT INTO mkt.order_state (state, ordinal, terminal, accepted, contacted, succeeded, refused, unreachable, overdue, open, settled, name, name_zh) VALUES
    --                  terminal accepted contacted succeeded refused unreachable overdue open settled
    ('planned',      1, false,   false,   false,    false,    false,  false,      false,  true,  false, 'Planned',             '已计划'),
    ('issued',       2, false,   false,   false,    false,    false,  false,      false,  true,  false, 'Issued',              '已下发'),
    ('accepted',     3, false,   true,    false,    false,    false,  false,      false,  true,  false, 'Accepted',            '已领取'),
    ('contacting',   4, false,   true,    true,     false,    false,  false,      false,  true,  false, 'Contacting',          '跟进中'),
    ('succeeded',    5, true,    true,    true,     true,     false,  false,      false,  false, false, 'Succeeded',           '营销成功'),
    ('refused',      6, true,    true,    true,     false,    true,   false,      false,  false, false, 'Refused by customer', '客户拒绝'),
    ('unreachable',  7, true,    true,    true,     false,    false,  true,       false,  false, false, 'Not reached',         '联系不上'),
    ('invalid',      8, true,    true,    true,     false,    false,  false,      false,  false, false, 'Invalid',             '信息无效'),
    ('verified',     9, true,    true,    true,     false,    false,  false,      false,  false, true,  'Verified',            '已核验'),
    ('closed',      10, true,    true,    true,     false,    false,  false,      false,  false, true,  'Closed',              '已归档'),
    ('transferred', 11, false,   false,   false,    false,    false,  false,      false,  true,  false, 'Transferred',         '已转派'),
    ('overdue',     12, false,   false,   false,    false,    false,  false,      true,   false, false, 'Overdue',             '已超期'),
    ('cancelled',   13, true,    false,   false,    false,    false,  false,      false,  false, false, 'Cancelled',           '已取消'),
    ('recycled',    14, true,    false,   false,    false,    false,  false,      false,  false, false, 'Recycled',            '已回收');

CREATE TABLE mkt.order_transition (
    from_state text NOT NULL,
    to_state   text NOT NULL,
    CONSTRAINT order_transition_pkey PRIMARY KEY (from_state, to_state),
    CONSTRAINT order_transition_from_state_fkey FOREIGN KEY (from_state) REFERENCES mkt.order_state,
    CONSTRAINT order_transition_to_state_fkey FOREIGN KEY (to_state) REFERENCES mkt.order_state
);
COMMENT ON TABLE mkt.order_transition IS 'Changes of state a work order may make; any other is refused (semantics F). contacting to contacting is one more attempt.';

INSERT INTO mkt.order_transition (from_state, to_state)
SELECT f.from_state, unnest(f.to_states)
FROM (VALUES
    ('planned',     ARRAY['issued', 'cancelled']),
    ('issued',      ARRAY['accepted', 'transferred', 'overdue', 'cancelled']),
    ('accepted',    ARRAY['contacting', 'transferred', 'overdue', 'cancelled']),
    ('contacting',  ARRAY['contacting', 'succeeded', 'refused', 'unreachable', 'invalid', 'transferred', 'overdue']),
    ('transferred', ARRAY['accepted', 'overdue', 'cancelled']),
    ('overdue',     ARRAY['accepted', 'contacting', 'transferred', 'recycled', 'cancelled']),
    ('succeeded',   ARRAY['verified']),
    ('refused',     ARRAY['verified']),
    ('unreachable', ARRAY['verified', 'recycled']),
    ('invalid',     ARRAY['verified']),
    ('verified',    ARRAY['closed'])) AS f(from_state, to_states);

CREATE TABLE mkt.outcome (
    outcome_code text    NOT NULL,
    to_state     text    NOT NULL,
    contacted    boolean NOT NULL,
    name         text    NOT NULL,
    name_zh      text    NOT NULL,
    tag_code     text,
    CONSTRAINT outcome_pkey PRIMARY KEY (outcome_code),
    CONSTRAINT outcome_to_state_fkey FOREIGN KEY (to_state) REFERENCES mkt.order_state,
    CONSTRAINT outcome_tag_code_fkey FOREIGN KEY (tag_code) REFERENCES mkt.tag (code),
    CONSTRAINT outcome_to_state_check CHECK (to_state IN ('contacting', 'succeeded', 'refused', 'unreachable', 'invalid'))
);
COMMENT ON TABLE mkt.outcome IS 'What a report can say. contacted: the customer was spoken to, so the reservation becomes a sent contact, otherwise it is released (semantics B5). tag_code: the tag the customer gets in the same transaction, which is how talks feed the models (S3-011).';

-- What the front line learns becomes tags, named like every other tag.
INSERT INTO mkt.tag (code, name, name_zh, kind, class) VALUES
    ('accepted_offer',  'Accepted an offer',                '接受过推荐',   'boolean', 'feedback'),
    ('wants_later',     'Wants to be asked later',          '有意向待跟进', 'boolean', 'feedback'),
    ('price_sensitive', 'Refused because of the price',     '价格敏感',     'boolean', 'feedback'),
    ('bound_elsewhere', 'Bound to a competitor',            '异网在约',     'boolean', 'feedback'),
    ('not_interested',  'Not interested',                   '暂无意向',     'boolean', 'feedback'),
    ('wrong_number',    'Phone number or address is wrong', '联系信息有误', 'boolean', 'feedback');

INSERT INTO mkt.outcome (outcome_code, to_state, contacted, name, name_zh, tag_code) VALUES
    ('accepted',       'succeeded',   true,  'Accepted the offer',          '办理成功',   'accepted_offer'),
    ('call_back',      'contacting',  true,  'Wants to be asked later',     '有意向待跟进', 'wants_later'),
    ('too_expensive',  'refused',     true,  'Too expensive',               '嫌价格高',   'price_sensitive'),
    ('competitor',     'refused',     true,  'Bound to a competitor',       '异网合约未到期', 'bound_elsewhere'),
    ('not_interested', 'refused',     true,  'Not interested',              '暂无意向',   'not_interested'),
    ('no_answer',      'unreachable', false, 'Nobody answered',             '无人应答',   NULL),
    ('wrong_number',   'invalid',     false, 'Wrong number or address',     '号码或地址有误', 'wrong_number');

CREATE TABLE mkt.work_order (
    order_id     bigint        GENERATED BY DEFAULT AS IDENTITY,
    round_id     text          NOT NULL,
    strategy_id  integer       NOT NULL,
    version      smallint      NOT NULL,
    cid          bigint        NOT NULL,
    kind_code    text          NOT NULL,
    channel_code text          NOT NULL,
    offer_code   text          NOT NULL,
    org_id       integer,
    cell_id      integer,
    staff_id     integer       NOT NULL,
    state        text          NOT NULL,
    p            numeric       NOT NULL,
    value        numeric(14,2) NOT NULL,
    context      numeric       NOT NULL,
    lever        numeric       NOT NULL,
    score        numeric       NOT NULL,
    issued_at    timestamptz   NOT NULL,
    due_at       timestamptz   NOT NULL,
    state_at     timestamptz   NOT NULL,
    attempts     smallint      NOT NULL DEFAULT 0,
    outcome      text,
    request_id   text,
    note         text,
    closed_at    timestamptz,
    made_for     bigint,
    CONSTRAINT work_order_pkey PRIMARY KEY (order_id),
    CONSTRAINT work_order_round_id_fkey FOREIGN KEY (round_id) REFERENCES mkt.round,
    CONSTRAINT work_order_version_fkey FOREIGN KEY (strategy_id, version) REFERENCES mkt.strategy_version,
    CONSTRAINT work_order_cid_fkey FOREIGN KEY (cid) REFERENCES mkt.customer,
    CONSTRAINT work_order_staff_id_fkey FOREIGN KEY (staff_id) REFERENCES mkt.staff,
    CONSTRAINT work_order_state_fkey FOREIGN KEY (state) REFERENCES mkt.order_state,
    CONSTRAINT work_order_outcome_fkey FOREIGN KEY (outcome) REFERENCES mkt.outcome,
    CONSTRAINT work_order_p_check CHECK (p BETWEEN 0 AND 1),
    CONSTRAINT work_order_due_at_check CHECK (issued_at < due_at)
) WITH (fillfactor = 90);
COMMENT ON TABLE mkt.work_order IS 'Tasks of the front line, one per strategy, round and customer (S0-020, S0-033). Written while a round deploys; read mkt.issued_order, which shows a round only when all of it is there. p, value, context, lever and score are those of the decision.';
COMMENT ON COLUMN mkt.work_order.request_id IS 'Request that made the last reported change; the log keeps all of them.';
COMMENT ON COLUMN mkt.work_order.attempts IS 'Reports so far: each is one attempt to contact the customer.';
COMMENT ON COLUMN mkt.work_order.made_for IS 'The customer it was made for, if a merge has moved it since.';
CREATE UNIQUE INDEX work_order_key ON mkt.work_order (round_id, strategy_id, (coalesce(made_for, cid)));
COMMENT ON INDEX mkt.work_order_key IS 'One order per round, strategy and customer; a merge may bring a second one from somebody else.';
COMMENT ON COLUMN mkt.work_order.closed_at IS 'When the order came to a terminal state; NULL while somebody still has to act.';
CREATE INDEX work_order_open_idx ON mkt.work_order (staff_id, due_at, cell_id, order_id) WHERE closed_at IS NULL;
COMMENT ON INDEX mkt.work_order_open_idx IS 'Open tasks of a person in the order they are worked through; also the load that routing balances.';
CREATE INDEX work_order_cid_idx ON mkt.work_order (cid);

CREATE TABLE mkt.work_order_log (
    log_id     bigint      GENERATED ALWAYS AS IDENTITY,
    order_id   bigint      NOT NULL,
    org_id     integer,
    at         timestamptz NOT NULL,
    actor      name        NOT NULL,
    from_state text        NOT NULL,
    to_state   text        NOT NULL,
    request_id text,
    outcome    text,
    note       text,
    CONSTRAINT work_order_log_pkey PRIMARY KEY (log_id),
    CONSTRAINT work_order_log_request_id_key UNIQUE (order_id, request_id),
    CONSTRAINT work_order_log_order_id_fkey FOREIGN KEY (order_id) REFERENCES mkt.work_order
);
COMMENT ON TABLE mkt.work_order_log IS 'Every change of state of every work order, append-only (semantics F). A request_id stands here once per order: that is what makes reports repeatable.';

CREATE TABLE mkt.unrouted (
    round_id    text    NOT NULL,
    strategy_id integer NOT NULL,
    cid         bigint  NOT NULL,
    reason      text    NOT NULL,
    CONSTRAINT unrouted_pkey PRIMARY KEY (round_id, strategy_id, cid),
    CONSTRAINT unrouted_round_id_fkey FOREIGN KEY (round_id) REFERENCES mkt.round,
    CONSTRAINT unrouted_strategy_id_fkey FOREIGN KEY (strategy_id) REFERENCES mkt.strategy,
    CONSTRAINT unrouted_cid_fkey FOREIGN KEY (cid) REFERENCES mkt.customer,
    CONSTRAINT unrouted_reason_check CHECK (reason IN ('outside every grid', 'nobody serves the cell'))
);
COMMENT ON TABLE mkt.unrouted IS 'Decisions of a round that found no person to carry them out: no work order, no reservation, and the reason.';
