"""Absences in the admin: whose may be kept by whom, and what is refused with a sentence."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from articles.models import Absence
from tests.admin import signed_in
from tests.builders import an_account

pytestmark = pytest.mark.django_db

LIST, ADD = "/admin/articles/absence/", "/admin/articles/absence/add/"


def today():
    return timezone.localdate()


def rita() -> User:
    return an_account("Clinical reviewer", "Rita Hall")


def dee() -> User:
    return an_account("Clinical reviewer", "Dee Wood")


def a_planner() -> User:
    return an_account("Date reviewer", "Dana Cole")


def typed(user, deputy, first=0, last=7) -> dict:
    day = today()
    fields = {"user": user.pk, "deputy": getattr(deputy, "pk", deputy)}
    return {**fields, "from_on": f"{day + timedelta(first)}", "until_on": f"{day + timedelta(last)}"}


def kept(user, deputy, first=0, last=7) -> Absence:
    days = {"from_on": today() + timedelta(first), "until_on": today() + timedelta(last)}
    return Absence.objects.create(user=user, deputy=deputy, **days)


def refused(response) -> dict[str, list[str]]:
    assert response.status_code == 200
    return response.context["adminform"].form.errors


def test_everybody_who_uses_the_desk_keeps_their_own():
    client = signed_in(rita())
    assert client.post(ADD, typed(rita(), dee())).status_code == 302
    absence = Absence.objects.get()
    assert (absence.user, absence.deputy, absence.from_on) == (rita(), dee(), today())
    url = f"{LIST}{absence.pk}/change/"
    assert client.post(url, typed(rita(), dee(), 0, 9)).status_code == 302
    absence.refresh_from_db()
    assert absence.until_on == today() + timedelta(9)
    assert client.post(f"{LIST}{absence.pk}/delete/", {"post": "yes"}).status_code == 302
    assert not Absence.objects.exists()


def test_those_of_others_are_shown_by_name_and_kept_by_planners_only():
    absence = kept(rita(), dee())
    url = f"{LIST}{absence.pk}/change/"
    other = signed_in(dee())
    text = other.get(url).text
    assert "Rita Hall" in text and 'name="until_on"' not in text
    assert other.post(url, typed(dee(), rita())).status_code == 403
    assert other.post(f"{LIST}{absence.pk}/delete/", {"post": "yes"}).status_code == 403
    assert signed_in(a_planner()).post(url, typed(rita(), a_planner())).status_code == 302
    absence.refresh_from_db()
    assert (absence.user, absence.deputy) == (rita(), a_planner())


def test_nobody_enters_or_hands_on_an_absence_in_the_name_of_another():
    sentence = "This account is closed, or may not use the review desk. Choose somebody of the list."
    client = signed_in(rita())
    assert refused(client.post(ADD, typed(dee(), a_planner())))["user"] == [sentence]
    absence = kept(rita(), dee())
    assert "user" in refused(client.post(f"{LIST}{absence.pk}/change/", typed(dee(), a_planner())))
    assert Absence.objects.get().user == rita()


def test_a_planner_enters_those_of_everybody():
    assert signed_in(a_planner()).post(ADD, typed(rita(), dee())).status_code == 302
    assert Absence.objects.get().user == rita()


def test_the_list_names_who_is_away_and_the_deputy():
    kept(rita(), dee())
    text = signed_in(dee()).get(LIST).text
    assert "Rita Hall" in text and "Dee Wood" in text
    assert "Rita Hall" in signed_in(dee()).get(LIST, {"q": "Hall"}).text
    assert "Rita Hall" not in signed_in(dee()).get(LIST, {"q": "Nobody"}).text


def test_the_form_begins_with_oneself():
    assert signed_in(rita()).get(ADD).context["adminform"].form["user"].value() == rita().pk


@pytest.mark.parametrize(("first", "last"), [(-3, 0), (7, 9), (2, 3), (-3, 20)])
def test_absences_of_one_person_have_no_day_in_common(first, last):
    kept(rita(), dee())
    errors = refused(signed_in(rita()).post(ADD, typed(rita(), dee(), first, last)))
    assert errors["from_on"][0].startswith("Rita Hall is away from ")
    assert Absence.objects.count() == 1


@pytest.mark.parametrize(("first", "last"), [(-3, -1), (8, 9)])
def test_absences_may_follow_each_other(first, last):
    kept(rita(), dee(), first, last)
    assert signed_in(rita()).post(ADD, typed(rita(), dee())).status_code == 302
    assert signed_in(dee()).post(ADD, typed(dee(), rita(), first, last + 5)).status_code == 302


def test_the_last_day_is_not_before_the_first():
    errors = refused(signed_in(rita()).post(ADD, typed(rita(), dee(), 5, 4)))
    assert errors == {"until_on": ["The last day away is before the first. Write both days again."]}


@pytest.mark.parametrize(("last", "status"), [(-1, 200), (0, 302)])
def test_a_new_absence_ends_today_or_later(last, status):
    assert signed_in(rita()).post(ADD, typed(rita(), dee(), -5, last)).status_code == status


def test_one_that_is_over_can_be_corrected():
    absence = kept(rita(), dee(), -9, -5)
    assert signed_in(rita()).post(f"{LIST}{absence.pk}/change/", typed(rita(), dee(), -9, -4)).status_code == 302


def test_nobody_is_their_own_deputy():
    errors = refused(signed_in(rita()).post(ADD, typed(rita(), rita())))
    assert errors == {"deputy": ["Nobody can be their own deputy. Choose somebody else."]}


@pytest.mark.parametrize("who", ["left", "no desk", "no staff", "\x00", "9" * 30, "-1", "x", ""])
def test_a_deputy_is_somebody_of_the_desk(who):
    people = {
        "left": dee(),
        "no desk": an_account("Author", "Ana Ruiz"),
        "no staff": an_account("Publisher", "Paul Lee"),
    }
    User.objects.filter(pk=people["left"].pk).update(is_active=False)
    User.objects.filter(pk=people["no staff"].pk).update(is_staff=False)
    errors = refused(signed_in(rita()).post(ADD, typed(rita(), people.get(who, who))))
    assert list(errors) == ["deputy"]
    if who:
        assert errors["deputy"][0].startswith("This account is closed, or may not use the review desk.")


@pytest.mark.parametrize("day", ["", "\x00", "31.12.", "9999-99-99", "1" * 5_000])
def test_a_day_that_is_none_is_asked_for_again(day):
    assert "until_on" in refused(signed_in(rita()).post(ADD, {**typed(rita(), dee()), "until_on": day}))


@pytest.mark.parametrize(("first", "is_warned"), [(-9, True), (6, True), (8, False)])
def test_a_deputy_who_is_away_too_is_said_and_kept(first, is_warned):
    kept(dee(), rita(), first, first + 10)
    text = signed_in(a_planner()).post(ADD, typed(rita(), dee()), follow=True).text
    assert ("Dee Wood is away from " in text) is is_warned
    assert Absence.objects.filter(user=rita()).exists()


def test_who_does_not_use_the_desk_sees_none_of_it():
    client = signed_in(an_account("Author", "Ana Ruiz"))
    assert client.get(LIST).status_code == 403
    assert LIST not in client.get("/admin/").text
    assert LIST in signed_in(rita()).get("/admin/").text
