"""python -m runner match | comparison: see --help."""

import argparse
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from .texts import DANISH, ENGLISH, Refused, Text

LANGUAGES = {"da": DANISH, "en": ENGLISH}
DONE, BAD_INPUT = 0, 2


def main(argv: Sequence[str] | None = None) -> int:
    """0 when the folder is there, 2 when something that was given can't be used; then nothing is left behind."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    language = _language(arguments)
    try:
        _run(arguments, language)
    except Refused as refused:
        for place, text in refused.problems.items():
            print(f"{place}: {text[language]}" if place else text[language], file=sys.stderr)
        return BAD_INPUT
    return DONE


def _run(arguments: list[str], language: int) -> None:
    given = _parser(language).parse_args(arguments)

    def say(text: Text) -> None:
        print(text[language], file=sys.stderr, flush=True)

    from .folder import check_free, new_folder

    check_free(given.out)  # before anything that takes long
    if given.command == "match":
        from . import match_run

        with new_folder(given.out) as folder:
            match_run.run(given.spec, given.data, folder, language=language, say=say)
    else:
        from . import comparison_run

        if not re.fullmatch(r"[0-9]+(\.[0-9]+)?[KMGT]i?B", given.memory):
            raise Refused({"--memory": ("Hukommelse skrives som 1GB.", "Memory is written like 1GB.")})
        if given.unseen is not None and given.unseen < 0:
            raise Refused({"--unseen": ("Antallet kan ikke være under 0.", "The number can't be below 0.")})
        sources = comparison_run.Sources(
            definition=given.definition,
            registers=_registers(given.register),
            participants=given.participants,
            areas=given.areas,
            medians=given.medians,
            unseen=given.unseen,
        )
        with new_folder(given.out) as folder:
            comparison_run.run(sources, folder, engine=given.engine, memory=given.memory, language=language, say=say)
    say((f"Færdig: {given.out}", f"Done: {given.out}"))


# --- What was typed --------------------------------------------------------------------------------------


class _Parser(argparse.ArgumentParser):
    """Says what is wrong by raising Refused: one way out for everything that can't be used."""

    language = DANISH

    def error(self, message: str) -> NoReturn:
        raise Refused(
            {
                "": (
                    f"Kommandoen er ikke skrevet rigtigt ({message}). Se --help.",
                    f"The command isn't written right ({message}). See --help.",
                )
            }
        )


def _parser(language: int) -> argparse.ArgumentParser:
    def say(danish: str, english: str) -> str:
        return (danish, english)[language]

    parser = _Parser(
        prog="runner", description=say("Danner, beskriver og matcher sammenligningsgrupper.",
                                       "Draws, describes and matches comparison groups."),
    )  # fmt: skip
    commands = parser.add_subparsers(dest="command", required=True, metavar="match | comparison")
    match = commands.add_parser(
        "match", help=say("beskriver og matcher et datasæt", "describes and matches a data set")
    )
    match.add_argument("spec", type=Path, metavar="SPEC.json", help=say("hvad der ønskes", "what is asked for"))
    match.add_argument("data", type=Path, metavar="DATA", help=say("CSV eller Parquet", "CSV or Parquet"))
    whole = commands.add_parser(
        "comparison", help=say("danner en sammenligningsgruppe af registre", "draws a comparison group from registers")
    )
    whole.add_argument("definition", type=Path, metavar="DEFINITION.json", help=say("reglen", "the definition"))
    whole.add_argument(
        "--register", action="append", default=[], metavar="[NAME:]YEAR=FILE | NAME=FILE",
        help=say("et register: 2016=FIL er BEF for 2016, UDDA:2016=FIL et andet årligt, BUFO=FIL et med forløb",
                 "a register: 2016=FILE is BEF of 2016, UDDA:2016=FILE another yearly one, BUFO=FILE one of spells"),
    )  # fmt: skip
    whole.add_argument("--participants", type=Path, required=True, metavar="FILE",
                       help=say("hvem der begyndte på hvad (STARTER)", "who started what (STARTER)"))  # fmt: skip
    whole.add_argument("--areas", type=Path, metavar="FILE",
                       help=say("afdelinger og planer (OMRAADER)", "departments and plans (OMRAADER)"))  # fmt: skip
    whole.add_argument("--medians", type=Path, metavar="FILE",
                       help=say("medianindkomst for hvert år", "the median income of each year"))  # fmt: skip
    whole.add_argument("--unseen", type=int, metavar="N",
                       help=say("anslået antal uden samtykke", "estimated number without consent"))  # fmt: skip
    whole.add_argument("--engine", choices=["duckdb", "spark"], default="duckdb")
    whole.add_argument("--memory", default="1GB", help=say("f.eks. 1GB", "like 1GB"))
    for command in (match, whole):
        command.add_argument("--out", type=Path, required=True, metavar="DIR",
                             help=say("en ny mappe", "a new folder"))  # fmt: skip
        command.add_argument("--language", choices=[*LANGUAGES], default="da")
    return parser


def _language(arguments: Sequence[str]) -> int:
    """Known before the rest is read, since what is wrong with the rest is said in it."""
    joined = " ".join(arguments)
    found = re.search(r"--language[= ](da|en)\b", joined)
    return LANGUAGES[found[1]] if found else DANISH


def _registers(given: Sequence[str]) -> list[tuple[str, int | None, Path]]:
    """Name (BEF when none was typed), year or None, file. Raises Refused."""
    pattern = re.compile(r"(?:(?P<name>[A-Za-z_]\w*)|(?:(?P<yearly>[A-Za-z_]\w*):)?(?P<year>[0-9]{4}))=(?P<file>.+)")
    found: list[tuple[str, int | None, Path]] = []
    for text in given:
        parts = pattern.fullmatch(text)
        if parts is None:
            raise Refused(
                {
                    f"--register {text}": (
                        "Skriv ÅR=FIL, NAVN:ÅR=FIL eller NAVN=FIL.",
                        "Write YEAR=FILE, NAME:YEAR=FILE or NAME=FILE.",
                    )
                }
            )
        name = (parts["name"] or parts["yearly"] or "BEF").upper()
        found.append((name, int(parts["year"]) if parts["year"] else None, Path(parts["file"])))
    return found


if __name__ == "__main__":
    sys.exit(main())
