import pytest

from accounts.permissions import Role
from tests.factories.cast import make_activity, make_plan, make_user


@pytest.fixture
def plan():
    return make_plan()


@pytest.fixture
def coordinator(plan):
    return make_user(Role.COORDINATOR, plan)


@pytest.fixture
def activity(plan):
    return make_activity(plan, name="Mødregruppe Øst")
