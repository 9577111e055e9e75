"""What a row says, and what is wrong with it: the rules of enrolment, asked of texts. Pure, and never raises.

A row is judged by itself here; `spreadsheets.comparing` holds it against the others and the register. No finding
quotes a cell: `value` is a date, a number of a row, or a code.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from accounts.models import User
from collection.cpr import OLDEST_UNASKED, Cpr, CprError, CprProblem, CprWarning, age_on, parse
from collection.texts import MISSING_SIGNS, has_cpr_shape
from consent.actions.enrol import CprIdentity, NameIdentity, Start
from consent.actions.given import EnrolmentRefused, GivenConsent, check_given
from consent.forms.dates import PartialDate
from consent.models import Audience, Method, Text
from spreadsheets import cells
from spreadsheets.columns import BY_KEY
from spreadsheets.dates import DateProblem, read_date
from spreadsheets.models import Level

NOTHING = ("", *MISSING_SIGNS)
LONGEST = {"cpr": 100, "working_name": 100, "name": 150, "address": 200}


class Found(NamedTuple):
    level: Level
    field: str
    code: str
    value: str = ""


@dataclass(frozen=True)
class ActivityFacts:
    """What of an activity a row is judged by."""

    pk: UUID
    start: date
    end: date | None
    age_from: int | None
    age_to: int | None


@dataclass(frozen=True)
class Rules:
    """What all rows of a file are judged by. `activities`: by id, and by name as `cells.word` leaves it."""

    today: date
    activities: Mapping[str, ActivityFacts]
    ambiguous: frozenset[str]  # names of several activities
    texts: Mapping[tuple[str, str], Text]  # (audience, wording), as consent.forms.texts
    staff: Mapping[str, User]  # by id, user name and full name
    defaults: Mapping[str, str] = field(default_factory=dict)  # activity, role, method, wording, obtained_by
    date1904: bool = False
    restore_zeros: bool = False


@dataclass(frozen=True, repr=False)
class Facts:
    """A row without errors, as enrolment takes it."""

    activity: ActivityFacts
    identity: CprIdentity | NameIdentity
    consent: GivenConsent
    start: Start


@dataclass(repr=False)
class Checked:
    """`facts` only where no finding is an error. `no_consent`: nothing else about the row was looked at."""

    findings: list[Found]
    no_consent: bool = False
    facts: Facts | None = None
    identity: CprIdentity | NameIdentity | None = None
    activity: ActivityFacts | None = None
    start: date | None = None
    decided_on: date | None = None
    unknown_activity: str = ""  # a name that belongs to no activity of the plan


def check(rules: Rules, texts: Mapping[str, str]) -> Checked:
    """`texts`: the row's cells by column, cleaned by `cells.clean`; what is not there is empty."""
    return _Row(rules, texts).checked


class _Row:
    def __init__(self, rules: Rules, texts: Mapping[str, str]):
        self.rules, self.texts = rules, texts
        self.findings: list[Found] = []
        self.born: date | None = None
        self.checked = Checked(self.findings)
        decided_on = self._decided_on()
        if self.checked.no_consent:
            return
        identity = self._by_number() if texts.get("cpr") else self._by_name()
        activity = self._activity()
        start = self._start(activity)
        consent = self._consent(decided_on)
        if activity and start:
            self._ask_age(activity, start[1])
        self.checked.identity, self.checked.activity = identity, activity
        self.checked.start = start[0].day if start else None
        self.checked.decided_on = decided_on
        if identity and activity and start and consent and not self._failed:
            self.checked.facts = Facts(activity, identity, consent, start[0])

    @property
    def _failed(self) -> bool:
        return any(found.level == Level.ERROR for found in self.findings)

    def _error(self, column: str, code: str, value: Any = "") -> None:
        self.findings.append(Found(Level.ERROR, column, code, str(value)))

    def _warn(self, column: str, code: str, value: Any = "") -> None:
        self.findings.append(Found(Level.WARNING, column, code, str(value)))

    # --- Consent: asked first, because without it nothing about the person counts ------------------------

    def _decided_on(self) -> date | None:
        answer, text = cells.word(self.texts.get("consent", "")), self.texts.get("decided_on", "")
        said_no = answer in cells.NO or cells.word(text) in cells.NO
        if said_no or not (answer or text):
            self.checked.no_consent = True
            return None
        if answer and answer not in cells.YES:
            if text:
                self._error("consent", "consent_unclear")
                return None
            text = self.texts["consent"]  # a date stands there instead of a yes
        if not text or (cells.word(text) in cells.YES and not text.isdecimal()):
            self._error("decided_on", "decided_on_missing")
            return None
        return self._day("decided_on", text)

    def _consent(self, decided_on: date | None) -> GivenConsent | None:
        method = self._chosen("method", cells.METHODS, "method_unknown", "method_missing")
        obtained_by = self._obtained_by()
        if decided_on is None or self.born is None:
            return None
        if decided_on > self.rules.today:
            self._error("decided_on", "decided_in_future")
            return None
        if decided_on < self.born:
            self._error("decided_on", "decided_before_birth")
            return None
        audience = Audience.for_age(age_on(self.born, decided_on))
        text = self._text(audience)
        relation = ""
        if audience == Audience.GUARDIAN:
            said = cells.word(self.texts.get("guardian_relation", ""))
            relation = cells.RELATIONS.get(said, "")
            if not relation:
                self._error("guardian_relation", "guardian_unknown" if said else "guardian_relation_missing")
        if text is None or method is None or obtained_by is None or (audience == Audience.GUARDIAN and not relation):
            return None
        consent = GivenConsent(text, Method(method), decided_on, obtained_by, relation)
        try:
            check_given(consent, self.born, today=self.rules.today)
        except EnrolmentRefused as refused:
            self._error("decided_on", refused.code)
            return None
        return consent

    def _text(self, audience: Audience) -> Text | None:
        said = self.texts.get("text", "")
        wording = self.rules.defaults.get("wording", "")
        if said:
            language, number = cells.wording_of(said)
            if not language:
                self._error("text", "text_unknown")
                return None
            exact = self.rules.texts.get((audience, f"{language}-{number}"))
            newest = self.rules.texts.get((audience, language))
            if number and exact is None and (newest is None or newest.version.number != number):
                self._error("text", "text_missing", audience)
                return None
            text = exact or newest
        else:
            text = self.rules.texts.get((audience, wording))
        if text is None:
            self._error("text", "text_missing", audience)
        return text

    def _obtained_by(self) -> User | None:
        said = self.texts.get("obtained_by", "").casefold() or self.rules.defaults.get("obtained_by", "")
        user = self.rules.staff.get(said)
        if user is None:
            self._error("obtained_by", "obtained_by_unknown" if said else "obtained_by_missing")
        return user

    # --- The person -----------------------------------------------------------------------------------

    def _by_number(self) -> CprIdentity | None:
        name = self._private("name", LONGEST["working_name"], wanted=False)
        try:
            number = parse(self._number_text(), self.rules.today)
        except CprError as error:
            self._error("cpr", f"cpr_{error.code}")
            return None
        self.born = number.birth_date
        self._ask_number(number)
        if name is None:
            return None
        return CprIdentity(number, name, check_digit_confirmed=CprWarning.CHECK_DIGIT in number.warnings)

    def _number_text(self) -> str:
        text = cells.clean_number(self.texts["cpr"])
        if self.rules.restore_zeros and len(text.replace("-", "")) == 9:
            try:
                parse(text, self.rules.today)
            except CprError as error:
                if error.code == CprProblem.LOST_ZERO:
                    self.findings.append(Found(Level.NOTE, "cpr", "zero_restored"))
                    return f"0{text}"
        return text

    def _ask_number(self, number: Cpr) -> None:
        for warning in number.warnings:
            self._warn("cpr", warning.value)
        if text := self.texts.get("birth_date"):
            try:
                told = read_date(cells.clean_number(text), date1904=self.rules.date1904)
            except DateProblem:
                return  # not needed beside a number
            if told.day != number.birth_date:
                self._warn("birth_date", "birth_date_differs")

    def _by_name(self) -> NameIdentity | None:
        if not self.texts.get("name") and not self.texts.get("birth_date"):
            self._error("cpr", "nobody")
            return None
        name = self._private("name", LONGEST["name"])
        born = self._needed_day("birth_date")
        address = self._private("address", LONGEST["address"])
        lived = self._needed_day("residence_date")
        if born and born > self.rules.today:
            self._error("birth_date", "birth_date_future")
            born = None
        if lived and lived > self.rules.today:
            self._error("residence_date", "residence_future")
        elif lived and born and lived < born:
            self._error("residence_date", "residence_before_birth")
        self.born = born
        if born and age_on(born, self.rules.today) > OLDEST_UNASKED:
            self._warn("birth_date", CprWarning.OVER_110.value)
        if not (name and born and address and lived):
            return None
        return NameIdentity(name, born, address, lived)

    def _private(self, column: str, longest: int, *, wanted: bool = True) -> str | None:
        """A name or an address; None after an error. It must hold letters, and nothing that looks like a number."""
        text = self.texts.get(column, "")
        if not wanted and not text:
            return ""
        code = ""
        if text in NOTHING:
            code = f"{column}_missing"
        elif cells.is_formula(text):
            code = "formula"
        elif not cells.has_words(text):
            code = f"{column}_missing"
        elif has_cpr_shape(text):
            code = "number_in_text"
        elif len(text) > longest:
            code = "too_long"
        if code:
            self._error(column, code)
            return None
        if cells.is_damaged(text):
            self._warn(column, "damaged")
        if column == "name" and cells.mixes_scripts(text):
            self._warn(column, "mixed_scripts")
        return text

    # --- The participation -------------------------------------------------------------------------------

    def _activity(self) -> ActivityFacts | None:
        text = self.texts.get("activity", "")
        name = cells.word(text)
        activity = self.rules.activities.get(name or self.rules.defaults.get("activity", ""))
        if activity is None:
            if not name:
                self._error("activity", "activity_missing")
            else:
                self._error("activity", "activity_ambiguous" if name in self.rules.ambiguous else "activity_unknown")
                self.checked.unknown_activity = text
        return activity

    def _start(self, activity: ActivityFacts | None) -> tuple[Start, PartialDate] | None:
        role = self._chosen("role", cells.ROLES, "role_unknown", "role_missing")
        if not self.texts.get("start"):
            self._error("start", "start_missing")
            return None
        began = self._date("start", self.texts["start"], partial=True)
        end_text = self.texts.get("end", "")
        end = self._day("end", end_text) if end_text not in NOTHING else None
        if began is None:
            return None
        if began.first > self.rules.today:
            self._error("start", "start_future")
        elif self.born and began.last < self.born:
            self._error("start", "start_before_birth")
        elif activity and began.last < activity.start:
            self._error("start", "start_before_activity", activity.start)
        elif activity and activity.end and began.first > activity.end:
            self._error("start", "start_after_activity", activity.end)
        if end and end < began.first:
            self._error("end", "end_before_start")
        elif end and end > self.rules.today:
            self._error("end", "end_future")
        elif end and activity and activity.end and end > activity.end:
            self._error("end", "end_after_activity", activity.end)
        return Start(began.first, began.precision, role or "", end), began

    def _ask_age(self, activity: ActivityFacts, began: PartialDate) -> None:
        """No day that the start may stand for has an age within the activity's target."""
        if self.born is None:
            return
        youngest, oldest = activity.age_from, activity.age_to
        if (youngest is not None and age_on(self.born, began.last) < youngest) or (
            oldest is not None and age_on(self.born, began.first) > oldest
        ):
            self._warn("activity", CprWarning.OUTSIDE_TARGET.value)

    # --- Reading ----------------------------------------------------------------------------------------

    def _chosen(self, column: str, words: Mapping[str, Any], unknown: str, missing: str) -> Any:
        said = cells.word(self.texts.get(column, ""))
        if said:
            if said not in words:
                self._error(column, unknown)
            return words.get(said)
        if not self.rules.defaults.get(column):
            self._error(column, missing)
        return self.rules.defaults.get(column) or None

    def _needed_day(self, column: str) -> date | None:
        if self.texts.get(column, "") in NOTHING:
            self._error(column, f"{column}_missing")
            return None
        return self._day(column, self.texts[column])

    def _day(self, column: str, text: str) -> date | None:
        found = self._date(column, text)
        return found.first if found else None

    def _date(self, column: str, text: str, *, partial: bool = False) -> PartialDate | None:
        try:
            found = read_date(cells.clean_number(text), partial=partial, date1904=self.rules.date1904)
        except DateProblem as problem:
            self._error(column, f"date_{problem.code}")
            return None
        if found.serial:
            self._warn(column, "serial_date", "" if BY_KEY[column].private else found.day)
        return found.value
