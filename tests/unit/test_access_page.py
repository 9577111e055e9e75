"""docs/access.md says what the code says, and every address with an id goes through a loader."""

import pytest
from django.http import HttpRequest, HttpResponse

from accounts.access import requires
from accounts.permissions import Permission
from scripts import access


def test_the_page_of_access_is_what_the_code_says():
    assert access.PAGE.read_text() == access.page(), "run scripts/access.py"


@requires(Permission.SEE_PROJECTS)
def careless(request: HttpRequest, pk: int) -> HttpResponse:
    return HttpResponse(pk)


@requires(Permission.SEE_PROJECTS)
def careful(request: HttpRequest, pk: int) -> HttpResponse:
    return _shown(request)


def _shown(request: HttpRequest) -> HttpResponse:
    return HttpResponse(delivery_or_404(request))


def delivery_or_404(request: HttpRequest) -> bytes:
    raise NotImplementedError


def test_a_view_that_opens_what_an_id_names_without_asking_whose_it_is_is_found():
    with pytest.raises(access.NoLoader):
        access.rule_of("exports:careless", "careless/<int:pk>/", careless)
    assert access.rule_of("exports:careful", "careful/<int:pk>/", careful) == access.PROJECT
