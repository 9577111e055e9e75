-- The median of one year's equivalised disposable incomes over the whole population: the smallest amount, in whole
-- kroner, that at least half of all persons in families with a known income have at most; and how many they are. No row:
-- no income is known.
WITH incomes AS (
    SELECT
        COUNT(*) AS persons,
        SUM(CASE WHEN b.FOED_DAG <= y.fifteen_by THEN 1 ELSE 0 END) AS over_14,
        SUM(CAST(ROUND(i.DISPON_13) AS BIGINT)) AS income
    FROM BEF b
    JOIN years y ON y.year = b.year
    LEFT JOIN IND i ON i.PNR = b.PNR AND i.year = {year}
    WHERE b.year = {year}
    GROUP BY b.FAMILIE_ID
),
amounts AS (
    SELECT amount, SUM(persons) AS persons
    FROM (SELECT persons, {equivalised} AS amount FROM incomes WHERE income IS NOT NULL) equivalised
    GROUP BY amount
),
running AS (
    SELECT amount, SUM(persons) OVER (ORDER BY amount) AS so_far, SUM(persons) OVER () AS persons
    FROM amounts
)
SELECT MIN(amount) AS median, MAX(persons) AS persons
FROM running
WHERE 2 * so_far >= persons
HAVING COUNT(*) > 0
