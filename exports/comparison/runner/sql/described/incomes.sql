-- The equivalised disposable income of each family, in whole kroner. No row: nobody's income is known.
SELECT family, year, {equivalised} AS amount
FROM (
    SELECT
        p.family, p.year,
        COUNT(*) AS persons,
        SUM(CASE WHEN p.birth <= y.fifteen_by THEN 1 ELSE 0 END) AS over_14,
        SUM(CAST(ROUND(i.DISPON_13) AS BIGINT)) AS income
    FROM people p
    JOIN years y ON y.year = p.year
    LEFT JOIN IND i ON i.PNR = p.person AND i.year = p.year
    GROUP BY p.family, p.year
) incomes
WHERE income IS NOT NULL
