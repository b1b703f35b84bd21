"""The admin pages of policies and risk classes: what the forms refuse, the rehearsal, and the act on one article."""

import csv
from datetime import date
from io import StringIO

import pytest
from django.utils import timezone
from django.utils.html import escape

from articles.admin.policy import OUTDATED, in_a_sentence
from articles.kinds import Kind
from articles.models import Article, Policy, RiskClass
from articles.policies import PolicyChange
from tests.admin import change, signed_in, staff
from tests.builders import an_account, an_article, published
from tests.test_policies import a_page, a_policy, many_pages, now

pytestmark = pytest.mark.django_db
LIST, APPLY, ADD = "/admin/articles/policy/", "/admin/articles/policy/apply/", "/admin/articles/policy/add/"
LONG_AGO = date(2021, 5, 31)


@pytest.fixture
def client():
    """A date reviewer, by the permissions that the migrations gave."""
    return signed_in(an_account("Date reviewer", "Dora Low"))


def sent(**fields) -> dict:
    return {"kind": "in_depth", "months": "24", "banner_after_days": "90", "reason": "Rule 12.", **fields}


def agreed(client, **fields) -> dict:
    """What the browser sends from the page of the rehearsal."""
    return {"digest": client.get(APPLY).context["digest"], "reason": "Rule 12.", **fields}


# The form


def test_a_policy_is_written_for_one_thing_and_its_rehearsal_follows(client):
    response = client.post(ADD, sent())
    assert (response.status_code, response.headers["Location"]) == (302, APPLY)
    assert str(Policy.objects.get()) == "24 months, because its kind is In-depth"


@pytest.mark.parametrize(
    ("months", "said"),
    [
        ("0", "A page needs at least one month between reviews."),
        ("-1", "A page needs at least one month between reviews."),
        ("121", "No page goes longer than 120 months without a review."),
        ("999", "No page goes longer than 120 months without a review."),
        ("9" * 30, "No page goes longer than 120 months without a review."),
        ("abc", "Write a whole number of months, in digits, such as 24."),
        ("1.5", "Write a whole number of months, in digits, such as 24."),
        ("", "Say after how many months a page is reviewed again."),
    ],
)
def test_months_that_no_policy_can_have_are_refused_with_a_sentence(client, months, said):
    response = client.post(ADD, sent(months=months))
    assert response.status_code == 200
    assert said in response.text
    assert not Policy.objects.exists()


@pytest.mark.parametrize("targets", [{"kind": ""}, {"risk": True}, {"article": True}])
def test_a_policy_for_nothing_and_one_for_two_things_are_refused_with_a_sentence(client, targets):
    fields = sent(kind=targets.get("kind", "in_depth"))
    if "risk" in targets:
        fields["risk_class"] = RiskClass.objects.create(name="doses").pk
    if "article" in targets:
        fields["article"] = an_article().pk
    response = client.post(ADD, fields)
    assert "A policy is for one thing: a kind, a tag, a risk class or an article." in response.text
    assert not Policy.objects.exists()


@pytest.mark.parametrize("target", ["kind", "tag", "risk_class", "article"])
def test_a_second_policy_for_the_same_thing_is_refused_with_a_sentence(client, target):
    first = {
        "kind": lambda: a_policy(kind=Kind.IN_DEPTH),
        "tag": lambda: a_policy(tag="chemotherapy"),
        "risk_class": lambda: a_policy(risk="doses"),
        "article": lambda: a_policy(article=an_article()),
    }[target]()
    value = getattr(first, target)
    response = client.post(ADD, sent(**{"kind": "", target: getattr(value, "pk", value)}))
    assert "There is a policy for this already. Change that one." in response.text
    assert Policy.objects.count() == 1


@pytest.mark.parametrize("target", ["tag", "risk_class", "article"])
@pytest.mark.parametrize("value", ["abc", "\x00", "9" * 30, "-1", "0"])
def test_a_target_that_cannot_be_is_told_in_the_form(client, target, value):
    assert client.post(ADD, sent(**{"kind": "", target: value})).status_code == 200
    assert client.get(ADD, {target: value}).status_code == 200
    assert not Policy.objects.exists()


def test_who_may_not_plan_reviews_goes_back_to_the_list():
    client = signed_in(staff("add_policy", "view_policy"))
    assert client.post(ADD, sent()).headers["Location"] == LIST


@pytest.mark.parametrize("what", ["change", "delete"])
def test_a_changed_and_a_deleted_policy_lead_to_the_rehearsal(client, what):
    policy = a_policy(12)
    fields = {"change": sent(months="6"), "delete": {"post": "yes"}}[what]
    response = client.post(f"{LIST}{policy.pk}/{what}/", fields)
    assert (response.status_code, response.headers["Location"]) == (302, APPLY)
    assert list(Policy.objects.values_list("months", flat=True)) == ([6] if what == "change" else [])


# The rehearsal


def change_of(**fields) -> PolicyChange:
    defaults = {"policy_before": "before", "policy_after": "after", "due_before": None, "due_after": None}
    return PolicyChange(article=1, title="Page", months_after=12, banner_after=90, **{**defaults, **fields})


def test_a_rehearsal_is_told_in_one_sentence():
    past, today, later = date(2021, 1, 1), timezone.localdate(), date(2199, 1, 1)
    found = [
        *[change_of(due_before=later, due_after=past)] * 1214,
        *[change_of(due_before=later, due_after=today)] * 30,
        *[change_of(due_before=today, due_after=later)] * 12,
        *[change_of(policy_before="")] * 5,
        *[change_of(policy_after="")] * 2,
    ]
    assert in_a_sentence(found) == (
        "1,263 pages change: 1,214 become overdue, 1,244 fall due sooner, 12 fall due later, "
        "5 had no policy and get one, 2 lose their policy."
    )
    assert in_a_sentence([change_of(due_before=later, due_after=past)]) == (
        "1 page changes: 1 becomes overdue, 1 falls due sooner."
    )
    assert in_a_sentence([change_of()]) == "1 page changes: the wording of the policy or the banner, and no date."
    assert in_a_sentence([]) == ""


def test_the_rehearsal_shows_each_page_before_and_after_and_changes_nothing(client):
    article = a_page(last=LONG_AGO)
    a_policy(12)
    text = client.get(APPLY).text
    assert "1 page changes: 1 falls due sooner, 1 had no policy and gets one." in text
    for shown in (change(article), "12 months, because its kind is In-depth", "May 31, 2024", "May 31, 2022"):
        assert shown in text
    assert now(article).review_months is None


def test_the_table_ends_after_200_pages_and_the_file_has_all(client):
    many_pages(230)
    a_policy(6)
    text = client.get(APPLY).text
    assert text.count('<th scope="row">') == 200
    assert "… and 30 more." in text
    response = client.get(APPLY, {"as": "csv"})
    rows = list(csv.reader(StringIO(response.content.decode("utf-8-sig"))))
    assert rows[0] == ["Page", "Address", "Policy before", "Policy after", "Due before", "Due after"]
    assert len(rows) == 231
    assert rows[1] == [
        "First",
        "/articles/first/",
        "",
        "6 months, because its kind is In-depth",
        "2028-11-22",
        "2026-05-22",
    ]


def test_the_button_applies_what_was_rehearsed(client):
    article = a_page(last=LONG_AGO)
    a_policy(12)
    response = client.post(APPLY, agreed(client), follow=True)
    assert response.redirect_chain == [(LIST, 302)]
    assert "The policies are applied. 1 page changes" in response.text
    assert (now(article).review_months, now(article).next_review_on) == (12, date(2022, 5, 31))


@pytest.mark.parametrize("meanwhile", ["policy", "page"])
def test_what_somebody_rehearsed_before_others_changed_it_is_shown_anew_and_not_applied(client, meanwhile):
    article = a_page(last=LONG_AGO)
    policy = a_policy(12)
    form = agreed(client)
    if meanwhile == "policy":
        Policy.objects.filter(pk=policy.pk).update(months=6)
    else:
        a_page("Another page")
        Article.objects.filter(title="Another page").update(review_months=None, review_policy="")
    response = client.post(APPLY, form)
    assert response.status_code == 409
    assert OUTDATED in response.text
    assert now(article).review_months is None
    shown = "6 months, because" if meanwhile == "policy" else "Another page"
    assert shown in response.text
    assert client.post(APPLY, {**form, "digest": response.context["digest"]}).status_code == 302


@pytest.mark.parametrize("digest", [None, "", "abc", "\x00"])
def test_without_the_digest_of_a_rehearsal_nothing_is_applied(client, digest):
    article = a_page(last=LONG_AGO)
    a_policy(12)
    fields = {"reason": "Rule 12."} | ({} if digest is None else {"digest": digest})
    assert client.post(APPLY, fields).status_code == 409
    assert now(article).review_months is None


@pytest.mark.parametrize("reason", ["", "   ", "\u200b", "x" * 301])
def test_without_a_reason_that_can_be_kept_nothing_is_applied(client, reason):
    article = a_page(last=LONG_AGO)
    a_policy(12)
    response = client.post(APPLY, agreed(client, reason=reason))
    assert response.status_code == 200
    assert response.context["form"].errors["reason"]
    assert now(article).review_months is None


def test_when_all_pages_follow_the_policies_the_page_says_so_and_offers_no_button(client):
    text = client.get(APPLY).text
    assert "All pages follow the policies." in text
    assert 'type="submit" class="default"' not in text


def test_two_people_who_rehearsed_the_same_apply_it_once(client):
    a_page(last=LONG_AGO)
    a_policy(12)
    form = agreed(client)
    assert client.post(APPLY, form).status_code == 302
    response = client.post(APPLY, form)
    assert response.status_code == 409
    assert "All pages follow the policies." in response.text


def test_the_list_says_when_pages_do_not_follow_the_policies_yet(client):
    a_page(last=LONG_AGO)
    assert "Not all pages follow" not in client.get(LIST).text
    a_policy(12)
    text = client.get(LIST).text
    assert "Not all pages follow these policies yet." in text
    assert APPLY in text
    client.post(APPLY, agreed(client))
    assert "Not all pages follow" not in client.get(LIST).text


def test_who_cannot_apply_policies_reads_who_can():
    a_page(last=LONG_AGO)
    a_policy(12)
    client = signed_in(an_account("Author", "Ana Ruiz"))
    text = client.get(LIST).text
    assert "A date reviewer can apply them." in text
    assert APPLY not in text
    assert client.get(APPLY).status_code == 403


def test_titles_are_shown_as_text(client):
    a_page("<script>alert(1)</script>")
    a_policy(12)
    text = client.get(APPLY).text
    assert "&lt;script&gt;alert(1)" in text
    assert "<script>alert(1)" not in text


# Risk classes


def test_a_renamed_risk_class_leads_to_the_rehearsal(client):
    doses = RiskClass.objects.create(name="doses")
    response = client.post(f"/admin/articles/riskclass/{doses.pk}/change/", {"name": "Medicines and doses"})
    assert response.headers["Location"] == APPLY
    assert RiskClass.objects.get().name == "Medicines and doses"


def test_a_risk_class_that_pages_have_cannot_be_deleted(client):
    page = a_page(risk="doses")
    address = f"/admin/articles/riskclass/{page.risk_class.pk}/delete/"
    assert client.post(address, {"post": "yes"}).status_code == 403
    Article.objects.update(risk_class=None)
    assert client.post(address, {"post": "yes"}).headers["Location"] == APPLY
    assert not RiskClass.objects.exists()


# One article


def risk_page(article) -> str:
    return f"/admin/articles/article/{article.pk}/set-risk-class/"


def test_the_page_of_an_article_says_which_policy_holds_and_why(client):
    article = a_page(tags=["chemotherapy"], risk="doses")
    a_policy(12, tag="chemotherapy")
    client.post(APPLY, agreed(client))
    text = client.get(change(article)).text
    assert escape("12 months, because it is tagged “chemotherapy”") in text
    assert '<div class="readonly">doses</div>' in text
    assert risk_page(article) in text


def test_the_page_of_an_article_without_a_policy_says_so():
    article = published()
    text = signed_in(an_account("Author", "Ana Ruiz")).get(change(article)).text
    assert '<div class="readonly">none</div>' in text
    assert risk_page(article) not in text


def test_what_a_risk_class_would_change_is_shown_before_anything_changes(client):
    article = a_page(last=LONG_AGO)
    doses = a_policy(6, risk="doses").risk_class
    assert "What changes" not in client.get(risk_page(article)).text
    text = client.get(risk_page(article), {"risk_class": doses.pk}).text
    assert "6 months, because its risk class is “doses”" in text
    assert "November 30, 2021" in text
    assert now(article).risk_class is None


def chosen(client, article, risk_class) -> dict:
    response = client.get(risk_page(article), {"risk_class": risk_class.pk if risk_class else ""})
    return {
        "risk_class": risk_class.pk if risk_class else "",
        "digest": response.context["digest"],
        "reason": "It has doses.",
    }


def test_a_risk_class_is_set_with_a_reason(client):
    article = a_page(last=LONG_AGO)
    doses = a_policy(6, risk="doses").risk_class
    response = client.post(risk_page(article), chosen(client, article, doses), follow=True)
    assert "the risk class is “doses”." in response.text
    assert (now(article).risk_class, now(article).next_review_on) == (doses, date(2021, 11, 30))


def test_a_risk_class_is_taken_away_and_that_may_change_nothing_else(client):
    article = a_page(risk="doses")
    form = chosen(client, article, None)
    text = client.get(risk_page(article), {"risk_class": ""}).text
    assert "The policy and the day of the next review stay as they are." in text
    assert client.post(risk_page(article), form).status_code == 302
    assert now(article).risk_class is None


def test_a_risk_class_whose_policy_changed_meanwhile_is_rehearsed_anew(client):
    article = a_page(last=LONG_AGO)
    policy = a_policy(6, risk="doses")
    form = chosen(client, article, policy.risk_class)
    Policy.objects.update(months=3)
    response = client.post(risk_page(article), form)
    assert response.status_code == 409
    assert OUTDATED in response.text
    assert "3 months, because" in response.text
    assert now(article).risk_class is None


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"reason": " "}, "Say why."),
        ({"risk_class": "abc"}, "There is no such risk class any more."),
        ({"risk_class": "9" * 30}, "There is no such risk class any more."),
        ({"risk_class": "\x00"}, "Null characters are not allowed."),
        ({"risk_class": ""}, "It is none already."),
    ],
)
def test_a_risk_class_is_not_set_without_a_reason_or_a_class_that_there_is(client, fields, said):
    article = a_page(last=LONG_AGO)
    doses = a_policy(6, risk="doses").risk_class
    response = client.post(risk_page(article), {**chosen(client, article, doses), **fields})
    assert response.status_code == 200
    assert said in response.text
    assert now(article).risk_class is None


def test_only_who_may_plan_reviews_sets_a_risk_class():
    article, doses = a_page(), RiskClass.objects.create(name="doses")
    client = signed_in(staff("view_article", "change_article", "publish_article"))
    assert client.get(risk_page(article)).status_code == 403
    assert client.post(risk_page(article), {"risk_class": doses.pk, "reason": "Doses."}).status_code == 403
    assert now(article).risk_class is None


@pytest.mark.parametrize("which", ["9" * 30, "999999", "abc"])
def test_an_article_that_there_is_not_has_no_risk_class(client, which):
    assert client.get(f"/admin/articles/article/{which}/set-risk-class/").status_code == 404


def test_the_rehearsal_costs_few_queries_however_many_pages_there_are(client, django_assert_max_num_queries):
    many_pages(300)
    a_policy(6)
    with django_assert_max_num_queries(12):
        assert len(client.get(APPLY).context["changes"]) == 200
