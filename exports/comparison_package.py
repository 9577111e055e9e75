"""What a definition package takes from the site: the departments with their addresses, and what activities are called.
Nobody's participation, nobody's number."""

import io

import pandas as pd

from collection.models import ActivityType, AddressKey, Department
from collection.municipalities import region_of
from exports.comparison.departments import department_code
from exports.comparison.package import ADDRESS_COLUMNS, AREA_COLUMNS, Package, write_package
from exports.comparison.runner.definition import Definition
from exports.models import EvaluationProject


def package_of(project: EvaluationProject, definition: Definition) -> bytes:
    """The zip. The same definition and departments give the same bytes."""
    areas = [
        (department_code(each.organisation_number, each.department_number), each.plan.lbf_number,
         each.plan.municipality_code, region_of(each.plan.municipality_code))
        for each in Department.objects.select_related("plan")
    ]  # fmt: skip
    addresses = [
        (department_code(each.department.organisation_number, each.department.department_number),
         each.municipality_code, each.street_code, each.house_from, each.house_to)
        for each in AddressKey.objects.select_related("department")
    ]  # fmt: skip
    out = io.BytesIO()
    write_package(
        out,
        Package(
            project=project.name,
            definition=definition,
            activities=dict(ActivityType.objects.values_list("code", "name_da")),
            areas=pd.DataFrame(areas, columns=AREA_COLUMNS).drop_duplicates(),
            addresses=pd.DataFrame(addresses, columns=ADDRESS_COLUMNS).drop_duplicates(),
        ),
    )
    return out.getvalue()
