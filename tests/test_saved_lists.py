"""Lists of the review desk that somebody keeps under a name."""

import pytest

from articles.admin.desk.saved import MOST
from articles.models import SavedFilter
from tests.admin import signed_in, staff
from tests.builders import an_account

pytestmark = pytest.mark.django_db

DESK, SAVED = "/admin/review-desk/", "/admin/review-desk/saved/"


def a_reviewer_signed_in(name="Dana Cole"):
    return signed_in(an_account("Date reviewer", name))


def kept() -> list[tuple[str, str]]:
    return list(SavedFilter.objects.order_by("pk").values_list("name", "query"))


def test_a_list_and_its_filters_are_kept_under_a_name():
    client = a_reviewer_signed_in()
    response = client.post(SAVED, {"name": " My late  stories ", "query": "list=overdue&kind=story&sort=title&page=3"})
    assert response.headers["Location"] == f"{DESK}?list=overdue&kind=story&sort=title"
    assert kept() == [("My late stories", "list=overdue&kind=story&sort=title")]
    page = client.get(DESK).text
    assert '<a href="?list=overdue&amp;kind=story&amp;sort=title">My late stories</a>' in page
    assert 'aria-current="page">My late stories</a>' in client.get(f"{DESK}?list=overdue&kind=story&sort=title").text


def test_what_the_desk_does_not_understand_is_not_kept():
    a_reviewer_signed_in().post(SAVED, {"name": "Mine", "query": "list=overdue&kind=nonsense&evil=<script>&owner=me"})
    assert kept() == [("Mine", "list=overdue&owner=me")]


def test_everybody_has_lists_of_their_own():
    dana, eve = a_reviewer_signed_in(), a_reviewer_signed_in("Eve Stone")
    dana.post(SAVED, {"name": "Mine", "query": "list=overdue"})
    eve.post(SAVED, {"name": "Mine", "query": "list=never"})
    assert kept() == [("Mine", "list=overdue"), ("Mine", "list=never")]
    assert "Forget “Mine”" in eve.get(DESK).text
    danas = SavedFilter.objects.get(query="list=overdue")
    said = eve.post(SAVED, {"forget": str(danas.pk)}, follow=True).text
    assert "forgotten already" in said
    assert len(kept()) == 2


def test_a_list_is_forgotten():
    client = a_reviewer_signed_in()
    client.post(SAVED, {"name": "Mine", "query": "list=overdue"})
    said = client.post(SAVED, {"forget": str(SavedFilter.objects.get().pk), "query": "list=never"}, follow=True)
    assert "The list “Mine” is forgotten. Its pages stay as they are." in said.text
    assert said.redirect_chain == [(f"{DESK}?list=never", 302)]
    assert kept() == []


@pytest.mark.parametrize("name", ["", "   ", "\u200b", "a" * 101, "a\x00b"])
def test_a_list_needs_a_name_that_can_be_read(name):
    client = a_reviewer_signed_in()
    assert 'class="error"' in client.post(SAVED, {"name": name, "query": "list=overdue"}, follow=True).text
    assert kept() == []


def test_a_name_that_is_taken_keeps_its_list():
    client = a_reviewer_signed_in()
    client.post(SAVED, {"name": "Mine", "query": "list=overdue"})
    said = client.post(SAVED, {"name": "Mine", "query": "list=never"}, follow=True).text
    assert "You have a list “Mine” already." in said
    assert kept() == [("Mine", "list=overdue")]


def test_there_is_a_most_of_lists():
    user = an_account("Date reviewer", "Dana Cole")
    SavedFilter.objects.bulk_create(SavedFilter(user=user, name=f"List {number}", query="") for number in range(MOST))
    said = signed_in(user).post(SAVED, {"name": "One more", "query": ""}, follow=True).text
    assert f"You have {MOST} saved lists, and that is the most." in said
    assert SavedFilter.objects.count() == MOST


@pytest.mark.parametrize("sent", [{}, {"forget": "9" * 40}, {"forget": "x"}, {"query": "\x00" * 9_000, "name": "Mine"}])
def test_rubbish_is_answered_with_a_sentence(sent):
    said = a_reviewer_signed_in().post(SAVED, sent, follow=True)
    assert said.status_code == 200
    assert 'class="messagelist"' in said.text


def test_only_who_may_use_the_desk_keeps_lists():
    assert signed_in(staff("view_article")).post(SAVED, {"name": "Mine"}).status_code == 403
    assert a_reviewer_signed_in().get(SAVED).status_code == 405
