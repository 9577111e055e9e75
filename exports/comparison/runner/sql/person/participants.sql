-- Each person who started, in the year of the first start.
SELECT
    s.person AS unit, s.family, s.year, s.person, s.plan,
    CASE
        WHEN a.unit IS NULL THEN 'outside_areas'
        WHEN m.in_range = 0 THEN 'not_of_age'
        ELSE 'participant'
    END AS status
FROM starters s
JOIN members m ON m.person = s.person AND m.year = s.year
LEFT JOIN (SELECT DISTINCT unit, year FROM unit_areas) a ON a.unit = s.person AND a.year = s.year
WHERE s.status = 'found'
