-- Children with a preventive measure at some time of the reference year.
SELECT DISTINCT p.person, p.year
FROM people p
JOIN years y ON y.year = p.year
JOIN BUFO b ON b.PNR = p.person AND b.SAG_VFRA <= y.reference_day AND (b.SAG_VTIL IS NULL OR b.SAG_VTIL >= y.first_day)
WHERE p.adult = 0
