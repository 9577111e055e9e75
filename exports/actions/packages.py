"""Taking a definition out of the site."""

from typing import Any

from audit.recording import audited
from exports.comparison.runner.definition import Definition
from exports.models import EvaluationProject
from exports.policies import check_can_request


def take_package(*, by: Any, project: EvaluationProject, definition: Definition) -> bytes:
    """The definition package, for who may order the project's deliveries. Raises NotAllowed."""
    from exports.comparison_package import package_of  # loads DuckDB and matplotlib, which no page needs

    check_can_request(by, project)
    with audited(by=by) as log:
        content = package_of(project, definition)
        log("package.taken", project)
    return content
