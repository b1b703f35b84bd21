"""Reviews out of the cycle: what asks for one, what closes it, and that no date of the page moves."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.utils import timezone

from articles import publishing, review_requests, review_watch, reviewing
from articles.models import Article, AuditEntry, Heartbeat, LinkCheck, Review, ReviewRequest
from articles.people import Person
from tests.admin import change, signed_in, staff
from tests.builders import (
    ANA,
    DAY,
    GRACE,
    NOON,
    a_topic,
    an_article,
    publish,
    published,
    reviewed,
    with_see_also,
)
from tests.test_workflow_races import at_once

pytestmark = pytest.mark.django_db
Cause = ReviewRequest.Cause
PAT = Person("Pat Doe", 77)
LIST, ADD = "/admin/articles/reviewrequest/", "/admin/articles/reviewrequest/add/"


def days(number: int) -> timedelta:
    return timedelta(days=number)


@pytest.fixture
def article():
    sections = [("", "<p>Small meals help.</p>"), ("Meals", "<p>Seven.</p>")]
    return published(an_article(sections=sections), at=NOON - days(60))


IN_TWO_WEEKS = DAY + days(14)


def asked(article, about="A reader says the dose is wrong.", *, key="", due_on=IN_TWO_WEEKS, at=NOON, **fields):
    details = {"cause": Cause.REPORT, "about": about, "key": key or about, "due_on": due_on, "at": at, "by": PAT}
    return review_requests.ask(article, **{**details, **fields})


def answered(article, *requests, by=GRACE, name="Grace Obi", at=NOON, on=DAY, **fields) -> Review:
    defaults = {"outcome": "minor", "evidence": "ASCO guideline 2024", "next_review_on": date(2029, 11, 22)}
    review = Review(article=article, reviewed_on=on, reviewer_name=name, **{**defaults, **fields})
    return reviewing.record_review(review, at=at, by=by, answers=requests)


def public_dates(article) -> tuple:
    dated = Article.objects.values_list("reviewed_on", "next_review_on").get(pk=article.pk)
    return dated + article.editions.values_list("published_on", "updated_on").get()


def entries(*actions) -> list[AuditEntry]:
    return list(AuditEntry.objects.filter(action__in=actions).order_by("id"))


# Asking


def test_a_request_says_what_happened_and_by_when_and_stands_in_the_audit_trail(article):
    request = asked(article)
    assert (request.opened_on, request.due_on, request.opened_by) == (DAY, DAY + days(14), "Pat Doe")
    [entry] = entries("review_asked")
    assert (entry.page_id, entry.by, entry.by_account) == (article.pk, "Pat Doe", 77)
    assert entry.reason == "A reader says the dose is wrong."
    assert list(review_requests.open_requests(article)) == [request]


def test_a_request_moves_no_date_of_the_page_when_it_is_opened_answered_or_closed(article):
    reviewed(article, at=NOON - days(1), on=DAY - days(1))
    before = public_dates(article)
    first, second = asked(article, "One"), asked(article, "Two")
    answered(article, first, scope="part", parts=["meals"], next_review_on=None)
    review_requests.close(second, because="Said twice.", at=NOON, by=PAT)
    assert public_dates(article) == before
    assert not review_requests.open_requests(article).exists()


def test_while_a_request_of_an_event_is_open_there_is_no_second_one(article):
    first = asked(article, key="link:x")
    assert asked(article, "Said otherwise.", key="link:x") == first
    assert (ReviewRequest.objects.count(), len(entries("review_asked"))) == (1, 1)
    review_requests.close(first, because="It answers.", at=NOON, by=PAT)
    assert asked(article, key="link:x") != first


def test_of_four_who_ask_at_the_same_moment_one_opens_the_request(committing_db):
    article = published()
    assert at_once(*[lambda: asked(article, key="link:x")] * 4) == ["done"] * 4
    assert (ReviewRequest.objects.count(), len(entries("review_asked"))) == (1, 1)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"about": " \n"}, "Say what happened."),
        ({"due_on": DAY - days(1)}, "has passed. Choose today or a later day."),
        ({"due_on": date(2027, 11, 23)}, "Choose a day within 12 months: Nov. 22, 2027 at the latest."),
    ],
)
def test_a_request_that_can_not_be_kept_is_refused_with_a_sentence(article, fields, said):
    with pytest.raises(ValidationError, match=said):
        asked(article, **fields, key="x")
    assert not ReviewRequest.objects.exists()


@pytest.mark.parametrize("due_on", [DAY, date(2027, 11, 22)])
def test_a_request_may_be_due_from_today_to_twelve_months_ahead(article, due_on):
    assert asked(article, due_on=due_on).due_on == due_on


def test_a_page_that_patients_do_not_read_can_not_be_asked_for():
    with pytest.raises(ValidationError, match="Patients don’t read “Coping with nausea” now"):
        asked(an_article())


def test_words_that_are_too_long_are_cut_and_say_so(article):
    assert asked(article, "x" * 900, key="x").about == "x" * 499 + "…"


# Answering


def test_a_review_closes_the_requests_it_answers_and_leaves_the_others(article):
    first, second = asked(article, "One"), asked(article, "Two")
    review = answered(article, first)
    first.refresh_from_db()
    assert (first.review, first.closed_at, first.closed_by) == (review, NOON, "Grace Obi")
    assert list(review_requests.open_requests(article)) == [second]
    [entry] = entries("reviewed")
    assert {"field": "answers", "before": None, "after": "One"} in entry.changes


@pytest.mark.parametrize("whose", ["another page", "closed", "asked after the review"])
def test_a_request_that_a_review_can_not_answer_is_refused_and_nothing_is_kept(article, whose):
    request = asked(published(an_article("Hot flashes")) if whose == "another page" else article)
    if whose == "closed":
        review_requests.close(request, because="Said twice.", at=NOON, by=PAT)
    with pytest.raises(ValidationError) as refusal:
        answered(article, request, on=DAY - days(1) if whose == "asked after the review" else DAY)
    said = {"another page": "of another page", "closed": "closed meanwhile", "asked after the review": "after the day"}
    assert said[whose] in refusal.value.message_dict["answers"][0]
    assert not Review.objects.exists()


# Closing without a review


def test_closing_without_a_review_keeps_who_when_and_why(article):
    request = asked(article)
    review_requests.close(request, because=" Said twice. ", at=NOON, by=PAT)
    request.refresh_from_db()
    assert (request.closed_at, request.closed_by, request.closed_because) == (NOON, "Pat Doe", "Said twice.")
    [entry] = entries("request_closed")
    assert (entry.reason, entry.summary) == ("Said twice.", request.about)


def test_closing_needs_a_reason_and_happens_once(article):
    request = asked(article)
    with pytest.raises(ValidationError, match="Say why"):
        review_requests.close(request, because=" ", at=NOON, by=PAT)
    review_requests.close(request, because="Said twice.", at=NOON, by=PAT)
    with pytest.raises(ValidationError, match="closed already"):
        review_requests.close(request, because="Again.", at=NOON, by=PAT)
    assert len(entries("request_closed")) == 1


# The daily watch: related pages


def watched(at=NOON) -> list[str]:
    return [outcome.words for outcome in review_watch.watch(at=at)]


def due_again(article, day: date) -> Article:
    Article.objects.filter(pk=article.pk).update(next_review_on=day)
    return article


def test_a_page_that_points_at_a_withdrawn_page_or_topic_is_asked_for_once():
    neighbour, topic = published(an_article("Hot flashes")), a_topic("MRI")
    page = published(with_see_also(an_article(), [neighbour, topic]))
    publishing.withdraw(neighbour, at=NOON, by=ANA, reason="Out of date.")
    publishing.withdraw(topic, at=NOON, by=ANA, reason="Said twice.")
    watched()
    watched(NOON + days(1))
    requests = review_requests.open_requests(page)
    assert [(request.cause, request.key, request.due_on) for request in requests] == [
        ("related", f"article:{neighbour.pk}", DAY + days(14)),
        ("related", f"topic:{topic.pk}", DAY + days(14)),
    ]
    assert requests[0].about == "The related page “Hot flashes” was withdrawn on Nov. 22, 2026: Out of date."
    assert ReviewRequest.objects.count() == 2


@pytest.mark.parametrize(("overdue", "number"), [(0, 0), (1, 0), (90, 0), (91, 1)])
def test_a_related_page_counts_when_it_is_more_than_ninety_days_overdue(overdue, number):
    neighbour = due_again(published(an_article("Hot flashes")), DAY - days(overdue))
    page = published(with_see_also(an_article(), [neighbour]))
    watched()
    assert review_requests.open_requests(page).count() == number


def test_what_is_related_is_read_from_the_edition_and_not_from_the_working_copy():
    neighbour = published(an_article("Hot flashes"))
    page = with_see_also(published(an_article()), [neighbour])
    publishing.withdraw(neighbour, at=NOON, by=ANA, reason="Out of date.")
    assert watched() == []
    publish(page, at=NOON, note="What changed.")
    assert len(watched()) == 1


def test_a_draft_that_a_page_points_at_is_no_event():
    published(with_see_also(an_article(), [an_article("Never published")]))
    assert watched() == []


@pytest.mark.parametrize("how", ["brought back", "reviewed", "no longer named", "page withdrawn"])
def test_a_request_whose_cause_has_passed_is_closed_with_the_reason(how):
    neighbour = published(an_article("Hot flashes"), at=NOON - days(400))
    page = published(with_see_also(an_article(), [neighbour]), at=NOON - days(2))
    if how == "reviewed":
        due_again(neighbour, DAY - days(200))
    else:
        publishing.withdraw(neighbour, at=NOON, by=ANA, reason="Out of date.")
    watched()
    assert review_requests.open_requests(page).count() == 1
    if how == "brought back":
        publishing.bring_back(neighbour, at=NOON, by=ANA)
    elif how == "reviewed":
        reviewed(neighbour)
    elif how == "no longer named":
        page.related_links.all().delete()
        publish(page, at=NOON, note="What changed.")
    else:
        publishing.withdraw(page, at=NOON, by=ANA, reason="Out of date.")
    watched(NOON + days(1))
    [request] = ReviewRequest.objects.filter(article=page)
    said = {
        "brought back": "The related page is there again and not long overdue",
        "reviewed": "The related page is there again and not long overdue",
        "no longer named": "The page no longer leads there",
        "page withdrawn": "Patients don’t read the page any more",
    }
    assert (request.closed_by, request.closed_because) == ("The daily watch", said[how])


def test_what_somebody_has_decided_about_is_not_asked_again_until_it_happens_anew():
    neighbour = published(an_article("Hot flashes"))
    page = published(with_see_also(an_article(), [neighbour]))
    publishing.withdraw(neighbour, at=NOON, by=ANA, reason="Out of date.")
    watched()
    answered(page, review_requests.open_requests(page).get())
    assert watched(NOON + days(1)) == []
    publishing.bring_back(neighbour, at=NOON + days(2), by=ANA)
    assert watched(NOON + days(2)) == []
    publishing.withdraw(neighbour, at=NOON + days(3), by=ANA, reason="Out of date again.")
    assert len(watched(NOON + days(3))) == 1


def test_the_watch_leaves_alone_what_people_asked(article):
    asked(article)
    publishing.withdraw(article, at=NOON, by=ANA, reason="Out of date.")
    assert watched() == []
    assert review_requests.open_requests(article).count() == 1


# The daily watch: links


def a_check(url="https://example.org/a", verdict="gone", since=DAY, detail="404 Not Found") -> LinkCheck:
    bad = {"bad_since": since} if verdict in {"gone", "failing"} else {"bad_since": None}
    fields = {"verdict": verdict, "detail": detail, "checked_at": NOON, **bad}
    return LinkCheck.objects.update_or_create(url=url, defaults=fields)[0]


def leading_to(url="https://example.org/a") -> Article:
    return published(an_article(sections=[("", f'<p><a href="{url}">A charity</a></p>')]))


@pytest.mark.parametrize(
    ("verdict", "bad_for", "number"),
    [("gone", 0, 1), ("failing", 6, 0), ("failing", 7, 1), ("unknown", 0, 0), ("moved", 0, 0), ("fine", 0, 0)],
)
def test_a_link_that_is_gone_or_fails_for_a_week_asks_for_a_review(verdict, bad_for, number):
    page = leading_to()
    a_check(verdict=verdict, since=DAY - days(bad_for))
    watched()
    assert review_requests.open_requests(page).count() == number


def test_a_request_because_of_a_link_names_it_and_is_closed_when_it_answers_again():
    page = leading_to()
    a_check(since=DAY - days(3))
    watched()
    request = review_requests.open_requests(page).get()
    assert (request.cause, request.key) == ("link", "link:https://example.org/a")
    assert request.about == "The link to https://example.org/a is gone, noticed first on Nov. 19, 2026: 404 Not Found"
    a_check(verdict="failing", since=DAY - days(3))
    assert watched(NOON + days(1)) == []
    a_check(verdict="fine")
    watched(NOON + days(2))
    request.refresh_from_db()
    assert request.closed_because == "The link answers again"
    a_check(since=DAY + days(3))
    assert len(watched(NOON + days(3))) == 1


# Once a day


def test_the_watch_runs_once_a_day_and_again_the_next_day():
    page = leading_to()
    assert list(review_watch.run_daily(at=NOON)) == []
    a_check()
    assert list(review_watch.run_daily(at=NOON + timedelta(hours=11))) == []
    assert len(list(review_watch.run_daily(at=NOON + timedelta(hours=12)))) == 1
    assert review_requests.open_requests(page).count() == 1


def test_the_day_of_the_watch_is_that_of_the_site(settings):
    settings.TIME_ZONE = "America/Chicago"
    with timezone.override("America/Chicago"):
        list(review_watch.run_daily(at=NOON))
        assert not review_watch.is_due(at=NOON + timedelta(hours=17, minutes=59))
        assert review_watch.is_due(at=NOON + timedelta(hours=18))


def test_a_watch_that_was_stopped_goes_on_an_hour_later_and_asks_nothing_twice():
    for number in range(3):
        a_check(f"https://example.org/{number}")
        published(an_article(f"Page {number}", sections=[("", f'<p><a href="https://example.org/{number}">A</a></p>')]))
    stopped = review_watch.run_daily(at=NOON)
    next(stopped)
    stopped.close()
    assert ReviewRequest.objects.count() == 1
    assert list(review_watch.run_daily(at=NOON + timedelta(minutes=59))) == []
    assert len(list(review_watch.run_daily(at=NOON + timedelta(minutes=61)))) == 2
    assert ReviewRequest.objects.count() == 3
    assert Heartbeat.objects.get(job="review_watch").ended_at == NOON + timedelta(minutes=61)


def test_the_watch_asks_as_many_queries_for_a_hundred_pages_as_for_two(django_assert_max_num_queries):
    neighbour = published(an_article("Hot flashes"))
    a_check()
    for number in range(100):
        section = ("", '<p><a href="https://example.org/b">A</a></p>')
        published(with_see_also(an_article(f"Page {number}", sections=[section]), [neighbour]))
    with django_assert_max_num_queries(11):
        assert watched() == []


# The screens


@pytest.fixture
def dora():
    return staff("use_review_desk", "add_review", "view_review", "view_article")


def report(page, **changed) -> dict:
    due = timezone.localdate() + days(14)
    fields = {"article": page.pk, "cause": "report", "about": "A reader says so.", "due_on": due.isoformat()}
    return {**fields, **changed}


def test_staff_ask_for_a_review_by_hand(article, dora):
    client = signed_in(dora)
    response = client.post(ADD, report(article), follow=True)
    request = ReviewRequest.objects.get()
    assert (request.article, request.cause, request.about) == (article, "report", "A reader says so.")
    assert request.opened_by == dora.username
    assert response.redirect_chain[-1][0] == LIST
    assert "A reader says so." in response.text
    assert ReviewRequest.objects.count() == (client.post(ADD, report(article)) and 1)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"article": ""}, "This field is required."),
        ({"article": "9" * 30}, "is not one of the available choices"),
        ({"article": "\x00"}, "Null characters are not allowed."),
        ({"about": "  "}, "This field is required."),
        ({"about": "x" * 501}, "at most 500 characters"),
        ({"about": "\x00"}, "This field is required."),
        ({"cause": "second"}, "is not one of the available choices"),
        ({"due_on": "2020-01-01"}, "has passed"),
        ({"due_on": "9999-12-31"}, "within 12 months"),
        ({"due_on": "\x00"}, "Enter a valid date"),
    ],
)
def test_a_form_with_a_mistake_comes_back_with_a_sentence(article, dora, changed, said):
    response = signed_in(dora).post(ADD, report(article, **changed))
    assert response.status_code == 200
    assert said in response.text
    assert not ReviewRequest.objects.exists()


def test_a_draft_can_not_be_asked_for_by_hand(dora):
    response = signed_in(dora).post(ADD, report(an_article()))
    assert "Patients don’t read “Coping with nausea” now" in response.text


def test_the_list_shows_the_open_ones_first_and_is_narrowed_by_state_reason_and_lateness(article, dora):
    now = timezone.now()
    today = timezone.localdate()
    open_one = asked(article, "Open one", at=now, due_on=today + days(3))
    late = asked(article, "Late one", at=now - days(20), due_on=today - days(1))
    closed = asked(article, "Closed one", at=now, due_on=today, cause=Cause.OTHER)
    review_requests.close(closed, because="Said twice.", at=now, by=PAT)
    client = signed_in(dora)

    def listed(query: str) -> list:
        return [request.about for request in client.get(LIST + query).context["cl"].result_list]

    assert listed("") == ["Late one", "Open one", "Closed one"]
    assert listed("?state=open") == ["Late one", "Open one"]
    assert listed("?state=closed") == ["Closed one"]
    assert listed("?late=yes") == ["Late one"]
    assert listed("?cause__exact=other") == ["Closed one"]
    assert str(open_one) in client.get(change(open_one)).text
    assert "wanted by" in client.get(change(late)).text.lower()


def test_a_request_has_a_page_that_leads_to_the_review_and_to_closing_it(article, dora):
    request = asked(article, at=timezone.now(), due_on=timezone.localdate())
    client = signed_in(dora)
    page = client.get(change(request)).text
    assert f"/admin/articles/review/add/?article={article.pk}&amp;request={request.pk}" in page
    closing = f"/admin/articles/reviewrequest/{request.pk}/close/"
    assert closing in page
    assert "This field is required." in client.post(closing, {"reason": " "}).text
    response = client.post(closing, {"reason": "Said twice."}, follow=True)
    assert "Said twice." in response.text
    assert closing not in response.text
    again = client.post(closing, {"reason": "Again."})
    assert (again.status_code, "This request is closed already." in again.text) == (409, True)


@pytest.mark.parametrize("pk", ["9" * 30, "abc", "%00", "0", "-1"])
def test_a_request_that_is_not_there_is_answered(dora, pk):
    client = signed_in(dora)
    assert client.get(f"{LIST}{pk}/change/").status_code in {302, 404}
    assert client.get(f"{LIST}{pk}/close/").status_code == 404


@pytest.mark.parametrize("query", ["state=x&late=x&cause__exact=x", "q=%00", "p=abc", "e=1", f"id__exact={'9' * 30}"])
def test_the_list_answers_any_address(article, dora, query):
    asked(article)
    assert signed_in(dora).get(f"{LIST}?{query}", follow=True).status_code in {200, 400}


@pytest.mark.parametrize("query", ["article=abc", f"article={'9' * 30}", "due_on=x&cause=x&about=%00"])
def test_the_form_answers_any_address(dora, query):
    assert signed_in(dora).get(f"{ADD}?{query}").status_code == 200


# The form of a review


def review_form(client, article, query=""):
    return client.get(f"/admin/articles/review/add/?article={article.pk}{query}")


def review_fields(response, **changed) -> dict:
    form = response.context["adminform"].form
    today = timezone.localdate()
    fields = {
        "article": form.edition.article_id,
        "scope": "whole",
        "trigger": "planned",
        "attested": "on",
        "opened": response.context["opening"],
        "reviewed_on": today.isoformat(),
        "reviewer_name": "Grace Obi",
        "outcome": "no_change",
        "evidence": "ASCO guideline 2024",
        "next_review_on": (today + days(300)).isoformat(),
        "answers": form.initial.get("answers", []),
    }
    return {**fields, **changed}


def test_the_form_of_a_review_offers_the_open_requests_ticked(article, dora):
    now = timezone.now()
    request = asked(article, at=now, due_on=timezone.localdate())
    other = asked(article, "Another thing.", at=now, due_on=timezone.localdate(), cause=Cause.SOURCE)
    client = signed_in(dora)
    response = review_form(client, article, f"&request={other.pk}")
    assert response.text.count('name="answers"') == 2
    form = response.context["adminform"].form
    assert (form.initial["answers"], form.initial["trigger"]) == ([request.pk, other.pk], "source")
    client.post("/admin/articles/review/add/", review_fields(response, answers=[other.pk]))
    assert Review.objects.get().answered_requests.get() == other
    assert list(review_requests.open_requests(article)) == [request]


def test_a_form_without_open_requests_shows_no_box(article, dora):
    assert 'type="checkbox" name="answers"' not in review_form(signed_in(dora), article).text


@pytest.mark.parametrize("wanted", ["abc", "9" * 30, "%00", "0", "closed"])
def test_a_form_opened_from_a_request_that_is_gone_says_so(article, dora, wanted):
    if wanted == "closed":
        request = asked(article, at=timezone.now(), due_on=timezone.localdate())
        review_requests.close(request, because="Said twice.", at=NOON, by=PAT)
        wanted = request.pk
    assert (
        "The request that led here is closed already"
        in review_form(signed_in(dora), article, f"&request={wanted}").text
    )


@pytest.mark.parametrize("sent", ["abc", "9" * 30, "\x00", "0"])
def test_a_tick_that_is_no_request_is_an_error_of_the_form(article, dora, sent):
    asked(article, at=timezone.now(), due_on=timezone.localdate())
    client = signed_in(dora)
    fields = review_fields(review_form(client, article), answers=[sent])
    response = client.post("/admin/articles/review/add/", fields)
    assert "answers" in response.context["adminform"].form.errors
    assert not Review.objects.exists()


def test_a_request_that_was_closed_meanwhile_is_an_error_that_shows_the_others(article, dora):
    request = asked(article, at=timezone.now(), due_on=timezone.localdate())
    client = signed_in(dora)
    fields = review_fields(review_form(client, article))
    review_requests.close(request, because="Said twice.", at=NOON, by=PAT)
    response = client.post("/admin/articles/review/add/", fields)
    assert "was closed meanwhile" in response.text
    assert not Review.objects.exists()


def test_a_correction_answers_no_request(article, dora):
    wrong = reviewed(article, at=timezone.now() - timedelta(hours=1), on=timezone.localdate())
    asked(article, at=timezone.now(), due_on=timezone.localdate())
    response = signed_in(dora).get(f"/admin/articles/review/add/?corrects={wrong.pk}")
    assert 'type="checkbox" name="answers"' not in response.text


def test_the_database_refuses_a_second_open_request_of_one_event(article):
    """Whatever way it came: the rule does not rest on the verb alone."""
    first = asked(article, key="link:x")
    first.pk = None
    with pytest.raises(IntegrityError, match=r"(?i)unique"):
        first.save(force_insert=True)
