"""Two registrations of one person: choosing the other one, and a page that shows both before they become one."""

from datetime import date
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Case, Exists, IntegerField, OuterRef, Value, When
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.formats import date_format
from django.utils.timezone import localdate
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache

from accounts.access import FORM, requires
from accounts.models import User
from accounts.permissions import Permission
from audit.recording import audited
from collection import identities
from collection.models import Identification, Participant, Participation
from consent import gate
from consent.actions.merge import MergeRefused, joined_periods
from consent.forms.participants import ParticipantFilter
from consent.policies import participant_or_404, participants_of
from consent.queries import EVALUATION
from consent.views import SignedInRequest
from consent.views.withdrawal import activities_by_person
from exports.actions.merge import merge

PAGE_SIZE = 25
REFUSALS = {
    "gone": _("En af registreringerne er ændret eller slettet imens. Se efter igen."),
    "loses_number": _("Behold den registrering, der har CPR-nummeret."),
    "other_purpose": _("De to samtykker er til forskellige formål og kan ikke slås sammen."),
    "text_does_not_fit_age": _(
        "Det seneste samtykke passer ikke til alderen i den registrering, der beholdes. Spørg personen igen først."
    ),
    "decided_before_birth": _("Det seneste samtykke er givet før fødselsdatoen i den registrering, der beholdes."),
}


class KeepForm(forms.Form):
    kept = forms.ChoiceField(
        label=_("Hvilke oplysninger er rigtige?"),
        help_text=_("De bliver stående. De andre slettes."),
        widget=forms.RadioSelect,
    )

    def __init__(self, data=None, *, people: list[tuple[Participant, str]]):
        super().__init__(data, use_required_attribute=False)
        numbered = [row for row, _name in people if row.identification == Identification.CPR]
        open_to = numbered or [row for row, _name in people]
        labels = {
            row.pk: gettext("%(name)s, registreret %(day)s")
            % {"name": name, "day": date_format(row.registered_at, "SHORT_DATE_FORMAT")}
            for row, name in people
        }
        field = self.fields["kept"]
        field.choices = [(str(row.pk), labels[row.pk]) for row in open_to]  # type: ignore[attr-defined]
        self.is_given = len(open_to) == 1  # the one with a number is kept
        if self.is_given:
            field.initial = str(open_to[0].pk)
            field.widget = forms.HiddenInput()


@requires(Permission.CORRECT)
@never_cache
def choose(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """Who the other registration is: those of the same name and birth date first."""
    person = participant_or_404(request.user, pk)
    others = participants_of(request.user).filter(plan=person.plan_id).exclude(pk=person.pk)
    filter_form = ParticipantFilter(request.GET, user=request.user, several_plans=False)
    activity = filter_form.cleaned_data.get("aktivitet") if filter_form.is_valid() else None
    if activity:
        others = others.filter(pk__in=gate.in_activity(activity).values("participant"))
    alike = Value(1)
    if person.name_birth_index is not None:
        alike = Case(  # type: ignore[assignment]
            When(name_birth_index=person.name_birth_index, then=Value(0)),
            default=Value(1),
            output_field=IntegerField(),
        )
    page = Paginator(others.order_by(alike, "-registered_at", "pk"), PAGE_SIZE).get_page(request.GET.get("page"))
    people = list(page)
    names = identities.names([person, *people], by=request.user, plan=person.plan_id)
    doing = activities_by_person(people)
    context = {
        "person": person,
        "name": names[person.pk],
        "page": page,
        "rows": [{"person": row, "name": names[row.pk], "activities": doing[row.pk]} for row in people],
        "filter": filter_form,
        "filtered": bool(activity),
    }
    return render(request, "exports/merge_choose.html", context)


@requires(Permission.CORRECT, FORM)
@never_cache
def merge_page(request: SignedInRequest, pk: UUID, other: UUID) -> HttpResponse:
    people = _both_or_404(request.user, pk, other)
    participations = list(gate.of_participants(people))
    sides = _sides(people, participations, by=request.user)
    form = KeepForm(request.POST or None, people=[(side["person"], side["shown_as"]) for side in sides])
    if form.is_valid():
        kept, gone = sorted(people, key=lambda row: str(row.pk) != form.cleaned_data["kept"])
        try:
            merge(by=request.user, kept=kept, other=gone)
        except MergeRefused as refusal:
            form.add_error(None, REFUSALS[refusal.code])
        else:
            messages.success(request, gettext("De to registreringer er slået sammen."))
            return redirect("consent:participant", kept.pk)
    numbers = {row.cpr_index for row in people if row.cpr_index is not None}
    context = {
        "person": people[0],
        "sides": sides,
        "form": form,
        "two_numbers": len(numbers) > 1,
        "joined": _joined(people[0], participations),
    }
    return render(request, "exports/merge.html", context)


def _both_or_404(user: User, pk: UUID, other: UUID) -> list[Participant]:
    """The two rows of one plan, each with `unlocked`: whether the person's consent holds."""
    usable = gate.usable(EVALUATION, on=localdate()).filter(pk=OuterRef("pk"))
    rows = participants_of(user).select_related("plan").annotate(unlocked=Exists(usable)).in_bulk([pk, other])
    if len(rows) != 2 or rows[pk].plan_id != rows[other].plan_id:
        raise Http404
    return [rows[pk], rows[other]]


def _sides(people: list[Participant], participations: list[Participation], *, by) -> list[dict]:
    """What is shown of each row: of a locked identity the name only."""
    unlocked = [row for row in people if row.unlocked]  # type: ignore[attr-defined]
    locked = [row for row in people if row not in unlocked]
    with audited(by=by):
        names = identities.names(locked, by=by, plan=people[0].plan_id)
        held = identities.read_all_of(unlocked, by=by)
    for pk, values in held.items():
        names[pk] = values.get("name") or values["cpr"]
        if "birth_date" in values:
            values["birth_date"] = date_format(date.fromisoformat(values["birth_date"]))
    return [
        {
            "person": row,
            "shown_as": names[row.pk],
            "held": held.get(row.pk, {}),
            "participations": [each for each in participations if each.participant_id == row.pk],
            "history": list(gate.history(row, EVALUATION)),
        }
        for row in people
    ]


def _joined(kept: Participant, participations: list[Participation]) -> list[dict]:
    """Activities in which both took part at one time, and the period that comes of it."""
    activities = {each.activity_id: each.activity for each in participations}
    joined = [one for one in joined_periods(kept.pk, participations) if len(one.of) > 1]
    return [{"activity": activities[one.period.activity], "period": one.period} for one in joined]
