-- Everybody in the families of the two groups, in the year in which the family is measured.
SELECT m.person, m.family, m.year, m.birth, m.sex, m.ie_type, m.country, m.adult
FROM members m
JOIN (SELECT DISTINCT family, year FROM units) u ON u.family = m.family AND u.year = m.year
