"""Reviews are added in the admin and never changed; editions and redirects are only read."""

from datetime import timedelta

import pytest
from django.utils import timezone

from articles.models import Edition, Review
from articles.publishing import withdraw
from tests.admin import signed_in, staff
from tests.builders import ANA, an_article, published, reviewed

pytestmark = pytest.mark.django_db
LIST = "/admin/articles/review/"
TODAY = timezone.localdate


@pytest.fixture
def editor():
    return signed_in()


def fields_of(article, **changed):
    return {
        "article": article.pk,
        "reviewed_on": TODAY().isoformat(),
        "reviewer_name": "Grace Obi",
        "outcome": "no_change",
        "evidence": "ASCO guideline 2024",
        "next_review_on": (TODAY() + timedelta(days=1095)).isoformat(),
        **changed,
    }


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
        ({"next_review_on": ""}, "next_review_on", "This field is required."),
        ({"next_review_on": "2001-01-01"}, "__all__", "The next review must fall due after the day of this review."),
        ({"evidence": ""}, "evidence", "This field is required."),
    ],
)
def test_a_wrong_review_is_refused_beside_the_field_and_kept_nowhere(editor, changed, field, said):
    article = published(at=timezone.now())
    response = editor.post(LIST + "add/", fields_of(article, **changed))
    messages = response.context["adminform"].form.errors[field]
    assert len(messages) == 1 and said in messages[0]
    assert not Review.objects.exists()


@pytest.mark.parametrize("state", ["draft", "withdrawn"])
def test_a_page_that_patients_do_not_read_can_not_be_reviewed(editor, state):
    article = an_article() if state == "draft" else published()
    if state == "withdrawn":
        withdraw(article, at=timezone.now(), by=ANA, reason="Old.")
    response = editor.post(LIST + "add/", fields_of(article))
    assert "nothing to review yet" in response.text
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
    reader = signed_in(staff("view_review"))
    assert reader.post(LIST + "add/", fields_of(article)).status_code == 403
    reviewer = signed_in(staff("view_review", "add_review"))
    assert reviewer.post(LIST + "add/", fields_of(article)).status_code == 302


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
