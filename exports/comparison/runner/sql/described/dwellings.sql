-- m² per resident of each family's dwelling; of two dwellings the one whose key comes first. No row: no dwelling is
-- known, or it is one that is left out of dwelling figures.
SELECT h.family, h.year, e.ENH_BEBOELSESAREAL / b.ANTAL_PERSONER AS m2_per_resident
FROM (
    SELECT p.family, p.year, MIN(k.DST_BOLIGERHVERVSENHED_ID) AS dwelling
    FROM people p
    JOIN PERBOLIG k ON k.PNR = p.person AND k.year = p.year
    GROUP BY p.family, p.year
) h
JOIN BOLIG b ON b.DST_BOLIGERHVERVSENHED_ID = h.dwelling AND b.year = h.year
JOIN BBRENHED e ON e.DST_BOLIGERHVERVSENHED_ID = h.dwelling AND e.year = h.year
WHERE b.ANTAL_PERSONER > 0 AND {dwellings_kept}
