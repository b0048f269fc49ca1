-- ----------------------------------------------------------------------
-- sql/platform/30-customer.code.sql: checks and lists around customers.
-- ----------------------------------------------------------------------
CREATE OR REPLACE TRIGGER consent_channel
    BEFORE INSERT OR UPDATE OF channel_code ON mkt.consent
    FOR EACH ROW WHEN (NEW.channel_code <> '*') EXECUTE FUNCTION mkt._consent_channel_trigger();
COMMENT ON TRIGGER consent_channel ON mkt.consent IS 'channel_code is a channel or *, which a foreign key cannot say.';

CREATE OR REPLACE VIEW mkt.customer_unlocated WITH (security_invoker = true) AS
    SELECT c.cid, c.customer_key, c.net, c.location,
           CASE WHEN c.location IS NULL THEN 'no address point' ELSE 'outside every grid' END AS reason
    FROM mkt.customer AS c
    WHERE c.cell_id IS NULL AND c.live;
COMMENT ON VIEW mkt.customer_unlocated IS 'Customers who hang on no cell of the map, and why: nobody in the field answers for them (S0-013).';

CREATE OR REPLACE TRIGGER consent_log_said
    AFTER INSERT ON mkt.consent
    REFERENCING NEW TABLE AS after
    FOR EACH STATEMENT EXECUTE FUNCTION mkt._consent_log_trigger();
COMMENT ON TRIGGER consent_log_said ON mkt.consent IS 'What is said is logged.';

CREATE OR REPLACE TRIGGER consent_log_changed
    AFTER UPDATE ON mkt.consent
    REFERENCING OLD TABLE AS before NEW TABLE AS after
    FOR EACH STATEMENT EXECUTE FUNCTION mkt._consent_log_trigger();
COMMENT ON TRIGGER consent_log_changed ON mkt.consent IS 'What is said anew is logged.';

CREATE OR REPLACE TRIGGER consent_log_removed
    AFTER DELETE ON mkt.consent
    REFERENCING OLD TABLE AS before
    FOR EACH STATEMENT EXECUTE FUNCTION mkt._consent_log_trigger();
COMMENT ON TRIGGER consent_log_removed ON mkt.consent IS 'What is taken out is logged.';

CREATE OR REPLACE TRIGGER consent_log_keep
    BEFORE UPDATE OR DELETE OR TRUNCATE ON mkt.consent_log
    FOR EACH STATEMENT EXECUTE FUNCTION mkt._append_only_trigger();
COMMENT ON TRIGGER consent_log_keep ON mkt.consent_log IS 'The log is append-only.';
