"""First passwords: made by the site, shown once, kept nowhere but as a hash."""

import secrets

LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # without i, l, o, 0 and 1, which look alike on paper


def generate_password() -> str:
    """Sixteen random letters and digits in groups of four (79 bits), to be read aloud or copied by hand."""
    return "-".join("".join(secrets.choice(LETTERS) for _ in range(4)) for _ in range(4))
