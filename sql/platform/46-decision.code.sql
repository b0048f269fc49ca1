-- ----------------------------------------------------------------------
-- sql/platform/46-decision.code.sql: what sessions keep a copy of tells them
-- when it changed. Once per statement; mkt.tag is written all day, so only a
-- change of its names counts, the shape of numbers is compared by the engine.
-- ----------------------------------------------------------------------
CREATE OR REPLACE TRIGGER decision_stamp
    AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON mkt.strategy
    FOR EACH STATEMENT EXECUTE FUNCTION mkt._decision_stamp_trigger('strategy');
COMMENT ON TRIGGER decision_stamp ON mkt.strategy IS 'Sessions read this table anew: see mkt.decision_stamp.';

CREATE OR REPLACE TRIGGER decision_stamp
    AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON mkt.strategy_version
    FOR EACH STATEMENT EXECUTE FUNCTION mkt._decision_stamp_trigger('strategy');
COMMENT ON TRIGGER decision_stamp ON mkt.strategy_version IS 'Sessions read this table anew: see mkt.decision_stamp.';

CREATE OR REPLACE TRIGGER decision_stamp
    AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON mkt.strategy_channel
    FOR EACH STATEMENT EXECUTE FUNCTION mkt._decision_stamp_trigger('strategy');
COMMENT ON TRIGGER decision_stamp ON mkt.strategy_channel IS 'Sessions read this table anew: see mkt.decision_stamp.';

CREATE OR REPLACE TRIGGER decision_stamp
    AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON mkt.offer
    FOR EACH STATEMENT EXECUTE FUNCTION mkt._decision_stamp_trigger('strategy');
COMMENT ON TRIGGER decision_stamp ON mkt.offer IS 'Sessions read this table anew: see mkt.decision_stamp.';

CREATE OR REPLACE TRIGGER decision_stamp
    AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON mkt.product
    FOR EACH STATEMENT EXECUTE FUNCTION mkt._decision_stamp_trigger('strategy');
COMMENT ON TRIGGER decision_stamp ON mkt.product IS 'Sessions read this table anew: see mkt.decision_stamp.';

CREATE OR REPLACE TRIGGER decision_stamp
    AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON mkt.channel
    FOR EACH STATEMENT EXECUTE FUNCTION mkt._decision_stamp_trigger('strategy');
COMMENT ON TRIGGER decision_stamp ON mkt.channel IS 'Sessions read this table anew: see mkt.decision_stamp.';

CREATE OR REPLACE TRIGGER decision_stamp
    AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON mkt.channel_product_priority
    FOR EACH STATEMENT EXECUTE FUNCTION mkt._decision_stamp_trigger('strategy');
COMMENT ON TRIGGER decision_stamp ON mkt.channel_product_priority IS 'Sessions read this table anew: see mkt.decision_stamp.';

CREATE OR REPLACE TRIGGER decision_stamp
    AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON mkt.contact_cap
    FOR EACH STATEMENT EXECUTE FUNCTION mkt._decision_stamp_trigger('strategy');
COMMENT ON TRIGGER decision_stamp ON mkt.contact_cap IS 'Sessions read this table anew: see mkt.decision_stamp.';

CREATE OR REPLACE TRIGGER decision_stamp
    AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON mkt.repeat_window
    FOR EACH STATEMENT EXECUTE FUNCTION mkt._decision_stamp_trigger('strategy');
COMMENT ON TRIGGER decision_stamp ON mkt.repeat_window IS 'Sessions read this table anew: see mkt.decision_stamp.';

CREATE OR REPLACE TRIGGER decision_stamp
    AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON mkt.strategy_pair
    FOR EACH STATEMENT EXECUTE FUNCTION mkt._decision_stamp_trigger('strategy');
COMMENT ON TRIGGER decision_stamp ON mkt.strategy_pair IS 'Sessions read this table anew: see mkt.decision_stamp.';

CREATE OR REPLACE TRIGGER decision_stamp
    AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON mkt.holdout
    FOR EACH STATEMENT EXECUTE FUNCTION mkt._decision_stamp_trigger('strategy');
COMMENT ON TRIGGER decision_stamp ON mkt.holdout IS 'Sessions read this table anew: see mkt.decision_stamp.';

CREATE OR REPLACE TRIGGER decision_stamp
    AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON mkt.platform
    FOR EACH STATEMENT EXECUTE FUNCTION mkt._decision_stamp_trigger('strategy');
COMMENT ON TRIGGER decision_stamp ON mkt.platform IS 'Sessions read this table anew: see mkt.decision_stamp.';

CREATE OR REPLACE TRIGGER decision_stamp
    AFTER UPDATE OF state ON mkt.round
    FOR EACH STATEMENT EXECUTE FUNCTION mkt._decision_stamp_trigger('strategy');
COMMENT ON TRIGGER decision_stamp ON mkt.round IS 'Sessions read this table anew: see mkt.decision_stamp.';

CREATE OR REPLACE TRIGGER decision_stamp
    AFTER INSERT OR UPDATE OF version OR DELETE OR TRUNCATE ON mkt.round_strategy
    FOR EACH STATEMENT EXECUTE FUNCTION mkt._decision_stamp_trigger('strategy');
COMMENT ON TRIGGER decision_stamp ON mkt.round_strategy IS 'Sessions read this table anew: see mkt.decision_stamp.';

CREATE OR REPLACE TRIGGER decision_stamp
    AFTER UPDATE OF code, name_zh OR DELETE OR TRUNCATE ON mkt.tag
    FOR EACH STATEMENT EXECUTE FUNCTION mkt._decision_stamp_trigger('strategy');
COMMENT ON TRIGGER decision_stamp ON mkt.tag IS 'Sessions read this table anew: see mkt.decision_stamp.';

CREATE OR REPLACE TRIGGER decision_stamp
    AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON mkt.staff
    FOR EACH STATEMENT EXECUTE FUNCTION mkt._decision_stamp_trigger('people');
COMMENT ON TRIGGER decision_stamp ON mkt.staff IS 'Sessions read this table anew: see mkt.decision_stamp.';

CREATE OR REPLACE TRIGGER decision_stamp
    AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON mkt.org
    FOR EACH STATEMENT EXECUTE FUNCTION mkt._decision_stamp_trigger('people', 'strategy');
COMMENT ON TRIGGER decision_stamp ON mkt.org IS 'Sessions read this table anew: see mkt.decision_stamp.';

CREATE OR REPLACE TRIGGER decision_stamp
    AFTER INSERT OR UPDATE OF cell_id, org_id, grid_id OR DELETE OR TRUNCATE ON mkt.grid_cell
    FOR EACH STATEMENT EXECUTE FUNCTION mkt._decision_stamp_trigger('people', 'strategy');
COMMENT ON TRIGGER decision_stamp ON mkt.grid_cell IS 'Sessions read this table anew: see mkt.decision_stamp.';

-- expressions name places: in_org(), in_grid(), in_area()
CREATE OR REPLACE TRIGGER decision_stamp
    AFTER UPDATE ON mkt.grid_version
    FOR EACH STATEMENT EXECUTE FUNCTION mkt._decision_stamp_trigger('strategy');
COMMENT ON TRIGGER decision_stamp ON mkt.grid_version IS 'Sessions read the map anew: see mkt.decision_stamp.';

-- ---- parents of work orders ----------------------------------------------
CREATE OR REPLACE TRIGGER deploy_guard
    BEFORE DELETE ON mkt.customer
    FOR EACH STATEMENT EXECUTE FUNCTION mkt._deploy_guard_trigger();
COMMENT ON TRIGGER deploy_guard ON mkt.customer IS 'A deployment in progress is waited for (S0-033).';

CREATE OR REPLACE TRIGGER deploy_guard
    BEFORE DELETE ON mkt.staff
    FOR EACH STATEMENT EXECUTE FUNCTION mkt._deploy_guard_trigger();
COMMENT ON TRIGGER deploy_guard ON mkt.staff IS 'A deployment in progress is waited for (S0-033).';

CREATE OR REPLACE TRIGGER deploy_guard
    BEFORE DELETE ON mkt.channel
    FOR EACH STATEMENT EXECUTE FUNCTION mkt._deploy_guard_trigger();
COMMENT ON TRIGGER deploy_guard ON mkt.channel IS 'A deployment in progress is waited for (S0-033).';

CREATE OR REPLACE TRIGGER customer_gone
    AFTER DELETE ON mkt.customer
    REFERENCING OLD TABLE AS gone
    FOR EACH STATEMENT EXECUTE FUNCTION mkt._customer_gone_trigger();
COMMENT ON TRIGGER customer_gone ON mkt.customer IS 'Keeps the tag live within the customers there are.';
