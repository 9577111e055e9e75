"""Whose files, for loaders that answer 404 for somebody else's."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404

from accounts.permissions import Permission
from collection.models import Plan
from collection.policies import plans_of
from spreadsheets.models import Row, Spreadsheet


def plans_for_import(user: Any) -> QuerySet[Plan]:
    return plans_of(user) if user.can(Permission.IMPORT_ROWS) else Plan.objects.none()


def spreadsheets_of(user: Any) -> QuerySet[Spreadsheet]:
    return Spreadsheet.objects.filter(plan__in=plans_for_import(user))


def spreadsheet_or_404(user: Any, pk: UUID) -> Spreadsheet:
    return get_object_or_404(spreadsheets_of(user).select_related("plan", "uploaded_by").defer("report"), pk=pk)


def row_or_404(spreadsheet: Spreadsheet, number: int) -> Row:
    return get_object_or_404(Row, spreadsheet=spreadsheet, number=number)
