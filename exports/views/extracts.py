"""Resident lists: what is loaded, loading one, deleting one."""

from datetime import date
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from accounts.access import FORM, requires
from accounts.permissions import Permission
from exports import wording
from exports.actions.extracts import delete_now, load_extract
from exports.forms.extracts import ExtractForm
from exports.models import Delivery, Job, RegisterExtract, State
from exports.uploads import SealingUploadHandler
from exports.views.progress import answer, open_job, progress_of

PAGE_SIZE = 25


@requires(Permission.LOAD_REGISTER)
def extracts(request: HttpRequest) -> HttpResponse:
    found = RegisterExtract.objects.select_related("loaded_by").defer("run_key", "problems")
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    return render(request, "exports/extracts.html", {"page": page, "rows": [_row(each) for each in page.object_list]})


@csrf_exempt  # for the moment only: the inner view checks, once the upload handler is in place
@requires(Permission.LOAD_REGISTER, FORM)
def extract_new(request: HttpRequest) -> HttpResponse:
    """The handler must be set before anything reads the form, and the check of the CSRF token reads it."""
    upload = SealingUploadHandler()
    request.upload_handlers = [upload]
    try:
        return _extract_new(request, upload)
    finally:
        upload.discard()


@csrf_protect
def _extract_new(request: HttpRequest, upload: SealingUploadHandler) -> HttpResponse:
    data, files = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    cancel = reverse("exports:extracts")
    form = ExtractForm(data, files, today=date.today(), problem=upload.problem, cancel=cancel)
    if form.is_valid():
        extract = load_extract(
            by=request.user,
            extract_id=upload.owner_id,
            name=form.cleaned_data["name"],
            delete_on=form.cleaned_data["delete_on"],
        )
        messages.success(request, _("Filen er modtaget og krypteret. Nu bliver listen læst og kontrolleret."))
        return redirect("exports:extract", extract.pk)
    context = {
        "form": form,
        "columns": wording.PERSON_COLUMNS,
        "places": wording.PLACE_COLUMNS,
        "sample": wording.SAMPLE,
    }
    return render(request, "exports/extract_new.html", context)


@requires(Permission.LOAD_REGISTER)
def extract(request: HttpRequest, pk: UUID) -> HttpResponse:
    extract = _extract_or_404(pk)
    job = extract.jobs.order_by("-queued_at").first()
    going = job if job is not None and job.state in (Job.State.QUEUED, Job.State.RUNNING) else None
    failed = job is not None and job.state == Job.State.FAILED and extract.state == RegisterExtract.State.WAITING
    context = _row(extract) | {
        "progress": progress_of(going, **_addresses(extract)) if going else None,
        "failure": wording.failure(job.problem) if failed and job else "",
        "deleted": extract.state == RegisterExtract.State.DELETED,
        "refused": extract.state == RegisterExtract.State.REFUSED,
        "ready": extract.state == RegisterExtract.State.READY,
    }
    return render(request, "exports/extract.html", context)


@requires(Permission.LOAD_REGISTER)
def extract_progress(request: HttpRequest, pk: UUID) -> HttpResponse:
    extract = _extract_or_404(pk)
    return answer(request, open_job(extract.jobs), **_addresses(extract))


@requires(Permission.LOAD_REGISTER, FORM)
def extract_delete(request: HttpRequest, pk: UUID) -> HttpResponse:
    extract = _extract_or_404(pk)
    if extract.state == RegisterExtract.State.DELETED:
        raise Http404
    if request.method == "POST":
        delete_now(by=request.user, extract=extract)
        messages.success(request, _("Beboerlisten %(name)s er slettet.") % {"name": extract.name})
        return redirect("exports:extracts")
    waiting = Delivery.objects.filter(
        kind=Delivery.Kind.COMPARISON,
        state__in=[State.REQUESTED, State.PREPARED, State.APPROVED],
        definition__extract=str(extract.pk),
    )
    return render(request, "exports/extract_delete.html", {"extract": extract, "waiting": waiting.count()})


def _extract_or_404(pk: UUID) -> RegisterExtract:
    return get_object_or_404(RegisterExtract.objects.select_related("loaded_by"), pk=pk)


def _addresses(extract: RegisterExtract) -> dict[str, str]:
    return {
        "url": reverse("exports:extract_progress", args=[extract.pk]),
        "page": reverse("exports:extract", args=[extract.pk]),
    }


def _row(extract: RegisterExtract) -> dict:
    return {
        "extract": extract,
        "tag": wording.EXTRACT_TAGS[RegisterExtract.State(extract.state)],
        "years": wording.year_list(extract.years),
    }
