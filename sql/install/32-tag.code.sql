-- ----------------------------------------------------------------------
-- sql/install/32-tag.code.sql: tags and the questions that are asked of them.
--
-- Every answer is about live customers the caller may see (tag `live`,
-- mkt.sees_all(), mkt.my_cells()). The C is in src/tagexpr.
-- ----------------------------------------------------------------------

-- ---- the catalogue -----------------------------------------------------------
CREATE FUNCTION mkt.tag_define(
        code text, kind text, name text, name_zh text,
        scale integer DEFAULT 0, unit text DEFAULT NULL, class text DEFAULT 'custom', business text DEFAULT NULL,
        rule text DEFAULT NULL, source text DEFAULT NULL, owner text DEFAULT NULL, status text DEFAULT NULL,
        labels text[] DEFAULT NULL, labels_zh text[] DEFAULT NULL, refresh interval DEFAULT NULL, as_of timestamptz DEFAULT now())
    RETURNS integer
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    the_id integer;
    had    record;
    words  jsonb := mkt._tag_words(tag_define.code);
BEGIN
    PERFORM mkt._require_platform();
    IF tag_define.code !~ '^[a-z][a-z0-9_]{0,62}$' THEN
        RAISE EXCEPTION 'tag code "%" is not valid', tag_define.code
            USING ERRCODE = 'invalid_parameter_value',
                  HINT = 'A code is a lower-case letter and up to 62 letters, digits and underscores; the Chinese name goes to name_zh.';
    ELSIF tag_define.code IN ('and', 'or', 'not', 'all', 'none', 'in', 'between') THEN
        RAISE EXCEPTION 'tag code "%" is a word of the expression language', tag_define.code
            USING ERRCODE = 'reserved_name', HINT = 'Choose another code.';
    ELSIF tag_define.name_zh IS NULL OR tag_define.name_zh = '' OR octet_length(tag_define.name_zh) > 255 THEN
        RAISE EXCEPTION 'tag "%" needs a Chinese name of at most 255 bytes', tag_define.code
            USING ERRCODE = 'invalid_parameter_value', HINT = 'Pass it as name_zh.';
    ELSIF EXISTS (SELECT FROM mkt.tag AS t
                  WHERE t.code <> tag_define.code
                    AND (t.name_zh IN (tag_define.code, tag_define.name_zh) OR t.code = tag_define.name_zh)) THEN
        RAISE EXCEPTION 'tag "%" or its name "%" is the name of another tag', tag_define.code, tag_define.name_zh
            USING ERRCODE = 'unique_violation', HINT = 'In an expression a name must mean one tag.';
    ELSIF cardinality(tag_define.labels) IS DISTINCT FROM cardinality(coalesce(tag_define.labels_zh, tag_define.labels)) THEN
        RAISE EXCEPTION 'tag "%" has % labels and % Chinese labels', tag_define.code,
                cardinality(tag_define.labels), cardinality(tag_define.labels_zh)
            USING ERRCODE = 'array_subscript_error', HINT = 'Pass one Chinese label for each label.';
    END IF;

    SELECT t.kind, t.scale, t.is_system, t.class, t.status INTO had FROM mkt.tag AS t WHERE t.code = tag_define.code FOR NO KEY UPDATE;
    IF FOUND AND (had.kind, had.scale::integer) IS DISTINCT FROM (tag_define.kind, tag_define.scale) THEN
        RAISE EXCEPTION 'tag "%" is % with % decimals and cannot become % with %',
                tag_define.code, had.kind, had.scale, tag_define.kind, tag_define.scale
            USING ERRCODE = 'datatype_mismatch', HINT = 'Define a new tag, or delete this one from mkt.tag first.';
    ELSIF FOUND AND had.is_system THEN
        RAISE EXCEPTION 'tag "%" belongs to the system', tag_define.code
            USING ERRCODE = 'object_not_in_prerequisite_state', HINT = 'Choose another code.';
    ELSIF FOUND AND had.class = 'snapshot' THEN
        RAISE EXCEPTION 'snapshot "%" never changes', tag_define.code
            USING ERRCODE = 'object_not_in_prerequisite_state', HINT = 'Choose another code.';
    ELSIF tag_define.class = 'snapshot' THEN
        RAISE EXCEPTION 'tag "%" cannot be defined as a snapshot', tag_define.code
            USING ERRCODE = 'wrong_object_type', HINT = 'Use mkt.snapshot_take().';
    ELSIF FOUND AND had.class = 'segment' AND tag_define.class <> 'segment' THEN
        RAISE EXCEPTION 'tag "%" is a segment', tag_define.code
            USING ERRCODE = 'wrong_object_type', HINT = 'Use mkt.segment_define().';
    END IF;

    INSERT INTO mkt.tag AS t (code, kind, name, name_zh, scale, unit, class, business, rule, source, owner, status, refresh)
    VALUES (tag_define.code, tag_define.kind, tag_define.name, tag_define.name_zh, tag_define.scale, tag_define.unit, tag_define.class,
            tag_define.business, tag_define.rule, tag_define.source, tag_define.owner, coalesce(tag_define.status, 'online'), tag_define.refresh)
    ON CONFLICT ON CONSTRAINT tag_code_key DO UPDATE
        SET (name, name_zh, unit, class, business, rule, source, owner, refresh)
          = (excluded.name, excluded.name_zh, excluded.unit, excluded.class, excluded.business,
             excluded.rule, excluded.source, excluded.owner, excluded.refresh)
    RETURNING t.tag_id INTO the_id;
    PERFORM mkt._tag_log(tag_define.code, 'defined', words, mkt._tag_words(tag_define.code), tag_define.as_of);
    IF had.status <> tag_define.status THEN
        PERFORM mkt.tag_set_status(tag_define.code, tag_define.status, tag_define.as_of);
    END IF;

    IF tag_define.labels IS NOT NULL THEN
        IF tag_define.kind <> 'enum' THEN
            RAISE EXCEPTION 'tag "%" is % and has no labels', tag_define.code, tag_define.kind
                USING ERRCODE = 'datatype_mismatch', HINT = 'Define it with kind ''enum''.';
        END IF;
        INSERT INTO mkt.tag_label (tag_id, value, label, label_zh)
        SELECT the_id, n.value - 1, n.label, n.label_zh
        FROM unnest(tag_define.labels, coalesce(tag_define.labels_zh, tag_define.labels)) WITH ORDINALITY AS n(label, label_zh, value)
        ON CONFLICT ON CONSTRAINT tag_label_pkey DO UPDATE SET (label, label_zh) = (excluded.label, excluded.label_zh);
    END IF;
    RETURN the_id;
END
$$;
COMMENT ON FUNCTION mkt.tag_define(text, text, text, text, integer, text, text, text, text, text, text, text, text[], text[], interval, timestamptz) IS
    'Registers a tag, or changes what is said about it, by code; returns its tag_id (S0-036, S2-015). '
    'rule is an SQL expression over the alias s of source; labels are numbered from 0 in the order given. status NULL: as it is, online for a new tag; refresh: how old the tag may become.';

-- ---- writing ------------------------------------------------------------------
CREATE FUNCTION mkt.tag_put(code text, members mkt.tagmap, as_of timestamptz DEFAULT now()) RETURNS bigint
    LANGUAGE c VOLATILE STRICT COST 10000 AS 'MODULE_PATHNAME', 'mkt_tag_put';
COMMENT ON FUNCTION mkt.tag_put(text, mkt.tagmap, timestamptz) IS
    'Replaces the customers of a boolean tag; returns how many it has. Blocks that would not change are not written.';

CREATE FUNCTION mkt.tag_add(code text, members mkt.tagmap, as_of timestamptz DEFAULT now()) RETURNS bigint
    LANGUAGE c VOLATILE STRICT COST 1000 AS 'MODULE_PATHNAME', 'mkt_tag_add';
COMMENT ON FUNCTION mkt.tag_add(text, mkt.tagmap, timestamptz) IS
    'Gives customers a boolean tag; returns how many did not have it. Only their blocks are written.';

CREATE FUNCTION mkt.tag_remove(code text, members mkt.tagmap, as_of timestamptz DEFAULT now()) RETURNS bigint
    LANGUAGE c VOLATILE STRICT COST 1000 AS 'MODULE_PATHNAME', 'mkt_tag_remove';
COMMENT ON FUNCTION mkt.tag_remove(text, mkt.tagmap, timestamptz) IS
    'Takes a tag, with its value if it has one, from customers; returns how many had it. Only their blocks are written.';

CREATE FUNCTION mkt.tag_put_values(code text, query text, as_of timestamptz DEFAULT now()) RETURNS bigint
    LANGUAGE c VOLATILE STRICT COST 100000 AS 'MODULE_PATHNAME', 'mkt_tag_put_values';
COMMENT ON FUNCTION mkt.tag_put_values(text, text, timestamptz) IS
    'Replaces a tag by the rows (cid, value) of a query, run with the caller''s rights; returns how many customers have it. NULL means no value. Memory does not grow with the rows.';

CREATE FUNCTION mkt.tag_put_value(code text, cid bigint, value numeric, as_of timestamptz DEFAULT now()) RETURNS boolean
    LANGUAGE c VOLATILE COST 1000 AS 'MODULE_PATHNAME', 'mkt_tag_put_value';
COMMENT ON FUNCTION mkt.tag_put_value(text, bigint, numeric, timestamptz) IS
    'Gives one customer a value of a numeric or enum tag (of an enum, the number of the label), NULL takes the tag away; says whether that changed anything. Only the slices whose bit changes are written.';

CREATE FUNCTION mkt.tag_change_values(code text, cids bigint[], new_values numeric[], as_of timestamptz DEFAULT now()) RETURNS bigint
    LANGUAGE c VOLATILE STRICT COST 10000 AS 'MODULE_PATHNAME', 'mkt_tag_change_values';
COMMENT ON FUNCTION mkt.tag_change_values(text, bigint[], numeric[], timestamptz) IS
    'A change set: gives these customers values of a numeric or enum tag (of an enum, the number of the label), NULL takes the tag away; returns for how many that changed anything. Only their blocks are written, each slice once.';

CREATE FUNCTION mkt._tag_load(codes text[], query text, as_of timestamptz, OUT code text, OUT members bigint, OUT ms numeric)
    RETURNS SETOF record
    LANGUAGE c VOLATILE STRICT COST 100000 AS 'MODULE_PATHNAME', 'mkt__tag_load';
COMMENT ON FUNCTION mkt._tag_load(text[], text, timestamptz) IS
    'Replaces many tags by the columns of one query: cid, then the value of each tag.';

CREATE FUNCTION mkt.tag_refresh(codes text[] DEFAULT NULL, as_of timestamptz DEFAULT now())
    RETURNS TABLE (code text, members bigint, ms numeric)
    LANGUAGE plpgsql ROWS 100
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    batch record;
    had   jsonb;
    wrong text;
BEGIN
    PERFORM mkt._require_platform();
    SELECT c INTO wrong
    FROM unnest(codes) AS c
    WHERE NOT EXISTS (SELECT FROM mkt.tag AS t WHERE t.code = c AND t.rule IS NOT NULL AND t.status = 'online');
    IF FOUND THEN
        RAISE EXCEPTION 'there is no online tag "%" with a rule', wrong
            USING ERRCODE = 'undefined_object',
                  HINT = 'SELECT code, status, rule FROM mkt.tag shows what can be refreshed.';
    END IF;

    -- In one order, so that two refreshes never wait for each other in a circle.
    PERFORM FROM mkt.tag AS t
    WHERE t.status = 'online' AND t.rule IS NOT NULL
      AND (tag_refresh.codes IS NULL OR t.code = ANY (tag_refresh.codes))
    ORDER BY t.tag_id FOR NO KEY UPDATE;
    FOR batch IN
        SELECT array_agg(t.code ORDER BY t.tag_id) AS codes,
               format('SELECT s.cid, %s FROM %s AS s',
                      string_agg(format('(%s)', t.rule), ', ' ORDER BY t.tag_id),
                      CASE WHEN t.source ~* '^\s*(select|with|values)\M' THEN format(E'(%s\n)', t.source) ELSE t.source END) AS query
        FROM mkt.tag AS t
        WHERE t.status = 'online' AND t.rule IS NOT NULL
          AND (tag_refresh.codes IS NULL OR t.code = ANY (tag_refresh.codes))
        GROUP BY t.source
        ORDER BY min(t.tag_id)
    LOOP
        had := (SELECT jsonb_object_agg(t.code, t.members) FROM mkt.tag AS t WHERE t.code = ANY (batch.codes));
        FOR code, members, ms IN SELECT l.code, l.members, l.ms FROM mkt._tag_load(batch.codes, batch.query, as_of) AS l LOOP
            PERFORM mkt._tag_log(code, 'refreshed', jsonb_build_object('members', had -> code), jsonb_build_object('members', members), as_of);
            RETURN NEXT;
        END LOOP;
    END LOOP;
END
$$;
COMMENT ON FUNCTION mkt.tag_refresh(text[], timestamptz) IS
    'Computes every online tag with a rule (or those named), all tags of one source in one scan of it, and says how many customers each has now (S0-036). Rules run with the caller''s rights.';

CREATE FUNCTION mkt.tag_due(as_of timestamptz DEFAULT now()) RETURNS TABLE (code text, segment boolean, due_at timestamptz)
    LANGUAGE plpgsql STABLE ROWS 100
    SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
BEGIN
    -- Like a job: once in every slot. A month counts 30 days, so that all slots are equally long.
    RETURN QUERY
        SELECT t.code, t.class = 'segment', s.slot
        FROM mkt.tag AS t,
             date_bin(make_interval(secs => extract(epoch FROM coalesce(t.refresh, '1 day'))::double precision),
                      tag_due.as_of, '2000-01-01 02:10+08') AS s(slot)
        WHERE t.status = 'online' AND (t.rule IS NOT NULL OR t.class = 'segment')
          AND (t.refreshed_at < s.slot OR t.refreshed_at IS NULL)
        ORDER BY t.tag_id;
END
$$;
COMMENT ON FUNCTION mkt.tag_due(timestamptz) IS
    'Online tags with a rule, and segments, that were not computed since their last slot began (S0-036): slots are as long as the tag may become old, a day if nobody said, and counted from 02:10 in Shanghai.';

-- ---- history -------------------------------------------------------------------
CREATE FUNCTION mkt.tag_keep_history(code text, keep boolean DEFAULT true, as_of timestamptz DEFAULT now()) RETURNS timestamptz
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    had record;
BEGIN
    SELECT t.tag_id, t.class, t.refreshed_at, t.history_since INTO had FROM mkt.tag AS t WHERE t.code = tag_keep_history.code FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'tag "%" does not exist', code
            USING ERRCODE = 'undefined_object', HINT = 'SELECT code, name_zh FROM mkt.tag lists the tags.';
    ELSIF had.class = 'snapshot' THEN
        RAISE EXCEPTION 'snapshot "%" never changes', code
            USING ERRCODE = 'object_not_in_prerequisite_state', HINT = 'It needs no history: it is the same at any time.';
    END IF;
    IF NOT keep THEN
        DELETE FROM mkt.tag_change AS c WHERE c.tag_id = had.tag_id;
        DELETE FROM mkt.tag_shape AS s WHERE s.tag_id = had.tag_id;
        had.history_since := NULL;
    ELSIF had.history_since IS NULL THEN
        had.history_since := greatest(as_of, had.refreshed_at);
    END IF;
    UPDATE mkt.tag AS t SET history_since = had.history_since WHERE t.tag_id = had.tag_id;
    RETURN had.history_since;
END
$$;
COMMENT ON FUNCTION mkt.tag_keep_history(text, boolean, timestamptz) IS
    'From now on keeps who comes to a tag and who goes, so that mkt.audience(expression, as_of) can look back; returns since when. keep false: forgets it (semantics A.4).';

CREATE FUNCTION mkt.tag_history_trim(before timestamptz, codes text[] DEFAULT NULL) RETURNS bigint
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    gone bigint;
BEGIN
    PERFORM FROM mkt.tag AS t
    WHERE t.history_since < before AND (codes IS NULL OR t.code = ANY (codes))
    ORDER BY t.tag_id FOR NO KEY UPDATE;
    -- What was flipped up to `before` is needed only for moments before it.
    WITH trimmed AS (
        UPDATE mkt.tag AS t SET history_since = before
        WHERE t.history_since < before AND (codes IS NULL OR t.code = ANY (codes))
        RETURNING t.tag_id),
    shape AS (
        DELETE FROM mkt.tag_shape AS s USING trimmed AS t WHERE s.tag_id = t.tag_id AND s.until <= before),
    change AS (
        DELETE FROM mkt.tag_change AS c USING trimmed AS t WHERE c.tag_id = t.tag_id AND c.changed_at <= before RETURNING 1)
    SELECT count(*) INTO gone FROM change;
    RETURN gone;
END
$$;
COMMENT ON FUNCTION mkt.tag_history_trim(timestamptz, text[]) IS
    'Forgets the history of tags (all of them, or those named) before a moment; returns how many changes of blocks that were.';

-- ---- asking ---------------------------------------------------------------------
-- as_of looks back, with the history of the tags; infinity is the present.
CREATE FUNCTION mkt.audience_count(expression mkt.tagexpr, as_of timestamptz DEFAULT 'infinity') RETURNS bigint
    LANGUAGE c STABLE STRICT PARALLEL SAFE COST 50000 AS 'MODULE_PATHNAME', 'mkt_audience_count';
COMMENT ON FUNCTION mkt.audience_count(mkt.tagexpr, timestamptz) IS
    'How many customers the expression describes, exactly (S0-032, S3-016), or described at a past moment, the universe `live` of that moment included (semantics A.4).';

CREATE FUNCTION mkt.audience(expression mkt.tagexpr, as_of timestamptz DEFAULT 'infinity') RETURNS mkt.tagmap
    LANGUAGE c STABLE STRICT PARALLEL SAFE COST 100000 AS 'MODULE_PATHNAME', 'mkt_audience';
COMMENT ON FUNCTION mkt.audience(mkt.tagexpr, timestamptz) IS
    'The customers the expression describes, as a set, or described at a past moment (semantics A.4). A tag that was written since must have kept its history: mkt.tag_keep_history(). What the caller may see is decided by today''s places.';

CREATE FUNCTION mkt.audience_members(expression mkt.tagexpr, as_of timestamptz DEFAULT 'infinity') RETURNS SETOF bigint
    LANGUAGE c STABLE STRICT PARALLEL SAFE COST 100000 ROWS 1000000 AS 'MODULE_PATHNAME', 'mkt_audience_members';
COMMENT ON FUNCTION mkt.audience_members(mkt.tagexpr, timestamptz) IS
    'The customers the expression describes, ascending; in a select list they stream.';

CREATE FUNCTION mkt._audience_members(expression mkt.tagexpr, from_block integer, to_block integer, as_of timestamptz DEFAULT 'infinity') RETURNS SETOF bigint
    LANGUAGE c STABLE STRICT PARALLEL SAFE COST 10000 ROWS 10000 AS 'MODULE_PATHNAME', 'mkt__audience_members';
COMMENT ON FUNCTION mkt._audience_members(mkt.tagexpr, integer, integer, timestamptz) IS
    'The customers the expression describes in the blocks from_block to to_block - 1.';

CREATE FUNCTION mkt._audience_values(expression mkt.tagexpr, code text, from_block integer, to_block integer, as_of timestamptz DEFAULT 'infinity',
        OUT cid bigint, OUT value numeric)
    RETURNS SETOF record
    LANGUAGE c STABLE PARALLEL SAFE COST 20000 ROWS 10000 AS 'MODULE_PATHNAME', 'mkt__audience_values';
COMMENT ON FUNCTION mkt._audience_values(mkt.tagexpr, text, integer, integer, timestamptz) IS
    'Like _audience_members, with each customer''s value of a numeric or enum tag; NULL where there is none, or no tag is named.';

CREATE FUNCTION mkt._blocks() RETURNS integer
    LANGUAGE c STABLE PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME', 'mkt__blocks';
COMMENT ON FUNCTION mkt._blocks() IS '1 + the highest block of the universe; 0 if nobody lives there.';

CREATE FUNCTION mkt.has_tags(cid bigint, expression mkt.tagexpr, as_of timestamptz DEFAULT 'infinity') RETURNS boolean
    LANGUAGE c STABLE STRICT PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME', 'mkt_has_tags';
COMMENT ON FUNCTION mkt.has_tags(bigint, mkt.tagexpr, timestamptz) IS 'Is this customer one of those the expression describes?';

CREATE FUNCTION mkt._org_cells(codes text[]) RETURNS SETOF integer
    LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 1000
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    wrong text;
BEGIN
    SELECT c INTO wrong FROM unnest(codes) AS c WHERE NOT EXISTS (SELECT FROM mkt.org AS o WHERE o.code = c);
    IF FOUND THEN
        RAISE EXCEPTION 'unit "%" does not exist', wrong
            USING ERRCODE = 'undefined_object', HINT = 'in_org() takes codes of mkt.org.';
    END IF;
    RETURN QUERY
        SELECT DISTINCT c.cell_id
        FROM mkt.org AS p
        JOIN mkt.org AS o ON o.lft BETWEEN p.lft AND p.rgt
        JOIN mkt.grid_cell AS c ON c.org_id = o.org_id
        WHERE p.code = ANY (codes);
END
$$;
COMMENT ON FUNCTION mkt._org_cells(text[]) IS 'Cells of the map below these units: what in_org() means in an expression.';

-- ---- measuring --------------------------------------------------------------------
CREATE FUNCTION mkt.audience_by_org(expression mkt.tagexpr, tier integer, as_of timestamptz DEFAULT 'infinity', OUT org_id integer, OUT members bigint)
    RETURNS SETOF record
    LANGUAGE c STABLE STRICT PARALLEL SAFE COST 200000 ROWS 1000 AS 'MODULE_PATHNAME', 'mkt_audience_by_org';
COMMENT ON FUNCTION mkt.audience_by_org(mkt.tagexpr, integer, timestamptz) IS
    'Customers of the audience by the unit of a tier that answers for their cell, down to 85,000 maps (S0-011, S0-027); org_id NULL: nobody does. The counts add up to mkt.audience_count(). as_of: the cells of then, the organisation of today.';

CREATE FUNCTION mkt.audience_by(expression mkt.tagexpr, code text, as_of timestamptz DEFAULT 'infinity', OUT value numeric, OUT members bigint)
    RETURNS SETOF record
    LANGUAGE c STABLE STRICT PARALLEL SAFE COST 200000 ROWS 1000 AS 'MODULE_PATHNAME', 'mkt_audience_by';
COMMENT ON FUNCTION mkt.audience_by(mkt.tagexpr, text, timestamptz) IS
    'Customers of the audience by their value of a numeric or enum tag (S0-034); value NULL: they have none. The counts add up to mkt.audience_count().';

CREATE FUNCTION mkt.audience_sum(expression mkt.tagexpr, code text, as_of timestamptz DEFAULT 'infinity') RETURNS numeric
    LANGUAGE c STABLE STRICT PARALLEL SAFE COST 100000 AS 'MODULE_PATHNAME', 'mkt_audience_sum';
COMMENT ON FUNCTION mkt.audience_sum(mkt.tagexpr, text, timestamptz) IS 'Sum of a numeric tag over the audience, exactly; 0 if nobody has a value.';

CREATE FUNCTION mkt.audience_avg(expression mkt.tagexpr, code text, as_of timestamptz DEFAULT 'infinity') RETURNS numeric
    LANGUAGE c STABLE STRICT PARALLEL SAFE COST 100000 AS 'MODULE_PATHNAME', 'mkt_audience_avg';
COMMENT ON FUNCTION mkt.audience_avg(mkt.tagexpr, text, timestamptz) IS 'Mean of a numeric tag over those of the audience who have a value; NULL if nobody has.';

CREATE FUNCTION mkt.audience_topk(expression mkt.tagexpr, code text, k integer, as_of timestamptz DEFAULT 'infinity', OUT cid bigint, OUT value numeric)
    RETURNS SETOF record
    LANGUAGE c STABLE STRICT PARALLEL SAFE COST 100000 ROWS 100 AS 'MODULE_PATHNAME', 'mkt_audience_topk';
COMMENT ON FUNCTION mkt.audience_topk(mkt.tagexpr, text, integer, timestamptz) IS
    'The k customers of the audience with the greatest values of a tag, greatest first; of equal ones the smaller cid.';

-- ---- comparing ------------------------------------------------------------------------
CREATE FUNCTION mkt.audience_venn(expressions mkt.tagexpr[], as_of timestamptz DEFAULT 'infinity', OUT region integer, OUT inside integer[], OUT members bigint)
    RETURNS SETOF record
    LANGUAGE c STABLE STRICT PARALLEL SAFE COST 200000 ROWS 15 AS 'MODULE_PATHNAME', 'mkt_audience_venn';
COMMENT ON FUNCTION mkt.audience_venn(mkt.tagexpr[], timestamptz) IS
    'All 2^n - 1 exclusive regions of up to 6 audiences: customers inside those listed (by position) and outside the others.';

CREATE FUNCTION mkt._audience_overlap(codes text[], as_of timestamptz, OUT a integer, OUT b integer, OUT members bigint)
    RETURNS SETOF record
    LANGUAGE c STABLE STRICT PARALLEL SAFE COST 1000000 ROWS 1000 AS 'MODULE_PATHNAME', 'mkt__audience_overlap';
COMMENT ON FUNCTION mkt._audience_overlap(text[], timestamptz) IS 'Customers with both the a-th and the b-th tag, a <= b, in one pass.';

CREATE FUNCTION mkt.audience_overlap(codes text[], as_of timestamptz DEFAULT 'infinity', OUT code_a text, OUT code_b text, OUT members bigint, OUT jaccard numeric, OUT lift numeric)
    RETURNS SETOF record
    LANGUAGE sql STABLE STRICT PARALLEL SAFE COST 1000000 ROWS 1000
    SET work_mem = '8MB'    -- 672 tags are 225,000 pairs, kept twice: bounded whatever the session allows
BEGIN ATOMIC
    WITH pair AS MATERIALIZED (SELECT p.a, p.b, p.members FROM mkt._audience_overlap(codes, as_of) AS p),
         universe AS MATERIALIZED (SELECT mkt.audience_count('all', as_of) AS members)
    SELECT codes[p.a], codes[p.b], p.members,
           pg_catalog.round(p.members::numeric / nullif(x.members + y.members - p.members, 0), 6),
           pg_catalog.round(p.members::numeric * u.members / nullif(x.members::numeric * y.members, 0), 6)
    FROM pair AS p
    JOIN pair AS x ON x.a = p.a AND x.b = p.a
    JOIN pair AS y ON y.a = p.b AND y.b = p.b
    CROSS JOIN universe AS u
    ORDER BY p.a, p.b;
END;
COMMENT ON FUNCTION mkt.audience_overlap(text[], timestamptz) IS
    'For every pair of tags: customers with both, Jaccard index, and lift (how many times more often together than by chance); a tag beside itself gives its own count. One pass for all pairs.';

CREATE FUNCTION mkt._audience_profile(expression mkt.tagexpr, as_of timestamptz, OUT tag_id integer, OUT value numeric, OUT members bigint, OUT base bigint, OUT total numeric, OUT base_total numeric)
    RETURNS SETOF record
    LANGUAGE c STABLE STRICT PARALLEL SAFE COST 1000000 ROWS 700 AS 'MODULE_PATHNAME', 'mkt__audience_profile';
COMMENT ON FUNCTION mkt._audience_profile(mkt.tagexpr, timestamptz) IS
    'Counts and sums of every online tag over an audience and over the universe; the row without tag_id counts the two themselves.';

CREATE FUNCTION mkt.audience_profile(expression mkt.tagexpr, as_of timestamptz DEFAULT 'infinity')
    RETURNS TABLE (code text, name text, name_zh text, class text, label text, label_zh text,
                   members bigint, share numeric, base_members bigint, base_share numeric, mean numeric, base_mean numeric, tgi numeric, z double precision)
    LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE COST 1000000 ROWS 700
    SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
        WITH counted AS MATERIALIZED (SELECT p.* FROM mkt._audience_profile(expression, as_of) AS p),
             shared AS (
                 SELECT c.tag_id, c.value, c.members, c.base, whole.members AS n, whole.base AS base_n,
                        c.members::numeric / nullif(whole.members, 0) AS share,
                        c.base::numeric / nullif(whole.base, 0) AS base_share,
                        c.total / nullif(c.members, 0) AS mean, c.base_total / nullif(c.base, 0) AS base_mean
                 FROM counted AS c
                 JOIN counted AS whole ON whole.tag_id IS NULL
                 WHERE c.tag_id IS NOT NULL)
        SELECT t.code, t.name, t.name_zh, t.class, l.label, l.label_zh,
               s.members, round(s.share, 6), s.base, round(s.base_share, 6), round(s.mean, 6), round(s.base_mean, 6),
               round(100 * CASE WHEN t.kind = 'numeric' THEN s.mean / nullif(s.base_mean, 0) ELSE s.share / nullif(s.base_share, 0) END, 1),
               -- an audience is a sample drawn from the base without replacement
               round(((s.share - s.base_share)
                      / nullif(sqrt(s.base_share * (1 - s.base_share) / nullif(s.n, 0) * (s.base_n - s.n) / nullif(s.base_n - 1, 0)), 0))::numeric, 3)::double precision
        FROM shared AS s
        JOIN mkt.tag AS t ON t.tag_id = s.tag_id
        LEFT JOIN mkt.tag_label AS l ON l.tag_id = s.tag_id AND l.value = s.value
        ORDER BY t.tag_id, s.value;
END
$$;
COMMENT ON FUNCTION mkt.audience_profile(mkt.tagexpr, timestamptz) IS
    'What sets an audience apart (S0-039, S2-046): for every online tag its share in the audience and in the universe, and TGI = 100 x share / base share (for numeric tags 100 x mean / base mean). z says how far the share is from chance; beyond 2 or 3 it is not chance. as_of: of the tags whose state of then is known.';

CREATE FUNCTION mkt._lookalike(audience mkt.tagexpr, others mkt.tagexpr, n integer, codes text[], as_of timestamptz, OUT cid bigint, OUT score double precision)
    RETURNS SETOF record
    LANGUAGE c STABLE STRICT PARALLEL SAFE COST 1000000 ROWS 1000 AS 'MODULE_PATHNAME', 'mkt__lookalike';
COMMENT ON FUNCTION mkt._lookalike(mkt.tagexpr, mkt.tagexpr, integer, text[], timestamptz) IS
    'The n of the others who are most like the audience by these tags, best first.';

CREATE FUNCTION mkt.lookalike(expression mkt.tagexpr, n integer, among mkt.tagexpr DEFAULT 'all', codes text[] DEFAULT NULL, as_of timestamptz DEFAULT 'infinity')
    RETURNS TABLE (cid bigint, score double precision)
    LANGUAGE plpgsql STABLE PARALLEL SAFE COST 1000000 ROWS 1000
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    features text[] := codes;
BEGIN
    IF codes IS NULL THEN
        -- What the audience is made of says nothing about the others, and a copy of it would only find itself.
        features := ARRAY(SELECT t.code
                          FROM mkt.tag AS t
                          WHERE t.kind = 'boolean' AND t.status = 'online' AND NOT t.is_system AND t.class <> 'snapshot'
                            AND (t.refreshed_at <= as_of OR t.history_since <= as_of OR t.refreshed_at IS NULL)
                            AND NOT EXISTS (SELECT FROM mkt.tagexpr_tags(expression) AS x(name) WHERE x.name IN (t.code, t.name_zh))
                          ORDER BY t.tag_id);
        IF features = '{}' THEN
            RAISE EXCEPTION 'there is no tag to compare customers by'
                USING ERRCODE = 'invalid_parameter_value',
                      HINT = 'The expression names all boolean tags that are online; name others as codes.';
        END IF;
    END IF;
    RETURN QUERY
        SELECT l.cid, l.score
        FROM mkt._lookalike(expression, among OPERATOR(mkt.&) (OPERATOR(mkt.!) expression), n, features, as_of) AS l;
END
$$;
COMMENT ON FUNCTION mkt.lookalike(mkt.tagexpr, integer, mkt.tagexpr, text[], timestamptz) IS
    'The n customers of `among` outside the audience who are most like it, best first, of equal ones the smaller cid (semantics A.7). '
    'score: Bernoulli naive Bayes log-odds over boolean tags and labels of enum tags with Laplace smoothing, without the prior, which is the same for all. '
    'codes NULL: all boolean tags online that the expression does not name, snapshots left out, and of the past those whose state is not known.';

CREATE FUNCTION mkt._portrait(cid bigint, as_of timestamptz, OUT tag_id integer, OUT value numeric)
    RETURNS SETOF record
    LANGUAGE c STABLE STRICT PARALLEL SAFE COST 10000 ROWS 100 AS 'MODULE_PATHNAME', 'mkt__portrait';
COMMENT ON FUNCTION mkt._portrait(bigint, timestamptz) IS 'The online tags a customer has, with their values.';

CREATE FUNCTION mkt.portrait(cid bigint, as_of timestamptz DEFAULT 'infinity')
    RETURNS TABLE (code text, name text, name_zh text, class text, kind text, value numeric, unit text, label text, label_zh text)
    LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE COST 10000 ROWS 100
    SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
        SELECT t.code, t.name, t.name_zh, t.class, t.kind, p.value, t.unit, l.label, l.label_zh
        FROM mkt._portrait(portrait.cid, portrait.as_of) AS p
        JOIN mkt.tag AS t ON t.tag_id = p.tag_id
        LEFT JOIN mkt.tag_label AS l ON l.tag_id = p.tag_id AND l.value = p.value
        WHERE NOT t.is_system
        ORDER BY t.class, t.tag_id;
END
$$;
COMMENT ON FUNCTION mkt.portrait(bigint, timestamptz) IS
    'Everything the online tags say about one customer, in one call (S0-039); no rows for a customer the caller may not see or who is not live. as_of: the tags whose state of then is known.';

CREATE FUNCTION mkt.tag_values(code text, as_of timestamptz DEFAULT 'infinity', OUT cid bigint, OUT value numeric)
    RETURNS SETOF record
    LANGUAGE sql STABLE STRICT PARALLEL SAFE COST 100000 ROWS 1000000
BEGIN ATOMIC
    SELECT v.cid, v.value
    FROM mkt._audience_values(pg_catalog.format('"%s"', pg_catalog.replace(code, '"', '""'))::mkt.tagexpr, code, 0, 2147483647, as_of) AS v;
END;
COMMENT ON FUNCTION mkt.tag_values(text, timestamptz) IS 'Customers and their values of a numeric or enum tag.';
