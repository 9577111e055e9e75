from django.core.management.base import BaseCommand, CommandError

from accounts.actions.invitations import invite
from accounts.management.links import add_site_argument, link_to
from accounts.models import User
from accounts.permissions import Role


class Command(BaseCommand):
    help = "Makes a data controller's account, the first of a real installation, and shows the link that opens it once."

    def add_arguments(self, parser):
        parser.add_argument("username")
        parser.add_argument("--name", required=True, help="full name")
        add_site_argument(parser)

    def handle(self, *args, username: str, name: str, site: str, **options):
        if User.objects.filter(username=username).exists():
            raise CommandError(f"There is a user called {username} already.")
        user, secret = invite(by=None, username=username, full_name=name, role=Role.CONTROLLER)
        self.stdout.write(link_to(user, secret, site))
