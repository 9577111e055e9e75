"""Keys, authenticated boxes, blind indexes and the model fields built on them. Knows no other app."""
