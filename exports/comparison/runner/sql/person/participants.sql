-- Each person who started, in the year of the first start. Where they lived is no condition: the areas are those of the
-- comparison.
SELECT
    s.person AS unit, s.family, s.year, s.person, s.plan,
    CASE WHEN m.in_range = 0 THEN 'not_of_age' ELSE 'participant' END AS status
FROM starters s
JOIN members m ON m.person = s.person AND m.year = s.year
WHERE s.status = 'found'
