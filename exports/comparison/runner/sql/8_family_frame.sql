-- The result: a row for each family of the two groups, by family key. Of two areas it gets the one where its
-- participant started, else the one whose name comes first.
WITH groups AS (
    SELECT family, 'participant' AS family_group, year, person, plan
    FROM participant_families WHERE status = 'participant'
    UNION ALL
    SELECT family, 'comparison', {comparison_year}, NULL, NULL
    FROM comparison_families WHERE status = 'comparison'
),
areas AS (
    SELECT
        g.family, a.plan, a.municipality_code, a.region,
        ROW_NUMBER() OVER (
            PARTITION BY g.family
            ORDER BY CASE WHEN a.plan = g.plan THEN 0 ELSE 1 END, a.plan, a.municipality_code, a.region
        ) AS place
    FROM groups g
    JOIN family_areas a ON a.family = g.family AND a.year = g.year
)
SELECT
    g.family, g.family_group, g.year AS reference_year, g.person,
    c.children_in_range, c.children,
    CASE WHEN c.children >= 3 THEN '3+' WHEN c.children = 2 THEN '2' ELSE '1' END AS children_group,
    c.adults,
    CASE WHEN c.adults = 1 THEN 'single' WHEN c.adults >= 2 THEN 'couple' ELSE 'unknown' END AS family_type,
    a.plan, a.municipality_code, a.region
FROM groups g
JOIN families c ON c.family = g.family AND c.year = g.year
JOIN areas a ON a.family = g.family AND a.place = 1
ORDER BY g.family
