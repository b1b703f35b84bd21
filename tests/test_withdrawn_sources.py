"""A source is withdrawn: which pages cite it, what is asked of them, and what becomes of it when the source goes again."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from articles import review_requests, review_watch, withdrawn_sources
from articles.models import Article, Reference, ReviewRequest, WithdrawnSource
from articles.people import Person
from articles.withdrawn_sources import OtherPages, cited_by, citing
from tests.admin import change, signed_in, staff
from tests.builders import DAY, NOON, an_article, publish, published

pytestmark = pytest.mark.django_db
PAT = Person("Pat Doe", 77)
DOI = "10.1056/NEJMoa1000678"
LIST, ADD = "/admin/articles/withdrawnsource/", "/admin/articles/withdrawnsource/add/"


def a_source(**named) -> WithdrawnSource:
    return WithdrawnSource(what_happened="Retracted: wrong doses", withdrawn_on=DAY, **(named or {"doi": DOI}))


def citing_page(title="Coping with nausea", text="A trial.", *, at=NOON - timedelta(days=1), **fields) -> Article:
    article = an_article(title)
    Reference.objects.create(article=article, position=1, text=text, **fields)
    return published(article, at=at)


def put_on_list(source: WithdrawnSource, at=NOON) -> list[ReviewRequest]:
    seen = {edition.article_id for edition in citing(source, at=at)}
    return withdrawn_sources.record(source, at=at, by=PAT, seen=seen)


# Which pages cite it


@pytest.mark.parametrize(
    ("named", "reference"),
    [
        ({"doi": DOI}, {"doi": DOI}),
        ({"doi": DOI.lower()}, {"doi": DOI.upper()}),
        ({"doi": DOI}, {"url": f"https://doi.org/{DOI}"}),
        ({"doi": DOI}, {"text": f"Temel JS. Early care. doi:{DOI}."}),
        ({"pmid": "20818875"}, {"pmid": "20818875"}),
        ({"pmid": "20818875"}, {"url": "https://pubmed.ncbi.nlm.nih.gov/20818875/"}),
        ({"pmid": "20818875"}, {"url": "https://www.ncbi.nlm.nih.gov/pubmed/20818875"}),
        ({"pmid": "20818875"}, {"text": "Temel JS. Early care. PMID: 20818875."}),
        ({"url": "https://a.example/guide/"}, {"url": "http://www.a.example/guide#2"}),
        ({"doi": DOI, "pmid": "1"}, {"pmid": "1"}),
        ({"doi": '10.1002/(SICI)1097"é<1>'}, {"doi": '10.1002/(SICI)1097"é<1>'}),
    ],
)
def test_a_page_that_cites_a_source_is_found(named, reference):
    page = citing_page(**reference)
    citing_page("Another page", doi="10.1000/other", pmid="99", url="https://b.example/")
    assert [edition.article_id for edition in citing(a_source(**named), at=NOON)] == [page.pk]


@pytest.mark.parametrize(
    ("named", "reference"),
    [
        ({"doi": "10.1000/12"}, {"doi": "10.1000/123"}),
        ({"doi": "10.1000/12"}, {"doi": "10.1000/12.3"}),
        ({"doi": "10.1000/12"}, {"text": "doi:110.1000/12"}),
        ({"pmid": "123"}, {"pmid": "1234"}),
        ({"pmid": "123"}, {"text": "It had 123 patients."}),
        ({"pmid": "123"}, {"text": "PMID: 1234"}),
        ({"url": "https://a.example/guide"}, {"url": "https://a.example/guide/2"}),
        ({"url": "https://a.example/guide"}, {}),
    ],
)
def test_a_page_that_cites_something_like_it_is_not_found(named, reference):
    edition = citing_page(**reference).editions.get()
    assert cited_by(edition, [a_source(**named)]) == []
    assert citing(a_source(**named), at=NOON) == []


def test_what_patients_read_decides_and_not_the_working_copy():
    page = citing_page(doi=DOI)
    page.references.all().delete()
    assert len(citing(a_source(), at=NOON)) == 1
    publish(page, at=NOON, note="What changed.")
    assert citing(a_source(), at=NOON) == []


# Putting it on the list


def test_each_page_that_cites_it_is_asked_to_be_reviewed_at_once():
    pages = [citing_page(title, doi=DOI) for title in ("Nausea", "Pain")]
    citing_page("Another page")
    requests = put_on_list(a_source())
    source = WithdrawnSource.objects.get()
    assert [request.article for request in requests] == pages
    assert {(request.cause, request.key, request.due_on) for request in requests} == {
        ("source", f"source:{source.pk}", DAY + timedelta(days=14))
    }
    assert requests[0].about == f"The source {DOI} was withdrawn on Nov. 22, 2026: Retracted: wrong doses"
    assert (source.recorded_at, source.recorded_by) == (NOON, "Pat Doe")


def test_when_other_pages_cite_it_than_were_shown_nothing_is_kept():
    citing_page(doi=DOI)
    with pytest.raises(OtherPages):
        withdrawn_sources.record(a_source(), at=NOON, by=PAT, seen=set())
    assert not WithdrawnSource.objects.exists()
    assert not ReviewRequest.objects.exists()


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"doi": "", "pmid": "", "url": ""}, "Name the source by its DOI"),
        ({"doi": "doi:10"}, "A DOI starts with 10."),
        ({"pmid": "PMC12"}, "A PubMed id is a number"),
        ({"url": "javascript:alert(1)"}, "is no web address"),
        ({"what_happened": ""}, "cannot be blank"),
        ({"withdrawn_on": DAY + timedelta(days=1)}, "This day is in the future."),
        ({"doi": DOI.upper()}, "on the list of withdrawn ones already"),
    ],
)
def test_a_source_that_can_not_be_kept_is_refused_with_a_sentence(fields, said):
    WithdrawnSource.objects.create(
        doi=DOI, what_happened="Retracted", withdrawn_on=DAY, recorded_at=NOON, recorded_by="Pat Doe"
    )
    source = a_source(doi="10.1000/new")
    for name, value in fields.items():
        setattr(source, name, value)
    with pytest.raises(ValidationError) as refusal:
        withdrawn_sources.record(source, at=NOON, by=PAT, seen=set())
    assert said in " ".join(refusal.value.messages)
    assert WithdrawnSource.objects.count() == 1


# The daily watch


def watched(at=NOON) -> list[str]:
    return [outcome.words for outcome in review_watch.watch(at=at)]


def test_a_page_that_cites_it_later_is_asked_by_the_watch_and_no_page_twice():
    early = citing_page("Nausea", doi=DOI)
    put_on_list(a_source())
    assert watched() == []
    late = citing_page("Pain", doi=DOI, at=NOON)
    assert len(watched()) == 1
    assert watched(NOON + timedelta(days=1)) == []
    assert [review_requests.open_requests(page).count() for page in (early, late)] == [1, 1]


def test_an_edition_that_no_longer_cites_it_closes_the_request():
    page = citing_page(doi=DOI)
    [request] = put_on_list(a_source())
    page.references.all().delete()
    publish(page, at=NOON, note="What changed.")
    watched()
    request.refresh_from_db()
    assert (request.closed_by, request.closed_because) == ("The daily watch", "The page no longer cites the source")


def test_taking_a_source_off_the_list_closes_what_was_asked_because_of_it():
    page = citing_page(doi=DOI)
    other = review_requests.ask_by_hand(page, cause="other", about="New dose.", due_on=DAY, at=NOON, by=PAT)
    [request] = put_on_list(a_source())
    assert withdrawn_sources.take_off(WithdrawnSource.objects.get(), at=NOON, by=PAT) == 1
    request.refresh_from_db()
    assert (request.closed_by, request.closed_because) == ("Pat Doe", "The source is no longer on the list")
    assert list(review_requests.open_requests(page)) == [other]
    assert watched() == []


# The screens


@pytest.fixture
def client():
    return signed_in(staff("use_review_desk", "view_article"))


def fields(**changed) -> dict:
    sent = {"doi": DOI, "what_happened": "Retracted: wrong doses", "withdrawn_on": timezone.localdate().isoformat()}
    return {**sent, **changed}


def test_the_pages_that_cite_it_are_shown_before_it_is_put_on_the_list(client):
    page = citing_page("Nausea", doi=DOI)
    response = client.post(ADD, fields())
    assert "1 page that patients read cites it" in response.text
    assert "Put it on the list and ask for 1 review" in response.text
    assert not WithdrawnSource.objects.exists()
    response = client.post(ADD, fields(rehearsed="yes", cited_in=[page.pk]), follow=True)
    assert "1 page cites it, and a review of each is asked for." in response.text
    assert "Pages that cite it now: 1" in response.text
    assert change(ReviewRequest.objects.get()) in response.text


def test_when_the_pages_have_changed_since_they_are_shown_again(client):
    citing_page(doi=DOI)
    response = client.post(ADD, fields(rehearsed="yes"))
    assert (response.status_code, "Other pages cite this source now" in response.text) == (409, True)
    assert not WithdrawnSource.objects.exists()


def test_a_source_that_no_page_cites_can_be_put_on_the_list(client):
    assert "No page that patients read cites it" in client.post(ADD, fields()).text
    client.post(ADD, fields(rehearsed="yes"))
    assert WithdrawnSource.objects.get().doi == DOI


def test_a_source_is_taken_off_the_list_by_hand(client):
    citing_page(doi=DOI)
    put_on_list(a_source())
    source = WithdrawnSource.objects.get()
    response = client.post(f"{LIST}{source.pk}/delete/", {"post": "yes"}, follow=True)
    assert "1 request for a review was closed with it." in response.text
    assert not ReviewRequest.objects.open().exists()


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"doi": ""}, "Name the source by its DOI, its PubMed id or its web address."),
        ({"doi": "\x00"}, "Null characters are not allowed."),
        ({"doi": f"10.1000/{'x' * 300}"}, "at most 200 characters"),
        ({"url": "https://[/"}, "is no web address"),
        ({"pmid": "9" * 30}, "at most 10 characters"),
        ({"what_happened": " \x00 "}, "This field is required."),
        ({"what_happened": "x" * 400}, "at most 300 characters"),
        ({"withdrawn_on": "x"}, "Enter a valid date."),
        ({"withdrawn_on": "9999-12-31"}, "This day is in the future."),
    ],
)
@pytest.mark.parametrize("step", [{}, {"rehearsed": "yes", "cited_in": f"abc,{'9' * 30},\x00,-1,,"}])
def test_a_mistake_comes_back_with_a_sentence(client, changed, said, step):
    response = client.post(ADD, fields(**changed, **step))
    assert (response.status_code, said in response.text) == (200, True)
    assert not WithdrawnSource.objects.exists()


@pytest.mark.parametrize("query", ["q=%00", "p=x", f"id__exact={'9' * 30}", "e=1", "doi__exact=%00"])
def test_the_list_of_sources_answers_any_address(client, query):
    put_on_list(a_source())
    assert client.get(f"{LIST}?{query}", follow=True).status_code in {200, 400}


@pytest.mark.parametrize("pk", ["9" * 30, "abc", "%00", "0"])
def test_a_source_that_is_not_there_is_answered(client, pk):
    assert client.get(f"{LIST}{pk}/change/").status_code in {302, 404}
    assert client.get(f"{LIST}{pk}/delete/").status_code in {302, 404}


def test_the_day_of_the_watch_counts_from_when_the_source_was_recorded():
    """A source that was withdrawn years ago and is put on the list today is an event of today."""
    page = citing_page(doi=DOI)
    source = a_source()
    source.withdrawn_on = date(2020, 1, 1)
    [request] = put_on_list(source)
    review_requests.close(request, because="The page names it as withdrawn.", at=NOON, by=PAT)
    assert watched(NOON + timedelta(days=1)) == []
    assert not review_requests.open_requests(page).exists()
