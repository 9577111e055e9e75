-- The families that matter: who lives in the areas, and who started, in the year of the first start.
SELECT DISTINCT b.FAMILIE_ID AS family, b.year
FROM BEF b
LEFT JOIN AFDELINGER a ON a.ADRESSE_ID = b.ADRESSE_ID
JOIN (SELECT DISTINCT department FROM areas) d ON d.department = COALESCE(b.AFDELING, a.AFDELING)
UNION
SELECT family, year FROM starter_homes
