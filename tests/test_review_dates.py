"""Reviewed and Next review due follow from reviews, policies and whoever plans the reviews. Nothing else moves them."""

import re
from datetime import date, timedelta

import pytest
from django.contrib.auth.models import Group, User
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.test import override_settings
from django.urls import reverse
from django.utils import timezone

from articles import due, rescheduling, review_requests, reviewing, withdrawn_sources, workflow
from articles.importing.review_dates import import_review_dates
from articles.importing.storing import Outcome, import_page
from articles.models import (
    Absence,
    Article,
    AuditEntry,
    Mail,
    Policy,
    Reference,
    Review,
    ScheduledAct,
    StatedReview,
    Tag,
    Topic,
    WithdrawnSource,
)
from articles.owners import assign, hand_over, handing_over
from articles.policies import apply, digest
from articles.revising import restore
from articles.workflow import Act
from tests.admin import save, signed_in
from tests.builders import (
    ANA,
    a_publisher,
    a_topic,
    an_account,
    an_article,
    an_author,
    many_published,
    publish,
    published,
    reviewed,
    signed_and_published,
    signed_off,
    with_see_also,
    wrote,
)
from tests.http_server import http_server
from tests.page_texts import a_page
from tests.test_admin_bulk import choose, press
from tests.test_article_page import Reader

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate


def ago(number: int):
    return timezone.now() - timedelta(days=number)


@pytest.fixture
def article():
    """Live, written 40 days ago, reviewed 10 days ago under a policy of 24 months, and then due on another day, which a
    planner chose. Stricter policies wait for the kind “Test” and the tag “stricter”."""
    page = with_see_also(an_article("Reviewed page"), [a_topic("MRI")])
    page = wrote(wrote(page, at=ago(40)), at=ago(40), body="<p>Nine meals a day.</p>")
    page = signed_and_published(page, at=ago(40))
    Policy.objects.create(kind="in_depth", months=24, reason="Rule 12.")
    Policy.objects.create(kind="test", months=6, reason="Rule 13.")
    Tag.objects.create(name="stricter").policies.create(months=3, reason="Rule 14.")
    apply(at=ago(20), by=ANA, reason="Rule 12.")
    reviewed(page, at=ago(10), on=TODAY() - timedelta(days=10), next_on=None)
    assign(Article.objects.all(), owner=an_author(), group=None, at=ago(9), by=ANA)
    day = TODAY() + timedelta(days=100)
    due.move(page, day, at=ago(5), today=TODAY(), by=ANA, reason="Holidays.")
    return Article.objects.get(pk=page.pk)


def dates(article) -> dict:
    """Where Reviewed and Next review due stand: on the article, in the reviews and, when patients can read it, on the
    page itself."""
    columns = Article.objects.values("reviewed_on", "reviewed_edition", "next_review_on").get(pk=article.pk)
    html = Reader().get(Article.objects.get(pk=article.pk).get_absolute_url()).content.decode()
    shown = re.findall(r"<dt>(Reviewed|Next review due)</dt> <dd><time datetime=\"([\d-]+)\"", html)
    reviews = list(Review.objects.filter(article=article).values_list("pk", "reviewed_on", "next_review_on"))
    return {"columns": columns, "shown": dict(shown), "reviews": reviews}


def saved_in_the_admin(article):
    assert save(signed_in(), article, deck="Another summary.").status_code == 302


def of_another_kind(article):
    assert save(signed_in(), article, kind="test").status_code == 302


def tagged(article):
    assert save(signed_in(), article, tags="stricter").status_code == 302


def with_dates_in_the_form(article):
    typed = {"reviewed_on": "2001-01-01", "next_review_on": "2001-01-02", "reviewed_edition": 9, "reviewed": "x"}
    assert save(signed_in(), article, deck="Another summary.", **typed).status_code == 302


def published_with_a_major_change(article):
    page = wrote(article, at=ago(1), body="<p>Eight meals a day.</p>")
    assert signed_and_published(page, at=ago(1)).editions.count() == 2


def published_as_another_kind(article):
    Article.objects.filter(pk=article.pk).update(kind="test")
    publish(Article.objects.get(pk=article.pk), at=timezone.now(), note="Another kind.")


def scheduled_and_gone_live(article):
    page = signed_off(wrote(article, at=ago(3), body="<p>Eight meals a day.</p>"), at=ago(3))
    details = {"change": "major", "note": "Eight.", "live_at": ago(1)}
    workflow.schedule(page, version=page.version, by=a_publisher(), at=ago(2), **details)
    call_command("run_due")
    assert ScheduledAct.objects.get().done_at and page.editions.count() == 2


def imported_over(article):
    text = a_page(title=article.title, date_line="June 29, 2021 See more In-depth")
    done = import_page(text.encode(), name="page.txt", at=timezone.now(), replace_edits=True)
    assert (done.article, done.outcome) == (article, Outcome.UPDATED)
    publish(Article.objects.get(pk=article.pk), at=timezone.now(), note="From a file.")


def withdrawn_and_brought_back(article):
    workflow.withdraw(article, version=article.version, by=a_publisher(), at=ago(2), reason="Wrong.")
    page = Article.objects.get(pk=article.pk)
    workflow.bring_back(page, version=page.version, by=a_publisher(), at=ago(1))


def sent_by_the_dozen(article):
    """The bulk act of the article list."""
    page = wrote(article, at=ago(1), body="<p>Eight meals a day.</p>")
    client = signed_in(an_author())
    response = press(client, Act.SUBMIT, choose(client, Act.SUBMIT, page))
    assert response.status_code == 200 and page.steps.filter(version=page.version).exists()


def published_by_the_dozen(article):
    page = signed_off(wrote(article, at=ago(1), body="<p>Eight meals a day.</p>"), at=ago(1))
    client = signed_in(a_publisher())
    shown = choose(client, Act.PUBLISH, page)
    press(client, Act.PUBLISH, shown, {f"row-{page.pk}-change": "minor"})
    assert page.editions.count() == 2


def restored(article):
    first = article.revisions.get(number=1)
    restore(article, first, version=article.version, at=timezone.now(), by=ANA)


def topic_saved(article):
    topic = Topic.objects.get(title="MRI")
    url = reverse("admin:articles_topic_change", args=[topic.pk])
    no_rows = {f"{prefix}-{name}_FORMS": 0 for prefix in ("other_names", "codes") for name in ("TOTAL", "INITIAL")}
    sent = {"title": "MRI", "kind": "test", "definition": "Pictures of the body.", **no_rows}
    assert signed_in().post(url, sent).status_code == 302


def owner_and_all_other_accounts_deleted(article):
    User.objects.all().delete()
    assert Article.objects.get(pk=article.pk).owner is None


def policy_changed_but_not_applied(article):
    Policy.objects.filter(kind="in_depth").update(months=1)


def signed_off_again(article):
    page = signed_off(wrote(article, at=ago(1), body="<p>Eight meals a day.</p>"), at=ago(1))
    assert page.steps.filter(version=page.version).count() == 2


def assigned_to_somebody(article):
    owner = an_account("Author", "Olga Owner")
    assert assign(Article.objects.filter(pk=article.pk), owner=owner, group=None, at=timezone.now(), by=ANA) == 1


def assigned_on_the_desk(article):
    """The bulk act of the review desk."""
    owner = an_account("Clinical reviewer", "Olga Owner")
    sent = {"article": article.pk, "act": "assign", "owner": owner.pk, "confirmed": "yes"}
    assert signed_in().post("/admin/review-desk/change/", sent).status_code == 200
    assert Article.objects.get(pk=article.pk).owner == owner


def handed_over_by_a_leaver(article):
    leaver, heir = article.owner, an_account("Clinical reviewer", "Olga Owner")
    User.objects.filter(pk=leaver.pk).update(is_active=False)
    shown = digest(handing_over(leaver, owner=heir, group=None))
    agreed = {"reason": "Ana left.", "rehearsed": shown}
    assert hand_over(leaver, owner=heir, group=None, at=timezone.now(), by=ANA, **agreed) == 1


def asked_for_and_closed(article):
    wanted = {"cause": "report", "about": "A wrong dose.", "due_on": TODAY() + timedelta(days=3), "by": ANA}
    request = review_requests.ask_by_hand(article, at=timezone.now(), **wanted)
    review_requests.close(request, because="It was another page.", at=timezone.now(), by=ANA)


def owner_away_and_all_reminded(article):
    deputy = an_account("Clinical reviewer", "Dee Wood")
    User.objects.update(email="someone@example.org")
    Group.objects.get(name="Clinical reviewer").user_set.add(article.owner)
    days = {"from_on": TODAY(), "until_on": TODAY() + timedelta(days=7)}
    Absence.objects.create(user=article.owner, deputy=deputy, **days)
    signed_and_published(wrote(article, at=ago(1), body="<p>Eight meals a day.</p>"), at=ago(1))
    call_command("send_review_digest")
    assert "Reviewed page" in Mail.objects.get(key__startswith=f"review-digest:{deputy.pk}:").text


def source_withdrawn_and_asked_for(article):
    Reference.objects.create(article=article, position=1, text="A trial.", doi="10.1000/1")
    publish(article, at=ago(1), note="A source more.")
    source = WithdrawnSource(doi="10.1000/1", what_happened="Retracted.", withdrawn_on=TODAY())
    (request,) = withdrawn_sources.record(source, at=timezone.now(), by=ANA, seen={article.pk})
    assert request.article == article


def links_checked_and_watched(article):
    with http_server("127.0.0.1") as server, override_settings(CHECK_PRIVATE_LINKS=True):
        article.sections.update(body=f'<p><a href="{server.url}/gone">A guide</a></p>')
        publish(article, at=ago(1), note="A link.")
        call_command("check_links")
    call_command("run_due")
    assert review_requests.open_requests(article).get().cause == "link"


def stated_by_a_source(article):
    row = f"{article.slug}\t2001-01-01\t2002-01-01"
    raw = f"url\tlast_reviewed\treview_due\n{row}\n".encode()
    assert import_review_dates(raw, name="dates.tsv", at=timezone.now(), today=TODAY()).stated == 1


ACTS = [
    saved_in_the_admin,
    of_another_kind,
    tagged,
    with_dates_in_the_form,
    published_with_a_major_change,
    published_as_another_kind,
    scheduled_and_gone_live,
    imported_over,
    withdrawn_and_brought_back,
    sent_by_the_dozen,
    published_by_the_dozen,
    restored,
    topic_saved,
    owner_and_all_other_accounts_deleted,
    policy_changed_but_not_applied,
    signed_off_again,
    assigned_to_somebody,
    assigned_on_the_desk,
    handed_over_by_a_leaver,
    asked_for_and_closed,
    owner_away_and_all_reminded,
    source_withdrawn_and_asked_for,
    links_checked_and_watched,
    stated_by_a_source,
]


@pytest.mark.parametrize("act", ACTS, ids=lambda act: act.__name__)
def test_it_moves_neither_reviewed_nor_next_review_due(article, act):
    before = dates(article)
    act(article)
    assert dates(article) == before


def test_a_review_of_parts_that_answers_a_request_moves_neither(article):
    before = dates(article)
    wanted = {"cause": "report", "about": "A wrong dose.", "due_on": TODAY() + timedelta(days=3), "by": ANA}
    request = review_requests.ask_by_hand(article, at=timezone.now(), **wanted)
    parts = {"scope": "part", "parts": ["part:see-also"], "next_review_on": None, "reviewed_on": TODAY()}
    review = Review(article=article, reviewer_name="Grace Obi", outcome="minor", evidence="Guideline", **parts)
    reviewing.record_review(review, at=timezone.now(), by=ANA, answers=[request])
    assert review_requests.open_requests(article).count() == 0
    after = dates(article)
    assert len(after.pop("reviews")) == len(before.pop("reviews")) + 1
    assert after == before


def test_whoever_plans_the_reviews_moves_the_next_with_a_reason_and_never_reviewed(article):
    before = dates(article)["columns"]
    limit = TODAY() + timedelta(days=1)
    Article.objects.filter(pk=article.pk).update(next_review_on=limit)
    many_published({"next_review_on": limit} for _ in range(3))
    today = TODAY()
    agreed = {"per_week": 1, "today": today}
    shown = rescheduling.plan(Article.objects.all(), **agreed)
    details = {"shown": shown.digest, "at": timezone.now(), "by": ANA, "reason": "A bulge."}
    assert article.pk in {move.article for move in rescheduling.apply(Article.objects.all(), **agreed, **details)}
    after = dates(article)["columns"]
    assert after["next_review_on"] > limit
    assert (after["reviewed_on"], after["reviewed_edition"]) == (before["reviewed_on"], before["reviewed_edition"])
    entry = AuditEntry.objects.get(page_id=article.pk, action=AuditEntry.Action.DUE_MOVED, reason="A bulge.")
    assert [change["field"] for change in entry.changes] == ["next_review_on"]


def test_the_dates_that_are_compared_are_there(article):
    """Otherwise the test above would compare nothing with nothing."""
    on, next_on = TODAY() - timedelta(days=10), TODAY() + timedelta(days=100)
    found = dates(article)
    assert found["columns"] == {"reviewed_on": on, "reviewed_edition": 1, "next_review_on": next_on}
    assert found["shown"] == {"Reviewed": on.isoformat(), "Next review due": next_on.isoformat()}
    reviewed(article, at=timezone.now(), on=TODAY(), next_on=TODAY() + timedelta(days=50))
    assert dates(article)["shown"]["Reviewed"] == TODAY().isoformat()


@pytest.mark.parametrize(("stated", "latest"), [("2026-01-31", "2028-01-31"), (None, None)])
def test_a_page_never_reviewed_here_gets_no_more_time_than_its_policy(stated, latest):
    """From the review that its source states, else from today."""
    page, today = published(an_article("Never reviewed")), date(2026, 11, 23)
    Article.objects.filter(pk=page.pk).update(review_months=24, review_policy="24 months", next_review_on="2023-05-01")
    StatedReview.objects.create(
        article=page,
        reviewed_on=stated,
        next_review_on="2023-05-01" if stated is None else None,
        source="dates.tsv, line 2",
        imported_at=ago(1),
        imported_by="Ana Ruiz",
    )
    last_day = date.fromisoformat(latest or "2028-11-23")
    how = {"at": timezone.now(), "today": today, "by": ANA, "reason": "The guideline comes then."}
    with pytest.raises(ValidationError, match="at the latest: 24 months"):
        due.move(page, last_day + timedelta(days=1), **how)
    due.move(page, last_day, **how)
    assert Article.objects.get(pk=page.pk).next_review_on == last_day
