"""How far a job is, for the part that asks every second and for the page that has it."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from exports import wording
from exports.models import Job
from exports.queries import worker_is_there

OPEN = (Job.State.QUEUED, Job.State.RUNNING)


def open_job(jobs) -> Job | None:
    """The newest job, if it is still to be done. `jobs`: related manager of a delivery or an extract."""
    job = jobs.order_by("-queued_at").first()
    return job if job is not None and job.state in OPEN else None


def progress_of(job: Job, *, url: str, page: str) -> dict:
    """The parameter of parts/progress.html. `url` answers with the part again, `page` is the whole page."""
    return {
        "label": wording.JOBS[job.kind],
        "text": _text(job),
        "share": job.done / job.total if job.state == Job.State.RUNNING and job.total else None,
        "done": False,
        "url": url,
        "page": page,
    }


def answer(request: HttpRequest, job: Job | None, *, url: str, page: str) -> HttpResponse:
    """The part; with the job done, the page is loaded afresh to show the result."""
    if not request.htmx:  # type: ignore[attr-defined]
        return redirect(page)
    if job is None:
        return HttpResponse(headers={"HX-Refresh": "true"})
    return render(request, "parts/progress.html", {"progress": progress_of(job, url=url, page=page)})


def _text(job: Job) -> str:
    now = timezone.now()
    if job.state == Job.State.RUNNING and job.lease_until and job.lease_until < now:
        return _("Arbejdet blev afbrudt. Det begynder forfra af sig selv.")
    if job.state == Job.State.RUNNING:
        step = str(wording.STEPS.get(job.step, _("Arbejder")))
        if not job.total:
            return f"{step}."
        counts = {"done": _whole(job.done), "total": _whole(job.total)}
        return f"{step}: " + _("%(done)s af %(total)s") % counts
    if not worker_is_there():
        return _(
            "Bestillingen er gemt og venter. Den tjeneste, der udfører arbejdet, svarer ikke lige nu. Arbejdet "
            "begynder af sig selv, når tjenesten er tilbage, og du kan trygt lukke siden."
        )
    return _("Bestillingen er gemt og venter på, at det bliver dens tur. Du kan trygt lukke siden.")


def _whole(value: int) -> str:
    return number_format(value, 0, force_grouping=True)
