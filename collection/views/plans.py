"""A plan's contact."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.access import FORM, requires
from accounts.permissions import Permission
from collection.actions.plans import save_contact
from collection.forms import ContactForm
from collection.policies import plan_or_404


@requires(Permission.MANAGE_ACTIVITIES, FORM)
def contact(request: HttpRequest, pk: UUID) -> HttpResponse:
    plan = plan_or_404(request.user, pk)
    form = ContactForm(request.POST or None, instance=plan, cancel=reverse("collection:activities"))
    if form.is_valid():
        save_contact(by=request.user, plan=plan, **form.cleaned_data)
        messages.success(request, _("Kontakten er gemt. Den står på de blanketter, I udskriver fra nu af."))
        return redirect("collection:activities")
    return render(request, "collection/contact.html", {"form": form, "plan": plan})
