"""Nobody guesses a password for long, and nobody can lock a colleague out by guessing."""

import pytest
from django.contrib.auth.models import User
from django.test import RequestFactory

from library.logs import client_address
from tests.test_headers import BrowserOverHTTPS

pytestmark = pytest.mark.django_db

PASSWORD = "a long enough password"


@pytest.fixture
def sign_in():
    User.objects.create_superuser("ana", password=PASSWORD)
    User.objects.create_superuser("grace", password=PASSWORD)

    def post(username, password, *, address="203.0.113.7"):
        client = BrowserOverHTTPS(headers={"host": "localhost"}, REMOTE_ADDR=address)
        return client.post("/admin/login/?next=/admin/", {"username": username, "password": password})

    return post


def test_ten_wrong_passwords_close_the_door_for_that_account_from_that_address(sign_in):
    for _ in range(9):
        assert sign_in("ana", "wrong").status_code == 200
    assert sign_in("ana", "wrong").status_code == 429
    refused = sign_in("ana", PASSWORD)
    assert refused.status_code == 429
    assert "waits for a quarter of an hour" in refused.text
    assert "Content-Security-Policy" in refused.headers


def test_the_right_password_from_elsewhere_and_other_accounts_still_work(sign_in):
    for _ in range(10):
        sign_in("ana", "wrong")
    assert sign_in("ana", PASSWORD, address="198.51.100.4").status_code == 302
    assert sign_in("grace", PASSWORD).status_code == 302


def test_a_right_password_starts_the_count_anew(sign_in):
    for _ in range(2):
        for _ in range(9):
            assert sign_in("ana", "wrong").status_code == 200
        assert sign_in("ana", PASSWORD).status_code == 302


def test_an_unknown_account_is_answered_like_a_known_one(sign_in):
    known, unknown = sign_in("ana", "wrong"), sign_in("nobody", "wrong")
    assert known.status_code == unknown.status_code == 200
    assert "Please enter the correct username and password" in known.text
    assert known.text.count("Please enter the correct") == unknown.text.count("Please enter the correct")


@pytest.mark.parametrize(
    ("behind_proxy", "forwarded", "address"),
    [
        (False, "198.51.100.4", "127.0.0.1"),
        (True, "198.51.100.4", "198.51.100.4"),
        (True, "10.9.9.9, 198.51.100.4", "198.51.100.4"),
        (True, "", "127.0.0.1"),
    ],
)
def test_a_client_can_not_choose_its_own_address(settings, behind_proxy, forwarded, address):
    settings.BEHIND_PROXY = behind_proxy
    headers = {"x-forwarded-for": forwarded} if forwarded else {}
    assert client_address(RequestFactory().get("/", headers=headers)) == address
