"""/admin/ for staff, the two addresses that machines ask, and everything else for patients."""

from django.contrib import admin
from django.urls import include, path

from articles.admin import review_desk
from library import health

admin_urls, app_name, namespace = admin.site.urls

urlpatterns = [
    path("admin/", ([*review_desk.urls(), *admin_urls], app_name, namespace)),
    path("healthz", health.process),
    path("readyz", health.database),
    path("", include("articles.urls")),
]

handler404 = "articles.views.errors.page_not_found"
handler500 = "articles.views.errors.server_error"
