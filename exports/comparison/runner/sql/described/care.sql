-- Children who are enrolled in day care. A playroom alone doesn't count.
SELECT p.person, p.year
FROM people p
JOIN DAGI d ON d.PNR = p.person AND d.year = p.year
WHERE p.adult = 0 AND (d.LEGESTUE IS NULL OR d.LEGESTUE <> 1)
UNION
SELECT p.person, p.year
FROM people p
JOIN BOERNFB d ON d.PNR = p.person AND d.year = p.year
WHERE p.adult = 0
