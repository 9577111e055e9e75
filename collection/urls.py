from django.urls import path

from collection.views import accounts, activities, headcounts, plans, staff

app_name = "collection"
urlpatterns = [
    path("aktiviteter/", activities.activities, name="activities"),
    path("aktiviteter/ny/", activities.activity_new, name="activity_new"),
    path("aktiviteter/<uuid:pk>/ret/", activities.activity_edit, name="activity_edit"),
    path("aktiviteter/<uuid:pk>/antal/", headcounts.headcounts, name="headcounts"),
    path("planer/<uuid:pk>/kontakt/", plans.contact, name="contact"),
    path("medarbejdere/", staff.staff, name="staff"),
    path("medarbejdere/<uuid:plan>/ny/", staff.member_new, name="member_new"),
    path("medarbejdere/<uuid:pk>/", staff.colleague, name="colleague"),
    path("medarbejdere/<uuid:pk>/nyt-link/", staff.invite_anew, name="invite_anew"),
    path("konti/", accounts.accounts, name="accounts"),
    path("konti/ny/", accounts.account_new, name="account_new"),
]
