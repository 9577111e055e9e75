-- The two groups. Of two areas a unit gets the one where its participant started, else the one whose name comes first.
-- Participants who live in none get the plan where they started, with its municipality.
WITH chosen AS (
    SELECT unit, family, person, year, plan, 'participant' AS family_group
    FROM participants WHERE status = 'participant'
    UNION ALL
    SELECT unit, family, person, {comparison_year}, NULL, 'comparison'
    FROM candidates WHERE status = 'comparison'
),
plans AS (
    SELECT
        plan, municipality_code, region,
        ROW_NUMBER() OVER (PARTITION BY plan ORDER BY municipality_code, region) AS place
    FROM departments
),
placed AS (
    SELECT
        c.unit, c.family, c.person, c.year, c.family_group,
        COALESCE(a.plan, NULLIF(c.plan, '')) AS plan,
        COALESCE(a.municipality_code, o.municipality_code) AS municipality_code,
        COALESCE(a.region, o.region) AS region,
        ROW_NUMBER() OVER (
            PARTITION BY c.unit
            ORDER BY CASE WHEN a.plan = c.plan THEN 0 ELSE 1 END, a.plan, a.municipality_code, a.region
        ) AS place
    FROM chosen c
    LEFT JOIN unit_areas a ON a.unit = c.unit AND a.year = c.year
    LEFT JOIN plans o ON o.plan = c.plan AND o.place = 1
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
