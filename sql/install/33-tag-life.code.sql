-- ----------------------------------------------------------------------
-- sql/install/33-tag-life.code.sql: status, log, quality and lineage of tags.
-- ----------------------------------------------------------------------

-- ---- the log ---------------------------------------------------------------------
CREATE FUNCTION mkt._tag_words(code text) RETURNS jsonb
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN (SELECT jsonb_build_object('name', t.name, 'name_zh', t.name_zh, 'unit', t.unit, 'class', t.class, 'business', t.business,
                                      'rule', t.rule, 'source', t.source, 'owner', t.owner, 'refresh', t.refresh)
            FROM mkt.tag AS t WHERE t.code = _tag_words.code);
END
$$;
COMMENT ON FUNCTION mkt._tag_words(text) IS 'What is said about a tag, as the log keeps it; NULL without such a tag.';

CREATE FUNCTION mkt._tag_log(code text, event text, before jsonb, after jsonb, at timestamptz) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF event = 'defined' THEN       -- only what changed, if anything did
        INSERT INTO mkt.tag_log (code, at, event, before, after)
        SELECT _tag_log.code, _tag_log.at, _tag_log.event,
               nullif(jsonb_strip_nulls(jsonb_object_agg(n.key, _tag_log.before -> n.key)), '{}'), jsonb_object_agg(n.key, n.value)
        FROM jsonb_each(_tag_log.after) AS n
        WHERE n.value IS DISTINCT FROM coalesce(_tag_log.before -> n.key, 'null')
        HAVING count(*) > 0;
    ELSE
        INSERT INTO mkt.tag_log (code, at, event, before, after)
        VALUES (_tag_log.code, _tag_log.at, _tag_log.event, _tag_log.before, _tag_log.after);
    END IF;
END
$$;
COMMENT ON FUNCTION mkt._tag_log(text, text, jsonb, jsonb, timestamptz) IS 'Writes one line of mkt.tag_log.';

-- ---- status ----------------------------------------------------------------------
CREATE FUNCTION mkt._tag_status_trigger() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF OLD.is_system THEN
        RAISE EXCEPTION 'tag "%" belongs to the system', OLD.code
            USING ERRCODE = 'object_not_in_prerequisite_state', HINT = 'It is online as long as there is a platform.';
    ELSIF NOT EXISTS (SELECT FROM mkt.tag_transition AS s WHERE s.from_status = OLD.status AND s.to_status = NEW.status) THEN
        RAISE EXCEPTION 'tag "%" cannot go from % to %', OLD.code, OLD.status, coalesce(NEW.status, 'NULL')
            USING ERRCODE = 'object_not_in_prerequisite_state',
                  HINT = format('From %s it may go to: %s.', OLD.status,
                                (SELECT string_agg(s.to_status, ', ' ORDER BY s.to_status) FROM mkt.tag_transition AS s WHERE s.from_status = OLD.status));
    END IF;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION mkt._tag_status_trigger() IS 'Row trigger of mkt.tag: a status takes the steps of mkt.tag_transition and no others (S0-036, S2-015).';

CREATE FUNCTION mkt.tag_set_status(code text, status text, as_of timestamptz DEFAULT now()) RETURNS text
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    had record;
BEGIN
    SELECT t.status INTO had FROM mkt.tag AS t WHERE t.code = tag_set_status.code FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'tag "%" does not exist', code
            USING ERRCODE = 'undefined_object', HINT = 'SELECT code, name_zh FROM mkt.tag lists the tags.';
    ELSIF had.status = tag_set_status.status THEN
        RETURN had.status;
    END IF;
    UPDATE mkt.tag AS t SET status = tag_set_status.status WHERE t.code = tag_set_status.code;
    PERFORM mkt._tag_log(code, 'status', jsonb_build_object('status', had.status), jsonb_build_object('status', status), as_of);
    RETURN had.status;
END
$$;
COMMENT ON FUNCTION mkt.tag_set_status(text, text, timestamptz) IS
    'Takes a tag one step through draft, review, online, offline, as mkt.tag_transition allows, and logs it; returns the status it had (S0-036, S2-015). The status it has already is no step and not logged.';

-- ---- quality ---------------------------------------------------------------------
CREATE FUNCTION mkt._tag_expression(code text) RETURNS mkt.tagexpr
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
BEGIN ATOMIC
    SELECT pg_catalog.format('"%s"', pg_catalog.replace(code, '"', '""'))::mkt.tagexpr;
END;
COMMENT ON FUNCTION mkt._tag_expression(text) IS 'The expression that names a tag, whatever its name.';

CREATE FUNCTION mkt._tag_bins(code text, kind text, INOUT edges numeric[], OUT bins jsonb)
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
BEGIN
    IF kind = 'boolean' THEN
        bins := jsonb_build_object('has', mkt.audience_count(mkt._tag_expression(code)),
                                   'none', mkt.audience_count(OPERATOR(mkt.!) mkt._tag_expression(code)));
        RETURN;
    END IF;
    -- Ten bins of equal size at the first measurement, the same edges ever after.
    IF kind = 'numeric' AND edges IS NULL THEN
        edges := (
            WITH h AS (
                SELECT b.value, sum(b.members) OVER (ORDER BY b.value) AS upto, sum(b.members) OVER () AS total
                FROM mkt.audience_by('all', code) AS b WHERE b.value IS NOT NULL)
            SELECT array_agg(DISTINCT e.value ORDER BY e.value)
            FROM generate_series(1, 9) AS k(k)
            CROSS JOIN LATERAL (SELECT min(h.value) AS value FROM h WHERE h.upto > h.total * k.k / 10) AS e
            WHERE e.value IS NOT NULL);
    END IF;
    bins := (
        SELECT jsonb_object_agg(g.bin, g.members)
        FROM (SELECT coalesce(CASE WHEN kind = 'numeric' THEN width_bucket(b.value, edges) ELSE b.value END::text, 'none') AS bin,
                     sum(b.members) AS members
              FROM mkt.audience_by('all', code) AS b GROUP BY 1) AS g);
END
$$;
COMMENT ON FUNCTION mkt._tag_bins(text, text, numeric[]) IS 'How the universe is distributed over a tag: has/none, labels, or ten bins of a number; none: customers without a value.';

CREATE FUNCTION mkt._psi(before jsonb, after jsonb) RETURNS numeric
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
BEGIN ATOMIC
    -- An empty bin counts as one customer in ten thousand, or its logarithm would be infinite.
    SELECT pg_catalog.round(pg_catalog.sum((s.now - s.was) * pg_catalog.ln(s.now / s.was)), 6)
    FROM (SELECT GREATEST(COALESCE(a.value::numeric, 0) / NULLIF(pg_catalog.sum(a.value::numeric) OVER (), 0), 0.0001) AS now,
                 GREATEST(COALESCE(b.value::numeric, 0) / NULLIF(pg_catalog.sum(b.value::numeric) OVER (), 0), 0.0001) AS was
          FROM pg_catalog.jsonb_each_text(after) AS a(key, value)
          FULL JOIN pg_catalog.jsonb_each_text(before) AS b(key, value) ON b.key = a.key) AS s;
END;
COMMENT ON FUNCTION mkt._psi(jsonb, jsonb) IS 'Population stability index of two distributions over the same bins: sum of (now - was) x ln(now / was).';

CREATE FUNCTION mkt.tag_measure(codes text[] DEFAULT NULL, as_of timestamptz DEFAULT now())
    RETURNS TABLE (code text, members bigint, share numeric, share_change numeric, psi numeric)
    LANGUAGE plpgsql ROWS 100
    SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    t    record;
    last jsonb;
    now  record;
BEGIN
    PERFORM mkt._require_platform();
    FOR t IN
        SELECT g.code, g.kind, extract(epoch FROM g.refreshed_at) AS refreshed
        FROM mkt.tag AS g
        WHERE g.status = 'online' AND NOT g.is_system AND g.class <> 'snapshot' AND g.refreshed_at IS NOT NULL
          AND (codes IS NULL OR g.code = ANY (codes))
        ORDER BY g.tag_id
    LOOP
        last := (SELECT l.after FROM mkt.tag_log AS l WHERE l.code = t.code AND l.event = 'measured' ORDER BY l.log_id DESC LIMIT 1);
        CONTINUE WHEN (last ->> 'refreshed')::numeric = t.refreshed;
        SELECT b.* INTO now
        FROM mkt._tag_bins(t.code, t.kind, (SELECT array_agg(e.value::numeric) FROM jsonb_array_elements_text(nullif(last -> 'edges', 'null')) AS e)) AS b;
        SELECT t.code, s.total - s.none, round((s.total - s.none) / nullif(s.total, 0), 6) INTO code, members, share
        FROM (SELECT sum(v.value::numeric) AS total, coalesce(sum(v.value::numeric) FILTER (WHERE v.key = 'none'), 0) AS none
              FROM jsonb_each_text(now.bins) AS v) AS s;
        share_change := share - (last ->> 'share')::numeric;
        psi := mkt._psi(last -> 'bins', now.bins);
        PERFORM mkt._tag_log(t.code, 'measured', last - '{edges,psi,share_change}'::text[],
                             jsonb_build_object('refreshed', t.refreshed, 'members', members, 'share', share, 'share_change', share_change,
                                                'psi', psi, 'bins', now.bins, 'edges', now.edges), as_of);
        RETURN NEXT;
    END LOOP;
END
$$;
COMMENT ON FUNCTION mkt.tag_measure(text[], timestamptz) IS
    'Measures how online tags (all, or those named) are distributed, unless nothing was written since the last time, keeps it in mkt.tag_log, and says how far it moved: change of the share of customers who have the tag, and population stability index (below 0.1 calm, above 0.25 another population).';

CREATE FUNCTION mkt.tag_quality(as_of timestamptz DEFAULT now())
    RETURNS TABLE (code text, name_zh text, class text, status text, members bigint, coverage numeric, refreshed_at timestamptz,
                   age interval, fresh boolean, share_change numeric, psi numeric, measured_at timestamptz)
    LANGUAGE plpgsql STABLE ROWS 700
    SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    universe bigint := mkt.audience_count('all');
BEGIN
    RETURN QUERY
        SELECT t.code, t.name_zh, t.class, t.status, c.members, round(c.members::numeric / nullif(universe, 0), 6), t.refreshed_at,
               a.age, a.age <= t.refresh,
               (l.after ->> 'share_change')::numeric, (l.after ->> 'psi')::numeric, l.at
        FROM mkt.tag AS t
        CROSS JOIN LATERAL (SELECT mkt.audience_count(mkt._tag_expression(t.code)) AS members) AS c
        LEFT JOIN LATERAL (SELECT tag_quality.as_of - t.refreshed_at AS age WHERE t.refreshed_at <= tag_quality.as_of) AS a ON true
        LEFT JOIN LATERAL (
            SELECT m.after, m.at FROM mkt.tag_log AS m
            WHERE m.code = t.code AND m.event = 'measured' AND m.at <= tag_quality.as_of
            ORDER BY m.log_id DESC LIMIT 1) AS l ON true
        WHERE NOT t.is_system
        ORDER BY t.code;
END
$$;
COMMENT ON FUNCTION mkt.tag_quality(timestamptz) IS
    'Every tag: share of the universe it covers, age (NULL: written since, or never), whether it is as fresh as it should be (NULL: nobody said how fresh), and how far it moved between its last two measurements (S0-036, S2-015).';

-- ---- lineage ---------------------------------------------------------------------
CREATE FUNCTION mkt.tag_lineage(code text)
    RETURNS TABLE (direction text, depth integer, kind text, object text, detail text)
    LANGUAGE plpgsql STABLE ROWS 20
    SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
BEGIN
    IF NOT EXISTS (SELECT FROM mkt.tag AS t WHERE t.code = tag_lineage.code) THEN
        RAISE EXCEPTION 'tag "%" does not exist', tag_lineage.code
            USING ERRCODE = 'undefined_object', HINT = 'SELECT code, name_zh FROM mkt.tag lists the tags.';
    END IF;
    RETURN QUERY
        WITH RECURSIVE up (code, depth) AS (
            SELECT t.code, 0 FROM mkt.tag AS t WHERE t.code = tag_lineage.code
            UNION
            SELECT u.uses, w.depth + 1 FROM up AS w JOIN mkt._segment_use AS u ON u.code = w.code AND u.uses IS NOT NULL),
        down (code, depth) AS (
            SELECT t.code, 0 FROM mkt.tag AS t WHERE t.code = tag_lineage.code
            UNION
            SELECT u.code, w.depth + 1 FROM down AS w JOIN mkt._segment_use AS u ON u.uses = w.code),
        above AS (SELECT t.*, w.depth FROM (SELECT up.code, min(up.depth) AS depth FROM up GROUP BY up.code) AS w JOIN mkt.tag AS t ON t.code = w.code),
        below AS (SELECT t.code, t.name_zh, w.depth FROM (SELECT down.code, min(down.depth) AS depth FROM down GROUP BY down.code) AS w JOIN mkt.tag AS t ON t.code = w.code),
        expression (kind, object, detail, expression) AS (
            SELECT 'snapshot', s.code, s.definition::text, s.definition FROM mkt.snapshot AS s
            UNION ALL
            SELECT 'strategy', s.code, format('version %s, %s', v.version, e.part), e.expression
            FROM mkt.strategy AS s JOIN mkt.strategy_version AS v ON v.strategy_id = s.strategy_id
            CROSS JOIN LATERAL (VALUES ('eligibility', v.eligibility), ('applicability', v.applicability), ('suitability', v.suitability)) AS e(part, expression)
            WHERE e.expression IS NOT NULL
            UNION ALL
            SELECT 'model', m.code, format('version %s, measured %s', q.version, e.part), e.expression
            FROM mkt.model AS m JOIN mkt.model_quality AS q ON q.model_id = m.model_id
            CROSS JOIN LATERAL (VALUES ('outcome', q.outcome), ('base', q.base)) AS e(part, expression)),
        found (direction, depth, kind, object, detail) AS (
            SELECT 'from', a.depth, CASE WHEN a.class = 'segment' THEN 'segment' ELSE 'tag' END, a.code, s.definition::text
            FROM above AS a LEFT JOIN mkt.segment AS s ON s.code = a.code WHERE a.depth > 0
            UNION ALL
            SELECT 'from', a.depth + 1, 'source', a.source, a.rule FROM above AS a WHERE a.source IS NOT NULL
            UNION ALL
            SELECT 'from', a.depth + 1, 'snapshot of', s.definition::text, NULL FROM above AS a JOIN mkt.snapshot AS s ON s.code = a.code
            UNION ALL
            SELECT 'from', a.depth + 1, 'outcome', o.outcome_code, NULL FROM above AS a JOIN mkt.outcome AS o ON o.tag_code = a.code
            UNION ALL
            SELECT 'from', a.depth + 1, 'model', m.code, format('version %s', v.version)
            FROM above AS a JOIN mkt.model_version AS v ON v.score_tag = a.code JOIN mkt.model AS m ON m.model_id = v.model_id
            UNION ALL
            SELECT 'to', b.depth, 'segment', b.code, s.definition::text FROM below AS b JOIN mkt.segment AS s ON s.code = b.code WHERE b.depth > 0
            UNION ALL
            SELECT 'to', b.depth + 1, e.kind, e.object, e.detail
            FROM expression AS e CROSS JOIN LATERAL mkt.tagexpr_tags(e.expression) AS n(name)
            JOIN below AS b ON b.code = n.name OR b.name_zh = n.name
            UNION ALL
            SELECT 'to', b.depth + 1, 'strategy', s.code, format('version %s, propensity', v.version)
            FROM below AS b JOIN mkt.strategy_version AS v ON v.propensity_tag IN (b.code, b.name_zh)
            JOIN mkt.strategy AS s ON s.strategy_id = v.strategy_id
            UNION ALL
            SELECT 'to', b.depth + 1, 'catalogue model', c.code, NULL
            FROM below AS b JOIN mkt.catalogue_model AS c ON b.code = ANY (c.inputs))
        SELECT DISTINCT f.direction, f.depth, f.kind, f.object, f.detail
        FROM found AS f
        ORDER BY 1, 2, 3, 4, 5;
END
$$;
COMMENT ON FUNCTION mkt.tag_lineage(text) IS
    'Where a tag comes from (sources, models, outcomes, and what a segment names, down to the ground) and who uses it: segments, and what uses them in turn, snapshots, strategies, models (S0-036, S2-015).';
