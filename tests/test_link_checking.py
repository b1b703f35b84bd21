"""The outside addresses of live pages: which are asked, how politely, what their answers mean, and what is kept."""

import os
import signal
import socket
import ssl
import subprocess
import sys
import time
from datetime import timedelta
from itertools import pairwise

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from articles import review_requests
from articles.links import asking, checking
from articles.links.asking import PRIVATE, Asker, is_private
from articles.links.checking import Answer, health, keep, outside_addresses
from articles.models import Article, LinkCheck, Reference, RelatedLink
from articles.people import Person
from tests.admin import change, signed_in, staff
from tests.builders import DAY, NOON, an_article, publish, published
from tests.conftest import PROJECT
from tests.http_server import Reply, http_server
from tests.runners import environment

pytestmark = pytest.mark.django_db
Verdict = LinkCheck.Verdict


def days(number: int) -> timedelta:
    return timedelta(days=number)


@pytest.fixture
def server():
    with http_server() as server:
        yield server


def asker(**details) -> Asker:
    return Asker(**{"agent": "test (+https://library.example.org)", "private": True, "pause": 0.0, **details})


def ask(address: str, **details) -> Answer:
    return asker(**details).ask(address)


def leading_to(*addresses: str, title="Coping with nausea") -> Article:
    links = "".join(f'<p><a href="{address}">Read more</a></p>' for address in addresses)
    return published(an_article(title, sections=[("", f"<p>Text.</p>{links}")]))


# Which addresses a page leads to


def test_the_addresses_of_a_page_are_those_of_its_text_references_and_related_links():
    article = an_article(
        sections=[
            (
                "",
                '<p><a href="https://a.example/?x=1&amp;y=2#part">The <em>first</em></a> <a href="/topics/mri/">MRI</a> '
                '<a href="mailto:a@b.example">Mail</a> <a href="#meals">Meals</a></p>',
            )
        ]
    )
    Reference.objects.create(article=article, position=1, text="A trial.", doi="10.1000/xyz", url="https://no.example/")
    Reference.objects.create(article=article, position=2, text="A record.", pmid="123")
    Reference.objects.create(article=article, position=3, text="A leaflet.", url="https://b.example/leaflet")
    Reference.objects.create(article=article, position=4, text="A book.")
    RelatedLink.objects.create(article=article, position=1, url="https://c.example/", label="A charity")
    RelatedLink.objects.create(article=article, position=2, url="https://b.example/leaflet#2", label="Again")
    assert outside_addresses(publish(article).content) == {
        "https://a.example/?x=1&y=2": "The first",
        "https://doi.org/10.1000/xyz": "A trial.",
        "https://pubmed.ncbi.nlm.nih.gov/123/": "A record.",
        "https://b.example/leaflet": "A leaflet.",
        "https://c.example/": "A charity",
    }


def test_an_address_that_is_too_long_to_be_kept_is_left_out():
    edition = leading_to(f"https://a.example/{'x' * 500}", f"https://a.example/{'x' * 482}").editions.get()
    assert [len(address) for address in outside_addresses(edition.content)] == [500]


def test_the_health_of_a_page_has_each_address_with_what_it_answered_last(django_assert_num_queries):
    edition = leading_to("https://a.example/", "https://b.example/").editions.get()
    check = keep("https://a.example/", Answer(Verdict.GONE, "404 Not Found"), at=NOON, today=DAY)
    with django_assert_num_queries(1):
        rows = health(edition)
    assert [(row.url, row.label, row.verdict) for row in rows] == [
        ("https://a.example/", "Read more", check),
        ("https://b.example/", "Read more", None),
    ]


def test_those_never_asked_come_first_then_those_asked_the_longest_ago():
    addresses = {f"https://{letter}.example/" for letter in "abcd"}
    for letter, ago in (("a", 8), ("b", 20), ("c", 6)):
        keep(f"https://{letter}.example/", Answer(Verdict.FINE, "200 OK"), at=NOON - days(ago), today=DAY)
    to_ask = checking.to_ask(addresses, at=NOON, again=False)
    assert [address[8] for address in to_ask] == ["d", "b", "a"]
    assert [address[8] for address in checking.to_ask(addresses, at=NOON, again=True)] == ["d", "b", "a", "c"]


def test_an_address_is_asked_again_after_seven_days():
    keep("https://a.example/", Answer(Verdict.FINE, "200 OK"), at=NOON - days(7), today=DAY)
    keep("https://b.example/", Answer(Verdict.FINE, "200 OK"), at=NOON - days(7) + timedelta(seconds=1), today=DAY)
    both = {"https://a.example/", "https://b.example/"}
    assert checking.to_ask(both, at=NOON, again=False) == ["https://a.example/"]


# What an answer means


@pytest.mark.parametrize(
    ("status", "verdict", "detail"),
    [
        (200, Verdict.FINE, "200 OK"),
        (204, Verdict.FINE, "204 No Content"),
        (404, Verdict.GONE, "404 Not Found"),
        (410, Verdict.GONE, "410 Gone"),
        (401, Verdict.UNKNOWN, "401 Unauthorized: It turns machines away"),
        (403, Verdict.UNKNOWN, "403 Forbidden: It turns machines away"),
        (429, Verdict.UNKNOWN, "429 Too Many Requests: It turns machines away"),
        (418, Verdict.UNKNOWN, "418 I'm a Teapot: It gives machines no clear answer"),
        (500, Verdict.FAILING, "500 Internal Server Error"),
        (503, Verdict.FAILING, "503 Service Unavailable"),
    ],
)
def test_what_a_status_means(server, status, verdict, detail):
    server.replies["/a"] = Reply(status)
    assert ask(f"{server.url}/a") == Answer(verdict, detail)


@pytest.mark.parametrize(
    ("steps", "verdict"),
    [
        ([301], Verdict.MOVED),
        ([308, 301], Verdict.MOVED),
        ([302], Verdict.FINE),
        ([307], Verdict.FINE),
        ([303], Verdict.FINE),
        ([301, 302], Verdict.FINE),
        ([302, 301], Verdict.FINE),
    ],
)
def test_only_what_leads_on_for_good_all_the_way_has_moved(server, steps, verdict):
    for number, status in enumerate(steps):
        server.replies[f"/{number}"] = Reply(status, {"Location": f"/{number + 1}"})
    server.replies[f"/{len(steps)}"] = Reply()
    moved_to = f"{server.url}/{len(steps)}" if verdict == Verdict.MOVED else ""
    assert ask(f"{server.url}/0") == Answer(verdict, "200 OK", moved_to)


def test_a_page_that_moved_to_one_that_is_gone_is_gone(server):
    server.replies["/a"] = Reply(301, {"Location": "/nowhere"})
    assert ask(f"{server.url}/a") == Answer(Verdict.GONE, "404 Not Found")


@pytest.mark.parametrize("location", ["", "ftp://a.example/", "http://[", "//", "javascript:alert(1)"])
def test_a_redirect_to_nothing_that_can_be_opened_is_failing(server, location):
    server.replies["/a"] = Reply(301, {"Location": location} if location else {})
    assert ask(f"{server.url}/a").verdict == Verdict.FAILING


def test_an_address_that_leads_in_circles_is_failing(server):
    server.replies["/a"] = Reply(302, {"Location": "/a"})
    assert ask(f"{server.url}/a") == Answer(Verdict.FAILING, "It leads on more than 8 times")


@pytest.mark.parametrize(("head", "get"), [(405, 200), (403, 200), (404, 200), (500, 200)])
def test_a_server_that_refuses_a_head_is_asked_by_get(server, head, get):
    server.replies["/a"] = Reply(head, get_status=get)
    assert ask(f"{server.url}/a").verdict == Verdict.FINE
    assert server.asked() == [("HEAD", "/a"), ("GET", "/a")]


def test_what_answers_a_head_is_asked_once(server):
    server.replies["/a"] = Reply()
    ask(f"{server.url}/a")
    assert server.asked() == [("HEAD", "/a")]


def test_letters_beyond_ascii_are_sent_as_the_web_writes_them(server):
    server.replies["/caf%C3%A9?q=%C3%A9&a=%20"] = Reply()
    assert ask(f"{server.url}/café?q=é&a=%20").verdict == Verdict.FINE


def test_a_server_is_told_who_asks(server):
    server.replies["/a"] = Reply()
    ask(f"{server.url}/a")
    assert server.requests[0].agent == "test (+https://library.example.org)"


def test_a_connection_that_is_broken_off_or_refused_is_failing(server):
    server.replies["/a"] = Reply(breaks=True)
    said = "The connection to its host was broken off"
    assert ask(f"{server.url}/a") == Answer(Verdict.FAILING, said, is_from_server=False)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    said = "Its host refuses connections"
    assert ask(f"http://127.0.0.1:{port}/") == Answer(Verdict.FAILING, said, is_from_server=False)


def test_a_name_that_nobody_has_is_failing():
    """A name that ends in .invalid never exists (RFC 6761)."""
    said = ask("http://library.invalid/").detail
    assert said in {"The name of its host is not known", "The name of its host can’t be looked up now"}


def test_a_server_that_speaks_no_tls_is_failing(server):
    answer = ask(server.url.replace("http:", "https:"))
    assert (answer.verdict, "secure connection" in answer.detail) == (Verdict.FAILING, True)


def test_a_certificate_that_nobody_vouches_for_is_failing(tmp_path):
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    subprocess.run([*command, "-keyout", key, "-out", certificate], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    with http_server() as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        answer = ask(server.url.replace("http:", "https:"))
    assert (answer.verdict, answer.detail[:32]) == (Verdict.FAILING, "Its certificate is not valid: se")


def test_an_answer_that_drips_is_cut_off(server):
    server.replies["/a"] = Reply(drips=0.05)
    begun = time.monotonic()
    answer = ask(f"{server.url}/a", longest=0.3)
    assert answer == Answer(Verdict.FAILING, "It did not answer in time", is_from_server=False)
    assert time.monotonic() - begun < 3


# Private networks


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1",
        "fe80::1%eth0",
        "fd00::1",
        "ff02::1",
        "::ffff:127.0.0.1",
        "2002:7f00:1::",
        "64:ff9b::a01:203",
    ],
)
def test_what_is_not_of_the_public_internet_is_private(address):
    assert is_private(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700:4700::1111", "64:ff9b::808:808", "::ffff:8.8.8.8"])
def test_what_is_of_the_public_internet_is_not_private(address):
    assert not is_private(address)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "127.1", "2130706433", "0x7f.1", "[::1]"])
def test_an_address_of_a_private_network_is_never_asked(server, host):
    port = server.server_address[1]
    answer = ask(f"http://{host}:{port}/a", private=False)
    assert answer.verdict in {Verdict.UNKNOWN, Verdict.FAILING}
    assert answer.verdict == Verdict.FAILING or answer.detail == PRIVATE
    assert server.requests == []


def test_a_redirect_into_a_private_network_is_not_followed(server):
    """The way after a redirect is the way before it: here the rule is switched on between the two."""
    server.replies["/a"] = Reply(302, {"Location": "/b"})
    asking = asker()
    look = asking._look

    def then_strict(address):
        answer = look(address)
        asking.private = False
        return answer

    asking._look = then_strict
    assert asking.ask(f"{server.url}/a") == Answer(Verdict.UNKNOWN, PRIVATE)
    assert server.asked() == [("HEAD", "/a")]


# Politeness


def test_one_host_is_asked_one_after_the_other_with_a_pause(server):
    addresses = [f"{server.url}/{number}" for number in range(4)]
    server.replies = {f"/{number}": Reply() for number in range(4)}
    answers = dict(asker(pause=0.15).ask_all(addresses))
    assert set(answers) == set(addresses)
    begun = [request.at for request in server.requests]
    assert min(after - before for before, after in pairwise(begun)) >= 0.15
    assert server.most_at_once == 1


def test_several_hosts_are_asked_at_the_same_time():
    with http_server("127.0.0.1") as one, http_server("127.0.0.2") as two:
        for server in (one, two):
            server.replies = {f"/{number}": Reply() for number in range(3)}
        addresses = [f"{server.url}/{number}" for server in (one, two) for number in range(3)]
        begun = time.monotonic()
        assert len(list(asker(pause=0.4).ask_all(addresses))) == 6
        assert time.monotonic() - begun < 1.9  # one after the other it takes 2.4 seconds


@pytest.mark.parametrize("status", [429, 503])
def test_a_host_that_says_come_later_is_left_for_the_next_run(server, status):
    server.replies = {"/0": Reply(status, {"Retry-After": "120"}), "/1": Reply()}
    answers = dict(asker().ask_all([f"{server.url}/0", f"{server.url}/1"]))
    assert list(answers) in ([f"{server.url}/0"], [])
    assert ("HEAD", "/1") not in server.asked()


def test_without_any_host_that_is_reached_nothing_counts():
    refused = [f"http://127.0.0.{number}:9/" for number in range(1, 4)]
    with pytest.raises(asking.NoWayOut):
        list(asking.from_here(asker().ask_all(refused)))
    assert len(list(asking.from_here(asker().ask_all(refused[:2])))) == 2


def test_as_soon_as_one_host_is_reached_all_answers_count(server):
    refused = [f"http://127.0.0.{number}:9/" for number in range(2, 6)]
    answers = dict(asking.from_here(asker().ask_all([*refused, f"{server.url}/a"])))
    assert len(answers) == 5


# What is kept


def test_an_address_is_bad_since_the_first_day_without_a_break():
    def kept(verdict, day):
        return keep("https://a.example/", Answer(verdict, "x"), at=NOON, today=DAY + days(day)).bad_since

    assert kept(Verdict.FINE, 0) is None
    assert kept(Verdict.FAILING, 1) == DAY + days(1)
    assert kept(Verdict.GONE, 8) == DAY + days(1)
    assert kept(Verdict.UNKNOWN, 15) is None
    assert kept(Verdict.GONE, 22) == DAY + days(22)
    assert LinkCheck.objects.count() == 1


# The command


def checked(capsys, *arguments) -> str:
    call_command("check_links", *arguments)
    return capsys.readouterr().out


@pytest.fixture
def private(settings):
    settings.CHECK_PRIVATE_LINKS = True


def verdicts() -> dict[str, str]:
    return dict(LinkCheck.objects.values_list("url", "verdict"))


def test_the_command_asks_the_addresses_of_live_pages_and_says_what_they_answered(server, private, capsys):
    server.replies["/a"] = Reply()
    leading_to(f"{server.url}/a", f"{server.url}/gone")
    an_article("A draft", sections=[("", f'<p><a href="{server.url}/draft">Draft</a></p>')])
    LinkCheck.objects.create(url="https://old.example/", verdict="fine", checked_at=NOON)
    said = checked(capsys)
    assert verdicts() == {f"{server.url}/a": "fine", f"{server.url}/gone": "gone"}
    assert "2 addresses on live pages, 2 to ask, 1 forgotten." in said
    assert f"{server.url}/gone: Is gone (404 Not Found)" in said
    assert "1 answers, 1 is gone. 0 left for the next run." in said
    assert LinkCheck.objects.get(verdict="gone").bad_since == timezone.localdate()
    assert "0 to ask" in checked(capsys)
    assert "2 to ask" in checked(capsys, "--all")


def test_words_of_a_server_that_no_database_can_hold_stop_no_run(server, private, capsys):
    server.replies["/a"] = Reply(404, reason="No\x00 such\x1b[31m\tpage")
    leading_to(f"{server.url}/a", f"{server.url}/gone")
    checked(capsys)
    assert set(LinkCheck.objects.values_list("detail", flat=True)) == {"404 No such[31m page", "404 Not Found"}


def test_a_limit_leaves_the_rest_for_the_next_run(server, private, capsys):
    leading_to(*(f"{server.url}/{number}" for number in range(3)))
    checked(capsys, "--limit", "2")
    assert len(verdicts()) == 2
    checked(capsys, "--limit", "2")
    assert len(verdicts()) == 3


@pytest.mark.parametrize("limit", ["0", "-3"])
def test_a_limit_below_one_is_refused(limit):
    with pytest.raises(CommandError, match="at least 1"):
        call_command("check_links", f"--limit={limit}")


def test_without_the_setting_the_command_asks_nothing_on_this_machine(server, capsys):
    leading_to(f"{server.url}/a")
    checked(capsys)
    assert server.requests == []
    assert LinkCheck.objects.get().detail == PRIVATE


def test_a_machine_that_is_cut_off_says_so_and_keeps_nothing(private):
    leading_to(*(f"http://127.0.0.{number}:9/" for number in range(1, 4)))
    with pytest.raises(CommandError, match="Not one host could be reached, so nothing was kept"):
        call_command("check_links")
    assert verdicts() == {}


def test_a_run_that_is_killed_keeps_what_was_asked_and_the_next_one_asks_the_rest(committing_db, server, tmp_path):
    server.replies = {f"/{number}": Reply() for number in range(4)}
    leading_to(*(f"{server.url}/{number}" for number in range(4)))
    command = [sys.executable, "manage.py", "check_links"]
    run = {"cwd": PROJECT, "env": environment(tmp_path, CHECK_PRIVATE_LINKS="true"), "text": True}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, **run)
    process.stdout.readline(), process.stdout.readline()
    os.kill(process.pid, signal.SIGKILL)
    process.wait(timeout=20)
    kept = verdicts()
    assert 1 <= len(kept) < 4
    subprocess.run(command, check=True, capture_output=True, **run)
    assert set(verdicts().values()) == {"fine"}
    assert len(verdicts()) == 4
    asked = [path for _, path in server.asked()]
    assert not any(asked.count(url.removeprefix(server.url)) > 1 for url in kept)


# The list


@pytest.fixture
def client():
    return signed_in(staff("use_review_desk", "view_article"))


def test_the_list_shows_the_longest_bad_first_and_is_narrowed_by_verdict(client):
    page = leading_to("https://b.example/")
    keep("https://a.example/", Answer(Verdict.FINE, "200 OK"), at=NOON, today=DAY)
    keep("https://b.example/", Answer(Verdict.GONE, "404 Not Found"), at=NOON, today=DAY - days(3))
    keep("https://c.example/", Answer(Verdict.FAILING, "Its host refuses connections"), at=NOON, today=DAY - days(9))
    details = {"cause": "link", "about": "Gone.", "key": "link:https://b.example/", "due_on": DAY}
    review_requests.ask(page, **details, at=NOON, by=Person("Pat"))
    listed = client.get("/admin/articles/linkcheck/").context["cl"].result_list
    assert [(check.url[8], check.open_requests) for check in listed] == [("c", 0), ("b", 1), ("a", 0)]
    narrowed = client.get("/admin/articles/linkcheck/?verdict__exact=gone").context["cl"].result_list
    assert [check.url for check in narrowed] == ["https://b.example/"]


def test_the_page_of_a_link_names_the_live_pages_that_lead_there(client):
    address = "https://a.example/?q=caf%C3%A9&b=“x”"
    leading_to(address, title="Hot flashes")
    leading_to(f"{address}y", title="Hair loss")
    check = keep(address, Answer(Verdict.GONE, "404 Not Found"), at=NOON, today=DAY)
    response = client.get(change(check))
    assert [edition.title for edition in response.context["pages"]] == ["Hot flashes"]
    assert "Pages that lead there: 1" in response.text


@pytest.mark.parametrize(
    "query", ["verdict__exact=x", "verdict__exact=%00", "q=%00", "p=x", f"id__exact={'9' * 30}", "o=x"]
)
def test_the_list_of_links_answers_any_address(client, query):
    keep("https://a.example/", Answer(Verdict.FINE, "200 OK"), at=NOON, today=DAY)
    assert client.get(f"/admin/articles/linkcheck/?{query}", follow=True).status_code in {200, 400}
