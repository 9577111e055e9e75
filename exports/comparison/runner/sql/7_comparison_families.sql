-- All families with a child in the age range in the areas in the comparison year, and why some are no comparison:
-- a participant family (by its number, or because a starter of one lives in it now), or a member who has started.
WITH candidates AS (
    SELECT c.family
    FROM families c
    JOIN (SELECT DISTINCT family FROM family_areas WHERE year = {comparison_year}) a ON a.family = c.family
    WHERE c.year = {comparison_year} AND c.children_in_range > 0
),
participants AS (
    SELECT family FROM participant_families WHERE status = 'participant'
    UNION
    SELECT m.family
    FROM members m
    JOIN participant_persons p ON p.person = m.person AND p.status = 'found'
    JOIN participant_families f ON f.family = p.family AND f.status = 'participant'
    WHERE m.year = {comparison_year}
),
started AS (
    SELECT DISTINCT m.family
    FROM members m
    JOIN starts s ON s.person = m.person
    JOIN activity_types t ON t.activity_type = s.activity_type
    WHERE m.year = {comparison_year} AND s.year BETWEEN {excluded_from} AND {excluded_to}
)
SELECT
    c.family,
    CASE
        WHEN p.family IS NOT NULL THEN 'participant_family'
        WHEN s.family IS NOT NULL THEN 'started'
        ELSE 'comparison'
    END AS status
FROM candidates c
LEFT JOIN participants p ON p.family = c.family
LEFT JOIN started s ON s.family = c.family
