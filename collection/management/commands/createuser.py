from django.core.management.base import BaseCommand, CommandError

from accounts.models import User
from accounts.passwords import generate_password
from accounts.permissions import Role
from collection.actions.staff import create_account
from collection.models import Plan

OF_A_PLAN = (Role.STAFF, Role.COORDINATOR)


class Command(BaseCommand):
    help = "Makes an account for a coordinator, a member of staff or an evaluator, and shows its password once."

    def add_arguments(self, parser):
        parser.add_argument("username")
        parser.add_argument("--name", required=True, help="full name")
        parser.add_argument("--role", required=True, choices=[*OF_A_PLAN, Role.EVALUATOR])
        parser.add_argument(
            "--plan", action="append", default=[], metavar="LBF_NUMBER", help="a plan to work in; may be repeated"
        )

    def handle(self, *args, username: str, name: str, role: str, plan: list[str], **options):
        if User.objects.filter(username=username).exists():
            raise CommandError(f"There is a user called {username} already.")
        if (role in OF_A_PLAN) != bool(plan):
            raise CommandError("Staff and coordinators work in a plan (--plan); evaluators do not.")
        plans = {one.lbf_number: one for one in Plan.objects.filter(lbf_number__in=plan)}
        if unknown := sorted(set(plan) - plans.keys()):
            raise CommandError(f"There is no plan {', '.join(unknown)}.")
        password = generate_password()
        create_account(
            by=None, username=username, full_name=name, role=Role(role), password=password, plans=plans.values()
        )
        self.stdout.write(f"{username} can sign in with the password {password}\nIt is not shown again.")
