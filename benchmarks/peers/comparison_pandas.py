"""The evaluation's group and its characteristics in pandas, as a careful analyst writes it: year by year, only the
columns that are needed, merges and group-bys. The rule is the evaluation's own; the codes are those of runner/rules.py.
"""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq

from exports.comparison.runner.rules import DIAGNOSES, IMPORTED_EDUCATION, QUALIFYING, UNKNOWN_EDUCATION, WESTERN

Files = dict[str, dict[int, Path]]
YEARS, COMPARISON, TYPE = (2014, 2015, 2016), 2016, "familieindsats"


def read(files: Files, name: str, year: int = 0, columns: list[str] | None = None) -> pd.DataFrame:
    path = files.get(name, {}).get(year)
    if path is None:
        return pd.DataFrame(columns=columns)
    return pq.read_table(path, columns=columns).to_pandas(date_as_object=False)  # else dates cost more than the rest


def draw(files: Files) -> dict[str, Any]:
    areas = read(files, "OMRAADER")
    starts = read(files, "STARTER")
    starts = starts[(starts["AKTIVITETSTYPE"] == TYPE) & starts["AAR"].isin(YEARS)]
    reporting = set(areas.loc[areas["PLAN"].isin(starts["PLAN"]), "AFDELING"])
    departments = read(files, "AFDELINGER").set_index("ADRESSE_ID")["AFDELING"]
    first = starts.sort_values(["AAR", "PLAN"]).drop_duplicates("PNR").set_index("PNR")
    medians: dict[int, int] = {}
    families: list[pd.DataFrame] = []
    taking_part: set[str] = set()
    for year in YEARS:
        bef = read(files, "BEF", year, ["PNR", "FAMILIE_ID", "FOED_DAG", "PLADS", "IE_TYPE", "OPR_LAND", "ADRESSE_ID"])
        bef["age"] = year - bef["FOED_DAG"].dt.year
        medians[year] = median(bef, read(files, "IND", year))
        bef["inside"] = bef["ADRESSE_ID"].map(departments).isin(reporting)
        bef["child"] = (bef["PLADS"] == 3) & (bef["age"] <= 6)
        of = bef.groupby("FAMILIE_ID")[["inside", "child"]].any()
        fit = set(of.index[of["inside"] & of["child"]])
        adults = bef[bef["PNR"].isin(first.index[first["AAR"] == year]) & (bef["PLADS"] < 3)]
        now = fit & set(adults["FAMILIE_ID"]) - taking_part
        taking_part |= now
        group = dict.fromkeys(now, "participant")
        if year == COMPARISON:
            began = set(bef.loc[bef["PNR"].isin(first.index), "FAMILIE_ID"])
            group |= dict.fromkeys(fit - began - taking_part, "comparison")
        people = bef[bef["FAMILIE_ID"].isin(group)]
        found = described(files, people, year, medians[year])
        families.append(found.assign(group=found.index.map(group)))
    frame = pd.concat(families)
    sizes = frame["group"].value_counts()
    return {
        "participants": int(sizes["participant"]),
        "comparison": int(sizes["comparison"]),
        "medians": {str(year): value for year, value in medians.items()},
        "poor": int(frame["poverty_50"].sum()),
        "ill": int(frame["mental_illness"].sum()),
    }


def equivalised(people: pd.DataFrame, incomes: pd.DataFrame) -> pd.DataFrame:
    """amount and persons by family, whole kroner."""
    joined = people[["PNR", "FAMILIE_ID", "age"]].merge(incomes, on="PNR", how="left")
    joined["over_14"] = joined["age"] > 14
    of = joined.groupby("FAMILIE_ID").agg(
        persons=("PNR", "size"), over=("over_14", "sum"), income=("DISPON_13", "sum"), known=("DISPON_13", "count")
    )
    of = of[of["known"] > 0]
    grown = 10 + 5 * (of["over"] - 1) + 3 * (of["persons"] - of["over"])
    weight = grown.where(of["over"] > 0, 10 + 3 * (of["persons"] - 1))
    return of.assign(amount=np.floor(10 * of["income"] / weight).astype("int64"))


def median(people: pd.DataFrame, incomes: pd.DataFrame) -> int:
    of = equivalised(people, incomes).sort_values("amount")
    so_far = of["persons"].cumsum()
    return int(of["amount"].iloc[int(np.searchsorted(so_far, so_far.iloc[-1] / 2))])


def described(files: Files, people: pd.DataFrame, year: int, middle: int) -> pd.DataFrame:
    """A row for each family with all its characteristics."""
    own = people["PNR"]
    education = read(files, "UDDA", year).merge(read(files, "AUDD"), on="HFAUDD")
    education = education[~education["HF_KILDE"].isin(IMPORTED_EDUCATION)]
    education = education[education["PNR"].isin(own) & ~education["HOVEDOMRAADE"].isin(UNKNOWN_EDUCATION)]
    qualifying = education.set_index("PNR")["HOVEDOMRAADE"].isin(QUALIFYING)
    work = read(files, "RAS", year)
    work = work[work["PNR"].isin(own)].set_index("PNR")["SOC_STATUS_KODE"].between(110, 199)
    western = {code for codes in WESTERN.values() for code in codes}
    people = people.assign(
        qualifying=own.map(qualifying),
        employed=own.map(work),
        danish=people["IE_TYPE"] == 1,
        non_western=(people["IE_TYPE"] != 1) & ~people["OPR_LAND"].isin(western),
        convicted=own.isin(convicted(files, own, year)),
        measured=own.isin(measured(files, own, year)),
        treated=own.isin(treated(files, own, year)),
        enrolled=own.isin(enrolled(files, year)),
    )
    known = diagnosed(files, own, year)
    for kind, codes in DIAGNOSES.items():
        people[kind] = own.isin(known.loc[known["C_DIAG"].str.startswith(codes), "PNR"])
    adults = people[people["PLADS"] < 3].groupby("FAMILIE_ID")
    kinds = ["danish", "non_western", "qualifying", "employed", "convicted", "treated", *DIAGNOSES]
    found = adults[kinds].max()
    found["adults"], found["working"] = adults.size(), adults["employed"].sum()
    found["children"] = people[people["PLADS"] == 3].groupby("FAMILIE_ID").size()
    found["measure"] = people.groupby("FAMILIE_ID")["measured"].any()
    for low, high in ((1, 2), (3, 5)):
        found[f"care_{low}_{high}"] = people[people["age"].between(low, high)].groupby("FAMILIE_ID")["enrolled"].mean()
    amount = equivalised(people, read(files, "IND", year)[lambda each: each["PNR"].isin(own)])["amount"]
    for line in (50, 60):
        found[f"poverty_{line}"] = 100 * amount.reindex(found.index) < line * middle
    found["m2"] = dwellings(files, people, year)
    return found


def dwellings(files: Files, people: pd.DataFrame, year: int) -> pd.Series:
    of = read(files, "PERBOLIG", year)
    of = people[["PNR", "FAMILIE_ID"]].merge(of, on="PNR").groupby("FAMILIE_ID")["DST_BOLIGERHVERVSENHED_ID"].min()
    known = read(files, "BOLIG", year).merge(read(files, "BBRENHED", year), on="DST_BOLIGERHVERVSENHED_ID")
    known = known[
        known["ANTAL_PERSONER"].between(1, 15) & known["ENH_ANTALVAERELSER"].between(1, 50)
        & (known["ENH_BEBOELSESAREAL"] > 0)
    ].set_index("DST_BOLIGERHVERVSENHED_ID")  # fmt: skip
    return of.map(known["ENH_BEBOELSESAREAL"] / known["ANTAL_PERSONER"])


def within(days: pd.Series, year: int) -> pd.Series:
    return (days > f"{year - 5}-12-31") & (days <= f"{year}-12-31")


def diagnosed(files: Files, own: pd.Series, year: int) -> pd.DataFrame:
    """PNR and C_DIAG of the last five years."""
    found = []
    for name in ("PSYK", "LPR"):
        contacts = read(files, f"{name}_ADM")
        contacts = contacts[contacts["PNR"].isin(own)]
        contacts = contacts[within(contacts["D_INDDTO"], year)]
        found.append(contacts.merge(read(files, f"{name}_DIAG"), on="RECNUM")[["PNR", "C_DIAG"]])
    return pd.concat(found)


def convicted(files: Files, own: pd.Series, year: int) -> pd.Series:
    rows = read(files, "KRAF")
    rows = rows[rows["PNR"].isin(own)]
    law = rows["AFG_GER7"]
    law = law.between(1_000_000, 1_999_999) | law.between(3_200_000, 3_299_999) | law.between(3_400_000, 3_499_999)
    kind = rows["AFG_AFGTYP3"].between(111, 119) | rows["AFG_AFGTYP3"].between(121, 129)
    return rows.loc[law & kind & within(rows["AFG_AFGOEDTO"], year), "PNR"]


def treated(files: Files, own: pd.Series, year: int) -> pd.Series:
    drugs, alcohol = read(files, "SIB"), read(files, "NAB")
    rows = pd.concat([drugs[drugs["KUN_SUBSTITUTION"] != 1], alcohol])
    rows = rows[rows["PNR"].isin(own)]
    return rows.loc[within(rows["INDSKRIVNINGDATO"], year), "PNR"]


def measured(files: Files, own: pd.Series, year: int) -> pd.Series:
    rows = read(files, "BUFO")
    rows = rows[rows["PNR"].isin(own)]
    begun, ended = rows["SAG_VFRA"], rows["SAG_VTIL"]
    return rows.loc[(begun <= f"{year}-12-31") & (ended.isna() | (ended >= f"{year}-01-01")), "PNR"]


def enrolled(files: Files, year: int) -> pd.Series:
    old, new = read(files, "DAGI", year, ["PNR", "LEGESTUE"]), read(files, "BOERNFB", year, ["PNR"])
    return pd.concat([old.loc[old["LEGESTUE"] != 1, "PNR"], new["PNR"]])
