"""Invented registers, small and dense with what is rare, around the people of an invented resident list."""

import datetime
import random
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from exports.comparison.runner.registers import TABLES, YEARLY
from exports.comparison.runner.stages import schema_of
from tests.factories.register import Register

Rows = dict[str, list[dict[str, Any]]]  # table -> rows; rows of yearly registers have a year

COUNTRIES = [5100, 5120, 5154, 5390, 5779, 5172, 5404, 5436, 5700, 0, 5999, None]
EDUCATIONS = {1001: 10, 1002: 15, 2001: 20, 2901: 29, 3001: 30, 3501: 35, 4001: 40, 5001: 50, 6001: 60, 7001: 70,
              8001: 80, 9001: 90}  # fmt: skip
STATUSES = [110, 120, 131, 139, 200, 210, 310, 321, 330]
CODES = ["DF200", "DF219", "DF253", "DF300A", "DF339", "DF380", "DF411", "DF420", "DF431", "DF440", "DF500", "DF510",
         "DF609", "DF629", "DF639", "DF840", "DF709", "DF009", "DF900", "DF928", "DF939", "DF988", "DF988C", "DF988C1",
         "DF110", "DF111", "DF119", "DF115", "DT400", "DT401", "DT403", "DF140", "DF143", "DF160", "DF162", "DF169",
         "DF190", "DF194", "DF195", "DF199", "DF120", "DF122", "DF129", "DF130", "DF134", "DF139", "DF181", "DF183",
         "DF100", "DF101", "DF109", "DZ032", "F200"]  # fmt: skip
OFFENCES = [1210120, 1399999, 2220802, 3210001, 3299999, 3410001, 3610000, 3855000]
SENTENCES = [111, 112, 119, 121, 124, 129, 130, 211, 219, 511]


def registers_around(register: Register, seed: int) -> Rows:
    """All registers for the people of a resident list (tests.factories.register), with gaps and edges."""
    rng = random.Random(seed)
    rows: Rows = {name: [] for name in TABLES if name not in ("STARTER", "OMRAADER")}
    rows["AUDD"] = [{"HFAUDD": code, "HOVEDOMRAADE": area} for code, area in EDUCATIONS.items()]
    places: dict[str, str] = {}
    stays: dict[str, tuple[int, int | None, int | None]] = {}
    for line in register.residents.to_dict("records"):
        person, year, department = line["PNR"], int(line["AAR"]), f"{line['ORG_NR']}-{line['AFD_NR']}"
        born = datetime.date.fromisoformat(line["FOED_DAG"])
        home = f"A{department}-{line['FAMILIE_ID']}"
        places[home] = department
        ie_type = rng.choice([1, 1, 2, 2, 3, None])
        sex, origin, country = stays.setdefault(person, (rng.choice([1, 2]), ie_type, rng.choice(COUNTRIES)))
        child = year - born.year < 18
        rows["BEF"].append({
            "year": year, "PNR": person, "FAMILIE_ID": line["FAMILIE_ID"], "FOED_DAG": born, "KOEN": sex, "KOM": "101",
            "IE_TYPE": origin, "OPR_LAND": country, "ADRESSE_ID": home,
            "PLADS": rng.choice([None, None, None, 3 if child else rng.choice([1, 2])]),
        })  # fmt: skip
        key = {"year": year, "PNR": person}
        if rng.random() < 0.8 and year - born.year >= 15:
            rows["UDDA"].append({
                **key, "HFAUDD": rng.choice([*EDUCATIONS, 4711]), "HF_KILDE": rng.choice([15, 15, 15, 3, 18, 19, None]),
            })  # fmt: skip
        for status in range(rng.choice([0, 1, 1, 2]) if year - born.year >= 15 else 0):
            rows["RAS"].append({
                **key, "SOC_STATUS_KODE": rng.choice([*STATUSES, None]), "PRIMAER_STATUS_KODE": 1 if status == 0 else 2,
            })  # fmt: skip
        if rng.random() < 0.7:
            rows["AKM"].append({**key, "SOCIO13": rng.choice(STATUSES)})
        if rng.random() < 0.9 and year - born.year >= 15:
            rows["IND"].append({**key, "DISPON_13": rng.choice([
                rng.randint(-20_000, 500_000), rng.choice([100_000, 150_000.5, 200_000]), None,
            ])})  # fmt: skip
        dwelling = rng.choice([f"B{home}", f"B{home}", f"B{home}", f"A{home}"])
        if rng.random() < 0.95:
            rows["PERBOLIG"].append({**key, "DST_BOLIGERHVERVSENHED_ID": dwelling})
        if child and rng.random() < 0.6:
            rows["DAGI" if year <= 2014 else "BOERNFB"].append({**key, "LEGESTUE": rng.choice([0, 0, 1])})
    rows["AFDELINGER"] = [{"ADRESSE_ID": home, "AFDELING": department} for home, department in places.items()]
    _dwellings(rows, rng)
    for number, person in enumerate(sorted(stays)):
        _events(rows, rng, person, number)
    return rows


def _dwellings(rows: Rows, rng: random.Random) -> None:
    for year, dwelling in sorted({(row["year"], row["DST_BOLIGERHVERVSENHED_ID"]) for row in rows["PERBOLIG"]}):
        key = {"year": year, "DST_BOLIGERHVERVSENHED_ID": dwelling}
        if rng.random() < 0.95:
            rows["BOLIG"].append({**key, "ANTAL_PERSONER": rng.choice([0, 1, 2, 3, 4, 5, 15, 16])})
        if rng.random() < 0.95:
            rows["BBRENHED"].append({
                **key, "ENH_BEBOELSESAREAL": rng.choice([0, 54, 85, 85, 112.5, None]),
                "ENH_ANTALVAERELSER": rng.choice([0, 1, 3, 4, 50, 51]),
            })  # fmt: skip


def _day(rng: random.Random) -> datetime.date:
    """Often at the edge of a year."""
    if rng.random() < 0.4:
        return datetime.date(rng.randint(2007, 2018), *rng.choice([(1, 1), (12, 31)]))
    return datetime.date(2007, 1, 1) + datetime.timedelta(days=rng.randrange(4300))


def _events(rows: Rows, rng: random.Random, person: str, number: int) -> None:
    for contacts, diagnoses, when in (
        ("PSYK_ADM", "PSYK_DIAG", "D_INDDTO"),
        ("LPR_ADM", "LPR_DIAG", "D_INDDTO"),
        ("LPR_A_KONTAKT", "LPR_A_DIAGNOSE", "KONT_STARTTIDSPUNKT"),
    ):
        key = TABLES[contacts].key[0]
        for contact in range(rng.choice([0, 0, 0, 1, 2])):
            name = f"{number}-{contact}"
            rows[contacts].append({key: name, "PNR": person, when: _day(rng)})
            code = "DIAG_KODE" if contacts == "LPR_A_KONTAKT" else "C_DIAG"
            rows[diagnoses] += [{key: name, code: rng.choice(CODES)} for _ in range(rng.choice([0, 1, 1, 2]))]
    if rng.random() < 0.15:
        rows["SIB"].append({
            "PNR": person, "INDSKRIVNINGDATO": _day(rng), "KUN_SUBSTITUTION": rng.choice([0, 1, None]),
        })  # fmt: skip
    if rng.random() < 0.1:
        rows["NAB"].append({"PNR": person, "INDSKRIVNINGDATO": _day(rng)})
    for _decision in range(rng.choice([0, 0, 0, 1, 2])):
        rows["KRAF"].append({
            "PNR": person, "AFG_AFGOEDTO": _day(rng), "AFG_AFGTYP3": rng.choice(SENTENCES),
            "AFG_GER7": rng.choice(OFFENCES),
        })  # fmt: skip
    if rng.random() < 0.3:
        begun = _day(rng)
        ended = rng.choice([None, begun + datetime.timedelta(days=rng.randrange(900))])
        rows["BUFO"].append({"PNR": person, "SAG_VFRA": begun, "SAG_VTIL": ended})


def write_registers(rows: Rows, folder: Path) -> dict[str, dict[int, Path]]:
    """As Parquet files: table -> year -> file; events and lists under 0."""
    files: dict[str, dict[int, Path]] = {}
    for name, lines in rows.items():
        by_year: dict[int, list[dict[str, Any]]] = {}
        for line in lines:
            by_year.setdefault(line["year"] if TABLES[name].span == YEARLY else 0, []).append(line)
        schema = pa.schema([field for field in schema_of(name) if field.name != "year"])
        for year, part in (by_year or ({} if TABLES[name].span == YEARLY else {0: []})).items():
            path = folder / f"{name}{year}.parquet"
            columns = {field.name: [line.get(field.name) for line in part] for field in schema}
            pq.write_table(pa.table(columns, schema=schema), path)
            files.setdefault(name, {})[year] = path
    return files
