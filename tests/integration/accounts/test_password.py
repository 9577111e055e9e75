"""Everybody changes their own password; nobody else's."""

import pytest
from django.urls import reverse

from audit.models import Event
from tests.factories.cast import PASSWORD, make_user

pytestmark = pytest.mark.django_db
NEW = "en helt ny og lang sætning"


def change(client, old=PASSWORD, new=NEW, again=NEW):
    return client.post(reverse("account_change_password"), {"oldpassword": old, "password1": new, "password2": again})


def test_a_new_password_replaces_the_old_one_and_is_recorded(client):
    user = make_user()
    client.force_login(user)
    assert change(client).status_code == 302
    user.refresh_from_db()
    assert user.check_password(NEW)
    assert Event.objects.filter(action="password.changed", actor=str(user.pk)).count() == 1


@pytest.mark.parametrize(
    "wrong", [{"old": "forkert"}, {"new": "kort", "again": "kort"}, {"again": "noget andet end det"}]
)
def test_a_wrong_form_changes_nothing(client, wrong):
    user = make_user()
    client.force_login(user)
    assert change(client, **wrong).status_code == 200
    user.refresh_from_db()
    assert user.check_password(PASSWORD)
    assert not Event.objects.filter(action="password.changed").exists()


def test_nobody_changes_a_password_without_signing_in(client):
    assert change(client)["Location"].startswith(reverse("account_login"))
