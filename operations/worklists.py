"""What waits on the page "Opgaver" for who answers for the site: the log, keys, backups, access that nobody uses."""

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.permissions import Permission
from audit import state
from collection.policies import colleagues_of
from collection.queries import idle
from exports.worklists import Task
from operations import queries


def tasks(user: Any) -> Iterator[Task]:
    if user.can(Permission.READ_AUDIT):
        yield Task(
            label=_("Loggen er ikke i orden"),
            text=_("Kontrollen fandt noget, eller den er ikke sket i over et døgn. Læs hvad, og giv driften besked."),
            action=_("Se loggen"),
            url=reverse("audit:events"),
            count=0 if state.now().well else 1,
        )
    if user.can(Permission.MANAGE_KEYS):
        yield from _keys()
    if user.can(Permission.CLOSE_ACCOUNT):
        all_accounts = user.can(Permission.MANAGE_ACCOUNTS)
        yield Task(
            label=_("Kolleger, der ikke bruger deres adgang"),
            text=_("Ikke logget ind i 90 dage, eller invitationen er udløbet. Luk kontoen, hvis de er stoppet."),
            action=_("Se dem"),
            url=f"{reverse('collection:accounts')}?state=idle" if all_accounts else reverse("collection:staff"),
            count=idle(colleagues_of(user)).count(),
        )


def _keys() -> Iterator[Task]:
    page = reverse("operations:keys")
    yield Task(
        label=_("Nøgleskift, der er gået i stå"),
        text=_("Nogle oplysninger har den nye nøgle, andre den gamle. Alt kan læses. Fortsæt skiftet."),
        action=_("Se nøgler"),
        url=page,
        count=queries.stopped_rotations(),
    )
    yield Task(
        label=_("Hovednøglen skiftes"),
        text=_("Den gamle hovednøgle er gemt endnu. Bed driften tage en kopi af den nye og så slette den gamle."),
        action=_("Se nøgler"),
        url=page,
        count=1 if queries.kek_standing().changing else 0,
    )
    yield Task(
        label=_("Sikkerhedskopien er for gammel"),
        text=_("Der er ikke taget en sikkerhedskopi i to døgn. Bed driften se efter, hvorfor."),
        action=_("Se hvornår"),
        url=page,
        count=0 if settings.DEMO or not queries.backup_is_missing() else 1,
    )
