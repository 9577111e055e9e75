"""Setting up projects, and ordering from them."""

from datetime import date

import pytest
from django.urls import reverse

from accounts.permissions import Role
from consent.models import Purpose
from exports.actions.projects import change_project
from exports.linkage.schema import STANDARD
from exports.models import Delivery, EvaluationProject, Job
from exports.policies import NotAllowed
from tests.factories.cast import cpr_text, make_activity, make_participant, make_user
from tests.factories.deliveries import approve_and_build, make_delivery, make_project

pytestmark = [pytest.mark.django_db, pytest.mark.slow_on_postgres]


def typed(project, evaluator, **changes) -> dict:
    return {
        "name": "Evaluering af familieindsats",
        "dst_number": "700999",
        "purpose": project.purpose_id,
        "first_year": "2014",
        "last_year": "2016",
        "standard": list(STANDARD),
        "on_approval": [],
        "minimum_count": "5",
        "k": "5",
        "grain": "participation",
        "data_at": "dst",
        "register_variables": "",
        "ends_on": "",
        "evaluators": [str(evaluator.pk)],
    } | changes


def test_a_new_project_proposes_the_coarse_variables_only(client, controller):
    client.force_login(controller)
    form = client.get(reverse("exports:project_new")).context["form"]
    assert form["standard"].initial == list(STANDARD)
    assert form["on_approval"].initial == []


def test_a_project_keeps_what_was_typed_in_the_order_of_the_file(client, controller, project, evaluator):
    client.force_login(controller)
    answer = client.post(
        reverse("exports:project_new"),
        typed(project, evaluator, on_approval=["START_MAANED", "KOMMUNE"], standard=["ROLLE", "REGION"]),
    )
    made = EvaluationProject.objects.get(dst_number="700999")
    assert answer.url == reverse("exports:project", args=[made.pk])
    assert made.variables == ["REGION", "KOMMUNE", "START_MAANED", "ROLLE"]
    assert list(made.evaluators.all()) == [evaluator]
    assert made.created_by == controller


@pytest.mark.parametrize(
    "field, changes",
    [
        ("dst_number", {"dst_number": "70012"}),
        ("last_year", {"last_year": "2013"}),
        ("standard", {"standard": []}),
        ("standard", {"standard": ["PNR"]}),
        ("on_approval", {"on_approval": ["REGION"]}),
        ("minimum_count", {"minimum_count": "2"}),
        ("k", {"k": "2"}),
        ("grain", {"grain": "family"}),
        ("data_at", {"data_at": ""}),
        ("ends_on", {"ends_on": "31.12.2019"}),
        ("register_variables", {"register_variables": "LPR C_DIAG 2014-2016"}),
        ("name", {"name": f"Evaluering {cpr_text(date(1971, 7, 7))}"}),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_nothing_is_lost(client, controller, project, evaluator, field, changes):
    client.force_login(controller)
    answer = client.post(reverse("exports:project_new"), typed(project, evaluator, **changes))
    assert answer.status_code == 200
    assert list(answer.context["form"].errors) == [field]
    assert answer.context["form"]["dst_number"].value() == changes.get("dst_number", "700999")
    assert not EvaluationProject.objects.filter(dst_number="700999").exists()


def test_register_variables_are_kept_as_asked_and_shown_with_what_is_to_be_known_of_them(
    client, controller, project, evaluator
):
    client.force_login(controller)
    lines = "bef kom 2014-2016\n\n  LPR_DIAG.C_DIAG 2014–2020 "
    answer = client.post(reverse("exports:project_new"), typed(project, evaluator, register_variables=lines))
    made = EvaluationProject.objects.get(dst_number="700999")
    assert made.register_variables == [
        {"register": "BEF", "name": "KOM", "first_year": 2014, "last_year": 2016},
        {"register": "LPR_DIAG", "name": "C_DIAG", "first_year": 2014, "last_year": 2020},
    ]
    page = client.get(answer.url).content.decode()
    for told in ("Kommunekode", "Befolkningen", "LPR_DIAG er lukket. Det sidste år er 2019.", "30.08.2026"):
        assert told in page
    form = client.get(reverse("exports:project_edit", args=[made.pk])).context["form"]
    assert form["register_variables"].value() == "BEF KOM 2014-2016\nLPR_DIAG C_DIAG 2014-2020"
    assert [bool(each.notes) for each in form.found] == [False, True]


def test_each_line_that_is_wrong_is_named_and_all_that_was_typed_stays(client, controller, project, evaluator):
    client.force_login(controller)
    lines = "BEF KOM 2014-2016\nBEF KOM\nFAIN KOM 2014-2016\nBEF KOM 2014-2016\nKOM KOM 2014"
    answer = client.post(reverse("exports:project_new"), typed(project, evaluator, register_variables=lines))
    form = answer.context["form"]
    told = form.errors["register_variables"]
    assert [sentence.split(":")[0] for sentence in told] == ["Linje 2", "Linje 3", "Linje 4", "Linje 5"]
    assert "FAIN er lukket" in told[1]
    assert form["register_variables"].value() == lines
    assert not EvaluationProject.objects.filter(dst_number="700999").exists()


def test_the_page_shows_what_the_next_file_would_hold(client, evaluator, project):
    project.variables, project.grain = ["REGION", "VARIGHED", "IKKE_MERE"], "person"
    project.save()
    client.force_login(evaluator)
    shown = {row["name"]: row for row in client.get(reverse("exports:project", args=[project.pk])).context["variables"]}
    assert list(shown) == ["ANTAL_FORLOEB", "REGION", "VARIGHED", "IKKE_MERE"]
    assert shown["REGION"]["label"] == "Første forløb: region, som helhedsplanen ligger i"
    assert (shown["VARIGHED"]["on_approval"], shown["REGION"]["on_approval"]) == (True, False)
    assert (1, "Under 1 måned") in shown["VARIGHED"]["values"]
    assert shown["REGION"]["source"].startswith("Helhedsplanens kommune")


def test_a_day_of_deletion_that_has_passed_may_stay_but_not_be_set(client, controller, project, evaluator):
    project.ends_on = date(2019, 12, 31)
    project.save()
    client.force_login(controller)
    address = reverse("exports:project_edit", args=[project.pk])
    kept = typed(project, evaluator, dst_number=project.dst_number, ends_on="31.12.2019")
    assert client.post(address, kept).status_code == 302
    assert client.post(address, kept | {"ends_on": "30.12.2019"}).status_code == 200


def test_staff_can_be_no_evaluators(client, controller, project):
    client.force_login(controller)
    answer = client.post(reverse("exports:project_new"), typed(project, make_user(Role.STAFF)))
    assert "evaluators" in answer.context["form"].errors


def test_changing_a_project_changes_the_next_orders(client, controller, project, evaluator):
    client.force_login(controller)
    address = reverse("exports:project_edit", args=[project.pk])
    form = client.get(address).context["form"]
    assert set(form["standard"].initial) == set(project.variables)
    client.post(address, typed(project, evaluator, dst_number=project.dst_number, standard=["REGION"]))
    project.refresh_from_db()
    assert project.variables == ["REGION"]


def test_a_project_with_files_keeps_its_number_and_purpose(client, controller, project, evaluator):
    """Another number would link two projects by their codes; under another purpose nobody would be called back."""
    make_participant(make_activity())
    approve_and_build(make_delivery(project, by=evaluator), by=controller)
    other = Purpose.objects.create(code="other", name_da="Andet", name_en="Other")
    client.force_login(controller)
    address = reverse("exports:project_edit", args=[project.pk])
    assert "når der er dannet filer" in client.get(address).content.decode()
    typed_in = typed(project, evaluator, dst_number="700998", purpose=other.pk, name="Nyt navn")
    assert client.post(address, typed_in).status_code == 302
    number, purpose = project.dst_number, project.purpose_id
    project.refresh_from_db()
    assert (project.name, project.dst_number, project.purpose_id) == ("Nyt navn", number, purpose)
    for change in ({"dst_number": "700998"}, {"purpose_id": other.pk}):
        changed = EvaluationProject.objects.get(pk=project.pk)
        vars(changed).update(change)
        with pytest.raises(NotAllowed):
            change_project(by=controller, project=changed, evaluators=[evaluator])


def test_who_left_the_role_stays_on_the_project_until_taken_off(client, controller, project, evaluator):
    evaluator.is_active = False
    evaluator.save()
    client.force_login(controller)
    form = client.get(reverse("exports:project_edit", args=[project.pk])).context["form"]
    assert evaluator in form.fields["evaluators"].queryset


def test_years_are_shown_without_a_thousands_separator(client, evaluator, project):
    client.force_login(evaluator)
    for name, arguments in (("project", [project.pk]), ("projects", []), ("comparison_new", [project.pk])):
        assert "2.014" not in client.get(reverse(f"exports:{name}", args=arguments)).content.decode()


def test_ordering_a_linkage_file_is_shown_first_and_done_by_post(client, evaluator, project):
    client.force_login(evaluator)
    address = reverse("exports:linkage_new", args=[project.pk])
    assert client.get(address).status_code == 200
    assert not Delivery.objects.exists()
    answer = client.post(address)
    delivery = Delivery.objects.get()
    assert answer.url == reverse("exports:delivery", args=[delivery.pk])
    assert (delivery.kind, delivery.requested_by, delivery.project) == ("linkage", evaluator, project)
    assert Job.objects.get().delivery == delivery
    assert client.get(address).context["under_way"] == delivery


def test_pages_take_few_queries_whatever_their_size(
    client, controller, evaluator, project, extract, django_assert_max_num_queries
):
    for _ in range(12):
        make_project(evaluator)
    for user in (controller, evaluator):
        client.force_login(user)
        for name, arguments in (("projects", []), ("project", [project.pk]), ("comparison_new", [project.pk])):
            with django_assert_max_num_queries(18):
                client.get(reverse(f"exports:{name}", args=arguments))


def test_lists_show_ones_own_projects_only(client, evaluator, controller):
    own = make_delivery(make_project(evaluator), by=evaluator)
    other = make_delivery(make_project(stranger := make_user(Role.EVALUATOR)), by=stranger)
    for name, shown, hidden in (("projects", own.project_id, other.project_id), ("deliveries", own.pk, other.pk)):
        client.force_login(evaluator)
        page = client.get(reverse(f"exports:{name}")).content.decode()
        assert str(shown) in page
        assert str(hidden) not in page
        client.force_login(controller)
        page = client.get(reverse(f"exports:{name}")).content.decode()
        assert str(shown) in page
        assert str(hidden) in page
