-- ----------------------------------------------------------------------
-- sql/install/33-segment.code.sql: segments, defined and refreshed.
--
-- Whoever defines or refreshes locks mkt.segment: the graph of segments and
-- what it computes change in one order. Readers never wait.
-- ----------------------------------------------------------------------
CREATE FUNCTION mkt._segment_check(segment text) RETURNS void
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    reached jsonb;
    path    text[] := ARRAY[segment];
BEGIN
    -- Every circle there may be passes through the segment just defined: the
    -- others had none. `reached` knows for each segment one that names it.
    WITH RECURSIVE walk (code, named_by) AS (
        SELECT u.uses, u.code FROM mkt._segment_use AS u WHERE u.code = segment AND u.uses_class = 'segment'
        UNION
        SELECT u.uses, u.code FROM walk AS w JOIN mkt._segment_use AS u ON u.code = w.code AND u.uses_class = 'segment')
    SELECT jsonb_object_agg(f.code, f.named_by)
    INTO reached
    FROM (SELECT w.code, min(w.named_by) AS named_by FROM walk AS w GROUP BY w.code) AS f;

    IF reached ? segment THEN
        LOOP
            path := (reached ->> path[1]) || path;
            EXIT WHEN path[1] = segment;
        END LOOP;
        RAISE EXCEPTION 'segments name each other in a circle: %', array_to_string(path, ' → ')
            USING ERRCODE = 'invalid_recursion', HINT = 'A segment may rest on others, but not on itself.';
    END IF;
END
$$;
COMMENT ON FUNCTION mkt._segment_check(text) IS 'Raises 42P19, naming the circle, if this segment rests on itself (semantics A.5).';

CREATE FUNCTION mkt._segment_order(codes text[] DEFAULT NULL) RETURNS text[]
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    chosen  text[] := codes;
    ordered text[] := '{}';
    ready   text[];
BEGIN
    IF chosen IS NULL THEN
        chosen := ARRAY(SELECT s.code FROM mkt.segment AS s);
    ELSE
        -- what they rest on, then what rests on any of these
        chosen := ARRAY(
            WITH RECURSIVE below (code) AS (
                SELECT s.code FROM mkt.segment AS s WHERE s.code = ANY (chosen)
                UNION
                SELECT u.uses FROM below AS b JOIN mkt._segment_use AS u ON u.code = b.code AND u.uses_class = 'segment'),
            above (code) AS (
                SELECT b.code FROM below AS b
                UNION
                SELECT u.code FROM above AS a JOIN mkt._segment_use AS u ON u.uses = a.code)
            SELECT a.code FROM above AS a);
    END IF;

    WHILE cardinality(ordered) < cardinality(chosen) LOOP
        ready := ARRAY(
            SELECT c.code FROM unnest(chosen) AS c(code)
            WHERE c.code <> ALL (ordered)
              AND NOT EXISTS (SELECT FROM mkt._segment_use AS u
                              WHERE u.code = c.code AND u.uses = ANY (chosen) AND u.uses <> ALL (ordered))
            ORDER BY c.code);
        IF cardinality(ready) = 0 THEN
            RAISE EXCEPTION 'segments name each other in a circle'
                USING ERRCODE = 'invalid_recursion', DETAIL = format('Among them: %s.', array_to_string(chosen, ', ')),
                      HINT = 'Define one of them anew with mkt.segment_define().';
        END IF;
        ordered := ordered || ready;
    END LOOP;
    RETURN ordered;
END
$$;
COMMENT ON FUNCTION mkt._segment_order(text[]) IS
    'The segments in the order of their refresh: each after those it names. With codes: these, what they rest on and what rests on any of them.';

CREATE FUNCTION mkt.segment_refresh(codes text[] DEFAULT NULL, as_of timestamptz DEFAULT now())
    RETURNS TABLE (code text, members bigint, entered bigint, "left" bigint)
    LANGUAGE plpgsql ROWS 20
    SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    wrong  record;
    before mkt.tagmap;
    after  mkt.tagmap;
BEGIN
    PERFORM mkt._require_platform();
    LOCK TABLE mkt.segment IN SHARE ROW EXCLUSIVE MODE;
    SELECT c.code INTO wrong FROM unnest(codes) AS c(code) WHERE NOT EXISTS (SELECT FROM mkt.segment AS s WHERE s.code = c.code);
    IF FOUND THEN
        RAISE EXCEPTION 'segment "%" does not exist', wrong.code
            USING ERRCODE = 'undefined_object', HINT = 'SELECT code, definition FROM mkt.segment lists the segments.';
    END IF;

    FOREACH code IN ARRAY mkt._segment_order(codes) LOOP
        SELECT u.named, s.definition INTO wrong
        FROM mkt._segment_use AS u JOIN mkt.segment AS s ON s.code = u.code
        WHERE u.code = code AND u.uses IS NULL LIMIT 1;
        IF FOUND THEN
            RAISE EXCEPTION 'segment "%" names tag "%", which does not exist', code, wrong.named
                USING ERRCODE = 'undefined_object',
                      DETAIL = format('Its definition is: %s', wrong.definition),
                      HINT = 'The tag was dropped or renamed: define the segment anew with mkt.segment_define().';
        END IF;

        before := mkt._tag_set(code);
        after := (SELECT mkt.audience(s.definition) FROM mkt.segment AS s WHERE s.code = code);
        members := mkt.tag_put(code, after, as_of);
        entered := mkt.andnot_card(after, before);
        "left" := mkt.andnot_card(before, after);
        PERFORM mkt._tag_log(code, 'refreshed', jsonb_build_object('members', mkt.card(before)),
                             jsonb_build_object('members', members, 'entered', entered, 'left', "left"), as_of);
        RETURN NEXT;
    END LOOP;
END
$$;
COMMENT ON FUNCTION mkt.segment_refresh(text[], timestamptz) IS
    'Computes segments from their definitions, each after those it names, in one transaction (semantics A.5): all of them, or those named with what they rest on and what rests on them. Says how many customers each has, and how many came and went.';

CREATE FUNCTION mkt._tag_set(code text) RETURNS mkt.tagmap
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN (SELECT coalesce(mkt.tagmap_or_agg(b.members), '{}'::mkt.tagmap)
            FROM mkt.tag AS t JOIN mkt.tag_block AS b ON b.tag_id = t.tag_id AND b.slice = 0
            WHERE t.code = _tag_set.code);
END
$$;
COMMENT ON FUNCTION mkt._tag_set(text) IS 'Who has the tag, as stored: whether live or not, whether the caller sees them or not.';

CREATE FUNCTION mkt.segment_define(code text, name text, name_zh text, definition mkt.tagexpr, as_of timestamptz DEFAULT now())
    RETURNS integer
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    had     record;
    version integer;
BEGIN
    PERFORM mkt._require_platform();
    IF definition IS NULL THEN
        RAISE EXCEPTION 'segment "%" needs a definition', code
            USING ERRCODE = 'null_value_not_allowed', HINT = 'Write an expression, such as ''broadband & arpu >= 80''.';
    END IF;
    LOCK TABLE mkt.segment IN SHARE ROW EXCLUSIVE MODE;
    SELECT t.name, t.name_zh, t.class, s.definition, s.version INTO had
    FROM mkt.tag AS t LEFT JOIN mkt.segment AS s ON s.code = t.code
    WHERE t.code = code;
    IF FOUND AND had.class <> 'segment' THEN
        RAISE EXCEPTION 'tag "%" is no segment but of class %', code, had.class
            USING ERRCODE = 'wrong_object_type', HINT = 'Choose another code.';
    END IF;
    PERFORM mkt.tag_define(code, 'boolean', coalesce(name, had.name), coalesce(name_zh, had.name_zh), class => 'segment', as_of => as_of);
    PERFORM mkt.tag_keep_history(code, as_of => as_of);

    IF had.version IS NOT NULL AND had.definition OPERATOR(mkt.=) definition THEN
        version := had.version;
    ELSE
        version := coalesce(had.version, 0) + 1;
        INSERT INTO mkt.segment AS s (code, definition, version, changed_at)
        VALUES (code, definition, version, as_of)
        ON CONFLICT ON CONSTRAINT segment_pkey DO UPDATE
            SET (definition, version, changed_at) = (excluded.definition, excluded.version, excluded.changed_at);
        INSERT INTO mkt.segment_version (code, version, definition, defined_at)
        VALUES (code, version, definition, as_of);
        PERFORM mkt._segment_check(code);
        PERFORM mkt._tag_log(code, 'defined', jsonb_build_object('definition', had.definition::text, 'version', had.version),
                             jsonb_build_object('definition', definition::text, 'version', version), as_of);
    END IF;
    PERFORM mkt.segment_refresh(ARRAY[code], as_of);
    RETURN version;
END
$$;
COMMENT ON FUNCTION mkt.segment_define(text, text, text, mkt.tagexpr, timestamptz) IS
    'Creates a segment or edits one (names NULL: as they are) and returns its version. It and every segment resting on it are refreshed in the same transaction, so a new version is never seen with members of the old one (S0-036, S3-016; semantics A.5).';
