"""What waits for a user: the counts and remedies on the page "Opgaver". Names are on the lists behind them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _

from accounts.permissions import Permission
from collection.models import Activity, Plan
from collection.policies import activities_of, plans_of
from consent import gate
from consent.namesakes import open_questions
from consent.worklists import ActivityWork, activity_work, answers_waiting, in_doubt, to_ask_again
from exports import deletions
from exports.models import Archive, Reader, RegisterExtract, State
from exports.policies import READER_PERMISSION, RETRIABLE, deliveries_of, projects_of, reader_of
from exports.recalls import open_recalls
from exports.recipients import SOON, expiring, unconfirmed

Text = str | Promise


@dataclass(frozen=True)
class Task:
    """`own`: how many of `count` are the user's own."""

    label: Text
    text: Text
    action: Text
    url: str
    count: int
    own: int = 0


class PlanWork:
    """What waits in the plans of a user who works in them; `mine`: only in the activities they are responsible for."""

    def __init__(self, user: Any, today: date, *, mine: bool):
        self.user, self.today, self.mine = user, today, mine
        self.plans: list[Plan] = list(plans_of(user))
        self.own: QuerySet[Activity] = activities_of(user).filter(responsible=user)

    def tasks(self) -> Iterator[Task]:
        people = gate.in_activities(self.own).values("participant")
        yield from self._answers()
        yield self._task(
            to_ask_again(self.plans, self.today),
            Q(pk__in=people),
            label=_("Deltagere at spørge igen"),
            text=_("Samtykket er udløbet eller udløber snart."),
            action=_("Spørg igen"),
            url=reverse("consent:to_ask"),
        )
        yield self._task(
            in_doubt(self.plans),
            Q(pk__in=people),
            label=_("Deltagere at se efter"),
            text=_("Et CPR-nummer, hvis kontrolciffer ikke passer, eller to med samme navn og fødselsdato."),
            action=_("Se efter"),
            url=reverse("consent:doubts"),
        )

    def _answers(self) -> Iterator[Task]:
        """A task for each activity: the answers are on its page."""
        is_own = Q(activity__in=self.own) | Q(started_by=self.user)
        rows = answers_waiting(self.plans).filter(is_own if self.mine else Q())
        for row in rows.order_by("activity__name").values("activity", "activity__name").annotate(count=Count("pk")):
            yield Task(
                label=_("Ja på skærmen, der skal registreres: %(activity)s") % {"activity": row["activity__name"]},
                text=_("Registrér, hvem der svarede. Svaret slettes efter et døgn."),
                action=_("Registrér"),
                url=reverse("consent:activity", args=[row["activity"]]),
                count=row["count"],
            )

    def _task(self, rows: QuerySet, is_own: Q, *, label: Text, text: Text, action: Text, url: str) -> Task:
        found = rows.order_by().aggregate(count=Count("pk"), own=Count("pk", filter=is_own))
        if self.mine:
            return Task(label, text, action, f"{url}?vis=mine", found["own"])
        return Task(label, text, action, url, found["count"], found["own"])

    def activities(self) -> list[ActivityWork]:
        """Activities that lack something which the user may mend; one's own first."""
        scope = self.own if self.mine else Activity.objects.filter(plan__in=self.plans)
        work = activity_work(scope.order_by("plan__name", "name", "pk"), self.today)
        estimates = self.user.can(Permission.GIVE_ESTIMATE)
        open_work = [row for row in work if row.unused or (estimates and (row.gaps.missing or row.gaps.old))]
        return sorted(open_work, key=lambda row: row.activity.responsible_id != self.user.pk)


# What apps above exports have waiting for a user: each a function of the user.
MORE: list[Callable[[Any], Iterator[Task]]] = []


def export_tasks(user: Any) -> Iterator[Task]:
    """What waits for evaluators and data controllers."""
    deliveries = deliveries_of(user)
    page = reverse("exports:deliveries")
    if user.can(Permission.APPROVE_DELIVERY):
        yield Task(
            label=_("Leverancer, der venter på godkendelse"),
            text=_("Data er samlet og fastlåst. Se dem igennem, og sig ja eller nej."),
            action=_("Tag stilling"),
            url=page,
            count=deliveries.filter(state=State.PREPARED).exclude(requested_by=user).count(),
        )
    yield from _key_tasks(user)
    for project in open_recalls(user):
        yield Task(
            label=_("Tilbagekaldelse: %(project)s") % {"project": project},
            text=_("Nogen har trukket samtykket tilbage, efter at du hentede data med dem. Slet dem, og bekræft det."),
            action=_("Se listen"),
            url=reverse("exports:recalls", args=[project.pk]),
            count=1,
        )
    yield Task(
        label=_("Filer, der skal slettes"),
        text=_("Fristen for at slette filer fra en leverance er nær eller overskredet. Slet dem, og meld det."),
        action=_("Se dem"),
        url=reverse("exports:deletions"),
        count=len(deletions.due(user, localdate())),
    )
    if user.can(Permission.SETTLE_NAMESAKES):
        yield Task(
            label=_("Måske samme person i en anden plan"),
            text=_("En person har trukket samtykket tilbage, og en anden plan har en med samme navn og fødselsdato."),
            action=_("Tag stilling"),
            url=reverse("consent:namesakes"),
            count=open_questions().count(),
        )
    readers = [reader for reader in Reader if user.can(READER_PERMISSION[reader])]
    waiting = Archive.objects.filter(delivery__in=deliveries, reader__in=readers, fetched_at__isnull=True)
    yield Task(
        label=_("Leverancer klar til hentning"),
        text=_("Filerne er dannet. De slettes efter 30 dage."),
        action=_("Hent"),
        url=page,
        count=waiting.filter(delivery__state__in=[State.BUILT, State.FETCHED]).count(),
    )
    yield Task(
        label=_("Leverancer, der mislykkedes"),
        text=_("Læs hvorfor, og prøv igen."),
        action=_("Se dem"),
        url=page,
        count=deliveries.filter(RETRIABLE).count(),
    )
    if user.can(Permission.LOAD_REGISTER):
        yield Task(
            label=_("Beboerlister med fejl"),
            text=_("Listen blev ikke indlæst. Ret fejlene, indlæs den igen, og slet den gamle."),
            action=_("Se dem"),
            url=reverse("exports:extracts"),
            count=RegisterExtract.objects.filter(state=RegisterExtract.State.REFUSED).count(),
        )


def _key_tasks(user: Any) -> Iterator[Task]:
    """Recipients' keys: for controllers those to be confirmed, for readers those that expire soon."""
    today, projects = localdate(), projects_of(user).filter(ended_at__isnull=True)
    if user.can(Permission.CONFIRM_RECIPIENT):
        # of an evaluator's key, somebody else than who added it
        mine = unconfirmed(on=today).filter(project__in=projects).exclude(reader=Reader.EVALUATOR, added_by=user)
        counts = mine.order_by("project__name").values("project", "project__name").annotate(count=Count("pk"))
        for row in counts:
            yield Task(
                label=_("Nøgler, der skal bekræftes: %(project)s") % {"project": row["project__name"]},
                text=_(
                    "Ring til modtageren, og sammenlign fingeraftrykket. Først da kan leverancer forsegles til den."
                ),
                action=_("Bekræft"),
                url=reverse("exports:recipients", args=[row["project"]]),
                count=row["count"],
            )
    reader = reader_of(user)
    for project in expiring(projects, reader, on=today) if reader else ():
        yield Task(
            label=_("Nøgle, der udløber: %(project)s") % {"project": project},
            text=_("Om %(days)s dage eller før kan leverancer ikke længere forsegles til jer. Tilføj en ny nøgle.")
            % {"days": SOON.days},
            action=_("Se nøgler"),
            url=reverse("exports:recipients", args=[project.pk]),
            count=1,
        )
