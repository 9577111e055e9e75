"""Requests of registered people, each with its dates, how the person proved who they are, and its answer.

What people write is not kept here: kinds, grounds and outcomes are codes. The letter itself belongs in the data
controller's own records.
"""

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Kind(models.TextChoices):
    """What somebody asks for, with its article of the General Data Protection Regulation."""

    ACCESS = "access", _("Indsigt: se, hvad der er registreret")  # 15
    RECTIFICATION = "rectification", _("Berigtigelse: få rettet det, der er forkert")  # 16
    ERASURE = "erasure", _("Sletning: få oplysningerne slettet")  # 17
    RESTRICTION = "restriction", _("Begrænsning: få oplysningerne til kun at blive opbevaret")  # 18
    OBJECTION = "objection", _("Indsigelse: sige fra over for, hvad oplysningerne bruges til")  # 21


class IdentityProof(models.TextChoices):
    """How the person proved who they are: only what is needed (article 12(6)), and no copy of a document is kept."""

    DOCUMENT = "document", _("Har vist legitimation")
    DIGITAL = "digital", _("Har skrevet med Digital Post eller MitID")
    KNOWN = "known", _("Er kendt af den medarbejder, der tog imod")
    ON_BEHALF = "on_behalf", _("En værge eller en med fuldmagt, som har vist det")


class Outcome(models.TextChoices):
    GRANTED = "granted", _("Imødekommet")
    PARTLY = "partly", _("Delvis imødekommet")
    REFUSED = "refused", _("Afslået")
    TAKEN_BACK = "taken_back", _("Personen tog anmodningen tilbage")


class RefusalGround(models.TextChoices):
    """Why something is refused; the answer names it, and tells of the right to complain (article 12(4))."""

    NOT_IDENTIFIED = "not_identified", _("Vi kan ikke se, hvem personen er")  # 11(2), 12(2)
    NOTHING_HELD = "nothing_held", _("Vi har ingen oplysninger om personen")
    CORRECT = "correct", _("Oplysningerne er rigtige")
    CLAIM = "claim", _("Oplysningerne er nødvendige i en retssag")  # 17(3)(e), 21(1)
    CONSENT = "consent", _("Behandlingen bygger på samtykke, som personen kan trække tilbage")  # 21 does not apply
    EXCESSIVE = "excessive", _("Anmodningen er åbenbart grundløs eller overdreven")  # 12(5)


class Extension(models.TextChoices):
    COMPLEX = "complex", _("Anmodningen er kompliceret")
    MANY = "many", _("Der er kommet mange anmodninger")


class Request(models.Model):
    """`people`: the rows of the person who asks, in all plans; none when nobody was found."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=15, choices=Kind.choices)
    people = models.ManyToManyField("collection.Participant", related_name="+")
    received_on = models.DateField()
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(auto_now_add=True)
    identity_proof = models.CharField(max_length=10, choices=IdentityProof.choices, blank=True)  # blank: none yet
    due_on = models.DateField()
    extension = models.CharField(max_length=10, choices=Extension.choices, blank=True)
    outcome = models.CharField(max_length=10, choices=Outcome.choices, blank=True)  # blank: not answered
    refusal = models.CharField(max_length=15, choices=RefusalGround.choices, blank=True)
    answered_on = models.DateField(null=True)
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True)
    reported_at = models.DateTimeField(null=True)  # when the report of an access request was last made

    class Meta:
        ordering = ["due_on", "recorded_at"]
        constraints = [
            models.CheckConstraint(
                name="request_answered_whole",
                condition=models.Q(outcome="", answered_on__isnull=True, answered_by__isnull=True, refusal="")
                | (~models.Q(outcome="") & models.Q(answered_on__isnull=False, answered_by__isnull=False)),
            ),
            models.CheckConstraint(
                name="refusal_has_its_ground",
                condition=models.Q(outcome__in=[Outcome.REFUSED, Outcome.PARTLY]) & ~models.Q(refusal="")
                | ~models.Q(outcome__in=[Outcome.REFUSED, Outcome.PARTLY]) & models.Q(refusal=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.received_on}"

    @property
    def is_open(self) -> bool:
        return not self.outcome


# --- What goes on its day -------------------------------------------------------------------------------------


class Reason(models.TextChoices):
    """Why a controller sets another day than the plan's end and RETENTION_YEARS."""

    PROLONGED = "prolonged", _("Helhedsplanen er forlænget")
    EVALUATION = "evaluation", _("Evalueringen er ikke færdig")
    DONE = "done", _("Evalueringen er færdig, og oplysningerne skal ikke bruges mere")
    CLAIM = "claim", _("Oplysningerne er nødvendige i en retssag eller en tilsynssag")
    MISTAKE = "mistake", _("Den tidligere dato var forkert")


class PlanRetention(models.Model):
    """The day on which it is forgotten who the people of a plan are. `known_on`: when the site first noted one.

    Without `set_by` it follows the plan's end (rights.retention).
    """

    plan = models.OneToOneField("collection.Plan", on_delete=models.PROTECT, primary_key=True, related_name="+")
    erase_on = models.DateField()
    known_on = models.DateField()
    reason = models.CharField(max_length=10, choices=Reason.choices, blank=True)
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True)
    set_at = models.DateTimeField(null=True)


class Certificate(models.Model):
    """That a job erased what was due: a plan's people, or an evaluation project's key, codes and files.

    `counts` by what was erased or left (rights.wording.COUNTS). `digest`: SHA-256 over what was erased, the ids as 16
    bytes each, in their order: of the participants that the audit events of the certificate list, or of the project's
    deliveries. `deliveries_until`: by when recipients delete the last files that hold somebody. Until `finished_at` the
    job has more to do.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    plan = models.ForeignKey("collection.Plan", on_delete=models.PROTECT, related_name="+", null=True)
    project = models.ForeignKey("exports.EvaluationProject", on_delete=models.PROTECT, related_name="+", null=True)
    day = models.DateField()
    job = models.ForeignKey("exports.Job", on_delete=models.PROTECT, related_name="+", null=True)
    counts = models.JSONField(default=dict)
    deliveries_until = models.DateField(null=True)
    digest = models.CharField(max_length=64, blank=True)
    begun_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-begun_at"]
        constraints = [
            models.CheckConstraint(
                name="certificate_of_one_thing",
                condition=models.Q(plan__isnull=True, project__isnull=False)
                | models.Q(plan__isnull=False, project__isnull=True),
            ),
            models.UniqueConstraint(
                fields=["plan"], condition=models.Q(finished_at__isnull=True), name="one_erasure_of_a_plan"
            ),
            models.UniqueConstraint(
                fields=["project"], condition=models.Q(finished_at__isnull=True), name="one_erasure_of_a_project"
            ),
        ]

    def __str__(self) -> str:
        return str(self.plan or self.project)
