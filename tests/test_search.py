"""Search: what is found and in which order, what is said beside it, and an index that follows the library."""

import importlib
import random
import re
from datetime import date, timedelta

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone

from articles import publishing, search
from articles.importing import sample_library
from articles.kinds import Kind
from articles.models import Article, BestBet, Edition, OtherName, SearchDigest, SearchEntry, Synonym, Topic
from articles.search import full_text, index, showing, spelling
from articles.search.full_text import VISIBLE
from articles.search.language import language_of
from articles.search.marking import Marker
from tests.builders import ANA, NOON, YESTERDAY, a_topic, an_article, publish, published, scheduled
from tests.test_article_page import EARLIER, Reader

pytestmark = pytest.mark.django_db
TOMORROW = NOON + timedelta(days=1)


@pytest.fixture
def reader():
    return Reader()


def titles(query: str, *, at=NOON) -> list[str]:
    return [hit.title for hit in search.search(query, at=at).page(1)]


def a_synonym(words: str, meaning: str, **fields) -> Synonym:
    return Synonym.objects.create(words=words, meaning=meaning, **{"sort": Synonym.Sort.LAY_TERM, **fields})


def text(*paragraphs: str, heading="") -> list[tuple[str, str]]:
    return [(heading, "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs))]


@pytest.fixture
def library():
    """A small one, whose pages the queries below are about."""
    a_topic("Kidney stones", kind=Kind.CONDITION, other_names=["Renal calculi", "Nephrolithiasis"])
    a_topic("Positron emission tomography scan", other_names=["PET scan"])
    a_topic("Crohn’s disease", kind=Kind.CONDITION)
    a_topic("Café au lait spots", kind=Kind.CONDITION)
    a_topic("COVID-19", kind=Kind.CONDITION, other_names=["SARS-CoV-2/coronavirus"])
    a_topic("3D mammogram", other_names=["Digital breast tomosynthesis"])
    a_topic("Hepatitis A", kind=Kind.CONDITION)
    a_topic("Hepatitis B", kind=Kind.CONDITION)
    a_topic("Vitamin A", kind=Kind.TREATMENT, definition="A vitamin that the eyes need.")
    a_topic("Asthma", kind=Kind.CONDITION, definition="A disease of the airways.")
    a_topic("Nausea and vomiting", kind=Kind.CONDITION, definition="Feeling sick and being sick.")
    published(an_article("Treating asthma", deck="Inhalers and more.", sections=text("Treatments open the airways.")))
    published(an_article("Eating well", deck="Small meals.", sections=text("Ginger may calm the stomach.", "Rest.")))


# One list for both databases: their stemmers and parsers differ, what patients find must not.
PET = "Positron emission tomography scan"
FIRST = [
    ("kidney stones", "Kidney stones"),
    ("KIDNEY STONE", "Kidney stones"),
    ("stones in the kidneys", "Kidney stones"),
    ("kidny stone", "Kidney stones"),
    ("kidney stoens", "Kidney stones"),
    ("nefrolithiasis", "Kidney stones"),
    ("idney stone", "Kidney stones"),
    ("renal calc", "Kidney stones"),
    ("pet scan", "Positron emission tomography scan"),
    ("what is a PET-scan?", "Positron emission tomography scan"),
    ("positron emission", "Positron emission tomography scan"),
    ("crohns disease", "Crohn’s disease"),
    ("Crohn's", "Crohn’s disease"),
    ("crohn", "Crohn’s disease"),
    ("cafe au lait", "Café au lait spots"),
    ("CAFÉ AU LAIT", "Café au lait spots"),
    ("covid 19", "COVID-19"),
    ("coronavirus", "COVID-19"),
    ("sars cov 2", "COVID-19"),
    ("3d mammograms", "3D mammogram"),
    ("tomosynth", "3D mammogram"),
    ("hepatitis a", "Hepatitis A"),
    ("hepatitis b", "Hepatitis B"),
    ("vitamin a", "Vitamin A"),
    ("treatments asthma", "Treating asthma"),
    ("asthma", "Asthma"),
    ("astma", "Asthma"),
    ("vomitting", "Nausea and vomiting"),
    ("my doctor says that I have asthma, please help me what should I do now", "Asthma"),
    ("ginger stomach", "Eating well"),
    ("hello doctor, since last week my husband says he feels a kidny stone coming, we are so worried", "Kidney stones"),
    ("my sister was told to get a pet scan next month, what happens there and does it take long", PET),
    ("xylophone", None),
]


@pytest.mark.parametrize(("query", "first"), FIRST)
def test_the_right_page_is_first(library, query, first):
    assert next(iter(titles(query)), None) == first


CHEMO_NAUSEA = "Chemotherapy nausea and vomiting: Prevention is best defense"
SAMPLE = [
    ("chemo sickness", CHEMO_NAUSEA, "chemotherapy, nausea", ""),
    ("I keep throwing up from my chemo", CHEMO_NAUSEA, "chemotherapy, vomiting", ""),
    ("pet scan", PET, "", ""),
    ("pett scan", PET, "", "pet scan"),
    ("paliative care", "Palliative care: Who is it for?", "", "palliative care"),
]


def test_the_sample_library_is_found_by_everyday_words_at_once():
    sample_library.load(at=EARLIER)
    count = Synonym.objects.count()
    for query, first, also, suggestion in SAMPLE:
        answer = search.search(query, at=NOON)
        assert (answer.page(1)[0].title, ", ".join(answer.also), answer.suggestion) == (first, also, suggestion)
    sample_library.load(at=NOON)
    assert Synonym.objects.count() == count > 50


def test_pages_that_hold_every_word_stand_before_those_that_hold_some():
    a_topic("Breast pain")
    a_topic("Heart failure", definition="With breast in its text, and breast once more.")
    published(an_article("Long page", sections=text("A pain of the heart.", "Not of the breast.")))
    assert titles("breast heart pain")[0] == "Long page"
    assert set(titles("breast heart pain")) == {"Long page", "Breast pain", "Heart failure"}


def test_a_last_word_that_pages_have_is_no_beginning():
    a_topic("Can and jar openers")
    a_topic("Cancer")
    assert titles("can") == ["Can and jar openers"]
    assert titles("canc") == ["Cancer"]


def test_pages_with_some_of_the_words_are_left_out_when_enough_hold_all():
    for number in range(3):
        a_topic(f"Breast pain {number}")
    a_topic("Breast cancer")
    assert len(titles("breast pain")) == 3
    Topic.objects.get(title="Breast pain 0").delete()
    assert titles("breast pain") == ["Breast pain 1", "Breast pain 2", "Breast cancer"]


def test_a_name_counts_more_than_the_text_and_another_name_as_much_as_the_title():
    published(an_article("Rest", sections=text(*["Gout, gout and gout."] * 20)))
    a_topic("Uric arthritis", other_names=["Gout"])
    a_topic("Gout")
    a_topic("Gout and diet")
    assert titles("gout") == ["Gout", "Uric arthritis", "Gout and diet", "Rest"]


def test_equal_pages_stand_in_the_order_of_the_alphabet():
    for title in ["Zoster test", "élan test", "“Able” test"]:
        a_topic(title, definition="")
    assert titles("test") == ["“Able” test", "élan test", "Zoster test"]


@pytest.mark.parametrize(
    "query",
    [
        "",
        " ",
        "\x00",
        "a\x00b",
        '"',
        "'",
        '"a* OR (',
        "NEAR(a b, 2)",
        "title:a",
        "{title}: a",
        "^a -b +c",
        "a & b | !c <-> d:*",
        "\\",
        "%",
        "_",
        "'; DROP TABLE articles_topic; --",
        "?!…—",
        "\u202eretemom\u202c",
        "ما هو السرطان",
        "乳がん",
        "🎗️👩🏽‍⚕️",
        "\ud800",
        "ﷺ" * 400,
        "x" * 60_000,
        "x " * 30_000,
        "e\u0301" * 1_000,
        "AND OR NOT",
        "1e5 2.5 -3",
        "http://example.org/a?b=c@d",
    ],
)
def test_any_text_may_be_searched_for(reader, library, query):
    answer = search.search(query, at=NOON)
    assert len(answer.page(1)) <= search.PER_PAGE
    response = reader.get("/search/", {"q": query.encode("utf-8", "replace")})
    assert (response.status_code, response.headers["Cache-Control"]) == (200, "no-store")


# Words that were meant, and words that mean the same


def test_a_misspelt_word_is_offered_and_never_swapped_silently(reader):
    a_topic("Kidney stones")
    html = reader.html("/search/?q=kidny+stone")
    assert "Did you mean" in html and 'href="/search/?q=kidney%20stone"' in html
    assert "for “kidny stone”" in html and "/topics/kidney-stones/" in html
    assert "Did you mean" not in reader.html("/search/?q=kidney+stone")
    assert "Did you mean" not in reader.html("/search/?q=kidn")  # the beginning of a word is no slip


def test_no_word_of_a_page_that_patients_may_not_read_is_offered():
    topic = a_topic("Thalidomide")
    a_topic("Stones")
    assert search.search("talidomide stones", at=NOON).suggestion == "thalidomide stones"
    publishing.withdraw(topic, at=NOON, by=ANA, reason="Wrong.")
    assert search.search("talidomide stones", at=NOON).suggestion == ""


@pytest.mark.parametrize(
    ("one", "other", "slips"),
    [("kidny", "kidney", 1), ("stoens", "stones", 1), ("abc", "abc", 0), ("abcd", "dcba", 3), ("a", "abcdef", 3)],
)
def test_slips_are_letters_missing_too_many_wrong_or_swapped(one, other, slips):
    assert spelling.distance(one, other, 2) == slips == spelling.distance(other, one, 2)


def test_a_synonym_adds_pages_and_says_so(reader):
    a_topic("Nausea")
    published(an_article("Chemo sickness bands", deck="A band."), at=EARLIER)
    a_synonym("Chemo sickness", "nausea")
    html = reader.html("/search/?q=bad+CHEMO-sickness")
    assert "Showing also: nausea" in html
    assert "/topics/nausea/" not in html.split("<ol")[0]
    assert titles("chemo sickness", at=timezone.now()) == ["Nausea", "Chemo sickness bands"]
    assert "Showing also" not in reader.html("/search/?q=sickness")


def test_a_synonym_stands_for_its_words_among_others():
    a_topic("Hypertension in pregnancy")
    a_topic("Hypertension")
    a_synonym("high blood pressure", "hypertension")
    assert titles("high blood pressure pregnancy") == ["Hypertension in pregnancy", "Hypertension"]
    assert titles("blood pressure") == []


@pytest.mark.parametrize(
    ("query", "first", "also"),
    [
        ("BM", "Bowel movement", []),
        ("breastfeeding", "Breast feeding", []),
        ("breast-feeding", "Breast feeding", []),
        ("life style", "Lifestyle changes", []),
        ("anaemia", "Anemia", []),
        ("tumours", "Brain tumor", []),
        ("immunisation", "Immunization", []),
        ("renal cancer", "Kidney cancer", ["kidney"]),
        ("carcinoma", "Kidney cancer", ["cancer"]),
        ("hepatopathy", "Liver problems", ["liver"]),
        ("seasickness", "Motion sickness", ["sickness"]),
        ("gastritis", "Gastritis", []),
    ],
)
def test_a_page_is_found_however_its_name_is_written(query, first, also):
    for title in ("Bowel movement", "Breast feeding", "Lifestyle changes", "Anemia", "Brain tumor", "Immunization"):
        a_topic(title, definition="")
    for title in ("Kidney cancer", "Liver problems", "Motion sickness", "Gastritis", "Stomach ulcer"):
        a_topic(title, definition="")
    answer = search.search(query, at=NOON)
    assert ([hit.title for hit in answer.page(1)][:1], answer.also) == ([first], also)


def test_editors_may_take_the_plain_word_of_a_doctors_word_away():
    a_topic("Kidney cancer")
    a_synonym("renal", "kidney", is_negated=True)
    answer = search.search("renal", at=NOON)
    assert (answer.also, answer.order) == ([], [])


def test_a_slip_in_a_word_of_doctors_is_a_slip_first():
    a_topic("Hepatitis")
    a_topic("Liver")
    answer = search.search("hepatitus", at=NOON)
    assert ([hit.title for hit in answer.page(1)], answer.suggestion, answer.also) == (["Hepatitis"], "hepatitis", [])


def test_a_long_message_is_asked_for_by_its_longest_words(django_assert_max_num_queries):
    a_topic("Hypothyroidism")
    message = " ".join(f"word{letter}" for letter in "abcdefghijklmnopqrstuvwxyz")
    with django_assert_max_num_queries(8):
        assert titles(f"{message} hypothyroidism {message}") == ["Hypothyroidism"]


def test_a_short_word_counts_as_much_as_a_long_one():
    published(an_article("Lung disease", deck="TB is one.", sections=text("TB, TB and TB. It is no cough.")))
    published(an_article("Cough", sections=text("A cough is no TB.")))
    published(an_article("Coughing up blood", sections=text("See a doctor.")))
    assert titles("tb")[0] == "Lung disease"
    digest = SearchDigest.objects.get(entry__title="Lung disease").words
    weights = dict(word.split("=") for word in digest.split())
    assert float(weights["tb"]) > float(weights["cough"]) > 0


def test_words_of_a_long_question_are_counted_less_far_but_all_of_them(monkeypatch, django_assert_num_queries):
    monkeypatch.setattr(full_text, "COUNTED_TOGETHER", 6)
    monkeypatch.setattr(full_text, "MOST_HOLDING", 2)
    for number in range(4):
        a_topic(f"Breast pain {number}")
    words = [(word, False) for word in ("breast", "pain", "gout")] + [("brea", True)]
    with django_assert_num_queries(1):
        counts = full_text.pages_with([*words, words[0]], language_of("en"))
    assert list(counts.items()) == list(zip(words, (2, 2, 0, 2), strict=True))
    assert full_text.pages_with(words[:1], language_of("en")) == {words[0]: 4}
    with django_assert_num_queries(0):
        assert full_text.pages_with([], language_of("en")) == {}


def test_an_exact_synonym_asks_for_the_whole_query():
    a_topic("Magnetic resonance imaging")
    a_synonym("mr", "magnetic resonance imaging", is_exact=True)
    assert titles("MR") == ["Magnetic resonance imaging"]
    assert titles("mr brown") == []


def test_a_negated_synonym_takes_what_others_add_away():
    a_topic("Common cold")
    a_synonym("cold", "common cold")
    a_synonym("cold sore", "common cold", is_negated=True)
    assert search.search("cold", at=NOON).also == ["common cold"]
    assert search.search("cold sore", at=NOON).also == []


def test_a_synonym_of_another_language_is_not_asked():
    a_topic("Nausea")
    a_topic("Náusea", language="es")
    a_synonym("mareo", "nausea", language="es")
    assert titles("mareo") == []
    assert [hit.title for hit in search.search("mareo", at=NOON, language="es").page(1)] == ["Náusea"]


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("infección crónica", "Infecciones crónicas"),
        ("cronicos", "Infecciones crónicas"),
        ("vacunar", "Vacunas"),
        ("me vacunaron", "Vacunas"),
        ("niña enferma", "Niños enfermos"),
        ("corazón operada", "Ser operado del corazón"),
        ("come", "Comer bien"),
    ],
)
def test_spanish_words_are_found_in_another_gender_number_or_form(query, first):
    for title in ("Infecciones crónicas", "Vacunas", "Niños enfermos", "Ser operado del corazón", "Comer bien"):
        a_topic(title, language="es", definition="")
    a_topic("What will come", definition="")
    a_topic("Chronic", definition="Cronicas, infeccion, vacuna.")
    answer = search.search(query, at=NOON, language="es")
    assert [hit.title for hit in answer.page(1)] == [first]


@pytest.mark.parametrize("word", ["náusea", "diarrea", "cefalea", "apnea", "línea", "córnea", "gonorrea"])
def test_spanish_words_in_ea_are_found_in_both_numbers(word):
    for title in (f"La {word} crónica", f"{word}s crónicas".capitalize()):
        a_topic(title, language="es", definition="")
    for query in (word, f"{word}s"):
        answer = search.search(query, at=NOON, language="es")
        assert {hit.title for hit in answer.page(1)} == set(Topic.objects.values_list("title", flat=True))


def test_spanish_pages_that_were_stemmed_otherwise_are_found_after_the_migration():
    a_topic("Náuseas", language="es", other_names=["Líneas"])
    published(an_article("La sala", sections=text("Por las náuseas."), language="es"))
    a_topic("Cancer", other_names=["Nauseas"])
    grown = everything()
    for entry in SearchEntry.objects.filter(language="es").select_related("stems", "digest"):
        for row in (entry.stems, entry.digest):  # as the release before wrote them
            columns = [field.attname for field in row._meta.fields if field.attname != "entry_id"]
            as_before = {column: getattr(row, column).replace("nause", "naus") for column in columns}
            type(row).objects.filter(pk=row.pk).update(**as_before)
    assert len(search.search("náusea", at=NOON, language="es")) == 0
    importlib.import_module("articles.migrations.0032_spanish_stems").stem_anew(apps, None)
    assert len(search.search("náusea", at=NOON, language="es")) == 2
    assert everything() == grown


def test_a_slip_that_shares_its_stem_with_a_page_is_one_still():
    a_topic("Lyme disease", definition="A bite leaves a ring, erythema migrans.")
    migraine = a_topic("Migraine")
    for query, found, suggestion in [
        ("migrane", ["Lyme disease", "Migraine"], "migraine"),
        ("migrane bites", ["Lyme disease", "Migraine"], "migraine bites"),
        ("migrans", ["Lyme disease"], ""),  # the text has the word itself
        ("bited", ["Lyme disease"], ""),  # no name is near
    ]:
        answer = search.search(query, at=NOON)
        assert ([hit.title for hit in answer.page(1)], answer.suggestion) == (found, suggestion), query
    bet = BestBet.objects.create(words="migrane", topic=migraine)
    assert (titles("migrane"), search.search("migrane", at=NOON).suggestion) == (["Migraine", "Lyme disease"], "")
    bet.delete()
    publishing.withdraw(migraine, at=NOON, by=ANA, reason="Wrong.")
    assert (titles("migrane"), search.search("migrane", at=NOON).suggestion) == (["Lyme disease"], "")


def test_pages_of_another_language_take_no_places(monkeypatch):
    """The number of pages that are looked at is bounded; the bound is of one language."""
    monkeypatch.setattr(full_text, "MOST_CALLED", 3)
    monkeypatch.setattr(full_text, "MOST_HOLDING", 3)
    for number in range(5):
        a_topic(f"Cancer {number}")
    a_topic("Cáncer", language="es")
    assert [hit.title for hit in search.search("cancer", at=NOON, language="es").page(1)] == ["Cáncer"]


def test_the_page_that_editors_want_is_first_and_marked(reader):
    a_topic("Breast cancer")
    article = published(an_article("Where to start"), at=EARLIER)
    BestBet.objects.create(words="breast cancers", article=article)
    html = reader.html("/search/?q=breast+cancer")
    assert html.index("/articles/where-to-start/") < html.index("/topics/breast-cancer/")
    assert html.count("Editors’ choice") == 1
    BestBet.objects.create(words="breast cancer treatment", article=article, is_negated=True)
    assert "Editors’ choice" not in reader.html("/search/?q=breast+cancer+treatment")


def test_a_best_bet_for_a_withdrawn_page_shows_nothing():
    topic = a_topic("Gone")
    BestBet.objects.create(words="breast", topic=topic)
    assert titles("breast") == ["Gone"]
    publishing.withdraw(topic, at=NOON, by=ANA, reason="Wrong.")
    assert titles("breast") == []


def test_a_page_that_is_later_than_its_policy_bears_ranks_lower_and_is_still_found():
    late = published(an_article("Asthma at home"))
    fresh = published(an_article("Asthma at work"))
    assert titles("asthma") == ["Asthma at home", "Asthma at work"]
    due = date(2026, 11, 1)
    Article.objects.filter(pk__in=[late.pk, fresh.pk]).update(banner_after_days=21)
    Article.objects.filter(pk=late.pk).update(next_review_on=due)
    assert titles("asthma", at=NOON) == ["Asthma at home", "Asthma at work"]  # on the last day that it bears
    assert titles("asthma", at=TOMORROW) == ["Asthma at work", "Asthma at home"]


# The page of results


def test_found_words_are_marked_and_everything_is_escaped(reader):
    a_topic("Stones", definition="A <script>alert(1)</script> & a stone.", other_names=["Stone <b>names</b>", "Other"])
    published(an_article("Diet", sections=text("Drink for the sake of 2 &lt; 3 stones."), deck=""), at=EARLIER)
    html = reader.html("/search/?q=stone")
    assert "A &lt;script&gt;alert(1)&lt;/script&gt; &amp; a <mark>stone</mark>." in html
    assert "Also called: <mark>Stone</mark> &lt;b&gt;names&lt;/b&gt;</p>" in html
    assert "of 2 &lt; 3 <mark>stones</mark>." in html
    assert "<script" not in html and "<b>" not in html


@pytest.mark.parametrize(
    ("words", "text", "marked"),
    [
        (["stones"], "A stone & Stones.", "A <mark>stone</mark> &amp; <mark>Stones</mark>."),
        (["crohn"], "Crohn’s", "<mark>Crohn</mark>’s"),
        (["happy"], "Happiness, hapless", "<mark>Happiness</mark>, hapless"),
        (["cafe"], "Café, ﬁt", "<mark>Café</mark>, ﬁt"),
        (["elan"], "Élan İ", "<mark>Élan</mark> İ"),
        (["a"], "Vitamin A, Aa", "Vitamin <mark>A</mark>, Aa"),
        ([], "<b>", "&lt;b&gt;"),
    ],
)
def test_words_are_marked_by_their_stems_where_they_stand(words, text, marked):
    marker = Marker([search.query.Part((word,)) for word in words], language_of("en"))
    assert marker.marked(text) == marked


def test_the_snippet_is_where_most_of_the_words_stand():
    marker = Marker(
        [search.query.Part((word,), is_prefix=word == "dri") for word in ("kidney", "dri")], language_of("en")
    )
    filler = "Word " * 100
    text = f"{filler}Kidneys. {filler}A kidney drinks. {filler}"
    snippet = marker.snippet(text)
    assert snippet.startswith("…Word") and snippet.endswith("Word…")
    assert "A <mark>kidney</mark> <mark>drinks</mark>." in snippet
    assert len(snippet.split()) == 30
    assert marker.snippet("A kidney.") == "A <mark>kidney</mark>."
    assert marker.snippet(filler) == ""


def test_results_are_counted_by_kind_and_one_kind_may_be_chosen(reader):
    for number in range(12):
        a_topic(f"Gout {number:02}", kind=Kind.TEST if number < 11 else Kind.VIDEO)
    html = reader.html("/search/?q=gout")
    assert re.search(r'kind=test">Tests and procedures</a> <span class="muted">11<', html)
    assert re.search(r'kind=video">Videos</a> <span class="muted">1<', html)
    html = reader.html("/search/?q=gout&kind=video")
    assert re.findall(r'href="/topics/(gout-\d+)/"', html) == ["gout-11"]
    assert '<span aria-current="true">Videos</span>' in html
    assert len(re.findall(r"/topics/gout-", reader.html("/search/?q=gout&kind=nonsense"))) == 10


def test_ten_results_stand_on_a_page(reader):
    for number in range(25):
        a_topic(f"Gout {number:02}")
    seen = []
    for page, count in [("", 10), ("2", 10), ("3", 5)]:
        html = reader.html(f"/search/?q=gout&page={page}")
        found = re.findall(r'href="/topics/(gout-\d+)/"', html)
        assert len(found) == count
        seen += found
    assert len(set(seen)) == 25
    assert '<ol class="articles" start="21">' in html and "Page 3 of 3" in html and 'rel="next"' not in html
    assert reader.html("/search/?q=gout&page=99") == html
    assert re.findall(r'href="/topics/(gout-\d+)/"', reader.html("/search/?q=gout&page=-1")) == seen[20:]


def test_behind_the_best_results_come_the_others():
    for number in range(130):
        a_topic(f"Gout {number:03}", definition="")
    answer = search.search("gout", at=NOON)
    assert len(answer) == len(set(answer.order)) == 130
    assert [len(answer.page(number)) for number in (10, 11, 13)] == [10, 10, 10]


COSTLY = [
    "gout",
    "kidny stone",
    "nausea gout please what can i do about it",
    "zzzz",
    "airway migrane",
    "hepatoxyz migrane",
]


@pytest.mark.parametrize("query", COSTLY)
def test_a_page_of_results_costs_eight_queries_at_most(reader, library, query, django_assert_max_num_queries):
    for number in range(30):
        a_topic(f"Gout {number:02}", other_names=["Podagra", "Arthritis"])
    a_synonym("gout", "arthritis")
    BestBet.objects.create(words="gout", topic=Topic.objects.get(title="Gout 07"))
    a_topic("Migraine")
    a_topic("Lyme disease", definition="Erythema migrans, no matter of the airways or the liver.")
    with django_assert_max_num_queries(8):
        reader.html(f"/search/?q={query}")


def test_nothing_of_a_query_is_kept(reader, library, caplog):
    reader.html("/search/?q=hivtestterm")
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            assert "hivtestterm" not in str(cursor.fetchall())
    assert "hivtestterm" not in caplog.text


# What patients may see


def test_nothing_is_found_before_its_moment_or_while_it_is_withdrawn():
    article = scheduled(an_article("Asthma"), TOMORROW)
    assert (titles("asthma", at=NOON), titles("asthma", at=TOMORROW)) == ([], ["Asthma"])
    publishing.withdraw(article, at=TOMORROW, by=ANA, reason="Wrong.")
    assert titles("asthma", at=TOMORROW) == []
    publishing.bring_back(article, at=TOMORROW + timedelta(days=1), by=ANA)
    assert titles("asthma", at=TOMORROW + timedelta(days=1)) == ["Asthma"]
    assert titles("asthma", at=TOMORROW) == []


def test_an_edition_is_found_until_the_next_takes_its_place_with_no_job_having_run():
    article = published(an_article("Asthma", sections=text("Old words.")))
    article.title = "Wheezing"
    article.save()
    article = scheduled(article, TOMORROW)
    assert (titles("asthma", at=NOON), titles("wheezing", at=NOON)) == (["Asthma"], [])
    assert (titles("asthma", at=TOMORROW), titles("wheezing", at=TOMORROW)) == ([], ["Wheezing"])
    publishing.call_off_edition(article.editions.first(), at=NOON, by=ANA)
    assert (titles("asthma", at=TOMORROW), titles("wheezing", at=TOMORROW)) == (["Asthma"], [])


def test_a_page_ends_at_its_moment_with_no_job_having_run():
    article = published(an_article("Asthma"))
    publishing.withdraw(article, at=NOON, by=ANA, reason="Old.", from_at=TOMORROW)
    assert (titles("asthma", at=NOON), titles("asthma", at=TOMORROW)) == (["Asthma"], [])


def test_a_working_copy_is_never_found():
    article = published(an_article("Asthma"))
    article.title, article.deck = "Secretword", "Secretword"
    article.save()
    assert titles("secretword") == []


def test_the_index_changes_with_the_page_or_not_at_all():
    with pytest.raises(RuntimeError), transaction.atomic():
        a_topic("Gout", other_names=["Podagra"])
        publish(an_article("Asthma"), at=YESTERDAY)
        assert (titles("podagra"), titles("asthma")) == (["Gout"], ["Asthma"])
        raise RuntimeError
    assert (titles("podagra"), titles("asthma"), SearchEntry.objects.count()) == ([], [], 0)


def test_a_topic_is_found_as_it_was_saved_last():
    topic = a_topic("Gout", other_names=["Podagra"], definition="")
    topic.title, topic.kind = "Uric arthritis", Kind.CONDITION
    topic.save()
    assert (titles("gout"), titles("arthritis")) == ([], ["Uric arthritis"])
    assert search.search("arthritis", at=NOON).kinds == [(Kind.CONDITION, 1)]
    topic.other_names.get().delete()
    assert titles("podagra") == []
    topic.delete()
    assert SearchEntry.objects.count() == 0


def everything() -> tuple[set, set]:
    """The index as it stands, its words, stems and digests included, and what the full text answers to each letter of the alphabet."""
    columns = ["article", "edition", "topic", "kind", "live_from", "live_until", "title", "names", "summary", "body"]
    columns += ["stems__called", "stems__held", "digest__names", "digest__words"]
    rows = {row: set() for row in SearchEntry.objects.values_list(*columns)}
    for *row, word in SearchEntry.objects.values_list(*columns, "words__word"):
        rows[tuple(row)].add(word)
    found = set()
    for word in ["gout", "asthma", "stone", "nausea", "rest", "kidney"]:
        for at in (YESTERDAY, NOON, TOMORROW + timedelta(days=9)):
            answer = search.search(word, at=at)
            hits = answer.hits(answer.order)
            found |= {(word, at, hit.url, str(hit.summary), str(hit.snippet)) for hit in hits}
    return {(row, frozenset(words)) for row, words in rows.items()}, found


@pytest.mark.parametrize("seed", range(6))
def test_the_index_that_grew_is_the_one_that_is_made_anew(seed):
    chance, at = random.Random(seed), YESTERDAY
    words = ["Gout", "Asthma", "Stones", "Nausea", "Rest", "Kidney"]

    def some_words():
        return " ".join(chance.sample(words, 2))

    def new_topic():
        a_topic(some_words(), other_names=[some_words()] * chance.randrange(2))

    def new_article():
        published(an_article(some_words(), sections=text(some_words(), some_words())), at=at)

    def change_topic(topic):
        topic.title, topic.definition = some_words(), some_words()
        topic.save(update_fields=chance.choice([None, ["title"], ["definition"]]))

    def add_name(topic):
        topic.other_names.get_or_create(name=f"{some_words()} {chance.randrange(9)}")

    def next_edition(article):
        article.title = some_words()
        article.save()
        publish(article, at=at, change="minor", live_at=at + timedelta(hours=chance.choice([0, 0, 5])))

    def call_off(article):
        publishing.call_off_edition(article.editions.first(), at=at, by=ANA)

    def drop_name(topic):
        OtherName.objects.filter(topic=topic).delete()

    acts = {
        Topic: [change_topic, add_name, drop_name, Topic.delete],
        Article: [next_edition, next_edition, call_off],
    }
    for page in (Topic, Article):
        acts[page] += [
            lambda page: publishing.withdraw(page, at=at, by=ANA, reason="Wrong."),
            lambda page: publishing.bring_back(page, at=at, by=ANA),
        ]
    done = 0
    for _ in range(60):
        at += timedelta(hours=1)
        model = chance.choice([Topic, Article])
        pages = list(model.objects.all())
        if len(pages) < 3:
            (new_topic if model is Topic else new_article)()
            continue
        try:
            with transaction.atomic():
                chance.choice(acts[model])(chance.choice(pages))
            done += 1
        except publishing.ValidationError:
            pass  # such as bringing back what was not withdrawn
    assert done > 20
    for hours in range(0, 70, 7):
        moment = YESTERDAY + timedelta(hours=hours)
        assert shown_of_all(at=moment) == public_of_all(at=moment)
    grown = everything()
    call_command("rebuild_search", verbosity=0)
    assert everything() == grown


def test_the_rule_of_what_is_visible_is_the_one_of_the_pages():
    """It is written in SQL twice, over the index and over editions and topics, and the models say it themselves."""
    articles = [published(an_article(f"Asthma {number}"), at=YESTERDAY - timedelta(days=number)) for number in range(4)]
    topics = [a_topic(f"Asthma topic {number}") for number in range(3)]
    publishing.withdraw(articles[0], at=YESTERDAY, by=ANA, reason="Wrong.")
    publishing.withdraw(articles[1], at=NOON, by=ANA, reason="Wrong.", from_at=TOMORROW)
    publishing.withdraw(topics[0], at=NOON, by=ANA, reason="Wrong.")
    publishing.bring_back(topics[0], at=TOMORROW, by=ANA)
    scheduled(an_article("Asthma soon"), TOMORROW)
    moments = [NOON + timedelta(days=days) for days in (-9, -2, -1, 0, 1, 2)]
    numbers = []
    for at in moments:
        over_the_index = {one.entry for one in full_text_of("asthma", at=at)}
        assert over_the_index == shown_of_all(at=at) == public_of_all(at=at)
        numbers.append(len(over_the_index))
    assert len(set(numbers)) > 2, numbers
    assert "until_at" in VISIBLE


def shown_of_all(*, at) -> set[int]:
    return set(showing.entries(SearchEntry.objects.values_list("pk", flat=True), at=at))


def public_of_all(*, at) -> set[int]:
    live = Q(edition__in=Edition.objects.live(at=at)) | Q(topic__in=Topic.objects.not_withdrawn(at=at))
    return set(SearchEntry.objects.filter(live).values_list("pk", flat=True))


def full_text_of(word: str, *, at) -> list[full_text.Found]:
    part = search.query.Part((word,))
    return full_text.holding([part], every=True, at=at, language=language_of("en"))


def test_a_library_that_was_filled_before_is_in_the_index_after_the_migration():
    a_topic("Gout", other_names=["Podagra"])
    a_synonym("Chemo sickness", "nausea")
    called_off = scheduled(an_article("Asthma"), TOMORROW)
    publishing.call_off_edition(called_off.editions.get(), at=NOON, by=ANA)
    waiting = published(an_article("Kidney"))
    scheduled(waiting, TOMORROW)
    publish(published(an_article("Stones")), change="minor")
    grown = everything()
    assert len(grown[0]) == 4
    fill, words, stems, lines = (
        importlib.import_module(f"articles.migrations.{name}")
        for name in (
            "0018_fill_search_index",
            "0022_search_digest",
            "0025_search_stems",
            "0028_search_in_lines_and_lengths",
        )
    )
    fill.empty(apps, None)
    Synonym.objects.update(key="")
    assert everything() == (set(), set())
    fill.fill(apps, None)
    words.fill(apps, None)
    stems.fill(apps, None)
    assert everything() == grown
    assert Synonym.objects.get().key == "chemo sickness"
    as_grown = dict(SearchDigest.objects.values_list("pk", "words"))
    for pk, parted in as_grown.items():  # as the release before wrote them, which is understood as well
        SearchDigest.objects.filter(pk=pk).update(words=f" {' '.join(parted.split())} ")
    assert titles("podagra asthma") == ["Gout"]
    lines.part(apps, None)
    assert dict(SearchDigest.objects.values_list("pk", "words")) == as_grown


@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite needs no extension")
def test_a_database_that_refuses_the_extension_is_told_apart_from_a_fault():
    migration = importlib.import_module("articles.migrations.0017_search_index")
    with connection.cursor() as cursor:
        cursor.execute("DROP EXTENSION unaccent CASCADE")
        cursor.execute("CREATE ROLE nobody_special")
        cursor.execute("SET LOCAL ROLE nobody_special")
    with pytest.raises(migration.SearchCanNotBeMade, match="CREATE EXTENSION unaccent"):
        migration.make_unaccent(connection)


def test_a_rebuild_says_how_far_it_is_and_mends_what_was_broken(capsys):
    a_topic("Gout", other_names=["Podagra"])
    published(an_article("Asthma"))
    SearchEntry.objects.all().delete()
    assert titles("gout") == titles("asthma") == []
    call_command("rebuild_search")
    assert (titles("podagra"), titles("asthma")) == (["Gout"], ["Asthma"])
    assert "[2/2]" in capsys.readouterr().out


def test_a_page_of_a_million_letters_can_be_indexed():
    published(an_article("Long", sections=text(" ".join(f"word{number}" for number in range(100_000)))))
    assert titles("word10") == ["Long"]
    assert len(SearchEntry.objects.get().body) == index.text.MAX_BODY
