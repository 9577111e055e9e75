-- The members of these families, with their place in the family at the end of the year (1 = yes). PLADS of the
-- population register says who is an adult (1 and 2) and who a child at home (3). Where nobody says it: a child at home
-- is under 25 and has somebody 15 years older in the family (DST's E-family: one or two adults and children living at
-- home under 25); so is anybody under 15. The others are adults.
SELECT
    m.person, m.family, m.year, m.department, m.birth, m.sex, m.ie_type, m.country,
    CASE WHEN m.birth > y.too_old_for_range AND m.birth <= y.in_range_by THEN 1 ELSE 0 END AS in_range,
    CASE
        WHEN m.place IN (1, 2) THEN 1
        WHEN m.place = 3 THEN 0
        WHEN m.birth > y.fifteen_by THEN 0
        WHEN m.birth > y.twenty_five_by AND m.birth >= m.oldest + INTERVAL '15' YEAR THEN 0
        ELSE 1
    END AS adult
FROM (
    SELECT
        b.PNR AS person, b.FAMILIE_ID AS family, b.year, COALESCE(b.AFDELING, a.AFDELING) AS department,
        b.FOED_DAG AS birth, b.KOEN AS sex, b.IE_TYPE AS ie_type, b.OPR_LAND AS country, b.PLADS AS place,
        MIN(b.FOED_DAG) OVER (PARTITION BY b.FAMILIE_ID, b.year) AS oldest
    FROM BEF b
    JOIN homes h ON h.family = b.FAMILIE_ID AND h.year = b.year
    LEFT JOIN AFDELINGER a ON a.ADRESSE_ID = b.ADRESSE_ID
) m
JOIN years y ON y.year = m.year
