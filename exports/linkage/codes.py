"""The codes of a linkage file and what they mean. A number is never changed or used again: files have left with it.

Each table: code in our data -> (number in files, Danish, English).
"""

THEMES = {
    "parenting": (1, "Forældrekompetencer og børns trivsel", "Parenting skills and children's well-being"),
    "education": (2, "Skole og uddannelse", "School and education"),
    "employment": (3, "Beskæftigelse", "Employment"),
    "crime_prevention": (4, "Kriminalpræventiv indsats", "Crime prevention"),
}
ROLES = {
    "mother": (1, "Mor", "Mother"),
    "father": (2, "Far", "Father"),
    "other_guardian": (3, "Anden værge", "Other guardian"),
    "child": (4, "Barn", "Child"),
    "other": (9, "Anden", "Other"),
}
METHODS = {
    "paper": (1, "Underskrift på papir", "Signed on paper"),
    "oral_witness": (2, "Mundtligt med vidne", "Orally, with a witness"),
    "digital": (3, "Digitalt", "Digitally"),
}
IDENTIFICATIONS = {
    "cpr": (1, "CPR-nummer (personen står i nøglefilen)", "CPR number (the person is in the key file)"),
    "name_address": (
        2,
        "Navn og adresse (personen står på identifikationslisten)",
        "Name and address (the person is on the identification list)",
    ),
}
# First age of the band -> (number, Danish, English).
AGE_BANDS = {
    0: (1, "0-6 år", "0-6 years"),
    7: (2, "7-14 år", "7-14 years"),
    15: (3, "15-17 år", "15-17 years"),
    18: (4, "18-24 år", "18-24 years"),
    25: (5, "25-34 år", "25-34 years"),
    35: (6, "35-44 år", "35-44 years"),
    45: (7, "45-54 år", "45-54 years"),
    55: (8, "55-64 år", "55-64 years"),
    65: (9, "65 år og derover", "65 years and over"),
}
MONTHS = [
    ("januar", "January"),
    ("februar", "February"),
    ("marts", "March"),
    ("april", "April"),
    ("maj", "May"),
    ("juni", "June"),
    ("juli", "July"),
    ("august", "August"),
    ("september", "September"),
    ("oktober", "October"),
    ("november", "November"),
    ("december", "December"),
]
# Whole months from start to end at which the band begins -> (number, Danish, English).
DURATIONS = {
    0: (1, "Under 1 måned", "Under 1 month"),
    1: (2, "1 måned og under 3 måneder", "1 month and under 3 months"),
    3: (3, "3 måneder og under 6 måneder", "3 months and under 6 months"),
    6: (4, "6 måneder og under 12 måneder", "6 months and under 12 months"),
    12: (5, "12 måneder og derover", "12 months and over"),
    None: (
        6,
        "I gang eller uden kendt slutdato, da data blev opgjort",
        "Running, or no known end, when data were frozen",
    ),
}
# How many participations a person has in the period; the last means "or more".
PARTICIPATIONS = {
    1: (1, "1 forløb", "1 participation"),
    2: (2, "2 forløb", "2 participations"),
    3: (3, "3 eller flere forløb", "3 or more participations"),
}
# Whom a consent text is for: (thousands of its versions' codes, Danish, English).
AUDIENCES = {
    "adult": (1, "voksne", "adults"),
    "youth": (2, "unge på 15-17 år", "young people aged 15-17"),
    "guardian": (3, "værger til børn under 15 år", "guardians of children under 15"),
}


def version_code(audience: str, number: int) -> int:
    """The code of a version of a consent text: 1002 is version 2 of the text for adults."""
    return AUDIENCES[audience][0] * 1000 + number


def version_label(audience: str, number: int) -> tuple[str, str]:
    _, danish, english = AUDIENCES[audience]
    return f"Teksten til {danish}, udgave {number}", f"The text for {english}, version {number}"
