from django.urls import path

from consent.views import (
    activity,
    asking,
    corrections,
    doubts,
    drafts,
    enrolment,
    handover,
    logs,
    namesakes,
    paper,
    participants,
    proofs,
    rates,
    screen,
    texts,
    versions,
    withdrawal,
    worklists,
)

app_name = "consent"
urlpatterns = [
    # an activity: its participants, enrolment, counting
    path("aktiviteter/<uuid:pk>/", activity.activity_page, name="activity"),
    path("aktiviteter/<uuid:pk>/registrer/", enrolment.enrol_page, name="enrol"),
    path("aktiviteter/<uuid:pk>/registrer/cpr/", enrolment.cpr_feedback, name="enrol_cpr"),
    path("aktiviteter/<uuid:pk>/uden-samtykke/", activity.count_page, name="count"),
    path("samtykketekster/<int:pk>/", texts.text_page, name="text"),
    # consent texts
    path("samtykketekster/", versions.document_list, name="documents"),
    path("samtykketekster/kladde/", versions.draft_new, name="draft_new"),
    path("samtykketekster/dokument/<int:pk>/sammenlign/", versions.compare_page, name="compare"),
    path("samtykketekster/udgave/<int:pk>/", versions.version_page, name="version"),
    path("samtykketekster/udgave/<int:pk>/slet/", drafts.draft_delete, name="draft_delete"),
    path("samtykketekster/udgave/<int:pk>/offentliggoer/", drafts.publish_page, name="version_publish"),
    path("samtykketekster/udgave/<int:pk>/felter/", drafts.blanks_page, name="version_blanks"),
    path("samtykketekster/udgave/<int:pk>/samtykker/", drafts.consents_page, name="version_consents"),
    path("samtykketekster/udgave/<int:pk>/<slug:language>/ret/", drafts.text_edit, name="text_edit"),
    path("samtykketekster/udgave/<int:pk>/<slug:language>/slet/", drafts.text_delete, name="text_delete"),
    # asking on the screen
    path("aktiviteter/<uuid:pk>/skaerm/", screen.start_page, name="screen"),
    path("aktiviteter/<uuid:pk>/skaerm/<uuid:answer>/slet/", screen.delete_page, name="screen_delete"),
    path("skaerm/<uuid:pk>/", screen.sitting_page, name="sitting"),
    path("skaerm/<uuid:pk>/underskrift/", screen.sign_page, name="sitting_sign"),
    path("skaerm/<uuid:pk>/laas-op/", screen.unlock_page, name="sitting_unlock"),
    # on paper
    path("aktiviteter/<uuid:pk>/blanketter/", paper.print_page, name="print"),
    path("samtykketekster/<int:pk>/pdf/", paper.text_pdf, name="text_pdf"),
    path("deltagere/<uuid:pk>/samtykker/<int:decision>/blanket/", proofs.proof_add, name="proof_add"),
    path("blanketter/laaste/", proofs.proofs_locked, name="proofs_locked"),
    path("blanketter/<uuid:pk>/", proofs.proof, name="proof"),
    # participants
    path("deltagere/", participants.participant_list, name="participants"),
    path("deltagere/find/", withdrawal.find_page, name="find"),
    path("deltagere/maaske-samme/", namesakes.namesakes, name="namesakes"),
    path("deltagere/maaske-samme/<int:pk>/", namesakes.namesake, name="namesake"),
    path("deltagere/<uuid:pk>/ret/", corrections.correct_page, name="correct"),
    path("deltagere/<uuid:pk>/cpr-nummer/", corrections.add_number_page, name="add_number"),
    path("deltagere/<uuid:pk>/", participants.participant_page, name="participant"),
    path("deltagere/spoerg-igen/", worklists.to_ask, name="to_ask"),
    path("deltagere/se-efter/", worklists.doubts, name="doubts"),
    path("deltagere/<uuid:pk>/se-efter/", doubts.doubt, name="doubt"),
    path("deltagere/<uuid:pk>/cpr/", participants.reveal, name="reveal"),
    path("deltagere/<uuid:pk>/spoerg-igen/", asking.ask_again_page, name="ask_again"),
    path("deltagere/<uuid:pk>/tilbagetraekning/", withdrawal.withdraw_page, name="withdraw"),
    # colleagues who leave
    path("medarbejdere/<uuid:plan>/<uuid:user>/overdrag/", handover.hand_over, name="hand_over"),
    path("medarbejdere/<uuid:plan>/<uuid:user>/fjern/", handover.member_remove, name="member_remove"),
    # the log of a plan and of a person
    path("planens-log/", logs.plan_logs, name="plan_logs"),
    path("planens-log/<uuid:pk>/", logs.plan_log, name="plan_log"),
    path("deltagere/<uuid:pk>/log/", logs.participant_log, name="participant_log"),
    # rates
    path("samtykke/", rates.rates, name="rates"),
    path("samtykke/udvikling/", rates.trend, name="trend"),
    path("samtykke/<uuid:pk>/", rates.rates_plan, name="rates_plan"),
    path("samtykke/<uuid:pk>/udvikling/", rates.trend_plan, name="trend_plan"),
]
