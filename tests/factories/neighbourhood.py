"""A neighbourhood of a handful of families that one can follow by hand: its resident list, and groups drawn from it."""

import csv
import io
from datetime import date, timedelta
from uuid import UUID, uuid4

from collection.models import Department, Participant
from consent.actions.withdraw import withdraw
from crypto.agefile import AgeWriter, recipient_of
from exports import vault
from exports.actions.extracts import load_extract
from exports.models import Delivery, RegisterExtract
from exports.uploads import upload_path
from tests.factories.cast import cpr_text, make_activity, make_identity, make_participation, make_plan
from tests.factories.deliveries import make_delivery, make_project, members, run_jobs

CHILD, OLD_CHILD, ADULT = date(2012, 5, 5), date(2004, 5, 5), date(1980, 5, 5)
RULE = {
    "activity_types": ["familieindsats"],
    "first_year": 2014,
    "last_year": 2016,
    "comparison_year": 2016,
    "youngest": 0,
    "oldest": 6,
}


class Neighbourhood:
    """A plan with a department that reports participants, another plan's that doesn't, and a resident list."""

    def __init__(self):
        self.plan, self.silent = make_plan(), make_plan()
        self.here = Department.objects.create(
            plan=self.plan, organisation_number=5, department_number=1, name="Bøgeparken"
        )
        self.there = Department.objects.create(
            plan=self.silent, organisation_number=5, department_number=2, name="Egeparken"
        )
        self.activity = make_activity(self.plan)
        self.lines = [["PNR", "FAMILIE_ID", "FOED_DAG", "AAR", "ORG_NR", "AFD_NR"]]
        self.families = 0

    def family(self, *births: date, years=(2014, 2015, 2016), department: int = 1, adult_number: str = "") -> str:
        """Adds a family to the list; gives its first adult's number."""
        self.families += 1
        if not adult_number:  # born on another day than the participants, so that no number is there twice
            births = (births[0] - timedelta(days=400), *births[1:])
        first = adult_number or cpr_text(births[0], self.families)
        numbers = [first, *(cpr_text(born, 100 + self.families) for born in births[1:])]
        for year in years:
            for number, born in zip(numbers, births, strict=True):
                self.lines.append([number, f"F{self.families}", born.isoformat(), year, 5, department])
        return first

    def participant_family(self, *births: date, start: date = date(2015, 3, 1), **options):
        identity = make_identity(born=births[0])
        self.family(*births, adult_number=identity.cpr.digits, **options)
        return make_participation(self.activity, identity, start=start).participant

    def load(self, by) -> RegisterExtract:
        text = io.StringIO()
        csv.writer(text, delimiter=";").writerows(self.lines)
        pk = uuid4()
        with AgeWriter(upload_path(pk), [recipient_of(vault.archive_identity())]) as out:
            out.write(text.getvalue().encode())
        extract = load_extract(by=by, extract_id=pk, name="Liste", delete_on=date.today() + timedelta(days=90))
        run_jobs()
        extract.refresh_from_db()
        return extract


def definition(extract_id: UUID | str, **changes) -> dict:
    """What an order of a group holds: the evaluation's rule, changed here and there, and the resident list."""
    return {"definition": RULE | changes, "extract": str(extract_id)}


def draw(town: Neighbourhood, evaluator, controller, **changes) -> Delivery:
    extract = town.load(controller)
    assert extract.state == RegisterExtract.State.READY, extract.problems
    return make_delivery(
        make_project(evaluator),
        by=evaluator,
        kind=Delivery.Kind.COMPARISON,
        definition=definition(extract.pk, **changes),
    )


def content(delivery) -> dict[str, bytes]:
    return members(delivery.archives.get())


def rows(text: bytes, delimiter: str = ";") -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text.decode()), delimiter=delimiter))


def group_sizes(delivery) -> tuple[int, int]:
    found = [row["GRUPPE"] for row in rows(content(delivery)["familier.csv"])]
    return found.count("1"), found.count("2")


def leave(town: Neighbourhood, delivery: Delivery, participant: Participant) -> None:
    purpose = delivery.project.purpose
    withdraw(by=town.activity.responsible, participant=participant, purpose=purpose, withdrawn_on=date.today())
