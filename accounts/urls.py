from django.urls import path

from accounts import invitations
from accounts.views import accessibility

app_name = "accounts"
urlpatterns = [
    path("invitation/", invitations.choose_password, name="accept"),
    path("invitation/<slug:secret>/", invitations.open_link, name="invitation"),
    path("tilgaengelighed/", accessibility, name="accessibility"),
]
