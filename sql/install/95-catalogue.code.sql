-- ----------------------------------------------------------------------
-- sql/install/95-catalogue.code.sql: from the shipped catalogue to working
-- tags. The catalogue itself is data: sql/platform/95-catalogue*.
-- ----------------------------------------------------------------------
CREATE FUNCTION mkt.catalogue_adopt(codes text[])
    RETURNS TABLE (code text, tag_id integer, adopted boolean)
    LANGUAGE plpgsql VOLATILE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    unknown text;
    fresh   text[];
BEGIN
    PERFORM mkt._require_platform();

    SELECT string_agg(format('"%s"', u.wanted), ', ' ORDER BY u.wanted) INTO unknown
    FROM unnest(codes) AS u(wanted)
    WHERE NOT EXISTS (SELECT FROM mkt.catalogue_tag AS c WHERE c.code = u.wanted);
    IF unknown IS NOT NULL THEN
        RAISE EXCEPTION 'the catalogue has no tag %', unknown
            USING ERRCODE = 'undefined_object',
                  HINT = 'Its codes: SELECT class_code, code, name, name_zh FROM mkt.catalogue_tag ORDER BY 1, 2.';
    END IF;

    fresh := ARRAY(SELECT u.wanted FROM unnest(codes) AS u(wanted)
                   EXCEPT SELECT t.code FROM mkt.tag AS t);
    PERFORM mkt.tag_define(c.code, c.kind, c.name, c.name_zh, scale => c.scale, unit => c.unit, class => c.class_code,
                           business => c.business_code, rule => c.rule, source => s.relation, owner => session_user,
                           status => 'draft', refresh => CASE c.refresh WHEN 'monthly' THEN interval '1 month' WHEN 'realtime' THEN '1 hour' ELSE '1 day' END, labels => c.labels, labels_zh => c.labels_zh)
    FROM mkt.catalogue_tag AS c JOIN mkt.catalogue_source AS s USING (source_code)
    WHERE c.code = ANY (fresh);

    RETURN QUERY
    SELECT t.code, t.tag_id, t.code = ANY (fresh)
    FROM mkt.tag AS t
    WHERE t.code = ANY (codes)
    ORDER BY t.code;
END
$$;
COMMENT ON FUNCTION mkt.catalogue_adopt(text[]) IS
    'Makes catalogue tags working tags: copied to mkt.tag with their labels, as drafts (S0-036, S2-015). A code that is there already stays as it is and comes back with adopted = false.';

CREATE FUNCTION mkt.catalogue_source_gap(source_code text DEFAULT NULL)
    RETURNS TABLE (source text, relation text, column_name text, expected text, found text)
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
BEGIN
    PERFORM mkt._require_platform();
    IF source_code IS NOT NULL
       AND NOT EXISTS (SELECT FROM mkt.catalogue_source AS s WHERE s.source_code = catalogue_source_gap.source_code) THEN
        RAISE EXCEPTION 'the catalogue has no source "%"', catalogue_source_gap.source_code
            USING ERRCODE = 'undefined_object',
                  HINT = 'Its sources: SELECT source_code, name FROM mkt.catalogue_source.';
    END IF;

    RETURN QUERY
    SELECT w.source_code, w.relation, w.column_name, w.type, format_type(a.atttypid, a.atttypmod)
    FROM (SELECT s.source_code, s.relation, c.column_name, c.type
          FROM mkt.catalogue_source AS s JOIN mkt.catalogue_source_column AS c USING (source_code)
          UNION ALL
          SELECT s.source_code, s.relation, k.column_name, k.type
          FROM mkt.catalogue_source AS s
          CROSS JOIN (VALUES ('cid', 'bigint'), ('as_of', 'date')) AS k(column_name, type)) AS w
    LEFT JOIN pg_attribute AS a
        ON a.attrelid = to_regclass(w.relation) AND a.attname = w.column_name AND a.attnum > 0 AND NOT a.attisdropped
    LEFT JOIN pg_type AS t ON t.oid = a.atttypid
    WHERE (catalogue_source_gap.source_code IS NULL OR w.source_code = catalogue_source_gap.source_code)
      AND CASE w.type
              WHEN 'boolean' THEN t.typcategory = 'B'
              WHEN 'text'    THEN t.typcategory = 'S'
              WHEN 'date'    THEN a.atttypid = 'date'::regtype     -- a rule subtracts dates and expects days
              ELSE                t.typcategory = 'N'
          END IS NOT TRUE
    ORDER BY w.source_code, w.column_name;
END
$$;
COMMENT ON FUNCTION mkt.catalogue_source_gap(text) IS
    'What is still missing for the catalogue''s rules to run: documented source columns that the relation lacks (found NULL) or has in another type.';
