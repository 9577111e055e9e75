-- The areas: plans that reported participants, that is, a start of a selected activity in the participant years.
SELECT DISTINCT s.plan
FROM starts s
JOIN activity_types t ON t.activity_type = s.activity_type
WHERE s.year BETWEEN {first_year} AND {last_year}
