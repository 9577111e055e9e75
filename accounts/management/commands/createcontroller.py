from django.core.management.base import BaseCommand, CommandError

from accounts.actions.invitations import invite, invite_again, is_taken
from accounts.management.links import add_site_argument, link_to
from accounts.models import User
from accounts.permissions import Role


class Command(BaseCommand):
    help = (
        "Makes a data controller's account, the first of a real installation, and shows the link that opens it once. "
        "With --again, a new link for one who has lost password or second factor."
    )

    def add_arguments(self, parser):
        parser.add_argument("username")
        given = parser.add_mutually_exclusive_group(required=True)
        given.add_argument("--name", default="", help="full name of a new data controller, or of one who comes back")
        given.add_argument(
            "--again",
            action="store_true",
            help="a new link to an account that exists: its password, second factors and sessions end at once",
        )
        add_site_argument(parser)

    def handle(self, *args, username: str, name: str, again: bool, site: str, **options):
        if again:
            user = User.objects.filter(username=username, role=Role.CONTROLLER, is_active=True).first()
            if user is None:
                raise CommandError(f"No data controller who has access is called {username}.")
            secret = invite_again(by=None, user=user)
        else:
            if is_taken(username=username, full_name=name, role=Role.CONTROLLER):
                raise CommandError(f"There is a user called {username} already. For a new link, say --again.")
            user, secret = invite(by=None, username=username, full_name=name, role=Role.CONTROLLER)
        self.stdout.write(link_to(user, secret, site))
