from collection.actions.load import load_departments
from collection.management.loading import LoadCommand


class Command(LoadCommand):
    help = "Adds or updates departments from a CSV file, all rows or none. Columns: docs/operations.md."
    action = staticmethod(load_departments)
    things = "departments"
