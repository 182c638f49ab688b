"""Every door of the portal. Each app brings its own."""

from django.contrib import admin
from django.urls import include, path, reverse_lazy
from django.views.generic import RedirectView

from accounts.views.sign_in import admin_sign_in, sign_out
from config.metrics import metrics
from core.views.health import healthz, readyz

# Where each app's pages hang.
MOUNTS = [
    ("", "core"),
    ("", "accounts"),
    ("", "reporting"),
    ("incidents/", "incidents"),
    ("alerts/", "monitoring"),
    ("services/", "services"),
    ("rotas/", "rotas"),
    ("runbooks/", "runbooks"),
    ("messages/", "notifications"),
]

handler400 = "core.views.errors.refused"
handler403 = "core.views.errors.forbidden"
handler404 = "core.views.errors.not_found"
handler500 = "core.views.errors.failed"

urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("readyz", readyz, name="readyz"),
    path("metrics", metrics, name="metrics"),
    path("api/v1/", include("config.api")),
    # One way in: the admin's own sign-in would go round throttle and audit.
    path("admin/login/", admin_sign_in),
    path("admin/logout/", sign_out),
    path("admin/password_change/", RedirectView.as_view(url=reverse_lazy("accounts:me"))),
    path("admin/", admin.site.urls),
    *[path(prefix, include(f"{app}.urls")) for prefix, app in MOUNTS],
]
