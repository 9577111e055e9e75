from django.contrib.auth.views import LogoutView
from django.urls import path

from accounts.views import ChangePassword, SignIn, accessibility

app_name = "accounts"
urlpatterns = [
    path("log-ind/", SignIn.as_view(), name="sign_in"),
    path("log-ud/", LogoutView.as_view(), name="sign_out"),
    path("adgangskode/", ChangePassword.as_view(), name="password"),
    path("tilgaengelighed/", accessibility, name="accessibility"),
]
