"""A live error is corrected while another draft is half written: patients get the correction alone, the draft is kept,
and afterwards it is brought together with the correction."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.urls import reverse
from django.utils import timezone

from articles import workflow
from articles.ancestry import Ancestry, brought_together, restored, taken_up
from articles.models import Article, Revision
from articles.people import Person
from articles.publishing import content_of
from articles.revising import StaleVersion, bring_together, restore, take_up
from articles.workflow import Act, with_state
from tests.acts import ARCHIVED, DRAFT, LIVE, SCHEDULED, WITHDRAWN, everything, in_state
from tests.admin import change, save, signed_in, staff
from tests.builders import (
    ANA,
    GRACE,
    NOON,
    a_publisher,
    a_reviewer,
    a_topic,
    an_account,
    an_article,
    an_author,
    published,
    scheduled,
    sent,
    signed_and_published,
    with_see_also,
    wrote,
)

pytestmark = pytest.mark.django_db
SCRIPTS = ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>']
PAUL = Person("Paul Lee")
LEAD, WRONG, RIGHT, HALF = "<p>Rest.</p>", "<p>Take 5 mg.</p>", "<p>Take 0.5 mg.</p>", "<p>Rest, and hal</p>"


def address(name, article, *more):
    return reverse(f"admin:articles_article_{name}", args=[article.pk, *more])


def now(article) -> Article:
    return Article.objects.get(pk=article.pk)


def bodies(content) -> list[str]:
    return [section["body"] for section in content["sections"]]


def live_with_a_draft(**fields) -> Article:
    """Edition 1, signed off, gives a wrong dose; version 2 is Ana's half-written draft of the lead."""
    article = signed_and_published(an_article(sections=[("", LEAD), ("Dose", WRONG)], **fields))
    return wrote(article, body=HALF)


def corrected(article, *, by=PAUL) -> Article:
    """The live edition taken up again, and its dose mended."""
    edition = article.editions.get(number=with_state(Article.objects.all(), at=NOON).get(pk=article.pk).live_number)
    take_up(article, edition, version=article.version, at=NOON, by=by)
    article.sections.filter(anchor="dose").update(body=RIGHT)
    return wrote(now(article), by=by, at=NOON)


# The whole path


def test_a_wrong_dose_is_corrected_without_the_draft_and_the_draft_comes_back_with_the_correction():
    article = live_with_a_draft()
    client = signed_in(a_publisher())

    asked = client.get(address("correct", article, 1))
    assert "Nothing is lost." in asked.text and "version 2" in asked.text
    assert now(article).version == 2  # a GET asks
    response = client.post(address("correct", article, 1), {"version": 2})
    assert response.url == change(article)
    assert (bodies(content_of(now(article))), now(article).version) == ([LEAD, WRONG], 3)
    assert article.revisions.first().summary == "edition 1 taken up again; the draft is version 2"

    save(client, now(article), **{"sections-1-body": RIGHT})
    fields = {"version": 4, "reason": "The dose is wrong.", "change": "major", "note": "The dose is corrected."}
    assert client.post(address("publish_unsigned", article), fields).status_code == 302
    assert bodies(article.editions.get(number=2).content) == [LEAD, RIGHT]  # nothing of the draft

    ana = signed_in(an_author())
    history = ana.get(address("history", article)).text
    assert address("bring_together", article, 2) in history
    both = ana.get(address("bring_together", article, 2))
    assert "They did not change the same words, so both fit together." in both.text
    assert ana.post(address("bring_together", article, 2), {"version": 4}).url == change(article)
    assert (bodies(content_of(now(article))), now(article).version) == ([HALF, RIGHT], 5)
    assert article.revisions.first().summary == "version 2 brought together with version 4"
    assert article.editions.count() == 2


def test_a_correction_is_signed_off_and_published_in_the_ordinary_way():
    article = sent(corrected(live_with_a_draft()), by=a_publisher(), at=NOON)
    workflow.sign_off(article, version=4, by=a_reviewer(), at=NOON)
    workflow.publish(article, version=4, by=a_publisher(), at=NOON, change="major", note="The dose is corrected.")
    assert bodies(article.editions.get(number=2).content) == [LEAD, RIGHT]


# Correcting


def test_taking_an_edition_up_brings_back_everything_that_patients_read():
    topics = [a_topic("MRI"), a_topic("X-ray")]
    article = with_see_also(an_article(about=topics[:1], tags=["diet"]), topics)
    article.references.create(position=1, text="Temel 2010", accessed_on="2020-06-03")
    article = signed_and_published(article)
    for rows in (article.sections, article.references, article.related_links):
        rows.all().delete()
    article.about.clear()
    article.tags.clear()
    article = wrote(article)
    take_up(article, article.editions.get(), version=2, at=NOON, by=GRACE)
    assert content_of(now(article)) == article.editions.get().content


def test_the_address_stays_when_an_edition_is_taken_up():
    article = live_with_a_draft()
    Article.objects.update(slug="nausea")
    article = now(article)
    take_up(article, article.editions.get(), version=2, at=NOON, by=GRACE)
    assert now(article).slug == "nausea"


def test_a_draft_from_before_versions_were_kept_is_kept_now():
    article = published(an_article())
    article.sections.update(body=HALF)
    take_up(article, article.editions.get(), version=0, at=NOON, by=GRACE)
    kept = dict(article.revisions.values_list("number", "summary"))
    assert kept == {1: "first version", 2: "edition 1 taken up again; the draft is version 1"}
    assert bodies(article.revisions.get(number=1).content) == [HALF]


def test_an_edition_is_not_taken_up_over_a_save_that_was_not_seen():
    article = live_with_a_draft()
    stale = now(article)
    wrote(article, body="<p>More of it.</p>")
    with pytest.raises(StaleVersion):
        take_up(stale, article.editions.get(), version=2, at=NOON, by=GRACE)
    client = signed_in()
    before = everything()
    for version in ["2", "", "abc", "9" * 30]:
        assert client.post(address("correct", article, 1), {"version": version}).status_code == 409
    assert everything() == before


@pytest.mark.parametrize(
    ("state", "said"),
    [
        (LIVE, "What is saved is what patients read, so no draft is in the way"),
        (WITHDRAWN, "Patients don’t read this article"),
        (ARCHIVED, "Ana Ruiz or Paul Lee can take it out of the archive."),
    ],
)
def test_without_a_live_text_that_differs_there_is_nothing_to_correct(state, said):
    article = in_state(WITHDRAWN if state == ARCHIVED else state)
    if state == ARCHIVED:
        workflow.archive(article, version=1, by=a_publisher(), at=timezone.now(), reason="Old.")
    client = signed_in()
    asked = client.get(address("correct", article, 1))
    assert said in asked.text and "This can’t be done now" in asked.text
    before = everything()
    assert client.post(address("correct", article, 1), {"version": 1}).status_code == 409
    assert everything() == before


def test_an_edition_that_patients_no_longer_read_is_not_taken_up_in_place_of_the_newer_one():
    article = signed_and_published(wrote(signed_and_published(wrote()), body="<p>Second.</p>"), at=NOON)
    article = wrote(article, body=HALF)
    client = signed_in()
    response = client.post(address("correct", article, 1), {"version": 3})
    assert response.status_code == 409
    assert "Patients read edition 2 now, not edition 1." in response.text


@pytest.mark.parametrize("number", ["2", "0", "x", "%00", "-1", "9" * 30])
def test_an_edition_that_there_never_was_is_not_found(number):
    article = live_with_a_draft()
    assert signed_in().get(f"/admin/articles/article/{article.pk}/correct/{number}/").status_code == 404


def test_correcting_and_bringing_together_need_the_permission_to_write():
    article = corrected(live_with_a_draft())
    article = wrote(article, body="<p>Once more.</p>", by=GRACE)
    places = [address("correct", article, 1), address("bring_together", article, 2)]
    user = staff("view_article", "change_article")
    writer = signed_in(user)
    assert [writer.get(place).status_code for place in places] == [200, 200]
    user.user_permissions.set(user.user_permissions.filter(codename="view_article"))
    before = everything()
    assert [writer.get(place).status_code for place in places] == [403, 403]
    assert [writer.post(place, {"version": article.version}).status_code for place in places] == [403, 403]
    assert everything() == before


def test_while_an_edition_waits_it_is_called_off_before_the_correction_is_published():
    article = signed_and_published(an_article(sections=[("", LEAD), ("Dose", WRONG)]))
    article = scheduled(wrote(article, body=HALF), at=NOON, live_at=NOON + timedelta(days=900))
    article = corrected(article)
    fields = {"change": "minor", "reason": "The dose is wrong."}
    with pytest.raises(workflow.Refused, match="called off first"):
        workflow.publish_unsigned(article, version=4, by=a_publisher(), at=NOON, **fields)
    workflow.unschedule(article, version=4, by=a_publisher(), at=NOON)
    workflow.publish_unsigned(article, version=4, by=a_publisher(), at=NOON, **fields)
    assert bodies(article.editions.get(number=3).content) == [LEAD, RIGHT]
    bring_together(now(article), article.revisions.get(number=2), {}, version=4, at=NOON, by=ANA)
    assert bodies(content_of(now(article))) == [HALF, RIGHT]


# Where it is offered


def test_the_pages_of_a_live_article_with_a_draft_offer_the_correction():
    article = live_with_a_draft()
    writer, reader = signed_in(an_author()), signed_in(a_reviewer())
    for page in [change(article), address("history", article), address("compare", article)]:
        assert "correct/1/" in writer.get(page).text
        assert "correct/1/" not in reader.get(page).text


@pytest.mark.parametrize("state", [DRAFT, LIVE, WITHDRAWN])
def test_it_is_not_offered_where_patients_read_what_is_saved_or_nothing(state):
    article, writer = in_state(state), signed_in()
    for page in [change(article), address("history", article), address("compare", article)]:
        assert "correct/" not in writer.get(page).text


def test_an_edition_that_waits_counts_as_a_draft():
    article = signed_and_published(wrote())
    article = scheduled(wrote(article, body=HALF), at=NOON, live_at=NOON + timedelta(days=900))
    assert with_state(Article.objects.all(), at=NOON).get().state == SCHEDULED
    assert address("correct", article, 1) in signed_in().get(address("history", article)).text


def test_a_draft_that_was_put_aside_is_named_until_it_is_brought_together():
    article, client = corrected(live_with_a_draft()), signed_in()
    for page in [change(article), address("history", article)]:
        assert "Version 2 was put aside while the live text was corrected." in client.get(page).text
        assert "history/2/bring-together/" in client.get(page).text
    client.post(address("bring_together", article, 2), {"version": 4})
    for page in [change(article), address("history", article)]:
        assert "put aside" not in client.get(page).text
        assert "bring-together" not in client.get(page).text


def test_only_versions_that_are_not_in_the_text_are_offered_to_be_brought_together():
    article = corrected(live_with_a_draft())
    page = signed_in().get(address("history", article)).text
    assert [number for number in range(1, 5) if address("bring_together", article, number) in page] == [2]


# Bringing together


def test_where_both_changed_the_same_it_is_chosen():
    article = corrected(live_with_a_draft())
    article = wrote(article, body="<p>Sleep.</p>", by=GRACE, at=NOON)
    client = signed_in(an_author())
    asked = client.get(address("bring_together", article, 2))
    for said in ["Choose where both changed the same", "Version 2, saved by Ana Ruiz", "Rest, and hal", "Sleep."]:
        assert said in asked.text
    fields = {"version": 5, "choice:sections:introduction": "mine"}
    client.post(address("bring_together", article, 2), fields)
    assert bodies(content_of(now(article))) == [HALF, RIGHT]


def test_a_draft_of_which_nothing_is_taken_makes_no_version():
    article = corrected(live_with_a_draft())
    article = wrote(article, body="<p>Sleep.</p>", by=GRACE, at=NOON)
    client = signed_in()
    response = client.post(address("bring_together", article, 2), {"version": 5}, follow=True)
    assert "Nothing of version 2 was taken, so nothing was saved." in response.text
    assert now(article).version == article.revisions.count() == 5


def test_a_save_while_both_are_read_is_a_conflict_and_keeps_the_choice():
    article = corrected(live_with_a_draft())
    article = wrote(article, body="<p>Sleep.</p>", by=GRACE, at=NOON)
    wrote(article, body="<p>Sleep well.</p>", by=GRACE, at=NOON)
    client = signed_in()
    fields = {"version": 5, "choice:sections:introduction": "mine"}
    again = client.post(address("bring_together", article, 2), fields)
    assert (again.status_code, now(article).version) == (409, 6)
    for said in ["This article has been saved since you opened this page.", "Sleep well.", 'value="mine" checked']:
        assert said in again.text
    assert 'name="version" value="6"' in again.text
    for version in ["", "abc", "9" * 30]:
        answer = client.post(address("bring_together", article, 2), {**fields, "version": version})
        assert (answer.status_code, now(article).version) == (409, 6)


def test_what_is_in_the_text_already_is_not_brought_together_again():
    article, client = corrected(live_with_a_draft()), signed_in()
    for number in (1, 3, 4):
        response = client.post(address("bring_together", article, number), {"version": 4})
        assert response.status_code == 409
        assert f"What is saved now was made from version {number}" in response.text
    for number in ["9", "x", "0"]:
        place = f"/admin/articles/article/{article.pk}/history/{number}/bring-together/"
        assert client.get(place).status_code == 404
    assert now(article).version == 4


def test_nothing_is_written_in_the_archive():
    article = in_state(DRAFT)
    article = wrote(article, body=HALF)
    restore(article, article.revisions.get(number=1), version=2, at=NOON, by=GRACE)
    workflow.archive(article, version=3, by=a_publisher(), at=NOON, reason="Old.")
    client = signed_in()
    before = everything()
    for place in [address("bring_together", article, 2), address("restore", article, 2)]:
        response = client.post(place, {"version": 3})
        assert response.status_code == 409
        assert "The article is in the archive, where nobody writes in it." in response.text
    assert everything() == before


def test_a_correction_that_a_restored_draft_left_behind_is_not_lost_either():
    """The base is the newest version that both come from; the newest edition would be the correction itself."""
    article = signed_and_published(corrected(live_with_a_draft()), at=NOON)
    restore(article, article.revisions.get(number=2), version=4, at=NOON, by=ANA)
    assert bodies(content_of(now(article))) == [HALF, WRONG]
    bring_together(now(article), article.revisions.get(number=4), {}, version=5, at=NOON, by=ANA)
    assert bodies(content_of(now(article))) == [HALF, RIGHT]


def test_an_address_that_the_draft_had_does_not_come_back():
    article = live_with_a_draft()
    save(signed_in(), corrected(article), slug="nausea")
    bring_together(now(article), article.revisions.get(number=2), {}, version=5, at=NOON, by=ANA)
    assert (now(article).slug, bodies(content_of(now(article)))) == ("nausea", [HALF, RIGHT])


def test_without_the_text_that_both_were_made_from_every_difference_is_asked():
    article = wrote(wrote(), body=HALF)
    article = restore(article, article.revisions.get(number=1), version=2, at=NOON, by=PAUL)
    Revision.objects.filter(number=1).delete()
    page = signed_in().get(address("bring_together", article, 2)).text
    assert "The text that both were made from is not on record" in page
    assert "<legend>The text</legend>" in page
    bring_together(article, article.revisions.get(number=2), {"sections": "mine"}, version=3, at=NOON, by=PAUL)
    assert bodies(content_of(now(article))) == [HALF]


@pytest.mark.parametrize("evil", SCRIPTS)
def test_nothing_that_was_typed_runs_as_a_script(evil):
    client = signed_in(User.objects.create_superuser("eve", first_name=evil))
    article = signed_and_published(an_article(evil, sections=[(evil, LEAD), ("Dose", WRONG)]))
    save(client, article, title=evil + "2", **{"sections-0-heading": evil + "h"})
    pages = [client.get(address("correct", article, 1))]
    client.post(address("correct", article, 1), {"version": 2})
    save(client, now(article), title=evil + "3", **{"sections-0-heading": evil + "i"})
    pages += [client.get(address("bring_together", article, 2)), client.get(address("history", article))]
    for page in pages:
        assert page.status_code == 200
        assert not any(raw in page.text for raw in SCRIPTS)
        assert "alert(1)" in page.text


# Four eyes


def against_signing(article, user) -> list[str]:
    article = with_state(Article.objects.all(), at=NOON).get(pk=article.pk)
    return workflow.refusals(article, Act.SIGN_OFF, by=user, at=NOON)


def a_writing_reviewer() -> User:
    an_author()
    return an_account("Clinical reviewer", "Ana Ruiz", number="NMC 1")


def test_who_wrote_the_draft_that_was_put_aside_may_sign_the_correction_off():
    article = sent(corrected(live_with_a_draft()), by=a_publisher(), at=NOON)
    assert against_signing(article, a_writing_reviewer()) == []


def test_who_wrote_the_draft_may_not_sign_it_off_when_it_has_been_brought_together():
    """Although Ana's version is older than the edition that was signed off last, and somebody else saved the new one."""
    article = signed_and_published(corrected(live_with_a_draft()), at=NOON)
    bring_together(article, article.revisions.get(number=2), {}, version=4, at=NOON, by=PAUL)
    article = sent(now(article), by=a_publisher(), at=NOON)
    assert workflow.writers(article) == [Person.of(an_author()), PAUL]
    assert "somebody else has to sign it off" in against_signing(article, a_writing_reviewer())[0]


def test_who_wrote_a_version_that_was_restored_may_not_sign_it_off():
    article = wrote(signed_and_published(), body=HALF)
    restore(article, article.revisions.get(number=1), version=2, at=NOON, by=PAUL)
    assert workflow.writers(now(article)) == [PAUL]  # version 1 was signed off
    article = signed_and_published(wrote(now(article), by=PAUL, body=RIGHT), at=NOON)
    restore(article, article.revisions.get(number=2), version=4, at=NOON, by=PAUL)
    assert workflow.writers(now(article)) == [Person.of(an_author()), PAUL]


# Which version was made from which


def an_ancestry(*summaries: str, frozen=None) -> Ancestry:
    lines = dict(enumerate(summaries, start=1))
    return Ancestry(lines, {number: Person(f"Writer {number}") for number in lines}, frozen or {})


def test_a_version_was_made_from_all_before_it():
    assert an_ancestry("first version", "title changed").versions(2) == {0, 1, 2}
    assert an_ancestry("first version", "title changed").left_behind(2) == set()


def test_a_restored_version_leaves_behind_what_stood_between():
    ancestry = an_ancestry("first version", "a", "b", restored(1), "c")
    assert ancestry.versions(5) == {0, 1, 4, 5}
    assert ancestry.left_behind(5) == {2, 3}
    assert (ancestry.common(3, 5), ancestry.common(1, 5)) == (1, 1)
    assert ancestry.put_aside(5) == []  # it was given up, not put aside


def test_an_edition_that_is_taken_up_leaves_the_draft_behind_until_they_are_brought_together():
    lines = ["first version", "a", "draft", taken_up(1, draft=3), "correction"]
    ancestry = an_ancestry(*lines, frozen={1: 1})
    assert (ancestry.left_behind(5), ancestry.put_aside(5), ancestry.common(3, 5)) == ({2, 3}, [3], 1)
    after = an_ancestry(*lines, brought_together(3, 5), frozen={1: 1})
    assert (after.left_behind(6), after.put_aside(6)) == (set(), [])
    assert [person.name for person in after.writers(6, signed={1, 5})] == ["Writer 2", "Writer 3", "Writer 6"]


def test_a_title_can_not_pretend_to_be_such_a_line():
    """The lines are written by the verbs alone; what an editor types stands in none of them."""
    article = wrote(wrote(an_article()), body=HALF)
    save(signed_in(), article, title=restored(1))
    assert article.revisions.first().summary == "title changed"
    assert Ancestry.of(now(article)).left_behind(3) == set()
