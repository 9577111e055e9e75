from django.db import migrations


def of_today(old):
    """A definition of the first format (without "format") in today's; others as they are."""
    if "format" in old or "activity_types" not in old:
        return old
    since = old.get("excluded_since")
    return {
        "format": "deltagerdata-comparison-2",
        "unit": "family",
        "activity_types": old["activity_types"],
        "first_year": old["first_year"],
        "last_year": old["last_year"],
        "comparison_year": old["comparison_year"],
        "youngest": old.get("youngest", 0),
        "oldest": old.get("oldest", 6),
        "areas": "plans",  # the only one there was, called "reporting"
        "exclusion": "window" if since is None else "since",
        "excluded_from": since,
    }


def convert(apps, schema_editor):
    found = apps.get_model("exports", "Delivery").objects.filter(kind="comparison").only("definition")
    for delivery in found.iterator():
        kept = delivery.definition
        new = of_today(kept.get("definition", {}))
        if new is not kept.get("definition"):
            delivery.definition = kept | {"definition": new}
            delivery.save(update_fields=["definition"])


class Migration(migrations.Migration):
    dependencies = [("exports", "0007_another_group")]
    operations = [migrations.RunPython(convert, migrations.RunPython.noop)]
