"""What each field of the site's models says about people. A field without a class fails a test.

Records of processing are made from it, and it says which fields may be the source of a variable in a data file.
References to another row are internal: what they refer to has a class of its own.
"""

from enum import StrEnum


class FieldClass(StrEnum):
    IDENTITY = "identity"  # says who somebody is, or is a keyed index or sealed text that does
    QUASI = "quasi"  # could point at somebody together with others: places, days, roles
    CODE = "code"  # a coded fact about somebody that says little about who it is
    INTERNAL = "internal"  # keys, references, states and times of the site; facts about no person


def _of(identity: str = "", quasi: str = "", code: str = "", internal: str = "") -> dict[str, FieldClass]:
    given = zip(FieldClass, (identity, quasi, code, internal), strict=True)
    return {name: field_class for field_class, names in given for name in names.split()}


FIELDS: dict[str, dict[str, FieldClass]] = {
    "accounts.User": _of(
        identity="username full_name oidc_subject", internal="id password last_login role is_active created_at"
    ),
    "accounts.Invitation": _of(internal="id user secret_hash invited_by expires_at"),
    "accounts.FactorSecret": _of(internal="id secret"),
    "audit.Event": _of(
        internal="sequence at actor action object_type object_id plan details subjects_digest key_id mac"
    ),
    "audit.Head": _of(internal="id sequence mac"),
    "audit.Subject": _of(internal="id event subject"),
    "crypto.DataKey": _of(internal="id purpose version wrapped created_at active_at retired_at"),
    # --- the register
    "collection.Plan": _of(
        identity="contact_name contact_phone contact_email",
        quasi="lbf_number name municipality_code",
        internal="id start end members",
    ),
    "collection.Department": _of(quasi="organisation_number department_number name", internal="id plan"),
    "collection.AddressKey": _of(quasi="municipality_code street_code house_from house_to", internal="id department"),
    "collection.Membership": _of(internal="id user plan"),
    "collection.ActivityType": _of(code="code number name_da name_en theme group"),
    "collection.Activity": _of(quasi="name start end age_from age_to", code="type", internal="id plan responsible"),
    "collection.Headcount": _of(internal="id activity year estimate basis made_by made_at"),
    "collection.Participant": _of(
        identity="cpr name birth_date address residence_date cpr_index name_birth_index",
        code="identification",
        internal="id plan check_digit_confirmed doubts_settled_at merged_into registered_at erased_at",
    ),
    "collection.Participation": _of(quasi="start start_precision end role", internal="id participant activity"),
    # --- consent
    "consent.Purpose": _of(internal="code name_da name_en"),
    "consent.Document": _of(code="audience", internal="id purpose"),
    "consent.Version": _of(
        code="number",
        internal="id document is_example published_at ended_at consents_lapse_on lapse_known_at",
    ),
    "consent.Text": _of(quasi="language", internal="id version title body sha256"),
    "consent.Decision": _of(
        quasi="decided_on guardian_relation lapses_on",  # lapses_on is a child's 18th birthday
        code="kind method reason",
        internal="id participant purpose text obtained_by recorded_by recorded_at",
    ),
    "consent.PossiblySame": _of(code="same", internal="id decision participant raised_at settled_at settled_by"),
    "consent.Proof": _of(
        internal="id decision kind media_type size sha256 added_by added_at locked_at delete_on deleted_at"
    ),
    "consent.Restriction": _of(
        internal="id participant ground restricted_at restricted_by lifted_at lifted_by",
    ),
    "consent.ScreenAnswer": _of(
        identity="signature", code="answer", internal="id activity text started_by started_at answered_at used_at"
    ),
    "consent.Tally": _of(internal="id activity year outcome change recorded_by recorded_at"),
    # --- what leaves
    "exports.EvaluationProject": _of(
        internal="id name dst_number purpose first_year last_year variables minimum_count k grain data_at "
        "register_variables another_group ends_on ended_at ended_by evaluators created_by created_at"
    ),
    "exports.Pseudonym": _of(identity="lookup code_index sealed", internal="id project"),
    "exports.Delivery": _of(
        internal="id project kind number state definition requested_by requested_at prepared_hash prepared_at report "
        "decided_by decided_at decided_hash reason k_accepted built_at expires_on delete_by"
    ),
    "exports.DeliveryPerson": _of(internal="id delivery participant decision taken_out_at rows_digest"),
    "exports.Archive": _of(internal="id delivery reader path size sha256 sealed_to created_at fetched_at"),
    "exports.Fetch": _of(internal="id delivery reader at"),
    "exports.Recipient": _of(
        identity="name",
        internal="id project reader public_key expires_on added_by added_at confirmed_by confirmed_at confirmed_way "
        "revoked_by revoked_at",
    ),
    "exports.FetchLink": _of(internal="id archive secret_hash user expires_at used_at"),
    "exports.DeletionReport": _of(internal="id delivery reader by at"),
    "exports.RecallAcknowledgement": _of(internal="id project reader up_to persons by at"),
    "exports.RegisterExtract": _of(internal="id name state run_key years rows problems loaded_by loaded_at delete_on"),
    "exports.Job": _of(
        internal="id kind delivery extract subject state requested_by queued_at sent_at started_at finished_at claim "
        "lease_until attempts step done total problem"
    ),
    "exports.WorkerSign": _of(internal="id seen_at"),
    # --- rights of the registered
    "rights.Request": _of(
        code="kind outcome",
        internal="id people received_on recorded_by recorded_at identity_proof due_on extension refusal answered_on "
        "answered_by reported_at",
    ),
    "rights.PlanRetention": _of(internal="plan erase_on known_on reason set_by set_at"),
    "rights.Certificate": _of(internal="id plan project day job counts deliveries_until digest begun_at finished_at"),
    # --- spreadsheets on their way in: the same facts as in the register, until the rows are deleted
    "spreadsheets.Spreadsheet": _of(
        identity="layout",  # the first rows as read
        internal="id plan uploaded_by uploaded_at state problem rows people participations ended_at report",
    ),
    "spreadsheets.Row": _of(
        identity="record person person_before alike",
        quasi="start decided_on",
        internal="id spreadsheet number state left_out no_consent confirmed by_number activity participant covered "
        "another",
    ),
    "spreadsheets.Prepared": _of(
        identity="cpr name birth_date address residence_date cpr_index name_birth_index",
        quasi="decided_on guardian_relation lapses_on start start_precision end role",
        code="identification method",
        internal="id spreadsheet number participant new decides joins check_digit_confirmed text obtained_by activity",
    ),
    "spreadsheets.Gone": _of(identity="person", internal="id spreadsheet by_number"),
    "spreadsheets.Match": _of(internal="id plan choices changed_at"),
    "spreadsheets.Finding": _of(internal="id row spreadsheet level field code value beyond settled"),
    # --- keys
    "operations.KeyRotation": _of(
        internal="id purpose key_id started_by started_at column after done unreadable in_place_at finished_at"
    ),
    "operations.NewIndex": _of(identity="old fresh", internal="id rotation place row"),
}

# The fields that each variable of the data catalogue is coded from. Those that are made when a file is written
# (PSEUDONYM, FORLOEB_NR, ANTAL_FORLOEB) have none.
_BIRTH = ("collection.Participant.cpr", "collection.Participant.birth_date")
_START = ("collection.Participation.start", "collection.Participation.start_precision")
SOURCES: dict[str, tuple[str, ...]] = {
    "REGION": ("collection.Plan.municipality_code",),
    "KOMMUNE": ("collection.Plan.municipality_code",),
    "PLAN_NR": ("collection.Plan.lbf_number", "collection.Plan.name"),
    "START_AAR": _START[:1],
    "START_MAANED": _START,
    "VARIGHED": (*_START, "collection.Participation.end"),
    "ALDERSGRP": (*_START[:1], *_BIRTH),
    "FOEDSELSAAR": _BIRTH,
    "AKT_TYPE": ("collection.Activity.type", "collection.ActivityType.number"),
    "AKT_TEMA": ("collection.Activity.type", "collection.ActivityType.theme"),
    "ROLLE": ("collection.Participation.role",),
    "SAMTYKKE_MAADE": ("consent.Decision.method",),
    "SAMTYKKE_UDG": ("consent.Document.audience", "consent.Version.number"),
    "IDENT_ART": ("collection.Participant.identification",),
}
# The only two for which an identity is opened, and nothing but the year of birth is taken out of it.
YEAR_OF_BIRTH = {"ALDERSGRP", "FOEDSELSAAR"}


def class_of(field: str) -> FieldClass:
    """Of "app.Model.field". Raises KeyError."""
    model, _, name = field.rpartition(".")
    return FIELDS[model][name]
