"""The editors' side: Django's admin, one module for each model. It asks and shows; the verbs decide.

robust.py keeps strange addresses from becoming errors, acts.py holds the pages on which something becomes public or
stops to be, conflict.py what happens to a save that came too late, history.py what was saved before and the way back;
see_also.py and editor.py are the two fields that need a script to be comfortable.
"""

from django.conf import settings
from django.contrib import admin

from articles.admin import (
    absence,
    account,
    article,
    audit_entry,
    best_bet,
    edition,
    link_check,
    mail,
    policy,
    reader_report,
    redirect,
    review,
    review_request,
    saved_query,
    scheduled_act,
    synonym,
    tag,
    topic,
    withdrawn_source,
)

admin.site.site_header = settings.SITE_NAME
admin.site.site_title = settings.SITE_NAME
admin.site.enable_nav_sidebar = False  # the lists need the room
admin.site.index_title = "What would you like to work on?"

__all__ = [
    "absence",
    "account",
    "article",
    "audit_entry",
    "best_bet",
    "edition",
    "link_check",
    "mail",
    "policy",
    "reader_report",
    "redirect",
    "review",
    "review_request",
    "saved_query",
    "scheduled_act",
    "synonym",
    "tag",
    "topic",
    "withdrawn_source",
]
