from django.contrib.auth.views import LogoutView
from django.urls import path

from accounts.views import SignIn, accessibility

app_name = "accounts"
urlpatterns = [
    path("log-ind/", SignIn.as_view(), name="sign_in"),
    path("log-ud/", LogoutView.as_view(), name="sign_out"),
    path("tilgaengelighed/", accessibility, name="accessibility"),
]
