"""Bits that fall over in the file of the kept pages: a page is read as it was written, or not at all, and is made anew."""

import random
import sqlite3
from pathlib import Path

import pytest

from articles.changes import Position
from library.ready.mirror import Mirror
from library.ready.page import FOR_EVER, Page, bodies_of

NOW = 1_000.0
WHERE = Position(7, "a mark")


def a_page(number: int, *, start: float = 0.0, until: float = FOR_EVER) -> Page:
    """Different from all others in all that it says."""
    status = ("200 OK", "410 Gone", "301 Moved Permanently")[number % 3]
    body = f"<p>{number} mg at {start}. {random.Random(number).randbytes(120).hex()}</p>".encode()
    return Page(
        key=f"/articles/page-{number}/",
        status=status,
        headers=[("Content-Type", "text/html; charset=utf-8"), ("Content-Language", f"x-{number}")],
        bodies=bodies_of(status, body),
        keys=frozenset({f"article:{number}", "redirects"}),
        start=start,
        until=until,
        number=number,
        modified=500 + number,
        length=len(body),
    )


PAGES = [a_page(number) for number in range(12)]
LATER = [a_page(number, start=NOW + 50, until=NOW + 90) for number in range(0, 12, 4)]  # the same addresses


@pytest.fixture
def mirror(tmp_path):
    """Everything in the one file, and nobody has it open."""
    mirror = Mirror(tmp_path / "pages.sqlite3")
    mirror.clear(WHERE)
    for page in [*PAGES, *LATER]:
        mirror.save(page)
    mirror._close()
    return mirror


def read_all(mirror: Mirror) -> int:
    """How many pages are there; each is the one that was asked for, as it was written."""
    found = 0
    for page in PAGES:
        for moment in (NOW, NOW + 60):
            if loaded := mirror.load(page.key, moment):
                same = [other for other in [*PAGES, *LATER] if other.key == page.key]
                assert loaded[0] in same, (page.key, loaded[0])
                assert loaded[0].start <= moment < loaded[0].until
                loaded[0].variant("identity")
                found += moment == NOW
    return found


def made_anew(mirror: Mirror) -> None:
    """As the keeper does it: what is not there. Twice: at the first time the file itself may prove to be damaged."""
    for _ in range(2):
        mirror.rests_until = 0.0
        if mirror.position() is None:
            mirror.clear(WHERE)
        there = mirror.kept_until(NOW + 1_000)
        for page in PAGES:
            if page.key not in there:
                mirror.save(page)


def test_a_bit_that_fell_over_shows_no_other_page_and_is_mended(mirror):
    whole, chance = mirror.path.read_bytes(), random.Random(20_261_129)
    assert read_all(mirror) == len(PAGES)
    lost = 0
    for turn in range(200):
        mirror._close()
        damaged = bytearray(whole)
        place = chance.randrange(100 if turn % 8 == 0 else len(whole))
        damaged[place] ^= 1 << chance.randrange(8)
        for suffix in ("-wal", "-shm"):
            Path(f"{mirror.path}{suffix}").unlink(missing_ok=True)
        mirror.path.write_bytes(damaged)
        mirror.rests_until = 0.0
        lost += read_all(mirror) < len(PAGES)
        mirror.rests_until = 0.0
        made_anew(mirror)
        assert read_all(mirror) == len(PAGES), f"byte {place}"
    assert lost > 40  # the damage was felt


def test_an_entry_of_the_index_that_leads_to_another_row_shows_nothing(mirror):
    """To the reader of the first page it looks like this: its key and start, and all the rest of the second."""
    file = sqlite3.connect(mirror.path)
    with file:
        rest = "until, seal, checksum, content"
        of_second = f"SELECT {rest} FROM page WHERE key = ?"
        file.execute(f"UPDATE page SET ({rest}) = ({of_second}) WHERE key = ?", [PAGES[2].key, PAGES[1].key])
    file.close()
    assert mirror.load(PAGES[1].key, NOW) is None
    assert mirror.load(PAGES[2].key, NOW)[0] == PAGES[2]
    made_anew(mirror)
    assert read_all(mirror) == len(PAGES)


@pytest.mark.parametrize(
    "harm",
    [
        "until = until + 86400 * 365 WHERE until < 1e300",
        "until = 1",
        "start = start + 1",
        "key = '/articles/page-1' || key",
        "seal = seal + 1",
        "checksum = NULL",
        "content = CAST(REPLACE(CAST(SUBSTR(content, 1, 200) AS TEXT), '200 OK', '300 OK') AS BLOB) || SUBSTR(content, 201)",
        "content = CAST(REPLACE(CAST(SUBSTR(content, 1, 400) AS TEXT), '\"br\"', '\"bs\"') AS BLOB) || SUBSTR(content, 401)",
        "content = x''",
        "content = 7",
    ],
)
def test_no_column_can_be_changed(mirror, harm):
    file = sqlite3.connect(mirror.path)
    with file:
        changed = file.execute(f"UPDATE page SET {harm}").rowcount
    file.close()
    assert changed
    read_all(mirror)
    made_anew(mirror)
    assert read_all(mirror) == len(PAGES)
    assert not mirror.has_complained  # the rows were deleted, and the file is the one it was


def test_what_is_known_of_tomorrow_does_not_hide_what_is_damaged_today(mirror):
    """Two rows of one address: the one that is read now can't be found any more, the other is whole."""
    file = sqlite3.connect(mirror.path)
    with file:
        file.execute("UPDATE page SET until = 1 WHERE key = ? AND start = 0", [PAGES[0].key])
    file.close()
    assert PAGES[0].key not in mirror.kept_until(NOW + 80)
    assert PAGES[4].key in mirror.kept_until(NOW + 80)
    assert mirror.load(PAGES[0].key, NOW + 60) is None  # so that all of it is made anew
