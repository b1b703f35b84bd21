"""Reviews are added in the admin, beside the page that they are of, and corrected by new ones; editions and redirects are
only read."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from articles.admin.review_form import opening
from articles.models import Article, Edition, Policy, Review
from articles.policies import apply
from articles.publishing import withdraw
from tests.admin import change, signed_in, staff
from tests.builders import ANA, a_topic, an_article, publish, published, reviewed, with_see_also

pytestmark = pytest.mark.django_db
LIST = "/admin/articles/review/"
TODAY = timezone.localdate


@pytest.fixture
def editor():
    return signed_in()


def fields_of(article, *, by=None, minutes=3, **changed):
    """What a browser sends for a review of the whole page, by somebody who opened it some minutes ago."""
    edition = Edition.objects.filter(article=article).order_by("number").last()
    by = by or User.objects.get(username="ana")
    at = timezone.now() - timedelta(minutes=minutes)
    return {
        "article": article.pk,
        "scope": "whole",
        "trigger": "planned",
        "reviewed_on": TODAY().isoformat(),
        "reviewer_name": "Grace Obi",
        "outcome": "no_change",
        "evidence": "ASCO guideline 2024",
        "next_review_on": (TODAY() + timedelta(days=1095)).isoformat(),
        "attested": "on",
        "opened": opening(edition, at=at, user=by) if edition else "",
        **changed,
    }


def errors_of(response) -> dict:
    return response.context["adminform"].form.errors


def with_policy(article, months=12):
    Policy.objects.create(kind=article.kind, months=months, reason="Rule 12.")
    apply(at=timezone.now(), by=ANA, reason="Rule 12.")
    article.refresh_from_db()
    return article


def in_words(day) -> str:
    return f"{day:%B} {day.day}, {day.year}"


def test_a_review_is_recorded_with_who_typed_it_in(editor):
    article = published(at=timezone.now())
    assert editor.post(LIST + "add/", fields_of(article)).status_code == 302
    review = Review.objects.get()
    assert (review.recorded_by, review.reviewer_name, review.edition) == (
        "Ana Ruiz",
        "Grace Obi",
        Edition.objects.get(),
    )


def test_the_form_knows_the_reviewer_and_no_day(editor):
    article = published()
    reviewed(article, reviewer_name="Ana Ruiz", reviewer_role="Oncology nurse", reviewer_credential="RN, no. 7")
    initial = editor.get(LIST + "add/", {"article": article.pk}).context["adminform"].form.initial
    assert initial == {
        "article": str(article.pk),
        "reviewer_name": "Ana Ruiz",
        "reviewer_role": "Oncology nurse",
        "reviewer_credential": "RN, no. 7",
    }


@pytest.mark.parametrize(
    ("changed", "field", "said"),
    [
        ({"reviewed_on": ""}, "reviewed_on", "This field is required."),
        (
            {"reviewed_on": "2100-01-01", "next_review_on": "2101-01-01"},
            "reviewed_on",
            "The day of the review is in the future.",
        ),
        ({"reviewed_on": "2000-01-01"}, "reviewed_on", "A review can't be earlier."),
        ({"next_review_on": ""}, "next_review_on", "No policy covers this page, so say when it is due again."),
        ({"trigger": ""}, "trigger", "This field is required."),
        ({"scope": ""}, "scope", "This field is required."),
        ({"scope": "part"}, "parts", "Name the parts that were reviewed, or choose the whole page."),
        ({"scope": "part", "parts": ["gone"]}, "parts", "“gone” is not on the page that patients read."),
        ({"parts": ["part:media"]}, "parts", "A review of the whole page names no parts."),
        ({"attested": ""}, "attested", "Tick the box when you have read it."),
        ({"opened": ""}, "opened", "This form came back damaged"),
        ({"opened": "forged:1:2"}, "opened", "This form came back damaged"),
        ({"next_review_on": "2001-01-01"}, "__all__", "The next review must fall due after the day of this review."),
        ({"evidence": ""}, "evidence", "This field is required."),
    ],
)
def test_a_wrong_review_is_refused_beside_the_field_and_kept_nowhere(editor, changed, field, said):
    article = published(at=timezone.now())
    response = editor.post(LIST + "add/", fields_of(article, **changed))
    messages = errors_of(response)[field]
    assert len(messages) == 1 and said in messages[0]
    assert said in response.text.replace("&#x27;", "'")
    assert not Review.objects.exists()
    assert Article.objects.get().reviewed_on is None


def test_a_draft_can_not_be_reviewed(editor):
    response = editor.post(LIST + "add/", fields_of(an_article()))
    assert "nothing to review yet" in response.text
    assert not Review.objects.exists()


def test_what_was_typed_comes_back_when_the_page_was_withdrawn_meanwhile(editor):
    article = published(at=timezone.now())
    sent = fields_of(article, evidence="ASCO guideline, typed for ten minutes")
    withdraw(article, at=timezone.now(), by=ANA, reason="Old.")
    response = editor.post(LIST + "add/", sent)
    assert "ASCO guideline, typed for ten minutes" in response.text
    assert "Patients don’t read this page now: it was withdrawn on" in response.text
    assert not Review.objects.exists()


def test_the_field_offers_published_articles_only(editor):
    an_article("Draft page")
    live = published(an_article("Live page"))
    asked = {"app_label": "articles", "model_name": "review", "field_name": "article", "term": "page"}
    assert [row["id"] for row in editor.get("/admin/autocomplete/", asked).json()["results"]] == [str(live.pk)]


def test_a_review_is_never_changed_or_deleted(editor):
    review = reviewed(published())
    assert editor.get(f"{LIST}{review.pk}/change/").status_code == 200
    assert editor.post(f"{LIST}{review.pk}/change/", {"note": "Other."}).status_code == 403
    assert editor.post(f"{LIST}{review.pk}/delete/", {"post": "yes"}).status_code == 403
    assert "delete_selected" not in editor.get(LIST).text


def test_recording_reviews_has_its_own_permission():
    article = published(at=timezone.now())
    person = staff("view_review")
    assert signed_in(person).post(LIST + "add/", fields_of(article, by=person)).status_code == 403
    person = staff("view_review", "add_review")
    assert signed_in(person).post(LIST + "add/", fields_of(article, by=person)).status_code == 302


def test_a_day_beyond_the_policy_is_refused_beside_its_field_with_the_policy(editor):
    article = with_policy(published(at=timezone.now()))
    said = errors_of(editor.post(LIST + "add/", fields_of(article)))["next_review_on"]
    assert len(said) == 1 and "at the latest: 12 months, because its kind is In-depth." in said[0]
    assert not Review.objects.exists()


def test_the_help_names_the_last_day_and_the_policy_and_an_empty_field_takes_it(editor):
    article = with_policy(published(at=timezone.now()))
    page = editor.get(LIST + "add/", {"article": article.pk})
    assert editor.post(LIST + "add/", fields_of(article, next_review_on="")).status_code == 302
    due = Review.objects.get().next_review_on
    assert f"{in_words(due)}: 12 months, because its kind is In-depth." in page.text
    assert Article.objects.get().next_review_on == due


def test_without_a_policy_the_help_says_that_a_day_is_needed(editor):
    assert "No policy covers this page" in editor.get(LIST + "add/", {"article": published().pk}).text


def test_parts_are_chosen_by_their_headings(editor):
    article = published(
        an_article(sections=[("", "<p>One.</p>"), ("Meals", "<p>Two.</p>"), ("Media", "<p>Three.</p>")]),
        at=timezone.now(),
    )
    form = editor.get(LIST + "add/", {"article": article.pk}).context["adminform"].form
    names = [name for _, name in form.fields["parts"].choices]
    assert names == ["Introduction", "Meals", "Media", "The list of related topics", "Pictures and videos"]
    sent = fields_of(article, scope="part", parts=["media", "part:media"], next_review_on="", trigger="link")
    assert editor.post(LIST + "add/", sent).status_code == 302
    review = Review.objects.get()
    assert [part["name"] for part in review.parts] == ["Media", "Pictures and videos"]
    assert (review.trigger, review.next_review_on) == ("link", None)
    assert Article.objects.get().reviewed_on is None
    assert "Parts of it: Media, Pictures and videos" in editor.get(f"{LIST}{review.pk}/change/").text


# The screen


@pytest.mark.parametrize("asked", [{}, {"article": "abc"}, {"article": "9" * 19}, {"article": "\x00"}])
def test_without_an_article_the_form_asks_for_it_first(editor, asked):
    page = editor.get(LIST + "add/", asked)
    assert list(page.context["adminform"].form.fields) == ["article"]
    assert bool(errors_of(page)) == bool(asked)
    assert "Which article was reviewed?" in page.text and "Add review" in page.text


def test_the_page_stands_beside_the_form_as_patients_read_it(editor):
    article = an_article(title="Nausea & you", sections=[("", "<p>Eat <strong>small</strong> meals.</p>")])
    article.references.create(position=1, text="NICE guideline 12", url="https://example.org/ng12")
    with_see_also(article, [a_topic("MRI"), an_article("Secret draft")])
    published(article)
    article.sections.update(body="<p>A stray draft.</p>")
    page = editor.get(LIST + "add/", {"article": article.pk}).text
    assert "<p>Eat <strong>small</strong> meals.</p>" in page
    assert "<strong>Nausea &amp; you</strong>" in page
    assert "stray" not in page
    assert 'href="https://example.org/ng12"' in page
    assert '<li><a href="/topics/mri/">MRI</a></li>' in page
    assert "1 leads nowhere now" in page and page.count("Secret draft") == page.count("<li>2. Secret draft</li>") == 1


def test_what_changed_since_the_last_review_of_the_whole_page_is_marked(editor):
    article = published(at=timezone.now() - timedelta(days=2))
    address = f"{LIST}add/?article={article.pk}"
    assert "Nobody has reviewed the whole page here before" in editor.get(address).text
    reviewed(article, at=timezone.now(), on=TODAY() - timedelta(days=1), note="Looked fine.")
    assert "Nothing changed." in editor.get(address).text
    section = article.sections.get()
    section.body = "<p>Large meals help.</p>"
    section.save()
    publish(article, at=timezone.now(), note="Larger meals.")
    reviewed(
        article, at=timezone.now(), on=TODAY(), scope="part", parts=["part:media"], next_on=None, reviewer_name="Max"
    )
    page = editor.get(address).text
    assert "added: </span>Large" in page and "removed: </span>Small" in page
    assert "Grace Obi reviewed edition 1" in page and "Looked fine." in page


def test_a_review_of_a_text_that_was_replaced_meanwhile_is_refused(editor):
    article = published(at=timezone.now())
    sent = fields_of(article)
    publish(article, at=timezone.now(), change="minor")
    page = editor.post(LIST + "add/", sent)
    assert errors_of(page)["__all__"] == [
        "Edition 2 was published since you opened this page. Read what patients read now, then decide again."
    ]
    assert not Review.objects.exists()
    assert page.context["opening"] != sent["opened"]
    assert editor.post(LIST + "add/", {**sent, "opened": page.context["opening"]}).status_code == 302
    assert Review.objects.get().edition.number == 2


def test_a_corrected_record_has_the_time_of_the_look_at_the_page(editor):
    article = published(at=timezone.now())
    editor.post(LIST + "add/", fields_of(article, minutes=20))
    wrong = Review.objects.get()
    editor.post(LIST + "add/", {**fields_of(article, evidence="ASCO guideline 2025"), "supersedes": wrong.pk})
    assert Review.objects.get(supersedes=wrong).seconds_on_page == wrong.seconds_on_page >= 1200


def test_the_time_on_the_page_is_counted_from_its_first_showing_through_every_error(editor):
    article = published(at=timezone.now())
    page = editor.post(LIST + "add/", fields_of(article, evidence="", minutes=4))
    assert editor.post(LIST + "add/", fields_of(article, opened=page.context["opening"])).status_code == 302
    review = Review.objects.get()
    assert 240 <= review.seconds_on_page < 300
    assert "4 min" in editor.get(f"{LIST}{review.pk}/change/").text


def test_the_time_of_another_page_or_person_does_not_count(editor):
    article, other = published(at=timezone.now()), published(an_article("Other page"), at=timezone.now())
    for opened in (fields_of(other)["opened"], fields_of(article, by=staff())["opened"]):
        page = editor.post(LIST + "add/", fields_of(article, opened=opened))
        assert "under another account" in errors_of(page)["opened"][0]
    assert not Review.objects.exists()


# Corrections


def correct(editor, review, **changed):
    """Open the correction, change some fields and send the form as a browser would."""
    form = editor.get(f"{LIST}add/", {"corrects": review.pk}).context["adminform"].form
    shown = {name: form[name].value() for name in form.fields if form[name].value() not in (None, "")}
    sent = {**shown, "attested": "on", "opened": form.opening(), **changed}
    return editor.post(LIST + "add/", sent)


def test_a_wrong_record_is_corrected_by_a_new_one_that_begins_with_its_words(editor):
    article = published(at=timezone.now() - timedelta(days=9))
    wrong = reviewed(article, at=timezone.now(), on=TODAY(), note="Fine.")
    assert f"{LIST}add/?corrects={wrong.pk}" in editor.get(f"{LIST}{wrong.pk}/change/").text
    assert "Correct the review of “Coping with nausea”" in editor.get(f"{LIST}add/?corrects={wrong.pk}").text
    day = TODAY() - timedelta(days=3)
    assert correct(editor, wrong, reviewed_on=day.isoformat()).status_code == 302
    right = Review.objects.get(supersedes=wrong)
    assert (right.reviewed_on, right.note, right.evidence) == (day, "Fine.", "ASCO guideline 2024")
    assert (right.reviewer_name, right.recorded_by) == ("Grace Obi", "Ana Ruiz")
    assert Article.objects.get().reviewed_on == day
    page = editor.get(f"{LIST}{wrong.pk}/change/").text
    assert "Ana Ruiz corrected it" in page and f"{LIST}{right.pk}/change/" in page
    assert "Correct this record" not in page
    assert "(corrected)" in editor.get(LIST).text


def test_a_review_of_parts_is_corrected_with_its_parts_ticked(editor):
    article = published(at=timezone.now())
    wrong = reviewed(article, at=timezone.now(), on=TODAY(), scope="part", parts=["part:media"], next_on=None)
    assert correct(editor, wrong, note="The pictures only.").status_code == 302
    assert Review.objects.get(supersedes=wrong).parts == wrong.parts


def test_a_record_is_corrected_once(editor):
    article = published(at=timezone.now())
    wrong = reviewed(article, at=timezone.now(), on=TODAY())
    sent = {**fields_of(article), "supersedes": wrong.pk}
    assert editor.post(LIST + "add/", sent).status_code == 302
    right = Review.objects.get(supersedes=wrong)
    assert errors_of(editor.post(LIST + "add/", sent))["__all__"] == [
        "That record has been corrected already. Correct the newer one."
    ]
    assert Review.objects.count() == 2
    response = editor.get(LIST + "add/", {"corrects": wrong.pk})
    assert (response.status_code, response.headers["Location"]) == (302, change(right))


def test_a_record_of_a_page_that_was_withdrawn_is_corrected_beside_the_edition_that_it_is_of(editor):
    article = published(at=timezone.now() - timedelta(days=9))
    wrong = reviewed(article, at=timezone.now(), on=TODAY() - timedelta(days=8))
    publish(article, at=timezone.now() - timedelta(days=7), note="New advice.")
    withdraw(article, at=timezone.now(), by=ANA, reason="Old.")
    page = editor.get(LIST + "add/", {"corrects": wrong.pk})
    assert page.context["edition"].number == 1
    assert correct(editor, wrong, outcome="withdraw").status_code == 302
    assert Review.objects.get(supersedes=wrong).outcome == "withdraw"


def test_a_correction_that_was_begun_before_the_page_was_withdrawn_is_kept(editor):
    article = published(at=timezone.now() - timedelta(days=9))
    wrong = reviewed(article, at=timezone.now(), on=TODAY() - timedelta(days=8))
    publish(article, at=timezone.now() - timedelta(days=7), note="New advice.")
    form = editor.get(LIST + "add/", {"corrects": wrong.pk}).context["adminform"].form
    opened, day = form.opening(), wrong.reviewed_on.isoformat()
    withdraw(article, at=timezone.now(), by=ANA, reason="Old.")
    sent = {**fields_of(article, opened=opened, reviewed_on=day), "supersedes": wrong.pk}
    assert editor.post(LIST + "add/", sent).status_code == 302
    assert Review.objects.get(supersedes=wrong).edition.number == 1


def test_only_a_record_of_its_own_opens_the_form_of_a_page_that_was_withdrawn(editor):
    article, other = published(at=timezone.now()), published(an_article("Another page"), at=timezone.now())
    of_other = reviewed(other, at=timezone.now(), on=TODAY())
    sent = {**fields_of(article), "supersedes": of_other.pk}
    withdraw(article, at=timezone.now(), by=ANA, reason="Old.")
    assert "The record that this one corrects is of another page." in editor.post(LIST + "add/", sent).text
    assert "It can be reviewed when it is back." in editor.get(LIST + "add/", {"article": article.pk}).text
    assert list(Review.objects.all()) == [of_other]


@pytest.mark.parametrize("asked", ["abc", "999999", "9" * 19])
def test_a_record_that_never_was_is_not_corrected(editor, asked):
    assert editor.get(LIST + "add/", {"corrects": asked}).status_code == 404


def test_only_who_may_record_reviews_is_offered_the_correction():
    review = reviewed(published())
    assert "Correct this record" not in signed_in(staff("view_review")).get(f"{LIST}{review.pk}/change/").text
    assert signed_in(staff("view_review")).get(LIST + "add/", {"corrects": review.pk}).status_code == 403


@pytest.mark.parametrize("model", ["edition", "redirect"])
def test_editions_and_redirects_are_only_read(editor, model):
    published()
    base = f"/admin/articles/{model}/"
    assert editor.get(base).status_code == 200
    assert editor.get(base + "add/").status_code == 403
    pk = Edition.objects.get().pk
    assert editor.post(f"{base}{pk}/change/", {}).status_code in (403, 302)
    assert editor.post(f"{base}{pk}/delete/", {"post": "yes"}).status_code in (403, 302)
    assert Edition.objects.exists()
