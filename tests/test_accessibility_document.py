"""docs/accessibility.md names every criterion once, and no test that isn't there."""

import re

from tests.conftest import PROJECT
from tests.test_browser_accessibility import CHECKS, EXPLAINED

DOCUMENT = (PROJECT / "docs/accessibility.md").read_text(encoding="utf-8")


def test_all_55_criteria_stand_in_the_document_once():
    rows = re.findall(r"^\| (\d\.\d\.\d+) [^|]+\| (A|AA) \|", DOCUMENT, re.M)
    assert len(rows) == len({number for number, _ in rows}) == 55
    assert [level for _, level in rows].count("A") == 31


def test_every_test_that_is_named_exists():
    tests = "\n".join(path.read_text(encoding="utf-8") for path in (PROJECT / "tests").glob("test_*.py"))
    named = set(re.findall(r"`(test_\w+)`", DOCUMENT))
    assert len(named) > 12
    assert {name for name in named if f"def {name}(" not in tests} == set()


def test_every_check_that_is_named_is_made_and_every_check_is_named():
    """In italics: the checks of the walk through every kind of page."""
    assert set(re.findall(r"(?<!\*)\*([^*|]+)\*(?!\*)", DOCUMENT)) == set(CHECKS)


def test_what_axe_could_not_decide_has_a_reason():
    assert all(rule and selector and len(why) > 30 for rule, selector, why in EXPLAINED)
