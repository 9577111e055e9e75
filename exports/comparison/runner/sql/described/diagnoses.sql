-- The kinds of diagnoses that somebody got in the years before the reference date.
SELECT DISTINCT c.person, c.year, k.kind
FROM (
    SELECT p.person, p.year, d.C_DIAG AS code
    FROM people p
    JOIN years y ON y.year = p.year
    JOIN PSYK_ADM a ON a.PNR = p.person AND a.D_INDDTO > y.years_back AND a.D_INDDTO <= y.reference_day
    JOIN PSYK_DIAG d ON d.RECNUM = a.RECNUM
    UNION ALL
    SELECT p.person, p.year, d.C_DIAG AS code
    FROM people p
    JOIN years y ON y.year = p.year
    JOIN LPR_ADM a ON a.PNR = p.person AND a.D_INDDTO > y.years_back AND a.D_INDDTO <= y.reference_day
    JOIN LPR_DIAG d ON d.RECNUM = a.RECNUM
    UNION ALL
    SELECT p.person, p.year, d.DIAG_KODE AS code
    FROM people p
    JOIN years y ON y.year = p.year
    JOIN LPR_A_KONTAKT a ON a.PNR = p.person
        AND a.KONT_STARTTIDSPUNKT > y.years_back AND a.KONT_STARTTIDSPUNKT <= y.reference_day
    JOIN LPR_A_DIAGNOSE d ON d.DW_EK_KONTAKT = a.DW_EK_KONTAKT
) c
JOIN diagnosis_codes k ON c.code LIKE k.pattern
