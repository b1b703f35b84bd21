"""The words of search in the admin: who writes them, what is refused and in which sentence, and that no address breaks a list."""

import pytest

from articles import search
from articles.models import BestBet, SavedQuery, Synonym
from tests.admin import change, signed_in, staff
from tests.builders import NOON, a_topic, an_article

pytestmark = pytest.mark.django_db
SYNONYMS, BETS, QUERIES = (f"/admin/articles/{model}/" for model in ("synonym", "bestbet", "savedquery"))
KEEPER = ["view_topic", "change_topic", "publish_article"]


@pytest.fixture
def keeper():
    return signed_in(staff(*KEEPER))


def a_synonym(**fields) -> Synonym:
    defaults = {"words": "bellyache", "meaning": "abdominal pain", "sort": "lay_term"}
    return Synonym.objects.create(**{**defaults, **fields})


def typed(**fields) -> dict:
    return {"words": "tummy ache", "meaning": "abdominal pain", "sort": "lay_term", "language": "en", **fields}


def test_whoever_keeps_the_topics_adds_a_synonym(keeper):
    sent = typed(is_exact="on", source="National Cancer Institute", words="  tummy \t ache ")
    assert keeper.post(SYNONYMS + "add/", sent).status_code == 302
    stored = Synonym.objects.values("words", "meaning", "sort", "is_exact", "is_negated", "language", "source").get()
    assert stored == {
        "words": "tummy ache",
        "meaning": "abdominal pain",
        "sort": "lay_term",
        "is_exact": True,
        "is_negated": False,
        "language": "en",
        "source": "National Cancer Institute",
    }


def test_each_sort_of_synonym_leads_to_what_it_means(keeper):
    a_topic("Abdominal pain")
    sorts = ["also_called", "see_reference", "misspelling", "abbreviation", "lay_term"]
    assert Synonym.Sort.values == sorts
    for number, sort in enumerate(sorts):
        words = f"ache{number}"
        assert keeper.post(SYNONYMS + "add/", typed(words=words, sort=sort)).status_code == 302
        answer = search.search(words, at=NOON)
        assert ([hit.title for hit in answer.page(1)], answer.also) == (["Abdominal pain"], ["abdominal pain"]), sort


@pytest.mark.parametrize(
    ("permissions", "looks"),
    [(["view_topic"], True), (["view_topic", "change_topic"], True), (["view_article"], False)],
)
def test_others_look_at_most(permissions, looks):
    client, synonym = signed_in(staff(*permissions)), a_synonym()
    assert (client.get(SYNONYMS).status_code == 200) is looks
    assert ("/admin/articles/synonym/" in client.get("/admin/").text) is looks
    assert client.post(SYNONYMS + "add/", typed()).status_code == 403
    assert client.post(change(synonym), typed()).status_code == 403
    assert client.post(f"{SYNONYMS}{synonym.pk}/delete/", {"post": "yes"}).status_code == 403
    synonym.refresh_from_db()
    assert synonym.words == "bellyache"


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"words": " \u200b "}, "Write at least one letter or digit"),
        ({"words": "?!"}, "Write at least one letter or digit"),
        ({"meaning": ""}, "Write at least one letter or digit"),
        ({"words": "a\x01b"}, "holds a character that no screen shows"),
        ({"words": "a\x00b"}, "holds a character that no screen shows"),
        ({"words": "x" * 201}, "more than 200 characters"),
        ({"words": "ﬃ" * 80}, "Written out in plain letters"),
        ({"words": "Abdominal pains"}, "These words mean themselves."),
        ({"words": "Abdominal  PAIN"}, "These words mean themselves."),
        ({"words": "bellyache"}, "These words have this meaning already, written “bellyache” and “abdominal pain”."),
        (
            {"words": " Bellyaché’s ", "meaning": "Abdominal  PAINS"},
            "already, written “bellyache” and “abdominal pain”.",
        ),
        ({"sort": "slang"}, "is not one of the available choices"),
        ({"language": "tlh"}, "is not one of the available choices"),
    ],
)
def test_what_is_wrong_with_a_synonym_is_said(keeper, fields, sentence):
    a_synonym()
    response = keeper.post(SYNONYMS + "add/", typed(**fields))
    assert (response.status_code, sentence in response.text) == (200, True)
    assert Synonym.objects.count() == 1


def test_a_synonym_is_no_other_than_itself(keeper):
    synonym = a_synonym()
    other = a_synonym(words="Tummy ache")
    for fields in ({"words": "BELLYACHE"}, {"words": "bellyache", "meaning": "nausea"}):
        assert keeper.post(change(synonym), typed(**fields)).status_code == 302, fields
    assert keeper.post(SYNONYMS + "add/", typed(words="bellyache", language="es")).status_code == 302
    assert keeper.post(change(synonym), typed(words="tummy aches")).status_code == 200
    assert other.delete()
    assert keeper.post(change(synonym), typed(words="tummy aches")).status_code == 302


def test_synonyms_are_searched_and_filtered(keeper):
    a_synonym()
    a_synonym(words="CBC", meaning="complete blood count", sort="abbreviation", source="National Cancer Institute")
    for query, found in [
        ({"q": "belly"}, ["bellyache"]),
        ({"q": "blood count"}, ["CBC"]),
        ({"q": "cancer institute"}, ["CBC"]),
        ({"sort__exact": "lay_term"}, ["bellyache"]),
    ]:
        assert [row.words for row in keeper.get(SYNONYMS, query).context["cl"].result_list] == found, query


def test_the_list_says_in_words_for_which_queries_a_synonym_counts(keeper):
    for is_exact, is_negated, said in [
        (False, False, "with these words"),
        (True, False, "of these words alone"),
        (False, True, "not with these words"),
        (True, True, "not of these words alone"),
    ]:
        a_synonym(words=said, is_exact=is_exact, is_negated=is_negated)
        assert f'<td class="field-for_queries">{said}</td>' in keeper.get(SYNONYMS, {"q": said}).text


@pytest.mark.parametrize("url", [SYNONYMS, BETS, QUERIES])
@pytest.mark.parametrize("query", [{"q": "a\x00b"}, {"q": "%" * 60_000}, {"p": "9" * 30}, {"language__exact": "\x00"}])
def test_no_address_breaks_a_list(keeper, url, query):
    assert keeper.get(url, query, follow=True).status_code == 200


def test_a_best_bet_leads_to_a_topic_or_an_article(keeper):
    topic, article = a_topic("MRI"), an_article("Before an MRI")
    for page in ({"topic": topic.pk}, {"article": article.pk}):
        sent = {"words": "mri scan", "language": "en", **page}
        assert keeper.post(BETS + "add/", sent).status_code == 302
    assert [(bet.topic, bet.article) for bet in BestBet.objects.order_by("pk")] == [(topic, None), (None, article)]
    listed = keeper.get(BETS).text
    assert "MRI (topic)" in listed
    assert "Before an MRI (article)" in listed


@pytest.mark.parametrize(("url", "name"), [(BETS, "words"), (QUERIES, "query")])
def test_one_page_is_chosen_neither_none_nor_two(keeper, url, name):
    topic, article = a_topic(), an_article()
    for pages in ({}, {"topic": topic.pk, "article": article.pk}):
        response = keeper.post(url + "add/", {name: "scan", "language": "en", **pages})
        assert (response.status_code, "Choose one page: a topic or an article." in response.text) == (200, True), pages
    for strange in ("9" * 30, "abc", "\x00"):
        assert keeper.post(url + "add/", {name: "scan", "language": "en", "topic": strange}).status_code == 200
    assert not BestBet.objects.exists()
    assert not SavedQuery.objects.exists()


@pytest.mark.parametrize(("url", "name", "model"), [(BETS, "words", BestBet), (QUERIES, "query", SavedQuery)])
def test_the_page_is_in_the_language_of_the_words(keeper, url, name, model):
    for page in (a_topic("Náusea", language="es"), an_article("Tos", language="es")):
        sent = {name: "ganas de vomitar", page._meta.model_name: page.pk}
        response = keeper.post(url + "add/", {**sent, "language": "en"})
        assert response.status_code == 200
        (said,) = response.context["adminform"].form.errors[page._meta.model_name]
        assert said == (
            "This page is in Spanish and the words are English: nobody who searches in English finds it. Choose a page in English, "
            "or Spanish as the language of the words."
        )
        assert keeper.post(url + "add/", {**sent, "language": "es"}).status_code == 302
        stored = model.objects.last()
        assert keeper.post(change(stored), {**sent, "language": "en"}).status_code == 200
        stored.refresh_from_db()
        assert (model.objects.count(), stored.language) == (1, "es")
        stored.delete()
    assert keeper.post(url + "add/", {**sent, "language": "\x00"}).status_code == 200


def test_a_saved_query_says_at_which_place_its_page_came(keeper):
    topic = a_topic("MRI")
    for query, checked in [
        ("mri", {"last_place": 2, "checked_at": NOON}),
        ("magnet", {"checked_at": NOON}),
        ("tube", {}),
    ]:
        SavedQuery.objects.create(query=query, topic=topic, **checked)
    listed = keeper.get(QUERIES).text
    assert 'class="field-place">2<' in listed
    assert 'class="field-place">not found<' in listed
    assert 'class="field-place">not checked yet<' in listed


def test_staff_add_and_delete_a_saved_query(keeper):
    sent = {"query": "mri", "topic": a_topic("MRI").pk, "language": "en"}
    assert keeper.post(QUERIES + "add/", sent).status_code == 302
    query = SavedQuery.objects.get()
    assert (query.query, query.topic.title, query.last_place) == ("mri", "MRI", None)
    assert keeper.post(f"{QUERIES}{query.pk}/delete/", {"post": "yes"}).status_code == 302
    assert not SavedQuery.objects.exists()


def test_the_place_is_written_by_the_check_alone(keeper):
    query = SavedQuery.objects.create(query="mri", topic=a_topic("MRI"), last_place=2, checked_at=NOON)
    sent = {"query": "mri scan", "topic": query.topic_id, "language": "en", "last_place": 1, "place": 1}
    assert keeper.post(change(query), sent).status_code == 302
    query.refresh_from_db()
    assert (query.query, query.last_place) == ("mri scan", 2)
