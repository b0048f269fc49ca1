-- ----------------------------------------------------------------------
-- sql/platform/95-catalogue.code.sql: checks of the catalogue. Every view
-- is empty as shipped and stays so while the operator extends it (S0-038).
-- ----------------------------------------------------------------------
CREATE OR REPLACE VIEW mkt.catalogue_business_gap WITH (security_invoker = true) AS
SELECT b.business_code, b.name, b.name_zh
FROM mkt.catalogue_business AS b
WHERE NOT EXISTS (SELECT FROM mkt.catalogue_tag AS t WHERE t.business_code = b.business_code);
COMMENT ON VIEW mkt.catalogue_business_gap IS 'Businesses without a tag: empty when every business has tags (S0-038).';

CREATE OR REPLACE VIEW mkt.catalogue_scene_gap WITH (security_invoker = true) AS
SELECT s.scene_code, s.name, s.name_zh
FROM mkt.catalogue_scene AS s
WHERE NOT EXISTS (SELECT FROM mkt.catalogue_model AS m WHERE m.scene_code = s.scene_code);
COMMENT ON VIEW mkt.catalogue_scene_gap IS 'Scenes without a model: empty when every scene has models (S0-038).';

CREATE OR REPLACE VIEW mkt.catalogue_input_gap WITH (security_invoker = true) AS
SELECT m.code, i.input
FROM mkt.catalogue_model AS m CROSS JOIN unnest(m.inputs) AS i(input)
WHERE NOT EXISTS (SELECT FROM mkt.catalogue_tag AS t WHERE t.code = i.input);
COMMENT ON VIEW mkt.catalogue_input_gap IS 'Inputs of models that name no tag of the catalogue.';
