-- ----------------------------------------------------------------------
-- sql/install/30-customer.code.sql: customers and the map, and the check
-- behind consent. Whether a contact is allowed is 42-policy.
-- ----------------------------------------------------------------------
CREATE FUNCTION mkt._consent_channel_trigger() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM mkt.channel AS c WHERE c.channel_code = NEW.channel_code) THEN
        RAISE EXCEPTION 'channel "%" does not exist', NEW.channel_code
            USING ERRCODE = 'foreign_key_violation', HINT = 'Use a channel of mkt.channel, or * for all of them.';
    END IF;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION mkt._consent_channel_trigger() IS 'Row trigger of mkt.consent: the channel exists.';

CREATE FUNCTION mkt.customer_assign_cells(cells integer[] DEFAULT '{}') RETURNS bigint
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    assigned bigint;
BEGIN
    UPDATE mkt.customer AS c
    SET cell_id = mkt._cell_at(c.location)
    WHERE (c.cell_id IS NULL OR cells IS NULL OR c.cell_id = ANY (cells))
      AND c.location IS NOT NULL AND mkt._cell_at(c.location) IS DISTINCT FROM c.cell_id;
    GET DIAGNOSTICS assigned = ROW_COUNT;
    RETURN assigned;
END
$$;
COMMENT ON FUNCTION mkt.customer_assign_cells(integer[]) IS
    'Puts every customer without a cell into the one that covers its address point, as mkt.locate_cell() would; those of the given cells (NULL: everybody) are placed anew. Returns how many changed. Those outside every grid stay listed in mkt.customer_unlocated (S0-013).';

-- ---- consent -----------------------------------------------------------
CREATE FUNCTION mkt._consent_log_trigger() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    -- who it is to the caller: the log belongs to the platform, so that nobody
    -- who may write consent can write proof without it
    actor name := coalesce(nullif(current_setting('role'), 'none'), session_user);
BEGIN
    IF TG_OP = 'DELETE' THEN
        INSERT INTO mkt.consent_log (cid, channel_code, contact_class, granted, actor)
        SELECT b.cid, b.channel_code, b.contact_class, NULL, actor FROM before AS b ORDER BY b.cid, b.channel_code;
    ELSIF TG_OP = 'INSERT' THEN
        INSERT INTO mkt.consent_log (cid, channel_code, contact_class, granted, since, source, actor)
        SELECT a.cid, a.channel_code, a.contact_class, a.granted, a.since, a.source, actor FROM after AS a ORDER BY a.cid, a.channel_code;
    ELSE
        INSERT INTO mkt.consent_log (cid, channel_code, contact_class, granted, actor)
        SELECT b.cid, b.channel_code, b.contact_class, NULL, actor
        FROM before AS b
        WHERE NOT EXISTS (SELECT FROM after AS a WHERE (a.cid, a.channel_code, a.contact_class) = (b.cid, b.channel_code, b.contact_class));
        INSERT INTO mkt.consent_log (cid, channel_code, contact_class, granted, since, source, actor)
        SELECT a.cid, a.channel_code, a.contact_class, a.granted, a.since, a.source, actor
        FROM (TABLE after EXCEPT TABLE before) AS a
        ORDER BY a.cid, a.channel_code;
    END IF;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION mkt._consent_log_trigger() IS 'Statement trigger of mkt.consent: writes mkt.consent_log, with the caller as actor.';

CREATE FUNCTION mkt.consent_set(cid bigint, granted boolean, channel_code text DEFAULT '*', contact_class text DEFAULT 'marketing',
                                source text DEFAULT NULL, as_of timestamptz DEFAULT now()) RETURNS boolean
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    changed boolean;
BEGIN
    PERFORM mkt._require_platform();
    PERFORM mkt._require_customer(consent_set.cid);
    INSERT INTO mkt.consent AS c (cid, channel_code, contact_class, granted, since, source)
    VALUES (consent_set.cid, consent_set.channel_code, consent_set.contact_class, consent_set.granted, as_of, consent_set.source)
    ON CONFLICT ON CONSTRAINT consent_pkey DO UPDATE SET (granted, since, source) = (excluded.granted, excluded.since, excluded.source)
        WHERE c.granted <> excluded.granted
    RETURNING true INTO changed;
    RETURN coalesce(changed, false);
END
$$;
COMMENT ON FUNCTION mkt.consent_set(bigint, boolean, text, text, text, timestamptz) IS
    'Enters what a customer has granted or refused, per channel (* all) and class, and where it was said; returns whether that changed anything. Repeating it keeps the first date (S3-012).';

CREATE FUNCTION mkt.consent_at(cid bigint, as_of timestamptz DEFAULT now())
    RETURNS TABLE (channel_code text, contact_class text, granted boolean, since timestamptz, source text, actor name, logged_at timestamptz)
    LANGUAGE plpgsql STABLE ROWS 5
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM mkt._require_customer(consent_at.cid);
    RETURN QUERY
        SELECT s.channel_code, s.contact_class, s.granted, s.since, s.source, s.actor, s.logged_at
        FROM (SELECT DISTINCT ON (l.channel_code, l.contact_class) l.*
              FROM mkt.consent_log AS l
              WHERE l.cid = consent_at.cid AND l.since <= consent_at.as_of
              ORDER BY l.channel_code, l.contact_class, l.log_id DESC) AS s
        WHERE s.granted IS NOT NULL
        ORDER BY s.channel_code, s.contact_class;
END
$$;
COMMENT ON FUNCTION mkt.consent_at(bigint, timestamptz) IS
    'What a customer had granted and refused at a moment, with the proof: where it was said, who entered it, when (S3-012). From mkt.consent_log.';

-- ---- households --------------------------------------------------------
CREATE FUNCTION mkt.household_members(cid bigint)
    RETURNS TABLE (member bigint, customer_key text, name_zh text, net text, live boolean, derived boolean)
    LANGUAGE plpgsql STABLE ROWS 4
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM mkt._require_customer(household_members.cid);
    RETURN QUERY
        SELECT m.cid, m.customer_key, m.name_zh, m.net, m.live, m.household_derived
        FROM mkt.customer AS c
        JOIN mkt.customer AS m ON m.cid = c.cid OR m.household_id = c.household_id AND m.merged_into IS NULL
        WHERE c.cid = household_members.cid
        ORDER BY m.cid;
END
$$;
COMMENT ON FUNCTION mkt.household_members(bigint) IS 'The customers of a customer''s household, the customer included, as far as the caller sees them.';

CREATE FUNCTION mkt.household_derive() RETURNS bigint
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning   -- nothing to drop is no news
AS $$
DECLARE
    changed bigint;
BEGIN
    PERFORM mkt._require_platform();
    -- Whoever shares an address or an account is tied; ties of ties too, so
    -- the smallest number wanders through every component until it stands.
    DROP TABLE IF EXISTS pg_temp.mkt_household_tie, pg_temp.mkt_household;
    CREATE TEMP TABLE mkt_household_tie ON COMMIT DROP AS
        SELECT c.cid, c.address_id * 2 AS tie
        FROM mkt.customer AS c WHERE c.live AND c.address_id IS NOT NULL
        UNION
        SELECT p.cid, p.account_id * 2 + 1
        FROM (SELECT s.cid, s.account_id FROM mkt.subscription AS s WHERE s.account_id IS NOT NULL AND s.valid_to IS NULL
              UNION SELECT a.cid, a.account_id FROM mkt.account AS a) AS p
        JOIN mkt.customer AS c ON c.cid = p.cid AND c.live;
    DELETE FROM pg_temp.mkt_household_tie AS t
    USING (SELECT e.tie FROM pg_temp.mkt_household_tie AS e GROUP BY e.tie HAVING count(*) = 1) AS alone
    WHERE t.tie = alone.tie;
    CREATE INDEX ON pg_temp.mkt_household_tie (tie);
    CREATE TEMP TABLE mkt_household ON COMMIT DROP AS SELECT DISTINCT t.cid, t.cid AS label FROM pg_temp.mkt_household_tie AS t;
    ALTER TABLE pg_temp.mkt_household ADD PRIMARY KEY (cid);
    ANALYZE pg_temp.mkt_household_tie;
    ANALYZE pg_temp.mkt_household;
    LOOP
        UPDATE pg_temp.mkt_household AS h
        SET label = n.label
        FROM (SELECT t.cid, min(g.label) AS label
              FROM pg_temp.mkt_household_tie AS t
              JOIN (SELECT e.tie, min(m.label) AS label
                    FROM pg_temp.mkt_household_tie AS e JOIN pg_temp.mkt_household AS m ON m.cid = e.cid GROUP BY e.tie) AS g ON g.tie = t.tie
              GROUP BY t.cid) AS n
        WHERE n.cid = h.cid AND n.label < h.label;
        EXIT WHEN NOT FOUND;
    END LOOP;

    UPDATE mkt.customer AS c
    SET household_id = n.household_id, household_derived = n.household_id IS NOT NULL
    FROM (SELECT m.cid,
                 -- a household that somebody gave takes in those who live with it
                 CASE WHEN h.label IS NOT NULL THEN coalesce(given.household_id, -h.label - 1) END AS household_id
          FROM mkt.customer AS m
          LEFT JOIN pg_temp.mkt_household AS h ON h.cid = m.cid
          LEFT JOIN (SELECT e.label, min(g.household_id) AS household_id
                     FROM pg_temp.mkt_household AS e
                     JOIN mkt.customer AS g ON g.cid = e.cid AND g.household_id IS NOT NULL AND NOT g.household_derived
                     GROUP BY e.label) AS given ON given.label = h.label
          WHERE m.household_derived OR m.household_id IS NULL) AS n
    WHERE n.cid = c.cid AND c.household_id IS DISTINCT FROM n.household_id;
    GET DIAGNOSTICS changed = ROW_COUNT;
    RETURN changed;
END
$$;
COMMENT ON FUNCTION mkt.household_derive() IS
    'Ties live customers who share an address or a billing account into households, where nobody gave one; returns how many customers changed. A derived household has a negative number unless it joins one that was given.';

CREATE FUNCTION mkt.customer_follow(cids bigint[], as_of timestamptz DEFAULT now()) RETURNS bigint
    LANGUAGE plpgsql STRICT
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    now   record;
    moved bigint;
BEGIN
    SELECT coalesce(mkt.tagmap_agg(w.cid) FILTER (WHERE c.live), '{}') AS living,
           coalesce(mkt.tagmap_agg(w.cid) FILTER (WHERE c.live IS NOT TRUE), '{}') AS gone,
           coalesce(array_agg(w.cid), '{}') AS cids, coalesce(array_agg(CASE WHEN c.live THEN c.cell_id END::numeric), '{}') AS cells
    INTO now
    FROM (SELECT DISTINCT u.cid FROM unnest(cids) AS u(cid) WHERE u.cid IS NOT NULL) AS w
    LEFT JOIN mkt.customer AS c ON c.cid = w.cid;
    moved := mkt.tag_change_values('cell', now.cids, now.cells, as_of);
    RETURN moved + mkt.tag_add('live', now.living, as_of) + mkt.tag_remove('live', now.gone, as_of);
END
$$;
COMMENT ON FUNCTION mkt.customer_follow(bigint[], timestamptz) IS
    'Brings the tags live and cell up to date with what mkt.customer says of these customers, in the caller''s transaction; one that is not there any more is gone. Returns how many entries of the two changed.';
