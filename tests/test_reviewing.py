"""The verb of the review: what it keeps, what it refuses, and which reviews move the dates of the page."""

from datetime import date, datetime, timedelta

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import DatabaseError, connection, transaction
from django.utils.html import strip_tags

from articles import due, reviewing
from articles.models import Article, AuditEntry, Policy, Review, StatedReview
from articles.models.ledger import LedgerError
from articles.people import Person
from articles.policies import apply
from articles.publishing import bring_back, withdraw
from tests.builders import ANA, DAY, GRACE, NOON, an_article, publish, published, reviewed
from tests.test_article_page import Reader

pytestmark = pytest.mark.django_db
LATER = date(2029, 11, 22)
PART = {"scope": "part", "next_on": None}


def days(number: int) -> timedelta:
    return timedelta(days=number)


@pytest.fixture
def article():
    """Published a year ago: edition 1."""
    sections = [("", "<p>Small meals help.</p>"), ("Meals", "<p>Seven a day.</p>")]
    return published(an_article(sections=sections), at=NOON - days(365))


def with_policy(article, months=12):
    policy = Policy.objects.create(kind=article.kind, months=months, reason="Rule 12.")
    apply(at=NOON, by=ANA, reason="Rule 12.")
    article.refresh_from_db()
    return policy


def dates(article) -> tuple:
    columns = ("reviewed_on", "reviewed_edition", "next_review_on")
    return Article.objects.values_list(*columns).get(pk=article.pk)


def refused(article, **fields) -> dict:
    """The messages by field. Nothing is kept: no record, no date, no line in the audit trail."""
    before = (Review.objects.count(), dates(article), AuditEntry.objects.count())
    with pytest.raises(ValidationError) as refusal, transaction.atomic():
        reviewed(article, **fields)
    assert (Review.objects.count(), dates(article), AuditEntry.objects.count()) == before
    error = refusal.value
    return error.message_dict if hasattr(error, "error_dict") else {"": error.messages}


# The whole page and its parts


def test_a_review_of_the_whole_page_moves_the_dates(article):
    review = reviewed(article)
    assert dates(article) == (DAY, 1, LATER)
    assert (review.edition.number, review.parts, review.recorded_by) == (1, [], "Grace Obi")


def test_a_review_of_parts_moves_no_date_and_keeps_their_names(article):
    reviewed(article, on=DAY - days(9))
    before = dates(article)
    review = reviewed(article, **PART, parts=["part:see-also", "meals"])
    assert review.parts == [
        {"anchor": "meals", "name": "Meals"},
        {"anchor": "part:see-also", "name": "The list of related topics"},
    ]
    assert dates(article) == before
    told = {change["field"]: change["after"] for change in AuditEntry.objects.first().changes}
    assert (told["scope"], told["parts"]) == ("part", "Meals, The list of related topics")


def test_a_review_of_parts_leaves_a_page_without_a_review_as_it_was(article):
    reviewed(article, **PART, parts=["part:media"])
    assert dates(article) == (None, None, None)


def test_a_review_of_parts_leaves_a_day_that_was_moved_where_it_is(article):
    reviewed(article)
    to = date(2027, 5, 1)
    due.move(article, to, at=NOON, today=DAY, by=ANA, reason="Holidays.")
    reviewed(article, **PART, parts=["meals"])
    assert dates(article) == (DAY, 1, to)


def test_a_section_called_media_is_not_the_pictures(article):
    page = published(an_article("Media page", sections=[("Media", "<p>Text.</p>")]), at=NOON - days(9))
    assert reviewing.parts_of(page.editions.get()) == {
        "media": "Media",
        "part:see-also": "The list of related topics",
        "part:media": "Pictures and videos",
    }


def test_a_part_that_is_gone_is_refused_by_name(article):
    article.sections.get(anchor="meals").delete()
    publish(article, at=NOON - days(1), change="minor")
    assert refused(article, **PART, parts=["meals"]) == {
        "parts": ["“meals” is not on the page as patients read it that day. Open the page again."]
    }


def test_a_review_of_parts_names_them_and_one_of_the_whole_page_names_none(article):
    assert refused(article, **PART) == {"parts": ["Name the parts that were reviewed, or choose the whole page."]}
    assert "names no parts" in refused(article, parts=["meals"])["parts"][0]


# When it is due again


def test_without_a_day_it_is_due_on_the_last_one_that_the_policy_allows(article):
    with_policy(article)
    reviewed(article, next_on=None, on=DAY - days(1))
    assert dates(article) == (date(2026, 11, 21), 1, date(2027, 11, 21))


@pytest.mark.parametrize(
    ("on", "months", "due_on"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2024, 1, 31), 1, date(2024, 2, 29)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2024, 2, 29), 48, date(2028, 2, 29)),
    ],
)
def test_months_are_calendar_months(on, months, due_on):
    article = published(at=NOON - days(5 * 365))
    with_policy(article, months)
    assert reviewed(article, on=on, next_on=None).next_review_on == due_on


def test_an_earlier_day_is_the_reviewers_choice_and_a_later_one_is_refused(article):
    with_policy(article)
    assert refused(article, next_on=date(2027, 11, 23)) == {
        "next_review_on": [
            "The page falls due on November 22, 2027 at the latest: 12 months, because its kind is In-depth."
        ]
    }
    reviewed(article, next_on=date(2027, 11, 22))
    reviewed(article, next_on=date(2027, 2, 1))
    assert dates(article)[2] == date(2027, 2, 1)


def test_without_a_policy_a_day_is_asked_for(article):
    said = ["No policy covers this page, so say when it is due again."]
    assert refused(article, next_on=None) == {"next_review_on": said}


def test_without_a_policy_ten_years_are_the_most(article):
    said = ["No page goes longer than 120 months without a review. Check the year."]
    assert refused(article, next_on=date(3027, 1, 1)) == {"next_review_on": said}
    assert refused(article, next_on=date(2036, 11, 23)) == {"next_review_on": said}
    assert reviewed(article, next_on=date(2036, 11, 22)).next_review_on == date(2036, 11, 22)


@pytest.mark.parametrize("next_on", [DAY, DAY - days(1)])
def test_it_is_due_after_the_day_of_the_review(article, next_on):
    assert refused(article, next_on=next_on) == {
        "__all__": ["The next review must fall due after the day of this review."]
    }


# Which day, which edition


@pytest.mark.parametrize(
    ("zone", "at", "today"),
    [
        ("UTC", NOON, DAY),
        ("Pacific/Kiritimati", NOON, DAY + days(1)),
        ("Pacific/Pago_Pago", NOON - timedelta(hours=2), DAY - days(1)),
        ("America/New_York", datetime.fromisoformat("2026-11-01T23:30:00-05:00"), date(2026, 11, 1)),
        ("Europe/London", datetime.fromisoformat("2026-10-25T00:30:00+01:00"), date(2026, 10, 25)),
    ],
)
def test_the_day_is_today_at_the_latest_by_the_clocks_of_the_site(article, settings, zone, at, today):
    settings.TIME_ZONE = zone
    assert "is in the future" in refused(article, at=at, on=today + days(1))["reviewed_on"][0]
    assert reviewed(article, at=at, on=today).reviewed_on == today


def test_a_day_before_the_page_was_published_is_refused(article):
    first = DAY - days(365)
    assert refused(article, on=first - days(1)) == {
        "reviewed_on": ["The page was published on November 22, 2025. A review can't be earlier."]
    }
    assert reviewed(article, on=first).edition.number == 1


def test_a_page_that_nobody_reads_is_not_reviewed(article):
    said = {"": ["This article has no published page, so there is nothing to review yet."]}
    assert refused(an_article("Draft")) == said
    withdraw(article, at=NOON - days(1), by=ANA, reason="Old.")
    said = (
        "Patients don’t read this page now: it was withdrawn on November 21, 2026. It can be reviewed when it is back."
    )
    assert refused(article) == {"": [said]}


def test_a_review_is_of_the_edition_that_patients_read_on_its_day(article):
    publish(article, at=NOON - days(5), note="New advice.")
    assert reviewed(article, on=DAY - days(6)).edition.number == 1
    assert reviewed(article, on=DAY - days(5)).edition.number == 2
    assert dates(article)[:2] == (DAY - days(5), 2)


def test_a_review_older_than_the_first_edition_here_is_of_that_one():
    page = published(an_article(stated_on=date(2021, 6, 29)), at=NOON - days(9))
    publish(page, at=NOON - days(5), note="New advice.")
    assert reviewed(page, on=date(2022, 1, 1)).edition.number == 1


def test_an_edition_that_the_reviewer_has_not_seen_is_not_reviewed(article):
    publish(article, at=NOON - days(1), note="New advice.")
    fields = {"reviewer_name": "Grace Obi", "outcome": "no_change", "evidence": "Guideline", "next_review_on": LATER}
    with pytest.raises(ValidationError, match="Edition 2 was published since you opened this page"):
        reviewing.record_review(Review(article=article, reviewed_on=DAY, **fields), at=NOON, by=GRACE, seen=1)
    reviewing.record_review(Review(article=article, reviewed_on=DAY, **fields), at=NOON, by=GRACE, seen=2)
    assert Review.objects.get().edition.number == 2


def test_an_old_review_that_is_written_down_late_moves_nothing(article):
    reviewed(article)
    to = date(2027, 5, 1)
    due.move(article, to, at=NOON, today=DAY, by=ANA, reason="Holidays.")
    reviewed(article, on=DAY - days(30), next_on=date(2027, 1, 1))
    assert dates(article) == (DAY, 1, to)


# Corrections


def test_a_correction_takes_the_place_of_the_record_and_both_stay(article):
    wrong = reviewed(article, outcome="no_change")
    right = reviewed(article, supersedes=wrong, on=DAY - days(2), next_on=date(2027, 3, 1), outcome="minor")
    assert dates(article) == (DAY - days(2), 1, date(2027, 3, 1))
    assert list(article.reviews.standing()) == [right]
    assert Review.objects.get(pk=wrong.pk).outcome == "no_change"
    assert AuditEntry.objects.first().action == AuditEntry.Action.REVIEW_CORRECTED


def test_a_corrected_record_stays_with_the_edition_that_was_read(article):
    """Edition 2 came out on the day of the review, after it: whoever mends a slip of the pen has not read it."""
    wrong = reviewed(article, **PART, parts=["meals"])
    whole = reviewed(article)
    article.sections.filter(heading="Meals").delete()
    publish(article, at=NOON + timedelta(hours=2), note="Another dose.")
    after = {"at": NOON + timedelta(hours=3), "seen": 2}
    right = reviewed(article, supersedes=whole, evidence="ASCO guideline 2025", **after)
    assert right.edition.number == 1
    assert dates(article)[:2] == (DAY, 1)
    article.refresh_from_db()
    assert article.changed_from == NOON + timedelta(hours=2)
    assert reviewed(article, supersedes=wrong, **PART, parts=["meals"], **after).edition.number == 1
    assert reviewed(article, supersedes=right, on=DAY - days(1), **after).edition.number == 1
    assert reviewed(article, **after).edition.number == 2


def test_a_last_review_that_is_corrected_to_an_earlier_day_gives_way_to_the_one_before(article):
    reviewed(article, on=DAY - days(30), next_on=date(2027, 1, 1))
    wrong = reviewed(article)
    reviewed(article, supersedes=wrong, on=DAY - days(60))
    assert dates(article) == (DAY - days(30), 1, date(2027, 1, 1))


def test_a_whole_page_that_was_parts_in_truth_gives_its_dates_back(article):
    wrong = reviewed(article)
    reviewed(article, supersedes=wrong, **PART, parts=["meals"])
    assert dates(article) == (None, None, None)


def test_a_correction_falls_back_on_what_the_source_states(article):
    stated = {"source": "dates.tsv, line 2", "imported_at": NOON, "imported_by": "Import"}
    StatedReview.objects.create(
        article=article, reviewed_on=date(2026, 1, 1), next_review_on=date(2028, 1, 1), **stated
    )
    wrong = reviewed(article)
    reviewed(article, supersedes=wrong, **PART, parts=["meals"])
    assert dates(article) == (None, None, date(2028, 1, 1))


def test_an_older_review_that_counts_again_keeps_to_the_policy_of_today(article):
    reviewed(article, on=DAY - days(30))
    wrong = reviewed(article)
    with_policy(article)
    reviewed(article, supersedes=wrong, **PART, parts=["meals"])
    assert dates(article) == (date(2026, 10, 23), 1, date(2027, 10, 23))


def test_a_record_is_corrected_once_and_on_its_own_page_only(article):
    other = published(an_article("Other page"), at=NOON - days(9))
    wrong = reviewed(article)
    assert refused(other, supersedes=wrong) == {"": ["The record that this one corrects is of another page."]}
    right = reviewed(article, supersedes=wrong)
    said = {"": ["That record has been corrected already. Correct the newer one."]}
    assert refused(article, supersedes=wrong) == said
    assert reviewed(article, supersedes=right).supersedes == right


def test_a_record_of_a_page_that_was_withdrawn_can_still_be_corrected(article):
    wrong = reviewed(article, on=DAY - days(9), outcome="no_change")
    publish(article, at=NOON - days(6), note="New advice.")
    withdraw(article, at=NOON - days(5), by=ANA, reason="Old.")
    right = reviewed(article, supersedes=wrong, on=DAY - days(8), next_on=date(2027, 3, 1), outcome="withdraw", seen=1)
    assert (right.edition.number, list(article.reviews.standing())) == (1, [right])
    assert dates(article) == (DAY - days(8), 1, date(2027, 3, 1))


def test_a_review_of_parts_of_a_page_that_was_withdrawn_is_corrected_to_one_of_the_whole_page(article):
    wrong = reviewed(article, **PART, parts=["meals"])
    withdraw(article, at=NOON, by=ANA, reason="Old.")
    reviewed(article, supersedes=wrong)
    assert dates(article) == (DAY, 1, LATER)


@pytest.mark.parametrize(
    ("day", "said"),
    [
        (DAY - days(4), "The page was withdrawn on November 17, 2026. A review can't be later."),
        (DAY - days(366), "The page was published on November 22, 2025. A review can't be earlier."),
        (DAY + days(1), "The day of the review is in the future. Write the day on which the page was checked."),
    ],
)
def test_the_day_of_a_corrected_review_is_one_on_which_patients_could_read_the_page(article, day, said):
    wrong = reviewed(article, on=DAY - days(9))
    withdraw(article, at=NOON - days(5), by=ANA, reason="Old.")
    assert refused(article, supersedes=wrong, on=day) == {"reviewed_on": [said]}
    assert reviewed(article, supersedes=wrong, on=DAY - days(5)).reviewed_on == DAY - days(5)


def test_a_day_on_which_the_page_was_withdrawn_is_refused_after_it_came_back_too(article):
    withdraw(article, at=NOON - days(9), by=ANA, reason="Old.")
    bring_back(article, at=NOON - days(3), by=ANA)
    said = "The page was withdrawn on November 13, 2026 and brought back on November 19, 2026. A review can't be of a day between."
    for day in (DAY - days(8), DAY - days(4)):
        assert refused(article, on=day) == {"reviewed_on": [said]}
    for day in (DAY - days(9), DAY - days(3), DAY):
        assert reviewed(article, on=day).reviewed_on == day


def test_a_page_that_was_withdrawn_is_not_reviewed_under_cover_of_a_correction_of_another_page(article):
    other = published(an_article("Other page"), at=NOON - days(9))
    withdraw(article, at=NOON - days(5), by=ANA, reason="Old.")
    said = {"": ["The record that this one corrects is of another page."]}
    assert refused(article, supersedes=reviewed(other), on=DAY - days(6)) == said


# The ledger


@pytest.mark.parametrize("missing", ["reviewer_name", "outcome", "evidence"])
def test_a_review_says_who_found_what_against_what(article, missing):
    assert list(refused(article, **{missing: ""})) == [missing]


def test_a_review_is_written_once(article):
    review = reviewed(article)
    for rewrite in (review.save, review.delete, Review.objects.all().delete, lambda: Review.objects.update(note="x")):
        with pytest.raises(LedgerError):
            rewrite()


@pytest.mark.parametrize("statement", ["UPDATE articles_review SET note = 'x'", "DELETE FROM articles_review"])
def test_the_database_refuses_to_rewrite_a_review(article, statement):
    reviewed(article)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert Review.objects.get().note == ""


def test_the_record_outlives_the_account_of_who_made_it(article):
    user = User.objects.create_user("grace", first_name="Grace", last_name="Obi")
    fields = {"reviewer_name": "Grace Obi", "outcome": "no_change", "evidence": "Guideline", "next_review_on": LATER}
    reviewing.record_review(Review(article=article, reviewed_on=DAY, **fields), at=NOON, by=Person.of(user))
    pk, before, row = user.pk, dates(article), Review.objects.values().get()
    user.delete()
    assert (dates(article), Review.objects.values().get()) == (before, row)
    assert (row["recorded_by"], row["recorded_by_account"]) == ("Grace Obi", pk)


# What patients read of it


def history_of(article) -> str:
    return " ".join(strip_tags(Reader().html(f"{article.get_absolute_url()}history/")).split())


def test_the_history_names_the_parts_that_were_reviewed(article):
    reviewed(article, **PART, parts=["meals", "part:media"])
    assert "November 22, 2026: No change needed Parts: Meals, Pictures and videos Edition 1" in history_of(article)
    reviewed(article, at=NOON, on=DAY - days(1))
    assert "November 21, 2026: No change needed Edition 1 Reviewed by Grace Obi" in history_of(article)


def test_the_history_shows_a_corrected_record_in_place_of_the_wrong_one(article):
    wrong = reviewed(article, reviewer_name="Wrong Name")
    assert "Corrected record" not in history_of(article)
    reviewed(article, supersedes=wrong, reviewer_name="Right Name")
    said = history_of(article)
    assert "Reviewed by Right Name, RN, no. 12345 Corrected record" in said
    assert "Wrong Name" not in said
