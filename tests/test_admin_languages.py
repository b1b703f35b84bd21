"""Staff write pages in any language: the forms, the save that meets another, the history, the file for an inspector."""

import pytest
from django.urls import reverse

from articles.comparing.comparison import compare
from articles.evidence import evidence_of
from articles.merging.versions import merge
from articles.models import Article, AuditEntry, Tag, Topic
from articles.revising import restore, revision, working_copy
from tests.admin import change, fields_of, save, signed_in
from tests.builders import ANA, NOON, a_topic, an_article, published, wrote
from tests.test_admin_see_also import lookup

pytestmark = pytest.mark.django_db


@pytest.fixture
def editor():
    return signed_in()


def now(article) -> Article:
    return Article.objects.get(pk=article.pk)


def test_an_article_gets_its_language_and_original_and_keeps_the_language_once_published(editor):
    original, article = published(an_article("Cough")), an_article("Tos", version=0)
    assert save(editor, article, language="es", translation_of=original.pk).status_code == 302
    article = now(article)
    assert (article.language, article.translation_of, article.get_absolute_url()) == (
        "es",
        original,
        "/es/articles/tos/",
    )
    said = article.revisions.first()
    assert said.content["language"] == "es" and said.content["translation_of"] == "/articles/cough/"
    published(article)
    assert article.editions.get().language == "es"
    assert 'name="language"' not in editor.get(change(article)).text
    save(editor, now(article), language="en")
    assert now(article).language == "es"


def test_the_form_says_what_can_not_be_a_translation(editor):
    original, other = an_article("Cough"), an_article("Fever")
    spanish = an_article("Tos", language="es", translation_of=original)
    english = fields_of(other, translation_of=original.pk)
    assert "is in English as well" in editor.post(change(other), english).text
    twice = fields_of(other, language="es", translation_of=original.pk)
    assert "has a translation into Español already" in editor.post(change(other), twice).text
    assert "is a translation itself" in editor.post(change(other), {**english, "translation_of": spanish.pk}).text
    same_slug = fields_of(other, language="es", slug="tos")
    assert "Another page has this address" in editor.post(change(other), same_slug).text
    topic = a_topic("Bone scan")
    wrong = fields_of(spanish, about=[topic.pk])
    assert "“Bone scan” is in English. Choose topics in Español." in editor.post(change(spanish), wrong).text


def test_a_topic_gets_its_language_when_it_is_made_and_keeps_it(editor):
    original = a_topic("Bone scan")
    rows = {f"{name}-{count}_FORMS": 0 for name in ("other_names", "codes") for count in ("TOTAL", "INITIAL")}
    form = {"title": "Gammagrafía ósea", "kind": "test", "kind_settled": "on", "language": "es", **rows}
    added = editor.post(reverse("admin:articles_topic_add"), {**form, "translation_of": original.pk})
    assert added.status_code == 302, added.text
    topic = Topic.objects.get(language="es")
    assert topic.get_absolute_url() == "/es/topics/gammagrafia-osea/" and topic.translation_of == original
    changes = {each["field"]: each["after"] for each in AuditEntry.objects.get(page_id=topic.pk).changes}
    assert (changes["language"], changes["translation_of"]) == ("es", "/topics/bone-scan/")
    assert 'name="language"' not in editor.get(change(topic)).text


def test_translations_are_offered_originals_and_lists_pages_of_their_language(editor):
    original = an_article("Cough")
    an_article("Cough mixture", language="es", translation_of=original)
    asked = {"app_label": "articles", "model_name": "article", "field_name": "translation_of", "term": "cough"}
    offered = editor.get(reverse("admin:autocomplete"), asked).json()["results"]
    assert [each["text"] for each in offered] == ["Cough"]
    a_topic("Radical")
    spanish = a_topic("Radical", language="es")
    assert [(page["slug"], page["kind"]) for page in lookup(editor, "radical")] == [("radical", "Test or procedure")]
    found = lookup(editor, "radical", "es")
    assert [(page["slug"], page["kind"]) for page in found] == [("es/radical", "Test or procedure, Español")]
    assert editor.get("/admin/articles/article/lookup/fr/", {"q": "x"}).status_code == 404
    article = an_article("Tos", language="es")
    for typed in ("Radical", "Radical [topic:es/radical]"):
        save(editor, now(article), see_also=typed)
        assert now(article).related_links.get().topic == spanish
    html = editor.get(change(article)).text
    assert "Radical [topic:es/radical]" in html and "/article/lookup/es/" in html


def test_two_saves_bring_language_and_original_together(editor):
    original = an_article("Cough")
    article = wrote(an_article("Tos", language="es"))
    base = working_copy(article)
    mine, theirs = {**base, "translation_of": "/articles/cough/"}, {**base, "title": "La tos"}
    merged = merge(base, mine, theirs)
    assert (merged.content["translation_of"], merged.content["title"]) == ("/articles/cough/", "La tos")
    assert [clash.heading for clash in merge(base, mine, {**base, "translation_of": "/articles/x/"}).clashes] == [
        "Translation of"
    ]
    assert compare(base, mine).summary == "translation of changed"
    with revision(article, version=article.version, at=NOON, by=ANA):
        article.translation_of = original
        article.save()
    restored = restore(now(article), article.revisions.last(), version=now(article).version, at=NOON, by=ANA)
    assert now(restored).translation_of == original  # the place stays when a text is brought back


def test_the_inspector_sees_the_language():
    original = published(an_article("Cough"))
    article = published(an_article("Tos", language="es", translation_of=original))
    evidence = evidence_of(article, at=NOON)
    assert evidence["article"]["language"] == evidence["editions"][0]["language"] == "es"
    assert evidence["article"]["translation_of"] == "/articles/cough/"


def test_a_tag_is_frozen_under_its_name_in_the_language():
    Tag.objects.create(name="nausea", name_es="náuseas")
    tagged = {"tags": ["nausea", "fatigue"]}
    english, spanish = published(an_article("Cough", **tagged)), published(an_article("Tos", language="es", **tagged))
    assert all("public" not in tag for tag in english.editions.get().content["tags"])
    assert {tag["name"]: tag["public"] for tag in spanish.editions.get().content["tags"]} == {
        "nausea": "náuseas",
        "fatigue": "",
    }
    with revision(spanish, version=spanish.version, at=NOON, by=ANA):
        spanish.tags.set([])
    assert [tag.name for tag in english.tags.order_by("name")] == ["fatigue", "nausea"]
