from django.core.management.base import BaseCommand, CommandError

from crypto.rotation import verify_identities


class Command(BaseCommand):
    help = "Opens every sealed value and works every index out again; shows counts and no identity."

    def handle(self, *args, **options):
        faults = 0
        for seen in verify_identities():
            faults += seen.unreadable + seen.wrong
            old = f", {seen.old} of an older key" if seen.old else ""
            wrong = f", {seen.wrong} wrong" if seen.wrong else ""
            unreadable = f", {seen.unreadable} can't be opened" if seen.unreadable else ""
            self.stdout.write(f"{seen.column}: {seen.checked} checked{wrong}{unreadable}{old}")
        if faults:
            raise CommandError(f"{faults} values are not what was sealed. Don't change keys now: see docs/keys.md.")
