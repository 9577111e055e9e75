from django.urls import path

from exports.views import (
    decisions,
    deletions,
    deliveries,
    ending,
    extracts,
    fetching,
    leaving,
    merge,
    pictures,
    projects,
    pseudonyms,
    recalls,
    recipients,
    tasks,
)

app_name = "exports"
urlpatterns = [
    path("opgaver/", tasks.tasks, name="tasks"),
    # projects, and ordering from them
    path("projekter/", projects.projects, name="projects"),
    path("projekter/ny/", projects.project_new, name="project_new"),
    path("projekter/<uuid:pk>/", projects.project, name="project"),
    path("projekter/<uuid:pk>/ret/", projects.project_edit, name="project_edit"),
    path("projekter/<uuid:pk>/koblingsfil/", projects.linkage_new, name="linkage_new"),
    path("projekter/<uuid:pk>/sammenligning/", projects.comparison_new, name="comparison_new"),
    path("projekter/<uuid:pk>/sammenligning/i-ord/", projects.comparison_words, name="comparison_words"),
    path("projekter/<uuid:pk>/sammenligning/pakke/", projects.comparison_package, name="comparison_package"),
    path("projekter/<uuid:pk>/opslag/", pseudonyms.look_up_page, name="look_up"),
    path("projekter/<uuid:pk>/afslut/", ending.end_page, name="end_project"),
    # the keys that archives are sealed to, and opening them
    path("projekter/<uuid:pk>/modtagere/", recipients.recipients, name="recipients"),
    path("projekter/<uuid:pk>/modtagere/ny/", recipients.recipient_new, name="recipient_new"),
    path(
        "projekter/<uuid:pk>/modtagere/<uuid:recipient>/bekraeft/",
        recipients.recipient_confirm,
        name="recipient_confirm",
    ),
    path(
        "projekter/<uuid:pk>/modtagere/<uuid:recipient>/tilbagekald/",
        recipients.recipient_revoke,
        name="recipient_revoke",
    ),
    path("modtagere/aabn/", recipients.opening, name="opening"),
    path("modtagere/open_delivery.py", recipients.open_delivery, name="open_delivery"),
    # colleagues who leave their job
    path("medarbejdere/<uuid:pk>/fratraadt/", leaving.leave_page, name="leave"),
    # two registrations of one person
    path("deltagere/<uuid:pk>/slaa-sammen/", merge.choose, name="merge_choose"),
    path("deltagere/<uuid:pk>/slaa-sammen/<uuid:other>/", merge.merge_page, name="merge"),
    # withdrawals, and recalls of what was given out
    path("deltagere/<uuid:pk>/trukket-tilbage/", recalls.receipt, name="receipt"),
    path("projekter/<uuid:pk>/tilbagekaldelser/", recalls.recalls, name="recalls"),
    path("projekter/<uuid:pk>/tilbagekaldelser/hent/", recalls.take_list, name="recall_list"),
    path("projekter/<uuid:pk>/tilbagekaldelser/bekraeft/", recalls.acknowledge, name="recalls_acknowledge"),
    # deliveries
    path("leverancer/", deliveries.deliveries, name="deliveries"),
    path("leverancer/<uuid:pk>/", deliveries.delivery, name="delivery"),
    path("leverancer/<uuid:pk>/fremdrift/", deliveries.progress, name="progress"),
    path("leverancer/<uuid:pk>/figur/<slug:name>.svg", pictures.picture, name="picture"),
    path("leverancer/<uuid:pk>/samme-gruppe/", pictures.same_group, name="same_group"),
    path("leverancer/<uuid:pk>/annuller/", deliveries.cancel, name="cancel"),
    path("leverancer/<uuid:pk>/igen/", deliveries.retry, name="retry"),
    path("leverancer/<uuid:pk>/godkendelse/", decisions.decide, name="decide"),
    path("leverancer/<uuid:pk>/hent/<slug:reader>/", fetching.fetch, name="fetch"),
    path("hent/<slug:secret>/", fetching.fetch_link, name="fetch_link"),
    # what recipients are to delete
    path("leverancer/slettes/", deletions.due, name="deletions"),
    path("leverancer/<uuid:pk>/slettet/", deletions.report, name="deletion_report"),
    # resident lists
    path("beboerlister/", extracts.extracts, name="extracts"),
    path("beboerlister/ny/", extracts.extract_new, name="extract_new"),
    path("beboerlister/<uuid:pk>/", extracts.extract, name="extract"),
    path("beboerlister/<uuid:pk>/fremdrift/", extracts.extract_progress, name="extract_progress"),
    path("beboerlister/<uuid:pk>/slet/", extracts.extract_delete, name="extract_delete"),
]
