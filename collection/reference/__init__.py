"""Reference data that `migrate` keeps in step with the CSV files beside this page."""

import csv
from pathlib import Path

FOLDER = Path(__file__).parent


def load_activity_types(**kwargs) -> None:
    """Adds or updates the activity types by code; types that a controller added stay."""
    from collection.models import ActivityType

    with (FOLDER / "activity_types.csv").open(encoding="utf-8", newline="") as file:
        rows = [
            ActivityType(
                code=row["code"],
                number=int(row["number"]),
                name_da=row["name_da"],
                name_en=row["name_en"],
                theme=row["theme"],
                group=row["group"],
            )
            for row in csv.DictReader(file)
        ]
    ActivityType.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["code"],
        update_fields=["number", "name_da", "name_en", "theme", "group"],
    )
