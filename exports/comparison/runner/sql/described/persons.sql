-- What is known of each person. 1 and 0 are yes and no, null is not known.
SELECT
    p.family, p.person, p.year, p.adult,
    CASE p.sex WHEN 1 THEN 'male' WHEN 2 THEN 'female' END AS sex,
    p.year - EXTRACT(YEAR FROM p.birth) AS age,
    CASE
        WHEN p.ie_type = {danish_origin} THEN 'danish'
        WHEN p.ie_type IS NULL OR p.country IS NULL OR p.country IN ({unknown_country}) THEN NULL
        WHEN p.country IN ({western}) THEN 'western'
        ELSE 'non_western'
    END AS person_origin,
    CASE e.qualifying WHEN 1 THEN 'qualifying' WHEN 0 THEN 'other' END AS person_education,
    w.employed AS person_employed,
    COALESCE(d.mental_illness, 0) AS person_mental_illness,
    GREATEST(COALESCE(d.substance, 0), COALESCE(t.drugs, 0), COALESCE(t.alcohol, 0)) AS person_misuse,
    COALESCE(d.opioids, 0) AS person_misuse_opioids,
    COALESCE(d.hard_drugs, 0) AS person_misuse_hard_drugs,
    COALESCE(d.cannabis, 0) AS person_misuse_cannabis,
    COALESCE(d.medicines, 0) AS person_misuse_medicines,
    GREATEST(COALESCE(d.alcohol, 0), COALESCE(t.alcohol, 0)) AS person_misuse_alcohol,
    COALESCE(t.drugs, 0) AS person_drug_treatment,
    CASE WHEN k.person IS NULL THEN 0 ELSE 1 END AS person_conviction,
    CASE WHEN p.adult = 0 THEN CASE WHEN m.person IS NULL THEN 0 ELSE 1 END END AS person_preventive_measure,
    CASE
        WHEN p.adult = 0 AND p.year - EXTRACT(YEAR FROM p.birth) BETWEEN 1 AND 5
        THEN CASE WHEN c.person IS NULL THEN 0 ELSE 1 END
    END AS person_day_care
FROM people p
LEFT JOIN educations e ON e.person = p.person AND e.year = p.year
LEFT JOIN employments w ON w.person = p.person AND w.year = p.year
LEFT JOIN (
    SELECT
        person, year,
        MAX(CASE WHEN kind = 'mental_illness' THEN 1 ELSE 0 END) AS mental_illness,
        MAX(CASE WHEN kind <> 'mental_illness' THEN 1 ELSE 0 END) AS substance,
        MAX(CASE WHEN kind = 'opioids' THEN 1 ELSE 0 END) AS opioids,
        MAX(CASE WHEN kind = 'hard_drugs' THEN 1 ELSE 0 END) AS hard_drugs,
        MAX(CASE WHEN kind = 'cannabis' THEN 1 ELSE 0 END) AS cannabis,
        MAX(CASE WHEN kind = 'medicines' THEN 1 ELSE 0 END) AS medicines,
        MAX(CASE WHEN kind = 'alcohol' THEN 1 ELSE 0 END) AS alcohol
    FROM diagnoses
    GROUP BY person, year
) d ON d.person = p.person AND d.year = p.year
LEFT JOIN (
    SELECT
        person, year,
        MAX(CASE WHEN kind = 'drugs' THEN 1 ELSE 0 END) AS drugs,
        MAX(CASE WHEN kind = 'alcohol' THEN 1 ELSE 0 END) AS alcohol
    FROM treatments
    GROUP BY person, year
) t ON t.person = p.person AND t.year = p.year
LEFT JOIN convictions k ON k.person = p.person AND k.year = p.year
LEFT JOIN measures m ON m.person = p.person AND m.year = p.year
LEFT JOIN care c ON c.person = p.person AND c.year = p.year
