"""MedlinePlus health topics, as the official XML and as lines of JSON, become topics and published articles."""

import gzip
import json
from datetime import date
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from articles.importing import medlineplus_files
from articles.importing.medlineplus import CREDIT, Became, import_health_topics, kind_of
from articles.importing.medlineplus_files import NotHealthTopics, read_health_topics
from articles.importing.medlineplus_text import sections_of_html, sections_of_lines
from articles.kinds import Kind
from articles.models import Article, AuditEntry, Edition, Review, Synonym, Topic, TopicCode
from articles.people import Person
from articles.publishing import withdraw
from articles.revising import revision
from tests.builders import ANA, NOON, a_topic, an_article

pytestmark = pytest.mark.django_db

DOCTYPE = """<!DOCTYPE health-topics PUBLIC "-//NLM//DTD health-topics //EN"
    "https://www.nlm.nih.gov/medlineplus/xml/mplus_topics_2012-06-01.dtd">"""
SUMMARY = "&lt;p&gt;Pain in the belly.&lt;/p&gt;&lt;ul&gt;&lt;li&gt;It is sudden&lt;/li&gt;&lt;/ul&gt;"
BELLY = f"""
  <health-topic title="Abdominal Pain" url="https://medlineplus.gov/abdominalpain.html" id="3061" language="English"
                date-created="01/07/2003" meta-desc="Stomach aches can be painful.">
    <also-called>Bellyache</also-called>
    <full-summary>{SUMMARY}</full-summary>
    <group url="https://medlineplus.gov/symptoms.html" id="31">
      Symptoms
    </group>
    <language-mapped-topic url="https://medlineplus.gov/spanish/x.html" id="3062" language="Spanish">Dolor
    </language-mapped-topic>
    <mesh-heading><descriptor id="D015746">Abdominal Pain</descriptor></mesh-heading>
    <mesh-heading><descriptor id="D000006">Abdomen, Acute</descriptor><qualifier id="Q000175">diagnosis</qualifier>
    </mesh-heading>
    <primary-institute url="https://www.niddk.nih.gov">National Institute of Digestive Diseases</primary-institute>
    <related-topic url="https://medlineplus.gov/pelvicpain.html" id="4486">Pelvic Pain
    </related-topic>
    <related-topic url="https://medlineplus.gov/nowhere.html" id="9">Nowhere</related-topic>
    <see-reference>bellyache</see-reference>
    <see-reference>Pain, Abdominal</see-reference>
    <site title="CT" url="https://example.org/"><information-category>Encyclopedia</information-category></site>
  </health-topic>"""
PELVIS = """
  <health-topic title="Pelvic Pain" url="https://medlineplus.gov/pelvicpain.html" id="4486" language="English"
                meta-desc="Pain below the belly.">
    <full-summary>&lt;p&gt;It hurts below.&lt;/p&gt;</full-summary>
    <related-topic url="https://medlineplus.gov/abdominalpain.html" id="3061">Abdominal Pain</related-topic>
  </health-topic>"""
SPANISH = """
  <health-topic title="Dolor abdominal" url="https://medlineplus.gov/spanish/abdominalpain.html" id="3062" language="Spanish"
                meta-desc="El dolor de barriga.">
    <also-called>Dolor de barriga</also-called>
    <full-summary>&lt;p&gt;Duele la barriga.&lt;/p&gt;</full-summary>
    <group url="https://medlineplus.gov/spanish/symptoms.html" id="31">Síntomas
    </group>
    <language-mapped-topic url="https://medlineplus.gov/abdominalpain.html" id="3061" language="English">Abdominal Pain
    </language-mapped-topic>
    <see-reference>Cólico</see-reference>
  </health-topic>"""
FRENCH = SPANISH.replace("Spanish", "French").replace("3062", "3063")


def xml(*topics: str, head=DOCTYPE) -> bytes:
    start = f'<?xml version="1.0" encoding="UTF-8"?>\n{head}\n<health-topics total="{len(topics)}">'
    return f"{start}{''.join(topics)}\n</health-topics>".encode()


def a_line(title="Asthma", id=12, **fields) -> dict:
    defaults = {"language": "English", "url": f"https://medlineplus.gov/{id}.html", "also_called": []}
    return {**defaults, "id": id, "title": title, "meta_desc": "It is so.", "summary": "It is so.", **fields}


def lines(*records) -> bytes:
    return b"".join(json.dumps(record).encode() + b"\n" for record in records)


@pytest.fixture
def read(tmp_path):
    def read(raw: bytes):
        (tmp_path / "topics").write_bytes(raw)
        return read_health_topics(tmp_path / "topics")

    return read


@pytest.fixture
def load(read):
    def load(raw: bytes):
        return import_health_topics(read(raw).topics, name="topics.xml", at=NOON)

    return load


def became(outcome) -> dict:
    return {str(name): number for name, number in outcome.became.items() if number}


# From the official XML to pages


def test_a_health_topic_becomes_a_topic_with_its_names_code_group_and_credit(load):
    load(xml(BELLY, PELVIS))
    topic = Topic.objects.get(title="Abdominal Pain")
    assert topic.definition == "Stomach aches can be painful."
    assert topic.source == f"{CREDIT}, https://medlineplus.gov/abdominalpain.html"
    assert [other.name for other in topic.other_names.all()] == ["Bellyache"]
    assert [(code.system, code.code) for code in topic.codes.all()] == [(TopicCode.System.MESH, "D015746")]
    assert [tag.name for tag in topic.tags.all()] == ["Symptoms"]


def test_a_see_reference_leads_to_the_topic_without_standing_on_its_page(load):
    load(xml(BELLY))
    synonym = Synonym.objects.get()
    assert (synonym.words, synonym.meaning, synonym.sort) == ("Pain, Abdominal", "Abdominal Pain", "see_reference")
    assert synonym.source.startswith(CREDIT)


def test_a_see_reference_that_staff_keep_in_other_letters_is_no_second_synonym(load):
    ours = Synonym.objects.create(words="pain: abdominal", meaning="abdominal pains", sort="lay_term")
    load(xml(BELLY))
    assert list(Synonym.objects.all()) == [ours]


def test_it_becomes_a_published_article_about_the_topic(load):
    assert became(load(xml(BELLY, PELVIS))) == {"made": 2}
    edition = Edition.objects.get(title="Abdominal Pain")
    assert edition.deck == "Stomach aches can be painful."
    assert [section["body"] for section in edition.content["sections"]] == [
        "<p>Pain in the belly.</p><ul><li>It is sudden</li></ul>"
    ]
    assert [topic.title for topic in edition.about.all()] == ["Abdominal Pain"]
    assert [tag.name for tag in edition.tags.all()] == ["Symptoms"]
    assert [(source["text"], source["url"]) for source in edition.content["references"]] == [
        (f"{CREDIT}: “Abdominal Pain”.", "https://medlineplus.gov/abdominalpain.html"),
        ("National Institute of Digestive Diseases", "https://www.niddk.nih.gov"),
    ]
    assert edition.bypass_reason == "Imported from topics.xml; nobody has signed it off here."


def test_the_day_that_the_source_states_is_shown_as_stated_and_nothing_is_reviewed(load):
    load(xml(BELLY, PELVIS))
    stated, unstated = Edition.objects.order_by("title")
    assert (stated.published_on, stated.published_on_is_stated) == (date(2003, 1, 7), True)
    assert (unstated.published_on, unstated.published_on_is_stated) == (NOON.date(), False)
    assert not Review.objects.exists()


def test_related_topics_are_the_see_also_list_and_unknown_ones_are_counted(load):
    outcome = load(xml(BELLY, PELVIS))
    for one, other in (("Abdominal Pain", "Pelvic Pain"), ("Pelvic Pain", "Abdominal Pain")):
        assert [link.text for link in Article.objects.get(title=one).related_links.all()] == [other]
    assert outcome.links_left_out == 1


def test_a_related_topic_that_only_the_library_has_is_linked_too(load):
    pelvis = a_topic("Pelvic pain", kind=Kind.CONDITION)
    load(xml(BELLY))
    assert [link.topic for link in Article.objects.get().related_links.all()] == [pelvis]


@pytest.mark.parametrize("order", [(BELLY, SPANISH), (SPANISH, BELLY)])
def test_a_spanish_topic_becomes_a_translation_of_the_english_one(load, order):
    load(xml(*order))
    for model in (Topic, Article):
        english, spanish = model.objects.get(language="en"), model.objects.get(language="es")
        assert (spanish.title, spanish.translation_of, spanish.kind) == ("Dolor abdominal", english, english.kind)
        assert [(tag.name, tag.name_es) for tag in spanish.tags.all()] == [("Symptoms", "Síntomas")]
        assert list(spanish.tags.all()) == list(english.tags.all())
    assert Article.objects.get(language="es").editions.get().language == "es"
    synonym = Synonym.objects.get(language="es")
    assert (synonym.words, synonym.meaning) == ("Cólico", "Dolor abdominal")
    before = (Edition.objects.count(), AuditEntry.objects.count(), Synonym.objects.count())
    assert became(load(xml(*order))) == {"unchanged": 2}
    assert (Edition.objects.count(), AuditEntry.objects.count(), Synonym.objects.count()) == before


def test_a_spanish_topic_without_its_english_one_stands_alone(load):
    load(xml(SPANISH))
    assert Topic.objects.get().translation_of is None
    assert [(tag.name, tag.name_es) for tag in Topic.objects.get().tags.all()] == [("Síntomas", "Síntomas")]
    load(xml(BELLY))
    assert set(Topic.objects.values_list("title", "language")) == {("Dolor abdominal", "es"), ("Abdominal Pain", "en")}


def test_a_page_that_is_translated_already_keeps_its_translation(load):
    load(xml(BELLY))
    english = Topic.objects.get()
    ours = a_topic("Dolor de vientre", language="es", translation_of=english)
    load(xml(BELLY, SPANISH))
    assert list(english.translations.all()) == [ours]
    assert Topic.objects.get(title="Dolor abdominal").translation_of is None


def test_topics_in_other_languages_stay_out(read):
    found = read(xml(BELLY, FRENCH))
    assert ([topic.title for topic in found.topics], found.in_other_languages) == (["Abdominal Pain"], 1)


# Again


def test_a_second_import_changes_nothing(load):
    load(xml(BELLY, PELVIS))
    before = (Edition.objects.count(), AuditEntry.objects.count(), Synonym.objects.count())
    assert became(load(xml(BELLY, PELVIS))) == {"unchanged": 2}
    assert (Edition.objects.count(), AuditEntry.objects.count(), Synonym.objects.count()) == before


def test_a_changed_record_changes_the_working_copy_and_the_topic_and_waits_to_be_published(load):
    load(xml(BELLY))
    changed = BELLY.replace("Pain in the belly", "Pain in the tummy").replace("Stomach aches", "Bellyaches")
    outcome = load(xml(changed.replace("<also-called>Bellyache<", "<also-called>Tummy ache<")))
    assert (became(outcome), outcome.waiting) == ({"updated": 1}, 1)
    topic, article = Topic.objects.get(), Article.objects.get()
    assert "Pain in the tummy" in article.sections.get().body
    assert topic.definition == "Bellyaches can be painful."
    assert [other.name for other in topic.other_names.all()] == ["Tummy ache"]
    assert Edition.objects.get().content["sections"][0]["body"].startswith("<p>Pain in the belly")
    entry = AuditEntry.objects.get(page_kind="topic")
    assert "Stomach aches can be painful." in [change["before"] for change in entry.changes]


def edit_text():
    article = Article.objects.get()
    with revision(article, version=article.version, at=NOON, by=Person("Ana Ruiz")):
        article.deck = "An editor’s words."
        article.save()


def edit_topic():
    topic = Topic.objects.get()
    topic.other_names.create(name="Tummy ache")


@pytest.mark.parametrize("edit", [edit_text, edit_topic])
def test_what_an_editor_changed_is_never_overwritten(load, edit):
    load(xml(BELLY))
    edit()
    before = list(Article.objects.values()), list(Topic.objects.values())
    outcome = load(xml(BELLY.replace("Pain in the belly", "Pain in the tummy")))
    assert became(outcome) == {str(Became.KEPT): 1}
    assert "“Abdominal Pain” was changed in the admin" in str(outcome.remarks[0])
    assert (list(Article.objects.values()), list(Topic.objects.values())) == before
    assert "Pain in the belly" in Article.objects.get().sections.get().body


def test_a_topic_that_was_here_stays_as_it_is_and_the_article_is_about_it(load):
    ours = a_topic("Abdominal pain", kind=Kind.CONDITION, definition="Our words.")
    video = a_topic("Abdominal pain", kind=Kind.VIDEO)
    load(xml(BELLY))
    ours.refresh_from_db()
    assert (ours.definition, ours.other_names.count()) == ("Our words.", 0)
    assert [topic.pk for topic in Article.objects.get().about.all()] == [ours.pk]
    assert Topic.objects.exclude(pk__in=[ours.pk, video.pk]).count() == 0


def test_an_article_that_was_here_is_not_touched_and_the_health_topic_stays_out(load):
    ours = an_article("Abdominal pain")
    outcome = load(xml(BELLY, PELVIS))
    assert (became(outcome), [problem.line for problem in outcome.problems]) == ({"made": 1}, [5])
    assert "an article of this title is here already (abdominal-pain)" in outcome.problems[0].message
    assert ours.sections.get().body == "<p>Small meals help.</p>"


def test_a_withdrawn_page_stays_withdrawn(load):
    load(xml(BELLY))
    withdraw(Article.objects.get(), at=NOON, by=ANA, reason="Wrong.")
    load(xml(BELLY.replace("Pain in the belly", "Pain in the tummy")))
    assert Article.objects.get().withdrawal(at=NOON)
    assert Edition.objects.count() == 1


# Files that are broken or hostile

LAUGHS = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;"><!ENTITY c "&b;&b;&b;">]>'


@pytest.mark.parametrize(
    "head",
    [
        LAUGHS,
        '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE x [<!ENTITY % a SYSTEM "http://127.0.0.1:9/x.dtd"> %a;]>',
    ],
)
def test_a_file_that_declares_entities_is_refused(read, head):
    with pytest.raises(NotHealthTopics, match="declares entities of its own"):
        read(xml(BELLY.replace("Stomach", "&c;" if head == LAUGHS else "Stomach"), head=head))


def test_the_document_type_of_the_official_file_is_never_fetched(read):
    """Whoever fetched it would use its entity; it stays unknown, so the file is refused."""
    assert len(read(xml(BELLY)).topics) == 1
    with pytest.raises(NotHealthTopics):
        read(xml(BELLY.replace("<also-called>Belly", "<also-called>&belly;")))


@pytest.mark.parametrize(
    ("raw", "sentence"),
    [
        (b"", "neither the XML of MedlinePlus nor lines of JSON"),
        (b"title\tid\n", "neither the XML of MedlinePlus nor lines of JSON"),
        (xml(BELLY)[:-20], "no well-formed XML"),
        (xml(BELLY).replace(b"</also-called>", b"</x>"), "line 7: it is no well-formed XML"),
        (b"<rss></rss>", "its first element is “rss”"),
        (b"<health-topics></health-topics>", "it holds no health topic"),
        (xml(BELLY.replace("<site", "<b>" * 30 + "<site")), "too deep"),
        (gzip.compress(xml(BELLY))[:-30], "damaged"),
    ],
)
def test_a_file_that_is_something_else_is_refused_whole(read, raw, sentence):
    with pytest.raises(NotHealthTopics, match=sentence):
        read(raw)


def test_a_file_that_grows_without_end_is_refused(read, monkeypatch):
    monkeypatch.setattr(medlineplus_files, "MAX_BYTES", 500)
    for raw in (xml(BELLY, PELVIS), lines(*[a_line(id=number) for number in range(50)])):
        with pytest.raises(NotHealthTopics, match="Is this the right file"):
            read(gzip.compress(raw))


def test_rows_that_can_not_be_stored_are_named_with_their_line(read):
    raw = lines(
        a_line("Asthma", 1),
        a_line("", 2),
        a_line("No id", "x"),
        a_line("No address", 4, url="javascript:alert(1)"),
        a_line("Empty", 5, summary=" \n"),
        a_line("Again", 1),
        a_line("x" * 201, 7),
        a_line("Names", 8, also_called=["x" * 201]),
        a_line("Shape", 9, also_called="Form"),
    )
    found = read(raw + b'{"broken\n' + lines([1]))
    assert [topic.title for topic in found.topics] == ["Asthma"]
    assert [str(problem) for problem in found.problems] == [
        "line 2: it has no title.",
        "line 3: “No id” has no id.",
        "line 4: “No address” has no web address.",
        "line 5: “Empty” has no summary.",
        "line 6: “Again” has the id 1 of line 1.",
        f"line 7: “{'x' * 40}…” has 201 characters; at most 200 fit.",
        f"line 8: “{'x' * 40}…” has 201 characters; at most 200 fit.",
        "line 9: its fields can't be read.",
        "line 10: it is no line of JSON with the facts of a topic.",
        "line 11: it is no line of JSON with the facts of a topic.",
    ]


def test_what_no_database_can_hold_is_left_out_of_texts(load):
    load(lines(a_line("As\x00thma", summary="One\x00 \ud800two.", meta_desc="So\x0b.")))
    assert Topic.objects.get().title == "Asthma"
    assert Article.objects.get().sections.get().body == "<p>One two.</p>"


def test_html_of_the_summary_passes_the_allow_list(load):
    load(
        xml(
            BELLY.replace(
                "Pain in the belly.", "&lt;script&gt;alert(1)&lt;/script&gt;&lt;b onclick='x'&gt;Pain&lt;/b&gt;"
            )
        )
    )
    assert Article.objects.get().sections.get().body.startswith("<p>Pain</p>")


# Summaries


def test_an_html_summary_is_parted_at_its_headings():
    sections = sections_of_html("<p>Lead.</p>\n<h3>What is <em>it</em> &amp; why?</h3><p>A</p><h2>Then</h2>bare text")
    assert [(section.heading, section.html) for section in sections] == [
        ("", "<p>Lead.</p>"),
        ("What is it & why?", "<p>A</p>"),
        ("Then", "<p>bare text</p>"),
    ]


def test_a_heading_without_text_is_kept_as_text():
    assert [(section.heading, section.html) for section in sections_of_html("<p>A</p><h3>End</h3>")] == [
        ("", "<p>A</p><p>End</p>")
    ]


def html_of(text: str) -> list[str]:
    return [f"{section.heading}|{section.html}" for section in sections_of_lines(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One.\n\nTwo <b>.", ["|<p>One.</p><p>Two &lt;b&gt;.</p>"]),
        ("What is it?\nA lung disease.\nCan it be cured?\nNo.", ["What is it?|<p>A lung disease.</p>", "Can it be cured?|<p>No.</p>"]),
        ("Signs:\n\n Pain\n Fever\n\nCall.", ["|<p>Signs:</p><ul><li>Pain</li><li>Fever</li></ul><p>Call.</p>"]),
        ("Signs:\nPain\nFever\nWhat now?\nCall.", ["|<p>Signs:</p><ul><li>Pain</li><li>Fever</li></ul>", "What now?|<p>Call.</p>"]),
        ("Levels:\n\nLow\nHigh\nAsk. Then ask again.", ["|<p>Levels:</p><ul><li>Low</li><li>High</li></ul><p>Ask. Then ask again.</p>"]),
        ("Signs:\nPain\nNIH: National Institute", ["|<p>Signs:</p><ul><li>Pain</li></ul><p>NIH: National Institute</p>"]),
        ("Ask:\nIs it bad?\nWhat helps?\n\nGo.", ["|<p>Ask:</p><ul><li>Is it bad?</li><li>What helps?</li></ul><p>Go.</p>"]),
        ("Nothing follows:", ["|<p>Nothing follows:</p>"]),
        (" \n ", []),
    ],
)  # fmt: skip
def test_a_summary_of_plain_lines_gets_its_headings_and_lists_back(text, expected):
    assert html_of(text) == expected


def test_a_line_that_was_wrapped_is_put_together():
    long = "Osteoarthritis and some other diseases of the joints can cause pain"
    assert html_of(f"{long} \nand limited motion.") == [f"|<p>{long} and limited motion.</p>"]


# Kinds and definitions


@pytest.mark.parametrize(
    ("title", "summary", "kind", "is_plain"),
    [
        ("A1C", "A1C is a blood test for type 2 diabetes.", Kind.TEST, True),
        ("Bone Scan", "It takes pictures.", Kind.TEST, True),
        ("Crohn's Disease", "It hurts.", Kind.CONDITION, True),
        ("Arthritis", "It hurts.", Kind.CONDITION, True),
        ("Asthma", "Asthma is a chronic (long-term) lung disease.", Kind.IN_DEPTH, False),
        ("Asthma", "Asthma is a chronic lung disease.", Kind.CONDITION, True),
        ("Medicaid", "Medicaid is government health insurance.", Kind.IN_DEPTH, False),
        ("Testicles", "They make sperm.", Kind.IN_DEPTH, False),
    ],
)
def test_a_kind_is_told_only_where_it_is_plain(read, title, summary, kind, is_plain):
    topic = read(lines(a_line(title, summary=summary))).topics[0]
    assert kind_of(topic) == (kind, is_plain)


def test_the_group_of_tests_tells_a_test(load):
    load(xml(PELVIS.replace("<related", '<group id="1">Diagnostic Tests</group><related')))
    assert [(topic.kind, topic.kind_settled) for topic in Topic.objects.all()] == [(Kind.TEST, True)]


def test_a_long_description_is_cut_behind_a_sentence(read):
    first = f"{'a' * 200}."
    described = [f"{first} {'b' * 200}.", "c" * 301, first]
    topics = read(lines(*[a_line(id=number, meta_desc=text) for number, text in enumerate(described)])).topics
    assert [topic.definition for topic in topics] == [first, "", first]


# The command


@pytest.fixture
def command(tmp_path):
    def run(raw: bytes, *options) -> tuple[str, str, str]:
        file, out, err = tmp_path / "topics.xml", StringIO(), StringIO()
        file.write_bytes(raw)
        try:
            call_command("import_medlineplus", str(file), *options, stdout=out, stderr=err)
        except CommandError as error:
            return out.getvalue(), err.getvalue(), str(error)
        return out.getvalue(), err.getvalue(), ""

    return run


def test_the_command_says_what_became_of_the_file(command):
    said, complaints, failure = command(gzip.compress(xml(BELLY, FRENCH)))
    assert said.splitlines() == [
        "In a language that the library does not speak, and left out: 1.",
        "Related topics that neither the file nor the library has, and were left out: 2.",
        "1 made, 0 updated, 0 unchanged, 0 kept as an editor changed them, 0 kept out.",
    ]
    assert (complaints, failure) == ("", "")


def test_the_command_shows_how_far_it_is_to_whoever_watches(command, monkeypatch):
    class Terminal(StringIO):
        def isatty(self):
            return True

    for stream, shown in ((Terminal(), True), (StringIO(), False)):
        monkeypatch.setattr("sys.stderr", stream)
        command(xml(BELLY))
        assert ("100%" in stream.getvalue() and "1/1" in stream.getvalue()) is shown


def test_a_rehearsal_says_the_same_and_writes_nothing(command):
    said, _, _ = command(xml(BELLY), "--dry-run")
    assert "1 made" in said
    assert said.endswith("Nothing was written: this was a dry run.\n")
    assert not Topic.objects.exists()
    assert not Article.objects.exists()


def test_the_command_fails_when_a_row_is_kept_out_and_stores_the_others(command):
    said, complaints, failure = command(lines(a_line("Asthma", 1), a_line("", 2)))
    assert "1 made" in said
    assert complaints.endswith("topics.xml: line 2: it has no title.\n")
    assert failure == "1 health topics were kept out; see above."


def test_the_command_refuses_a_file_that_is_not_there(tmp_path):
    with pytest.raises(CommandError, match="it can't be read"):
        call_command("import_medlineplus", str(tmp_path / "none.xml"))
