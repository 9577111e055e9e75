"""Consent rates: the plans of one's own or all of them, and one plan by activity and year."""

import csv
from collections.abc import Iterable
from datetime import date
from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.access import requires
from accounts.permissions import Permission
from collection.models import Activity, Plan
from collection.policies import plan_or_404, plans_of
from consent.rates import Key, Rate, activity_rates, plan_rates, together, years_to_choose

PAGE_SIZE = 25


class YearFilter(forms.Form):
    """Which year is looked at."""

    year = forms.TypedChoiceField(label=gettext_lazy("År"), coerce=int)

    def __init__(self, *args: Any, years: list[int], **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["year"].choices = [(year, str(year)) for year in years]  # type: ignore[attr-defined]


class OverviewFilter(YearFilter):
    """Which plans are looked at, and which first."""

    ORDERS = [("name", gettext_lazy("Navn")), ("rate", gettext_lazy("Laveste andel"))]

    q = forms.CharField(label=gettext_lazy("Søg efter plan"), required=False, max_length=100)
    order = forms.ChoiceField(label=gettext_lazy("Vis først"), required=False, choices=ORDERS)


@requires(Permission.SEE_RATES)
def rates(request: HttpRequest) -> HttpResponse:
    """All plans in one year. Who has one plan goes straight to it."""
    plans = list(plans_of(request.user))
    if len(plans) == 1:
        return redirect("consent:rates_plan", plans[0].pk)
    scope = plans_of(request.user)
    years, latest = years_to_choose(scope, date.today())
    form = OverviewFilter({"year": latest, **request.GET.dict()}, years=years)
    if not form.is_valid():
        form = OverviewFilter({"year": latest}, years=years)
        form.is_valid()
    year, wanted = form.cleaned_data["year"], form.cleaned_data["q"].casefold()
    found = plan_rates(scope, [year])
    rows = [{"plan": plan, "rate": found.get((plan.pk, year))} for plan in plans if wanted in plan.name.casefold()]
    if form.cleaned_data["order"] == "rate":
        rows.sort(key=_lowest_first)
    return render(
        request,
        "consent/rates.html",
        {
            "page": Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page")),
            "year": year,
            "total": None if wanted else together(found.values()),
            "filter": form,
            "filtered": bool(wanted),
        },
    )


@requires(Permission.SEE_RATES)
def rates_plan(request: HttpRequest, pk) -> HttpResponse:
    """One plan: its activities in one year, and each of them year by year. `?format=csv` downloads all years."""
    plan = plan_or_404(request.user, pk)
    activities = Activity.objects.filter(plan=plan).order_by("name", "pk")
    of_activity = activity_rates(activities)
    if request.GET.get("format") == "csv":
        return _download(plan, activities, of_activity)
    of_plan = {of: rate for (_, of), rate in plan_rates([plan]).items()}
    shown = sorted(of for of, rate in of_plan.items() if rate.estimate is not None)
    years, latest = sorted(of_plan, reverse=True), max(shown, default=date.today().year)
    form = YearFilter({"year": request.GET.get("year", latest)}, years=years)
    year = form.cleaned_data["year"] if form.is_valid() else latest
    rows: list[dict[str, Any]] = [
        {"activity": one, "rate": rate} for one in activities if (rate := of_activity.get((one.pk, year)))
    ]
    return render(
        request,
        "consent/rates_plan.html",
        {
            "plan": plan,
            "year": year,
            "filter": YearFilter({"year": year}, years=years),
            "rows": rows,
            "total": of_plan.get(year, Rate()),
            "over": [row for row in rows if row["rate"].over],
            "years": shown,
            "matrix": [
                {"activity": one, "rates": [(of, of_activity.get((one.pk, of))) for of in shown]} for one in activities
            ],
            "totals": [(of, of_plan[of]) for of in shown],
            "several": plans_of(request.user)[:2].count() > 1,
            "may_estimate": request.user.can(Permission.GIVE_ESTIMATE),  # type: ignore[union-attr]
        },
    )


def _lowest_first(row: dict) -> tuple[bool, float]:
    """Plans without a rate come last: there is nothing to compare."""
    share = row["rate"].share if row["rate"] else None
    return (share is None, share or 0.0)


def _download(plan: Plan, activities: Iterable[Activity], rates: dict[Key, Rate]) -> HttpResponse:
    """The table of all years as CSV that Danish Excel opens: UTF-8 with a byte order mark, semicolons."""
    response = HttpResponse("\ufeff", content_type="text/csv; charset=utf-8")
    name = f"samtykke-{slugify(plan.lbf_number)}.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    writer = csv.writer(response, delimiter=";")
    writer.writerow(
        [_("Aktivitet"), _("År"), _("Med samtykke"), _("Skøn"), _("Trukket tilbage"), _("Sagde nej")]
        + [_("Ikke spurgt"), _("Ikke truffet")]
    )
    for activity in activities:
        # a name that begins as a formula would be run by a spreadsheet
        safe = f"'{activity.name}" if activity.name[:1] in "=+-@\t\r" else activity.name
        for year, rate in sorted((of, rate) for (pk, of), rate in rates.items() if pk == activity.pk):
            numbers = [rate.consented, rate.estimate, rate.withdrawn, rate.refused, rate.not_asked, rate.not_reached]
            writer.writerow([safe, year, *numbers])
    return response
