"""Reminders: who is told of which pages, when, in which words; one mail for each person and day, whatever happens."""

import os
import re
import subprocess
import sys
from collections import Counter
from datetime import date, timedelta

import pytest
from django.contrib.auth.models import Group, User
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from articles import outbox, owners, publishing, reader_reports, review_requests
from articles.desk import LISTS
from articles.models import Absence, Article, Heartbeat, Mail, ReviewRequest
from articles.reminders import digest
from articles.reminders.wording import MOST_LISTED, Section
from tests.admin import signed_in
from tests.builders import ANA, DAY, GRACE, NOON, an_account, an_article, published, reviewed
from tests.conftest import PROJECT
from tests.runners import drill, environment
from tests.smtp_server import mail_server

pytestmark = pytest.mark.django_db

PEOPLE = int(os.environ.get("DRILL_ACTS", "40"))  # `make drill` sets 1,000
KILLS = int(os.environ.get("DRILL_KILLS", "5"))  # and 60
SEND = [sys.executable, "manage.py", "send_review_digest"]
NAIVE = [sys.executable, "-m", "tests.naive_digest"]


def somebody(name="Rita Hall", *, role="Clinical reviewer", **columns) -> User:
    """Whoever may use the review desk, with an address for mail."""
    user = an_account(role, name)
    User.objects.filter(pk=user.pk).update(**{"email": f"{user.username}@example.org", **columns})
    return User.objects.get(pk=user.pk)


def a_lead(name="Dana Cole", **columns) -> User:
    return somebody(name, role="Date reviewer", **columns)


def a_page(title="Nausea", *, due=None, at=NOON - timedelta(400), **columns) -> Article:
    """A page that patients read, due so many days after DAY, that was reviewed in its only edition."""
    page = published(an_article(title), at=at)
    kept = {"reviewed_on": DAY - timedelta(300), "reviewed_edition": 1, "review_months": 60}
    kept["next_review_on"] = DAY + timedelta(700 if due is None else due)
    Article.objects.filter(pk=page.pk).update(**{**kept, **columns})
    page.refresh_from_db()
    return page


def asked(page: Article, about="A source was withdrawn.", *, at=NOON, days=14, **more) -> ReviewRequest:
    fields = {"cause": "source", "about": about, "key": about, "due_on": DAY + timedelta(days), "at": at, "by": GRACE}
    return review_requests.ask(page, **fields, **more)


def write(days=0, *, sent=True) -> list[str]:
    """What a run so many days after DAY says; its mails are sent at once unless they are to wait."""
    at = NOON + timedelta(days)
    said = [outcome.words for outcome in digest.write(at=at)]
    if sent:
        Mail.objects.filter(claimed_at=None).update(claimed_at=at, sent_at=at)
    return said


def mail_to(user: User) -> str:
    """The text of the last one; empty when there is none."""
    return Mail.objects.filter(to=user.email).order_by("-key").values_list("text", flat=True).first() or ""


def sections(user: User) -> dict[str, list[str]]:
    """The titles under each heading of the last mail, each with the owner when the mail says whose the page is."""
    found, heading = {}, ""
    for line in mail_to(user).splitlines():
        if match := re.fullmatch(r"(.+) \([\d,]+\)", line):
            heading = match[1]
        elif line.startswith("- "):
            found.setdefault(heading, []).append(line[2:])
        elif match := re.match(r"  (?:Owner: )?(.+?)\. (?:Was due|Due|Wanted|Changed) ", line):
            found[heading][-1] += f" ({match[1]})"
    return found


def parts(user: User) -> list[str]:
    return re.findall(r"^(.+)\n=+$", mail_to(user), re.MULTILINE)


# What is in it


def test_each_page_stands_under_what_it_needs():
    rita = somebody()
    for days in (-8, -7, -6, -1, 0, 30, 31):
        a_page(f"Due {days}", due=days, owner=rita)
    changed = a_page("Changed", owner=rita)
    published(changed, at=NOON - timedelta(1), note="New dose.")
    asked(a_page("Asked", owner=rita))
    write()
    assert sections(rita) == {
        "A review is asked for": ["Asked"],
        "Overdue for 7 days and more": ["Due -8", "Due -7"],
        "Overdue": ["Due -6", "Due -1"],
        "Due in the next 30 days": ["Due 0", "Due 30"],
        "Changed since the last review": ["Changed"],
    }
    assert Mail.objects.get().subject == ("Health Library: reviews: 1 asked for, 4 overdue, 2 due soon, 1 changed")


def test_each_line_says_the_day_and_leads_to_the_review():
    rita = somebody()
    late, soon, today = (
        a_page("Late", due=-3, owner=rita),
        a_page("Soon", due=9, owner=rita),
        a_page("Now", due=0, owner=rita),
    )
    changed = a_page("Changed", owner=rita)
    published(changed, at=NOON - timedelta(1), note="New dose.")
    asked(a_page("Asked", owner=rita), about="“BMJ 2019” was withdrawn.")
    write()
    text = mail_to(rita)
    assert "- Late\n  Was due on November 19, 2026, 3 days ago.\n  https://" in text
    assert "- Soon\n  Due on December 1, 2026.\n" in text
    assert "- Now\n  Due today, November 22, 2026.\n" in text
    assert "- Changed\n  Changed on November 21, 2026; reviewed last on January 26, 2026.\n" in text
    assert "- Asked\n  Wanted by December 6, 2026: “BMJ 2019” was withdrawn.\n" in text
    assert f"/admin/articles/review/add/?article={late.pk}\n" in text
    assert (soon.next_review_on, today.next_review_on) == (date(2026, 12, 1), DAY)


def test_who_records_no_reviews_is_led_to_the_page():
    paul = somebody("Paul Lee", role="Publisher")
    page = a_page(due=-1, owner=paul)
    write()
    assert f"/admin/articles/article/{page.pk}/change/\n" in mail_to(paul)


def test_drafts_withdrawn_and_archived_pages_are_left_out():
    rita = somebody()
    draft = an_article("Draft")
    Article.objects.filter(pk=draft.pk).update(owner=rita, next_review_on=DAY - timedelta(9))
    publishing.withdraw(a_page("Withdrawn", due=-9, owner=rita), at=NOON - timedelta(1), by=ANA, reason="Old.")
    a_page("Archived", due=-9, owner=rita, archived_at=NOON)
    assert write() == []


def test_nothing_to_say_is_no_mail():
    a_page(owner=somebody())
    assert write() == []
    assert not Mail.objects.exists()


def test_who_plans_is_told_that_readers_have_reported_something():
    rita, dana, page = somebody(), a_lead(), a_page("Nausea")

    def reported(days: int):
        on = DAY + timedelta(days)
        return reader_reports.keep(sort="error", words="The dose is wrong.", path=page.get_absolute_url(), today=on)

    first = reported(0)
    write()
    assert "Readers have sent 1 report that nobody has settled, the last on November 22, 2026: " in mail_to(dana)
    assert Mail.objects.get().subject.endswith("reviews: 1 report by readers")
    assert "/admin/articles/readerreport/?state=open" in mail_to(dana)
    assert "dose" not in mail_to(dana) and mail_to(rita) == ""
    assert days_with_mail(dana, range(1, 3)) == [
        1
    ]  # of a report only its day is known: it may have come after the mail
    second = reported(3)
    assert days_with_mail(dana, range(3, 15)) == [3, 4, 11]
    assert "2 reports" in mail_to(dana)
    for report in (first, second):
        reader_reports.settle(report, note="Corrected.", at=NOON, by=GRACE)
    assert days_with_mail(dana, range(15, 30)) == []


def test_a_page_that_is_due_at_the_end_of_time_stops_no_mail():
    rita = somebody()
    asked(a_page("Asked", owner=rita, next_review_on=date.max))
    write()
    assert sections(rita) == {"A review is asked for": ["Asked"]}


def test_a_title_with_a_line_end_stays_on_its_line():
    rita = somebody(first_name="Rita\nBcc: x@example.org")
    page = a_page(due=-1, owner=rita)
    Article.objects.filter(pk=page.pk).update(title="One\nTwo")
    write()
    assert "- One Two\n" in mail_to(rita)
    assert "\nBcc" not in mail_to(rita)


def test_of_many_pages_ten_are_listed_and_the_rest_is_a_link_to_the_list():
    rita, lead = somebody(), a_lead()
    for number in range(MOST_LISTED + 3):
        a_page(f"Page {number:02}", due=-30 - number, owner=rita)
    write()
    assert len(sections(rita)["Overdue for 7 days and more"]) == MOST_LISTED
    assert sections(rita)["Overdue for 7 days and more"][0] == f"Page {MOST_LISTED + 2}"  # the oldest first
    assert f"… and 3 more: https://localhost/admin/review-desk/?list=overdue&owner={rita.pk}\n" in mail_to(
        rita
    ).replace("//testserver", "//localhost")
    assert f"?list=overdue&owner={rita.pk}\n" in mail_to(lead)


@pytest.mark.parametrize(
    ("columns", "asked_for"), [({"owner_group": "role"}, "list=overdue&role="), ({}, "list=no-owner\n")]
)
def test_the_link_is_narrowed_to_whose_the_pages_are(columns, asked_for):
    lead = a_lead()
    role = Group.objects.get(name="Date reviewer")
    for number in range(MOST_LISTED + 1):
        a_page(f"Page {number:02}", due=-1, **dict.fromkeys(columns, role))
    write()
    assert f"/admin/review-desk/?{asked_for}" in mail_to(lead)


def test_every_link_leads_to_a_list_of_the_desk():
    assert {section.desk_list for section in Section} <= {each.slug for each in LISTS}


# Who is told


@pytest.fixture
def role():
    """A role whose people may use the review desk, without anybody in it."""
    role = Group.objects.create(name="Oncology")
    role.permissions.set(Group.objects.get(name="Clinical reviewer").permissions.all())
    return role


def joined(role: Group, name: str, **columns) -> User:
    user = User.objects.create(username=name, first_name=name, is_staff=True, email=f"{name}@example.org")
    user.groups.add(role)
    User.objects.filter(pk=user.pk).update(**columns)
    return User.objects.get(pk=user.pk)


def told() -> set[str]:
    return set(Mail.objects.values_list("to", flat=True))


def test_an_owner_is_told_and_the_role_is_not(role):
    rita, olga = somebody(), joined(role, "olga")
    a_page(due=-1, owner=rita, owner_group=role)
    write()
    assert told() == {rita.email}
    assert parts(rita) == ["Your pages"]
    assert mail_to(olga) == ""


def test_a_role_without_a_person_is_told_as_a_whole(role):
    olga, otto = joined(role, "olga"), joined(role, "otto")
    joined(role, "left", is_active=False)
    a_page(due=-1, owner_group=role)
    write()
    assert told() == {olga.email, otto.email}
    assert parts(otto) == ["Pages of the role “Oncology”"]


def test_a_page_without_owner_goes_to_those_who_plan():
    rita, lead = somebody(), a_lead()
    a_page("Lost", due=-1)
    write()
    assert told() == {lead.email}
    assert parts(lead) == ["Nobody’s pages"]
    assert sections(lead) == {"Overdue": ["Lost (No owner)"]}
    assert mail_to(rita) == ""


@pytest.mark.parametrize(
    ("columns", "shown"),
    [
        ({"is_active": False}, "Rita Hall (left)"),
        ({"email": ""}, "Rita Hall"),
        ({"email": "no address"}, "Rita Hall"),
        ({"is_staff": False}, "Rita Hall"),
    ],
)
def test_whoever_can_not_be_reminded_is_stood_in_for_by_those_who_plan(columns, shown):
    rita, lead = somebody(**columns), a_lead()
    a_page("Theirs", due=-1, owner=rita)
    write()
    assert told() == {lead.email}
    assert parts(lead) == ["Nobody’s pages"]
    assert sections(lead) == {"Overdue": [f"Theirs ({shown})"]}


def test_an_owner_who_may_not_use_the_desk_is_stood_in_for_too():
    lead = a_lead()
    a_page(due=-1, owner=somebody("Ana Ruiz", role="Author"))
    write()
    assert told() == {lead.email}


def test_the_role_of_somebody_who_left_is_told_before_those_who_plan(role):
    a_lead()
    olga = joined(role, "olga")
    a_page(due=-1, owner=somebody(is_active=False), owner_group=role)
    write()
    assert told() == {olga.email}


def test_a_role_of_which_nobody_is_left_is_stood_in_for(role):
    lead = a_lead()
    joined(role, "left", is_active=False)
    a_page(due=-1, owner_group=role)
    write()
    assert told() == {lead.email}


def test_pages_that_nobody_can_be_told_of_are_a_failure(capsys):
    a_page("One", due=-1), a_page("Two", due=-1)
    with pytest.raises(CommandError, match="1 of 1 reminders failed"):
        call_command("send_review_digest")
    assert "2 pages need somebody, and nobody could be told" in capsys.readouterr().err


def test_a_second_reviewer_is_not_asked_for_of_the_first():
    rita, lead = somebody(), a_lead()
    asked(a_page("Drawn", owner=rita), not_by_account=rita.pk)
    asked(a_page("Other", owner=rita))
    write()
    assert sections(rita) == {"A review is asked for": ["Other"]}
    assert parts(lead) == ["A second reviewer is wanted"]
    assert sections(lead) == {"A review is asked for": ["Drawn (Rita Hall)"]}


# Who is away


def is_away(user: User, deputy: User, first=-3, last=4) -> Absence:
    days = {"from_on": DAY + timedelta(first), "until_on": DAY + timedelta(last)}
    return Absence.objects.create(user=user, deputy=deputy, **days)


@pytest.mark.parametrize(("days", "goes_to"), [(-4, "rita"), (-3, "dee"), (4, "dee"), (5, "rita")])
def test_the_deputy_is_told_from_the_first_day_away_to_the_last(days, goes_to):
    people = {"rita": somebody(), "dee": somebody("Dee Wood")}
    is_away(people["rita"], people["dee"])
    a_page("Hers", due=-20, owner=people["rita"])
    write(days)
    assert told() == {people[goes_to].email}
    if goes_to == "dee":
        assert parts(people["dee"]) == ["For Rita Hall, who is away until November 26, 2026"]
        assert list(sections(people["dee"]).values()) == [["Hers (Rita Hall)"]]


def test_a_deputy_reads_the_pages_of_both_apart():
    rita, dee = somebody(), somebody("Dee Wood")
    is_away(rita, dee)
    a_page("Hers", due=-1, owner=rita), a_page("Own", due=-1, owner=dee)
    write()
    assert parts(dee) == ["Your pages", "For Rita Hall, who is away until November 26, 2026"]


def test_two_who_deputise_for_each_other_are_stood_in_for_by_those_who_plan():
    rita, dee, lead = somebody(), somebody("Dee Wood"), a_lead()
    is_away(rita, dee), is_away(dee, rita)
    a_page("Hers", due=-1, owner=rita)
    write()
    assert told() == {lead.email}
    assert parts(lead) == ["For Rita Hall, who is away until November 26, 2026"]


def test_a_deputy_who_left_is_stood_in_for_by_those_who_plan():
    lead = a_lead()
    is_away(rita := somebody(), somebody("Dee Wood", is_active=False))
    a_page(due=-1, owner=rita)
    write()
    assert told() == {lead.email}


def test_a_role_is_told_without_those_of_it_who_are_away(role):
    olga, otto, dee = joined(role, "olga"), joined(role, "otto"), somebody("Dee Wood")
    is_away(olga, dee)
    a_page(due=-1, owner_group=role)
    write()
    assert told() == {otto.email}
    is_away(otto, dee)
    write(1)
    assert told() == {otto.email, dee.email}


def test_of_those_who_plan_the_ones_who_are_there_are_told():
    first, second = a_lead(), a_lead("Lou Park")
    is_away(first, somebody())
    a_page(due=-1)
    write()
    assert told() == {second.email}
    is_away(second, somebody())  # nobody is there, so all of them are told
    write(1)
    assert told() == {first.email, second.email}


# The way up


@pytest.mark.parametrize(("due", "escalated"), [(-20, False), (-21, True)])
def test_after_21_days_those_who_plan_read_of_it_too(due, escalated):
    rita, lead = somebody(), a_lead()
    a_page("Late", due=due, owner=rita)
    write()
    assert "Overdue for 7 days and more" in sections(rita)
    assert sections(lead) == ({"Overdue for 21 days and more": ["Late (Rita Hall)"]} if escalated else {})


def test_what_a_lead_has_already_is_not_said_twice():
    lead = a_lead()
    a_page("Own", due=-40, owner=lead), a_page("Nobody’s", due=-40)
    write()
    assert parts(lead) == ["Your pages", "Nobody’s pages"]


# When it is sent


def days_with_mail(user: User, days: range) -> list[int]:
    found = []
    for day in days:
        before = Mail.objects.filter(to=user.email).count()
        write(day)
        found += [day] * (Mail.objects.filter(to=user.email).count() - before)
    return found


def test_a_page_is_told_of_as_it_takes_its_steps_and_once_a_week_besides():
    rita = somebody()
    a_page(due=31, owner=rita)
    # 30 days before, then weekly; overdue the day after, the second reminder a week after the due day, then weekly.
    assert days_with_mail(rita, range(0, 55)) == [1, 8, 15, 22, 29, 32, 38, 45, 52]


def test_a_day_without_a_run_loses_nothing():
    rita = somebody()
    a_page("Soon", due=31, owner=rita), a_page("Sooner", due=30, owner=rita)
    assert days_with_mail(rita, range(0, 1)) == [0]
    assert days_with_mail(rita, range(3, 6)) == [3]
    assert sections(rita) == {"Due in the next 30 days": ["Sooner", "Soon"]}


@pytest.mark.parametrize("hours", [1, 30])
def test_news_are_told_on_the_next_day_though_they_came_on_the_day_of_a_mail(hours):
    rita = somebody()
    a_page("Late", due=-1, owner=rita)
    page, other = a_page("Changed", owner=rita), a_page("Asked", owner=rita)
    write()
    published(page, at=NOON + timedelta(hours=hours), note="New dose.")
    assert days_with_mail(rita, range(0, 5)) == [2 if hours > 24 else 1]
    asked(other, at=NOON + timedelta(hours=hours + 24))
    assert len(days_with_mail(rita, range(3, 6))) == 1


def test_a_page_that_changes_hands_is_news_for_whom_it_goes_to():
    rita, dee = somebody(), somebody("Dee Wood")
    a_page("Late", due=-3, owner=rita), a_page("Also late", due=-3, owner=dee)
    write()
    one = Article.objects.filter(title="Late")
    owners.assign(one, owner=dee, group=None, at=NOON + timedelta(hours=1), by=ANA)
    assert days_with_mail(dee, range(1, 3)) == [1]
    assert sections(dee) == {"Overdue": ["Also late", "Late"]}


def test_an_absence_that_begins_is_news_for_the_deputy():
    rita, dee = somebody(), somebody("Dee Wood")
    is_away(rita, dee, first=2)
    a_page("Late", due=-3, owner=rita), a_page("Also late", due=-3, owner=dee)
    assert days_with_mail(dee, range(0, 4)) == [0, 2]


def test_a_request_whose_day_has_passed_is_news():
    rita = somebody()
    asked(a_page(owner=rita), days=3)
    assert days_with_mail(rita, range(0, 7)) == [0, 4]


def test_work_that_is_done_is_not_reminded_of():
    rita = somebody()
    late, other = a_page("Late", due=-6, owner=rita), a_page("Other", due=-6, owner=rita)
    write()
    reviewed(late, at=NOON + timedelta(hours=1))
    assert days_with_mail(rita, range(1, 3)) == [1]
    assert sections(rita) == {"Overdue for 7 days and more": ["Other"]}
    reviewed(other, at=NOON + timedelta(hours=2))
    assert days_with_mail(rita, range(3, 20)) == []


def test_a_reminder_that_waits_since_an_earlier_day_is_taken_back_for_a_newer_one():
    rita = somebody()
    late, other = a_page("Late", due=-1, owner=rita), a_page("Other", due=-1, owner=rita)
    write(sent=False)
    reviewed(late, at=NOON + timedelta(hours=1))
    write(1, sent=False)
    assert Mail.objects.get().key == f"review-digest:{rita.pk}:2026-11-23"
    assert sections(rita) == {"Overdue": ["Other"]}
    reviewed(other, at=NOON + timedelta(hours=2))
    assert write(2, sent=False) == [f"The reminder to {rita.email} is taken back: nothing on it is left to do today."]
    assert not Mail.objects.exists()


def test_one_that_may_have_arrived_is_kept_and_not_repeated():
    rita = somebody()
    a_page(due=-1, owner=rita)
    write(sent=False)
    Mail.objects.update(claimed_at=NOON)
    assert days_with_mail(rita, range(1, 6)) == []


def test_a_mail_of_yesterday_that_was_handed_over_today_is_the_mail_of_today():
    rita = somebody()
    a_page("Late", due=-1, owner=rita), a_page("Chased today", due=-6, owner=rita)
    write(sent=False)
    Mail.objects.update(claimed_at=NOON + timedelta(hours=14))
    assert days_with_mail(rita, range(1, 3)) == [2]


def test_a_clock_that_was_set_back_sends_nothing_twice():
    rita = somebody()
    a_page(due=-9, owner=rita)
    write(3)
    assert days_with_mail(rita, range(0, 4)) == []


def test_two_runs_at_once_write_one_mail_for_each_person():
    first, second = somebody(), somebody("Dee Wood")
    a_page("One", due=-1, owner=first), a_page("Two", due=-1, owner=second)
    slow = digest.write(at=NOON)
    said = [next(slow).words]
    said += [outcome.words for outcome in digest.write(at=NOON)]
    said += [outcome.words for outcome in slow]
    assert len(said) == len(set(said)) == Mail.objects.count() == 2


def test_a_reminder_that_is_handed_over_meanwhile_is_not_taken_back():
    first, second = somebody(), somebody("Dee Wood")
    a_page("One", due=-1, owner=first), a_page("Two", due=-1, owner=second)
    write(sent=False)
    slow = digest.write(at=NOON + timedelta(1))
    next(slow)
    Mail.objects.filter(to=second.email).update(claimed_at=NOON + timedelta(1))
    assert list(slow) == []
    assert Mail.objects.get(to=second.email).key.endswith(f":{DAY}")


@pytest.mark.parametrize("zone", ["America/Chicago", "Pacific/Auckland"])
def test_the_day_is_that_of_the_site(settings, zone):
    settings.TIME_ZONE = zone
    rita = somebody()
    today = timezone.localdate(NOON)
    a_page(next_review_on=today - timedelta(1), owner=rita)
    write()
    assert Mail.objects.get().key == f"review-digest:{rita.pk}:{today}"
    assert list(sections(rita)) == ["Overdue"]


def test_two_accounts_whose_ids_begin_alike_have_reminders_of_their_own():
    User.objects.bulk_create(User(pk=pk, username=f"{pk}", is_staff=True, email=f"{pk}@x.org") for pk in (71, 711))
    for user in User.objects.filter(pk__in=(71, 711)):
        user.groups.add(Group.objects.get(name="Clinical reviewer"))
        a_page(f"Of {user.pk}", due=-1, owner=user)
    write()
    assert days_with_mail(User.objects.get(pk=71), range(0, 3)) == []
    assert told() == {"71@x.org", "711@x.org"}


# The numbers


def test_it_costs_the_same_number_of_queries_however_many_pages_there_are(role):
    rita = somebody()
    a_lead(), joined(role, "olga"), is_away(somebody("Abe West"), rita, last=20)

    def queries(day):
        with CaptureQueriesContext(connection) as captured:
            assert len(write(day, sent=False)) == 3
        Mail.objects.update(claimed_at=NOON + timedelta(day))
        return len(captured)

    def pages(number):
        for each in range(number):
            a_page(
                f"Page {number}-{each}", due=-25, owner=[rita, None, User.objects.get(username="abe.west")][each % 3]
            )
            a_page(f"Role {number}-{each}", due=-25, owner_group=role)
            asked(a_page(f"Asked {number}-{each}", owner=rita))

    pages(3)
    queries(0)
    few = queries(8)
    pages(20)
    assert (
        queries(16) == few == 10 + 3 * 5
    )  # for each mail: a savepoint and its end, the account, its mails, the new one


# The command, and the log


def test_the_command_writes_sends_and_says_so(mailoutbox, capsys):
    rita = somebody()
    a_page(next_review_on=timezone.localdate() - timedelta(1), owner=rita)
    call_command("send_review_digest")
    assert [(mail.to, mail.subject) for mail in mailoutbox] == [([rita.email], "Health Library: reviews: 1 overdue")]
    assert capsys.readouterr().out.splitlines() == [
        f"“Health Library: reviews: 1 overdue” is written to {rita.email}",
        f"“Health Library: reviews: 1 overdue” is sent to {rita.email}",
    ]
    call_command("send_review_digest")
    assert capsys.readouterr().out == "Nobody has to be reminded.\n"
    assert len(mailoutbox) == 1


def test_a_mail_that_is_refused_is_a_failure_and_tried_again(settings, capsys):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_USE_TLS = "127.0.0.1", False
    a_page(next_review_on=timezone.localdate() - timedelta(1), owner=somebody())
    with mail_server() as server:
        settings.EMAIL_PORT, server.refusal = server.port, "450 Come later"
        with pytest.raises(CommandError, match="1 of 1 mails failed"):
            call_command("send_review_digest")
        assert "Come later" in capsys.readouterr().err
        server.refusal = ""
        list(outbox.send_waiting(at=timezone.now() + timedelta(minutes=6)))
        assert len(server.delivered) == 1


def test_the_reminders_are_found_among_the_mails():
    a_page(due=-1, owner=somebody())
    write()
    Mail.objects.create(to="ana@example.org", subject="A text waits", text="T", made_at=NOON)
    client = signed_in()
    for answer, shown in (("yes", ["1 overdue"]), ("no", ["A text waits"]), ("\x01", ["1 overdue", "A text waits"])):
        text = client.get("/admin/articles/mail/", {"reminder": answer}).text
        assert [words for words in ("1 overdue", "A text waits") if words in text] == shown


@pytest.mark.parametrize(
    ("hours", "said"),
    [
        (None, "The job that sends reminders of reviews has never run. Ask whoever keeps the server"),
        (1, "The job that sends reminders of reviews ran last on "),
        (35, "The job that sends reminders of reviews ran last on "),
        (37, "The job that sends reminders of reviews has not run for 37 hours. Ask whoever keeps the server"),
        (80, "The job that sends reminders of reviews has not run for 3 days. Ask whoever keeps the server"),
    ],
)
def test_the_list_of_mails_says_when_the_job_of_the_reminders_ran_last(hours, said):
    if hours:
        call_command("send_review_digest")
        Heartbeat.objects.update(started_at=timezone.now() - timedelta(hours=hours, minutes=1))
    assert said in signed_in().get("/admin/articles/mail/").text


# The drill: runs at once, killed at any point.


def due_for_people(number: int) -> set[str]:
    """As many people with a page each that is overdue."""
    role, day = Group.objects.get(name="Clinical reviewer"), timezone.localdate() - timedelta(1)
    people = [User(username=f"{each}", email=f"{each}@example.org", is_staff=True) for each in range(number)]
    people = User.objects.bulk_create(people)
    role.user_set.add(*people)
    for each, user in enumerate(people):
        a_page(f"Page {each}", at=timezone.now() - timedelta(1), next_review_on=day, owner=user)
    return {user.email for user in people}


@pytest.fixture
def mails_to(tmp_path):
    """A mail server that takes a moment for each mail, and what a run needs to find it and the database."""
    with mail_server() as server:
        server.seconds_for_each = 0.02
        yield server, environment(tmp_path, EMAIL_HOST="127.0.0.1", EMAIL_PORT=str(server.port), EMAIL_USE_TLS="false")


def test_everybody_is_sent_one_mail_though_several_runs_go_on_and_are_killed(committing_db, tmp_path, mails_to):
    server, around = mails_to
    expected = due_for_people(PEOPLE)
    assert drill(SEND, around, tmp_path, things=PEOPLE, kills=KILLS) == KILLS
    subprocess.run(SEND, cwd=PROJECT, env=around, check=True, capture_output=True, timeout=300)
    assert Counter(Mail.objects.values_list("to", flat=True)) == Counter(expected)
    assert Counter(server.recipients).most_common(1)[0][1] == 1
    in_doubt = Mail.objects.filter(sent_at=None)
    assert not in_doubt.filter(claimed_at=None).exists()
    assert in_doubt.count() <= KILLS
    assert set(Mail.objects.filter(sent_at__isnull=False).values_list("to", flat=True)) <= set(server.recipients)


def test_control_a_sender_that_marks_last_sends_twice(committing_db, tmp_path, mails_to):
    server, around = mails_to
    due_for_people(20)
    drill(NAIVE, around, tmp_path, things=20, kills=3)
    assert Counter(server.recipients).most_common(1)[0][1] > 1
