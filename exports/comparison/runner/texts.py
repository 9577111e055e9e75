"""What the runner says, in two languages: it runs where there is no gettext."""

Text = tuple[str, str]  # Danish, English

DANISH, ENGLISH = 0, 1


class Refused(Exception):
    """Something that a person gave can't be used. `problems`: where (a field, a file, "" for the whole) and the
    sentences that say what is wrong and what to do."""

    def __init__(self, problems: dict[str, Text]) -> None:
        super().__init__("; ".join(f"{place}: {text[ENGLISH]}" for place, text in problems.items()))
        self.problems = problems
