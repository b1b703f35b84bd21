"""The queue of editions that were published without a sign-off: who sees it, who empties it, and what then is on record."""

from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from articles import publishing, workflow
from articles.models import Article, AuditEntry, Edition, WorkflowStep
from articles.people import Person
from tests.acts import DRAFT, LIVE, SCHEDULED, everything, in_state, page_of, without_sign_off
from tests.admin import change, signed_in
from tests.builders import a_publisher, a_reviewer, an_account, an_article, an_author, published, sent, wrote

pytestmark = pytest.mark.django_db
LIST = "/admin/articles/edition/"
TICKED = {"attested": "on", "note": "Checked against the formulary."}


@pytest.fixture
def reviewer():
    return signed_in(a_reviewer())


def listed(client, sign_off: str) -> set[str]:
    return {edition.title for edition in client.get(LIST, {"sign_off": sign_off}).context["cl"].queryset}


def share(client) -> str:
    page = client.get(LIST).text
    return page[page.index('<p class="share">') :].partition("</p>")[0].removeprefix('<p class="share">')


def signed_afterwards(edition: Edition | None = None) -> Edition:
    edition = edition or without_sign_off()
    workflow.sign_off_afterwards(edition, by=a_reviewer(), at=timezone.now(), note="Right.")
    return Edition.objects.get(pk=edition.pk)


# The list


def test_each_edition_is_in_one_part_of_the_list(reviewer):
    before = in_state(LIVE).editions.get()
    afterwards, waiting = signed_afterwards(), without_sign_off()
    sample = published(an_article("Sample", is_sample=True)).editions.get()
    called_off = in_state(SCHEDULED)
    workflow.unschedule(called_off, version=called_off.version, by=a_publisher(), at=timezone.now())
    parts = [listed(reviewer, part) for part in ("before", "afterwards", "waiting", "sample")]
    assert parts == [{before.title, called_off.title}, {afterwards.title}, {waiting.title}, {sample.title}]


def test_a_part_that_there_is_not_shows_the_whole_list(reviewer):
    without_sign_off()
    assert len(listed(reviewer, "no-such-part")) == 1


def test_the_list_names_who_signed_each_edition_off(reviewer):
    in_state(LIVE), signed_afterwards(), without_sign_off(), published(an_article("Sample", is_sample=True))
    page = reviewer.get(LIST).text
    cells = [cell.partition("<")[0] for cell in page.split('<td class="field-sign_off_or_why_none">')[1:]]
    assert sorted(cells) == [
        "Grace Obi, Registered nurse, no. NMC 12345",
        "afterwards: Grace Obi, Registered nurse, no. NMC 12345",
        "none: sample text",
        "none: waiting for one (The dose on the page was wrong)",
    ]


def test_an_edition_that_was_called_off_is_never_said_to_be_read(reviewer):
    article = in_state(SCHEDULED)
    workflow.unschedule(article, version=article.version, by=a_publisher(), at=timezone.now())
    assert "never: called off on " in reviewer.get(LIST).text
    assert "never: called off on " in reviewer.get(change(article.editions.get())).text


def test_the_share_of_editions_without_a_sign_off_stands_above_the_list(reviewer):
    queue = '<a href="?sign_off=waiting">{} waiting for one</a>.'
    assert share(reviewer) == "No edition but sample text has been published yet."
    without_sign_off()
    assert share(reviewer) == f"1 of 1 edition was published without a sign-off (100%); {queue.format('1 is')}"
    for _ in range(2):
        in_state(LIVE)
    without_sign_off(), without_sign_off()
    assert share(reviewer) == f"3 of 5 editions were published without a sign-off (60%); {queue.format('3 are')}"
    for edition in Edition.objects.awaiting_sign_off():
        signed_afterwards(edition)
    assert share(reviewer) == f"3 of 5 editions were published without a sign-off (60%); {queue.format('none is')}"


def test_sample_text_and_what_patients_can_not_read_yet_are_not_counted(reviewer):
    in_state(SCHEDULED), published(an_article("Sample", is_sample=True))
    assert share(reviewer) == "No edition but sample text has been published yet."


def test_a_small_share_is_not_rounded_to_nothing(reviewer):
    article = in_state(LIVE)
    first = article.editions.get()
    frozen = {field.name: getattr(first, field.name) for field in Edition._meta.concrete_fields if field.name != "id"}
    Edition.objects.bulk_create(Edition(**{**frozen, "number": number}) for number in range(2, 202))
    without_sign_off()
    assert share(reviewer).startswith("1 of 202 editions was published without a sign-off (under 1%)")


def test_the_list_costs_a_dozen_queries_however_long_it_is(reviewer):
    for _ in range(3):
        in_state(LIVE), signed_afterwards(), without_sign_off()
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert reviewer.get(LIST, {"sign_off": "waiting"}).status_code == 200
    assert len(queries) <= 12
    with CaptureQueriesContext(connection) as queries:
        reviewer.get(LIST)
    few = len(queries)
    for _ in range(5):
        in_state(LIVE), signed_afterwards()
    with CaptureQueriesContext(connection) as queries:
        reviewer.get(LIST)
    assert len(queries) == few <= 12


# The page of an edition


def test_the_page_of_an_edition_shows_its_sign_off_its_version_and_why_it_had_none(reviewer):
    edition = signed_afterwards()
    shown = reviewer.get(change(edition)).text
    step = edition.signed_off_afterwards
    for said in (
        "afterwards: Grace Obi, Registered nurse, no. NMC 12345",
        f"{step.at:%B} {step.at.day}, {step.at.year}, at {step.at:%H:%M} (UTC)",
        "Right.",
        "The dose on the page was wrong.",
    ):
        assert said in shown
    assert f'<div class="readonly">{edition.version}</div>' in shown
    assert "waits for" not in shown


def test_an_edition_of_the_queue_leads_to_its_sign_off(reviewer):
    edition = without_sign_off()
    assert f'href="{page_of("sign-off", edition)}"' in reviewer.get(change(edition)).text


@pytest.mark.parametrize(
    ("somebody", "rule"),
    [
        (an_author, "Your account has no permission for this. Grace Obi can sign it off."),
        (lambda: an_account("Clinical reviewer", "Ana Ruiz"), "You wrote or published this edition"),
        (lambda: an_account("Clinical reviewer", "Paul Lee", number="NMC 2"), "You wrote or published this edition"),
        (lambda: an_account("Clinical reviewer", "Una Reed"), "Your account names no profession"),
    ],
)
def test_who_can_not_sign_an_edition_off_reads_why_before_any_button(somebody, rule):
    edition = without_sign_off()
    a_reviewer()
    client = signed_in(somebody())
    shown = client.get(change(edition)).text
    assert rule in shown
    assert page_of("sign-off", edition) not in shown


# Signing off


def test_the_text_is_compared_with_the_last_edition_before_it_that_was_signed_off(reviewer):
    article = in_state(LIVE)
    for number, words in ((2, "Two large meals help."), (3, "Two large meals and ginger help.")):
        article = wrote(article, by=an_author(), body=f"<p>{words}</p>", at=timezone.now())
        edition = workflow.publish_unsigned(
            article, version=article.version, by=a_publisher(), at=timezone.now(), change="minor", reason="Urgent."
        )
        assert edition.number == number
    shown = reviewer.get(page_of("sign-off", edition)).text
    assert "What it says that edition 1, the last one before it with a sign-off, did not" in shown
    assert '<del><span class="visually-hidden">removed: </span>Small</del>' in shown
    assert "ginger" in shown
    shown = reviewer.get(page_of("sign-off", article.editions.get(number=2))).text
    assert "Two large" in shown and "ginger" not in shown


def test_without_an_earlier_sign_off_all_of_the_text_is_shown(reviewer):
    edition = without_sign_off()
    shown = reviewer.get(page_of("sign-off", edition)).text
    for said in (
        "What it says",
        "Small meals help.",
        "What helps when you feel sick.",
        "Paul Lee published this edition on",
        "without a sign-off: The dose on the page was wrong.",
        "Written by Ana Ruiz",
    ):
        assert said in shown


def test_a_sign_off_afterwards_is_kept_beside_the_edition_and_takes_it_out_of_the_queue(reviewer):
    edition = without_sign_off()
    frozen = Edition.objects.values().get(pk=edition.pk)
    response = reviewer.post(page_of("sign-off", edition), TICKED)
    assert (response.status_code, response.url) == (302, change(edition))
    assert "Signed off afterwards by Grace Obi" in reviewer.get(response.url).text
    step = WorkflowStep.objects.get(edition=edition)
    assert (step.action, step.version, step.by, step.credential, step.note) == (
        "signed_off_after",
        edition.version,
        "Grace Obi",
        "Registered nurse, no. NMC 12345",
        "Checked against the formulary.",
    )
    entry = AuditEntry.objects.get(action=AuditEntry.Action.SIGNED_OFF_AFTERWARDS)
    assert (entry.by, entry.page_id, entry.reason) == ("Grace Obi", edition.article_id, step.note)
    assert LogEntry.objects.filter(object_id=str(edition.pk), content_type__model="edition").count() == 1
    assert not Edition.objects.awaiting_sign_off().exists()
    assert Edition.objects.values().get(pk=edition.pk) == frozen  # the ledger was not touched


def test_only_who_says_that_he_has_read_the_text_signs_it_off(reviewer):
    edition = without_sign_off()
    before = everything()
    response = reviewer.post(page_of("sign-off", edition), {"note": "Fine."})
    assert response.status_code == 200
    assert "Tick the box when you have read the text." in response.text
    assert everything() == before


@pytest.mark.parametrize(
    ("somebody", "rule"),
    [
        (lambda: an_account("Clinical reviewer", "Ana Ruiz", number="NMC 1"), "You wrote or published this edition"),
        (lambda: an_account("Clinical reviewer", "Paul Lee", number="NMC 2"), "You wrote or published this edition"),
        # another account, but the same name: it may be the same person
        (
            lambda: an_account("Clinical reviewer", "Ana Ruiz", username="ana2", number="NMC 3"),
            "You wrote or published",
        ),
        (lambda: an_account("Clinical reviewer", "Una Reed"), "Your account names no profession"),
    ],
)
def test_nobody_signs_off_what_he_wrote_or_published_or_without_a_registration(somebody, rule):
    edition = without_sign_off()
    client = signed_in(somebody())
    before = everything()
    page = client.get(page_of("sign-off", edition)).text
    assert rule in page and "attested" not in page  # told before the button, of which there is none
    response = client.post(page_of("sign-off", edition), TICKED)
    assert response.status_code == 409 and rule in response.text
    assert everything() == before


def test_an_edition_is_signed_off_once(reviewer):
    edition = without_sign_off()
    assert reviewer.post(page_of("sign-off", edition), TICKED).status_code == 302
    before = everything()
    response = reviewer.post(page_of("sign-off", edition), TICKED)
    assert response.status_code == 409 and "This edition is signed off already." in response.text
    assert everything() == before


def test_sample_text_is_signed_off_by_nobody(reviewer):
    edition = published(an_article("Sample", is_sample=True)).editions.get()
    before = everything()
    response = reviewer.post(page_of("sign-off", edition), TICKED)
    assert response.status_code == 409 and "This edition is sample text" in response.text
    assert everything() == before


def test_an_imported_page_waits_for_a_sign_off_as_well(reviewer):
    article = an_article("Imported page")
    publishing.publish(article, at=timezone.now(), by=Person("Import"), bypass_reason="Imported from page.txt.")
    edition = article.editions.get()
    assert listed(reviewer, "waiting") == {"Imported page"}
    assert reviewer.post(page_of("sign-off", edition), TICKED).status_code == 302


def test_a_text_that_was_signed_off_afterwards_leaves_its_writers_free_to_sign_the_next_one():
    """Four eyes ask who changed the text since the last sign-off, whenever that was given."""
    writer = an_account("Clinical reviewer", "Una Reed", number="NMC 7")
    edition = signed_afterwards(without_sign_off(by=writer))
    article = wrote(edition.article, by=an_author(), body="<p>Other.</p>", at=timezone.now())
    article = sent(article, by=an_author(), at=timezone.now())
    at = timezone.now() + timedelta(seconds=1)
    workflow.sign_off(article, version=article.version, by=writer, at=at)
    assert Article.objects.get(pk=article.pk).steps.latest("id").by == "Una Reed"


def test_the_writer_of_another_draft_may_sign_off_an_edition(reviewer):
    """Only who wrote what the edition says is concerned."""
    edition = without_sign_off(by=an_author())
    wrote(edition.article, by=a_reviewer(), body="<p>Something newer.</p>", at=timezone.now())
    assert reviewer.post(page_of("sign-off", edition), TICKED).status_code == 302
    assert in_state(DRAFT).editions.count() == 0
