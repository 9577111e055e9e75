-- The two groups. Of two areas a unit gets the one where its participant started, else the one whose name comes first.
WITH chosen AS (
    SELECT unit, family, person, year, plan, 'participant' AS family_group
    FROM participants WHERE status = 'participant'
    UNION ALL
    SELECT unit, family, person, {comparison_year}, NULL, 'comparison'
    FROM candidates WHERE status = 'comparison'
),
placed AS (
    SELECT
        c.unit, c.family, c.person, c.year, c.family_group, a.plan, a.municipality_code, a.region,
        ROW_NUMBER() OVER (
            PARTITION BY c.unit
            ORDER BY CASE WHEN a.plan = c.plan THEN 0 ELSE 1 END, a.plan, a.municipality_code, a.region
        ) AS place
    FROM chosen c
    JOIN unit_areas a ON a.unit = c.unit AND a.year = c.year
)
SELECT
    p.unit, p.family, p.person, p.year, p.family_group, p.plan, p.municipality_code, p.region,
    f.children_in_range, f.children, f.adults,
    CASE WHEN f.children >= 3 THEN '3+' WHEN f.children = 2 THEN '2' WHEN f.children = 1 THEN '1' ELSE '0' END
        AS children_group,
    CASE WHEN f.adults = 1 THEN 'single' WHEN f.adults >= 2 THEN 'couple' ELSE 'unknown' END AS family_type
FROM placed p
JOIN families f ON f.family = p.family AND f.year = p.year
WHERE p.place = 1
