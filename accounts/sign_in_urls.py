"""The addresses of allauth's pages that the site has; allauth asks for them by these names."""

from django.urls import path

from accounts import openid, views

urlpatterns = [
    path("log-ind/", views.SignIn.as_view(), name="account_login"),
    path("log-ind/kode/", views.SecondFactor.as_view(), name="mfa_authenticate"),
    path("log-ind/adgangsnoegle/", views.SignInByPasskey.as_view(), name="mfa_login_webauthn"),
    path("log-ind/udbyder/", views.sign_in_elsewhere, name="openid_connect_login"),
    path(
        "log-ind/udbyder/retur/",
        views.back_from_elsewhere,
        {"provider_id": openid.PROVIDER},
        name="openid_connect_callback",
    ),
    path("log-ud/", views.SignOut.as_view(), name="account_logout"),
    path("bekraeft/", views.ConfirmByPassword.as_view(), name="account_reauthenticate"),
    path("bekraeft/kode/", views.ConfirmByCode.as_view(), name="mfa_reauthenticate"),
    path("bekraeft/adgangsnoegle/", views.ConfirmByPasskey.as_view(), name="mfa_reauthenticate_webauthn"),
    path("sikkerhed/", views.Security.as_view(), name="mfa_index"),
    path("sikkerhed/adgangskode/", views.ChangePassword.as_view(), name="account_change_password"),
    path("sikkerhed/app/", views.ActivateApp.as_view(), name="mfa_activate_totp"),
    path("sikkerhed/app/fjern/", views.RemoveApp.as_view(), name="mfa_deactivate_totp"),
    path("sikkerhed/adgangsnoegle/", views.AddPasskey.as_view(), name="mfa_add_webauthn"),
    path("sikkerhed/adgangsnoegle/<int:pk>/", views.NamePasskey.as_view(), name="mfa_edit_webauthn"),
    path("sikkerhed/adgangsnoegle/<int:pk>/fjern/", views.RemovePasskey.as_view(), name="mfa_remove_webauthn"),
    path("sikkerhed/reservekoder/", views.RecoveryCodes.as_view(), name="mfa_view_recovery_codes"),
    path("sikkerhed/reservekoder/nye/", views.NewRecoveryCodes.as_view(), name="mfa_generate_recovery_codes"),
    path("sikkerhed/sessioner/", views.Sessions.as_view(), name="usersessions_list"),
]
