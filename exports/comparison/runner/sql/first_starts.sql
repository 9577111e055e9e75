-- Everybody who started a selected activity in the participant years, at their first start. Two plans in that year:
-- the one whose name comes first.
SELECT person, year, MIN(plan) AS plan
FROM (
    SELECT s.person, s.year, s.plan, MIN(s.year) OVER (PARTITION BY s.person) AS first_year
    FROM starts s
    JOIN activity_types t ON t.activity_type = s.activity_type AND t.selected = 1
    WHERE s.year BETWEEN {first_year} AND {last_year}
) selected
WHERE year = first_year
GROUP BY person, year
