-- ----------------------------------------------------------------------
-- sql/install/70-merge.code.sql: two customers become one, and two again.
--
-- mkt.merge_rule says what happens to each table; everything that is changed
-- goes to mkt.customer_merge_row, from which a merge is taken back. What others
-- have changed since then stays as they left it.
-- The log holds times as text with their offset, so the functions that write
-- or compare it run in UTC.
-- ----------------------------------------------------------------------

-- ---- tables --------------------------------------------------------------
CREATE FUNCTION mkt._merge_key(tab name, OUT names name[], OUT types text[])
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    SELECT array_agg(a.attname ORDER BY a.attnum), array_agg(format_type(a.atttypid, a.atttypmod) ORDER BY a.attnum) INTO names, types
    FROM pg_index AS i
    JOIN pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey)
    WHERE i.indrelid = format('mkt.%I', tab)::regclass AND i.indisprimary;
END
$$;
COMMENT ON FUNCTION mkt._merge_key(name) IS 'The columns of a table''s primary key.';

CREATE FUNCTION mkt._merge_move(run bigint, tab name, col name, also jsonb, keep bigint, gone bigint) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    SET timezone = 'UTC'
AS $$
DECLARE
    key     name[] := (mkt._merge_key(tab)).names;
    changed name[] := col || ARRAY(SELECT a::name FROM jsonb_object_keys(also) AS a ORDER BY a);
BEGIN
    EXECUTE (SELECT format('WITH moved AS (
            UPDATE mkt.%1$I AS t SET %2$s
            FROM mkt.%1$I AS o
            WHERE o.%3$I = $3 AND %4$s
            RETURNING jsonb_build_object(%5$s) AS key, jsonb_build_object(%6$s) AS before, jsonb_build_object(%7$s) AS after)
        INSERT INTO mkt.customer_merge_row (merge_id, table_name, key, before, after)
        SELECT $1, %1$L, m.key, m.before, m.after FROM moved AS m',
        tab,
        (SELECT string_agg(format('%I = %s', c, coalesce(also ->> c, '$2')), ', ') FROM unnest(changed) AS c),
        col,
        (SELECT string_agg(format('o.%1$I = t.%1$I', k), ' AND ') FROM unnest(key) AS k),
        (SELECT string_agg(format('%1$L, t.%1$I', k), ', ') FROM unnest(key) AS k),
        (SELECT string_agg(format('%1$L, o.%1$I', c), ', ') FROM unnest(changed) AS c),
        (SELECT string_agg(format('%1$L, t.%1$I', c), ', ') FROM unnest(changed) AS c)))
    USING run, keep, gone;
END
$$;
COMMENT ON FUNCTION mkt._merge_move(bigint, name, name, jsonb, bigint, bigint) IS 'Merge rule move: the rows of the one who goes become the keeper''s.';

CREATE FUNCTION mkt._merge_pair(run bigint, tab name, col name, prefer text, keep bigint, gone bigint) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    SET timezone = 'UTC'
AS $$
DECLARE
    key    name[] := (mkt._merge_key(tab)).names;
    same   text   := coalesce((SELECT string_agg(format('o.%1$I = g.%1$I', k), ' AND ') FROM unnest(key) AS k WHERE k <> col), 'true');
    others name[] := ARRAY(SELECT a.attname FROM pg_attribute AS a
                           WHERE a.attrelid = format('mkt.%I', tab)::regclass AND a.attnum > 0 AND NOT a.attisdropped AND a.attname <> ALL (key));
BEGIN
    -- the keeper's row takes what is better in the other's
    EXECUTE (SELECT format('WITH better AS (
            UPDATE mkt.%1$I AS t SET %2$s
            FROM mkt.%1$I AS o JOIN mkt.%1$I AS g ON g.%3$I = $3 AND %4$s
            WHERE o.%3$I = $2 AND %5$s AND (%6$s) IS DISTINCT FROM (%7$s)
            RETURNING jsonb_build_object(%8$s) AS key, jsonb_build_object(%9$s) AS before, jsonb_build_object(%10$s) AS after)
        INSERT INTO mkt.customer_merge_row (merge_id, table_name, key, before, after)
        SELECT $1, %1$L, b.key, b.before, b.after FROM better AS b',
        tab, (SELECT string_agg(format('%I = %s', c, taken.text), ', ') FROM unnest(others) AS c, LATERAL mkt._merge_taken(c, prefer) AS taken(text)), col, same,
        (SELECT string_agg(format('o.%1$I = t.%1$I', k), ' AND ') FROM unnest(key) AS k),
        (SELECT string_agg(mkt._merge_taken(c, prefer), ', ') FROM unnest(others) AS c),
        (SELECT string_agg(format('o.%I', c), ', ') FROM unnest(others) AS c),
        (SELECT string_agg(format('%1$L, t.%1$I', k), ', ') FROM unnest(key) AS k),
        (SELECT string_agg(format('%1$L, o.%1$I', c), ', ') FROM unnest(others) AS c),
        (SELECT string_agg(format('%1$L, t.%1$I', c), ', ') FROM unnest(others) AS c)))
    USING run, keep, gone;

    -- what the keeper has not, changes hands; the rest of the other's goes
    EXECUTE format('WITH gone AS (
            DELETE FROM mkt.%1$I AS g WHERE g.%2$I = $3 RETURNING to_jsonb(g) AS row
        ), fresh AS (
            INSERT INTO mkt.%1$I AS t OVERRIDING SYSTEM VALUE
            SELECT g.* FROM gone AS d CROSS JOIN LATERAL jsonb_populate_record(NULL::mkt.%1$I, d.row || jsonb_build_object(%2$L, $2)) AS g
            WHERE NOT EXISTS (SELECT FROM mkt.%1$I AS o WHERE o.%2$I = $2 AND %3$s)
            RETURNING to_jsonb(t) AS row
        )
        INSERT INTO mkt.customer_merge_row (merge_id, table_name, before, after)
        SELECT $1, %1$L, d.row, NULL FROM gone AS d
        UNION ALL
        SELECT $1, %1$L, NULL, f.row FROM fresh AS f', tab, col, same)
    USING run, keep, gone;
END
$$;
COMMENT ON FUNCTION mkt._merge_pair(bigint, name, name, text, bigint, bigint) IS
    'Merge rules pair and fill: of two rows under one key one stays, with what is better in either.';

CREATE FUNCTION mkt._merge_taken(col name, prefer text) RETURNS text
    LANGUAGE plpgsql IMMUTABLE
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN CASE WHEN prefer IS NULL THEN format('coalesce(o.%1$I, g.%1$I)', col)
                ELSE format('CASE WHEN %2$s THEN g.%1$I ELSE o.%1$I END', col, prefer) END;
END
$$;
COMMENT ON FUNCTION mkt._merge_taken(name, text) IS 'What a column of the keeper''s row (o) becomes beside that of the other (g).';

-- ---- tables with a rule of their own --------------------------------------
CREATE FUNCTION mkt._merge_customer(run bigint, keep bigint, gone bigint, as_of timestamptz) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    SET timezone = 'UTC'
AS $$
BEGIN
    WITH old AS MATERIALIZED (
        -- the point as text: as JSON it would lose digits
        SELECT c.cid, to_jsonb(c) || jsonb_build_object('location', c.location::text) AS row FROM mkt.customer AS c WHERE c.cid IN (keep, gone)
    ), changed AS (
        UPDATE mkt.customer AS c
        SET net = CASE WHEN c.cid = gone THEN c.net ELSE k.net END, name_zh = CASE WHEN c.cid = gone THEN c.name_zh ELSE k.name_zh END,
            phone = CASE WHEN c.cid = gone THEN c.phone ELSE k.phone END, location = CASE WHEN c.cid = gone THEN c.location ELSE k.location END,
            cell_id = CASE WHEN c.cid = gone THEN c.cell_id ELSE k.cell_id END, address_id = CASE WHEN c.cid = gone THEN c.address_id ELSE k.address_id END,
            owner_staff_id = CASE WHEN c.cid = gone THEN c.owner_staff_id ELSE k.owner_staff_id END,
            household_id = CASE WHEN c.cid = gone THEN c.household_id ELSE k.household_id END,
            household_derived = CASE WHEN c.cid = gone THEN c.household_derived ELSE k.household_derived END,
            joined_on = CASE WHEN c.cid = gone THEN c.joined_on ELSE k.joined_on END,
            live = c.cid <> gone AND k.live, merged_into = CASE WHEN c.cid = gone THEN keep ELSE c.merged_into END
        FROM (SELECT CASE WHEN 'own' IN (a.net, b.net) THEN 'own' ELSE a.net END AS net, coalesce(a.name_zh, b.name_zh) AS name_zh, coalesce(a.phone, b.phone) AS phone,
                     -- point, cell and address belong together
                     CASE WHEN placed THEN a.location ELSE b.location END AS location, CASE WHEN placed THEN a.cell_id ELSE b.cell_id END AS cell_id,
                     CASE WHEN placed OR a.address_id IS NOT NULL THEN coalesce(a.address_id, CASE WHEN a.cell_id = b.cell_id THEN b.address_id END) ELSE b.address_id END AS address_id,
                     coalesce(a.owner_staff_id, b.owner_staff_id) AS owner_staff_id, coalesce(a.household_id, b.household_id) AS household_id,
                     CASE WHEN a.household_id IS NULL THEN b.household_derived ELSE a.household_derived END AS household_derived,
                     least(a.joined_on, b.joined_on) AS joined_on, a.live OR b.live AS live
              FROM mkt.customer AS a JOIN mkt.customer AS b ON b.cid = gone CROSS JOIN LATERAL (SELECT a.location IS NOT NULL OR a.cell_id IS NOT NULL) AS p(placed)
              WHERE a.cid = keep) AS k
        WHERE c.cid IN (keep, gone)
        RETURNING c.cid, to_jsonb(c) AS row, c.location::text AS location
    )
    INSERT INTO mkt.customer_merge_row (merge_id, table_name, key, before, after)
    SELECT run, 'customer', jsonb_build_object('cid', c.cid), d.before, d.after
    FROM changed AS c
    JOIN old AS o ON o.cid = c.cid
    CROSS JOIN LATERAL (SELECT jsonb_object_agg(e.key, o.row -> e.key) AS before, jsonb_object_agg(e.key, e.value) AS after
                        FROM jsonb_each(c.row) AS e
                        WHERE o.row -> e.key IS DISTINCT FROM CASE WHEN e.key = 'location' THEN coalesce(to_jsonb(c.location), 'null') ELSE e.value END) AS d
    WHERE d.before IS NOT NULL;
END
$$;
COMMENT ON FUNCTION mkt._merge_customer(bigint, bigint, bigint, timestamptz) IS
    'The keeper''s own row: its gaps are filled, own net and live win, the earlier day of joining counts; the other points to it and is live no more.';

CREATE FUNCTION mkt._merge_consent(run bigint, keep bigint, gone bigint, as_of timestamptz) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    SET timezone = 'UTC'
AS $$
BEGIN
    -- What is said about a channel goes before what is said about all, so the
    -- stricter of both is found for every channel that either has named.
    CREATE TEMP TABLE mkt_merge_consent ON COMMIT DROP AS
    SELECT s.contact_class, s.channel_code, bool_and(coalesce(r.granted, true)) AS granted,
           coalesce(min(r.since) FILTER (WHERE NOT r.granted), max(r.since)) AS since,
           (array_agg(r.source ORDER BY r.granted, r.since))[1] AS source
    FROM (SELECT DISTINCT c.contact_class, c.channel_code FROM mkt.consent AS c WHERE c.cid IN (keep, gone)) AS s
    CROSS JOIN (VALUES (keep), (gone)) AS x(cid)
    LEFT JOIN LATERAL (SELECT c.granted, c.since, c.source FROM mkt.consent AS c
                       WHERE c.cid = x.cid AND c.contact_class = s.contact_class AND c.channel_code IN (s.channel_code, '*')
                       ORDER BY c.channel_code = '*' LIMIT 1) AS r ON true
    WHERE EXISTS (SELECT FROM mkt.consent AS c WHERE c.cid = gone)
    GROUP BY s.contact_class, s.channel_code;

    WITH dropped AS (
        DELETE FROM mkt.consent AS c WHERE c.cid = gone RETURNING to_jsonb(c) AS row
    ), changed AS (
        UPDATE mkt.consent AS c
        SET granted = m.granted, since = m.since, source = concat_ws(', ', m.source, 'merge ' || run)
        FROM pg_temp.mkt_merge_consent AS m
        JOIN mkt.consent AS o ON o.cid = keep AND o.channel_code = m.channel_code AND o.contact_class = m.contact_class
        WHERE c.cid = keep AND c.channel_code = m.channel_code AND c.contact_class = m.contact_class AND (o.granted, o.since) <> (m.granted, m.since)
        RETURNING jsonb_build_object('cid', c.cid, 'channel_code', c.channel_code, 'contact_class', c.contact_class) AS key,
                  jsonb_build_object('granted', o.granted, 'since', o.since, 'source', o.source) AS before,
                  jsonb_build_object('granted', c.granted, 'since', c.since, 'source', c.source) AS after
    ), added AS (
        INSERT INTO mkt.consent AS c (cid, channel_code, contact_class, granted, since, source)
        SELECT keep, m.channel_code, m.contact_class, m.granted, m.since, concat_ws(', ', m.source, 'merge ' || run)
        FROM pg_temp.mkt_merge_consent AS m
        WHERE NOT EXISTS (SELECT FROM mkt.consent AS o WHERE o.cid = keep AND o.channel_code = m.channel_code AND o.contact_class = m.contact_class)
        RETURNING to_jsonb(c) AS row
    )
    INSERT INTO mkt.customer_merge_row (merge_id, table_name, key, before, after)
    SELECT run, 'consent', NULL, d.row, NULL FROM dropped AS d
    UNION ALL SELECT run, 'consent', c.key, c.before, c.after FROM changed AS c
    UNION ALL SELECT run, 'consent', NULL, NULL, a.row FROM added AS a;
    DROP TABLE pg_temp.mkt_merge_consent;
END
$$;
COMMENT ON FUNCTION mkt._merge_consent(bigint, bigint, bigint, timestamptz) IS 'Consent of two customers: a channel that either has refused is refused, from the earlier day (semantics A.6).';

CREATE FUNCTION mkt._merge_control_override(run bigint, keep bigint, gone bigint, as_of timestamptz) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    SET timezone = 'UTC'
AS $$
BEGIN
    WITH added AS (
        INSERT INTO mkt.control_override AS n (cid, like_cid, since)
        SELECT keep, gone, as_of
        UNION
        SELECT keep, o.like_cid, as_of FROM mkt.control_override AS o WHERE o.cid = gone AND o.like_cid <> keep
        ON CONFLICT ON CONSTRAINT control_override_pkey DO NOTHING
        RETURNING to_jsonb(n) AS row
    )
    INSERT INTO mkt.customer_merge_row (merge_id, table_name, before, after)
    SELECT run, 'control_override', NULL, a.row FROM added AS a;
END
$$;
COMMENT ON FUNCTION mkt._merge_control_override(bigint, bigint, bigint, timestamptz) IS
    'From the merge on the keeper is in a control group also where the other is, or whoever was merged into the other: control wins (semantics A.6).';

-- ---- tags ------------------------------------------------------------------
CREATE FUNCTION mkt._merge_tag_values(cid bigint)
    RETURNS TABLE (code text, value numeric)
    LANGUAGE plpgsql STABLE ROWS 100
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    in_block integer := mkt._block_of(_merge_tag_values.cid);
BEGIN
    RETURN QUERY
        SELECT t.code::text,
               CASE WHEN t.kind = 'boolean' THEN 1
                    ELSE trim_scale((t.bias + coalesce((SELECT sum(1::bigint << (b.slice - 1)) FROM mkt.tag_block AS b
                                             WHERE b.tag_id = t.tag_id AND b.slice > 0 AND b.block = in_block
                                               AND b.members OPERATOR(mkt.@>) _merge_tag_values.cid), 0))::numeric / 10::numeric ^ t.scale) END
        FROM mkt.tag AS t
        JOIN mkt.tag_block AS e ON e.tag_id = t.tag_id AND e.slice = 0 AND e.block = in_block
        WHERE t.tag_id > 0 AND e.members OPERATOR(mkt.@>) _merge_tag_values.cid;
END
$$;
COMMENT ON FUNCTION mkt._merge_tag_values(bigint) IS 'Every tag that a customer has, snapshots left out, with its value (boolean: 1), whatever its status and whether or not the customer is live.';

CREATE FUNCTION mkt._merge_tag_set(code text, cid bigint, value numeric, as_of timestamptz) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    tag record;
BEGIN
    -- A merge is no refresh: only a tag with history has to know the time.
    SELECT t.kind, CASE WHEN t.history_since IS NULL THEN coalesce(t.refreshed_at, as_of) ELSE as_of END AS at INTO tag
    FROM mkt.tag AS t WHERE t.code = _merge_tag_set.code;
    IF tag.kind IS NULL THEN            -- deleted since
        RETURN;
    ELSIF value IS NULL THEN
        PERFORM mkt.tag_remove(code, mkt.tagmap_range(cid, cid), tag.at);
    ELSIF tag.kind = 'boolean' THEN
        PERFORM mkt.tag_add(code, mkt.tagmap_range(cid, cid), tag.at);
    ELSE
        PERFORM mkt.tag_put_value(code, cid, value, tag.at);
    END IF;
END
$$;
COMMENT ON FUNCTION mkt._merge_tag_set(text, bigint, numeric, timestamptz) IS 'Gives one customer a tag of any kind, or takes it away.';

CREATE FUNCTION mkt._merge_tags(run bigint, keep bigint, gone bigint, as_of timestamptz) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    tag   record;
    wants boolean;
    again boolean := true;
BEGIN
    FOR tag IN
        SELECT coalesce(k.code, g.code) AS code, k.value AS kept, g.value AS lost
        FROM mkt._merge_tag_values(keep) AS k FULL JOIN mkt._merge_tag_values(gone) AS g ON g.code = k.code
        WHERE g.code IS NOT NULL
        ORDER BY coalesce(k.code, g.code) COLLATE "C"
    LOOP
        PERFORM mkt._merge_tag_set(tag.code, gone, NULL, as_of);
        IF tag.kept IS NULL THEN
            PERFORM mkt._merge_tag_set(tag.code, keep, tag.lost, as_of);
        END IF;
        INSERT INTO mkt.customer_merge_row (merge_id, table_name, key, before, after)
        VALUES (run, 'tag_block', jsonb_build_object('code', tag.code), jsonb_build_object('keep', tag.kept, 'gone', tag.lost),
                jsonb_build_object('keep', coalesce(tag.kept, tag.lost), 'gone', NULL));
    END LOOP;

    -- A segment is what its definition says of the keeper; those that name
    -- others settle after them.
    WHILE again LOOP
        again := false;
        FOR tag IN
            SELECT s.code, s.definition, v.value AS kept
            FROM mkt.segment AS s
            LEFT JOIN mkt._merge_tag_values(keep) AS v ON v.code = s.code
            WHERE EXISTS (SELECT FROM mkt.customer_merge_row AS r WHERE r.merge_id = run AND r.table_name = 'tag_block' AND r.key ->> 'code' = s.code)
            ORDER BY s.code
        LOOP
            wants := mkt.has_tags(keep, tag.definition);
            IF wants <> (tag.kept IS NOT NULL) THEN
                again := true;
                PERFORM mkt._merge_tag_set(tag.code, keep, CASE WHEN wants THEN 1 END, as_of);
                INSERT INTO mkt.customer_merge_row (merge_id, table_name, key, before, after)
                VALUES (run, 'tag_block', jsonb_build_object('code', tag.code), jsonb_build_object('keep', tag.kept, 'gone', NULL),
                        jsonb_build_object('keep', CASE WHEN wants THEN 1 END, 'gone', NULL));
            END IF;
        END LOOP;
    END LOOP;
END
$$;
COMMENT ON FUNCTION mkt._merge_tags(bigint, bigint, bigint, timestamptz) IS
    'Moves the tags of the one who goes, those with history included: the keeper''s value stands where both have one, segments follow their definition. Snapshots stay as they were taken (semantics A.4, A.6).';

-- ---- merging ------------------------------------------------------------------
CREATE FUNCTION mkt._merge_lock(keep bigint, gone bigint) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    -- No decision about either is under way or begins; and whoever is writing
    -- a fact about them, which holds a share of the customer's row, is through.
    PERFORM mkt._lock_customer(least(keep, gone));
    PERFORM mkt._lock_customer(greatest(keep, gone));
    PERFORM FROM mkt.customer AS c WHERE c.cid IN (keep, gone) ORDER BY c.cid FOR UPDATE;
END
$$;
COMMENT ON FUNCTION mkt._merge_lock(bigint, bigint) IS 'Until the end of the transaction nobody else decides, contacts, or writes facts about two customers.';

CREATE FUNCTION mkt._merge_rows(run bigint, keep bigint, gone bigint, as_of timestamptz, hows text[]) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    rule record;
BEGIN
    FOR rule IN SELECT r.* FROM mkt.merge_rule AS r WHERE r.how = ANY (hows) ORDER BY r.ordinal, r.table_name, r.column_name LOOP
        CASE rule.how
            WHEN 'move' THEN PERFORM mkt._merge_move(run, rule.table_name, rule.column_name, rule.also, keep, gone);
            WHEN 'own' THEN EXECUTE format('SELECT mkt.%I($1, $2, $3, $4)', '_merge_' || rule.table_name) USING run, keep, gone, as_of;
            ELSE PERFORM mkt._merge_pair(run, rule.table_name, rule.column_name, rule.prefer, keep, gone);
        END CASE;
    END LOOP;
END
$$;
COMMENT ON FUNCTION mkt._merge_rows(bigint, bigint, bigint, timestamptz, text[]) IS 'Applies the rules of mkt.merge_rule of some kinds.';

CREATE FUNCTION mkt._customer_merge_trigger() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    merged record;
BEGIN
    IF NEW.undone_at IS NOT NULL THEN
        RAISE EXCEPTION 'merge % cannot begin as taken back', NEW.merge_id
            USING ERRCODE = 'check_violation', HINT = 'Use mkt.customer_merge().';
    END IF;
    PERFORM mkt._merge_lock(NEW.keep, NEW.gone);
    SELECT c.cid, c.merged_into INTO merged FROM mkt.customer AS c
    WHERE c.cid IN (NEW.keep, NEW.gone) AND c.merged_into IS NOT NULL ORDER BY c.cid = NEW.keep LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'customer % was merged into customer % already', merged.cid, merged.merged_into
            USING ERRCODE = 'object_not_in_prerequisite_state',
                  HINT = format('Name the one that stayed: mkt.customer_current(%s) is %s.', merged.cid, mkt.customer_current(merged.cid));
    END IF;
    PERFORM mkt._merge_rows(NEW.merge_id, NEW.keep, NEW.gone, NEW.merged_at, '{move,pair,fill,own}');
    PERFORM mkt._merge_tags(NEW.merge_id, NEW.keep, NEW.gone, NEW.merged_at);
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION mkt._customer_merge_trigger() IS
    'Row trigger of mkt.customer_merge: merges, with the platform''s rights. Row security has decided before that the caller sees both customers.';

CREATE FUNCTION mkt.customer_merge(keep bigint, gone bigint, reason text, as_of timestamptz DEFAULT now()) RETURNS bigint
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    answer bigint;
BEGIN
    PERFORM mkt._require_platform();
    PERFORM mkt._require_customer(customer_merge.keep), mkt._require_customer(customer_merge.gone);
    IF customer_merge.keep = customer_merge.gone THEN
        RAISE EXCEPTION 'customer % cannot be merged into itself', customer_merge.keep
            USING ERRCODE = 'invalid_parameter_value', HINT = 'Name the one that stays and the one that goes.';
    ELSIF coalesce(customer_merge.reason, '') = '' THEN
        RAISE EXCEPTION 'a merge needs a reason'
            USING ERRCODE = 'null_value_not_allowed', HINT = 'Say how it is known that both are one: same identity card, same contract.';
    END IF;
    INSERT INTO mkt.customer_merge AS m (keep, gone, reason, merged_at)
    VALUES (customer_merge.keep, customer_merge.gone, customer_merge.reason, as_of)
    RETURNING m.merge_id INTO answer;
    RETURN answer;
END
$$;
COMMENT ON FUNCTION mkt.customer_merge(bigint, bigint, text, timestamptz) IS
    'Two customers turn out to be one: everything of gone becomes keep''s by the rules of mkt.merge_rule, in one transaction, and control wins (semantics A.6). Returns the merge_id for mkt.customer_unmerge(). The caller must see both.';

-- ---- taking back ----------------------------------------------------------------
CREATE FUNCTION mkt._merge_undo_rows(run bigint, tab name) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    SET timezone = 'UTC'
AS $$
DECLARE
    key     record := mkt._merge_key(tab);
    changed name[] := ARRAY(SELECT DISTINCT b::name FROM mkt.customer_merge_row AS r CROSS JOIN LATERAL jsonb_object_keys(r.before) AS b
                            WHERE r.merge_id = run AND r.table_name = tab AND r.before IS NOT NULL AND r.after IS NOT NULL ORDER BY 1);
    by_key  text := (SELECT string_agg(format('t.%1$I = (%%1$s ->> %1$L)::%2$s', k.name, k.type), ' AND ') FROM unnest(key.names, key.types) AS k(name, type));
BEGIN
    EXECUTE format('DELETE FROM mkt.%1$I AS t USING mkt.customer_merge_row AS l
        WHERE l.merge_id = $1 AND l.table_name = %1$L AND l.before IS NULL AND %2$s AND to_jsonb(t) = l.after', tab, format(by_key, 'l.after')) USING run;
    IF changed <> '{}' THEN
        EXECUTE format('UPDATE mkt.%1$I AS t
            SET %2$s
            FROM mkt.customer_merge_row AS l
            WHERE l.merge_id = $1 AND l.table_name = %1$L AND l.before IS NOT NULL AND l.after IS NOT NULL AND %3$s', tab,
            (SELECT string_agg(format('%1$I = CASE WHEN l.before ? %1$L AND to_jsonb(t) -> %1$L = l.after -> %1$L THEN (jsonb_populate_record(NULL::mkt.%2$I, l.before)).%1$I ELSE t.%1$I END', c, tab), ', ')
             FROM unnest(changed) AS c), format(by_key, 'l.key')) USING run;
    END IF;
    EXECUTE format('INSERT INTO mkt.%1$I OVERRIDING SYSTEM VALUE
        SELECT r.* FROM mkt.customer_merge_row AS l CROSS JOIN LATERAL jsonb_populate_record(NULL::mkt.%1$I, l.before) AS r
        WHERE l.merge_id = $1 AND l.table_name = %1$L AND l.after IS NULL ON CONFLICT DO NOTHING', tab) USING run;
END
$$;
COMMENT ON FUNCTION mkt._merge_undo_rows(bigint, name) IS
    'Takes back what a merge did to one table: what it added goes, what it changed becomes what it was, what it removed comes back; but a value that was changed since stays.';

CREATE FUNCTION mkt._merge_undo_tags(run bigint, keep bigint, gone bigint, as_of timestamptz) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    tag record;
BEGIN
    FOR tag IN
        -- the first entry of a tag has what was before, the last what the merge left
        SELECT r.key ->> 'code' AS code, (array_agg(r.before ORDER BY r.seq))[1] AS before, (array_agg(r.after ORDER BY r.seq DESC))[1] AS after, k.value AS kept
        FROM mkt.customer_merge_row AS r
        LEFT JOIN mkt._merge_tag_values(keep) AS k ON k.code = r.key ->> 'code'
        WHERE r.merge_id = run AND r.table_name = 'tag_block'
        GROUP BY r.key ->> 'code', k.value
        ORDER BY (r.key ->> 'code') COLLATE "C"
    LOOP
        IF tag.kept IS NOT DISTINCT FROM (tag.after ->> 'keep')::numeric AND tag.kept IS DISTINCT FROM (tag.before ->> 'keep')::numeric THEN
            PERFORM mkt._merge_tag_set(tag.code, keep, (tag.before ->> 'keep')::numeric, as_of);
        END IF;
        PERFORM mkt._merge_tag_set(tag.code, gone, (tag.before ->> 'gone')::numeric, as_of);
    END LOOP;
END
$$;
COMMENT ON FUNCTION mkt._merge_undo_tags(bigint, bigint, bigint, timestamptz) IS 'Gives the one who was gone its tags again, and takes from the keeper those that came with it and have not changed since.';

CREATE FUNCTION mkt._customer_unmerge_trigger() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    later bigint;
    tab   name;
BEGIN
    IF (NEW.merge_id, NEW.keep, NEW.gone, NEW.reason, NEW.merged_at, NEW.merged_by) IS DISTINCT FROM (OLD.merge_id, OLD.keep, OLD.gone, OLD.reason, OLD.merged_at, OLD.merged_by)
       OR OLD.undone_at IS NOT NULL OR NEW.undone_at IS NULL THEN
        RAISE EXCEPTION 'merge % stays as it was made', OLD.merge_id
            USING ERRCODE = 'insufficient_privilege', HINT = 'It can be taken back once: mkt.customer_unmerge().';
    END IF;
    PERFORM mkt._merge_lock(NEW.keep, NEW.gone);
    SELECT max(m.merge_id) INTO later FROM mkt.customer_merge AS m
    WHERE m.merge_id > NEW.merge_id AND m.undone_at IS NULL AND (m.keep IN (NEW.keep, NEW.gone) OR m.gone IN (NEW.keep, NEW.gone));
    IF later IS NOT NULL THEN
        RAISE EXCEPTION 'merge % cannot be taken back before merge %', NEW.merge_id, later
            USING ERRCODE = 'object_not_in_prerequisite_state', HINT = 'Merges of one customer are taken back in the reverse order.';
    END IF;

    FOR tab IN
        SELECT r.table_name FROM mkt.customer_merge_row AS r WHERE r.merge_id = NEW.merge_id AND r.table_name <> 'tag_block'
        GROUP BY r.table_name ORDER BY min(r.seq)
    LOOP
        PERFORM mkt._merge_undo_rows(NEW.merge_id, tab);
    END LOOP;
    -- What was refused while they were one, either of them may have meant.
    INSERT INTO mkt.consent AS c (cid, channel_code, contact_class, granted, since, source)
    SELECT NEW.gone, k.channel_code, k.contact_class, false, k.since, concat_ws(', ', k.source, 'merge ' || NEW.merge_id || ' undone')
    FROM mkt.consent AS k
    WHERE k.cid = NEW.keep AND NOT k.granted AND k.since > NEW.merged_at
    ON CONFLICT ON CONSTRAINT consent_pkey DO UPDATE SET (granted, since, source) = (false, excluded.since, excluded.source) WHERE c.granted;
    PERFORM mkt._merge_undo_tags(NEW.merge_id, NEW.keep, NEW.gone, NEW.undone_at);
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION mkt._customer_unmerge_trigger() IS
    'Row trigger of mkt.customer_merge: takes a merge back, with the platform''s rights. What came to the keeper since then stays there; what was refused since then is refused for both.';

CREATE FUNCTION mkt.customer_unmerge(merge_id bigint, as_of timestamptz DEFAULT now()) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    had record;
BEGIN
    PERFORM mkt._require_platform();
    SELECT m.undone_at, m.merged_at INTO had FROM mkt.customer_merge AS m WHERE m.merge_id = customer_unmerge.merge_id FOR UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'merge % does not exist', coalesce(merge_id::text, 'NULL')
            USING ERRCODE = 'no_data_found', HINT = 'mkt.customer_merge lists the merges of customers you see.';
    ELSIF had.undone_at IS NOT NULL THEN
        RAISE EXCEPTION 'merge % was taken back already', merge_id
            USING ERRCODE = 'object_not_in_prerequisite_state', DETAIL = format('At %s.', had.undone_at), HINT = 'Merge the two again with mkt.customer_merge().';
    END IF;
    UPDATE mkt.customer_merge AS m SET undone_at = as_of, undone_by = current_user WHERE m.merge_id = customer_unmerge.merge_id;
END
$$;
COMMENT ON FUNCTION mkt.customer_unmerge(bigint, timestamptz) IS
    'Takes a merge back from its log: everything it moved goes back as it was, what happened since stays with the keeper (semantics A.6). The latest merge of a customer first.';

-- ---- what came late ----------------------------------------------------------------
CREATE FUNCTION mkt.merge_leftovers() RETURNS TABLE (table_name name, cid bigint, rows bigint)
    LANGUAGE plpgsql STABLE ROWS 10
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    rule record;
BEGIN
    FOR rule IN SELECT r.* FROM mkt.merge_rule AS r WHERE r.how IN ('move', 'pair', 'fill') ORDER BY r.table_name LOOP
        RETURN QUERY EXECUTE format('SELECT %1$L::name, t.%2$I, count(*) FROM mkt.%1$I AS t JOIN mkt.customer AS c ON c.cid = t.%2$I
            WHERE c.merged_into IS NOT NULL GROUP BY t.%2$I', rule.table_name, rule.column_name);
    END LOOP;
END
$$;
COMMENT ON FUNCTION mkt.merge_leftovers() IS 'Rows that still name a customer who was merged into another: they came after the merge, by somebody who had the old number.';

CREATE FUNCTION mkt.merge_sweep(as_of timestamptz DEFAULT now()) RETURNS bigint
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    late  record;
    moved bigint := 0;
BEGIN
    PERFORM mkt._require_platform();
    FOR late IN
        SELECT m.merge_id, m.keep, m.gone, sum(l.rows) AS rows
        FROM mkt.customer_merge AS m
        JOIN mkt.merge_leftovers() AS l ON l.cid = m.gone
        JOIN mkt.merge_rule AS r ON r.table_name = l.table_name AND r.how = 'move'
        WHERE m.undone_at IS NULL
        GROUP BY m.merge_id
        ORDER BY m.merge_id
    LOOP
        PERFORM mkt._merge_lock(late.keep, late.gone);
        PERFORM mkt._merge_rows(late.merge_id, late.keep, late.gone, as_of, '{move}');
        moved := moved + late.rows;
    END LOOP;
    RETURN moved;
END
$$;
COMMENT ON FUNCTION mkt.merge_sweep(timestamptz) IS
    'Job: facts that reached a merged customer under the old number go to the keeper, under the log of that merge; returns how many.';
