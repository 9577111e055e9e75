-- Who began treatment for misuse in the years before the reference date. Substitution treatment alone doesn't count.
SELECT DISTINCT p.person, p.year, 'drugs' AS kind
FROM people p
JOIN years y ON y.year = p.year
JOIN SIB t ON t.PNR = p.person AND t.INDSKRIVNINGDATO > y.years_back AND t.INDSKRIVNINGDATO <= y.reference_day
WHERE t.KUN_SUBSTITUTION IS NULL OR t.KUN_SUBSTITUTION <> 1
UNION ALL
SELECT DISTINCT p.person, p.year, 'alcohol' AS kind
FROM people p
JOIN years y ON y.year = p.year
JOIN NAB t ON t.PNR = p.person AND t.INDSKRIVNINGDATO > y.years_back AND t.INDSKRIVNINGDATO <= y.reference_day
