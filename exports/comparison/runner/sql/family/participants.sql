-- The family of each participant, once, in the year of its first start. Two adults who started in one year: the plan,
-- then the key that comes first. Where another adult of the family started in an earlier year, that year is the
-- family's first, and it is measured there or not at all. Where they lived is no condition: the areas are those of the
-- comparison.
WITH found AS (
    SELECT
        family, year, person, plan,
        ROW_NUMBER() OVER (PARTITION BY family ORDER BY year, plan, person) AS place
    FROM starters
    WHERE status = 'found'
),
first_years AS (
    SELECT f.family, MIN(s.year) AS year
    FROM found f
    JOIN members m ON m.family = f.family AND m.year = f.year AND m.adult = 1
    JOIN starters s ON s.person = m.person AND s.status <> 'not_adult'
    WHERE f.place = 1
    GROUP BY f.family
)
SELECT
    f.family AS unit, f.family, f.year, f.person, f.plan,
    CASE
        WHEN e.year < f.year THEN 'earlier_start'
        WHEN c.children_in_range = 0 THEN 'no_child'
        ELSE 'participant'
    END AS status
FROM found f
JOIN first_years e ON e.family = f.family
JOIN families c ON c.family = f.family AND c.year = f.year
WHERE f.place = 1
