"""What the page of a comparison group tells beside table 1: distributions, each with its picture and its table."""

import re
from datetime import date

import pytest
from django.urls import reverse

from collection.models import Participant
from exports.models import Delivery, State
from tests.factories.deliveries import approve_and_build
from tests.factories.neighbourhood import ADULT, CHILD, draw, leave

pytestmark = pytest.mark.django_db
SIBLING, PARTNER = date(2013, 6, 6), date(1981, 6, 6)


def text_of(answer) -> str:
    content = re.sub(r"(?s)<head>.*?</head>|<[^>]+>", " ", answer.content.decode())
    return re.sub(r"\s+", " ", content).replace("\N{NO-BREAK SPACE}", " ")


def page_of(client, user, delivery: Delivery, language: str = "da"):
    client.force_login(user)
    client.cookies["django_language"] = language
    return client.get(reverse("exports:delivery", args=[delivery.pk]))


def picture_of(client, user, delivery: Delivery, name: str):
    client.force_login(user)
    return client.get(reverse("exports:picture", args=[delivery.pk, name]))


@pytest.fixture
def families(town) -> list[Participant]:
    """Twenty participant families and forty others: in quarters, of one or two adults with one or two children."""
    shapes = [(ADULT, *other, *children) for other in ([], [PARTNER]) for children in ([CHILD], [CHILD, SIBLING])]
    for place in range(40):
        town.family(*shapes[place // 10])
    return [town.participant_family(*shapes[place // 5]) for place in range(20)]


@pytest.mark.slow
def test_how_a_number_is_distributed_is_shown_while_it_is_told(client, town, families, evaluator, controller):
    delivery = draw(town, evaluator, controller, characteristics=["children", "family_type", "sex"])
    told = text_of(page_of(client, evaluator, delivery))
    assert "Hjemmeboende børn Interval Andel Deltagere Under 2 50,0 % 2 og derover 50,0 %" in told
    assert "Sammenligning Under 2 50,0 % 2 og derover 50,0 %" in told
    assert "Uoplyst for alle, fordi beboerlisten ikke har det: Køn." in told
    told = text_of(page_of(client, evaluator, delivery, "en"))
    assert "Children at home" in told
    assert "50.0 %" in told
    drawn = picture_of(client, evaluator, delivery, "distributions")
    assert b"Distributions in both groups" in drawn.content

    for participant in families[:5]:  # so many that the groups are described anew: two pictures could be subtracted
        leave(town, delivery, participant)
    delivery = approve_and_build(delivery, by=controller)
    assert delivery.state == State.BUILT
    assert 'id="distributions"' not in page_of(client, evaluator, delivery).content.decode()
    assert picture_of(client, evaluator, delivery, "distributions").status_code == 404
    assert picture_of(client, evaluator, delivery, "love").status_code == 200
