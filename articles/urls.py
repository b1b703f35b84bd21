"""The public addresses. They are promises: a path here may be added, never taken away.

Those of `urlpatterns` exist in every language (library/urls.py), the others once.
"""

from django.urls import path

from articles.views import calendar_feed, freshness, history, machines, public, report, search

urlpatterns = [
    path("", public.home, name="home"),
    path("articles/<slug:slug>/", public.article, name="article"),
    path("articles/<slug:slug>/see-also/", public.see_also, name="see-also"),
    path("articles/<slug:slug>/history/", history.history, name="history"),
    path("articles/<slug:slug>/editions/<int:number>/", history.edition, name="edition"),
    path("topics/", public.a_to_z, name="a-to-z"),
    path("topics/<slug:slug>/", public.topic, name="topic"),
    path("kinds/<slug:slug>/", public.kind, name="kind"),
    path("tags/<slug:slug>/", public.tag, name="tag"),
    path("search/", search.search, name="search"),
    path("freshness/", freshness.freshness, name="freshness"),
    path("report/", report.report, name="report"),
    path("report/sent/", report.sent, name="report-sent"),
    path("feeds/updates/", machines.updates, name="updates"),
]

of_every_language = [
    path("robots.txt", machines.robots, name="robots"),
    path("sitemap.xml", machines.sitemap, name="sitemap"),
    # At the root: a sitemap may only name addresses below its own folder.
    path("sitemap-<slug:sort>-<int:number>.xml", machines.sitemap_part, name="sitemap-part"),
    path("calendar/<str:token>.ics", calendar_feed.calendar_feed, name="calendar-feed"),
]
