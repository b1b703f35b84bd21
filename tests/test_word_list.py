"""The medical words of a page and what they mean: which are found, whose meaning counts, and where they stand."""

import pytest
from django.utils import timezone

from articles.checks.text import bodies_of
from articles.kinds import Kind
from articles.models import Edition
from articles.publishing import withdraw
from articles.word_list import MOST, word_list
from tests.builders import ANA, NOON, a_topic, an_article, published, with_see_also
from tests.test_article_page import EARLIER, Reader

pytestmark = pytest.mark.django_db


def words(text: str, topics, *, about=(), **fields) -> list[str]:
    article = an_article(deck="", sections=[("", f"<p>{text}</p>")], about=about, **fields)
    published(with_see_also(article, topics), at=EARLIER)
    return [word.title for word in words_of(Edition.objects.live(at=NOON).get(article=article))]


def words_of(edition: Edition):
    return word_list(edition, bodies_of(edition.content), at=NOON)


@pytest.mark.parametrize(
    ("name", "text", "found"),
    [
        ("Biopsy", "You may have a biopsy.", True),
        ("Biopsy", "Two <b>biopsies</b>, then a rest.", True),
        ("Breast", "Keep abreast of it.", False),
        ("Breast cancer", "It is in the breast. Cancer spreads.", False),
        ("Breast cancer", "Breast-cancer care", True),
        ("Crohn’s disease", "CROHN'S Disease is", False),  # “CROHN” is no way to write it in a text
        ("Crohn’s disease", "crohn's   disease", True),
        ("Ménière disease", "Meniere disease", True),
        ("Complete blood count (CBC)", "a complete blood count today", True),
        ("Complete blood count (CBC)", "a complete blood count (CBC)", True),
        ("AIDS", "Hearing aids help you hear.", False),
        ("AIDS", "AIDS is rare.", True),
        ("MRI", "Two MRIs a year", True),
        ("癌", "癌 だけ", False),  # one letter is no word
        ("痛み", "痛み だけ", True),
    ],
)
def test_what_is_the_same_word(name, text, found):
    assert words(text, [a_topic(name)]) == [name] * found


def test_other_names_count_and_lead_to_the_title():
    assert words("A PET scan shows it.", [a_topic("Positron emission tomography", other_names=["PET scan"])]) == [
        "Positron emission tomography"
    ]


def test_the_longest_word_leaves_nothing_of_itself_to_a_shorter_one():
    topics = [a_topic("Cancer"), a_topic("Colon cancer"), a_topic("Cancer screening")]
    assert words("Colon cancer, colon cancer and colon cancer screening.", topics) == [
        "Cancer screening",
        "Colon cancer",
    ]
    assert words("Colon cancer is a cancer.", topics, title="Other") == ["Cancer", "Colon cancer"]


def test_each_word_once_and_a_dozen_at_most_from_a_to_z():
    topics = [a_topic(f"Scan {letter}{letter}") for letter in "zyxwvutsrqponmlkji"]
    found = words(" ".join(f"{topic.title}, {topic.title}." for topic in topics), topics, about=topics[:3])
    assert (len(found), found) == (MOST, sorted(found))


def test_headings_lists_tables_and_the_deck_are_read_and_the_sources_are_not():
    topics = [a_topic(f"Scan {word}") for word in ("one", "two", "three", "four", "five")]
    body = "<h3>Scan two</h3><ul><li>scan three</li></ul><table><tbody><tr><td>scan four</td></tr></tbody></table>"
    article = with_see_also(an_article(deck="Scan one.", sections=[("Scan five", body)]), topics)
    article.references.create(position=1, text="On scan six.")
    a_topic("Scan six")
    published(article, at=EARLIER)
    found = words_of(Edition.objects.live(at=NOON).get())
    assert {word.title for word in found} == {topic.title for topic in topics}


def test_whose_meaning_counts():
    video = a_topic("MRI", kind=Kind.VIDEO, definition="A film about MRI.")
    test = a_topic("MRI", definition="Pictures made with a magnet.")
    empty, sample = a_topic("Biopsy", definition=""), a_topic("CT scan", is_sample=True)
    gone, unnamed = a_topic("X-ray"), a_topic("Mammogram")
    withdraw(gone, at=EARLIER, by=ANA, reason="Two topics were one.")
    text = "An MRI, a biopsy, a CT scan, an X-ray and a mammogram."
    assert words(text, [video, empty, sample, gone]) == []
    assert words(text, [video, test, sample], title="Real") == ["MRI"]
    assert words(text, [], about=[sample], is_sample=True, title="Sample") == ["CT scan"]
    assert words(text, [], about=[unnamed], title="About") == ["Mammogram"]


def test_the_page_has_them_folded_away_and_a_later_meaning_needs_no_new_edition():
    topic = a_topic("Biopsy", definition="A <small> sample of tissue.")
    article = published(with_see_also(an_article(sections=[("", "<p>A biopsy.</p>")]), [topic]), at=EARLIER)
    html = Reader().html(article.get_absolute_url())
    (part,) = [part.partition("</details>")[0] for part in html.split('<details class="words">')[1:]]
    assert '<dt><a href="/topics/biopsy/">Biopsy</a></dt> <dd>A &lt;small&gt; sample of tissue.</dd>' in part
    topic.definition = "A sample."
    topic.save()
    assert "<dd>A sample.</dd>" in Reader().html(article.get_absolute_url())
    assert "sample of tissue" not in Reader().html(f"{article.get_absolute_url()}editions/1/")
    withdraw(topic, at=timezone.now(), by=ANA, reason="Two topics were one.")
    assert 'class="words"' not in Reader().html(article.get_absolute_url())


def test_200_links_cost_one_query(django_assert_num_queries):
    topics = [a_topic(f"Topic {number}", other_names=[f"Other {number}"]) for number in range(200)]
    published(with_see_also(an_article(sections=[("", "<p>Other 7.</p>")]), topics), at=EARLIER)
    edition = Edition.objects.live(at=NOON).get()
    with django_assert_num_queries(1):
        assert [word.title for word in words_of(edition)] == ["Topic 7"]
