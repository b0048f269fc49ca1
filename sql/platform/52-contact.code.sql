-- ----------------------------------------------------------------------
-- sql/platform/52-contact.code.sql: what counts the ledger.
-- ----------------------------------------------------------------------
CREATE OR REPLACE TRIGGER contact_load_insert
    AFTER INSERT ON mkt.contact
    REFERENCING NEW TABLE AS moved
    FOR EACH STATEMENT EXECUTE FUNCTION mkt._contact_load_trigger('1');
COMMENT ON TRIGGER contact_load_insert ON mkt.contact IS 'Counts the contacts of a day: see mkt.channel_load.';

CREATE OR REPLACE TRIGGER contact_load_update
    AFTER UPDATE ON mkt.contact
    REFERENCING OLD TABLE AS was NEW TABLE AS moved
    FOR EACH STATEMENT EXECUTE FUNCTION mkt._contact_load_trigger();
COMMENT ON TRIGGER contact_load_update ON mkt.contact IS 'Counts the contacts of a day: see mkt.channel_load.';

CREATE OR REPLACE TRIGGER contact_load_delete
    AFTER DELETE ON mkt.contact
    REFERENCING OLD TABLE AS moved
    FOR EACH STATEMENT EXECUTE FUNCTION mkt._contact_load_trigger('-1');
COMMENT ON TRIGGER contact_load_delete ON mkt.contact IS 'Counts the contacts of a day: see mkt.channel_load.';

CREATE OR REPLACE TRIGGER contact_load_truncate
    AFTER TRUNCATE ON mkt.contact
    FOR EACH STATEMENT EXECUTE FUNCTION mkt._contact_load_trigger();
COMMENT ON TRIGGER contact_load_truncate ON mkt.contact IS 'Counts the contacts of a day: see mkt.channel_load.';
