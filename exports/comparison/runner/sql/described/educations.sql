-- The highest completed education. No row: not known, or only what immigrants said or are thought to have brought.
SELECT
    p.person, p.year,
    MAX(CASE WHEN a.HOVEDOMRAADE IN ({qualifying}) THEN 1 ELSE 0 END) AS qualifying
FROM people p
JOIN UDDA u ON u.PNR = p.person AND u.year = p.year
JOIN AUDD a ON a.HFAUDD = u.HFAUDD
WHERE (u.HF_KILDE IS NULL OR u.HF_KILDE NOT IN ({imported_education}))
    AND a.HOVEDOMRAADE NOT IN ({unknown_education})
GROUP BY p.person, p.year
