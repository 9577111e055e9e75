"""The invented project of the guides' pictures: the same people, keys, days and files in every run."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import partial

from accounts.models import User
from accounts.permissions import Role
from collection.models import Activity
from consent.actions.publish import publish_examples
from crypto.agefile import AgeWriter, recipient_of
from exports import recipients, storage, vault
from exports.actions.deliveries import mark_prepared, record_fetch
from exports.comparison import archives
from exports.comparison import described as told
from exports.comparison.runner.pictures import flow_chart, love_plot
from exports.models import Archive, Delivery, EvaluationProject, Job, Reader, RegisterExtract
from exports.register_catalogue import parse_line
from tests.factories.cast import make_activity, make_name_identity, make_participant, make_plan, make_user
from tests.factories.clock import Clock, today_is
from tests.factories.deliveries import approve_and_build, make_delivery, make_many_participants, make_project
from tests.factories.delivery_states import HASH
from tests.factories.groups import group_report
from tests.factories.recipients import make_recipient

TODAY = date(2026, 11, 12)
# Public keys whose private ones were thrown away: the fingerprints on the pictures stay the same.
EVAS_KEY = "age14m7ljwlw0tam3x946t8lq8s4dhwhcx6hlsc96f3vzhplcm8d9y0qfs59fm"
DORTHES_KEY = "age1a06lwglxe08dts8xlhe4sh53m6ns7jvhsgptw4z3ej3k6vak69tscvkeuw"
KEYS = {Reader.EVALUATOR: EVAS_KEY, Reader.OFFICER: DORTHES_KEY}
SIZES = {Reader.EVALUATOR: 286_000, Reader.OFFICER: 24_000}  # shown; the real ones differ by some bytes each time


@dataclass
class Evaluation:
    """A project without deliveries, its people, and activities in three regions; `clock` is the site's."""

    clock: Clock
    eva: User  # the evaluator
    dorthe: User  # the data controller
    project: EvaluationProject
    activities: list[Activity]

    def add_keys(self) -> None:
        for reader, by in ((Reader.EVALUATOR, self.eva), (Reader.OFFICER, self.dorthe)):
            make_recipient(
                self.project, reader, by=by, public_key=KEYS[reader], expires_on=TODAY + timedelta(days=365),
                confirmed_at=datetime(2026, 11, 10, 9, 12, tzinfo=UTC),
            )  # fmt: skip

    def ordered(self) -> Delivery:
        """It waits for approval, a day after it was asked for."""
        delivery = make_delivery(self.project, by=self.eva)
        self.clock.now += timedelta(days=1)
        return delivery

    def built(self) -> Delivery:
        """Its files are ready, none of them is fetched."""
        delivery = approve_and_build(self.ordered(), by=self.dorthe)
        self.steady(delivery)
        return delivery

    def fetched(self) -> Delivery:
        delivery = self.built()
        for archive in delivery.archives.select_related("delivery__project"):
            record_fetch(by=self.eva if archive.reader == Reader.EVALUATOR else self.dorthe, archive=archive)
        self.clock.now += timedelta(days=1)
        return delivery

    def list_of_residents(self) -> None:
        RegisterExtract.objects.create(
            name="Beboerliste 2014-2016", state=RegisterExtract.State.READY, years=[2014, 2015, 2016], rows=221_564,
            loaded_by=self.dorthe, delete_on=TODAY + timedelta(days=90),
        )  # fmt: skip

    def drawn(self, delivery: Delivery) -> None:
        """The job is done: the evaluation's own group, made up, waits for approval."""
        report = group_report()
        described, shown = told.from_json(report["described"]), archives.flow_frame(report["flow"])
        delivery.jobs.update(state=Job.State.DONE)
        mark_prepared(
            delivery,
            prepared_hash=HASH,
            report=report | {"recipients": recipients.report_of(delivery), "period": [2014, 2016]},
            confirm=lambda: None,
        )
        folder = storage.delivery_folder(delivery)
        folder.mkdir(parents=True, exist_ok=True)
        for name, draw in (("flow", partial(flow_chart, shown)), ("love", partial(love_plot, described.differences))):
            with AgeWriter(storage.picture_path(folder, name, "da"), [recipient_of(vault.archive_identity())]) as out:
                draw(drawn := io.BytesIO())
                out.write(drawn.getvalue())

    def steady(self, delivery: Delivery) -> None:
        """The archives' sizes are shown as the same in every run."""
        for reader, size in SIZES.items():
            Archive.objects.filter(delivery=delivery, reader=reader).update(size=size)


@contextmanager
def evaluation() -> Iterator[Evaluation]:
    with today_is(TODAY) as clock:
        publish_examples(None)
        eva = make_user(Role.EVALUATOR, name="Eva Lund", username="eva")
        dorthe = make_user(Role.CONTROLLER, name="Dorthe Holm", username="dorthe")
        lines = ("BEF KOM 2014-2016", "UDDA HFAUDD 2014-2016", "IND AEKVIVADISP_13 2014-2016")
        project = make_project(
            eva, by=dorthe, recipients=False, name="Evaluering af familieindsats", dst_number="700123",
            minimum_count=5, ends_on=date(2026, 12, 9),
            register_variables=[parse_line(each).to_json() for each in lines],
        )  # fmt: skip
        activities = []
        for name, municipality, first, count in (
            ("Kvarteret ved Søen", "751", 0, 120),
            ("Engparken", "621", 1000, 80),
            ("Havnekvarteret", "360", 2000, 50),
        ):
            activity = make_activity(make_plan(name, municipality=municipality), name="Familiecafé")
            make_many_participants(activity, count, first=first)
            activities.append(activity)
        for _ in range(2):  # younger than the others, and known by name and address
            make_participant(activities[2], make_name_identity(born=date(1984, 5, 2)), start=date(2015, 4, 7))
        yield Evaluation(clock, eva, dorthe, project, activities)
