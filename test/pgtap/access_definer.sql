-- access_definer: who runs with rights that are not its caller's, and why.
-- A new SECURITY DEFINER function fails here until it is listed with its reason.
SET client_min_messages = warning;
BEGIN;
SELECT plan(4);
CREATE TEMP TABLE listed (routine text PRIMARY KEY, reason text NOT NULL);
INSERT INTO listed VALUES
    ('mkt._channel_room(timestamp with time zone)', 'a channel''s daily capacity is one for the operator, contacts of all branches use it up; tells what is left of a channel, nothing of a branch'),
    -- triggers: nobody can call them, and whoever fires one learns nothing
    ('mkt._consent_log_trigger()',         'consent is logged by whoever changes it, and nobody can write the log otherwise'),
    ('mkt._decision_stamp_trigger()',      'who may change a strategy changes the stamp that tells sessions so'),
    ('mkt._grid_version_trigger()',        'who may change a cell changes the stamp of the map'),
    ('mkt._work_order_log_tag_trigger()',  'a report of the front line gives the customer a tag; the front line cannot write tags'),
    ('mkt._work_order_rollup_trigger()',   'sums behind the cockpits, which nobody can write otherwise'),
    ('mkt._sales_order_cell_trigger()',    'the cell of an order is that of its customer, who may be another branch''s'),
    ('mkt._sales_order_rollup_trigger()',  'sums behind the cockpits'),
    ('mkt._customer_rollup_trigger()',     'sums behind the cockpits'),
    ('mkt._customer_profile_rollup_trigger()', 'sums behind the cockpits'),
    ('mkt._rollup_truncate_trigger()',     'sums behind the cockpits'),
    ('mkt._contact_load_trigger()',        'contacts of a channel''s day are counted by whoever makes one, and nobody can write the counters otherwise'),
    ('mkt._customer_gone_trigger()',       'a customer who is deleted leaves the tag live, which whoever deletes need not be able to write'),
    ('mkt._customer_merge_trigger()',      'a merge moves what hangs on a customer, in whichever branch it stands'),
    ('mkt._customer_unmerge_trigger()',    'and puts it back'),
    ('mkt._staff_unit_trigger()',          'the unit of a person is held against the tree, whatever the caller sees of it'),
    ('mkt._staff_history_trigger()',       'where people stood is written by whoever moves them, and cannot be written otherwise');
CREATE TEMP TABLE found AS
SELECT p.oid, p.oid::regprocedure::text AS routine, p.proconfig, p.prorettype = 'trigger'::regtype AS is_trigger
FROM pg_proc AS p WHERE p.prosecdef AND p.pronamespace IN ('mkt'::regnamespace, 'mkt_cockpit'::regnamespace);
SELECT is_empty('SELECT routine FROM found EXCEPT SELECT routine FROM listed', 'every SECURITY DEFINER function is listed with its reason');
SELECT is_empty('SELECT routine FROM listed EXCEPT SELECT routine FROM found', 'and the list is true');
SELECT is_empty($$SELECT routine FROM found WHERE proconfig IS DISTINCT FROM ARRAY['search_path=pg_catalog, pg_temp']$$, 'their search_path is pinned, pg_temp last');
-- the other way to count what the caller cannot read is src/org/org_owner.c:
-- it runs these as the owner of the tables
SELECT bag_eq($$SELECT p.oid::regprocedure::text FROM pg_proc AS p WHERE p.prosrc IN ('mkt__cap_room', 'mkt__coupon_free_holding')$$,
    ARRAY['mkt._cap_room(timestamp with time zone,bigint,bigint,text)', 'mkt._coupon_free_holding(integer,bigint,integer)'], 'C that counts as the owner, about the caller''s customers');
SELECT * FROM finish();
ROLLBACK;
