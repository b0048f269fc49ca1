-- ----------------------------------------------------------------------
-- sql/platform/36-model.once.sql: models, their versions, what they proved.
-- A model's scores are a numeric tag; this holds everything else about it.
-- Changing a table needs a delta in sql/upgrade/.
-- ----------------------------------------------------------------------
CREATE TABLE mkt.model (
    model_id integer GENERATED ALWAYS AS IDENTITY,
    code     text    NOT NULL,
    name     text    NOT NULL,
    name_zh  text    NOT NULL,
    kind     text    NOT NULL,
    business text,
    scene    text,
    owner    text,
    status   text    NOT NULL DEFAULT 'draft',
    CONSTRAINT model_pkey PRIMARY KEY (model_id),
    CONSTRAINT model_code_key UNIQUE (code),
    CONSTRAINT model_name_zh_key UNIQUE (name_zh),
    CONSTRAINT model_status_check CHECK (status IN ('draft', 'review', 'online', 'offline'))
);
COMMENT ON TABLE mkt.model IS 'Models in use: what each predicts, for which business and scene (S0-037, S0-038).';
COMMENT ON COLUMN mkt.model.kind IS 'propensity, risk, value, segmentation, …: free, as in the catalogue.';

CREATE TABLE mkt.model_version (
    model_id      integer     NOT NULL,
    version       smallint    NOT NULL,
    score_tag     text        NOT NULL,
    method        text        NOT NULL,
    trained_until timestamptz,
    valid_from    timestamptz NOT NULL,
    CONSTRAINT model_version_pkey PRIMARY KEY (model_id, version),
    CONSTRAINT model_version_model_id_fkey FOREIGN KEY (model_id) REFERENCES mkt.model,
    CONSTRAINT model_version_score_tag_fkey FOREIGN KEY (score_tag) REFERENCES mkt.tag (code) ON UPDATE CASCADE
);
COMMENT ON TABLE mkt.model_version IS 'Versions of a model; each writes its scores to one numeric tag (S0-037). The version in force is the greatest one valid then.';
COMMENT ON COLUMN mkt.model_version.method IS 'How the score comes about, for a reader: formula, algorithm, data.';

CREATE TABLE mkt.model_quality (
    model_id    integer     NOT NULL,
    version     smallint    NOT NULL,
    measured_at timestamptz NOT NULL,
    outcome     mkt.tagexpr NOT NULL,
    base        mkt.tagexpr NOT NULL,
    positives   bigint      NOT NULL,
    negatives   bigint      NOT NULL,
    auc         numeric,
    top_lift    numeric,
    CONSTRAINT model_quality_pkey PRIMARY KEY (model_id, version, measured_at),
    CONSTRAINT model_quality_version_fkey FOREIGN KEY (model_id, version) REFERENCES mkt.model_version
);
COMMENT ON TABLE mkt.model_quality IS 'What a version was worth when it met outcomes: area under the ROC curve and lift of the best tenth (S0-049).';
COMMENT ON COLUMN mkt.model_quality.auc IS 'NULL when the base holds only positives or only negatives.';
COMMENT ON COLUMN mkt.model_quality.top_lift IS 'Rate of positives among the best-scored tenth over the rate in the base.';
