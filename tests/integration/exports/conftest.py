from datetime import date, timedelta

import pytest

from accounts.permissions import Role
from exports.models import RegisterExtract
from tests.factories.cast import make_activity, make_user
from tests.factories.deliveries import make_project
from tests.factories.neighbourhood import Neighbourhood


@pytest.fixture
def evaluator():
    return make_user(Role.EVALUATOR)


@pytest.fixture
def controller():
    return make_user(Role.CONTROLLER)


@pytest.fixture
def project(evaluator):
    return make_project(evaluator)


@pytest.fixture
def activity():
    return make_activity()


@pytest.fixture
def town():
    return Neighbourhood()


@pytest.fixture
def extract(controller):
    """A resident list that is ready, by its row: there is no file."""
    return RegisterExtract.objects.create(
        name="Beboere 2014-2016",
        state=RegisterExtract.State.READY,
        years=[2014, 2015, 2016],
        rows=12000,
        loaded_by=controller,
        delete_on=date.today() + timedelta(days=30),
    )
