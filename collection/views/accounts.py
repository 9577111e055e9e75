"""All accounts, for data controllers."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from accounts.access import FORM, requires
from accounts.confirming import ask_first
from accounts.permissions import Permission
from accounts.step_up import ConfirmForm
from collection import queries
from collection.actions.staff import invite_colleague
from collection.forms import AccountFilter, InvitationForm
from collection.policies import plans_of
from collection.views.staff import LEADS_TO_LINK, show_link

PAGE_SIZE = 50


@requires(Permission.MANAGE_ACCOUNTS)
def accounts(request: HttpRequest) -> HttpResponse:
    form = AccountFilter(request.GET)
    wanted = form.cleaned_data if form.is_valid() else {}
    found = queries.accounts(
        state=wanted.get("state", ""), role=wanted.get("role", ""), text=wanted.get("q", "").strip()
    )
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {"page": page, "filter": form, "filtered": any(wanted.values())}
    return render(request, "collection/accounts.html", context)


@never_cache
@requires(Permission.MANAGE_ACCOUNTS, FORM)
def account_new(request: HttpRequest) -> HttpResponse:
    back = reverse("collection:accounts")
    plans = plans_of(request.user)
    form = InvitationForm(request.POST or None, by=request.user, cancel=back, plans=plans)  # type: ignore[arg-type]
    if not form.is_valid():
        return render(request, "collection/account_new.html", {"form": form, "back": back})
    confirm = ConfirmForm(request)
    if not confirm.is_valid():
        return ask_first(request, confirm, lead=str(LEADS_TO_LINK), back=back, label=_("Konti"))
    plan = form.cleaned_data.pop("plan")
    user, secret = invite_colleague(by=request.user, plans=[plan] if plan else [], **form.cleaned_data)
    return show_link(request, user, secret, back)
