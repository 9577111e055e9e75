"""The table of access: every address × every role × one's own or another's plan or project.

A new address must be entered here: tests compare the table with all addresses that the site has, walk it, and forge
its ids.
"""

from dataclasses import dataclass

ROLES = [
    "staff",
    "staff elsewhere",
    "coordinator",
    "coordinator elsewhere",
    "evaluator",
    "evaluator elsewhere",
    "controller",
]
OK, NO, GONE, MOVED, BAD = 200, 403, 404, 302, 400


@dataclass(frozen=True)
class Address:
    """`about`: the kind of object whose id is in the address; `statuses`: in the order of ROLES."""

    name: str
    about: str
    method: str
    statuses: tuple[int, ...]


def address(name: str, statuses: str, about: str = "", method: str = "get") -> Address:
    words = {"ok": OK, "no": NO, "gone": GONE, "moved": MOVED, "bad": BAD}
    return Address(name, about, method, tuple(words[word] for word in statuses.split()))


# staff own, staff elsewhere, coordinator own, elsewhere, evaluator own, elsewhere, controller
PLAN = "ok gone ok gone no no no"
COORDINATOR = "no no ok gone no no no"
PROJECT = "no no no no ok gone ok"
COLLEAGUE = "no no ok gone no no ok"
CONTROLLER = "no no no no no no ok"
ELSEWHERE = "no no moved gone no no no"
SITTING = "gone gone gone gone no no no"  # open only to the session that is locked to it
TABLE = [
    address("home", "moved moved moved moved moved moved moved"),
    address("audit:events", CONTROLLER),
    address("operations:keys", CONTROLLER),
    address("operations:key_change", "no no no no no no gone", method="post"),  # of no purpose
    address("operations:key_progress", "no no no no no no gone", "extract"),  # no key is being changed
    address("collection:activities", "ok ok ok ok no no no"),
    address("collection:activity_new", "no no ok ok no no no"),
    address("collection:activity_edit", COORDINATOR, "activity"),
    address("collection:contact", COORDINATOR, "plan"),
    address("collection:headcounts", PLAN, "activity"),  # staff read, coordinators write
    address("collection:staff", "no no ok ok no no no"),
    address("collection:member_new", COORDINATOR, "plan"),
    address("collection:colleague", COLLEAGUE, "colleague"),
    address("collection:invite_anew", COLLEAGUE, "colleague"),
    address("collection:accounts", CONTROLLER),
    address("collection:account_new", CONTROLLER),
    address("exports:leave", COLLEAGUE, "colleague"),
    address("consent:activity", PLAN, "activity"),
    address("consent:enrol", PLAN, "activity"),
    address("consent:enrol_cpr", PLAN, "activity", "post"),
    address("consent:count", PLAN, "activity"),
    address("consent:text", "ok ok ok ok no no no", "text"),
    address("consent:documents", CONTROLLER),
    address("consent:draft_new", "no no no no no no gone", method="post"),  # of no document
    address("consent:compare", CONTROLLER, "document"),
    address("consent:version", CONTROLLER, "version"),
    address("consent:version_consents", CONTROLLER, "version"),
    address("consent:version_publish", CONTROLLER, "draft"),
    address("consent:version_blanks", "no no no no no no moved", "draft"),  # the text has none
    address("consent:draft_delete", CONTROLLER, "draft"),
    address("consent:text_edit", CONTROLLER, "draft text"),
    address("consent:text_delete", CONTROLLER, "draft text"),
    address("consent:screen", PLAN, "activity"),
    address("consent:screen_delete", PLAN, "answer"),
    address("consent:sitting", SITTING, "sitting"),
    address("consent:sitting_sign", SITTING, "sitting"),
    address("consent:sitting_unlock", SITTING, "sitting"),
    address("consent:print", PLAN, "activity"),
    address("consent:text_pdf", CONTROLLER, "text"),
    address("consent:proof_add", PLAN, "decision"),
    address("consent:proof", "ok gone ok gone no no ok", "proof", "post"),
    address("consent:proofs_locked", CONTROLLER),
    address("consent:participants", "ok ok ok ok no no no"),
    address("consent:participant", PLAN, "participant"),
    address("consent:reveal", "bad gone bad gone no no no", "participant", "post"),  # without a reason
    address("consent:to_ask", "ok ok ok ok no no no"),
    address("consent:doubts", "ok ok ok ok no no no"),
    address("consent:doubt", PLAN, "participant"),
    address("consent:hand_over", COORDINATOR, "member"),
    address("consent:member_remove", COORDINATOR, "member"),
    address("consent:ask_again", PLAN, "participant"),
    address("consent:withdraw", "ok gone ok gone no no ok", "participant"),
    address("consent:find", "ok ok ok ok no no ok"),
    address("consent:namesakes", CONTROLLER),
    address("consent:namesake", "no no no no no no gone", "question"),  # none is open
    address("rights:requests", "ok ok ok ok no no ok"),
    address("rights:take_in", "ok ok ok ok no no ok"),
    address("rights:take_in_for", "ok gone ok gone no no ok", "participant"),
    address("rights:request", "ok gone ok gone no no ok", "request"),
    address("rights:prove", "ok gone ok gone no no ok", "request", "post"),  # without saying how
    address("rights:extend", CONTROLLER, "request", "post"),
    address("rights:report", "no no no no no no moved", "request", "post"),  # it is not known who asks
    address("rights:answer", CONTROLLER, "request", "post"),
    address("rights:lift", "no no no no no no moved", "request", "post"),  # there is nothing to lift
    address("rights:retention", "no no ok ok no no ok"),
    address("rights:retention_day", CONTROLLER, "plan"),
    address("rights:certificate", "no no ok gone no no ok", "certificate"),
    address("consent:correct", PLAN, "participant"),
    address("consent:add_number", "gone gone gone gone no no no", "participant"),  # has one
    address("exports:merge_choose", PLAN, "participant"),
    address("exports:merge", PLAN, "two participants"),
    address("consent:plan_logs", "no no moved moved no no moved"),  # with one plan, straight to its page
    address("consent:plan_log", "no no ok gone no no ok", "plan"),
    address("consent:participant_log", "no no ok gone no no ok", "participant"),
    address("consent:rates", "no no moved moved no no ok"),  # with one plan, straight to its page
    address("consent:rates_plan", "no no ok gone no no ok", "plan"),
    address("consent:trend", "no no moved moved no no ok"),
    address("consent:trend_plan", "no no ok gone no no ok", "plan"),
    address("exports:tasks", "ok ok ok ok ok ok ok"),
    address("exports:projects", "no no no no ok ok ok"),
    address("exports:project_new", CONTROLLER),
    address("exports:project", PROJECT, "project"),
    address("exports:project_edit", CONTROLLER, "project"),
    address("exports:linkage_new", PROJECT, "project"),
    address("exports:comparison_new", PROJECT, "project"),
    address("exports:comparison_file", PROJECT, "project"),
    address("exports:definition", "no no no no gone gone gone", "delivery"),  # of a comparison group only
    address("exports:comparison_words", PROJECT, "project", "post"),
    address("exports:comparison_package", PROJECT, "project", "post"),  # without a rule: the page with what is missing
    address("exports:receipt", "gone gone gone gone no no gone", "participant"),  # there is none before a withdrawal
    address("exports:recalls", PROJECT, "project"),
    address("exports:recall_list", PROJECT, "project", "post"),
    address("exports:recalls_acknowledge", "no no no no moved gone moved", "project", "post"),
    address("exports:recipients", PROJECT, "project"),
    address("exports:recipient_new", PROJECT, "project"),
    address("exports:recipient_confirm", CONTROLLER, "recipient"),  # an evaluator's key
    address("exports:recipient_revoke", PROJECT, "recipient"),
    address("exports:opening", "no no no no ok ok ok"),
    address("exports:open_delivery", "no no no no ok ok ok"),
    address("exports:look_up", CONTROLLER, "project"),
    address("exports:end_project", CONTROLLER, "project"),
    address("exports:deliveries", "no no no no ok ok ok"),
    address("exports:deletions", "no no no no ok ok ok"),
    address("exports:deletion_report", "no no no no moved gone moved", "delivery"),  # nobody was given files
    address("exports:delivery", PROJECT, "delivery"),
    address("exports:progress", "no no no no moved gone moved", "delivery"),  # to the delivery when done
    address("exports:picture", PROJECT, "picture"),
    address("exports:same_group", "no no no no moved gone moved", "delivery", "post"),
    address("exports:cancel", "no no no no ok gone no", "delivery"),  # the requester only
    address("exports:retry", "no no no no moved gone moved", "delivery", "post"),
    address("exports:decide", CONTROLLER, "delivery"),
    address("exports:fetch", "no no no no ok gone no", "archive"),  # the evaluator's archive
    address("exports:fetch_link", "no no no no ok gone gone", "link"),  # the evaluator's link
    address("exports:extracts", CONTROLLER),
    address("exports:extract_new", CONTROLLER),
    address("exports:extract", CONTROLLER, "extract"),
    address("exports:extract_progress", "no no no no no no moved", "extract"),
    address("exports:extract_delete", CONTROLLER, "extract"),
    # a spreadsheet that is being looked through: what belongs to another step leads to that page
    address("spreadsheets:spreadsheets", "no no ok ok no no no"),
    address("spreadsheets:upload", "no no ok ok no no no"),
    address("spreadsheets:template", "no no ok ok no no no"),
    address("spreadsheets:spreadsheet", ELSEWHERE, "spreadsheet"),
    address("spreadsheets:progress", ELSEWHERE, "spreadsheet"),
    address("spreadsheets:sheet", ELSEWHERE, "spreadsheet"),
    address("spreadsheets:match", COORDINATOR, "spreadsheet"),
    address("spreadsheets:activities", ELSEWHERE, "spreadsheet"),
    address("spreadsheets:preview", COORDINATOR, "spreadsheet"),
    address("spreadsheets:row", COORDINATOR, "row"),
    address("spreadsheets:leave_out", ELSEWHERE, "row", "post"),
    address("spreadsheets:confirm", COORDINATOR, "warning"),
    address("spreadsheets:zeros", ELSEWHERE, "spreadsheet"),
    address("spreadsheets:write", COORDINATOR, "spreadsheet"),
    address("spreadsheets:report", COORDINATOR, "spreadsheet"),
    address("spreadsheets:delete", COORDINATOR, "spreadsheet"),
]
SIGNING_IN = {
    *("account_login", "mfa_authenticate", "mfa_login_webauthn", "openid_connect_login", "openid_connect_callback"),
    "account_logout",
}
WITHOUT_SIGN_IN = SIGNING_IN | {"healthz", "set_language", "accounts:accessibility"}
WITHOUT_SIGN_IN |= {"accounts:invitation", "accounts:accept"}
OWN_SECURITY = {  # of whoever asks, and of nobody else
    *("account_reauthenticate", "mfa_reauthenticate", "mfa_reauthenticate_webauthn"),
    *("mfa_index", "account_change_password", "mfa_activate_totp", "mfa_deactivate_totp", "usersessions_list"),
    *("mfa_add_webauthn", "mfa_edit_webauthn", "mfa_remove_webauthn"),
    *("mfa_view_recovery_codes", "mfa_generate_recovery_codes"),
}
OF_EVERYBODY = WITHOUT_SIGN_IN | OWN_SECURITY
