-- Residents with their place in the family at the end of the year (1 = yes).
-- A child at home is under 25 and has somebody 15 years older in the family (DST's E-family: one or two adults and
-- children living at home under 25); so is anybody under 15. The others are adults.
SELECT
    r.person, r.family, r.year, r.department,
    CASE WHEN r.birth > y.too_old_for_range AND r.birth <= y.in_range_by THEN 1 ELSE 0 END AS in_range,
    CASE
        WHEN r.birth > y.fifteen_by THEN 0
        WHEN r.birth > y.twenty_five_by AND r.birth >= oldest.birth + INTERVAL '15' YEAR THEN 0
        ELSE 1
    END AS adult
FROM residents r
JOIN years y ON y.year = r.year
JOIN (SELECT family, year, MIN(birth) AS birth FROM residents GROUP BY family, year) oldest
    ON oldest.family = r.family AND oldest.year = r.year
