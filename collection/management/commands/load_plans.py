from collection.actions.load import load_plans
from collection.management.loading import LoadCommand


class Command(LoadCommand):
    help = "Adds or updates plans from a CSV file, all rows or none. Columns: docs/operations.md."
    action = staticmethod(load_plans)
    things = "plans"
