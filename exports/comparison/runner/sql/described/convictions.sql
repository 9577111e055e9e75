-- Who was sentenced to prison, suspended or not, under the penal code or the laws on drugs and weapons, in the years
-- before the reference date.
SELECT DISTINCT p.person, p.year
FROM people p
JOIN years y ON y.year = p.year
JOIN KRAF k ON k.PNR = p.person AND k.AFG_AFGOEDTO > y.years_back AND k.AFG_AFGOEDTO <= y.reference_day
WHERE {prison} AND {offences}
