"""`manage.py publish_texts`: the example texts, or with `--from FOLDER` the controller's own."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from consent.actions.publish import publish_examples, publish_folder
from consent.folders import TextsRefused


class Command(BaseCommand):
    help = "Publishes consent texts. What is published already is left alone."

    def add_arguments(self, parser):
        parser.add_argument("--from", dest="folder", type=Path, help="folder with texts.json and the Markdown files")
        parser.add_argument("--end-earlier", action="store_true", help="earlier versions are no longer offered")

    def handle(self, *, folder, end_earlier, **options):
        try:
            if folder:
                published = publish_folder(by=None, folder=folder, end_earlier=end_earlier)
            else:
                published = publish_examples(None)
        except TextsRefused as refusal:
            raise CommandError(str(refusal)) from None
        self.stdout.write(f"{published} texts published.")
        if not folder:
            self.stdout.write("They are examples: the data controller must replace them before real use.")
