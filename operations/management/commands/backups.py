from pathlib import Path

from django.core.management.base import BaseCommand

from operations import backups


class Command(BaseCommand):
    help = "Lists the backups in a folder; deletes those whose date has come."

    def add_arguments(self, parser):
        parser.add_argument("folder", type=Path)
        parser.add_argument("--delete-expired", action="store_true")

    def handle(self, *args, folder: Path, delete_expired: bool, **options):
        if delete_expired:
            for file in backups.delete_expired(folder):
                self.stdout.write(f"deleted {file.name}")
        for each in backups.kept(folder):
            due = "  (due: --delete-expired)" if each.is_due else ""
            self.stdout.write(f"{each.file.name}  {each.size} bytes, to be deleted on {each.expires_on}{due}")
