-- ----------------------------------------------------------------------
-- sql/platform/53-push.once.sql: the outbox of the channels that push. A
-- gateway takes messages from it and says what became of them.
-- Changing a table needs a delta in sql/upgrade/.
-- ----------------------------------------------------------------------
CREATE TABLE mkt.push_state (
    state   text     NOT NULL,
    ordinal smallint NOT NULL,
    settles text,
    name    text     NOT NULL,
    name_zh text     NOT NULL,
    CONSTRAINT push_state_pkey PRIMARY KEY (state),
    CONSTRAINT push_state_ordinal_key UNIQUE (ordinal),
    CONSTRAINT push_state_settles_check CHECK (settles IN ('sent', 'released'))
);
COMMENT ON TABLE mkt.push_state IS 'States of a push. settles: what the reservation becomes when a push gets there; a message that fails after it was sent was a contact all the same (semantics B5).';

INSERT INTO mkt.push_state (state, ordinal, settles, name, name_zh) VALUES
    ('queued',    1, NULL,       'Waiting for the gateway', '待发送'),
    ('taken',     2, NULL,       'With the gateway',        '发送中'),
    ('sent',      3, 'sent',     'Sent',                    '已发送'),
    ('delivered', 4, 'sent',     'Delivered',               '已送达'),
    ('bounced',   5, NULL,       'Sent, but not delivered', '未送达'),
    ('failed',    6, 'released', 'Not sent',                '发送失败'),
    ('expired',   7, 'released', 'Too late to be sent',     '已过期');

CREATE TABLE mkt.push_transition (
    from_state text NOT NULL,
    to_state   text NOT NULL,
    CONSTRAINT push_transition_pkey PRIMARY KEY (from_state, to_state),
    CONSTRAINT push_transition_from_state_fkey FOREIGN KEY (from_state) REFERENCES mkt.push_state,
    CONSTRAINT push_transition_to_state_fkey FOREIGN KEY (to_state) REFERENCES mkt.push_state
);
COMMENT ON TABLE mkt.push_transition IS 'Steps a push may take; any other is refused. A gateway that reports delivery only has sent as well.';

INSERT INTO mkt.push_transition (from_state, to_state)
SELECT f.from_state, unnest(f.to_states)
FROM (VALUES ('queued', ARRAY['taken', 'expired']), ('taken', ARRAY['queued', 'sent', 'delivered', 'failed', 'expired']), ('sent', ARRAY['delivered', 'bounced'])) AS f(from_state, to_states);

CREATE TABLE mkt.push (
    contact_id   bigint      NOT NULL,
    cid          bigint      NOT NULL,
    channel_code text        NOT NULL,
    org_id       integer,
    state        text        NOT NULL DEFAULT 'queued',
    body         text,
    not_before   timestamptz NOT NULL,
    expires_at   timestamptz,
    state_at     timestamptz NOT NULL,
    takes        smallint    NOT NULL DEFAULT 0,
    error        text,
    CONSTRAINT push_pkey PRIMARY KEY (contact_id),
    CONSTRAINT push_contact_id_fkey FOREIGN KEY (contact_id) REFERENCES mkt.contact,
    CONSTRAINT push_channel_code_fkey FOREIGN KEY (channel_code) REFERENCES mkt.channel,
    CONSTRAINT push_state_fkey FOREIGN KEY (state) REFERENCES mkt.push_state,
    CONSTRAINT push_expires_at_check CHECK (expires_at > not_before)
);
COMMENT ON TABLE mkt.push IS 'Messages to customers, one a contact, in the order a gateway shall send them (S1-035, S1-036). not_before: not earlier, expires_at: not at all then or later; takes: how often a gateway has had it.';
CREATE INDEX push_queued_idx ON mkt.push (channel_code, not_before, contact_id) WHERE state = 'queued';
CREATE INDEX push_taken_idx ON mkt.push (state_at) WHERE state = 'taken';
