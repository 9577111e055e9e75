from collection.actions.load import load_activities
from collection.management.loading import LoadCommand


class Command(LoadCommand):
    help = "Adds or updates activities from a CSV file, all rows or none. Columns: docs/operations.md."
    action = staticmethod(load_activities)
    things = "activities"
