"""What stands beside the form of a review: why now, what changed, what the checks found, and how links and sources are."""

from datetime import date, timedelta

import pytest
from django.contrib.auth.models import Group, User
from django.utils import timezone

from articles import publishing, review_requests
from articles.due import last_review
from articles.models import Article, LinkCheck, StatedReview, WithdrawnSource
from articles.page_health import page_health
from tests.acts import page_of
from tests.admin import signed_in
from tests.builders import (
    ANA,
    GRACE,
    a_publisher,
    a_reviewer,
    a_topic,
    an_article,
    an_author,
    published,
    reviewed,
    sent,
    signed_and_published,
    with_see_also,
    wrote,
)

pytestmark = pytest.mark.django_db
ADD = "/admin/articles/review/add/"
NOW = timezone.now
SOURCES = [{"text": "NICE guideline 12", "year": 2024, "url": "https://example.org/ng12"}]


@pytest.fixture
def editor():
    return signed_in()


def a_live_page(title="Coping with nausea", *, references=SOURCES, links=(), **fields):
    """Published two days ago, with an owner and a source."""
    article = an_article(title, **{"owner": an_author(), **fields})
    for position, reference in enumerate(references, start=1):
        article.references.create(position=position, **reference)
    return published(with_see_also(article, links), at=NOW() - timedelta(2))


def review_today(article, **fields):
    day = timezone.localdate()
    return reviewed(article, at=NOW(), on=day, next_on=day + timedelta(365), **fields)


def health_of(article):
    article = Article.objects.get(pk=article.pk)
    last = last_review(article)
    edition = article.editions.latest("number")
    return page_health(edition, last=last, at=NOW(), today=timezone.localdate())


def codes(article) -> list[str]:
    return [finding.code for finding in health_of(article).findings]


def check_of(url, verdict, *, detail="", moved_to="", bad_since=None):
    return LinkCheck.objects.create(
        url=url, verdict=verdict, detail=detail, moved_to=moved_to, bad_since=bad_since, checked_at=NOW()
    )


def screen(editor, article) -> str:
    return " ".join(editor.get(ADD, {"article": article.pk}).text.split())


# The checks


def test_a_page_in_order_is_quiet(editor):
    article = a_live_page()
    review_today(article)
    assert "The checks found nothing." in screen(editor, article)


def test_findings_stand_under_their_severities_with_the_passages_folded(editor):
    article = a_live_page(sections=[("Meals", f"<p>{'word ' * 40}</p><ul><li>One</li></ul>")], owner=None)
    review_today(article)
    said = screen(editor, article)
    headings = [said.index(f"{heading} <span") for heading in ("Must be mended", "Look at", "Notes")]
    assert headings == sorted(headings)
    assert "The page has no owner" in said and "<summary>Show it</summary>" in said
    assert "The checks found nothing." not in said


def test_the_record_of_the_page_is_checked():
    article = a_live_page(owner=None)
    assert codes(article) == ["G1", "G4"]
    StatedReview.objects.create(
        article=article, reviewed_on=date(2030, 1, 1), source="x", imported_at=NOW(), imported_by="x"
    )
    assert codes(article) == ["G1", "G2", "G4"]
    Article.objects.filter(pk=article.pk).update(owner=an_author())
    review_today(article)
    assert codes(article) == []


@pytest.mark.parametrize("case", ["person left", "nobody in the role", "somebody in the role"])
def test_an_owner_can_sign_in(case):
    article = a_live_page(owner=None, owner_group=Group.objects.get(name="Publisher"))
    review_today(article)
    if case == "person left":
        Article.objects.filter(pk=article.pk).update(owner=an_author())
        User.objects.filter(pk=an_author().pk).update(is_active=False)
    elif case == "somebody in the role":
        a_publisher()
    assert codes(article) == ([] if case == "somebody in the role" else ["G4"])


@pytest.mark.parametrize(("name", "found"), [("Ana Ruiz", ["G5"]), ("Grace Obi", [])])
def test_who_wrote_the_text_is_no_second_pair_of_eyes(name, found):
    article = an_article(owner=an_author())
    article.references.create(position=1, **SOURCES[0])
    article = signed_and_published(wrote(article, at=NOW() - timedelta(3)), at=NOW() - timedelta(2))
    review_today(article, reviewer_name=name)
    assert codes(article) == found


def test_the_grade_is_shown_with_that_of_the_last_review(editor):
    easy = "<p>" + "The nurse can help you. " * 10 + "</p>"
    article = a_live_page(sections=[("", easy)])
    review_today(article)
    assert "read like grade" in screen(editor, article) and "At the last review" not in screen(editor, article)
    section = article.sections.get()
    section.body = easy.replace("nurse", "radiologist")
    section.save()
    publishing.publish(article, at=NOW(), by=ANA, note="Other words.", bypass_reason="Imported.")
    assert "At the last review it was -1.8 by Flesch-Kincaid." in screen(editor, article)


# Links and sources


def test_links_to_other_websites_are_shown_the_dead_first(editor):
    body = "".join(f'<p><a href="https://example.org/{name}">Guide {name}</a></p>' for name in "abcdef")
    article = a_live_page(sections=[("", body)], references=[])
    check_of("https://example.org/a", "fine")
    check_of("https://example.org/b", "unknown", detail="403 Forbidden")
    check_of("https://example.org/c", "moved", moved_to="https://example.org/new")
    check_of("https://example.org/d", "failing", detail="No answer", bad_since=date(2026, 11, 4))
    check_of("https://example.org/e", "gone", detail="404 Not Found", bad_since=date(2026, 11, 3))
    health = health_of(article)
    assert [link.label for link in health.links] == ["Guide e", "Guide d", "Guide c", "Guide b"]
    assert [link.label for link in health.quiet_links] == ["Guide f", "Guide a"]
    said = screen(editor, article)
    assert '<strong>is gone</strong> since <time datetime="2026-11-03">November 3, 2026</time> (404 Not Found).' in said
    assert "<strong>does not answer</strong> since" in said
    assert '<strong>has moved for good</strong> to <a href="https://example.org/new">' in said
    assert "it turns machines away (403 Forbidden)" in said
    assert "Guide f</a>: not asked yet." in said
    assert "Show the other 2" in said


def test_a_page_whose_links_were_never_asked_is_no_alarm(editor):
    article = a_live_page()
    said = screen(editor, article)
    assert "None is known to be dead or to have moved." in said and "not asked yet." in said
    assert health_of(article).links == []


def test_a_source_shows_its_year_and_whether_it_was_withdrawn(editor):
    references = [*SOURCES, {"text": "Old trial", "doi": "10.1000/ABC"}]
    article = a_live_page(references=references)
    review_today(article)
    WithdrawnSource.objects.create(
        doi="10.1000/abc",
        what_happened="Retracted: wrong doses",
        withdrawn_on=date(2026, 10, 1),
        recorded_at=NOW(),
        recorded_by="Ana Ruiz",
    )
    check_of("https://example.org/ng12", "gone", detail="404 Not Found", bad_since=date(2026, 11, 3))
    said = screen(editor, article)
    assert "<strong>2024</strong>" in said and "<strong>No year</strong>" in said
    assert "October 1, 2026</time>: Retracted: wrong doses" in said
    assert "Source 2 was withdrawn: Retracted: wrong doses." in said
    assert "The address of source 1 is dead (404 Not Found)." in said
    assert codes(article) == ["G10", "G10"]


def test_an_old_source_is_noted_against_the_day_of_the_review():
    article = a_live_page(references=[{"text": "Old trial", "year": 2001, "url": "https://example.org/old"}])
    assert "G11" not in codes(article)
    review_today(article)
    assert codes(article) == ["G11"]


@pytest.mark.parametrize(
    ("href", "is_dead"),
    [
        ("/topics/mri/", False),
        ("/topics/mri/#risks", False),
        ("/topics/nothing/", True),
        ("/topics/withdrawn/", True),
        ("/articles/draft/", True),
        ("/articles/live/", False),
        ("/articles/once/", False),  # an old address that leads to the live page
        ("/search/?q=mri", False),
        ("https://example.org/topics/nothing/", False),
    ],
)
def test_links_in_the_text_lead_to_pages_that_patients_can_open(href, is_dead):
    a_topic("MRI")
    publishing.withdraw(a_topic("Withdrawn"), at=NOW(), by=ANA, reason="Old.")
    an_article("Draft")
    live = published(an_article("Live"), at=NOW() - timedelta(1))
    live.redirects.create(path="/articles/once/")
    article = a_live_page("Page", sections=[("Meals", f'<p><a href="{href}">Where it leads</a></p>')])
    review_today(article)
    findings = health_of(article).findings
    assert [finding.code for finding in findings] == ["S9"] * is_dead
    assert all(finding.where == "Meals" and href in finding.said for finding in findings)


def test_related_pages_that_are_away_are_named_by_their_place():
    gone = a_topic("Old scan")
    article = a_live_page(links=[a_topic("MRI"), gone])
    review_today(article)
    assert codes(article) == []
    publishing.withdraw(gone, at=NOW(), by=ANA, reason="Old.")
    (finding,) = health_of(article).findings
    assert (finding.code, finding.quotes) == ("S9", ("2. Old scan",))


# Why now


def test_open_requests_stand_first_with_their_reason_and_days(editor):
    article = a_live_page()
    today = timezone.localdate()
    assert "Why it is to be reviewed now" not in screen(editor, article)
    review_requests.ask(
        article, cause="report", about="Wrong number.", key="x", due_on=today + timedelta(14), at=NOW(), by=GRACE
    )
    said = screen(editor, article)
    assert "<strong>A reader reported something:</strong> Wrong number. (asked by Grace Obi on" in said
    assert said.index("Why it is to be reviewed now") < said.index("What changed since the last review")


# Its keyboard


def test_parts_are_folded_away_until_the_review_is_of_parts(editor):
    article = a_live_page()
    folded = "<details><summary> <h2"
    assert folded in screen(editor, article)
    page = editor.post(ADD, {"article": article.pk, "scope": "part"})
    assert folded not in " ".join(page.text.split())
    wrong = reviewed(article, at=NOW(), on=timezone.localdate(), scope="part", parts=["part:media"], next_on=None)
    assert folded not in " ".join(editor.get(ADD, {"corrects": wrong.pk}).text.split())


def test_no_day_is_filled_in_and_today_stands_beside_the_field(editor):
    article = a_live_page()
    today = timezone.localdate()
    page = editor.get(ADD, {"article": article.pk})
    assert page.context["adminform"].form["reviewed_on"].value() is None
    assert f"Today is {today:%B} {today.day}, {today.year}." in page.text


def test_jumps_lead_to_the_page_the_checks_and_the_form(editor):
    said = screen(editor, a_live_page())
    for target in ("the-page", "the-checks", "the-form"):
        assert f'href="#{target}"' in said and said.count(f'id="{target}" tabindex="-1"') == 1


# What it costs


def test_a_long_page_costs_as_many_queries_as_a_short_one(editor, django_assert_max_num_queries):
    sections = [
        ("", "<p>Lead.</p>"),
        *((f"Part {n}", f'<p><a href="/topics/t-{n}/">Topic {n}</a></p>') for n in range(12)),
    ]
    references = [{"text": f"Source {n}", "year": 2020, "doi": f"10.1000/{n}"} for n in range(40)]
    article = a_live_page(sections=sections, references=references, links=99)
    review_today(article)
    with django_assert_max_num_queries(20):
        page = editor.get(ADD, {"article": article.pk})
    assert len(page.context["health"].sources) == 40 and len(page.context["health"].see_also) == 99


# Before a text is signed off


@pytest.mark.parametrize("act", ["sign-off", "submit"])
def test_who_decides_about_a_text_is_shown_what_the_checks_found(act):
    article = wrote(an_article(sections=[("Meals", '<p><a href="/x/">Click here</a></p>')]))
    article = sent(article) if act == "sign-off" else article
    client = signed_in(a_reviewer() if act == "sign-off" else an_author())
    text = client.get(page_of(act, article)).text
    assert "What the checks found" in text and "Must be mended" in text and "“Click here”" in text


def test_what_must_be_mended_stops_nobody_from_signing_off():
    article = sent(wrote(an_article(sections=[("Meals", '<p><a href="/x/">Click here</a></p>')])))
    sign = {"version": article.version, "attested": "on"}
    assert signed_in(a_reviewer()).post(page_of("sign-off", article), sign).status_code == 302
