"""An invitation opens one account, once, for some days, for its owner; and no other way leads to an account."""

import io
import logging
from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.actions.closing import close_account
from accounts.actions.invitations import (
    LASTS,
    InvitationOver,
    MayNotInvite,
    accept,
    hash_of,
    invite,
    invite_again,
    is_taken,
    open_invitations,
)  # fmt: skip
from accounts.models import Invitation, User
from accounts.permissions import INVITES, Role
from audit.models import Event
from collection.actions.staff import invite_colleague
from config.logs import QuietHandler
from exports.actions.leaving import leave
from tests.factories.cast import PASSWORD, make_plan, make_user

pytestmark = pytest.mark.django_db
ACCEPT = reverse("accounts:accept")
CHOSEN = {"new_password1": PASSWORD, "new_password2": PASSWORD}


@pytest.fixture
def inviter():
    return make_user(Role.COORDINATOR, make_plan())


@pytest.fixture
def invited(inviter):
    """The account and the link's address."""
    user, secret = invite(by=inviter, username="ny", full_name="Ny Kollega", role=Role.STAFF)
    return user, reverse("accounts:invitation", args=[secret])


def test_the_link_leads_to_choosing_a_password_and_then_works_no_more(client, invited):
    user, link = invited
    page = client.get(link, follow=True)
    assert page.redirect_chain == [(ACCEPT, 302)]  # the secret stays in no address that the browser keeps
    assert "Ny Kollega" in page.content.decode()
    assert "no-store" in page["Cache-Control"]
    answer = client.post(ACCEPT, CHOSEN)
    assert answer.status_code == 302
    user.refresh_from_db()
    assert user.check_password(PASSWORD)
    assert not Invitation.objects.filter(user=user).exists()
    for stale in (client.get(link), client.get(ACCEPT), client.post(ACCEPT, CHOSEN), Client().get(link)):
        assert stale.status_code == 404
    assert list(Event.objects.filter(object_id=str(user.pk)).values_list("action", flat=True).order_by("sequence")) == [
        "user.created", "invitation.issued", "invitation.accepted"
    ]  # fmt: skip


def test_looking_at_the_link_does_not_use_it_up(client, invited):
    """Mail and chat programs look at links."""
    _, link = invited
    for _ in range(3):
        assert Client().get(link).status_code == 302
    assert Client().head(link).status_code == 405
    assert client.get(link, follow=True).status_code == 200


def test_a_link_ends_with_its_days_with_the_next_link_and_with_the_account(client, inviter, invited):
    user, first = invited
    second = reverse("accounts:invitation", args=[invite_again(by=inviter, user=user)])
    assert client.get(first).status_code == 404
    assert client.get(second).status_code == 302
    User.objects.filter(pk=user.pk).update(is_active=False)
    assert client.get(second).status_code == 404
    User.objects.filter(pk=user.pk).update(is_active=True)
    Invitation.objects.filter(user=user).update(expires_at=timezone.now())
    assert client.get(second).status_code == 404
    assert client.post(ACCEPT, CHOSEN).status_code == 404
    third = reverse("accounts:invitation", args=[invite_again(by=inviter, user=user)])
    close_account(by=inviter, user=user)
    assert client.get(third).status_code == 404
    user.refresh_from_db()
    assert not user.has_usable_password()


def test_a_link_lasts_a_week(invited):
    user, _ = invited
    assert timedelta() < timezone.now() + LASTS - user.invitation.expires_at < timedelta(minutes=1)
    assert LASTS.days == 7


def test_of_two_links_open_in_two_browsers_only_the_newer_one_works(inviter, invited):
    user, first = invited
    early, late = Client(), Client()
    early.get(first)
    late.get(reverse("accounts:invitation", args=[invite_again(by=inviter, user=user)]))
    assert early.post(ACCEPT, CHOSEN).status_code == 404
    assert late.post(ACCEPT, CHOSEN).status_code == 302


def test_an_invitation_that_was_read_before_it_was_used_is_over(inviter, invited):
    user, _ = invited
    stale = Invitation.objects.select_related("user").get(user=user)
    invite_again(by=inviter, user=user)
    with pytest.raises(InvitationOver):
        accept(invitation=stale, password=PASSWORD)
    stale = Invitation.objects.select_related("user").get(user=user)
    accept(invitation=Invitation.objects.get(pk=stale.pk), password=PASSWORD)
    with pytest.raises(InvitationOver):
        accept(invitation=stale, password="et helt andet kodeord 7")
    user.refresh_from_db()
    assert user.check_password(PASSWORD)


@pytest.mark.parametrize("password", ["", "kort", "password1234", "x" * 11])
def test_a_weak_password_is_refused_and_the_link_goes_on_working(client, invited, password):
    user, link = invited
    client.get(link)
    answer = client.post(ACCEPT, {"new_password1": password, "new_password2": password})
    assert answer.status_code == 200
    assert answer.context["form"].errors
    assert client.post(ACCEPT, CHOSEN).status_code == 302


def test_whoever_is_signed_in_in_the_browser_is_signed_out_and_the_session_gets_a_new_key(client, inviter, invited):
    _, link = invited
    client.force_login(inviter)
    before = client.session.session_key
    client.get(link)
    client.post(ACCEPT, CHOSEN)
    assert SESSION_KEY not in client.session
    assert not Session.objects.filter(session_key=before).exists()


@pytest.mark.parametrize("secret", ["x", "A" * 43, "../", "%00"])
def test_a_made_up_link_tells_nothing(client, secret):
    assert client.get(f"/invitation/{secret}/").status_code == 404


def test_the_secret_is_kept_nowhere(client, invited):
    handler = next(each for each in logging.getLogger().handlers if isinstance(each, QuietHandler))
    written = io.StringIO()
    before = handler.setStream(written)
    user, link = invited
    secret = link.rstrip("/").rpartition("/")[2]
    page = client.get(link, follow=True)
    client.get(link.rstrip("/"))
    logging.getLogger("django.request").error("%s: %s", "Internal Server Error", link)
    handler.setStream(before)
    assert written.getvalue().count("/invitation/(hidden)/") == 2, "the request, and what Django says of a failure"
    kept = [str(row) for model in (User, Invitation, Event) for row in model.objects.values()]
    kept += [str(session.get_decoded()) for session in Session.objects.all()]
    assert not any(secret in text for text in [*kept, written.getvalue(), page.content.decode()])


def test_each_role_invites_only_whom_it_may():
    for inviter_role in Role:
        inviter = make_user(inviter_role)
        for role in Role:
            name = f"{inviter_role}-{role}"
            if role in INVITES.get(inviter_role, ()):
                assert invite(by=inviter, username=name, full_name="Ny", role=role)[0].role == role
            else:
                with pytest.raises(MayNotInvite):
                    invite(by=inviter, username=name, full_name="Ny", role=role)


def test_a_new_link_ends_the_sessions_the_password_and_the_second_factor_of_an_account_in_use(client, inviter):
    user = make_user(Role.STAFF)
    client.force_login(user)
    kept = Session.objects.filter(session_key=client.session.session_key)
    Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data={})
    User.objects.filter(pk=user.pk).update(oidc_subject="5f1c-employee")
    assert kept.exists()
    invite_again(by=inviter, user=user)
    assert not kept.exists()
    assert not Authenticator.objects.filter(user=user).exists()
    assert client.get(reverse("collection:activities")).status_code == 302
    user.refresh_from_db()
    assert not user.has_usable_password()
    assert user.oidc_subject is None


def test_nobody_gives_themselves_a_new_link_nor_opens_a_closed_account(inviter):
    with pytest.raises(MayNotInvite):
        invite_again(by=inviter, user=inviter)
    user = make_user(Role.STAFF)
    close_account(by=inviter, user=user)
    with pytest.raises(MayNotInvite):
        invite_again(by=inviter, user=user)


def test_who_comes_back_is_the_same_in_the_log_and_has_nothing_of_what_they_had(inviter):
    plan = inviter.plans.get()
    user = make_user(Role.STAFF, make_plan(), username="kim", name="Kim Ko")
    named = {"username": "kim", "full_name": "Kim Ko", "role": Role.STAFF}
    assert is_taken(**named)  # while the account is open
    leave(by=None, user=user, successors={})
    for other in ({"full_name": "Kim Bo"}, {"role": Role.COORDINATOR}):  # somebody else by the same user name
        assert is_taken(**named | other)
    back, secret = invite_colleague(by=inviter, plans=[plan], **named)
    assert back == user
    assert not back.has_usable_password()
    assert list(back.plans.all()) == [plan]
    assert open_invitations().get(user=user).secret_hash == hash_of(secret)
    told = Event.objects.filter(object_id=str(user.pk)).order_by("-sequence").values_list("action", flat=True)
    assert set(told[:3]) == {"member.added", "invitation.issued", "user.reopened"}
