from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from operations import backups


class Command(BaseCommand):
    help = "Lists the backups in a folder; deletes those whose date has come."

    def add_arguments(self, parser):
        parser.add_argument("folder", type=Path)
        parser.add_argument("--delete-expired", action="store_true", help="delete those whose date has come")
        parser.add_argument(
            "--keep-newest-only", action="store_true", help="delete all but the newest, as when a project has ended"
        )

    def handle(self, *args, folder: Path, delete_expired: bool, keep_newest_only: bool, **options):
        try:
            if delete_expired or keep_newest_only:
                for file in backups.delete_expired(folder, only_newest=keep_newest_only):
                    self.stdout.write(f"deleted {file.name}")
            found = backups.kept(folder)
        except NotADirectoryError as error:
            raise CommandError(str(error)) from None
        ended = backups.last_end_of_a_project()
        for each in found:
            notes = []
            if not each.file.exists():
                notes.append("the file is gone")
            if each.is_due:
                notes.append("due: --delete-expired")
            if ended and each.made_at < ended:
                notes.append("holds the codes of a project that has ended: make a new one, then --keep-newest-only")
            told = f"  ({'; '.join(notes)})" if notes else ""
            self.stdout.write(f"{each.file.name}  {each.size} bytes, to be deleted on {each.expires_on}{told}")
        if not found:
            self.stdout.write("There are no backups here.")
