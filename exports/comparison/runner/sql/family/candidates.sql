-- All families with a child in the age range in the areas in the comparison year, and why some are no comparison:
-- a participant family (by its number, or because a starter of one lives in it now), or a member who has started.
WITH candidates AS (
    SELECT c.family
    FROM families c
    JOIN (SELECT DISTINCT unit FROM unit_areas WHERE year = {comparison_year}) a ON a.unit = c.family
    WHERE c.year = {comparison_year} AND c.children_in_range > 0
),
taking_part AS (
    SELECT family FROM participants WHERE status = 'participant'
    UNION
    SELECT m.family
    FROM members m
    JOIN starters s ON s.person = m.person AND s.status = 'found'
    JOIN participants p ON p.family = s.family AND p.status = 'participant'
    WHERE m.year = {comparison_year}
),
started AS (
    SELECT DISTINCT m.family
    FROM members m
    JOIN starts s ON s.person = m.person
    JOIN activity_types t ON t.activity_type = s.activity_type AND t.excluding = 1
    WHERE m.year = {comparison_year} AND s.year BETWEEN {excluded_from} AND {excluded_to}
)
SELECT
    c.family AS unit, c.family, NULLIF(c.family, c.family) AS person,  -- nobody
    CASE
        WHEN p.family IS NOT NULL THEN 'participant_family'
        WHEN s.family IS NOT NULL THEN 'started'
        ELSE 'comparison'
    END AS status
FROM candidates c
LEFT JOIN taking_part p ON p.family = c.family
LEFT JOIN started s ON s.family = c.family
