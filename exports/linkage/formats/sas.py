"""A SAS program that reads the CSV file: lengths, informats, labels, and the value sets as formats.

Labels stand between single quotes, where SAS expands no macro. No text of ours but them is in the program.
"""

from collections.abc import Iterable

from exports.linkage.formats.labels import fitted
from exports.linkage.schema import Kind, Layout, Variable
from exports.pseudonyms import LENGTH

MOST_IN_LABEL = 256  # bytes
MOST_IN_THREE_BYTES = 8192  # whole numbers up to this are exact in a numeric variable of length 3

_PROGRAM = """\
/* {member} som SAS-datasættet WORK.{dataset}. Tegnsættet er UTF-8, også i denne fil.
   I en SAS-session med UTF-8 kan filen åbnes og køres. Ellers:
   %INCLUDE 'stien/{program}' / ENCODING='utf-8';
   Ret først mappen her, hvis {member} ligger et andet sted. */
%LET mappe = .;

{formats}DATA WORK.{dataset};
  INFILE "&mappe./{member}" DLM=';' DSD FIRSTOBS=2 ENCODING="utf-8" TERMSTR=LF LRECL=32767 TRUNCOVER;
  LENGTH
{length}
  ;
  INFORMAT
{informat}
  ;
  FORMAT
{format}
  ;
  LABEL
{label}
  ;
  INPUT
{input}
  ;
RUN;
"""


def program(layout: Layout, dataset: str) -> str:
    """The program. `dataset`: a SAS name of at most 32 characters."""
    variables = layout.variables
    named = [(v, _format_name(v, place)) for place, v in enumerate(variables, start=1)]
    formats = "".join(_value_statement(v, name) for v, name in named if name)
    return _PROGRAM.format(
        member=layout.member,
        program=layout.member.replace(".csv", ".sas"),
        dataset=dataset,
        formats=f"PROC FORMAT LIBRARY=WORK;\n{formats}RUN;\n\n" if formats else "",
        length=_lines(f"{v.name} {'$' if v.kind is Kind.TEXT else ''}{_length(v)}" for v in variables),
        informat=_lines(f"{v.name} {_informat(v)}" for v in variables),
        format=_lines(f"{v.name} {name or _plain_format(v)}." for v, name in named),
        label=_lines(f"{v.name} = {quoted(fitted(v.label_da, MOST_IN_LABEL))}" for v in variables),
        input=_lines(v.name for v in variables),
    )


def quoted(text: str) -> str:
    """A SAS string in single quotes, in which nothing but a single quote is special."""
    return "'" + text.replace("'", "''") + "'"


def _lines(entries: Iterable[str]) -> str:
    return "\n".join(f"    {entry}" for entry in entries)


def _format_name(v: Variable, place: int) -> str:
    """The name of the format of a variable with a value set, else "": at most 32 characters with the "$" of text, the
    last of them no digit.
    """
    if not v.values:
        return ""
    name = f"{v.name}_F" if len(v.name) <= 29 else f"{v.name[:26]}_{place:02}F"
    return f"${name}" if v.kind is Kind.TEXT else name


def _value_statement(v: Variable, name: str) -> str:
    entries = (
        f"{quoted(str(code)) if v.kind is Kind.TEXT else code} = {quoted(danish)}"
        for code, (danish, _) in (v.values or {}).items()
    )
    return f"  VALUE {name}\n{_lines(entries)}\n  ;\n"


def _plain_format(v: Variable) -> str:
    return {Kind.TEXT: f"$CHAR{_length(v)}", Kind.INTEGER: f"{_digits(v)}", Kind.DATE: "YYMMDD10"}[v.kind]


def _informat(v: Variable) -> str:
    return {Kind.TEXT: f"$CHAR{_length(v)}.", Kind.INTEGER: "BEST32.", Kind.DATE: "YYMMDD10."}[v.kind]


def _length(v: Variable) -> int:
    """Bytes of the variable in SAS. Text without a value set is the pseudonym."""
    if v.kind is Kind.TEXT:
        return max((len(str(code).encode()) for code in v.values or ()), default=LENGTH)
    if v.kind is Kind.DATE:
        return 4
    return 3 if _largest(v) <= MOST_IN_THREE_BYTES else 4


def _largest(v: Variable) -> int:
    ends = [int(code) for code in v.values] if v.values else list(v.bounds or (-32768, 32767))
    return max(abs(end) for end in ends)


def _digits(v: Variable) -> int:
    return max(len(str(end)) for end in v.bounds or (-32768, 32767))
