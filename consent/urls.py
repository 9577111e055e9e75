from django.urls import path

from consent.views import activity, doubts, enrolment, handover, participants, rates, texts, withdrawal

app_name = "consent"
urlpatterns = [
    # an activity: its participants, enrolment, counting
    path("aktiviteter/<uuid:pk>/", activity.activity_page, name="activity"),
    path("aktiviteter/<uuid:pk>/registrer/", enrolment.enrol_page, name="enrol"),
    path("aktiviteter/<uuid:pk>/registrer/cpr/", enrolment.cpr_feedback, name="enrol_cpr"),
    path("aktiviteter/<uuid:pk>/uden-samtykke/", activity.count_page, name="count"),
    path("samtykketekster/<int:pk>/", texts.text_page, name="text"),
    # participants
    path("deltagere/", participants.participant_list, name="participants"),
    path("deltagere/<uuid:pk>/", participants.participant_page, name="participant"),
    path("deltagere/se-efter/", doubts.doubts, name="doubts"),
    path("deltagere/<uuid:pk>/se-efter/", doubts.doubt, name="doubt"),
    path("deltagere/<uuid:pk>/cpr/", participants.reveal, name="reveal"),
    path("deltagere/<uuid:pk>/tilbagetraekning/", withdrawal.withdraw_page, name="withdraw"),
    path("deltagere/<uuid:pk>/trukket-tilbage/", withdrawal.receipt, name="withdrawn"),
    # colleagues who leave
    path("medarbejdere/<uuid:plan>/<uuid:user>/overdrag/", handover.hand_over, name="hand_over"),
    path("medarbejdere/<uuid:plan>/<uuid:user>/fjern/", handover.member_remove, name="member_remove"),
    # rates
    path("samtykke/", rates.rates, name="rates"),
    path("samtykke/<uuid:pk>/", rates.rates_plan, name="rates_plan"),
]
