"""What the checks find about a page's dates, people and sources."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from articles.checks.governance import Record, check_evidence, check_record, check_sources
from tests.builders import DAY
from tests.test_checks import SOURCE, a_page, codes

FINE = Record(
    published_on=date(2024, 1, 1),
    reviewed_on=date(2026, 5, 31),
    next_review_on=date(2027, 5, 31),
    stated_on=None,
    review_months=12,
    policy="12 months, because its kind is Story",
    banner_after_days=90,
    owner="Ana Ruiz",
    owner_is_active=True,
    reviewer_wrote_it="",
)


def found(**changed) -> list[tuple[str, str]]:
    return [(each.code, each.severity.name) for each in check_record(replace(FINE, **changed), today=DAY)]


def late(days: int) -> dict:
    return {"next_review_on": DAY - timedelta(days), "reviewed_on": DAY - timedelta(days + 60)}


@pytest.mark.parametrize(
    ("changed", "findings"),
    [
        ({}, []),
        ({"reviewed_on": None, "next_review_on": None}, [("G1", "BLOCKS")]),
        ({"reviewed_on": None, "next_review_on": None, "stated_on": date(2025, 1, 1)}, [("G1", "WARNS")]),
        ({"reviewed_on": None, "next_review_on": None, "stated_on": date(2019, 1, 1)}, [("G1", "WARNS")]),
        ({"published_on": DAY}, [("G2", "BLOCKS")]),  # and reviewed before
        ({"published_on": DAY, "reviewed_on": DAY, "next_review_on": DAY + timedelta(9)}, []),
        ({"reviewed_on": DAY + timedelta(1)}, [("G2", "BLOCKS")]),
        (
            {"published_on": DAY + timedelta(1), "reviewed_on": None, "next_review_on": None},
            [("G1", "BLOCKS"), ("G2", "BLOCKS")],
        ),
        ({"reviewed_on": DAY, "next_review_on": DAY}, [("G2", "BLOCKS")]),
        ({"next_review_on": date(2027, 6, 1)}, [("G3", "BLOCKS")]),
        ({"next_review_on": date(2027, 6, 1), "review_months": None, "policy": ""}, []),
        ({"owner": ""}, [("G4", "BLOCKS")]),
        ({"owner": "Ana Ruiz (left)", "owner_is_active": False}, [("G4", "BLOCKS")]),
        ({"reviewer_wrote_it": "Grace Obi"}, [("G5", "WARNS")]),
        (late(0), []),
        (late(1), [("G7", "WARNS")]),
        (late(365), [("G7", "WARNS")]),
        (late(366), [("G7", "BLOCKS")]),
    ],
)
def test_what_is_wrong_with_the_record_of_a_page(changed, findings):
    assert found(**changed) == findings


@pytest.mark.parametrize(("days", "banner"), [(90, False), (91, True)])
def test_a_late_page_says_how_late_and_whether_patients_are_told(days, banner):
    (finding,) = check_record(replace(FINE, **late(days)), today=DAY)
    assert f"{days} days overdue" in finding.said
    assert ("banner" in finding.said) is banner


def test_the_last_day_of_the_policy_is_named():
    (finding,) = check_record(replace(FINE, next_review_on=date(2028, 1, 1)), today=DAY)
    assert "on May 31, 2027 at the latest: 12 months, because its kind is Story." in finding.said


@pytest.mark.parametrize(
    ("references", "said"),
    [
        ([{**SOURCE, "address": "https://example.org/ng12"}], ""),
        ([{**SOURCE, "address": ""}], "No source has both"),
        ([{**SOURCE, "year": None, "address": "https://example.org/"}], "No source has both"),
        ([{**SOURCE, "address": ""}, {**SOURCE, "address": "https://doi.org/10.1000/1"}], ""),
        ([], "The page names no source"),
    ],
)
def test_one_source_has_a_year_and_a_way_to_it(references, said):
    page = a_page()
    page["references"] = references
    findings = check_evidence(page)
    assert bool(findings) is bool(said)
    assert all(said in each.said and each.severity.name == "WARNS" for each in findings)
    assert check_evidence({**page, "is_sample": True}) == []


def test_sources_that_were_withdrawn_or_whose_address_is_dead_are_named_by_their_numbers():
    findings = check_sources(a_page(), withdrawn={1: "wrong doses"}, dead={2: "404 Not Found"}, reviewed_on=None)
    assert [each.said for each in findings] == [
        "Source 1 was withdrawn: wrong doses. Check what rests on it.",
        "The address of source 2 is dead (404 Not Found). Find its new one.",
    ]


@pytest.mark.parametrize(
    ("years", "reviewed_on", "findings"),
    [
        ([2021], date(2026, 5, 1), []),
        ([2020], date(2026, 5, 1), ["G11"]),
        ([2010, 2024], date(2026, 5, 1), []),
        ([2010], None, []),
        ([None], date(2026, 5, 1), []),
    ],
)
def test_the_newest_source_is_at_most_five_years_older_than_the_review(years, reviewed_on, findings):
    page = a_page()
    page["references"] = [{**SOURCE, "address": "", "year": year} for year in years]
    found_now = check_sources(page, withdrawn={}, dead={}, reviewed_on=reviewed_on)
    assert codes(found_now) == findings
    assert all(each.severity.name == "NOTES" for each in found_now)
