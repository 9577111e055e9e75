import getpass
import os

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from accounts.models import User
from accounts.permissions import Role
from audit.recording import audited


class Command(BaseCommand):
    help = "Makes a data controller's account, the first of a real installation. Asks for the password."

    def add_arguments(self, parser):
        parser.add_argument("username")
        parser.add_argument("--name", required=True, help="full name")

    def handle(self, *args, username: str, name: str, **options):
        if User.objects.filter(username=username).exists():
            raise CommandError(f"There is a user called {username} already.")
        # CONTROLLER_PASSWORD is for scripted installations; a command-line flag would be seen in process lists
        password = os.environ.get("CONTROLLER_PASSWORD") or getpass.getpass("Password: ")
        user = User(username=username, full_name=name, role=Role.CONTROLLER)
        try:
            validate_password(password, user)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from None
        with audited(by=None) as log:
            user = User.objects.create_user(username, role=Role.CONTROLLER, full_name=name, password=password)
            log("user.created", user, role=Role.CONTROLLER.value)
        self.stdout.write(f"{username} can sign in as data controller.")
