-- ----------------------------------------------------------------------
-- sql/install/20-org-life.code.sql: how units come, move, are renamed and
-- end, how people change posts, and the history of both.
-- The tree itself is 20-org.
-- ----------------------------------------------------------------------

-- ---- units -------------------------------------------------------------
CREATE FUNCTION mkt._org_unit(org_id integer) RETURNS record
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    unit record;
BEGIN
    SELECT o.* INTO unit FROM mkt.org AS o WHERE o.org_id = _org_unit.org_id;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'unit % does not exist', coalesce(_org_unit.org_id::text, 'NULL')
            USING ERRCODE = 'no_data_found', HINT = 'Units are listed in mkt.org.';
    END IF;
    RETURN unit;
END
$$;
COMMENT ON FUNCTION mkt._org_unit(integer) IS 'The row of a unit; raises P0002 for one that does not exist.';

CREATE FUNCTION mkt._org_shape_trigger() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    parent record;
    above  text := format('Name a unit of tier %s: SELECT * FROM mkt.org WHERE tier = %s.', NEW.tier - 1, NEW.tier - 1);
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.tier <> OLD.tier THEN
        RAISE EXCEPTION 'unit % cannot go from tier % to tier %', NEW.code, OLD.tier, NEW.tier
            USING ERRCODE = 'integrity_constraint_violation',
                  HINT = 'Close it and open another: mkt.org_close(), mkt.org_open().';
    ELSIF NEW.parent_id IS NULL THEN
        IF NEW.tier <> 1 THEN
            RAISE EXCEPTION 'unit % of tier % has no parent', NEW.code, NEW.tier
                USING ERRCODE = 'integrity_constraint_violation', HINT = above;
        ELSIF EXISTS (SELECT FROM mkt.org AS o WHERE o.parent_id IS NULL AND o.org_id <> NEW.org_id AND o.code <> NEW.code) THEN
            RAISE EXCEPTION 'unit % would be a second root', NEW.code
                USING ERRCODE = 'unique_violation', HINT = 'There is one province. Another operator is another database.';
        END IF;
        RETURN NEW;
    END IF;
    SELECT o.* INTO parent FROM mkt.org AS o WHERE o.org_id = NEW.parent_id;
    -- A parent that is not there may come later in the same statement: the
    -- foreign key will tell.
    IF FOUND AND TG_OP = 'UPDATE' AND parent.lft BETWEEN OLD.lft AND OLD.rgt THEN
        RAISE EXCEPTION 'unit % cannot move under %: that would be a cycle', NEW.code, parent.code
            USING ERRCODE = 'integrity_constraint_violation',
                  HINT = 'A unit cannot stand under itself or one of its descendants.';
    ELSIF FOUND AND parent.tier <> NEW.tier - 1 THEN
        RAISE EXCEPTION 'unit % of tier % cannot stand under % of tier %', NEW.code, NEW.tier, parent.code, parent.tier
            USING ERRCODE = 'integrity_constraint_violation', HINT = above;
    ELSIF FOUND AND parent.valid_to < coalesce(NEW.valid_to, 'infinity') THEN
        RAISE EXCEPTION 'unit % cannot stay open under %, which ends on %', NEW.code, parent.code, parent.valid_to
            USING ERRCODE = 'object_not_in_prerequisite_state', HINT = above;
    END IF;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION mkt._org_shape_trigger() IS
    'Row trigger of mkt.org: says in words why a unit cannot stand where it is put. The constraints of the table hold the same promises.';

CREATE FUNCTION mkt._org_close_trigger() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    reason text;
BEGIN
    -- Waits for whoever is putting something on the unit right now.
    PERFORM FROM mkt.org AS o WHERE o.org_id = NEW.org_id FOR UPDATE;
    reason := CASE
        WHEN EXISTS (SELECT FROM mkt.org AS o
                     WHERE o.parent_id = NEW.org_id AND (o.valid_to IS NULL OR o.valid_to > NEW.valid_to))
            THEN 'units below it stay open'
        WHEN EXISTS (SELECT FROM mkt.staff AS s WHERE s.org_id = NEW.org_id AND s.active)
            THEN 'it still has active staff'
        WHEN EXISTS (SELECT FROM mkt.staff AS s JOIN mkt.customer AS c ON c.owner_staff_id = s.staff_id WHERE s.org_id = NEW.org_id)
            THEN 'its people still own customers'
        WHEN EXISTS (SELECT FROM mkt.staff AS s JOIN mkt.work_order AS w ON w.staff_id = s.staff_id
                     WHERE s.org_id = NEW.org_id AND w.closed_at IS NULL)
            THEN 'its people still hold open work orders'
        WHEN EXISTS (SELECT FROM mkt.grid_cell AS g WHERE g.org_id = NEW.org_id)
          OR EXISTS (SELECT FROM mkt.grid_cell AS g WHERE g.grid_id = NEW.org_id)
            THEN 'it still answers for cells of the map and the customers there'
    END;
    IF reason IS NOT NULL THEN
        RAISE EXCEPTION 'unit % cannot be closed: %', NEW.code, reason
            USING ERRCODE = 'object_in_use', HINT = 'Hand its units, staff, customers, orders and cells to another unit first.';
    END IF;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION mkt._org_close_trigger() IS 'Row trigger of mkt.org: a unit ends only when nothing hangs on it.';

CREATE FUNCTION mkt._org_record(unit integer, parent integer, name text, name_zh text, day date) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    last record;
BEGIN
    SELECT h.* INTO last FROM mkt.org_history AS h WHERE h.org_id = unit ORDER BY h.since DESC LIMIT 1;
    IF FOUND AND (last.parent_id, last.name, last.name_zh) IS NOT DISTINCT FROM (parent, _org_record.name, _org_record.name_zh) THEN
        RETURN;
    END IF;
    INSERT INTO mkt.org_history AS h (org_id, since, parent_id, name, name_zh)
    VALUES (unit, greatest(day, last.since), parent, _org_record.name, _org_record.name_zh)
    ON CONFLICT ON CONSTRAINT org_history_pkey
        DO UPDATE SET parent_id = excluded.parent_id, name = excluded.name, name_zh = excluded.name_zh;
END
$$;
COMMENT ON FUNCTION mkt._org_record(integer, integer, text, text, date) IS
    'Writes into the history where a unit stands from a day on, unless the history says so already. The last change of a day counts.';

CREATE FUNCTION mkt._org_history_trigger() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    -- The functions below have recorded the change under its day before; what
    -- was written past them is of today.
    PERFORM mkt._org_record(NEW.org_id, NEW.parent_id, NEW.name, NEW.name_zh,
                            CASE TG_OP WHEN 'INSERT' THEN NEW.valid_from ELSE mkt._day(now()) END);
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION mkt._org_history_trigger() IS 'Row trigger of mkt.org: no change of a parent or a name without its line of history, in the same transaction.';

CREATE FUNCTION mkt._require_later(what text, day date, last date) RETURNS void
    LANGUAGE plpgsql IMMUTABLE
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF day < last THEN
        RAISE EXCEPTION '% changed on %, it cannot change on % before that', what, last, day
            USING ERRCODE = 'invalid_parameter_value', HINT = format('Name a day from %s on, or correct the history table.', last);
    END IF;
END
$$;
COMMENT ON FUNCTION mkt._require_later(text, date, date) IS 'Raises 22023 for a change that would precede the last one: history grows at its end.';

CREATE FUNCTION mkt._org_change(org_id integer, parent integer, name text, name_zh text, as_of timestamptz) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    unit record;
    day  date := mkt._day(as_of);
BEGIN
    PERFORM mkt._org_lock();
    unit := mkt._org_unit(_org_change.org_id);
    PERFORM mkt._require_later('unit ' || unit.code, day,
        (SELECT max(h.since) FROM mkt.org_history AS h WHERE h.org_id = unit.org_id));
    PERFORM mkt._org_record(unit.org_id, coalesce(parent, unit.parent_id),
        coalesce(_org_change.name, unit.name), coalesce(_org_change.name_zh, unit.name_zh), day);
    UPDATE mkt.org AS o
    SET parent_id = coalesce(parent, o.parent_id), name = coalesce(_org_change.name, o.name), name_zh = coalesce(_org_change.name_zh, o.name_zh)
    WHERE o.org_id = unit.org_id;
END
$$;
COMMENT ON FUNCTION mkt._org_change(integer, integer, text, text, timestamptz) IS
    'Changes the parent or the names of a unit from the day of as_of on; NULL leaves one as it is.';

CREATE FUNCTION mkt.org_move(org_id integer, new_parent integer, as_of timestamptz DEFAULT now()) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM mkt._org_unit(org_move.org_id), mkt._org_unit(new_parent);
    PERFORM mkt._org_change(org_move.org_id, new_parent, NULL, NULL, as_of);
END
$$;
COMMENT ON FUNCTION mkt.org_move(integer, integer, timestamptz) IS
    'Moves a unit with everything below it under another parent, in one transaction. No fact row is rewritten: facts carry the tier-7 unit only. The history knows it there from the day of as_of on (S0-011).';

CREATE FUNCTION mkt.org_rename(org_id integer, name text, name_zh text, as_of timestamptz DEFAULT now()) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM mkt._org_change(org_rename.org_id, NULL, org_rename.name, org_rename.name_zh, as_of);
END
$$;
COMMENT ON FUNCTION mkt.org_rename(integer, text, text, timestamptz) IS
    'Gives a unit other names; the history keeps the old ones until the day of as_of. NULL leaves a name as it is.';

CREATE FUNCTION mkt.org_open(code text, name text, name_zh text, parent integer, area_kind text DEFAULT NULL,
                             as_of timestamptz DEFAULT now()) RETURNS integer
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    above  record;
    same   record;
    opened integer;
BEGIN
    PERFORM mkt._org_lock();
    above := mkt._org_unit(org_open.parent);
    SELECT o.org_id, p.code AS parent INTO same
    FROM mkt.org AS o LEFT JOIN mkt.org AS p ON p.org_id = o.parent_id WHERE o.code = org_open.code;
    IF FOUND THEN
        RAISE EXCEPTION 'unit % stands already under %', org_open.code, coalesce(same.parent, 'nobody')
            USING ERRCODE = 'unique_violation',
                  HINT = format('A unit has one parent. To move it: SELECT mkt.org_move(%s, %s).', same.org_id, above.org_id);
    ELSIF above.tier = 7 THEN
        RAISE EXCEPTION 'unit % of tier 7 has nobody below it', above.code
            USING ERRCODE = 'integrity_constraint_violation', HINT = 'There are seven tiers: see mkt.tier.';
    END IF;
    INSERT INTO mkt.org (org_id, parent_id, tier, code, name, name_zh, area_kind, valid_from)
    VALUES ((SELECT max(o.org_id) + 1 FROM mkt.org AS o), above.org_id, above.tier + 1,
            org_open.code, org_open.name, org_open.name_zh, org_open.area_kind, mkt._day(as_of))
    RETURNING org_id INTO opened;
    RETURN opened;
END
$$;
COMMENT ON FUNCTION mkt.org_open(text, text, text, integer, text, timestamptz) IS
    'Opens a unit below another from the day of as_of on and returns its number.';

CREATE FUNCTION mkt.org_close(org_id integer, valid_to date) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM mkt._org_lock();
    PERFORM mkt._org_unit(org_close.org_id);
    UPDATE mkt.org AS o SET valid_to = org_close.valid_to WHERE o.org_id = org_close.org_id;
END
$$;
COMMENT ON FUNCTION mkt.org_close(integer, date) IS
    'Ends a unit on a date (exclusive); NULL opens it again. Refused while something still hangs on it. Its past figures stay where they are.';

-- ---- people ------------------------------------------------------------
CREATE FUNCTION mkt._staff_unit_trigger() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    unit record;
BEGIN
    -- Waits for whoever is closing the unit right now.
    SELECT o.code, o.valid_to INTO unit FROM mkt.org AS o WHERE o.org_id = NEW.org_id FOR KEY SHARE;
    IF unit.valid_to IS NOT NULL AND NEW.active THEN
        RAISE EXCEPTION 'staff % cannot stand in unit %, which ends on %', NEW.code, unit.code, unit.valid_to
            USING ERRCODE = 'object_not_in_prerequisite_state', HINT = 'Choose a unit whose valid_to is empty.';
    END IF;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION mkt._staff_unit_trigger() IS 'Row trigger of mkt.staff: nobody works in a unit that is closed.';

CREATE FUNCTION mkt._staff_record(staff integer, org integer, post text, active boolean, day date) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    last record;
BEGIN
    SELECT h.* INTO last FROM mkt.staff_history AS h WHERE h.staff_id = staff ORDER BY h.since DESC LIMIT 1;
    IF FOUND AND (last.org_id, last.post_code, last.active) IS NOT DISTINCT FROM (org, post, _staff_record.active) THEN
        RETURN;
    END IF;
    INSERT INTO mkt.staff_history AS h (staff_id, since, org_id, post_code, active)
    VALUES (staff, greatest(day, last.since), org, post, _staff_record.active)
    ON CONFLICT ON CONSTRAINT staff_history_pkey
        DO UPDATE SET org_id = excluded.org_id, post_code = excluded.post_code, active = excluded.active;
END
$$;
COMMENT ON FUNCTION mkt._staff_record(integer, integer, text, boolean, date) IS
    'Writes into the history which post a person holds from a day on, unless the history says so already. The last change of a day counts.';

CREATE FUNCTION mkt._staff_history_trigger() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM mkt._staff_record(NEW.staff_id, NEW.org_id, NEW.post_code, NEW.active,
                              CASE TG_OP WHEN 'INSERT' THEN NEW.joined_on ELSE mkt._day(now()) END);
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION mkt._staff_history_trigger() IS
    'Row trigger of mkt.staff: no change of unit or post without its line of history. Who may change a person need not have rights on the history.';

CREATE FUNCTION mkt.staff_post(staff integer, post_code text, org integer, as_of timestamptz DEFAULT now()) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    day    date := mkt._day(as_of);
    person record;
BEGIN
    PERFORM mkt._require_staff(staff);
    PERFORM mkt._org_unit(org);
    IF NOT EXISTS (SELECT FROM mkt.post AS p WHERE p.post_code = staff_post.post_code) THEN
        RAISE EXCEPTION 'post "%" does not exist', staff_post.post_code
            USING ERRCODE = 'undefined_object',
                  HINT = format('Posts: %s.', (SELECT string_agg(p.post_code, ', ' ORDER BY p.post_code) FROM mkt.post AS p));
    END IF;
    SELECT s.* INTO person FROM mkt.staff AS s WHERE s.staff_id = staff FOR UPDATE;
    PERFORM mkt._require_later('staff ' || person.code, day,
        (SELECT max(h.since) FROM mkt.staff_history AS h WHERE h.staff_id = staff));
    PERFORM mkt._staff_record(staff, org, staff_post.post_code, person.active, day);
    UPDATE mkt.staff AS s SET post_code = staff_post.post_code, org_id = org WHERE s.staff_id = staff;
END
$$;
COMMENT ON FUNCTION mkt.staff_post(integer, text, integer, timestamptz) IS
    'Gives a person a post in a unit from the day of as_of on; the one before ends that day, so nobody ever holds two (S0-097).';
