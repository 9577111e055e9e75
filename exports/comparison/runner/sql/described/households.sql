-- What is known of each family. Its parents are its adults; null is not known.
WITH formed AS (
    SELECT
        family, year,
        MAX(CASE WHEN adult = 1 AND person_origin = 'danish' THEN 1 ELSE 0 END) AS danish,
        MAX(CASE WHEN adult = 1 AND person_origin = 'western' THEN 1 ELSE 0 END) AS western,
        MAX(CASE WHEN adult = 1 AND person_origin = 'non_western' THEN 1 ELSE 0 END) AS non_western,
        MAX(CASE WHEN adult = 1 THEN CASE person_education WHEN 'qualifying' THEN 2 WHEN 'other' THEN 1 END END)
            AS education,
        SUM(CASE WHEN adult = 1 THEN person_employed END) AS employed,
        SUM(CASE WHEN adult = 1 AND person_employed IS NULL THEN 1 ELSE 0 END) AS work_unknown,
        MAX(CASE WHEN adult = 1 THEN person_mental_illness END) AS mental_illness,
        MAX(CASE WHEN adult = 1 THEN person_misuse END) AS misuse,
        MAX(CASE WHEN adult = 1 THEN person_misuse_opioids END) AS misuse_opioids,
        MAX(CASE WHEN adult = 1 THEN person_misuse_hard_drugs END) AS misuse_hard_drugs,
        MAX(CASE WHEN adult = 1 THEN person_misuse_cannabis END) AS misuse_cannabis,
        MAX(CASE WHEN adult = 1 THEN person_misuse_medicines END) AS misuse_medicines,
        MAX(CASE WHEN adult = 1 THEN person_misuse_alcohol END) AS misuse_alcohol,
        MAX(CASE WHEN adult = 1 THEN person_drug_treatment END) AS drug_treatment,
        MAX(CASE WHEN adult = 1 THEN person_conviction END) AS conviction,
        MAX(person_preventive_measure) AS preventive_measure,
        SUM(CASE WHEN age BETWEEN 1 AND 2 THEN person_day_care END) AS enrolled_1_2,
        COUNT(CASE WHEN age BETWEEN 1 AND 2 THEN person_day_care END) AS aged_1_2,
        SUM(CASE WHEN age BETWEEN 3 AND 5 THEN person_day_care END) AS enrolled_3_5,
        COUNT(CASE WHEN age BETWEEN 3 AND 5 THEN person_day_care END) AS aged_3_5
    FROM persons
    GROUP BY family, year
)
SELECT
    f.family, f.year,
    CASE
        WHEN f.danish = 1 THEN 'danish'
        WHEN f.non_western = 1 THEN 'non_western'
        WHEN f.western = 1 THEN 'western'
    END AS origin,
    CASE f.education WHEN 2 THEN 'qualifying' WHEN 1 THEN 'other' END AS education,
    CASE
        WHEN f.employed >= 2 THEN 'both'
        WHEN f.work_unknown > 0 THEN NULL
        WHEN f.employed = 1 THEN 'one'
        WHEN f.employed = 0 THEN 'none'
    END AS employment,
    CASE WHEN 100 * i.amount < 50 * n.median THEN 1 WHEN i.amount IS NOT NULL AND n.median IS NOT NULL THEN 0 END
        AS poverty_50,
    CASE WHEN 100 * i.amount < 60 * n.median THEN 1 WHEN i.amount IS NOT NULL AND n.median IS NOT NULL THEN 0 END
        AS poverty_60,
    f.mental_illness, f.misuse, f.misuse_opioids, f.misuse_hard_drugs, f.misuse_cannabis, f.misuse_medicines,
    f.misuse_alcohol, f.drug_treatment, f.conviction, f.preventive_measure, d.m2_per_resident,
    CASE WHEN f.aged_1_2 = 0 THEN 'no_child' WHEN f.enrolled_1_2 = 0 THEN 'none'
        WHEN f.enrolled_1_2 = f.aged_1_2 THEN 'all' ELSE 'some' END AS day_care_1_2,
    CASE WHEN f.aged_3_5 = 0 THEN 'no_child' WHEN f.enrolled_3_5 = 0 THEN 'none'
        WHEN f.enrolled_3_5 = f.aged_3_5 THEN 'all' ELSE 'some' END AS day_care_3_5
FROM formed f
LEFT JOIN incomes i ON i.family = f.family AND i.year = f.year
LEFT JOIN medians n ON n.year = f.year
LEFT JOIN dwellings d ON d.family = f.family AND d.year = f.year
