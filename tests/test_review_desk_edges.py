"""All screens, files, mails and calendars of the reviews at their edges: a library without pages, texts that mean to run as
something else, and people whose accounts are closed or deleted."""

import csv
import email
import re
from datetime import date, timedelta
from io import BytesIO, StringIO
from zipfile import ZipFile

import icalendar
import pytest
from django.contrib.auth.models import Group, User
from django.core import mail
from django.core.management import call_command
from django.utils import timezone

from articles import calendar_feeds, review_requests, review_watch, withdrawn_sources
from articles.models import (
    Absence,
    Article,
    LinkCheck,
    Mail,
    Policy,
    Reference,
    Review,
    ReviewRequest,
    RiskClass,
    SavedFilter,
    WithdrawnSource,
)
from articles.people import Person
from articles.policies import apply
from tests.admin import HttpsClient, signed_in
from tests.builders import an_account, an_article, published, reviewed

pytestmark = pytest.mark.django_db

DESK = "/admin/review-desk/"
SCREENS = [
    DESK,
    f"{DESK}?list=overdue",
    f"{DESK}?list=asked",
    f"{DESK}planner/",
    f"{DESK}calendar/",
    f"{DESK}handover/",
    f"{DESK}reviewers/",
    "/admin/articles/review/",
    "/admin/articles/reviewrequest/",
    "/admin/articles/withdrawnsource/",
    "/admin/articles/absence/",
    "/admin/articles/linkcheck/",
    "/admin/articles/policy/",
    "/admin/articles/mail/",
    "/freshness/",
]
FILES = [DESK, f"{DESK}planner/", f"{DESK}reviewers/"]
HOSTILE = "=1+1</td><script>alert(1)</script>{{ 7 }}"
LINES = "Eve\r\nBcc: all@example.org\nATTENDEE:x"


def in_days(days: int) -> date:
    return timezone.localdate() + timedelta(days)


def somebody(name: str, role="Date reviewer", **columns) -> User:
    user = an_account(role, name)
    User.objects.filter(pk=user.pk).update(**{"email": f"{user.username}@example.org", **columns})
    return User.objects.get(pk=user.pk)


def a_page(title: str, owner: User, group: Group | None = None) -> Article:
    """Reviewed by its owner and overdue; it cites a source, and somebody asked for a review of it."""
    page = an_article(title, owner=owner, owner_group=group)
    Reference.objects.create(article=page, position=1, text="A trial.", doi="10.1000/1")
    page = published(page, at=timezone.now() - timedelta(400))
    review = {"on": in_days(-90), "next_on": in_days(-30), "outcome": "minor"}
    reviewed(page, at=timezone.now(), reviewer_name=owner.get_full_name() or owner.username, note=title, **review)
    wanted = {"cause": "report", "about": title, "due_on": in_days(3), "by": Person.of(owner)}
    review_requests.ask_by_hand(page, at=timezone.now(), **wanted)
    return page


def feed_of(user: User) -> str:
    return f"/calendar/{calendar_feeds.make(user, seen='', at=timezone.now())}.ics"


def everything_is_said(planner: User, *, pages: int) -> list[str]:
    """The HTML of all screens, each of which answers; and the desk has so many pages."""
    client = signed_in(planner)
    answers = {address: client.get(address) for address in SCREENS}
    assert {address: answer.status_code for address, answer in answers.items()} == dict.fromkeys(SCREENS, 200)
    assert answers[DESK].context["number"] == pages
    return [answer.text for answer in answers.values()]


# Nothing


def test_a_library_without_pages_has_all_screens_and_reminds_nobody(capsys):
    planner = somebody("Dana Cole")
    everything_is_said(planner, pages=0)
    client = signed_in(planner)
    for address in FILES:
        for form in ("csv", "xlsx"):
            assert client.get(address, {"format": form}).status_code == 200, (address, form)
    assert b"BEGIN:VEVENT" not in HttpsClient().get(feed_of(planner)).content
    call_command("send_review_digest")
    call_command("check_links")
    assert list(review_watch.watch(at=timezone.now())) == []
    assert "Nobody has to be reminded." in capsys.readouterr().out and not Mail.objects.exists()


# Many at once


@pytest.mark.parametrize("act", ["assign", "move", "review", "reviewed", "mark-reviewed"])
def test_nothing_marks_many_pages_as_reviewed(act):
    planner = somebody("Dana Cole")
    pages = [published(an_article(title)) for title in ("First", "Second")]
    client = signed_in(planner)
    assert set(client.get(DESK).context["acts"]) == {"assign", "move"}
    answers = {"owner": planner.pk, "to": in_days(9), "reason": "All at once", "outcome": "no_change"}
    sent = {"article": [page.pk for page in pages], "act": act, "confirmed": "yes", **answers}
    assert client.post(f"{DESK}change/", sent, follow=True).status_code == 200
    assert not Review.objects.exists() and not Article.objects.exclude(reviewed_on=None).exists()


# Texts


@pytest.fixture
def hostile() -> User:
    """A library in which every text that somebody types means to run, and its planner."""
    planner = somebody("Dana Cole", first_name=HOSTILE, last_name=LINES)
    group = Group.objects.create(name=HOSTILE)
    Policy.objects.create(kind="in_depth", months=3, reason=HOSTILE)
    page = a_page(HOSTILE, planner, group)
    page.tags.add(HOSTILE)
    apply(at=timezone.now(), by=Person.of(planner), reason=HOSTILE)
    source = WithdrawnSource(doi="10.1000/1", what_happened=HOSTILE, withdrawn_on=in_days(-1))
    withdrawn_sources.record(source, at=timezone.now(), by=Person.of(planner), seen={page.pk})
    other = somebody("Eve Moss", last_name=HOSTILE)
    Absence.objects.create(user=other, deputy=planner, from_on=in_days(0), until_on=in_days(9))
    a_page(f"{HOSTILE} 2", other)
    LinkCheck.objects.create(
        url=f"https://a.example/{HOSTILE}", verdict="fine", detail=HOSTILE, checked_at=timezone.now()
    )
    SavedFilter.objects.create(user=planner, name=HOSTILE, query="list=overdue")
    RiskClass.objects.create(name=HOSTILE)
    return planner


def test_no_text_runs_in_a_screen(hostile):
    call_command("send_review_digest")
    addresses = [
        f"/admin/articles/review/add/?article={Article.objects.get(title=HOSTILE).pk}",
        f"/admin/articles/reviewrequest/{ReviewRequest.objects.latest('pk').pk}/change/",
        f"/admin/articles/withdrawnsource/{WithdrawnSource.objects.get().pk}/change/",
        f"/admin/articles/linkcheck/{LinkCheck.objects.get().pk}/change/",
        f"{DESK}handover/?source=person-{hostile.pk}&nobody=on",
        Article.objects.get(title=HOSTILE).get_absolute_url(),
    ]
    client = signed_in(hostile)
    said = everything_is_said(hostile, pages=2) + [client.get(address).text for address in addresses]
    assert all("<script>alert" not in text for text in said)
    assert sum("&lt;script&gt;alert" in text for text in said) >= len(addresses)


def test_no_text_runs_in_a_file(hostile):
    client = signed_in(hostile)
    for address in FILES:
        rows = list(csv.reader(StringIO(client.get(address, {"format": "csv"}).content.decode("utf-8-sig"))))
        assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "-", "@", "\t", "\r"))], address
        book = ZipFile(BytesIO(client.get(address, {"format": "xlsx"}).content))
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
        assert "<f>" not in sheet and "<script>" not in sheet, address
    assert "'=1+1" in client.get(DESK, {"format": "csv"}).content.decode("utf-8-sig")


def test_no_text_begins_a_header_of_a_mail_or_a_property_of_a_calendar(hostile):
    call_command("send_review_digest")
    assert {sent.to[0] for sent in mail.outbox} == {"dana.cole@example.org"}
    for sent in mail.outbox:
        read = email.message_from_bytes(sent.message().as_bytes())
        assert read["Bcc"] is None and "\n" not in str(read["Subject"])
        assert not re.search(r"^(Bcc|ATTENDEE):", sent.body, re.M)
    content = HttpsClient().get(feed_of(hostile)).content
    calendar = icalendar.Calendar.from_ical(content)
    assert not re.search(rb"^(Bcc|ATTENDEE)", content, re.M)
    assert {str(event["SUMMARY"]) for event in calendar.walk("VEVENT")} >= {f"Review due: {HOSTILE}"}


# People


def closed(user: User) -> None:
    User.objects.filter(pk=user.pk).update(is_active=False)


def deleted(user: User) -> None:
    user.delete()


@pytest.mark.parametrize("leaves", [closed, deleted])
def test_whoever_leaves_the_screens_and_the_reminders_go_on_and_the_records_stay(leaves):
    """The owner, who reviewed, asked, is away and has a calendar; and the deputy of somebody else."""
    planner, leaver, stays = somebody("Dana Cole"), somebody("Lea Moss"), somebody("Eve Hall")
    page, other = a_page("Page of a leaver", leaver), a_page("Page of somebody else", stays)
    away = {"from_on": in_days(-1), "until_on": in_days(9)}
    Absence.objects.create(user=leaver, deputy=stays, **away)
    Absence.objects.create(user=stays, deputy=leaver, **away)
    SavedFilter.objects.create(user=leaver, name="Mine", query="list=overdue")
    feed = feed_of(leaver)
    leaves(leaver)
    everything_is_said(planner, pages=2)
    assert HttpsClient().get(feed).status_code == 404
    call_command("send_review_digest")
    assert "lea.moss@example.org" not in Mail.objects.values_list("to", flat=True)
    told = "\n".join(Mail.objects.values_list("text", flat=True))
    assert "Page of a leaver" in told and "Page of somebody else" in told
    assert (page.reviews.get().reviewer_name, page.review_requests.get().opened_by) == ("Lea Moss", "Lea Moss")
    listed = "owner-gone" if leaves is closed else "no-owner"
    assert [row.article for row in signed_in(planner).get(DESK, {"list": listed}).context["rows"]] == [page]
    assert signed_in(planner).get("/admin/articles/review/add/", {"article": other.pk}).status_code == 200
