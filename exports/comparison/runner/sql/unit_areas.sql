-- The areas that each unit lives in. More than one: its department is covered by two plans.
SELECT DISTINCT m.{unit} AS unit, m.year, a.plan, a.municipality_code, a.region
FROM members m
JOIN areas a ON a.department = m.department
