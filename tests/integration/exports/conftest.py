import pytest

from accounts.permissions import Role
from tests.factories.cast import make_user


@pytest.fixture
def evaluator():
    return make_user(Role.EVALUATOR)


@pytest.fixture
def controller():
    return make_user(Role.CONTROLLER)
