"""Plans, departments and activities from CSV: all rows or none, every fault named, twice the same as once."""

from datetime import date

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from accounts.permissions import Role
from audit.models import Event
from collection.models import Activity, AddressKey, Department, Plan
from tests.factories.cast import make_activity, make_plan, make_user

pytestmark = pytest.mark.django_db
PLANS = """LBF_NUMMER;NAVN;KOM;START;SLUT
1001;Helhedsplan Ærøparken;751;2014-01-01;2017-12-31
1002;Helhedsplan Birk;0101;01.02.2015;31.01.2019
"""
DEPARTMENTS = """LBF_NUMMER;ORGANISATION;AFDELING;NAVN;KOM;VEJKODE;HUSNR_FRA;HUSNR_TIL
1001;163;21;Ærøparken I;751;0123;1;99
1001;163;21;Ærøparken I;751;124;2;40
1001;163;22;Ærøparken II;751;0123;100;180
"""
ACTIVITIES = """LBF_NUMMER;NAVN;TYPE;START;SLUT;ANSVARLIG;FRA_ALDER;TIL_ALDER
1001;Mødregruppe;mothers_groups;2016-02-01;;sofie;0;6
1001;Åben rådgivning;Åben rådgivning;01.03.2015;31.12.2016;sofie;;
"""


@pytest.fixture
def load(tmp_path, capsys):
    """`load("plans", text)` runs load_plans on a file with the text; returns (output, faults), or None as output."""

    def run(things: str, text: str | bytes) -> tuple[str | None, list[str]]:
        path = tmp_path / f"{things}.csv"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        capsys.readouterr()
        try:
            call_command(f"load_{things}", path)
        except CommandError:
            return None, capsys.readouterr().err.splitlines()
        return capsys.readouterr().out.strip(), []

    return run


@pytest.fixture
def loaded(load):
    load("plans", PLANS)
    make_user(Role.STAFF, Plan.objects.get(lbf_number="1001"), username="sofie")
    return load


def test_plans_are_loaded_once_and_changed_by_number(load):
    assert load("plans", PLANS)[0] == "plans: 2 new, 0 changed, 0 as they were."
    plan = Plan.objects.get(lbf_number="1002")
    assert (plan.name, plan.municipality_code, plan.start) == ("Helhedsplan Birk", "101", date(2015, 2, 1))
    assert load("plans", PLANS)[0] == "plans: 0 new, 0 changed, 2 as they were."
    assert load("plans", PLANS.replace("Birk", "Birkeparken"))[0] == "plans: 0 new, 1 changed, 1 as they were."
    assert Plan.objects.get(pk=plan.pk).name == "Helhedsplan Birkeparken"
    details = list(Event.objects.filter(action="plans.loaded").order_by("pk").values_list("details", flat=True))
    assert details == ['{"changed": 0, "created": 2}', '{"changed": 1, "created": 0}']


@pytest.mark.parametrize(
    "text",
    [
        ("\ufeff" + PLANS).encode(),
        PLANS.replace(";", ",").encode(),
        PLANS.replace("\n", "\r\n").encode(),
        (PLANS + ";;;;\n\n").encode(),
        PLANS.replace("NAVN;", "NOTE;NAVN;").replace("1001;", "1001;x;").replace("1002;", "1002;y;").encode(),
    ],
    ids=["byte order mark", "commas", "windows lines", "empty rows", "another column"],
)
def test_what_spreadsheets_make_of_a_file_is_read(load, text):
    assert load("plans", text)[0] == "plans: 2 new, 0 changed, 0 as they were."


def test_all_faults_are_told_by_row_and_column_and_nothing_is_loaded(load):
    text = PLANS + "1003;;999;2014-13-01;2016-01-01\n1001;Igen;751;2016-01-01;2015-01-01\n"
    output, faults = load("plans", text)
    assert output is None
    assert faults == [
        "row 4, NAVN: is empty",
        "row 4, KOM: is no municipality code (KOM) such as 751",
        "row 4, START: is not a date such as 2016-02-01 or 01.02.2016",
    ]
    assert load("plans", PLANS + "1001;Igen;751;2016-01-01;2015-01-01\n")[1] == [
        "row 4, LBF_NUMMER: stands in row 2 already",
        "row 4, SLUT: is before START",
    ]
    assert not Plan.objects.exists()
    assert not Event.objects.exists()


@pytest.mark.parametrize(
    "text, fault",
    [
        (PLANS.encode("cp1252"), "The file is not UTF-8. Save it as “CSV UTF-8”."),
        (PLANS.replace(";KOM", ";KOMMUNE").encode(), "row 1: the column KOM is missing"),
        ((PLANS + "1003;a;b;c;d;e;f\n").encode(), "row 4, end of the row: there are more cells than headings"),
        ((PLANS + '1003;"open\n').encode(), "row 4: unexpected end of data"),
        (b"", "The file is empty."),
        (
            PLANS.replace("1002;", "\n1002;").replace("0101", "x").encode(),
            "row 4, KOM: is no municipality code (KOM) such as 751",
        ),
    ],
)
def test_a_file_that_is_no_such_table_is_refused(load, text, fault):
    assert load("plans", text)[1][0] == fault


def test_many_faults_are_cut_short(load):
    assert load("plans", PLANS + ";a;751;2014-01-01;2015-01-01\n" * 80)[1][-1] == "and 30 more"


def test_departments_come_with_their_address_keys(loaded):
    assert loaded("departments", DEPARTMENTS)[0] == "departments: 2 new, 0 changed, 0 as they were."
    first = Department.objects.get(department_number=21)
    keys = first.address_keys.values_list("municipality_code", "street_code", "house_from", "house_to")
    assert set(keys) == {("751", "0123", 1, 99), ("751", "0124", 2, 40)}
    assert loaded("departments", DEPARTMENTS)[0] == "departments: 0 new, 0 changed, 2 as they were."
    assert loaded("departments", DEPARTMENTS.replace("1;99", "1;97"))[0].startswith("departments: 0 new, 1 changed")
    assert AddressKey.objects.count() == 3
    assert Event.objects.filter(action="departments.loaded", plan=str(first.plan_id)).count() == 2


def test_faults_of_departments_are_told(loaded):
    more = "1001;163;21;Andet navn;751;0123;9;3\n9999;163;x;A;751;0;1;2\n"
    assert loaded("departments", DEPARTMENTS + more)[1] == [
        "row 6, AFDELING: is not a whole number from 0 to 99999",
        "row 6, VEJKODE: is not a whole number from 1 to 9999",
    ]
    more = "1001;163;21;Andet navn;751;0123;9;3\n9999;163;1;A;751;1;1;2\n"
    assert loaded("departments", DEPARTMENTS + more)[1] == [
        "row 6, LBF_NUMMER: is no plan that was loaded",
        "row 5, NAVN: is another name than in row 2 for the same department",
        "row 5, HUSNR_TIL: is lower than HUSNR_FRA",
    ]
    assert not Department.objects.exists()


def test_activities_are_loaded_by_type_and_person(loaded):
    assert loaded("activities", ACTIVITIES)[0] == "activities: 2 new, 0 changed, 0 as they were."
    activity = Activity.objects.get(name="Åben rådgivning")
    assert (activity.type_id, activity.responsible.username) == ("open_counselling", "sofie")
    assert (activity.start, activity.end) == (date(2015, 3, 1), date(2016, 12, 31))
    assert loaded("activities", ACTIVITIES)[0] == "activities: 0 new, 0 changed, 2 as they were."
    assert loaded("activities", ACTIVITIES.replace("31.12.2016", ""))[0].startswith("activities: 0 new, 1 changed")
    assert Event.objects.filter(action="activities.loaded").count() == 2


def test_faults_of_activities_are_told(loaded):
    make_user(Role.STAFF, make_plan(), username="fremmed")
    more = """1001;Gruppe 070761-4286;mothers_groups;2016-02-01;;sofie;;
1001;Mødregruppe;yoga;2016-02-01;2015-02-01;fremmed;9;3
"""
    assert loaded("activities", ACTIVITIES + more)[1] == [
        "row 5, NAVN: stands in row 2 already",
        "row 5, SLUT: is before START",
        "row 4, NAVN: looks like a CPR number",
        "row 5, TYPE: is no activity type; see collection/reference/activity_types.csv",
        "row 5, ANSVARLIG: is no user who works in the plan",
        "row 5, TIL_ALDER: is lower than FRA_ALDER",
    ]
    assert not Activity.objects.exists()


def test_a_name_that_two_activities_have_is_not_guessed(loaded):
    plan = Plan.objects.get(lbf_number="1001")
    for _ in range(2):
        make_activity(plan, name="Mødregruppe")
    faults = loaded("activities", ACTIVITIES)[1]
    assert faults == ["row 2, NAVN: is the name of several activities of the plan: rename them first"]


def test_a_file_that_is_not_there_is_an_error():
    with pytest.raises(CommandError, match="There is no file"):
        call_command("load_plans", "nowhere.csv")
