-- One row for each family and year.
SELECT
    family, year,
    SUM(CASE WHEN in_range = 1 AND adult = 0 THEN 1 ELSE 0 END) AS children_in_range,
    SUM(1 - adult) AS children,
    SUM(adult) AS adults
FROM members
GROUP BY family, year
