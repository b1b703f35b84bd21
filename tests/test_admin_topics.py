"""Topics are public as saved: who may write them, and how they are found in the admin."""

import pytest

from articles.admin.filters import TAGS_OFFERED
from articles.kinds import Kind
from articles.models import Redirect, Tag, Topic
from articles.publishing import withdraw
from tests.admin import change, signed_in, staff
from tests.builders import ANA, NOON, a_topic, an_article, published

pytestmark = pytest.mark.django_db
LIST = "/admin/articles/topic/"


@pytest.fixture
def editor():
    return signed_in()


def fields_of(topic, **changed):
    return {
        "title": topic.title,
        "kind": topic.kind,
        "language": topic.language,
        "kind_settled": "on",
        "definition": topic.definition,
        "slug": topic.slug,
        "tags": "",
        "other_names-TOTAL_FORMS": 0,
        "other_names-INITIAL_FORMS": 0,
        "codes-TOTAL_FORMS": 0,
        "codes-INITIAL_FORMS": 0,
        **changed,
    }


def test_a_topic_is_saved_with_other_names_and_codes(editor):
    fields = fields_of(Topic(title="Complete blood count", kind=Kind.TEST)) | {
        "tags": "blood tests",
        "other_names-TOTAL_FORMS": 1,
        "other_names-0-name": "CBC",
        "codes-TOTAL_FORMS": 1,
        "codes-0-system": "2.16.840.1.113883.6.1",
        "codes-0-code": "58410-2",
    }
    assert editor.post(LIST + "add/", fields).status_code == 302
    topic = Topic.objects.get()
    assert topic.slug == "complete-blood-count"
    assert topic.other_names.get().letter == "C"
    assert topic.codes.get().code == "58410-2"
    assert topic.tags.get().name == "blood tests"


@pytest.mark.parametrize(
    ("permissions", "may"),
    [
        (["view_topic", "change_topic", "add_topic"], False),
        (["view_topic", "publish_article"], False),
        (["view_topic", "change_topic", "add_topic", "publish_article"], True),
    ],
)
def test_a_topic_is_written_by_those_who_may_publish(permissions, may):
    topic = a_topic()
    client = signed_in(staff(*permissions))
    client.post(change(topic), fields_of(topic, definition="New words."))
    topic.refresh_from_db()
    assert (topic.definition == "New words.") is may
    assert (client.get(LIST + "add/").status_code == 200) is may
    assert client.get(LIST).status_code == 200


def test_a_topic_is_never_deleted(editor):
    topic = a_topic()
    assert editor.post(f"{LIST}{topic.pk}/delete/", {"post": "yes"}).status_code == 403
    assert Topic.objects.exists()


def test_a_changed_address_leaves_a_redirect(editor):
    topic = a_topic("Bone scan")
    editor.post(change(topic), fields_of(topic, slug="bone-scans"))
    assert [(redirect.path, redirect.target) for redirect in Redirect.objects.all()] == [("/topics/bone-scan/", topic)]
    assert "/topics/bone-scan/" in editor.get("/admin/articles/redirect/").text


def test_the_list_is_filtered_and_searched(editor):
    a_topic("CT scan", tags=["imaging"])
    a_topic("Complete blood count", other_names=["CBC", "CBC test"], definition="")
    a_topic("Tai chi", kind=Kind.VIDEO, kind_settled=False)
    withdraw(a_topic("Old test"), at=NOON, by=ANA, reason="Done no more.")
    for query, titles in [
        ({"q": "cbc"}, ["Complete blood count"]),
        ({"tag": "imaging"}, ["CT scan"]),
        ({"definition": "no"}, ["Complete blood count"]),
        ({"kind_settled__exact": "0"}, ["Tai chi"]),
        ({"kind__exact": "video"}, ["Tai chi"]),
        ({"withdrawn": "yes"}, ["Old test"]),
    ]:
        assert [topic.title for topic in editor.get(LIST, query).context["cl"].result_list] == titles, query


def test_the_chosen_tag_is_offered_even_when_many_are_used_more(editor):
    for number in range(TAGS_OFFERED):
        a_topic(f"Topic {number}a", tags=[f"tag {number}"])
        a_topic(f"Topic {number}b", tags=[f"tag {number}"])
    a_topic("Rare", tags=["zebra"])
    assert ">zebra<" not in editor.get(LIST).text.replace("\n", "")
    assert "?tag=zebra" in editor.get(LIST, {"tag": "zebra"}).text


def test_a_tag_is_renamed_and_keeps_its_page(editor):
    a_topic(tags=["imaging"])
    tag = Tag.objects.get()
    editor.post(f"/admin/articles/tag/{tag.pk}/change/", {"name": "Scans and X-rays"})
    tag.refresh_from_db()
    assert (tag.name, tag.slug) == ("Scans and X-rays", "imaging")


@pytest.mark.parametrize("name", ["!!!", "x" * 101, "Nausea"])
def test_a_tag_is_not_renamed_to_nothing_or_to_another(editor, name):
    a_topic(tags=["imaging", "nausea"])
    tag = Tag.objects.get(name="imaging")
    assert editor.post(f"/admin/articles/tag/{tag.pk}/change/", {"name": name}).status_code == 200
    tag.refresh_from_db()
    assert tag.name == "imaging"


def test_a_tag_is_deleted_unless_an_edition_names_it(editor):
    published(an_article(tags=["nausea"]))
    a_topic(tags=["imaging"])
    for name, status in [("nausea", 403), ("imaging", 302)]:
        tag = Tag.objects.get(name=name)
        assert editor.post(f"/admin/articles/tag/{tag.pk}/delete/", {"post": "yes"}).status_code == status


def test_taggits_own_tags_are_not_offered(editor):
    assert "/admin/taggit/" not in editor.get("/admin/").text
