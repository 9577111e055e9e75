from pathlib import Path

from django.core.management.base import BaseCommand

from operations import backups


class Command(BaseCommand):
    help = "Lists the backups in a folder; deletes those whose date has come."

    def add_arguments(self, parser):
        parser.add_argument("folder", type=Path)
        parser.add_argument("--delete-expired", action="store_true")
        parser.add_argument(
            "--keep-newest-only", action="store_true", help="delete all but the newest, as when a project has ended"
        )

    def handle(self, *args, folder: Path, delete_expired: bool, keep_newest_only: bool, **options):
        if delete_expired or keep_newest_only:
            for file in backups.delete_expired(folder, only_newest=keep_newest_only):
                self.stdout.write(f"deleted {file.name}")
        for each in backups.kept(folder):
            due = "  (due: --delete-expired)" if each.is_due else ""
            self.stdout.write(f"{each.file.name}  {each.size} bytes, to be deleted on {each.expires_on}{due}")
