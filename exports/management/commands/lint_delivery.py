import sys
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from consent import gate
from exports.jobs import JobFailed
from exports.linkage.codebook import masked
from exports.linkage.known_names import KnownNames
from exports.linkage.lint import Finding, Severity
from exports.linkage.lint_files import Checked, Terms, lint_files
from exports.linkage_records import layout_of
from exports.models import EvaluationProject
from exports.register_names import names_of

DEFAULT_K = 5


class Command(BaseCommand):
    help = (
        "Checks one reader's plain files, as that reader has opened them, by Statistics Denmark's rules: against their "
        "manifest, against each other, and against the names of everybody in the register. Ends with 1 when they may "
        "not leave."
    )

    def add_arguments(self, parser):
        parser.add_argument("folder", type=Path, help="folder with the files of one archive")
        parser.add_argument(
            "--project", metavar="NUMBER", help="hold them against what is approved for this project, by its DST number"
        )

    def handle(self, *args, folder: Path, project: str | None, **options):
        if not folder.is_dir():
            raise CommandError("There is no such folder.")
        found = EvaluationProject.objects.filter(dst_number=project).first() if project else None
        if project and found is None:
            raise CommandError("There is no such project.")
        names = names_of(gate.people_of(None))
        files = {path.name: (lambda path=path: path.open("rb")) for path in sorted(folder.iterdir()) if path.is_file()}
        checked = lint_files(files, _terms(found, names))
        self._tell(checked, names.people, found)
        stops = {Severity.BLOCK}
        if found and found.data_at == EvaluationProject.DataAt.OWN:
            stops.add(Severity.ACCEPT)
        if any(finding.severity in stops for finding in checked.findings):
            self.stdout.write(_("Filerne må ikke leveres."))
            sys.exit(1)
        self.stdout.write(_("Intet spærrer for levering."))

    def _tell(self, checked: Checked, names: int, project: EvaluationProject | None) -> None:
        if checked.reader:
            reader = _("den koblingsansvarlige") if checked.reader == "officer" else _("evaluator")
            self.stdout.write(_("Leverance %(number)s til %(reader)s") % {"number": checked.delivery, "reader": reader})
        for member, rows in checked.rows.items():
            self.stdout.write(f"  {member}: " + ngettext("%(n)s række læst", "%(n)s rækker læst", rows) % {"n": rows})
        for member in checked.texts:
            self.stdout.write(f"  {member}: " + _("tekst gennemsøgt"))
        for member in checked.unread:
            self.stdout.write(f"  {member}: " + _("kun størrelse og kontrolsum"))
        against = _("projektets godkendte variabler") if project else _("manifestets egne variabler")
        told = _("Kontrolleret efter %(variables)s og mod navnene på %(n)s personer i registret.")
        self.stdout.write(told % {"variables": against, "n": names})
        if checked.k:
            told = _("Grupper på under %(k)s personer: %(below)s af %(all)s.")
            k = checked.k
            self.stdout.write(told % {"k": k["k"], "below": masked(k["groups_below"], k["k"]), "all": k["groups"]})
        for finding in checked.findings:
            self.stdout.write(f"{_WEIGHT[finding.severity]} {_place(finding)}: {finding.sentence}")


_WEIGHT = {
    Severity.BLOCK: gettext_lazy("SPÆRRER"),
    Severity.ACCEPT: gettext_lazy("SKAL ACCEPTERES"),
    Severity.WARN: gettext_lazy("BEMÆRK"),
}


def _place(finding: Finding) -> str:
    place = ", ".join(filter(None, (finding.member, finding.variable)))
    return f"{place} ({finding.rows})" if finding.rows > 1 else place


def _terms(project: EvaluationProject | None, names: KnownNames) -> Terms:
    if project is None:
        return Terms(k=DEFAULT_K, names=names)
    try:
        approved = layout_of(project)
    except JobFailed:
        raise CommandError("A variable that is approved for the project does not exist any more.") from None
    return Terms(
        approved=approved,
        dst_number=project.dst_number,
        minimum=project.minimum_count,
        k=project.k,
        names=names,
    )
