"""What is known of families and people once more: slow, in plain Python over rows, written from the text of the domain
and not from the code."""

import datetime
from collections import defaultdict

from tests.unit.comparison.oracle import is_adult

WESTERN = [5100, 5120, 5154, 5779, 5390]  # of those that occur: Denmark, Sweden, Poland, Cyprus, USA
MENTAL = ["F20", "F21", *(f"F2{n}" for n in range(2, 10)), "F30", "F31", "F32", "F33", "F40", "F41", "F42", "F43",
          *(f"F3{n}" for n in range(4, 10)), "F50", "F60", "F61", "F62", "F90", "F91", "F92", "F988C"]  # fmt: skip
KINDS = {
    "opioids": ["F111", "F112", "F113", "F114", "F119", "T401", "T403"],
    "hard_drugs": ["F141", "F142", "F143", "F149", "F151", "F152", "F153", "F159", "F161", "F162", "F169",
                   "F191", "F192", "F193", "F194", "F199"],
    "cannabis": ["F121", "F122", "F129"],
    "medicines": ["F131", "F132", "F133", "F134", "F139", "F181", "F182", "F189"],
    "alcohol": [f"F10{n}" for n in range(1, 10)],
}  # fmt: skip


class Described:
    """persons[family, year][person] and families[family, year], each name -> value (None: not known)."""

    def __init__(self, rows):
        self.rows = rows
        self.incomes = {(line["PNR"], line["year"]): line["DISPON_13"] for line in rows["IND"]}
        self.members = defaultdict(list)
        for row in rows["BEF"]:
            self.members[row["FAMILIE_ID"], row["year"]].append(row)
        self.medians = {year: self.median(year) for year in {row["year"] for row in rows["BEF"]}}
        self.by_person = defaultdict(lambda: defaultdict(list))
        for table, lines in rows.items():
            for line in lines:
                if "PNR" in line and table != "BEF":
                    self.by_person[line["PNR"]][table].append(line)
        self.diagnoses = defaultdict(list)
        for table, key, code in [("PSYK_DIAG", "RECNUM", "C_DIAG"), ("LPR_DIAG", "RECNUM", "C_DIAG"),
                                 ("LPR_A_DIAGNOSE", "DW_EK_KONTAKT", "DIAG_KODE")]:  # fmt: skip
            for line in rows[table]:
                self.diagnoses[table, line[key]].append(line[code])
        self.areas = {line["HFAUDD"]: line["HOVEDOMRAADE"] for line in rows["AUDD"]}

    def adult(self, row):
        if row["PLADS"] is not None:
            return row["PLADS"] in (1, 2)
        births = [other["FOED_DAG"] for other in self.members[row["FAMILIE_ID"], row["year"]]]
        return is_adult(row["FOED_DAG"], births, row["year"])

    def of_year(self, person, table, year):
        return [line for line in self.by_person[person][table] if line["year"] == year]

    # --- Income

    def equivalised(self, members):
        found = [self.incomes.get((row["PNR"], row["year"])) for row in members]
        if all(income is None for income in found):
            return None
        total = sum(int(income + 0.5) if income >= 0 else -int(0.5 - income) for income in found if income is not None)
        over = sum(row["year"] - row["FOED_DAG"].year > 14 for row in members)
        first = 1 if over else 0
        tenths = 10 + 5 * (over - first) + 3 * (len(members) - over - (1 - first))
        return total * 10 // tenths

    def median(self, year):
        amounts = []
        for (_family, at), members in self.members.items():
            if at == year and (amount := self.equivalised(members)) is not None:
                amounts += [amount] * len(members)
        return sorted(amounts)[(len(amounts) - 1) // 2] if amounts else None

    # --- People

    def recent(self, day, year):
        return datetime.date(year - 5, 12, 31) < day <= datetime.date(year, 12, 31)

    def codes(self, person, year):
        found = []
        for contacts, diagnoses, key, when in [
            ("PSYK_ADM", "PSYK_DIAG", "RECNUM", "D_INDDTO"), ("LPR_ADM", "LPR_DIAG", "RECNUM", "D_INDDTO"),
            ("LPR_A_KONTAKT", "LPR_A_DIAGNOSE", "DW_EK_KONTAKT", "KONT_STARTTIDSPUNKT"),
        ]:  # fmt: skip
            for contact in self.by_person[person][contacts]:
                if self.recent(contact[when], year):
                    found += self.diagnoses[diagnoses, contact[key]]
        return [code[1:] for code in found if code.startswith("D")]

    def has(self, person, year, prefixes):
        return int(any(code.startswith(tuple(prefixes)) for code in self.codes(person, year)))

    def person(self, row):
        person, year = row["PNR"], row["year"]
        told = {"sex": {1: "male", 2: "female"}[row["KOEN"]], "age": year - row["FOED_DAG"].year}
        if row["IE_TYPE"] == 1:
            origin = "danish"
        elif row["IE_TYPE"] is None or row["OPR_LAND"] in (None, 0, 5999):
            origin = None
        else:
            origin = "western" if row["OPR_LAND"] in WESTERN else "non_western"
        told["person_origin"] = origin
        education = None
        for line in self.of_year(person, "UDDA", year):
            area = self.areas.get(line["HFAUDD"], 90)
            if line["HF_KILDE"] not in (3, 18) and area != 90:
                education = "qualifying" if area in (30, 40, 50, 60, 70, 80) else "other"
        told["person_education"] = education
        main = [
            line["SOC_STATUS_KODE"] for line in self.of_year(person, "RAS", year) if line["PRIMAER_STATUS_KODE"] == 1
        ]
        main = [code for code in main if code is not None] or [
            line["SOCIO13"] for line in self.of_year(person, "AKM", year)
        ]
        told["person_employed"] = int(100 < main[0] < 200) if main else None
        told["person_mental_illness"] = self.has(person, year, MENTAL)
        for kind, prefixes in KINDS.items():
            told[f"person_misuse_{kind}"] = self.has(person, year, prefixes)
        alcohol = any(self.recent(line["INDSKRIVNINGDATO"], year) for line in self.by_person[person]["NAB"])
        drugs = any(
            self.recent(line["INDSKRIVNINGDATO"], year) and line["KUN_SUBSTITUTION"] != 1
            for line in self.by_person[person]["SIB"]
        )
        told["person_misuse_alcohol"] |= alcohol
        told["person_drug_treatment"] = int(drugs)
        told["person_misuse"] = int(drugs or any(told[f"person_misuse_{kind}"] for kind in KINDS))
        told["person_conviction"] = int(any(
            self.recent(line["AFG_AFGOEDTO"], year) and str(line["AFG_AFGTYP3"])[:2] in ("11", "12")
            and (str(line["AFG_GER7"])[0] == "1" or str(line["AFG_GER7"])[:2] in ("32", "34"))
            for line in self.by_person[person]["KRAF"]
        ))  # fmt: skip
        child = not self.adult(row)
        told["person_preventive_measure"] = int(any(
            line["SAG_VFRA"].year <= year and (line["SAG_VTIL"] is None or line["SAG_VTIL"].year >= year)
            for line in self.by_person[person]["BUFO"]
        )) if child else None  # fmt: skip
        care = [line for line in self.of_year(person, "DAGI", year) if line["LEGESTUE"] != 1]
        care += self.of_year(person, "BOERNFB", year)
        told["person_day_care"] = int(bool(care)) if child and 1 <= told["age"] <= 5 else None
        return told

    # --- Families

    def family(self, family, year):
        members = self.members[family, year]
        people = [(self.person(row), self.adult(row), row) for row in members]
        parents = [told for told, adult, _row in people if adult]
        children = [told for told, adult, _row in people if not adult]
        origins = {told["person_origin"] for told in parents}
        told = {"origin": next((each for each in ("danish", "non_western", "western") if each in origins), None)}
        levels = {told["person_education"] for told in parents}
        told["education"] = next((each for each in ("qualifying", "other") if each in levels), None)
        work = [parent["person_employed"] for parent in parents]
        if work.count(1) > 1:
            told["employment"] = "both"
        else:  # one who isn't known could be the second, or the first
            told["employment"] = None if None in work or not work else ["none", "one"][work.count(1)]
        amount = self.equivalised(members)
        for share in (50, 60):
            told[f"poverty_{share}"] = None if amount is None else int(amount < self.medians[year] * share / 100)
        for name in ["mental_illness", "misuse", *(f"misuse_{kind}" for kind in KINDS), "drug_treatment", "conviction"]:
            told[name] = max((parent[f"person_{name}"] for parent in parents), default=None)
        told["preventive_measure"] = max((child["person_preventive_measure"] for child in children), default=None)
        told["m2_per_resident"] = self.space(members, year)
        for first, last in [(1, 2), (3, 5)]:
            care = [child["person_day_care"] for child in children if first <= child["age"] <= last]
            told[f"day_care_{first}_{last}"] = (
                "no_child" if not care else "all" if all(care) else "some" if any(care) else "none"
            )
        return told

    def space(self, members, year):
        dwellings = [
            line["DST_BOLIGERHVERVSENHED_ID"] for row in members for line in self.of_year(row["PNR"], "PERBOLIG", year)
        ]
        if not dwellings:
            return None
        dwelling = min(dwellings)

        def find(table):
            return next((line for line in self.rows[table]
                         if line["year"] == year and line["DST_BOLIGERHVERVSENHED_ID"] == dwelling), None)  # fmt: skip

        home, building = find("BOLIG"), find("BBRENHED")
        if home is None or building is None:
            return None
        residents, rooms, area = home["ANTAL_PERSONER"], building["ENH_ANTALVAERELSER"], building["ENH_BEBOELSESAREAL"]
        if residents > 15 or residents == 0 or rooms == 0 or rooms > 50 or not area:
            return None
        return area / residents
