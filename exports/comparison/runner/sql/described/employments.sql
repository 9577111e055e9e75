-- Whether somebody is employed: by the primary status at the end of November (RAS), else by the year's main income (AKM).
SELECT
    s.person, s.year,
    COALESCE(
        MAX(CASE WHEN s.source = 1 THEN s.employed END),
        MAX(CASE WHEN s.source = 2 THEN s.employed END)
    ) AS employed
FROM (
    SELECT p.person, p.year, 1 AS source, CASE WHEN r.SOC_STATUS_KODE BETWEEN {employed} THEN 1 ELSE 0 END AS employed
    FROM people p
    JOIN RAS r ON r.PNR = p.person AND r.year = p.year
    WHERE r.SOC_STATUS_KODE IS NOT NULL AND (r.PRIMAER_STATUS_KODE IS NULL OR r.PRIMAER_STATUS_KODE = 1)
    UNION ALL
    SELECT p.person, p.year, 2 AS source, CASE WHEN k.SOCIO13 BETWEEN {employed} THEN 1 ELSE 0 END AS employed
    FROM people p
    JOIN AKM k ON k.PNR = p.person AND k.year = p.year
    WHERE k.SOCIO13 IS NOT NULL
) s
GROUP BY s.person, s.year
