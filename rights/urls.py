from django.urls import path

from rights import retention_views, views

app_name = "rights"
urlpatterns = [
    path("anmodninger/", views.requests, name="requests"),
    path("anmodninger/ny/", views.take_in, name="take_in"),
    path("anmodninger/<uuid:pk>/", views.shown, name="request"),
    path("anmodninger/<uuid:pk>/legitimation/", views.prove, name="prove"),
    path("anmodninger/<uuid:pk>/forlaeng/", views.extend, name="extend"),
    path("anmodninger/<uuid:pk>/rapport/", views.make_report, name="report"),
    path("anmodninger/<uuid:pk>/svar/", views.answer, name="answer"),
    path("anmodninger/<uuid:pk>/ophaev/", views.lift, name="lift"),
    path("deltagere/<uuid:pk>/anmodning/", views.take_in_for, name="take_in_for"),
    path("opbevaring/", retention_views.overview, name="retention"),
    path("opbevaring/<uuid:pk>/", retention_views.change, name="retention_day"),
    path("opbevaring/attest/<uuid:pk>/", retention_views.certificate, name="certificate"),
]
