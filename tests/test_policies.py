"""Policies: which one holds for a page, what applying changed ones does, and what it never does."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from articles import due, policies
from articles.dates import add_months
from articles.kinds import Kind
from articles.models import Article, AuditEntry, Edition, Policy, RiskClass, Tag
from articles.people import Person
from articles.policies import PolicyChange, RehearsalOutdated
from tests.builders import ANA, DAY, GRACE, NOON, an_article, publish, published, reviewed

pytestmark = pytest.mark.django_db
LAST_YEAR = date(2025, 11, 22)


def a_policy(months=12, *, tag="", risk="", **target) -> Policy:
    """For a kind, an article, the tag or the risk class of that name; for in-depth pages unless one is named."""
    if tag:
        target["tag"] = Tag.objects.get_or_create(name=tag, slug=tag)[0]
    if risk:
        target["risk_class"] = RiskClass.objects.get_or_create(name=risk)[0]
    return Policy.objects.create(months=months, reason="Rule 12.", **(target or {"kind": Kind.IN_DEPTH}))


def a_page(title="Coping with nausea", *, last=None, due_on=None, risk="", **fields) -> Article:
    """Live since 2020, and last reviewed on the day that is given."""
    if risk:
        fields["risk_class"] = RiskClass.objects.get_or_create(name=risk)[0]
    article = an_article(title, **fields)
    publish(article, at=NOON.replace(year=2020))
    if last:
        reviewed(article, on=last, next_on=due_on or add_months(last, 36))
    article.refresh_from_db()
    return article


def apply(**details) -> list[PolicyChange]:
    return policies.apply(**{"at": NOON, "by": ANA, "reason": "Rule 12 is in force.", **details})


def now(article: Article) -> Article:
    return Article.objects.get(pk=article.pk)


# Which policy holds


@pytest.mark.parametrize(
    ("months", "expected"),
    [
        ({"kind": 24}, "24 months, because its kind is In-depth"),
        ({"tag": 12}, "12 months, because it is tagged “chemotherapy”"),
        ({"risk": 6}, "6 months, because its risk class is “doses”"),
        ({"article": 1}, "1 month, because this page has a policy of its own"),
        ({"kind": 24, "tag": 12, "risk": 36, "article": 48}, "12 months, because it is tagged “chemotherapy”"),
        ({"kind": 12, "tag": 24, "risk": 36, "article": 48}, "12 months, because its kind is In-depth"),
        ({"kind": 24, "tag": 24, "risk": 6, "article": 48}, "6 months, because its risk class is “doses”"),
        ({"kind": 24, "tag": 24, "risk": 24, "article": 3}, "3 months, because this page has a policy of its own"),
    ],
)
def test_of_all_policies_that_match_the_strictest_holds_and_says_why(months, expected):
    article = a_page(tags=["chemotherapy"], risk="doses")
    targets = {
        "kind": {"kind": Kind.IN_DEPTH},
        "tag": {"tag": "chemotherapy"},
        "risk": {"risk": "doses"},
        "article": {"article": article},
    }
    for name, number in months.items():
        a_policy(number, **targets[name])
    apply()
    assert now(article).review_policy == expected


@pytest.mark.parametrize("first", ["kind", "tag"])
def test_of_two_policies_with_as_many_months_the_older_one_holds(first):
    article = a_page(tags=["chemotherapy"])
    made = [lambda: a_policy(12, kind=Kind.IN_DEPTH), lambda: a_policy(12, tag="chemotherapy")]
    for make in made if first == "kind" else reversed(made):
        make()
    apply()
    because = "its kind is In-depth" if first == "kind" else "it is tagged “chemotherapy”"
    assert now(article).review_policy == f"12 months, because {because}"


def test_a_page_with_several_tags_follows_the_strictest_of_their_policies():
    article = a_page(tags=["chemotherapy", "nausea", "food"])
    a_policy(24, tag="chemotherapy"), a_policy(6, tag="nausea")
    apply()
    assert now(article).review_policy == "6 months, because it is tagged “nausea”"


def test_a_page_that_no_policy_matches_has_none():
    article = a_page(tags=["food"])
    a_policy(kind=Kind.STORY), a_policy(tag="chemotherapy"), a_policy(risk="doses"), a_policy(article=a_page("Other"))
    apply()
    assert (now(article).review_months, now(article).review_policy, now(article).banner_after_days) == (None, "", None)


@pytest.mark.parametrize("months", [0, 121, 999])
def test_the_database_keeps_no_policy_of_other_than_1_to_120_months(months):
    with pytest.raises(IntegrityError), transaction.atomic():
        a_policy(months)
    assert not Policy.objects.exists()


# What applying does to the days


@pytest.mark.parametrize(
    ("last", "months", "expected"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2024, 1, 31), 1, date(2024, 2, 29)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2024, 2, 29), 48, date(2028, 2, 29)),
        (date(2026, 8, 31), 6, date(2027, 2, 28)),
        (date(2026, 11, 22), 120, date(2036, 11, 22)),
    ],
)
def test_months_are_calendar_months(last, months, expected):
    article = a_page(last=last, due_on=add_months(last, 120))
    a_policy(months)
    apply()
    assert now(article).next_review_on == expected


def test_a_day_that_was_chosen_earlier_than_the_policy_asks_stays():
    article = a_page(last=LAST_YEAR, due_on=date(2026, 12, 1))
    a_policy(36)
    apply()
    assert now(article).next_review_on == date(2026, 12, 1)


@pytest.mark.parametrize(("chosen", "expected"), [(None, date(2028, 11, 22)), (date(2026, 10, 1), date(2026, 10, 1))])
def test_a_looser_policy_moves_the_day_later_only_where_it_stood_at_the_old_limit(chosen, expected):
    article = a_page(last=LAST_YEAR)
    policy = a_policy(12)
    apply()
    assert now(article).next_review_on == date(2026, 11, 22)
    if chosen:
        due.move(article, chosen, at=NOON, today=date(2026, 9, 1), by=GRACE, reason="Holidays.")
    policy.months = 36
    policy.save()
    apply()
    assert now(article).next_review_on == expected


def test_a_stricter_policy_moves_the_day_sooner_and_the_page_may_be_overdue_then():
    article = a_page(last=date(2025, 1, 31), due_on=date(2028, 1, 31))
    a_policy(12)
    (change,) = apply()
    assert now(article).next_review_on == change.due_after == date(2026, 1, 31)
    assert change.becomes_overdue(today=DAY)


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (DAY + timedelta(1), DAY - timedelta(1), True),
        (DAY, DAY - timedelta(1), True),
        (None, DAY - timedelta(1), True),
        (DAY + timedelta(1), DAY, False),  # due today is not overdue
        (DAY - timedelta(1), DAY - timedelta(9), False),  # it was
        (DAY - timedelta(1), DAY + timedelta(9), False),
    ],
)
def test_a_page_becomes_overdue_when_its_day_has_passed_then_and_had_not_before(before, after, expected):
    change = PolicyChange(1, "Page", "", "12 months", 12, 90, before, after)
    assert change.becomes_overdue(today=DAY) is expected


def test_a_page_that_was_never_reviewed_gets_a_policy_and_no_day():
    article = a_page()
    a_policy(12)
    apply()
    assert (now(article).review_months, now(article).next_review_on, now(article).reviewed_on) == (12, None, None)


def test_a_day_that_the_source_stated_stays_without_a_review():
    article = a_page()
    article.stated_reviews.create(next_review_on=date(2030, 1, 1), source="List", imported_at=NOON, imported_by="Ana")
    due.settle(article)
    a_policy(12)
    apply()
    assert now(article).next_review_on == date(2030, 1, 1)


def stated(article, reviewed_on, next_on) -> None:
    days = {"reviewed_on": reviewed_on, "next_review_on": next_on}
    article.stated_reviews.create(**days, source="List", imported_at=NOON, imported_by="Ana")
    due.settle(article)


def test_a_policy_counts_from_the_review_that_the_source_states_until_there_is_one_here():
    article = a_page()
    stated(article, date(2024, 11, 7), date(2027, 11, 7))
    policy = a_policy(12)
    (change,) = apply()
    assert (change.due_before, change.due_after) == (date(2027, 11, 7), date(2025, 11, 7))
    assert change.becomes_overdue(today=DAY)
    assert (now(article).next_review_on, now(article).reviewed_on) == (date(2025, 11, 7), None)
    for months, expected in [(24, date(2026, 11, 7)), (60, date(2027, 11, 7)), (30, date(2027, 5, 7))]:
        policy.months = months
        policy.save()
        apply()
        assert now(article).next_review_on == expected, months


def test_a_page_of_which_only_the_review_is_stated_falls_due_by_the_policy():
    article = a_page()
    stated(article, date(2026, 1, 31), None)
    policy = a_policy(13)
    apply()
    assert now(article).next_review_on == date(2027, 2, 28)
    policy.months = 24
    policy.save()
    apply()
    assert now(article).next_review_on == date(2028, 1, 31)


def test_after_a_review_here_what_the_source_states_counts_no_more():
    article = a_page(last=LAST_YEAR)
    stated(article, date(2020, 1, 1), date(2021, 1, 1))
    a_policy(12)
    apply()
    assert now(article).next_review_on == date(2026, 11, 22)


def test_a_deleted_policy_leaves_the_day_and_takes_the_limit():
    article = a_page(last=LAST_YEAR)
    policy = a_policy(12, kind=Kind.IN_DEPTH, banner_after_days=30)
    apply()
    policy.delete()
    (change,) = apply()
    assert (change.policy_before, change.policy_after) == ("12 months, because its kind is In-depth", "")
    page = now(article)
    assert (page.review_months, page.review_policy, page.banner_after_days) == (None, "", None)
    assert page.next_review_on == date(2026, 11, 22)


def test_the_banner_is_the_strictest_policys():
    article = a_page(tags=["chemotherapy"])
    a_policy(12, tag="chemotherapy", banner_after_days=30), a_policy(24, kind=Kind.IN_DEPTH, banner_after_days=10)
    apply()
    assert now(article).banner_after_days == 30


def test_a_tag_of_100_characters_fits_into_what_the_page_says():
    article = a_page("T" * 200, tags=["c" * 100])
    a_policy(12, tag="c" * 100)
    apply()
    assert now(article).review_policy == f"12 months, because it is tagged “{'c' * 100}”"


# What moves nothing


def test_a_new_policy_a_save_and_a_new_tag_change_no_page_before_the_policies_are_applied():
    article = a_page(last=LAST_YEAR)
    a_policy(6), a_policy(3, tag="chemotherapy")
    article.tags.add("chemotherapy")
    article.save()
    page = now(article)
    assert (page.review_months, page.next_review_on) == (None, date(2028, 11, 22))
    assert len(policies.changes()) == 1


def test_rehearsing_changes_nothing():
    a_page(last=LAST_YEAR)
    a_policy(6)
    before = list(Article.objects.values()), AuditEntry.objects.count()
    assert policies.changes()
    assert (list(Article.objects.values()), AuditEntry.objects.count()) == before


def test_drafts_and_the_archive_are_left_out():
    an_article("Draft")
    Article.objects.filter(pk=a_page("Put away", last=LAST_YEAR).pk).update(archived_at=NOON)
    shown = a_page("Shown")
    a_policy(6)
    assert [change.article for change in policies.changes()] == [shown.pk]


# Applying


def test_the_numbers_say_what_the_pages_have_ahead_of_them():
    a_policy(24, tag="later"), a_policy(12, tag="lost"), a_policy(36, tag="sooner")
    for title, tag, last, months in [
        ("Overdue", "sooner", date(2024, 11, 1), 36),
        ("Sooner", "sooner", date(2026, 10, 1), 36),
        ("Chosen sooner", "sooner", date(2026, 10, 1), 3),
        ("Later", "later", date(2026, 10, 1), 24),
        ("Lost", "lost", date(2026, 10, 1), 12),
        ("New", "new", None, None),
        ("The same", "same", None, None),
    ]:
        a_page(title, tags=[tag], last=last, due_on=last and add_months(last, months))
    assert policies.changes() == []
    for tag, months in {"later": 30, "sooner": 12}.items():
        Policy.objects.filter(tag__name=tag).update(months=months)
    Policy.objects.filter(tag__name="lost").delete()
    a_policy(6, tag="new")
    found = policies.changes()
    assert dict(policies.in_numbers(found, today=DAY)) == {"overdue": 1, "sooner": 2, "later": 1, "new": 1, "lost": 1}
    assert [change.title for change in found] == ["Chosen sooner", "Later", "Lost", "New", "Overdue", "Sooner"]


def test_each_page_keeps_what_was_before_and_after_and_why():
    article = a_page(last=LAST_YEAR)
    a_policy(12)
    apply(reason="  Rule 12 is in force.  ")
    entry = AuditEntry.objects.get(action="policy_applied")
    assert (entry.page_id, entry.by, entry.at, entry.reason) == (article.pk, "Ana Ruiz", NOON, "Rule 12 is in force.")
    assert entry.changes == [
        {"field": "policy", "before": "", "after": "12 months, because its kind is In-depth"},
        {"field": "next_review_on", "before": "2028-11-22", "after": "2026-11-22"},
    ]


def test_applying_twice_changes_nothing_the_second_time():
    a_page(last=LAST_YEAR)
    a_policy(12)
    assert len(apply()) == 1
    before = list(Article.objects.values())
    assert apply() == []
    assert list(Article.objects.values()) == before
    assert AuditEntry.objects.filter(action="policy_applied").count() == 1


@pytest.mark.parametrize("reason", ["", "   "])
def test_without_a_reason_nothing_is_applied(reason):
    article = a_page(last=LAST_YEAR)
    a_policy(12)
    with pytest.raises(ValidationError, match="Say why"):
        apply(reason=reason)
    assert now(article).review_months is None


def test_what_was_not_rehearsed_is_not_applied():
    article = a_page(last=LAST_YEAR)
    policy = a_policy(12)
    rehearsed = policies.digest(policies.changes())
    policy.months = 6
    policy.save()
    with pytest.raises(RehearsalOutdated):
        apply(rehearsed=rehearsed)
    assert now(article).review_months is None
    apply(rehearsed=policies.digest(policies.changes()))
    assert now(article).review_months == 6


def test_when_the_audit_trail_cannot_be_written_no_page_changes():
    pages = [a_page(f"Page {number}", last=LAST_YEAR) for number in range(3)]
    a_policy(12)
    with pytest.raises(IntegrityError):
        apply(by=Person(None))
    assert {now(page).review_months for page in pages} == {None}
    assert not AuditEntry.objects.filter(action="policy_applied").exists()


def many_pages(number: int) -> None:
    first = a_page("First", tags=["chemotherapy"], risk="doses", last=LAST_YEAR)
    columns = {"kind": Kind.IN_DEPTH, "reviewed_on": LAST_YEAR, "next_review_on": DAY, "risk_class": first.risk_class}
    pages = Article.objects.bulk_create(
        Article(title=f"Page {each}", slug=f"page-{each}", **columns) for each in range(1, number)
    )
    edition = {
        field.attname: getattr(first.editions.get(), field.attname)
        for field in Edition._meta.concrete_fields
        if field.attname not in {"id", "article_id"}
    }
    Edition.objects.bulk_create(Edition(article=page, **edition) for page in pages)


def test_a_rehearsal_costs_six_queries_at_most_however_many_pages_there_are(django_assert_max_num_queries):
    many_pages(500)
    a_policy(36), a_policy(24, tag="chemotherapy"), a_policy(6, risk="doses"), a_policy(3, article=a_page("One"))
    with django_assert_max_num_queries(6):
        assert len(policies.changes()) == 501


def test_applying_to_many_pages_writes_them_by_the_hundred(django_assert_max_num_queries):
    many_pages(500)
    a_policy(6)
    with django_assert_max_num_queries(40):
        assert len(apply()) == 500
    assert AuditEntry.objects.filter(action="policy_applied").count() == 500
    assert Article.objects.filter(next_review_on=add_months(LAST_YEAR, 6)).count() == 500


# A page that is published first


def test_a_new_page_is_given_its_policy_with_its_first_edition_and_no_day():
    a_policy(12, tag="chemotherapy", banner_after_days=30)
    article = now(published(an_article(tags=["chemotherapy"])))
    assert (article.review_months, article.banner_after_days) == (12, 30)
    assert article.review_policy == "12 months, because it is tagged “chemotherapy”"
    assert (article.reviewed_on, article.next_review_on) == (None, None)
    assert policies.changes() == []


def test_the_first_review_of_a_new_page_falls_due_by_its_policy():
    a_policy(12)
    article = published()
    reviewed(article, on=DAY, next_on=None)
    assert now(article).next_review_on == date(2027, 11, 22)


def test_a_later_edition_gives_a_page_without_a_policy_one_and_moves_no_day():
    article = a_page(last=LAST_YEAR)
    a_policy(6)
    publish(article, note="Doses.")
    assert (now(article).review_months, now(article).next_review_on) == (6, date(2028, 11, 22))
    assert [change.due_after for change in policies.changes()] == [date(2026, 5, 22)]


def test_a_later_edition_leaves_the_policy_that_a_page_has():
    policy = a_policy(12)
    article = a_page()
    policy.months = 6
    policy.save()
    publish(article, note="Doses.")
    assert now(article).review_months == 12


# The risk class of a page


def set_risk(article, risk_class, **details) -> list[PolicyChange]:
    return policies.set_risk_class(article, risk_class, **{"at": NOON, "by": ANA, "reason": "It has doses.", **details})


def test_a_risk_class_brings_its_page_alone_in_line_with_the_policies():
    article, other = a_page(last=LAST_YEAR), a_page("Other", last=LAST_YEAR)
    doses = a_policy(6, risk="doses").risk_class
    a_policy(12, tag="unused"), a_policy(24)
    (change,) = set_risk(article, doses)
    page = now(article)
    assert (page.risk_class, page.review_months, page.next_review_on) == (doses, 6, date(2026, 5, 22))
    assert change.policy_after == page.review_policy == "6 months, because its risk class is “doses”"
    assert (now(other).review_months, now(other).next_review_on) == (None, date(2028, 11, 22))


def test_a_risk_class_can_be_taken_away():
    a_policy(6, risk="doses")
    article = a_page(last=LAST_YEAR, due_on=date(2026, 5, 22), risk="doses")
    (change,) = set_risk(article, None)
    assert (now(article).risk_class, now(article).review_months, change.policy_after) == (None, None, "")


def test_what_a_risk_class_would_change_is_known_before():
    article = a_page(last=LAST_YEAR)
    doses = a_policy(6, risk="doses").risk_class
    (change,) = policies.changes_by_risk_class(article, doses)
    assert (change.due_before, change.due_after) == (date(2028, 11, 22), date(2026, 5, 22))
    assert now(article).risk_class is None
    assert set_risk(article, doses) == [change]


def test_the_audit_trail_keeps_the_risk_class_even_where_no_policy_follows():
    article = a_page()
    assert set_risk(article, RiskClass.objects.create(name="doses")) == []
    entry = AuditEntry.objects.first()
    assert entry.changes == [{"field": "risk class", "before": "", "after": "doses"}]
    assert (entry.reason, entry.summary) == ("It has doses.", "the risk class is “doses”")


def test_one_entry_of_the_audit_trail_has_the_risk_class_its_policy_and_the_day():
    article = a_page(last=LAST_YEAR)
    set_risk(article, a_policy(6, risk="doses").risk_class)
    entry = AuditEntry.objects.get(action="policy_applied")
    assert [change["field"] for change in entry.changes] == ["risk class", "policy", "next_review_on"]


def test_the_same_risk_class_again_a_missing_reason_and_an_outdated_rehearsal_change_nothing():
    article = a_page(last=LAST_YEAR, risk="doses")
    other = a_policy(6, risk="other").risk_class
    before = list(Article.objects.values()), AuditEntry.objects.count()
    with pytest.raises(ValidationError, match="Coping with nausea” is “doses” already"):
        set_risk(article, article.risk_class)
    with pytest.raises(ValidationError, match="Say why"):
        set_risk(article, other, reason=" ")
    with pytest.raises(RehearsalOutdated):
        set_risk(article, other, rehearsed="something else")
    assert (list(Article.objects.values()), AuditEntry.objects.count()) == before


# Whatever happens


DAYS = st.dates(date(2020, 12, 1), DAY)


class AfterApplying(TestCase):
    @given(
        rows=st.lists(st.tuples(DAYS, st.integers(1, 1500), st.booleans()), min_size=1, max_size=3),
        rounds=st.lists(st.tuples(*[st.none() | st.integers(1, 120)] * 2), min_size=1, max_size=4),
    )
    @settings(max_examples=25, deadline=None)
    def test_every_page_follows_the_policies_and_none_is_due_after_its_limit(self, rows, rounds):
        Policy.objects.all().delete()
        pages = []
        for number, (last, days, tagged) in enumerate(rows):
            page = an_article(f"Page {number}", tags=["chemotherapy"] if tagged else [])
            publish(page, at=NOON.replace(year=2020))
            pages.append(page)
            reviewed(page, on=last, next_on=last + timedelta(days))
        for of_kind, of_tag in rounds:
            Policy.objects.all().delete()
            if of_kind:
                a_policy(of_kind)
            if of_tag:
                a_policy(of_tag, tag="chemotherapy")
            apply()
            assert policies.changes() == []
            for page in Article.objects.filter(pk__in=[page.pk for page in pages]):
                limit = due.limit(page.reviewed_on, page.review_months)
                assert page.next_review_on is not None
                assert limit is None or page.next_review_on <= limit
