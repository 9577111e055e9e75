"""Who may do what: each role lists its permissions. Which objects is a question of plan and project."""

from enum import StrEnum

from django.db import models
from django.utils.translation import gettext_lazy as _


class Permission(StrEnum):
    """The words of access. A view names one with `accounts.access.requires`."""

    SEE_ACTIVITIES = "see activities"
    MANAGE_ACTIVITIES = "set up activities and the plan's contact"
    MANAGE_STAFF = "invite colleagues to the plan"
    MANAGE_ACCOUNTS = "see all accounts; invite data controllers, evaluators and coordinators"
    CLOSE_ACCOUNT = "close a colleague's account, or give it a new link"
    GIVE_ESTIMATE = "estimate headcounts"
    SEE_PARTICIPANTS = "see the plan's participants"
    ENROL = "register participants with consent, and count those without"
    READ_IDENTITY = "read an identity, with a reason"
    WITHDRAW = "find a person and record a withdrawal"
    CORRECT = "correct, complete and merge registered people"
    SETTLE_NAMESAKES = "settle who is the same person in two plans"
    READ_PROOF = "read a signed form or a signature"
    READ_LOCKED_PROOF = "read a signed form whose consent has ended"
    SEE_TASKS = "see what waits to be done"
    HAND_OVER = "move activities and open work to somebody else"
    IMPORT_ROWS = "import spreadsheets"
    SEE_RATES = "see consent rates"
    SEE_ALL_RATES = "see consent rates of all plans"
    SEE_PROJECTS = "see evaluation projects and deliveries"
    MANAGE_PROJECTS = "create evaluation projects and their evaluators"
    REQUEST_DELIVERY = "request an export"
    APPROVE_DELIVERY = "approve or reject an export"
    FETCH_DATA = "fetch a pseudonymised data archive"
    FETCH_KEYS = "fetch a key archive"
    ADD_RECIPIENT = "register a recipient's public key"
    CONFIRM_RECIPIENT = "confirm or revoke a recipient's public key"
    LOOK_UP_PSEUDONYM = "look one pseudonym up, with a reason"
    END_PROJECT = "end an evaluation project and destroy its key"
    LOAD_REGISTER = "load a resident list"
    MANAGE_KEYS = "see how the keys stand, and change them"
    READ_AUDIT = "read the audit log"
    READ_PLAN_AUDIT = "read a plan's part of the audit log, and who has seen a participant's details"
    PUBLISH_TEXTS = "publish consent texts"
    TAKE_REQUEST = "take in a request of a registered person about their data"
    ANSWER_REQUEST = "answer requests of registered people"
    SEE_RETENTION = "see when a plan's people are erased, and the certificates"
    SET_RETENTION = "set the day on which a plan's people are erased"


class Role(models.TextChoices):
    STAFF = "staff", _("Boligsocial medarbejder")
    COORDINATOR = "coordinator", _("Koordinator")
    EVALUATOR = "evaluator", _("Evaluator")
    CONTROLLER = "controller", _("Dataansvarlig")


_STAFF = frozenset(
    {
        Permission.SEE_ACTIVITIES,
        Permission.SEE_PARTICIPANTS,
        Permission.ENROL,
        Permission.READ_IDENTITY,
        Permission.WITHDRAW,
        Permission.CORRECT,
        Permission.READ_PROOF,
        Permission.SEE_TASKS,
        Permission.TAKE_REQUEST,
    }
)

PERMISSIONS: dict[str, frozenset[Permission]] = {
    Role.STAFF: _STAFF,
    Role.COORDINATOR: _STAFF
    | {
        Permission.MANAGE_ACTIVITIES,
        Permission.MANAGE_STAFF,
        Permission.CLOSE_ACCOUNT,
        Permission.GIVE_ESTIMATE,
        Permission.SEE_RATES,
        Permission.HAND_OVER,
        Permission.IMPORT_ROWS,
        Permission.READ_PLAN_AUDIT,
        Permission.SEE_RETENTION,
    },
    Role.EVALUATOR: frozenset(
        {
            Permission.SEE_TASKS,
            Permission.SEE_PROJECTS,
            Permission.REQUEST_DELIVERY,
            Permission.FETCH_DATA,
            Permission.ADD_RECIPIENT,
        }
    ),
    Role.CONTROLLER: frozenset(
        {
            Permission.CLOSE_ACCOUNT,
            Permission.MANAGE_ACCOUNTS,
            Permission.SEE_RATES,
            Permission.SEE_ALL_RATES,
            Permission.SEE_PROJECTS,
            Permission.MANAGE_PROJECTS,
            Permission.REQUEST_DELIVERY,
            Permission.APPROVE_DELIVERY,
            Permission.FETCH_KEYS,
            Permission.ADD_RECIPIENT,
            Permission.CONFIRM_RECIPIENT,
            Permission.LOOK_UP_PSEUDONYM,
            Permission.END_PROJECT,
            Permission.LOAD_REGISTER,
            Permission.MANAGE_KEYS,
            Permission.READ_AUDIT,
            Permission.READ_PLAN_AUDIT,
            Permission.PUBLISH_TEXTS,
            Permission.WITHDRAW,
            Permission.SETTLE_NAMESAKES,
            Permission.READ_PROOF,
            Permission.READ_LOCKED_PROOF,
            Permission.TAKE_REQUEST,
            Permission.ANSWER_REQUEST,
            Permission.SEE_RETENTION,
            Permission.SET_RETENTION,
            Permission.SEE_TASKS,
        }
    ),
}

# Whom each role invites. The shell (createcontroller, createuser) may invite anybody.
INVITES: dict[str, tuple[Role, ...]] = {
    Role.COORDINATOR: (Role.STAFF, Role.COORDINATOR),
    Role.CONTROLLER: (Role.COORDINATOR, Role.EVALUATOR, Role.CONTROLLER),
}
WORK_IN_PLANS = (Role.STAFF, Role.COORDINATOR)  # members of plans; the others have projects, or everything
