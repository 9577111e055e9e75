from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from audit.verify import standing, verify
from audit.witness import read

WORDS = {
    "changed": "event {0} was changed, or does not follow the event before it",
    "missing": "event {0} is missing",
    "subjects": "the persons named by event {0} were changed",
    "tail": "the chain and its head do not end alike at event {0}",
    "trigger": "a trigger that makes tables append-only is missing or changed; run `manage.py migrate`",
    "behind": "event {0} was there when the chain was anchored, and is gone: this is an older copy of the database, "
    "or the end was cut off",
    "rewritten": "event {0} is not the one that was there when the chain was anchored",
    "witness": "anchor {0} is missing or was changed",
}


class Command(BaseCommand):
    help = "Checks the audit chain against its key and its anchors; exits with an error when anything was changed."

    def add_arguments(self, parser):
        parser.add_argument(
            "--since-anchor", action="store_true", help="read only the events after the last anchor, not all"
        )
        parser.add_argument(
            "--witness", type=Path, metavar="FILE", help="compare with this copy of the anchors, from another machine"
        )

    def handle(self, *args, since_anchor: bool, witness: Path | None, **options):
        if witness and not witness.is_file():
            raise CommandError(f"There is no file {witness}.")
        found = verify(since=_last_anchor(witness) if since_anchor else None, path=witness)
        for fault in found.faults:
            self.stderr.write(WORDS[fault.kind].format(fault.sequence))
        if found.faults:
            raise CommandError(f"The audit log is not whole: {len(found.faults)} faults.")
        since = " since the last anchor" if since_anchor else ""
        self.stdout.write(f"The audit log is whole: {found.events} events{since}.")


def _last_anchor(path: Path | None):
    known = standing(list(read(path)))
    if not known:
        raise CommandError("There is no anchor yet: run `manage.py anchor_audit`, or check all events.")
    return known[-1]
