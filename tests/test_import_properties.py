"""Whatever page is generated: nothing is lost, nothing is invented, and a second run changes nothing."""

import textwrap
from datetime import date

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from articles.importing.storing import Outcome, import_page
from articles.kinds import Kind
from articles.models import Article
from tests.builders import NOON
from tests.page_texts import paragraphs_of

pytestmark = pytest.mark.django_db

words = st.text("abcdefghijklmnopqrstuvwxyzéßñ", min_size=2, max_size=9).filter(
    lambda word: word not in {"see", "also"}
)
phrases = st.lists(words, min_size=3, max_size=8).map(lambda parts: " ".join(["Aa", *parts]))
sentences = st.builds(lambda phrase, mark: phrase + mark, phrases, st.sampled_from(".!…"))
paragraphs = st.lists(sentences, min_size=3, max_size=6).map(" ".join)
headings = phrases.map(lambda phrase: f"Part {phrase}"[:90].strip())
bullets = st.lists(phrases, min_size=1, max_size=5)
numbered = st.lists(sentences, min_size=1, max_size=5)
sections = st.tuples(headings, st.lists(paragraphs, min_size=1, max_size=3), bullets, numbered)
titles = st.one_of(
    phrases, st.sampled_from(["MRI", "3D mammogram", "Paulas story A team", "Infographic: Risk", "Exercise!"])
)
days = st.dates(date(1990, 1, 1), date(2026, 11, 22))


@st.composite
def pages(draw):
    """The text of a page, and what must come out of it."""
    title = "Title " + draw(phrases)
    deck = draw(st.one_of(st.just(""), sentences))
    lead = draw(st.lists(paragraphs, min_size=1, max_size=3))
    parts = draw(st.lists(sections, max_size=4))
    links = draw(st.lists(titles, max_size=12))
    day, kind = draw(st.one_of(st.none(), days)), draw(st.sampled_from(Kind))
    mark = draw(st.sampled_from("*-•–"))
    wrap = draw(st.booleans())

    def paragraph(text):
        return textwrap.fill(text, 72) if wrap and len(text) > 160 else text

    blocks = [title] + [deck] * bool(deck) + [paragraph(text) for text in lead]
    expected = list(lead)
    for heading, texts, points, steps in parts:
        blocks += [heading, *map(paragraph, texts)]
        blocks.append("\n".join(f"  {mark} {point}" for point in points))
        blocks.append("\n".join(f"  {number}. {step}" for number, step in enumerate(steps, start=1)))
        expected += [heading, *texts, *points, *steps]
    printed = f"{day:%B} {day.day}, {day.year} " if day else ""
    blocks.append(f"{printed}See more {kind.plural}")
    if links:
        blocks += ["See also", "\n".join(f"  {number}. {link}" for number, link in enumerate(links, start=1))]
    end = draw(st.sampled_from(["\n", "\r\n"]))
    text = (end * 2).join(block.replace("\n", end) for block in blocks)
    return text, {"title": title, "deck": deck, "text": expected, "links": links, "day": day, "kind": kind}


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(pages())
def test_nothing_is_lost_and_a_second_run_changes_nothing(page):
    text, expected = page
    with transaction.atomic():  # each page meets an empty library
        imported = import_page(text.encode(), name="page.txt", at=NOON)

        article = Article.objects.get(pk=imported.article.pk)
        assert (article.title, article.deck, article.kind) == (expected["title"], expected["deck"], expected["kind"])
        assert paragraphs_of(article) == expected["text"]
        assert [link.text for link in article.related_links.select_related("topic")] == expected["links"]
        assert len(set(article.related_links.values_list("topic", flat=True))) == len(expected["links"])
        assert article.stated_on == expected["day"]

        before = _state(article)
        assert import_page(text.encode(), name="page.txt", at=NOON).outcome == Outcome.UNCHANGED
        assert _state(article) == before
        transaction.set_rollback(True)


def _state(article):
    return (
        list(article.sections.values()),
        list(article.related_links.values()),
        list(Article.objects.filter(pk=article.pk).values()),
    )
