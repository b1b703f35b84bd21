"""Accounts in the admin: what a clinician is, what a group may do, and what nobody can give to himself."""

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from articles import workflow
from articles.models import Profile, WorkflowStep
from tests.acts import everything
from tests.admin import signed_in, staff
from tests.builders import a_reviewer, an_account, an_author, published, reviewed, sent

pytestmark = pytest.mark.django_db
LIST = "/admin/auth/user/"
NUMBER = {"profile-0-profession": "Registered nurse", "profile-0-registration_number": "NMC 12A3456E"}


@pytest.fixture
def administrator():
    return signed_in(an_account("Administrator", "Una Reed"))


def fields_of(user: User, **changed) -> dict:
    profile = Profile.objects.filter(user=user).first()
    return {
        "username": user.username,
        "first_name": user.first_name,
        "last_name": user.last_name,
        "is_active": "on",
        "is_staff": "on",
        "groups": [group.pk for group in user.groups.all()],
        "profile-TOTAL_FORMS": 1,
        "profile-INITIAL_FORMS": 1 if profile else 0,
        "profile-0-id": profile.pk if profile else "",
        "profile-0-user": user.pk,
        "profile-0-profession": profile.profession if profile else "",
        "profile-0-registration_number": profile.registration_number if profile else "",
        **changed,
    }


def save(client, user, **changed):
    return client.post(f"{LIST}{user.pk}/change/", fields_of(user, **changed))


def profile_of(user) -> str | None:
    profile = Profile.objects.filter(user=user).first()
    return profile and str(profile)


# Profession and registration number


def test_profession_and_number_are_given_on_the_page_of_the_account(administrator):
    grace = a_reviewer(number="")
    assert save(administrator, grace, **NUMBER).status_code == 302
    assert profile_of(grace) == "Registered nurse, no. NMC 12A3456E"
    assert "Registered nurse, no. NMC 12A3456E" in administrator.get(LIST).text


def test_an_account_that_signs_nothing_off_needs_neither(administrator):
    ana = an_author()
    assert save(administrator, ana, first_name="Anna").status_code == 302
    assert profile_of(ana) is None and User.objects.get(pk=ana.pk).first_name == "Anna"


@pytest.mark.parametrize(
    ("given", "missing"), [("profession", "registration number"), ("registration_number", "profession")]
)
def test_one_of_both_alone_is_refused_beside_the_other(administrator, given, missing):
    grace = a_reviewer(number="")
    before = everything()
    response = save(administrator, grace, **{f"profile-0-{given}": "Something"})
    assert response.status_code == 200
    assert f"Write the {missing} too, or leave both empty." in response.text
    assert everything() == before


def test_one_of_both_can_not_be_emptied(administrator):
    grace = a_reviewer()
    response = save(administrator, grace, **{"profile-0-registration_number": "  "})
    assert response.status_code == 200 and "Write the registration number too" in response.text
    assert profile_of(grace) == "Registered nurse, no. NMC 12345"


def test_both_emptied_take_the_right_to_sign_off_and_leave_earlier_sign_offs_as_they_were(administrator):
    grace, article = a_reviewer(), sent()
    workflow.sign_off(article, version=article.version, by=grace, at=timezone.now())
    assert save(administrator, grace, **{name: "" for name in NUMBER}).status_code == 302
    assert profile_of(grace) is None
    assert WorkflowStep.objects.latest("id").credential == "Registered nurse, no. NMC 12345"


def test_a_new_number_stands_under_new_sign_offs_only(administrator):
    grace, article = a_reviewer(), sent()
    step = workflow.sign_off(article, version=article.version, by=grace, at=timezone.now())
    assert save(administrator, grace, **NUMBER).status_code == 302
    assert profile_of(grace) == "Registered nurse, no. NMC 12A3456E"
    assert WorkflowStep.objects.get(pk=step.pk).credential == "Registered nurse, no. NMC 12345"


def test_only_who_may_change_accounts_changes_a_profile():
    grace = a_reviewer()
    for client in (
        signed_in(grace),
        signed_in(staff("view_user", "view_profile", "change_profile", "add_profile", "delete_profile")),
    ):
        before = everything()
        assert save(client, grace, **NUMBER).status_code == 403
        assert everything() == before


def test_the_profile_of_another_account_can_not_be_swapped_in(administrator):
    grace, paul = a_reviewer(), a_reviewer("Paul Lee", number="NMC 2")
    sent_fields = {**NUMBER, "profile-0-id": paul.profile.pk, "profile-0-user": paul.pk}
    response = save(administrator, grace, **sent_fields)
    assert response.status_code in (200, 302)
    assert profile_of(paul) == "Registered nurse, no. NMC 2"
    assert Profile.objects.count() == 2


def test_the_form_of_a_review_proposes_the_profession_and_number_of_who_records_it():
    grace = a_reviewer(number="NMC 12A3456E")
    article = published()
    reviewed(article, reviewer_name="Grace Obi", reviewer_credential="RN, no. 7", reviewer_role="Oncology nurse")
    page = signed_in(grace).get("/admin/articles/review/add/", {"article": article.pk})
    initial = page.context["adminform"].form.initial
    assert initial["reviewer_credential"] == "Registered nurse, no. NMC 12A3456E"
    assert initial["reviewer_role"] == "Oncology nurse"


# Groups


def test_each_group_says_in_words_what_its_people_may_do(administrator):
    page = administrator.get(f"{LIST}{an_author().pk}/change/").text
    for said in (
        "<strong>Author</strong>: reads everything, writes articles and sends them for review",
        "<strong>Clinical reviewer</strong>: reads everything, signs off what others have written, records reviews",
        "<strong>Publisher</strong>: reads everything, writes articles and sends them for review, publishes, schedules, withdraws and "
        "archives, publishes in an emergency without a sign-off, keeps the topics and tags",
        "<strong>Date reviewer</strong>: reads everything, records reviews",
    ):
        assert said in page


def test_the_words_follow_the_permissions_and_not_the_name(administrator):
    group = Group.objects.create(name="Illustrators")
    page = f"{LIST}{an_author().pk}/change/"
    assert "<strong>Illustrators</strong>: nothing yet" in administrator.get(page).text
    group.permissions.add(Permission.objects.get(codename="add_section"))
    assert "<strong>Illustrators</strong>: nothing of the editors’ work" in administrator.get(page).text
    group.permissions.add(Permission.objects.get(codename="sign_off_article"))
    assert "<strong>Illustrators</strong>: signs off what others have written" in administrator.get(page).text
    assert "signs off what others have written" in administrator.get("/admin/auth/group/").text


def test_somebody_is_put_into_groups_and_taken_out(administrator):
    ana = an_author()
    publisher = Group.objects.get(name="Publisher")
    assert save(administrator, ana, groups=[publisher.pk]).status_code == 302
    assert list(ana.groups.all()) == [publisher]


@pytest.mark.parametrize("strange", ["9" * 20, "abc", "\x00", "-1"])
@pytest.mark.parametrize("field", ["groups", "user_permissions"])
def test_a_group_or_permission_that_there_is_not_is_an_error_of_the_form(administrator, field, strange):
    ana = an_author()
    before = everything()
    response = save(administrator, ana, **{field: [strange]})
    assert response.status_code == 200 and field in response.context["adminform"].form.errors
    assert everything() == before


@pytest.mark.parametrize("address", [LIST, "/admin/auth/group/"])
def test_a_list_costs_the_same_however_many_there_are(administrator, address):
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert administrator.get(address).status_code == 200
        return len(captured)

    a_reviewer()
    few = queries()
    for number in range(5):
        a_reviewer(f"Somebody {number}", number=f"NMC {number}")
        Group.objects.create(name=f"Group {number}")
    assert queries() == few <= 12


# Nobody makes himself more than he is


def test_an_administrator_can_not_make_anybody_a_superuser(administrator):
    una = User.objects.get(last_name="Reed")
    assert save(administrator, una, is_superuser="on").status_code == 302
    assert not User.objects.get(pk=una.pk).is_superuser


def test_an_administrator_can_not_take_over_the_account_of_a_superuser(administrator):
    root = User.objects.create_superuser("root", password="correct horse battery staple")
    before = everything()
    password = {"usable_password": "true", "password1": "another long password", "password2": "another long password"}
    address = f"{LIST}{root.pk}/password/"
    assert administrator.post(address, {**password, "set-password": "yes"}).status_code == 403
    assert save(administrator, root, is_active="").status_code == 403
    assert everything() == before


def test_a_superuser_changes_both():
    root = User.objects.create_superuser("root")
    client, ana = signed_in(root), an_author()
    assert save(client, ana, is_superuser="on").status_code == 302
    assert User.objects.get(pk=ana.pk).is_superuser
    assert client.get(f"{LIST}{ana.pk}/password/").status_code == 200


def test_days_of_an_account_are_never_typed_in(administrator):
    ana = an_author()
    joined = ana.date_joined
    save(administrator, ana, date_joined_0="2001-01-01", date_joined_1="00:00", last_login_0="2001-01-01")
    ana.refresh_from_db()
    assert (ana.date_joined, ana.last_login) == (joined, None)
