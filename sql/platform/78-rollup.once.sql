-- ----------------------------------------------------------------------
-- sql/platform/78-rollup.once.sql: sums of the ledgers, kept true in the
-- transaction that writes the ledger.
--
-- A roll-up may hold several rows of one key: their sum is the truth. A change
-- of a ledger adds rows (folded = false, the tail) and never touches others, so
-- writers do not wait for one another; mkt.rollup_fold() merges the tail into
-- the one folded row of its key. Readers sum, and need not know about either.
--
-- Of every roll-up mkt needs to know only the key, which is the index NAME_key:
-- as_of is the last event, folded as above, and all other columns are sums.
-- Changing a table needs a delta in sql/upgrade/, which ends with
-- SELECT mkt.rollup_rebuild();
-- ----------------------------------------------------------------------
CREATE TABLE mkt.rollup (
    table_name   name    NOT NULL,
    keeps_rounds boolean NOT NULL DEFAULT false,
    name         text    NOT NULL,
    name_zh      text    NOT NULL,
    CONSTRAINT rollup_pkey PRIMARY KEY (table_name)
);
COMMENT ON TABLE mkt.rollup IS 'The roll-ups. The view _NAME_plain says what each must hold: it is what mkt.rollup_rebuild() writes and mkt.rollup_difference() compares with. keeps_rounds: false where the rows of a published round lose its number, so that old rounds cost nothing.';

INSERT INTO mkt.rollup (table_name, keeps_rounds, name, name_zh) VALUES
    ('rollup_staff',    false, 'Work orders by person',             '人员工单汇总'),
    ('rollup_strategy', true,  'Work orders by round and strategy', '批次策略工单汇总'),
    ('rollup_cell',     false, 'Work orders and sales by cell',     '作战单元工单与销售汇总'),
    ('rollup_customer', false, 'Customers by cell',                 '作战单元客户汇总');

CREATE TABLE mkt.rollup_staff (
    round_id    text,
    org_id      integer,
    staff_id    integer     NOT NULL,
    issued      integer     NOT NULL,
    accepted    integer     NOT NULL,
    contacted   integer     NOT NULL,
    succeeded   integer     NOT NULL,
    refused     integer     NOT NULL,
    unreachable integer     NOT NULL,
    overdue     integer     NOT NULL,
    open        integer     NOT NULL,
    as_of       timestamptz,
    folded      boolean     NOT NULL DEFAULT false
) WITH (fillfactor = 70);
COMMENT ON TABLE mkt.rollup_staff IS 'Work orders by the unit and person who answer for them. round_id: only while the round is not published.';
CREATE UNIQUE INDEX rollup_staff_key ON mkt.rollup_staff (org_id, staff_id, round_id) NULLS NOT DISTINCT WHERE folded;
CREATE INDEX rollup_staff_org_id_idx ON mkt.rollup_staff (org_id);

CREATE TABLE mkt.rollup_strategy (
    whole        boolean       NOT NULL,
    org_id       integer,
    round_id     text          NOT NULL,
    strategy_id  integer       NOT NULL,
    channel_code text          NOT NULL,
    due_at       timestamptz   NOT NULL,
    issued       integer       NOT NULL,
    accepted     integer       NOT NULL,
    contacted    integer       NOT NULL,
    succeeded    integer       NOT NULL,
    refused      integer       NOT NULL,
    unreachable  integer       NOT NULL,
    overdue      integer       NOT NULL,
    open         integer       NOT NULL,
    value_yuan   numeric(14,2) NOT NULL,
    as_of        timestamptz,
    folded       boolean       NOT NULL DEFAULT false
) WITH (fillfactor = 70);
COMMENT ON TABLE mkt.rollup_strategy IS 'Work orders by round, strategy, channel and due time: once for each unit and once for the operator as a whole (whole, org_id NULL), which saves head office from adding up the units. value_yuan: of the orders that succeeded.';
CREATE UNIQUE INDEX rollup_strategy_key ON mkt.rollup_strategy (whole, org_id, round_id, strategy_id, channel_code, due_at) NULLS NOT DISTINCT WHERE folded;
CREATE INDEX rollup_strategy_whole_org_id_idx ON mkt.rollup_strategy (whole, org_id);

CREATE TABLE mkt.rollup_cell (
    round_id     text,
    org_id       integer,
    cell_id      integer,
    issued       integer       NOT NULL DEFAULT 0,
    contacted    integer       NOT NULL DEFAULT 0,
    succeeded    integer       NOT NULL DEFAULT 0,
    overdue      integer       NOT NULL DEFAULT 0,
    open         integer       NOT NULL DEFAULT 0,
    sales_orders integer       NOT NULL DEFAULT 0,
    sales_yuan   numeric(14,2) NOT NULL DEFAULT 0,
    as_of        timestamptz,
    folded       boolean       NOT NULL DEFAULT false
) WITH (fillfactor = 70);
COMMENT ON TABLE mkt.rollup_cell IS 'Work orders and sales by the cell of the map they are about and the unit that answers for them. Cancelled sales are left out. round_id: only while the round is not published.';
CREATE UNIQUE INDEX rollup_cell_key ON mkt.rollup_cell (cell_id, org_id, round_id) NULLS NOT DISTINCT WHERE folded;
CREATE INDEX rollup_cell_cell_id_idx ON mkt.rollup_cell (cell_id);

CREATE TABLE mkt.rollup_customer (
    cell_id       integer,
    prospect      integer       NOT NULL,
    new           integer       NOT NULL,
    growing       integer       NOT NULL,
    mature        integer       NOT NULL,
    at_risk       integer       NOT NULL,
    lost          integer       NOT NULL,
    prospect_yuan numeric(14,2) NOT NULL,
    new_yuan      numeric(14,2) NOT NULL,
    growing_yuan  numeric(14,2) NOT NULL,
    mature_yuan   numeric(14,2) NOT NULL,
    at_risk_yuan  numeric(14,2) NOT NULL,
    lost_yuan     numeric(14,2) NOT NULL,
    scored        integer       NOT NULL,
    churn_score   numeric       NOT NULL,
    as_of         timestamptz,
    folded        boolean       NOT NULL DEFAULT false
) WITH (fillfactor = 70);
COMMENT ON TABLE mkt.rollup_customer IS 'Live customers by cell of the map and stage of life (mkt._lifecycle()), with their monthly charges; prospects are those of other nets, all others are ours. scored: customers with a churn score, churn_score: the sum of these. cell_id NULL: on no cell. The base knows no time of a change, so as_of is NULL.';
CREATE UNIQUE INDEX rollup_customer_key ON mkt.rollup_customer (cell_id) NULLS NOT DISTINCT WHERE folded;
CREATE INDEX rollup_customer_cell_id_idx ON mkt.rollup_customer (cell_id);
