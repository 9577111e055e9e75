from django.core.management.base import BaseCommand, CommandError

from audit.verify import verify

WORDS = {
    "changed": "event {0} was changed, or does not follow the event before it",
    "missing": "event {0} is missing",
    "subjects": "the persons named by event {0} were changed",
    "tail": "the chain ends before event {0}, but its head says otherwise",
    "trigger": "a trigger that makes the tables append-only is missing; run `manage.py migrate`",
}


class Command(BaseCommand):
    help = "Checks the whole audit chain; exits with an error when a row was changed, removed or moved."

    def handle(self, *args, **options):
        count, faults = verify()
        for fault in faults:
            self.stderr.write(WORDS[fault.kind].format(fault.sequence))
        if faults:
            raise CommandError(f"The audit log is not whole: {len(faults)} faults.")
        self.stdout.write(f"The audit log is whole: {count} events.")
