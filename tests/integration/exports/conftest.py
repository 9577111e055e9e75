import pytest

from accounts.permissions import Role
from tests.factories.cast import make_activity, make_user
from tests.factories.deliveries import make_project


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
