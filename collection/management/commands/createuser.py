from django.core.management.base import BaseCommand, CommandError

from accounts.actions.invitations import is_taken
from accounts.management.links import add_site_argument, link_to
from accounts.permissions import WORK_IN_PLANS, Role
from collection.actions.staff import invite_colleague
from collection.models import Plan


class Command(BaseCommand):
    help = (
        "Makes an account for a coordinator, a member of staff or an evaluator, and shows the link that opens it once."
    )

    def add_arguments(self, parser):
        parser.add_argument("username")
        parser.add_argument("--name", required=True, help="full name")
        parser.add_argument("--role", required=True, choices=[*WORK_IN_PLANS, Role.EVALUATOR])
        parser.add_argument(
            "--plan", action="append", default=[], metavar="LBF_NUMBER", help="a plan to work in; may be repeated"
        )
        add_site_argument(parser)

    def handle(self, *args, username: str, name: str, role: str, plan: list[str], site: str, **options):
        if is_taken(username=username, full_name=name, role=Role(role)):
            raise CommandError(f"There is a user called {username} already.")
        if (role in WORK_IN_PLANS) != bool(plan):
            raise CommandError("Staff and coordinators work in a plan (--plan); evaluators do not.")
        plans = {one.lbf_number: one for one in Plan.objects.filter(lbf_number__in=plan)}
        if unknown := sorted(set(plan) - plans.keys()):
            raise CommandError(f"There is no plan {', '.join(unknown)}.")
        user, secret = invite_colleague(
            by=None, username=username, full_name=name, role=Role(role), plans=plans.values()
        )
        self.stdout.write(link_to(user, secret, site))
