#!/bin/bash
# ----------------------------------------------------------------------
# test/demo/battle-map.sh UNIT [FILE]: draws the battle map of a unit of the
# demo operator, own share by cell, as a picture: make battle-map UNIT=130102.
#
# The cells and their figures are those of mkt.battle_map_geojson(); SQL turns
# them into SVG, rsvg-convert (package librsvg2-bin) and a Chinese font
# (fonts-wqy-microhei) make a PNG of it.
# ----------------------------------------------------------------------
. "$(dirname "$0")/../lib/stage.sh"
unit=${1:?the code of a unit}
file=${2:-$ROOT/docs/battle-map.png}
command -v rsvg-convert >/dev/null || die "the picture needs rsvg-convert: apt-get install librsvg2-bin fonts-wqy-microhei"
stage_open
cluster_running demo || die "the demo operator is not up: run make demo"

svg=$(mktemp)
at_exit rm -f "$svg"
in_cluster demo psql -XAtq -v ON_ERROR_STOP=1 -v "unit=$unit" -d mkt >"$svg" <<'SQL'
WITH unit AS (
    SELECT o.org_id, o.name, o.name_zh FROM mkt.org AS o WHERE o.code = :'unit'
), feature AS (
    SELECT ST_Transform(ST_GeomFromGeoJSON(f -> 'geometry'), 32650) AS geom, f -> 'properties' AS p
    FROM unit, json_array_elements(mkt.battle_map_geojson(unit.org_id) -> 'features') AS f
), cell AS (
    SELECT f.geom, (f.p ->> 'own_share')::numeric AS share, (f.p ->> 'own_customers')::integer AS own, (f.p ->> 'off_customers')::integer AS off,
           (f.p ->> 'open_tasks')::integer AS tasks, f.p ->> 'grid_code' AS grid_code
    FROM feature AS f
), page AS (
    -- the map fills 900 x 760 below the title, whatever its extent
    SELECT least(880 / (ST_XMax(b) - ST_XMin(b)), 740 / (ST_YMax(b) - ST_YMin(b))) AS scale, ST_XMin(b) AS x, ST_YMax(b) AS y,
           ST_XMax(b) - ST_XMin(b) AS width, ST_YMax(b) - ST_YMin(b) AS height
    FROM (SELECT ST_Extent(geom) AS b FROM cell) AS e
), placed AS (
    SELECT c.*, ST_Translate(ST_Scale(ST_Translate(c.geom, -p.x, -p.y), p.scale, p.scale), 30 + (880 - p.width * p.scale) / 2, -(100 + (740 - p.height * p.scale) / 2)) AS shape, p.scale
    FROM cell AS c, page AS p
), class(upto, colour, label) AS (
    VALUES (0.2, '#b2182b', '&lt; 20 %'), (0.35, '#ef8a62', '20 – 35 %'), (0.45, '#fddbc7', '35 – 45 %'), (0.55, '#d1e5f0', '45 – 55 %'), (0.7, '#67a9cf', '55 – 70 %'), (1.01, '#2166ac', '≥ 70 %')
), total AS (
    SELECT sum(own) AS own, sum(off) AS off, count(*) AS cells, sum(tasks) AS tasks FROM cell
)
SELECT line FROM (
    SELECT 0 AS layer, 0::bigint AS n, format('<svg xmlns="http://www.w3.org/2000/svg" width="1200" height="880" viewBox="0 0 1200 880" font-family="WenQuanYi Micro Hei, sans-serif">'
        '<rect width="1200" height="880" fill="#ffffff"/><text x="30" y="48" font-size="30" font-weight="bold" fill="#222">%s作战地图 · 本网份额</text>'
        '<text x="30" y="78" font-size="18" fill="#555">Battle map of %s: own share of customers by cell</text>', u.name_zh, u.name) AS line FROM unit AS u
    UNION ALL
    SELECT 1, row_number() OVER (), format('<path d="%s" fill="%s" stroke="#ffffff" stroke-width="0.7"/>', ST_AsSVG(p.shape, 0, 1),
        coalesce((SELECT c.colour FROM class AS c WHERE p.share < c.upto ORDER BY c.upto LIMIT 1), '#dddddd')) FROM placed AS p
    UNION ALL   -- the grids, outlined
    SELECT 2, 0, format('<path d="%s" fill="none" stroke="#444" stroke-width="1.4" stroke-linejoin="round"/>', ST_AsSVG(ST_Union(ST_Buffer(p.shape, 0.05)), 0, 1)) FROM placed AS p GROUP BY p.grid_code
    UNION ALL   -- a dot for the tasks at hand, its area their number
    SELECT 3, 0, format('<circle cx="%s" cy="%s" r="%s" fill="#222" fill-opacity="0.75"/>', round(ST_X(c.at)::numeric, 1), round(-ST_Y(c.at)::numeric, 1), round(1.6 * sqrt(p.tasks)::numeric, 1))
    FROM placed AS p, ST_PointOnSurface(p.shape) AS c(at) WHERE p.tasks > 0
    UNION ALL
    SELECT 4, row_number() OVER (ORDER BY c.upto), format('<rect x="960" y="%s" width="30" height="20" fill="%s"/><text x="1002" y="%s" font-size="16" fill="#222">%s</text>',
        130 + 28 * row_number() OVER (ORDER BY c.upto), c.colour, 146 + 28 * row_number() OVER (ORDER BY c.upto), c.label) FROM class AS c
    UNION ALL
    SELECT 5, 0, format('<text x="960" y="140" font-size="17" font-weight="bold" fill="#222">本网份额 Own share</text>'
        '<rect x="960" y="326" width="30" height="20" fill="#dddddd"/><text x="1002" y="342" font-size="16" fill="#222">无客户 no customers</text>'
        '<circle cx="975" cy="376" r="%s" fill="#222" fill-opacity="0.75"/><text x="1002" y="381" font-size="16" fill="#222">在途任务 10 open tasks</text>'
        '<line x1="960" x2="990" y1="411" y2="411" stroke="#444" stroke-width="1.4"/><text x="1002" y="416" font-size="16" fill="#222">网格 grid</text>'
        '<text x="960" y="480" font-size="16" fill="#222">作战单元 Cells: %s</text><text x="960" y="508" font-size="16" fill="#222">本网客户 Own: %s</text>'
        '<text x="960" y="536" font-size="16" fill="#222">异网客户 Others: %s</text><text x="960" y="564" font-size="16" fill="#222">本网份额 Own share: %s %%</text>'
        '<text x="960" y="592" font-size="16" fill="#222">在途任务 Open tasks: %s</text>'
        '<line x1="960" x2="%s" y1="815" y2="815" stroke="#222" stroke-width="2"/><text x="960" y="840" font-size="15" fill="#222">%s km</text></svg>',
        round(1.6 * sqrt(10)::numeric, 1), t.cells, t.own, t.off, round(100.0 * t.own / (t.own + t.off), 1), t.tasks, round((960 + p.scale * k.km * 1000)::numeric), k.km)
    FROM total AS t, page AS p, LATERAL (SELECT max(km) AS km FROM unnest(ARRAY[1, 2, 5, 10, 20, 50]) AS km WHERE km * 1000 * p.scale < 180) AS k
) AS drawn ORDER BY layer, n;
SQL
rsvg-convert -o "$file" "$svg"
say "$file: $(stat -c %s "$file") bytes"
