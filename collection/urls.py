from django.urls import path

from collection.views import activities, headcounts, plans, staff

app_name = "collection"
urlpatterns = [
    path("aktiviteter/", activities.activities, name="activities"),
    path("aktiviteter/ny/", activities.activity_new, name="activity_new"),
    path("aktiviteter/<uuid:pk>/ret/", activities.activity_edit, name="activity_edit"),
    path("aktiviteter/<uuid:pk>/antal/", headcounts.headcounts, name="headcounts"),
    path("planer/<uuid:pk>/kontakt/", plans.contact, name="contact"),
    path("medarbejdere/", staff.staff, name="staff"),
    path("medarbejdere/<uuid:plan>/ny/", staff.member_new, name="member_new"),
]
