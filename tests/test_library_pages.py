"""Topics, A to Z, kinds, tags, home, search, and addresses that lead nowhere."""

import re
from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from articles import alphabet
from articles.kinds import Kind
from articles.models import OtherName, Topic, Withdrawal
from articles.publishing import withdraw
from tests.builders import ANA, a_topic, an_article, published, with_see_also
from tests.test_article_page import EARLIER, Reader

pytestmark = pytest.mark.django_db


@pytest.fixture
def reader():
    return Reader()


def many_topics(number: int, initial="T") -> None:
    Topic.objects.bulk_create(
        Topic(
            title=f"{initial}opic {n:05}",
            slug=f"{initial.lower()}opic-{n:05}",
            kind=Kind.TEST,
            sort_key=f"{initial.lower()}opic {n:06}",
            letter=initial,
        )
        for n in range(number)
    )


def test_a_topic_shows_what_the_library_knows_about_it(reader):
    topic = a_topic(
        "Complete blood count (CBC)",
        other_names=["CBC", "Full blood count"],
        tags=["blood tests"],
        source="NCI Dictionary",
    )
    beside = a_topic("Bone marrow test", tags=["blood tests"])
    published(an_article("Your blood test", about=[topic]), at=EARLIER)
    published(with_see_also(an_article("Coping with nausea"), [topic, beside]), at=EARLIER)
    html = reader.html(topic.get_absolute_url())
    for part in [
        "What Complete blood count (CBC) is.",
        "CBC; Full blood count",
        "NCI Dictionary",
        "/kinds/test/",
        "/tags/blood-tests/",
    ]:
        assert part in html
    assert (
        html.index("Articles about this topic")
        < html.index("/articles/your-blood-test/")
        < html.index("Articles that list it")
    )
    assert (
        html.index("Articles that list it")
        < html.index("/articles/coping-with-nausea/")
        < html.index("listed together with it")
    )
    assert "/topics/bone-marrow-test/" in html[html.index("listed together with it") :]


def test_topics_listed_beside_it_most_often_come_first(reader):
    topic, often, seldom = a_topic("MRI"), a_topic("X-ray"), a_topic("Biopsy")
    for number in range(3):
        published(
            with_see_also(an_article(f"Page {number}"), [topic, often, seldom][: 3 if number == 0 else 2]), at=EARLIER
        )
    html = reader.html(topic.get_absolute_url())
    assert html.index("/topics/x-ray/") < html.index("/topics/biopsy/")


def test_a_topic_that_nothing_names_is_still_no_empty_page(reader):
    html = reader.html(a_topic("Brachytherapy", definition="").get_absolute_url())
    assert "No article about this topic has been published yet" in html
    assert 'href="/kinds/test/"' in html and "?letter=B" in html and 'href="/search/"' in html


def test_a_topic_of_a_withdrawn_article_does_not_name_it(reader):
    topic = a_topic("MRI")
    article = published(with_see_also(an_article(about=[topic]), [topic, a_topic("X-ray")]), at=EARLIER)
    withdraw(article, at=timezone.now(), by=ANA, reason="Out of date.")
    html = reader.html(topic.get_absolute_url())
    assert "Coping with nausea" not in html and "X-ray" not in html


def test_a_withdrawn_topic_answers_410_and_leaves_every_list(reader):
    topic = a_topic("MRI", tags=["imaging"], other_names=["Magnetic scan"])
    a_topic("X-ray", tags=["imaging"])
    withdraw(topic, at=timezone.now(), by=ANA, reason="Two topics were one.")
    response = reader.get(topic.get_absolute_url())
    assert (response.status_code, "Two topics were one." in response.content.decode()) == (410, True)
    for address in ["/topics/", "/kinds/test/", "/tags/imaging/", "/search/?q=MRI", "/search/?q=magnetic"]:
        assert "/topics/mri/" not in reader.html(address)


def test_the_topic_page_costs_seven_queries_at_most(reader, django_assert_max_num_queries):
    topic = a_topic("MRI", other_names=["A", "B"], tags=["x", "y"])
    for number in range(5):
        published(
            with_see_also(
                an_article(f"Page {number}", about=[topic]), [topic, *[a_topic(f"T {number} {n}") for n in range(9)]]
            ),
            at=EARLIER,
        )
    with django_assert_max_num_queries(7):
        reader.html(topic.get_absolute_url())


def test_the_a_to_z_sorts_as_people_expect_and_says_see(reader):
    a_topic("Complete blood count (CBC)", other_names=["CBC"])
    for title in ["3D mammogram", "“Quoted” title", "Élan test", "eating", "The Long Race", "10 questions", "X-ray"]:
        a_topic(title)
    html = reader.html("/topics/")
    names = re.findall(r'<li><a href="/topics/[^"]+">([^<]+)</a>', html)
    assert names == [
        "3D mammogram",
        "10 questions",
        "CBC: see Complete blood count (CBC)",
        "Complete blood count (CBC)",
        "eating",
        "Élan test",
        "The Long Race",
        "“Quoted” title",
        "X-ray",
    ]


def test_two_topics_of_one_title_are_told_apart_by_kind(reader):
    a_topic("MRI")
    a_topic("MRI", kind=Kind.VIDEO)
    html = reader.html("/topics/")
    assert re.search(r'href="/topics/mri/">MRI</a> <span class="muted">Test or procedure', html)
    assert re.search(r'href="/topics/mri-2/">MRI</a> <span class="muted">Video', html)


def test_the_a_to_z_of_5000_topics_costs_three_queries_and_less_than_100_kB(reader, django_assert_max_num_queries):
    many_topics(5_000)
    OtherName.objects.bulk_create(
        OtherName(topic=topic, name=f"Other {topic.title}", sort_key=f"other {topic.sort_key}", letter="O")
        for topic in Topic.objects.all()[:1000]
    )
    for address in ["/topics/", "/topics/?letter=T", "/topics/?letter=T&page=7", "/topics/?letter=O"]:
        with django_assert_max_num_queries(3):
            html = reader.html(address)
        assert len(html.encode()) < 100_000
        assert len(re.findall(r'<li><a href="/topics/[a-z]', html)) == 200


def test_the_numbers_of_the_a_to_z_follow_each_change(committing_db):
    """They are remembered between the pages, outside of a transaction."""

    def numbers(at=None, language="en") -> dict:
        counts = alphabet.letter_counts(at=at or timezone.now(), language=language)
        return {letter: count for letter, count in counts.items() if count}

    assert numbers() == {}
    topic = a_topic("Nausea", other_names=["Feeling sick", "Queasiness"])
    assert numbers() == numbers() == {"N": 1, "F": 1, "Q": 1}
    a_topic("Náuseas", language="es")
    assert (numbers(), numbers(language="es")) == ({"N": 1, "F": 1, "Q": 1}, {"N": 1})
    topic.title = "Vomiting"
    topic.save()
    topic.other_names.filter(name="Queasiness").delete()
    assert numbers() == {"V": 1, "F": 1}
    before = timezone.now()
    Withdrawal.objects.create(topic=topic, from_at=timezone.now(), reason="Two topics were one.")
    assert (numbers(), numbers(at=before)) == ({}, {"V": 1, "F": 1})
    topic.withdrawals.update(until_at=timezone.now())
    assert numbers() == {"V": 1, "F": 1}
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        a_topic("Biopsy")
        assert numbers() == {"V": 1, "F": 1, "B": 1}
        1 / 0  # noqa: B018
    assert numbers() == {"V": 1, "F": 1}


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("?letter=Q", 200),
        ("?letter=%C3%84", 404),
        ("?letter=AB", 404),
        ("?page=nonsense", 200),
        ("?page=99999", 200),
        ("?letter=%00", 404),
    ],
)
def test_strange_letters_and_pages_do_no_harm(reader, address, status):
    a_topic()
    assert reader.get(f"/topics/{address}").status_code == status


def test_a_kind_lists_its_articles_and_its_topics(reader):
    a_topic("Sleep", kind=Kind.IN_DEPTH)
    published(at=EARLIER)
    html = reader.html("/kinds/in-depth/")
    assert "/articles/coping-with-nausea/" in html and "/topics/sleep/" in html
    assert reader.get("/kinds/recipes/").status_code == 404


def test_a_tag_lists_articles_and_topics(reader):
    a_topic("Ginger", tags=["nausea"])
    published(an_article(tags=["nausea"]), at=EARLIER)
    html = reader.html("/tags/nausea/")
    assert "/articles/coping-with-nausea/" in html and "/topics/ginger/" in html


@pytest.mark.parametrize(("kind_of_page", "address"), [("kind", "/kinds/test/"), ("tag", "/tags/big/")])
def test_lists_of_5000_topics_are_paged(reader, django_assert_max_num_queries, kind_of_page, address):
    many_topics(5_000)
    if kind_of_page == "tag":
        a_topic("First", tags=["big"])
        through, tag = Topic.tags.through, Topic.objects.get(title="First").tags.get()
        through.objects.bulk_create(
            through(tag=tag, content_object=topic) for topic in Topic.objects.exclude(title="First")
        )
    with django_assert_max_num_queries(6):
        html = reader.html(f"{address}?page=2")
    assert len(html.encode()) < 100_000


def test_home_leads_everywhere(reader, django_assert_max_num_queries):
    a_topic("MRI")
    published(an_article("Older"), at=EARLIER)
    published(an_article("Newer"), at=EARLIER + timedelta(days=1))
    with django_assert_max_num_queries(4):
        html = reader.html("/")
    assert 'action="/search/"' in html and "/topics/?letter=M" in html
    assert "/kinds/test/" in html and "/kinds/in-depth/" in html and "/kinds/video/" not in html
    assert html.index("/articles/newer/") < html.index("/articles/older/")


def test_search_finds_titles_and_other_names(reader):
    a_topic("Positron emission tomography scan", other_names=["PET scan"])
    published(an_article("Coping with nausea"), at=EARLIER)
    assert "/topics/positron-emission-tomography-scan/" in reader.html("/search/?q=pet+SCAN")
    assert "/articles/coping-with-nausea/" in reader.html("/search/?q=nausea+coping")


@pytest.mark.parametrize(
    "query", ["", "%00", "%22a*%20OR%20(", "x" * 60_000, "%E2%80%AE%F0%9F%8E%97", "%ED%A0%80", "%25_", "'; DROP"]
)
def test_any_text_may_be_searched_for(reader, query):
    response = reader.get(f"/search/?q={query}")
    assert response.status_code == 200
    assert response.headers["Cache-Control"] == "no-store"


def test_the_title_of_the_results_does_not_tell_what_was_searched_for(reader):
    html = reader.html("/search/?q=hivtestterm")
    assert "hivtestterm" not in re.search(r"<title>(.*?)</title>", html)[1]
    assert '<meta name="robots" content="noindex">' in html


def test_a_missing_page_offers_a_search_and_near_titles(reader):
    a_topic("Chemotherapy")
    published(an_article("Coping with nausea"), at=EARLIER)
    response = reader.get("/articles/coping-with-naussea/")
    html = response.content.decode()
    assert response.status_code == 404
    assert 'action="/search/"' in html and "/articles/coping-with-nausea/" in html
    assert "/topics/chemotherapy/" in reader.get("/chemo-therapy-chemotherapie/").content.decode()


@pytest.mark.parametrize(
    "address",
    [
        "/articles/%00/",
        "/topics/%ff%fe/",
        "/kinds/..%2f..%2fetc/",
        "/tags/%E7%99%8C/",
        "/%5c%5cevil",
        "/articles/" + "x" * 5000 + "/",
    ],
)
def test_made_up_addresses_are_missing_pages_and_no_faults(reader, address):
    assert reader.get(address).status_code in {301, 400, 404}


def test_a_fault_of_ours_needs_no_database_to_be_told(reader, django_assert_num_queries):
    from articles.views.errors import server_error

    with django_assert_num_queries(0):
        response = server_error(None)
    assert response.status_code == 500
    assert "<h1>" in response.content.decode()
