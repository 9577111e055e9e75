-- The departments that count, each with its plans. plans: those of plans that reported participants, that is, a start
-- of a selected activity in the participant years. departments: those in which somebody who started then lived, in the
-- plans that they have. chosen: those that are named.
SELECT DISTINCT d.department, d.plan, d.municipality_code, d.region
FROM departments d
LEFT JOIN (
    SELECT DISTINCT s.plan
    FROM starts s
    JOIN activity_types t ON t.activity_type = s.activity_type AND t.selected = 1
    WHERE s.year BETWEEN {first_year} AND {last_year}
) reporting ON reporting.plan = d.plan
LEFT JOIN (SELECT DISTINCT department FROM starter_homes) lived ON lived.department = d.department
LEFT JOIN chosen_departments c ON c.department = d.department
WHERE ('{areas}' = 'plans' AND reporting.plan IS NOT NULL)
    OR ('{areas}' = 'departments' AND lived.department IS NOT NULL)
    OR ('{areas}' = 'chosen' AND c.department IS NOT NULL)
