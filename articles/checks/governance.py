"""Who answers for the page, and whether its dates hold (G1 to G11).

Sources: Patient Information Forum, criteria 1 and 4; NHS standard for creating health content, 1 and 2; DISCERN 4 and 5.
More than 365 days overdue and references of five years are our thresholds.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from articles.checks.finding import Finding, Severity
from articles.dates import add_months

ESCALATES = 365  # days overdue
FRESH = 5  # years between the newest reference and the review
DATES, PEOPLE, SOURCES = "Dates", "People", "Sources"


@dataclass(frozen=True)
class Record:
    """What the ledgers and the accounts know of a published page. A day that there is not is None."""

    published_on: date
    reviewed_on: date | None
    next_review_on: date | None
    stated_on: date | None  # the review that its source states
    review_months: int | None
    policy: str  # "12 months, because ..."; empty for none
    banner_after_days: int | None
    owner: str  # the name of the person, or else of the role; empty for nobody
    owner_is_active: bool  # the person's account is open, or the role has an open one
    reviewer_wrote_it: str  # the name of the last reviewer when he or she had written the text; else empty


def check_record(record: Record, *, today: date) -> list[Finding]:
    return [
        *_reviewed(record),
        *_order(record, today),
        *_interval(record),
        *_owner(record),
        *_two_people(record),
        *_late(record, today),
    ]


def _reviewed(record: Record) -> Iterator[Finding]:
    if record.reviewed_on is None and record.stated_on is None:
        said = "Nobody has reviewed the whole page here. A review of the whole page mends it."
        yield Finding("G1", Severity.BLOCKS, DATES, said)
    elif record.reviewed_on is None:
        said = "The only review is one that its source states. Nobody here can say what was checked: review it here."
        yield Finding("G1", Severity.WARNS, DATES, said)


def _order(record: Record, today: date) -> Iterator[Finding]:
    """A day of the next review that has passed is no fault of order: see `_late`. Nor is a review that the source states
    of a day before the page was published here."""
    reviewed_on = record.reviewed_on or record.stated_on
    if record.published_on > today:
        yield Finding("G2", Severity.BLOCKS, DATES, "The page is dated in the future. Publish it with its true day.")
    if reviewed_on and reviewed_on > today:
        yield Finding("G2", Severity.BLOCKS, DATES, "Its review is dated in the future. Correct the record.")
    if record.reviewed_on and record.reviewed_on < record.published_on:
        said = "It was reviewed before it was published. Correct whichever of the two days is wrong."
        yield Finding("G2", Severity.BLOCKS, DATES, said)
    if reviewed_on and record.next_review_on and record.next_review_on <= reviewed_on:
        said = "The next review falls due no later than the last one was. Move the day."
        yield Finding("G2", Severity.BLOCKS, DATES, said)


def _interval(record: Record) -> Iterator[Finding]:
    if record.reviewed_on and record.next_review_on and record.review_months:
        last_day = add_months(record.reviewed_on, record.review_months)
        if record.next_review_on > last_day:
            said = (
                f"The next review falls due later than the policy allows, on {last_day:%B} {last_day.day}, {last_day.year} at the latest: "
                f"{record.policy}. Move the day."
            )
            yield Finding("G3", Severity.BLOCKS, DATES, said)


def _owner(record: Record) -> Iterator[Finding]:
    if not record.owner:
        said = "The page has no owner, so nobody is told when it falls due. Assign it on the review desk."
        yield Finding("G4", Severity.BLOCKS, PEOPLE, said)
    elif not record.owner_is_active:
        said = f"{record.owner} owns the page and nobody there can sign in any more. Assign it on the review desk."
        yield Finding("G4", Severity.BLOCKS, PEOPLE, said)


def _two_people(record: Record) -> Iterator[Finding]:
    if record.reviewer_wrote_it:
        said = f"{record.reviewer_wrote_it} reviewed it last, and wrote the text as well. Let somebody else review it."
        yield Finding("G5", Severity.WARNS, PEOPLE, said)


def _late(record: Record, today: date) -> Iterator[Finding]:
    if record.next_review_on is None or record.next_review_on >= today:
        return
    days = (today - record.next_review_on).days
    said = f"Its review is {days:,} day{'' if days == 1 else 's'} overdue."
    if record.banner_after_days is not None and days > record.banner_after_days:
        said += " Patients read a banner above the text that says so."
    severity = Severity.BLOCKS if days > ESCALATES else Severity.WARNS
    yield Finding("G7", severity, DATES, said)


def check_evidence(content: dict) -> list[Finding]:
    """G10: at least one source with its year and a way to it. Sample text needs none."""
    complete = [each for each in content["references"] if each["year"] and each["address"]]
    if complete or content["is_sample"]:
        return []
    if not content["references"]:
        said = "The page names no source. Name at least one, with its year and a DOI, PubMed id or web address."
    else:
        said = "No source has both a year and a DOI, PubMed id or web address. Complete at least one."
    return [Finding("G10", Severity.WARNS, SOURCES, said)]


def check_sources(
    content: dict, *, withdrawn: dict[int, str], dead: dict[int, str], reviewed_on: date | None
) -> list[Finding]:
    """What has become of the sources: G10 for those that were `withdrawn` or whose address is `dead`, each by its number
    on the page with what happened; G11 for their age at the last review."""
    found = [
        Finding("G10", Severity.WARNS, SOURCES, f"Source {number} was withdrawn: {happened}. Check what rests on it.")
        for number, happened in withdrawn.items()
    ]
    found += [
        Finding(
            "G10", Severity.WARNS, SOURCES, f"The address of source {number} is dead ({happened}). Find its new one."
        )
        for number, happened in dead.items()
    ]
    years = [each["year"] for each in content["references"] if each["year"]]
    if years and reviewed_on and max(years) < reviewed_on.year - FRESH:
        said = (
            f"The newest source is of {max(years)}, more than {FRESH} years before the last review. Look for newer "
            "evidence."
        )
        found.append(Finding("G11", Severity.NOTES, SOURCES, said))
    return found
