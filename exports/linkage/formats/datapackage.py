"""datapackage.json: a Frictionless Data Package, version 1, that any tool can check the CSV file by.

The CSV file is its tabular resource; the same rows in other formats are listed as files. Value sets are constraints
(`enum`), their labels `categories`, as version 2 of Table Schema has them.
"""

import json
import re
from collections.abc import Sequence

from exports.linkage.files import Member
from exports.linkage.manifest import DeliveryFacts
from exports.linkage.schema import PSEUDONYM, Kind, Layout, Variable
from exports.pseudonyms import ALPHABET, LENGTH

NAME = "datapackage.json"

_TYPES = {Kind.TEXT: "string", Kind.INTEGER: "integer", Kind.DATE: "date"}
_MEDIA = {
    "csv": "text/csv",
    "parquet": "application/vnd.apache.parquet",
    "xpt": "application/x-sas-xport",
    "dta": "application/x-stata-dta",
    "sav": "application/x-spss-sav",
}
_DIALECT = {"delimiter": ";", "quoteChar": '"', "doubleQuote": True, "lineTerminator": "\n", "header": True}


def text(layout: Layout, facts: DeliveryFacts, members: Sequence[Member]) -> str:
    """`members`: the CSV file, named as in the layout, and those that hold the same rows."""
    about = {
        "profile": "data-package",
        "name": _name(f"leverance-{facts.delivery_id}"),
        "title": f"{facts.project_name}, leverance {facts.delivery_id}",
        "description": f"{facts.population_da}. {layout.unit[0]}.",
        "resources": [_resource(member, layout) for member in members],
    }
    return json.dumps(about, ensure_ascii=False, indent=2) + "\n"


def _resource(member: Member, layout: Layout) -> dict[str, object]:
    kind = member.name.rpartition(".")[2]
    about: dict[str, object] = {
        "name": _name(member.name),
        "path": member.name,
        "format": kind,
        "mediatype": _MEDIA[kind],
        "bytes": member.size,
        "hash": f"sha256:{member.sha256}",
    }
    if member.name != layout.member:
        return about | {"type": "file"}
    return about | {
        "type": "table",
        "profile": "tabular-data-resource",
        "encoding": "utf-8",
        "dialect": _DIALECT,
        "schema": {
            "fields": [_field(v, required=v.name in layout.grain) for v in layout.variables],
            "missingValues": [""],
            "primaryKey": list(layout.grain),
        },
    }


def _field(v: Variable, required: bool) -> dict[str, object]:
    constraints: dict[str, object] = {"required": True} if required else {}
    if v.name == PSEUDONYM.name:
        constraints["pattern"] = f"[{ALPHABET}]{{{LENGTH}}}"
    if v.values:
        constraints["enum"] = list(v.values)
    if v.bounds:
        constraints["minimum"], constraints["maximum"] = v.bounds
    field: dict[str, object] = {
        "name": v.name,
        "type": _TYPES[v.kind],
        "title": v.label_da,
        "description": f"{v.label_en}. Kilde: {v.source}." + (f" Periode: {v.period}." if v.period else ""),
        "constraints": constraints,
    }
    if v.values:
        field["categories"] = [{"value": code, "label": danish} for code, (danish, _) in v.values.items()]
    return field


def _name(text: str) -> str:
    """As the standard wants names: small letters, digits, hyphens."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")
