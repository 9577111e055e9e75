"""Consent rates: all plans of one's own, or one plan; in a year or in all; and from year to year."""

import csv
from collections.abc import Iterable, Sequence
from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.text import slugify
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.access import requires
from accounts.permissions import Permission
from audit.tables import no_formula
from collection.models import Plan
from collection.policies import plan_or_404, plans_of
from consent.actions.rates import take_rates
from consent.charts import Chart, Point, chart
from consent.masking import Figures
from consent.months import decisions_of, month_ends, valid_on, year_ends
from consent.tables import (
    ACTIVITY,
    HEADINGS,
    PLAN,
    TYPE,
    Line,
    Sheet,
    figure_text,
    file_headings,
    file_row,
    funnel,
    sheet,
)
from consent.views import SignedInRequest

PAGE_SIZE, CHARTS = 25, 24
ALL_YEARS = "alle"


class YearFilter(forms.Form):
    """Which year, and what the table is of."""

    ORDERS = [
        ("", gettext_lazy("Navn")),
        ("rate", gettext_lazy("Laveste andel")),
        ("marks", gettext_lazy("Skøn, der skal ses efter")),
    ]

    year = forms.ChoiceField(label=gettext_lazy("År"))
    by = forms.ChoiceField(label=gettext_lazy("Vis efter"))
    order = forms.ChoiceField(label=gettext_lazy("Vis først"), required=False, choices=ORDERS)

    def __init__(self, data: dict, *, years: list[int], groups: Sequence[str]):
        whole = [(str(year), str(year)) for year in years] + [(ALL_YEARS, _("Alle år"))]
        super().__init__(data)
        self.fields["year"].choices = whole  # type: ignore[attr-defined]
        self.fields["by"].choices = [(by, HEADINGS[by]) for by in groups]  # type: ignore[attr-defined]


class SearchFilter(YearFilter):
    """The same with a word to look for, where there are many rows."""

    q = forms.CharField(label=gettext_lazy("Søg"), required=False, max_length=100)
    field_order = ["q", "year", "by", "order"]


@requires(Permission.SEE_RATES)
def rates(request: SignedInRequest) -> HttpResponse:
    """All plans. Who has one plan goes straight to it."""
    return _only_plan(request, "consent:rates_plan") or _rates(request, None, [PLAN, TYPE, ACTIVITY])


@requires(Permission.SEE_RATES)
def rates_plan(request: SignedInRequest, pk) -> HttpResponse:
    return _rates(request, plan_or_404(request.user, pk), [ACTIVITY, TYPE])


@requires(Permission.SEE_RATES)
def trend(request: SignedInRequest) -> HttpResponse:
    """All plans from year to year."""
    return _only_plan(request, "consent:trend_plan") or _trend(request, None, [PLAN, TYPE])


@requires(Permission.SEE_RATES)
def trend_plan(request: SignedInRequest, pk) -> HttpResponse:
    return _trend(request, plan_or_404(request.user, pk), [ACTIVITY, TYPE])


def _only_plan(request: SignedInRequest, name: str) -> HttpResponse | None:
    plans = list(plans_of(request.user)[:2])
    return redirect(name, plans[0].pk) if len(plans) == 1 else None


def _sheet(request: SignedInRequest, plan: Plan | None) -> Sheet:
    """Who sees the rates of all plans is a member of none: the counts are masked, by those of all plans."""
    masked = request.user.can(Permission.SEE_ALL_RATES)
    if plan and not masked:
        return sheet(Plan.objects.filter(pk=plan.pk), masked=False)
    return sheet(plans_of(request.user), masked=masked, only=plan)


def _rates(request: SignedInRequest, plan: Plan | None, groups: Sequence[str]) -> HttpResponse:
    """A table of rates in a year, the funnel above it. `?format=csv` downloads all rows of the table."""
    numbers = _sheet(request, plan)
    years = numbers.years
    latest = max(numbers.estimated_years, default=max(years, default=None))
    first = {"year": str(latest or ALL_YEARS), "by": groups[0]}
    kind = YearFilter if plan else SearchFilter
    form = kind({**first, **request.GET.dict()}, years=years, groups=groups)
    if not form.is_valid():
        form = kind(first, years=years, groups=groups)
        form.is_valid()
    wanted = form.cleaned_data
    year = None if wanted["year"] == ALL_YEARS else int(wanted["year"])
    by, word = wanted["by"], wanted.get("q", "").casefold()
    lines = [one for one in numbers.lines(by, year) if word in f"{one.name} {one.plan}".casefold()]
    lines.sort(key=_ORDERS[wanted["order"]])
    if request.GET.get("format") == "csv":
        rows = [(one, year or _("Alle år"), one.figures) for one in lines if one.figures]
        return _download(request, plan, f"{by}-{wanted['year']}", by, rows)
    page = Paginator(lines, PAGE_SIZE).get_page(request.GET.get("page"))
    for line in page:
        _link(request, line, by, year)
    total = numbers.total(year)
    months = _months(plan, year) if plan and not numbers.masked else []
    return render(
        request,
        "consent/rates.html",
        {
            **_frame(request, plan, numbers),
            "page": page,
            "year": year,
            "by": by,
            "heading": HEADINGS[by],
            "single": by == ACTIVITY and year is not None,
            "total": None if word else total,
            "whole": total,
            "steps": funnel(total),
            "filter": form,
            "filtered": bool(word),
            "order": wanted["order"],
            "months": months,
            "months_chart": _months_chart(months),
        },
    )


def _trend(request: SignedInRequest, plan: Plan | None, groups: Sequence[str]) -> HttpResponse:
    """Year by year: everything together, and a small chart for each plan, type or activity on one scale.

    `?format=csv` downloads all rows of the small charts' table, with `&table=years` those of the whole.
    """
    numbers = _sheet(request, plan)
    by = request.GET.get("by") if request.GET.get("by") in groups else groups[0]
    assert by is not None
    years = numbers.estimated_years
    whole = [(year, numbers.total(year)) for year in years]
    if request.GET.get("format") == "csv" and request.GET.get("table") == "years":
        name = plan.name if plan else _("Alle planer")
        return _download(
            request, plan, "years", PLAN, [(Line(PLAN, name, None), year, figures) for year, figures in whole]
        )
    found = numbers.by_year(by)
    if request.GET.get("format") == "csv":
        rows = [(line, year, one[year]) for line, one in found for year in sorted(one)]
        return _download(request, plan, f"{by}-years", by, rows)
    page = Paginator(found, CHARTS).get_page(request.GET.get("page"))
    return render(
        request,
        "consent/rates_trend.html",
        {
            **_frame(request, plan, numbers),
            "page": page,
            "by": by,
            "groups": [(one, HEADINGS[one]) for one in groups],
            "heading": HEADINGS[by],
            "years": years,
            "whole": whole,
            "chart": _rates_chart(years, dict(whole), width=480),
            "lines": [
                (line, _rates_chart(years, one), [(year, one.get(year)) for year in years]) for line, one in page
            ],
        },
    )


def _frame(request: SignedInRequest, plan: Plan | None, numbers: Sheet) -> dict[str, Any]:
    """What both pages have."""
    arguments, end = ([plan.pk], "_plan") if plan else ([], "")
    return {
        "plan": plan,
        "several": plan is None or plans_of(request.user)[:2].count() > 1,
        "masked": numbers.masked,
        "any": bool(numbers.cells),
        "in_a_year": reverse(f"consent:rates{end}", args=arguments),
        "trend": reverse(f"consent:trend{end}", args=arguments),
    }


def _link(request: SignedInRequest, line: Line, by: str, year: int | None) -> None:
    """Where a row leads, and where its estimates are mended, for who may."""
    query = f"?year={year or ALL_YEARS}"
    marks = line.figures.marks if line.figures else 0
    if by == PLAN:
        line.url = reverse("consent:rates_plan", args=[line.key]) + query
        line.remedy = f"{line.url}&order=marks" if marks else ""
    elif by == ACTIVITY and request.user.can(Permission.SEE_PARTICIPANTS):
        line.url = reverse("consent:activity", args=[line.key])
        if marks and request.user.can(Permission.GIVE_ESTIMATE):
            line.remedy = reverse("collection:headcounts", args=[line.key]) + (f"?year={year}" if year else "")


def _rates_chart(years: Sequence[int], figures: dict[int, Figures], *, width: int = 240) -> Chart:
    points = []
    for year in years:
        one = figures.get(year)
        share = one.share if one else None
        if one is None or share is None or share.under:
            points.append(Point(str(year), None, _("ukendt")))
        else:
            points.append(Point(str(year), share.value, figure_text(share, share=True)))
    return chart(points, width=width)


def _months(plan: Plan, year: int | None) -> list[tuple[str, int]]:
    """(month or year, people of the plan with a valid consent at its end)"""
    decisions, today = decisions_of(plan), localdate()
    if not decisions:
        return []
    days = month_ends(year, today) if year else year_ends(decisions[0].decided_on.year, today)
    labels = [date_format(day, "M") if year else str(day.year) for day in days]
    return list(zip(labels, valid_on(decisions, days), strict=True))


def _months_chart(months: list[tuple[str, int]]) -> Chart | None:
    most = max((count for _label, count in months), default=0)
    points = [Point(label, count, str(count)) for label, count in months]
    return chart(points, top=most, width=480) if most else None


def _lowest_first(line: Line) -> tuple[bool, float]:
    """Lines without a rate come last: there is nothing to compare."""
    share = line.figures.share if line.figures else None
    return (False, share.value) if share and not share.under else (True, 0.0)


def _marked_first(line: Line) -> int:
    return -line.figures.marks if line.figures else 0


_ORDERS: dict[str, Any] = {"": lambda line: 0, "rate": _lowest_first, "marks": _marked_first}


def _download(
    request: SignedInRequest,
    plan: Plan | None,
    table: str,
    by: str,
    rows: Iterable[tuple[Line, int | str, Figures]],
) -> HttpResponse:
    """A CSV file that Danish Excel opens: UTF-8 with a byte order mark, semicolons, a comma in decimals."""
    rows = list(rows)
    take_rates(by=request.user, table=table, rows=len(rows), plan=plan)
    response = HttpResponse("\ufeff", content_type="text/csv; charset=utf-8")
    name = "-".join(filter(None, ["samtykke", slugify(plan.lbf_number) if plan else "", table]))
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    writer = csv.writer(response, delimiter=";")
    plans = [_("Helhedsplan")] if by == ACTIVITY else []
    writer.writerow([str(HEADINGS[by]), *plans, *file_headings()])
    for line, year, figures in rows:
        names = [line.name, line.plan] if by == ACTIVITY else [line.name]
        writer.writerow([*map(no_formula, names), *file_row(year, figures)])
    return response
