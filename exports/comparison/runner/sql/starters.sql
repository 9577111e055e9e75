-- Everybody who started, and whether the register of that year has them. Of a family it must be an adult.
SELECT
    f.person, f.year, f.plan, m.family,
    CASE
        WHEN l.year IS NULL THEN 'list_missing'
        WHEN m.person IS NULL THEN 'not_in_list'
        WHEN '{unit}' = 'family' AND m.adult = 0 THEN 'not_adult'
        ELSE 'found'
    END AS status
FROM first_starts f
LEFT JOIN (SELECT DISTINCT year FROM BEF) l ON l.year = f.year
LEFT JOIN members m ON m.person = f.person AND m.year = f.year
