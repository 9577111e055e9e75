-- The areas that a family lives in. More than one: its department is covered by two plans.
SELECT DISTINCT m.family, m.year, d.plan, d.municipality_code, d.region
FROM members m
JOIN departments d ON d.department = m.department
JOIN reporting a ON a.plan = d.plan
