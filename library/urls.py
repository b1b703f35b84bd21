"""/admin/ for staff, the two addresses that machines ask, and everything else for patients."""

from django.contrib import admin
from django.urls import include, path

from articles.admin import desk
from library import health

admin_urls, app_name, namespace = admin.site.urls

urlpatterns = [
    path("admin/", ([*desk.urls(), *admin_urls], app_name, namespace)),
    path("healthz", health.process),
    path("readyz", health.database),
    path("", include("articles.urls")),
]

handler404 = "articles.views.errors.page_not_found"
handler500 = "articles.views.errors.server_error"
