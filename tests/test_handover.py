"""Pages that change hands: all of a person or a role at once, first shown and then done; and owners taken away."""

import re

import pytest
from django.contrib.auth.models import Group, User
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from articles import owners, publishing
from articles.models import Article, AuditEntry
from articles.policies import RehearsalOutdated, digest
from tests.admin import signed_in
from tests.builders import ANA, NOON, YESTERDAY, an_account, an_article, published

pytestmark = pytest.mark.django_db

HANDOVER, CHANGE = "/admin/review-desk/handover/", "/admin/review-desk/change/"
ASSIGNED = AuditEntry.Action.ASSIGNED


def rita(**columns) -> User:
    user = an_account("Clinical reviewer", "Rita Hall")
    User.objects.filter(pk=user.pk).update(**columns)
    return User.objects.get(pk=user.pk)


def dee() -> User:
    return an_account("Clinical reviewer", "Dee Wood")


def a_planner() -> User:
    return an_account("Date reviewer", "Dana Cole")


def role(name="Oncology") -> Group:
    return Group.objects.get_or_create(name=name)[0]


def a_page(title="Nausea", **columns) -> Article:
    page = published(an_article(title))
    Article.objects.filter(pk=page.pk).update(**columns)
    return page


def whose() -> dict[str, tuple]:
    """The person and the role of each page, by name."""
    rows = Article.objects.values_list("title", "owner__first_name", "owner_group__name")
    return {title: (person, group) for title, person, group in rows}


def chosen(source, *, owner=None, role=None, nobody=False) -> dict:
    value = f"{'person' if isinstance(source, User) else 'role'}-{source.pk}"
    sent = {"source": value, "owner": owner and owner.pk, "role": role and role.pk, "nobody": "on" if nobody else None}
    return {name: value for name, value in sent.items() if value}


def shown(client, choice) -> str:
    """The digest that the page with the preview sends back."""
    return re.search(r'name="digest" value="(\w+)"', client.get(HANDOVER, choice).text)[1]


def pressed(client, choice, **more):
    return client.post(HANDOVER, {**choice, "digest": shown(client, choice), "reason": "Rita left.", **more})


# What is handed over


@pytest.mark.parametrize(
    ("to", "after"),
    [
        ({"owner": "dee"}, {"Person": ("Dee", None), "Both": ("Dee", "Oncology"), "Role": (None, "Oncology")}),
        ({"role": "Surgery"}, {"Person": (None, "Surgery"), "Both": (None, "Surgery"), "Role": (None, "Oncology")}),
        (
            {"owner": "dee", "role": "Surgery"},
            {"Person": ("Dee", "Surgery"), "Both": ("Dee", "Surgery"), "Role": (None, "Oncology")},
        ),
        ({"nobody": True}, {"Person": (None, None), "Both": (None, "Oncology"), "Role": (None, "Oncology")}),
    ],
)
def test_the_pages_of_a_person_keep_their_role_unless_one_is_chosen(to, after):
    a_page("Person", owner=rita()), a_page("Both", owner=rita(), owner_group=role()), a_page("Role", owner_group=role())
    people = {"owner": dee()} if "owner" in to else {}
    groups = {"role": role("Surgery")} if "role" in to else {}
    response = pressed(signed_in(a_planner()), chosen(rita(), **people, **groups, nobody="nobody" in to))
    assert response.status_code == 302
    assert whose() == after


@pytest.mark.parametrize(
    ("to", "after"),
    [
        ({"owner": "dee"}, {"Role": ("Dee", None), "Both": ("Dee", None)}),
        ({"role": "Surgery"}, {"Role": (None, "Surgery"), "Both": ("Rita", "Surgery")}),
        ({"nobody": True}, {"Role": (None, None), "Both": ("Rita", None)}),
    ],
)
def test_the_pages_of_a_role_keep_their_person_unless_one_is_chosen(to, after):
    a_page("Role", owner_group=role()), a_page("Both", owner=rita(), owner_group=role())
    people = {"owner": dee()} if "owner" in to else {}
    groups = {"role": role("Surgery")} if "role" in to else {}
    pressed(signed_in(a_planner()), chosen(role(), **people, **groups, nobody="nobody" in to))
    assert whose() == after


def test_drafts_and_withdrawn_and_archived_pages_are_handed_over_too():
    draft = an_article("Draft")
    Article.objects.filter(pk=draft.pk).update(owner=rita())
    publishing.withdraw(a_page("Withdrawn", owner=rita()), at=NOON, by=ANA, reason="Old.")
    a_page("Archived", owner=rita(), archived_at=YESTERDAY)
    pressed(signed_in(a_planner()), chosen(rita(), owner=dee()))
    assert set(whose().values()) == {("Dee", None)}


def test_each_page_keeps_who_handed_it_over_and_why():
    page = a_page(owner=rita())
    pressed(signed_in(a_planner()), chosen(rita(), owner=dee(), role=role()))
    entry = AuditEntry.objects.get(action=ASSIGNED)
    assert (entry.page_id, entry.by, entry.reason) == (page.pk, "Dana Cole", "Rita left.")
    assert entry.changes == [
        {"field": "owner", "before": "Rita Hall", "after": "Dee Wood"},
        {"field": "role", "before": None, "after": "Oncology"},
    ]


def test_the_pages_of_others_are_left_alone():
    a_page("Hers", owner=rita()), a_page("His", owner=a_planner())
    pressed(signed_in(a_planner()), chosen(rita(), owner=dee()))
    assert whose() == {"Hers": ("Dee", None), "His": ("Dana", None)}


def test_it_costs_the_same_number_of_queries_for_each_500_pages():
    def queries():
        source, choice = rita(), {"owner": dee(), "group": None}
        found = owners.handing_over(source, **choice)
        with CaptureQueriesContext(connection) as captured:
            owners.hand_over(source, **choice, at=NOON, by=ANA, reason="Left.", rehearsed=digest(found))
        Article.objects.update(owner=rita())
        return len(captured)

    a_page("One", owner=rita())
    few = queries()
    for number in range(30):
        a_page(f"Page {number}", owner=rita())
    assert queries() == few == 8


# What is shown first


def test_who_has_pages_is_offered_with_their_number_and_leavers_first():
    a_page("1", owner=dee()), a_page("2", owner=rita(is_active=False)), a_page("3", owner=rita(), owner_group=role())
    text = signed_in(a_planner()).get(HANDOVER).text
    options = re.findall(r'<option value="(?:person|role)-\d+">(.*?)</option>', text)
    assert options == ["Rita Hall (left): 2 pages", "Dee Wood: 1 page", "Role “Oncology”: 1 page"]
    assert "What changes" not in text


def test_looking_changes_nothing_and_shows_the_first_50_before_and_after():
    for number in range(53):
        a_page(f"Page {number:02}", owner=rita(is_active=False), owner_group=role())
    response = signed_in(a_planner()).get(HANDOVER, chosen(rita(), owner=dee()))
    assert "53 pages of Rita Hall (left) change hands." in response.text
    assert [row[1:] for row in response.context["rows"]] == [
        (f"Page {number:02}", "Rita Hall (left), Role “Oncology”", "Dee Wood, Role “Oncology”") for number in range(50)
    ]
    assert "… and 3 more." in response.text
    assert not AuditEntry.objects.filter(action=ASSIGNED).exists()


def test_what_changed_between_looking_and_pressing_is_refused_and_shown_anew():
    a_page("First", owner=rita())
    client, choice = signed_in(a_planner()), chosen(rita(), owner=dee())
    seen = shown(client, choice)
    a_page("Second", owner=rita())
    response = client.post(HANDOVER, {**choice, "digest": seen, "reason": "Rita left."})
    assert response.status_code == 409
    assert "Pages have changed hands since you opened this page." in response.text and "Second" in response.text
    assert whose() == {"First": ("Rita", None), "Second": ("Rita", None)}


@pytest.mark.parametrize("strange", ["", "\x00", "x" * 70, "é"])
def test_what_was_not_shown_is_not_done(strange):
    a_page(owner=rita())
    response = signed_in(a_planner()).post(
        HANDOVER, {**chosen(rita(), owner=dee()), "digest": strange, "reason": "Left."}
    )
    assert response.status_code == 409
    assert whose() == {"Nausea": ("Rita", None)}


def test_another_choice_than_the_one_that_was_shown_is_refused():
    a_page(owner=rita())
    client = signed_in(a_planner())
    seen = shown(client, chosen(rita(), owner=dee()))
    sent = {**chosen(rita(), owner=a_planner()), "digest": seen, "reason": "Left."}
    assert client.post(HANDOVER, sent).status_code == 409
    assert whose() == {"Nausea": ("Rita", None)}


def test_the_verb_refuses_what_was_not_agreed_to_and_keeps_nothing():
    a_page(owner=rita())
    choice = {"owner": dee(), "group": None, "at": NOON, "by": ANA}
    with pytest.raises(RehearsalOutdated):
        owners.hand_over(rita(), **choice, reason="Left.", rehearsed="another")
    agreed = digest(owners.handing_over(rita(), owner=dee(), group=None))
    with pytest.raises(ValidationError, match="Say why"):
        owners.hand_over(rita(), **choice, reason=" ", rehearsed=agreed)
    User.objects.filter(pk=dee().pk).update(is_active=False)
    closed = {**choice, "owner": User.objects.get(pk=choice["owner"].pk)}
    with pytest.raises(ValidationError, match="The account of Dee Wood is closed"):
        owners.hand_over(rita(), **closed, reason="Left.", rehearsed=agreed)
    assert whose() == {"Nausea": ("Rita", None)}
    assert not AuditEntry.objects.filter(action=ASSIGNED).exists()


# What is refused with a sentence


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"source": ""}, "Choose whose pages are handed over."),
        ({"source": "person-0"}, "They have no pages, or none any more."),
        ({"source": "\x00"}, "They have no pages, or none any more."),
        ({"source": "person-" + "9" * 40}, "They have no pages, or none any more."),
        ({"owner": ""}, "Choose a person, a role, or both. Tick “Nobody” to take the owner away."),
        ({"owner": "\x00"}, "This account is closed, or there is none any more."),
        ({"owner": "9" * 40}, "This account is closed, or there is none any more."),
        ({"role": "x"}, "There is no such role any more."),
        ({"nobody": "on"}, "Choose a person or a role, or tick “Nobody”, but not both."),
    ],
)
@pytest.mark.parametrize("method", ["get", "post"])
def test_a_choice_that_is_none_is_asked_for_again(method, changed, sentence):
    a_page(owner=rita())
    sent = {**chosen(rita(), owner=dee()), "reason": "Left.", "digest": "x", **changed}
    response = getattr(signed_in(a_planner()), method)(HANDOVER, sent)
    assert response.status_code == 200
    assert sentence in response.text
    assert whose() == {"Nausea": ("Rita", None)}


def test_a_handover_to_whom_the_pages_belong_says_so():
    a_page(owner=rita())
    text = signed_in(a_planner()).get(HANDOVER, chosen(rita(), owner=rita())).text
    assert "All of these pages are theirs already." in text


@pytest.mark.parametrize("reason", ["", "  ", "\u200b", "x" * 301])
def test_a_handover_has_a_reason(reason):
    a_page(owner=rita())
    response = pressed(signed_in(a_planner()), chosen(rita(), owner=dee()), reason=reason)
    assert response.status_code == 200 and "errorlist" in response.text
    assert whose() == {"Nausea": ("Rita", None)}


def test_a_post_of_nothing_asks_for_the_choice():
    response = signed_in(a_planner()).post(HANDOVER)
    assert response.status_code == 200 and "Choose whose pages are handed over." in response.text


def test_after_the_handover_the_desk_says_how_many():
    a_page(owner=rita())
    client, choice = signed_in(a_planner()), chosen(rita(), owner=dee())
    sent = {**choice, "digest": shown(client, choice), "reason": "Left."}
    assert "1 page is handed over." in client.post(HANDOVER, sent, follow=True).text


def test_the_desk_leads_those_who_plan_to_the_handover():
    assert HANDOVER in signed_in(a_planner()).get("/admin/review-desk/").text
    assert HANDOVER not in signed_in(rita()).get("/admin/review-desk/").text
    assert "/admin/articles/absence/" in signed_in(rita()).get("/admin/review-desk/").text


# Some pages of the desk


@pytest.mark.parametrize(("had", "said"), [({"owner_group": "role"}, "has no owner now"), ({}, "had no owner already")])
def test_the_owner_of_ticked_pages_is_taken_away_when_that_is_chosen(had, said):
    page = a_page(**dict.fromkeys(had, role()))
    sent = {"article": page.pk, "act": "assign", "confirmed": "yes", "nobody": "on"}
    assert f"Nausea</a>: {said}" in signed_in(a_planner()).post(CHANGE, sent).text
    assert whose() == {"Nausea": (None, None)}


def test_two_empty_fields_take_no_owner_away():
    page = a_page(owner=rita())
    response = signed_in(a_planner()).post(CHANGE, {"article": page.pk, "act": "assign", "confirmed": "yes"})
    assert "Tick “Nobody” to take the owner away." in response.text
    assert whose() == {"Nausea": ("Rita", None)}
