"""The first page of the admin says what is on its way to patients and what still needs a sign-off."""

import re

import pytest
from django.urls import reverse

from tests.admin import signed_in
from tests.builders import a_reviewer, an_article, published, sent, signed_off

pytestmark = pytest.mark.django_db


def lines(client):
    page = client.get(reverse("admin:index")).text
    return [
        re.sub(r"<[^>]+>", "", line)
        for line in re.findall(r"<li>(<a href=\"[^\"]*\?(?:state|sign_off)=.*?)</li>", page)
    ]


def test_each_state_on_the_way_has_its_number_and_leads_to_its_list():
    an_article("Draft")
    sent(an_article("Sent"))
    sent(an_article("Sent too"))
    signed_off(an_article("Signed off"))
    published(an_article("Imported"))
    client = signed_in(a_reviewer())
    assert lines(client) == [
        "Draft: 1",
        "In review: 2",
        "Approved: 1",
        "Published without a sign-off, waiting for one: 1",
    ]
    in_review = client.get(reverse("admin:articles_article_changelist"), {"state": "in_review"})
    assert {article.title for article in in_review.context["cl"].result_list} == {"Sent", "Sent too"}


def test_when_nothing_waits_it_says_so():
    published(an_article(is_sample=True))
    assert "all texts are as patients read them" in signed_in(a_reviewer()).get(reverse("admin:index")).text


def test_the_numbers_cost_the_same_with_many_articles(django_assert_max_num_queries):
    client = signed_in(a_reviewer())
    for number in range(12):
        sent(an_article(f"Page {number}"))
    with django_assert_max_num_queries(8):
        client.get(reverse("admin:index"))
