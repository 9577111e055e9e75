-- Everybody who started a selected activity in the participant years, at their first start, and whether the list of
-- that year has them. Two plans in that year: the one whose name comes first.
WITH first_starts AS (
    SELECT person, year, MIN(plan) AS plan
    FROM (
        SELECT s.person, s.year, s.plan, MIN(s.year) OVER (PARTITION BY s.person) AS first_year
        FROM starts s
        JOIN activity_types t ON t.activity_type = s.activity_type
        WHERE s.year BETWEEN {first_year} AND {last_year}
    ) selected
    WHERE year = first_year
    GROUP BY person, year
)
SELECT
    f.person, f.year, f.plan, m.family,
    CASE
        WHEN l.year IS NULL THEN 'list_missing'
        WHEN m.person IS NULL THEN 'not_in_list'
        WHEN m.adult = 0 THEN 'not_adult'
        ELSE 'found'
    END AS status
FROM first_starts f
LEFT JOIN (SELECT DISTINCT year FROM residents) l ON l.year = f.year
LEFT JOIN members m ON m.person = f.person AND m.year = f.year
