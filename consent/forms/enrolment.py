"""The enrolment form: consent, identity and start on one page.

Errors keep what was typed. What is unusual but possible is asked about: a number is typed again, a birth date or a
person who is registered already is confirmed. `enrol` judges the same rules once more.
"""

from datetime import date
from typing import Any, NamedTuple
from uuid import UUID, uuid4

from django import forms
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from collection.cpr import OLDEST_UNASKED, PROBLEM_TEXTS, WARNING_TEXTS, Cpr, CprError, CprWarning, age_on, parse
from collection.models import Activity, FamilyRole, Identification, Participant
from consent.actions.enrol import CprIdentity, NameIdentity, Start
from consent.forms.dates import DatePartsField, PartialDate
from consent.forms.given import GivenConsentForm
from consent.forms.identity import NUMBER, PRIVATE, NamedForm, outside_target
from consent.forms.sentences import BIRTH_DATE_WARNINGS, IDENTIFICATIONS, MISSING
from consent.models import Outcome
from consent.queries import tally_sums

ANOTHER = "another"


class Question(NamedTuple):
    """Something to confirm before saving, and the id of the input where it is done."""

    text: str
    target: str


class EnrolForm(GivenConsentForm, NamedForm):
    """`identity`, `consent` and `began` hold what was typed once the form is valid."""

    CONDITIONAL = (*GivenConsentForm.CONDITIONAL, "cpr", "cpr_again", *MISSING, "same_person", "add_to_registered")

    form_id = forms.UUIDField(initial=uuid4, required=False, widget=forms.HiddenInput)
    identification = forms.ChoiceField(
        label=_("Hvad kender du?"), choices=IDENTIFICATIONS, initial=Identification.CPR, widget=forms.RadioSelect
    )
    cpr = forms.CharField(label=_("CPR-nummer"), help_text=_("Ti cifre."), required=False)
    cpr_again = forms.CharField(
        label=_("Skriv CPR-nummeret igen"),
        help_text=_("For at bekræfte, at det er rigtigt."),
        required=False,
        widget=forms.TextInput(NUMBER),
    )
    working_name = forms.CharField(
        label=_("Kaldenavn"),
        help_text=_("Så du kan kende personen på listen. Navnet krypteres og sendes aldrig videre."),
        required=False,
        max_length=100,
        widget=forms.TextInput(PRIVATE),
    )
    birth_date_confirmed = forms.BooleanField(label=_("Fødselsdatoen er rigtig"), required=False)
    add_to_registered = forms.BooleanField(
        label=_("Tilføj deltagelsen til den, der allerede er registreret"), required=False
    )
    same_person = forms.CharField(label=_("Er det den samme person?"), required=False, widget=forms.RadioSelect)

    start = DatePartsField(
        label=_("Hvornår begyndte deltagelsen?"),
        help_text=_("Skriv det, du ved. Lad dag og måned stå tomme, hvis du kun kender året."),
        partial=True,
    )
    role = forms.ChoiceField(label=_("Rolle i familien"), choices=FamilyRole.choices, widget=forms.RadioSelect)
    end = DatePartsField(
        label=_("Hvornår sluttede den?"), help_text=_("Lad stå tomt, hvis personen stadig deltager."), required=False
    )
    was_counted_as = forms.ChoiceField(
        label=_("Er personen tidligere talt med som deltager uden samtykke?"),
        help_text=_("Så tælles der én mindre."),
        required=False,
    )

    def __init__(self, data: Any = None, *, activity: Activity, by: User, today: date):
        super().__init__(data, plan=activity.plan, by=by, today=today)
        self.activity = activity
        self.number: Cpr | None = None
        self.identity: CprIdentity | NameIdentity | None = None
        self.began: Start | None = None
        self.warnings: list[CprWarning] = []
        self.registered: list[Participant] = []
        self.fields["cpr"].widget = forms.TextInput(
            {
                **NUMBER,
                "hx-post": reverse("consent:enrol_cpr", args=[activity.pk]),
                "hx-trigger": "input changed delay:400ms",
                "hx-params": "cpr,cpr_again,identification,audience,"
                "decided_on_day,decided_on_month,decided_on_year,start_day,start_month,start_year",
            }
        )
        counted = [(f"{outcome}-{year}", f"{Outcome(outcome).label}, {year}") for year, outcome in tally_sums(activity)]
        if counted:
            self.fields["was_counted_as"].choices = [("", _("Nej, eller det ved jeg ikke")), *counted]  # type: ignore[attr-defined]
        else:
            del self.fields["was_counted_as"]

    # --- What is refused ---------------------------------------------------------------------------

    def clean(self) -> dict[str, Any]:
        by_number = self.cleaned_data.get("identification") == Identification.CPR
        for field in MISSING if by_number else ("cpr", "working_name"):
            self.errors.pop(field, None)  # of what isn't chosen, and may be hidden, nothing counts
        if by_number:
            self._clean_cpr()
        else:
            self.clean_named()
            self.identity = self.named
        self.clean_consent()
        self._clean_start()
        self._find_warnings()
        return self.cleaned_data

    def _clean_cpr(self) -> None:
        try:
            self.number = parse(self.cleaned_data.get("cpr", ""), self.today)
        except CprError as error:
            self.add_error("cpr", forms.ValidationError(PROBLEM_TEXTS[error.code], code=error.code))
            return
        self.born = self.number.birth_date
        self.identity = CprIdentity(
            self.number,
            self.cleaned_data.get("working_name", ""),
            check_digit_confirmed=CprWarning.CHECK_DIGIT in self.number.warnings,
        )

    def _clean_start(self) -> None:
        start: PartialDate | None = self.cleaned_data.get("start")
        end: date | None = self.cleaned_data.get("end")
        if start is None:
            return
        activity = self.activity
        if start.first > self.today:
            self.add_error("start", _("Datoen ligger i fremtiden."))
        elif self.born and start.last < self.born:
            self.add_error("start", _("Datoen ligger før personens fødsel."))
        elif start.last < activity.start:
            self.add_error("start", gettext("Aktiviteten begyndte %(day)s.") % {"day": date_format(activity.start)})
        elif activity.end and start.first > activity.end:
            self.add_error("start", gettext("Aktiviteten sluttede %(day)s.") % {"day": date_format(activity.end)})
        if end and end < start.first:
            self.add_error("end", _("Deltagelsen kan ikke slutte, før den begyndte."))
        elif end and end > self.today:
            self.add_error("end", _("Datoen ligger i fremtiden. Lad den stå tom, til deltagelsen er slut."))
        elif end and activity.end and end > activity.end:
            self.add_error("end", gettext("Aktiviteten sluttede %(day)s.") % {"day": date_format(activity.end)})
        if "role" in self.cleaned_data:
            self.began = Start(start.first, start.precision, self.cleaned_data["role"], end)

    # --- What is asked about -------------------------------------------------------------------------

    def _find_warnings(self) -> None:
        if self.born is None:
            return
        if self.number:
            self.warnings += self.number.warnings
        elif age_on(self.born, self.today) > OLDEST_UNASKED:
            self.warnings.append(CprWarning.OVER_110)
        if self._outside_target(self.born):
            self.warnings.append(CprWarning.OUTSIDE_TARGET)
        if self.number and self.warnings and self.cleaned_data.get("cpr_again") and not self.number_confirmed:
            self.add_error(
                "cpr_again", _("De to numre er ikke ens. Se efter i kilden, og skriv det rigtige begge steder.")
            )

    def _outside_target(self, birth_date: date) -> bool:
        start = self.cleaned_data.get("start")
        first, last = (start.first, start.last) if start else (self.today, self.today)
        return outside_target(self.activity, birth_date, first, last)

    @property
    def number_confirmed(self) -> bool:
        """Whether the number was typed a second time, alike."""
        try:
            again = parse(self.cleaned_data.get("cpr_again", ""), self.today)
        except CprError:
            return False
        return self.number is not None and again.digits == self.number.digits

    @property
    def asks_number(self) -> bool:
        return self.number is not None and bool(self.warnings)

    @property
    def asks_birth_date(self) -> bool:
        return self.number is None and bool(self.warnings)

    @property
    def warning_texts(self) -> list[str]:
        texts = WARNING_TEXTS if self.number else BIRTH_DATE_WARNINGS
        return [str(texts[warning]) for warning in self.warnings]

    def meet(self, registered: list[Participant], labels: dict[UUID, str]) -> None:
        """Takes in the people of this plan who are, or by name and birth date may be, the person.

        `labels`: what tells one from another, by participant id, without an identity.
        """
        self.registered = registered
        self.fields["same_person"].widget.choices = [  # type: ignore[attr-defined]
            *((str(row.pk), gettext("Ja: %(label)s") % {"label": labels[row.pk]}) for row in registered),
            (ANOTHER, _("Nej, det er en anden med samme navn og fødselsdato")),
        ]

    @property
    def answer(self) -> dict[str, Any]:
        """What was answered about those who are registered, as `enrol` takes it; empty without an answer."""
        if self.number:
            return {"add_to_registered": True} if self.cleaned_data["add_to_registered"] else {}
        chosen = self.cleaned_data["same_person"]
        if chosen == ANOTHER:
            return {"another_person": True}
        try:
            return {"add_to_registered": True, "chosen": UUID(chosen)}
        except ValueError:
            return {}

    @property
    def _answered(self) -> bool:
        answer = self.answer
        rows = [row.pk for row in self.registered]
        return not rows or "another_person" in answer or bool(answer and answer.get("chosen", rows[0]) in rows)

    @property
    def questions(self) -> list[Question]:
        """What is still to be confirmed before saving."""
        found = []
        if self.asks_number and not self.number_confirmed:
            found += [Question(text, "id_cpr_again") for text in self.warning_texts]
        if self.asks_birth_date and not self.cleaned_data["birth_date_confirmed"]:
            found += [Question(text, "id_birth_date_confirmed") for text in self.warning_texts]
        if not self._answered and self.number:
            found.append(Question(str(WARNING_TEXTS[CprWarning.REGISTERED]), "id_add_to_registered"))
        elif not self._answered:
            sentence = _("En person med samme navn og fødselsdato er allerede registreret i denne helhedsplan.")
            found.append(Question(str(sentence), "id_same_person_0"))
        return found

    def earlier_count(self) -> dict[str, Any]:
        """Under which outcome and year the person had been counted without consent, as `enrol` takes it."""
        outcome, _dash, year = self.cleaned_data.get("was_counted_as", "").partition("-")
        return {"was_counted_as": outcome, "counted_year": int(year)} if outcome else {}
