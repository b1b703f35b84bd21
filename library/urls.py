"""/admin/ for staff, the two addresses that machines ask, and everything else for patients: in English without a prefix, in
other languages below /es/ and the like."""

from django.conf.urls.i18n import i18n_patterns
from django.contrib import admin
from django.urls import include, path

from articles import urls
from articles.admin import desk
from library import health

admin_urls, app_name, namespace = admin.site.urls

urlpatterns = [
    path("admin/", ([*desk.urls(), *admin_urls], app_name, namespace)),
    path("healthz", health.process),
    path("readyz", health.database),
    *urls.of_every_language,
    *i18n_patterns(path("", include("articles.urls")), prefix_default_language=False),
]

handler404 = "articles.views.errors.page_not_found"
handler500 = "articles.views.errors.server_error"
