"""One file proves what a page said, who reviewed it and who changed it; a changed file proves nothing."""

import json
from datetime import date

import pytest
from django.core.management import CommandError, call_command

from articles import workflow
from articles.evidence import NotGenuine, evidence_of, read_signed, signed
from articles.importing.review_dates import import_review_dates
from articles.publishing import withdraw
from articles.review_requests import ask, close
from tests.builders import (
    ANA,
    GRACE,
    NOON,
    YESTERDAY,
    a_publisher,
    an_article,
    publish,
    published,
    reviewed,
    scheduled,
    signed_and_published,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def article():
    article = published(an_article(sections=[("", "<p>Take 5 mg.</p>")]), at=YESTERDAY)
    section = article.sections.get()
    section.body = "<p>Take 0.5 mg.</p>"
    section.save()
    publish(article, at=NOON, by=GRACE, note="The dose was corrected.")
    reviewed(article)
    return article


def test_the_file_holds_editions_changes_reviews_and_acts(article):
    evidence = evidence_of(article, at=NOON)
    first, second = evidence["editions"]
    assert (first["content"]["sections"][0]["body"], first["changed_since_the_edition_before"]) == (
        "<p>Take 5 mg.</p>",
        None,
    )
    assert second["changed_since_the_edition_before"] == "1 section changed"
    comparison = second["comparison_with_the_edition_before"]
    assert comparison[:2] == ["Look at these twice:", "Numbers that changed: - 5 mg; + 0.5 mg"]
    assert comparison[-2:] == ["- Take 5 mg.", "+ Take 0.5 mg."]
    assert (second["published_by"], second["note"], second["date_updated"]) == (
        "Grace Obi",
        "The dose was corrected.",
        "2026-11-22",
    )
    (review,) = evidence["reviews"]
    assert (review["reviewer"], review["edition"], review["evidence"]) == ("Grace Obi", 2, "ASCO guideline 2024")
    assert [entry["action"] for entry in evidence["audit_trail"]] == ["published", "published", "reviewed"]


def test_the_file_names_who_signed_off_and_who_asked_for_it():
    evidence = evidence_of(signed_and_published(), at=NOON)
    (edition,) = evidence["editions"]
    signed = edition["signed_off"]
    assert (signed["by"], signed["profession"], signed["registration_number"], signed["version"]) == (
        "Grace Obi",
        "Registered nurse",
        "NMC 12345",
        edition["version"],
    )
    assert edition["published_without_a_sign_off_because"] is None
    assert [(step["action"], step["by"]) for step in evidence["workflow"]] == [
        ("submitted", "Ana Ruiz"),
        ("signed_off", "Grace Obi"),
    ]


def test_the_file_says_which_editions_nobody_ever_read_and_when_the_page_was_away():
    article = scheduled()
    workflow.unschedule(article, version=article.version, by=a_publisher(), at=NOON)
    workflow.publish(article, version=article.version, by=a_publisher(), at=NOON, change="major", note="")
    withdraw(article, at=NOON, by=ANA, reason="The advice has changed.")
    evidence = evidence_of(article, at=NOON)
    called_off, live = evidence["editions"]
    assert called_off["called_off_before_anybody_read_it_at"] == NOON.isoformat()
    assert (live["called_off_before_anybody_read_it_at"], live["changed_since_the_edition_before"]) == (None, None)
    assert evidence["withdrawals"] == [
        {"from": NOON.isoformat(), "until": None, "reason": "The advice has changed."},
    ]


def test_the_file_tells_what_the_source_stated_and_what_was_asked_for(article):
    file = b"url\tlast_reviewed\treview_due\n/x/" + article.slug.encode() + b"/\t2021-03-15\t2024-03-15\n"
    import_review_dates(file, name="dates.tsv", at=NOON, today=NOON.date())
    asked = {"cause": "report", "key": "1", "due_on": date(2026, 12, 1), "at": NOON, "by": ANA}
    request = ask(article, about="A reader found a wrong dose.", **asked)
    close(request, because="The dose is right.", at=NOON, by=GRACE)
    ask(article, about="And again.", **asked)
    evidence = evidence_of(article, at=NOON)
    (stated,) = evidence["dates_stated_by_the_source"]
    assert (stated["reviewed_on"], stated["next_review_on"], stated["source"]) == (
        "2021-03-15",
        "2024-03-15",
        "dates.tsv, line 2",
    )
    first, second = evidence["requests_for_a_review"]
    assert (first["because"], first["what_happened"], first["wanted_by"]) == (
        "report",
        "A reader found a wrong dose.",
        "2026-12-01",
    )
    assert (first["closed_by"], first["closed_without_a_review_because"]) == ("Grace Obi", "The dose is right.")
    assert (second["closed_at"], second["answered_by_the_review_of"]) == (None, None)


def test_the_file_can_be_read_back_and_one_changed_character_is_noticed(article):
    evidence = evidence_of(article, at=NOON)
    text = signed(evidence)
    assert read_signed(text) == json.loads(json.dumps(evidence))
    for forged in [
        text.replace("0.5 mg", "5.0 mg"),
        text.replace("Grace Obi", "Ana Ruiz", 1),
        text.replace('"form": 4', '"form": 5'),
    ]:
        assert forged != text
        with pytest.raises(NotGenuine, match="was changed after it was written"):
            read_signed(forged)


@pytest.mark.parametrize("text", ["", "[]", "{}", "null", "no json", '{"signature": 1}', "[" * 100_000])
def test_what_is_no_evidence_is_refused(text):
    with pytest.raises(NotGenuine):
        read_signed(text)


def test_the_command_writes_and_checks(article, tmp_path, capsys):
    file = tmp_path / "evidence.json"
    call_command("evidence", article.slug, output=file)
    call_command("evidence", check=file)
    assert "is as the library wrote it" in capsys.readouterr().out
    file.write_text(file.read_text().replace("0.5 mg", "5.0 mg"))
    with pytest.raises(CommandError, match="was changed after it was written"):
        call_command("evidence", check=file)
    with pytest.raises(CommandError, match="No article has the address “nowhere”"):
        call_command("evidence", "nowhere")
    with pytest.raises(CommandError, match="Name either an article or"):
        call_command("evidence")
