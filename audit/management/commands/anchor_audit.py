from django.core.management.base import BaseCommand, CommandError

from audit import anchors, witness

REFUSED = {
    "whole": "Nothing is wrong with the log: there is nothing to accept.",
    "faults": "Events were changed; that no restore explains. See `manage.py verify_audit`.",
    "edited": "Later events are there still, so an older copy was not put back. See `manage.py verify_audit`.",
    "witness": "An anchor is missing or was changed. Find out why; then move {0} away, keep it, and run this again.",
}


class Command(BaseCommand):
    help = "Writes the end of the audit chain to WITNESS_DIR, after a check of what is new since the last time."

    def add_arguments(self, parser):
        parser.add_argument(
            "--restored",
            action="store_true",
            help="after a backup of the database was put back: accept that later events are lost, and tell of it",
        )

    def handle(self, *args, restored: bool, **options):
        try:
            entry = anchors.accept_restore() if restored else anchors.anchor()
        except anchors.NotRestored as refusal:
            raise CommandError(REFUSED[refusal.code].format(witness.place())) from None
        if entry.faults:
            raise CommandError(f"The audit log is not whole ({entry.first}). See `manage.py verify_audit`.")
        if waiting := witness.waiting():
            self.stderr.write(f"WITNESS_COMMAND failed: {waiting} anchors wait to be handed over.")
        self.stdout.write(f"Anchor {entry.number}: {entry.sequence} events.")
