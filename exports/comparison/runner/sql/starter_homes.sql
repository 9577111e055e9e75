-- Where those who started lived at the end of the year of their first start.
SELECT f.person, f.year, f.plan, b.FAMILIE_ID AS family, COALESCE(b.AFDELING, a.AFDELING) AS department
FROM first_starts f
JOIN BEF b ON b.PNR = f.person AND b.year = f.year
LEFT JOIN AFDELINGER a ON a.ADRESSE_ID = b.ADRESSE_ID
