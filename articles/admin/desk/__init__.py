"""The review desk: for people who keep the pages from going stale and never edit text. pages.py is its lists, changing.py
what is done to many pages at once; each other screen of the desk has a module of its own and is listed here.

There is deliberately no act that marks many pages as reviewed: a review is of one page, by somebody who has read it
(articles/reviewing.py).
"""

from django.contrib import admin
from django.urls import path

from articles.admin.desk import calendar, changing, handover, pages, planner, reviewers, saved

SCREENS = {
    "": ("review_desk", pages.desk),
    "saved/": ("review_desk_saved", saved.save),
    "change/": ("review_desk_change", changing.change),
    "handover/": ("review_desk_handover", handover.hand_over),
    "planner/": ("review_desk_planner", planner.planner),
    "calendar/": ("review_desk_calendar", calendar.calendar),
    "reviewers/": ("review_desk_reviewers", reviewers.reviewers_in_numbers),
}


def urls() -> list:
    """The addresses of the desk, to stand before those of the admin's own."""
    return [
        path(f"review-desk/{address}", admin.site.admin_view(view), name=name)
        for address, (name, view) in SCREENS.items()
    ]
