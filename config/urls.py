"""All addresses of the site."""

from django.contrib.auth.decorators import login_not_required
from django.urls import include, path
from django.views.i18n import set_language

from accounts.access import requires
from accounts.permissions import Permission
from accounts.views import home
from audit.views import events
from config.health import healthz

# audit lies below accounts, so its page gets its door here
log = [path("log/", requires(Permission.READ_AUDIT)(events), name="events")]

handler500 = "config.outages.failed"  # 503 where the database or the disk can't serve for now

urlpatterns = [
    path("", home, name="home"),
    path("healthz", healthz, name="healthz"),
    path("", include("accounts.urls")),
    path("", include("accounts.sign_in_urls")),
    path("", include((log, "audit"))),
    path("", include("collection.urls")),
    path("", include("consent.urls")),
    path("", include("exports.urls")),
    path("", include("spreadsheets.urls")),
    path("", include("rights.urls")),
    path("", include("operations.urls")),
    path("sprog/setlang/", login_not_required(set_language), name="set_language"),
]
