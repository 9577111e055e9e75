"""Consent texts shipped with the project: examples, each marked as one, for the controller to check and replace."""

import json
from datetime import datetime
from pathlib import Path

from consent.models import Document, Purpose, Text, Version

FOLDER = Path(__file__).parent
PURPOSES = {"evaluation": ("Statistik og evaluering", "Statistics and evaluation")}


def load_example_texts(*, published_at: datetime | None = None) -> list[Text]:
    """Adds what is missing of texts.json, as drafts unless `published_at` is given; returns all its texts."""
    texts = []
    for entry in json.loads((FOLDER / "texts.json").read_text(encoding="utf-8")):
        name_da, name_en = PURPOSES[entry["purpose"]]
        purpose, _ = Purpose.objects.get_or_create(
            code=entry["purpose"], defaults={"name_da": name_da, "name_en": name_en}
        )
        document, _ = Document.objects.get_or_create(purpose=purpose, audience=entry["audience"])
        version, _ = Version.objects.get_or_create(
            document=document,
            number=entry["version"],
            defaults={"is_example": True, "published_at": published_at},
        )
        body = (FOLDER / entry["file"]).read_text(encoding="utf-8")
        text, _ = Text.objects.get_or_create(
            version=version,
            language=entry["language"],
            defaults={"title": entry["title"], "body": body, "sha256": Text.hash_of(entry["title"], body)},
        )
        texts.append(text)
    return texts
