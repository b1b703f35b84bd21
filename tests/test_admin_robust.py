"""Any address and any form gets a page, on either database; never a server error."""

import pytest
from django.contrib import admin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.auth.models import User

from articles.admin.robust import MAX_ROWS
from articles.models import Article, Topic
from tests.admin import another, change, save, signed_in
from tests.builders import a_topic, an_article, published, reviewed

pytestmark = pytest.mark.django_db
MODELS = [
    *(f"articles/{model}" for model in ("absence", "article", "topic", "review", "edition", "redirect", "tag")),
    *(f"articles/{model}" for model in ("auditentry", "linkcheck", "mail", "policy", "reviewrequest", "riskclass")),
    "articles/withdrawnsource",
    "auth/user",
    "auth/group",
]
HUGE = "9" * 30


@pytest.fixture(scope="module")
def made(module_db):
    """A page, and somebody who is signed in."""
    return reviewed(published(an_article(tags=["nausea"], about=[a_topic()]))).article, signed_in()


@pytest.fixture
def editor(made):
    article, client = made
    editor = another(client)
    editor.article = Article.objects.get(pk=article.pk)
    return editor


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize(
    "query",
    [
        "q=%00",
        "q=" + "x" * 60_000,
        "q=%25%27%22%5C%F0%9F%A9%BA",
        "kind__exact=%00",
        "tag=%00",
        "tag=" + "x" * 2_000,
        "tag=no-such-tag",
        "published=maybe&review=maybe&withdrawn=maybe&definition=maybe",
        f"id__exact={HUGE}",
        f"id__in={HUGE},1",
        "id__exact=abc",
        "%00=1",
        f"p={HUGE}",
        "p=-1",
        "p=abc",
        f"o={HUGE}.-1.x",
        "all=",
        "_to_field=title",
        "published_on__year=9999",
        "published_on__year=9999&published_on__month=12&published_on__day=31",
        "published_on__year=0",
        "published_on__year=1",
        "published_on__year=2021&published_on__month=2&published_on__day=30",
        f"published_on__year={HUGE}",
        "reviewed_on__year=9999",
        "published_at__year=9999",
        "published_at__year=1&published_at__month=1&published_at__day=1",
        "kind_settled__exact=abc",
        "is_sample__exact=2",
        "no_such_field=1",
        "username__exact=%00",
        "at__year=9999&at__month=12&at__day=31",
        "e=1",
    ],
)
def test_a_list_answers_any_address(editor, model, query):
    response = editor.get(f"/admin/{model}/?{query}", follow=True)
    assert response.status_code in (200, 400), query


@pytest.mark.parametrize("chosen", ["abc", "\x00", HUGE, "-1", "", "1"])
@pytest.mark.parametrize("model", MODELS)
def test_an_action_on_any_row_is_answered(editor, model, chosen):
    fields = {"action": "delete_selected", ACTION_CHECKBOX_NAME: [chosen], "index": "x"}
    assert editor.post(f"/admin/{model}/", fields, follow=True).status_code == 200


@pytest.mark.parametrize("pk", [HUGE, "abc", "%00", "0", "-1", "1_2", "_00"])
@pytest.mark.parametrize("view", ["change", "history", "delete"])
@pytest.mark.parametrize("model", MODELS)
def test_a_row_that_is_not_there_is_answered(editor, model, view, pk):
    assert editor.get(f"/admin/{model}/{pk}/{view}/").status_code in (302, 403, 404)


@pytest.mark.parametrize("term", ["%00", "x" * 60_000, "%25%27"])
@pytest.mark.parametrize(("model", "field"), [("article", "about"), ("review", "article")])
def test_an_autocomplete_answers_any_term(editor, model, field, term):
    address = f"/admin/autocomplete/?app_label=articles&model_name={model}&field_name={field}&term={term}"
    assert editor.get(address).status_code == 200


@pytest.mark.parametrize("sent", [HUGE, "abc", "\x00", "-1", "9" * 19])
def test_a_choice_that_is_no_row_is_an_error_of_the_form(editor, sent):
    assert "about" in save(editor, editor.article, about=[sent]).context["adminform"].form.errors
    response = editor.post("/admin/articles/review/add/", {"article": sent})
    assert "article" in response.context["adminform"].form.errors
    assert editor.get("/admin/articles/review/add/", {"article": sent}).status_code == 200


@pytest.mark.parametrize(
    "changed",
    [
        {"title": "\x00"},
        {"title": "x" * 5_000},
        {"kind": "\x00"},
        {"slug": "../x"},
        {"tags": "\x00"},
        {"tags": '"' * 1_000},
        {"sections-0-body": "\x00<p>x</p>"},
        {"sections-0-position": HUGE},
        {"sections-0-position": "-1"},
        {"sections-0-id": HUGE},
        {"sections-0-id": "\x00"},
        {"sections-0-article": HUGE},
        {"sections-TOTAL_FORMS": "x"},
        {"sections-TOTAL_FORMS": HUGE},
        {"sections-TOTAL_FORMS": "500"},
        {"sections-INITIAL_FORMS": "7"},
        {"references-TOTAL_FORMS": "1", "references-0-text": "x", "references-0-year": HUGE},
        {"references-TOTAL_FORMS": "1", "references-0-text": "\x00"},
        {"references-TOTAL_FORMS": "1", "references-0-text": "x", "references-0-accessed_on": "10000-01-01"},
    ],
)
def test_a_form_answers_whatever_is_sent(editor, changed):
    assert save(editor, editor.article, **changed).status_code in (200, 302)
    assert editor.get(change(editor.article)).status_code == 200


@pytest.mark.parametrize("model", [Article, Topic])
def test_a_request_that_claims_to_have_more_rows_than_fit_into_it_makes_no_more(editor, rf, model):
    request = rf.get("/")
    request.user = User.objects.get(pk=editor.session["_auth_user_id"])
    formsets = list(admin.site.get_model_admin(model).get_formsets_with_inlines(request))
    assert len(formsets) == 2
    for formset, _ in formsets:
        prefix = formset.get_default_prefix()
        rows = formset({f"{prefix}-TOTAL_FORMS": HUGE, f"{prefix}-INITIAL_FORMS": "0"}, instance=model())
        assert rows.total_form_count() == MAX_ROWS
