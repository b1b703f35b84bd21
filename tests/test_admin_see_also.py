"""The ordered see-also list: what it costs, what it keeps, what it refuses and how it says so."""

import json

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from articles.kinds import Kind
from articles.models import RelatedLink, Topic
from articles.ordering import LinkRow, set_related_links, stored_rows
from articles.publishing import withdraw
from tests.admin import change, save, signed_in, staff
from tests.builders import ANA, NOON, a_topic, an_article, published, with_see_also

pytestmark = pytest.mark.django_db


@pytest.fixture
def editor():
    return signed_in()


def refusals(client, article, rows):
    response = save(client, article, see_also=rows if isinstance(rows, str) else json.dumps(rows))
    assert response.status_code == 200, "nothing was refused"
    return response.context["adminform"].form.errors["see_also"]


def titles(article):
    return [link.text for link in article.related_links.select_related("topic", "target_article")]


def many_topics(count):
    made = [
        Topic(title=f"Topic {n}", slug=f"topic-{n}", kind=Kind.TEST, definition="What it is.") for n in range(count)
    ]
    for topic in made:
        topic.place_in_alphabet()
    return Topic.objects.bulk_create(made)


@pytest.mark.parametrize("topics_in_library", [99, 5_000])
def test_opening_a_page_with_99_links_takes_15_queries_and_120_kb_however_large_the_library(editor, topics_in_library):
    topics = many_topics(topics_in_library)
    article = an_article(about=topics[:2], tags=["nausea"], sections=[(f"Part {n}", "<p>Text.</p>") for n in range(3)])
    set_related_links(article, [LinkRow(topic=topic.pk) for topic in topics[:99]])
    published(article)
    with CaptureQueriesContext(connection) as queries:
        response = editor.get(change(article))
    assert response.status_code == 200
    assert len(queries) <= 15
    assert len(response.content) <= 120_000


def test_500_links_are_saved_in_few_queries(editor):
    topics = many_topics(500)
    article = an_article()
    rows = json.dumps([{"topic": topic.pk} for topic in topics])
    with CaptureQueriesContext(connection) as queries:
        assert save(editor, article, see_also=rows).status_code == 302
    assert article.related_links.count() == 500
    assert len(queries) <= 55  # half of them the form’s, a quarter the revision’s, with any number of links


def test_saving_without_a_change_writes_no_link_and_asks_once():
    article = with_see_also(an_article(), 99)
    before, rows = list(RelatedLink.objects.values()), stored_rows(article)
    with CaptureQueriesContext(connection) as queries:
        assert set_related_links(article, rows) is False
    assert len(queries) == 1
    assert list(RelatedLink.objects.values()) == before


def test_a_form_sent_back_untouched_changes_nothing(editor):
    article = with_see_also(an_article(tags=["breast cancer"], about=[a_topic("Ginger")]), 3)
    before = list(RelatedLink.objects.values())
    assert save(editor, article).status_code == 302
    assert list(RelatedLink.objects.values()) == before
    [entry] = User.objects.get().logentry_set.all()
    assert entry.get_change_message() == "No fields changed."


@pytest.mark.parametrize(
    "order",
    [[3, 0, 1, 2], [1, 0, 2, 3], [3, 2, 1, 0], [2, 3], [0, 1, 2, 3, 0]],
    ids=["last to first", "two swapped", "turned round", "two removed", "one listed twice"],
)
def test_links_that_stay_keep_their_ids_wherever_they_move(order):
    article = with_see_also(an_article(), 4)
    links = list(article.related_links.all())
    set_related_links(article, [LinkRow(topic=links[n].topic_id) for n in order])
    now = list(article.related_links.order_by("position"))
    assert [link.position for link in now] == list(range(1, len(order) + 1))
    assert [link.topic_id for link in now] == [links[n].topic_id for n in order]
    kept = dict.fromkeys(order)
    assert [link.pk for link in now][: len(kept)] == [links[n].pk for n in kept]


def test_moving_the_last_of_99_to_the_top_takes_few_queries():
    article = with_see_also(an_article(), 99)
    rows = stored_rows(article)
    with CaptureQueriesContext(connection) as queries:
        assert set_related_links(article, [rows[-1], *rows[:-1]])
    assert len(queries) <= 10
    assert stored_rows(article) == [rows[-1], *rows[:-1]]


def test_rows_of_every_sort_are_stored_in_their_order(editor):
    topic, other, article = a_topic("MRI"), an_article("Coping"), an_article()
    rows = [
        {"url": "https://www.nhs.uk/mri", "label": "NHS on MRI"},
        {"topic": topic.pk, "label": "What an MRI is"},
        {"article": other.pk},
        {"topic": topic.pk, "label": "MRI"},
    ]
    assert save(editor, article, see_also=json.dumps(rows)).status_code == 302
    assert stored_rows(article) == [
        LinkRow(url="https://www.nhs.uk/mri", label="NHS on MRI"),
        LinkRow(topic=topic.pk, label="What an MRI is"),
        LinkRow(article=other.pk),
        LinkRow(topic=topic.pk),  # a label that only repeats the title would go stale
    ]


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([{"topic": 999}], "Row 1: “[topic:999]” leads to a page that the library doesn’t have."),
        ([{"article": 10**30}], "Row 1: this link could not be read."),
        ([{"topic": True}], "Row 1: this link could not be read."),
        ([{"topic": 1, "url": "https://a.org"}], "Row 1: a link leads to one thing"),
        ([{"label": "Nothing"}], "Row 1: a link leads to one thing"),
        ([{"text": "MRI"}, "MRI"], "Row 2: this is no link."),
        ([{"url": "javascript:alert(1)", "label": "Click"}], "Row 1: “javascript:alert(1)” is no web address."),
        ([{"url": "//evil.org", "label": "Click"}], "Row 1: “//evil.org” is no web address."),
        ([{"url": "https://a.org"}], "Row 1: Write what the link to https://a.org says."),
        ([{"url": "https://a.org/" + "x" * 500, "label": "Long"}], "Row 1: This address has 514 characters"),
        ([{"url": "https://a.org", "label": "x" * 201}], "Row 1: The link’s words are 201 characters"),
        ([{"url": "https://a.org", "label": "\x00"}], "Row 1: this link could not be read."),
        ([{"text": "No such page"}], "Row 1: Nothing in the library is called “No such page”."),
        ([{"url": "https://a.org", "label": "a"}] * 1001, "At most 1,000 related links fit on a page; this list has 1,001."),
        ("[{oops", "The list could not be read."),
        ('[{"topic": ' + "[" * 60_000, "The list could not be read."),
        ('[{"topic": ' + "9" * 5_000 + "}]", "The list could not be read."),
        ('[{"text": "\\ud800"}]', "The list could not be read."),
        ("MRI\x00", "The list could not be read."),
    ],
)  # fmt: skip
def test_a_row_that_can_not_be_stored_is_named_with_its_reason(editor, rows, said):
    article = with_see_also(an_article(), 2)
    before = stored_rows(article)
    assert any(message.startswith(said) for message in refusals(editor, article, rows))
    assert stored_rows(article) == before


def test_all_bad_rows_are_named_at_once(editor):
    rows = [{"topic": 999}, {"url": "ftp://a.org", "label": "Files"}, {"text": "Nowhere"}]
    assert [message[:6] for message in refusals(editor, an_article(), rows)] == ["Row 1:", "Row 2:", "Row 3:"]


def test_lines_of_text_do_without_script(editor):
    mri, video = a_topic("MRI"), a_topic("MRI", kind=Kind.VIDEO)
    ct, blood = a_topic("CT scan"), a_topic("Complete blood count", other_names=["CBC"])
    coping, article = an_article("Coping"), an_article()
    lines = f"""
        ct SCAN
        MRI [topic:{video.slug}]
        A magnet scan [topic:{mri.slug}]
        Coping [article:{coping.slug}]
        CBC
        NHS on MRI https://www.nhs.uk/mri
        All tests /kinds/test/
    """
    assert save(editor, article, see_also=lines).status_code == 302
    assert stored_rows(article) == [
        LinkRow(topic=ct.pk),
        LinkRow(topic=video.pk),
        LinkRow(topic=mri.pk, label="A magnet scan"),
        LinkRow(article=coping.pk),
        LinkRow(topic=blood.pk),
        LinkRow(url="https://www.nhs.uk/mri", label="NHS on MRI"),
        LinkRow(url="/kinds/test/", label="All tests"),
    ]


def test_the_text_area_shows_the_list_so_that_sending_it_back_changes_nothing(editor):
    article = an_article()
    topic, other = a_topic("MRI [closed]"), an_article("Coping")
    rows = [
        LinkRow(topic=topic.pk),
        LinkRow(topic=topic.pk, label="Scan"),
        LinkRow(article=other.pk),
        LinkRow(url="https://a.org/b?c=d", label="A and B"),
    ]
    set_related_links(article, rows)
    field = editor.get(change(article)).context["adminform"].form["see_also"]
    lines = str(field).split("<textarea")[1].split(">", 1)[1].split("</textarea>")[0]
    save(editor, article, see_also=lines.strip())
    assert stored_rows(article) == rows


def test_a_title_that_stands_for_two_pages_or_none_is_refused_and_what_was_typed_stays(editor):
    a_topic("MRI")
    a_topic("MRI", kind=Kind.VIDEO)
    article = an_article()
    typed = "MRI\nMRJ\nX-ray [topic:no-such]"
    response = save(editor, article, see_also=typed)
    assert response.context["adminform"].form.errors["see_also"] == [
        "Row 1: “MRI” stands for 2 pages: Test or procedure and Video. Choose the one that you mean.",
        "Row 2: Nothing in the library is called “MRJ”. Check the spelling, or add the topic first.",
        "Row 3: “X-ray [topic:no-such]” leads to a page that the library doesn’t have. "
        "Choose another, or remove the row.",
    ]
    assert typed in response.text


def test_the_list_marks_what_patients_do_not_see(editor):
    gone, unpublished = a_topic("Old test"), an_article("Draft page")
    article = with_see_also(an_article(), [gone, unpublished])
    withdraw(gone, at=NOON, by=ANA, reason="Done no more.")
    html = editor.get(change(article)).text
    assert "withdrawn: patients don\\u2019t see it" in html or "withdrawn: patients don’t see it" in html
    assert "not published: patients don\\u2019t see it" in html or "not published: patients don’t see it" in html


def lookup(client, term, language="en"):
    return client.get(reverse("admin:articles_article_lookup", args=[language]), {"q": term}).json()["results"]


def test_typing_finds_titles_and_other_names_and_those_that_start_so_come_first(editor):
    a_topic("Breast MRI")
    a_topic("MRI")
    a_topic("MRI", kind=Kind.VIDEO)
    a_topic("Complete blood count", other_names=["CBC", "MRI of the blood, so to say"])
    an_article("MRI at night")
    assert [(page["title"], page["kind"], page.get("other_name")) for page in lookup(editor, "mri")] == [
        ("MRI", "Test or procedure", None),
        ("MRI", "Video", None),
        ("MRI at night", "In-depth (article)", None),
        ("Complete blood count", "Test or procedure", "MRI of the blood, so to say"),
        ("Breast MRI", "Test or procedure", None),
    ]


def test_typing_finds_accented_titles_without_the_accent(editor):
    a_topic("Ménière disease")
    assert [page["title"] for page in lookup(editor, "meniere")] == ["Ménière disease"]


@pytest.mark.parametrize("term", ["", " ", "\x00", "x" * 60_000, "%", "'\"\\", "🩺", "!!!", "[" * 300])
def test_any_text_can_be_looked_up(editor, term):
    a_topic("Bone scan")
    assert lookup(editor, term) == []


def test_a_lookup_answers_at_most_20_pages(editor):
    many_topics(30)
    assert len(lookup(editor, "topic")) == 20


def test_pasted_titles_are_found_exactly_in_their_order(editor):
    a_topic("MRI")
    a_topic("MRI", kind=Kind.VIDEO)
    a_topic("Écho test")
    response = editor.post(
        reverse("admin:articles_article_lookup_titles", args=["en"]),
        {"titles": "écho  TEST\r\n\r\nMRI\r\nMR\x00I scan\r\nmri"},
    )
    rows = [(row["text"], [page["kind"] for page in row["choices"]]) for row in response.json()["rows"]]
    both = ["Test or procedure", "Video"]
    assert rows == [("écho  TEST", ["Test or procedure"]), ("MRI", both), ("MRI scan", []), ("mri", both)]


def test_looking_up_is_for_those_who_write_articles():
    address = reverse("admin:articles_article_lookup", args=["en"])
    assert signed_in(staff("view_article")).get(address).status_code == 403
    assert signed_in(staff("change_article")).get(address).status_code == 200
