-- All persons in the age range in the areas in the comparison year, and why some are no comparison.
WITH candidates AS (
    SELECT m.person, m.family
    FROM members m
    JOIN (SELECT DISTINCT unit FROM unit_areas WHERE year = {comparison_year}) a ON a.unit = m.person
    WHERE m.year = {comparison_year} AND m.in_range = 1
),
started AS (
    SELECT DISTINCT s.person
    FROM starts s
    JOIN activity_types t ON t.activity_type = s.activity_type AND t.excluding = 1
    WHERE s.year BETWEEN {excluded_from} AND {excluded_to}
)
SELECT
    c.person AS unit, c.family, c.person,
    CASE
        WHEN p.person IS NOT NULL THEN 'participant_person'
        WHEN s.person IS NOT NULL THEN 'started'
        ELSE 'comparison'
    END AS status
FROM candidates c
LEFT JOIN (SELECT person FROM participants WHERE status = 'participant') p ON p.person = c.person
LEFT JOIN started s ON s.person = c.person
