-- ----------------------------------------------------------------------
-- sql/install/33-snapshot.code.sql: immutable copies of audiences.
-- ----------------------------------------------------------------------
CREATE FUNCTION mkt._snapshot_keep_trigger() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    changed integer[] := CASE TG_OP WHEN 'INSERT' THEN ARRAY[NEW.tag_id] WHEN 'DELETE' THEN ARRAY[OLD.tag_id] ELSE ARRAY[OLD.tag_id, NEW.tag_id] END;
    sealed  text;
BEGIN
    SELECT s.code INTO sealed
    FROM mkt.tag AS t JOIN mkt.snapshot AS s ON s.code = t.code
    WHERE t.tag_id = ANY (changed);
    IF FOUND THEN
        RAISE EXCEPTION 'snapshot "%" never changes', sealed
            USING ERRCODE = 'object_not_in_prerequisite_state',
                  HINT = 'Take another one with mkt.snapshot_take(), or drop this one with mkt.snapshot_drop().';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END
$$;
COMMENT ON FUNCTION mkt._snapshot_keep_trigger() IS 'Refuses any change of a sealed snapshot, of its blocks or of its tag (semantics A.4).';

CREATE FUNCTION mkt._tag_hash(tag_id integer) RETURNS text
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    -- A hash of hashes: no more than 32 bytes of a block are held at a time.
    RETURN (SELECT encode(sha256(coalesce(string_agg(sha256(mkt.tagmap_send(b.members)), ''::bytea ORDER BY b.slice, b.block), ''::bytea)), 'hex')
            FROM mkt.tag_block AS b
            WHERE b.tag_id = _tag_hash.tag_id);
END
$$;
COMMENT ON FUNCTION mkt._tag_hash(integer) IS 'SHA-256, in hex, of the SHA-256 of each block of a tag, in order: equal sets have equal hashes.';

CREATE FUNCTION mkt._segment_version(definition mkt.tagexpr) RETURNS integer
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN (SELECT s.version
            FROM mkt.tagexpr_tags(_segment_version.definition) AS n(name)
            JOIN mkt.tag AS t ON t.code = n.name OR t.name_zh = n.name
            JOIN mkt.segment AS s ON s.code = t.code
            WHERE format('"%s"', replace(n.name, '"', '""'))::mkt.tagexpr OPERATOR(mkt.=) _segment_version.definition);
END
$$;
COMMENT ON FUNCTION mkt._segment_version(mkt.tagexpr) IS 'The version of the segment, if the expression is the name of one and nothing else.';

CREATE FUNCTION mkt.snapshot_take(code text, expression mkt.tagexpr, name text, name_zh text, as_of timestamptz DEFAULT now()) RETURNS bigint
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    id      integer;
    members bigint;
BEGIN
    PERFORM mkt._require_platform();
    IF EXISTS (SELECT FROM mkt.tag AS t WHERE t.code = code) THEN
        RAISE EXCEPTION 'tag "%" already exists', code
            USING ERRCODE = 'duplicate_object', HINT = 'A snapshot never changes: choose another code.';
    ELSIF expression IS NULL THEN
        RAISE EXCEPTION 'snapshot "%" needs an expression', code
            USING ERRCODE = 'null_value_not_allowed', HINT = 'Write what is to be copied, such as ''broadband & arpu >= 80''.';
    END IF;
    -- Written like any tag, then sealed.
    id := -mkt.tag_define(code, 'boolean', name, name_zh, as_of => as_of);
    UPDATE mkt.tag AS t SET tag_id = id WHERE t.code = code;
    members := mkt.tag_put(code, mkt.audience(expression, as_of), as_of);
    UPDATE mkt.tag AS t SET class = 'snapshot' WHERE t.tag_id = id;
    INSERT INTO mkt.snapshot (code, definition, segment_version, taken_at, members, hash)
    VALUES (code, expression, mkt._segment_version(expression), as_of, members, mkt._tag_hash(id));
    RETURN members;
END
$$;
COMMENT ON FUNCTION mkt.snapshot_take(text, mkt.tagexpr, text, text, timestamptz) IS
    'Copies an audience, as it was at as_of, into a snapshot, which never changes and stands in expressions as @code; returns its members (S3-016; semantics A.4).';

CREATE FUNCTION mkt.snapshot_drop(code text) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    DELETE FROM mkt.snapshot AS s WHERE s.code = snapshot_drop.code;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'snapshot "%" does not exist', code
            USING ERRCODE = 'undefined_object', HINT = 'SELECT code, definition, taken_at FROM mkt.snapshot lists the snapshots.';
    END IF;
    DELETE FROM mkt.tag AS t WHERE t.code = snapshot_drop.code;
END
$$;
COMMENT ON FUNCTION mkt.snapshot_drop(text) IS 'Drops a snapshot as a whole.';

CREATE FUNCTION mkt.snapshot_verify(snapshot text DEFAULT NULL)
    RETURNS TABLE (code text, intact boolean, members bigint, hash text)
    LANGUAGE plpgsql STABLE ROWS 10
    SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
BEGIN
    IF snapshot IS NOT NULL AND NOT EXISTS (SELECT FROM mkt.snapshot AS s WHERE s.code = snapshot) THEN
        RAISE EXCEPTION 'snapshot "%" does not exist', snapshot
            USING ERRCODE = 'undefined_object', HINT = 'SELECT code, definition, taken_at FROM mkt.snapshot lists the snapshots.';
    END IF;
    RETURN QUERY
        SELECT s.code, s.hash = f.hash AND s.members = f.members AND t.members = f.members, f.members, f.hash
        FROM mkt.snapshot AS s
        JOIN mkt.tag AS t ON t.code = s.code
        CROSS JOIN LATERAL (
            SELECT mkt._tag_hash(t.tag_id) AS hash,
                   (SELECT coalesce(sum(mkt.card(b.members)), 0)::bigint FROM mkt.tag_block AS b WHERE b.tag_id = t.tag_id) AS members) AS f
        WHERE snapshot IS NULL OR s.code = snapshot
        ORDER BY s.code;
END
$$;
COMMENT ON FUNCTION mkt.snapshot_verify(text) IS 'Is a snapshot (or each of them) still what was copied? members and hash are those found now (semantics A.4).';
