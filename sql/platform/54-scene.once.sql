-- ----------------------------------------------------------------------
-- sql/platform/54-scene.once.sql: scenes. Something happens to a customer, and
-- the strategy of that scene answers at once; and ladders of tiers to climb.
-- Changing a table needs a delta in sql/upgrade/.
-- ----------------------------------------------------------------------
CREATE TABLE mkt.scene_matrix (
    business_code   text     NOT NULL,
    scene_code      text     NOT NULL,
    strategy_id     integer,
    touchpoint_code text,
    enabled         boolean  NOT NULL DEFAULT false,
    again_after     interval NOT NULL DEFAULT '1 day',
    business_axis   text     NOT NULL GENERATED ALWAYS AS ('business') STORED,
    scene_axis      text     NOT NULL GENERATED ALWAYS AS ('scene') STORED,
    CONSTRAINT scene_matrix_pkey PRIMARY KEY (business_code, scene_code),
    CONSTRAINT scene_matrix_business_fkey FOREIGN KEY (business_axis, business_code) REFERENCES mkt.cube_value,
    CONSTRAINT scene_matrix_scene_fkey FOREIGN KEY (scene_axis, scene_code) REFERENCES mkt.cube_value,
    CONSTRAINT scene_matrix_strategy_id_fkey FOREIGN KEY (strategy_id) REFERENCES mkt.strategy,
    CONSTRAINT scene_matrix_touchpoint_code_fkey FOREIGN KEY (touchpoint_code) REFERENCES mkt.touchpoint,
    CONSTRAINT scene_matrix_enabled_check CHECK (NOT enabled OR strategy_id IS NOT NULL AND touchpoint_code IS NOT NULL),
    CONSTRAINT scene_matrix_again_after_check CHECK (again_after >= '0')
);
COMMENT ON TABLE mkt.scene_matrix IS 'Six businesses by six scenes: which strategy answers when the scene happens to a customer, and where (S2-030, S2-031). again_after: for so long the cell does not answer the same customer again (S2-032). The offer and its template are the strategy''s.';

INSERT INTO mkt.scene_matrix (business_code, scene_code)
SELECT b.value_code, s.value_code
FROM mkt.cube_value AS b, mkt.cube_value AS s
WHERE b.axis_code = 'business' AND s.axis_code = 'scene'
ORDER BY b.ordinal, s.ordinal;

CREATE TABLE mkt.scene_event (
    request_id      text        NOT NULL,
    cid             bigint      NOT NULL,
    scene_code      text        NOT NULL,
    at              timestamptz NOT NULL,
    business_code   text,
    touchpoint_code text,
    strategy_id     integer,
    offer_code      text,
    contact_id      bigint,
    CONSTRAINT scene_event_pkey PRIMARY KEY (request_id),
    CONSTRAINT scene_event_cid_fkey FOREIGN KEY (cid) REFERENCES mkt.customer,
    CONSTRAINT scene_event_cell_fkey FOREIGN KEY (business_code, scene_code) REFERENCES mkt.scene_matrix,
    CONSTRAINT scene_event_offer_code_fkey FOREIGN KEY (offer_code) REFERENCES mkt.offer
);
COMMENT ON TABLE mkt.scene_event IS 'What happened to customers, and how it was answered; no strategy: nothing fitted, or the policy refused (S2-030).';
CREATE INDEX scene_event_cid_idx ON mkt.scene_event (cid, scene_code, at);

CREATE TABLE mkt.ladder (
    ladder_code text NOT NULL,
    usage_tag   text NOT NULL,
    name        text NOT NULL,
    name_zh     text NOT NULL,
    CONSTRAINT ladder_pkey PRIMARY KEY (ladder_code),
    CONSTRAINT ladder_usage_tag_fkey FOREIGN KEY (usage_tag) REFERENCES mkt.tag (code)
);
COMMENT ON TABLE mkt.ladder IS 'Ladders of tiers a customer climbs. usage_tag: the numeric tag that says how much a customer needs (S2-044).';

CREATE TABLE mkt.ladder_step (
    ladder_code text     NOT NULL,
    rank        smallint NOT NULL,
    offer_code  text     NOT NULL,
    covers      numeric  NOT NULL,
    eligibility mkt.tagexpr,
    CONSTRAINT ladder_step_pkey PRIMARY KEY (ladder_code, rank),
    CONSTRAINT ladder_step_offer_code_key UNIQUE (ladder_code, offer_code),
    CONSTRAINT ladder_step_ladder_code_fkey FOREIGN KEY (ladder_code) REFERENCES mkt.ladder,
    CONSTRAINT ladder_step_offer_code_fkey FOREIGN KEY (offer_code) REFERENCES mkt.offer,
    CONSTRAINT ladder_step_covers_check CHECK (covers >= 0)
);
COMMENT ON TABLE mkt.ladder_step IS 'Tiers of a ladder, lowest first: the offer, and how much use it covers, in the unit of the ladder''s tag. eligibility NULL: anybody (S2-044).';
