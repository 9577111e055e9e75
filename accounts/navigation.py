"""What each role finds in the menu, by URL name: the pages themselves belong to apps above this one."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.permissions import Role

_TASKS = (_("Opgaver"), "exports:tasks")  # first: it is everybody's home
_STAFF = [
    _TASKS,
    (_("Aktiviteter"), "collection:activities"),
    (_("Deltagere"), "consent:participants"),
]
NAVIGATION = {
    Role.STAFF: _STAFF,
    Role.COORDINATOR: [
        *_STAFF,
        (_("Samtykke"), "consent:rates"),
        (_("Medarbejdere"), "collection:staff"),
        (_("Import"), "spreadsheets:spreadsheets"),
        (_("Log"), "consent:plan_logs"),
    ],
    Role.EVALUATOR: [_TASKS, (_("Projekter"), "exports:projects"), (_("Leverancer"), "exports:deliveries")],
    Role.CONTROLLER: [
        _TASKS,
        (_("Godkendelser"), "exports:deliveries"),
        (_("Projekter"), "exports:projects"),
        (_("Beboerlister"), "exports:extracts"),
        (_("Tilbagetrækning"), "consent:find"),
        (_("Anmodninger"), "rights:requests"),
        (_("Samtykketekster"), "consent:documents"),
        (_("Samtykke"), "consent:rates"),
        (_("Konti"), "collection:accounts"),
        (_("Log"), "audit:events"),
        (_("Nøgler"), "operations:keys"),
    ],
}


def navigation(user, path: str) -> list[dict]:
    """Menu entries (label, url, current) of a signed-in user for the page at `path`."""
    entries = []
    for label, name in NAVIGATION.get(user.role, []):
        url = reverse(name)
        entries.append({"label": label, "url": url, "current": path.startswith(url)})
    return entries
