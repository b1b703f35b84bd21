"""An edition that goes live and a page that ends at a moment decided before: patients notice at that moment, with no job
having run, and nothing of it earlier."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.test import override_settings
from django.utils import timezone

from articles import see_also
from articles.dates import in_words
from articles.models import Article, AuditEntry, Edition, ScheduledAct, Withdrawal
from articles.workflow import Act, Refused, State
from tests.acts import everything
from tests.builders import (
    NOON,
    YESTERDAY,
    a_publisher,
    an_article,
    publish,
    published,
    scheduled,
    sent,
    signed_and_published,
    signed_off,
    with_see_also,
    wrote,
)
from tests.test_article_page import Reader
from tests.verbs import NEXT_WEEK, TOMORROW, after, asked, do, edited, state_of

pytestmark = pytest.mark.django_db
TICK = timedelta.resolution  # a microsecond
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
CHICAGO = override_settings(TIME_ZONE="America/Chicago")


@pytest.fixture
def reader():
    return Reader()


def read_at(moment: datetime) -> int | None:
    """The number of the edition that patients read then."""
    live = Edition.objects.live(at=moment).first()
    return live.number if live else None


def to_live_at(live_at: datetime, article: Article | None = None, *, at: datetime, **details) -> Edition:
    """The edition that is frozen at `at` and goes live at `live_at`."""
    article = scheduled(article, live_at, at=at, **details)
    return article.editions.latest("number")


# From its moment on.


def test_nobody_reads_an_edition_before_its_moment_and_everybody_from_it_on():
    article = scheduled(live_at=TOMORROW)
    for moment, number in [(NOON, None), (TOMORROW - TICK, None), (TOMORROW, 1), (TOMORROW + TICK, 1)]:
        assert read_at(moment) == number
        assert Article.objects.published(at=moment).exists() is (number is not None)
        assert asked(article, at=moment).is_live is (number is not None)
    assert state_of(article, at=TOMORROW - TICK) == State.SCHEDULED
    assert state_of(article, at=TOMORROW) == State.PUBLISHED


def test_patients_read_the_old_edition_until_the_moment_of_the_new_one():
    article = scheduled(edited(signed_and_published()), TOMORROW)
    assert [read_at(moment) for moment in (NOON, TOMORROW - TICK, TOMORROW)] == [1, 1, 2]
    first = Edition.objects.filter(article=article, number=1)
    assert first.with_read_until(at=TOMORROW - TICK).get().read_until is None
    assert first.with_read_until(at=TOMORROW).get().read_until == TOMORROW


def test_the_text_is_frozen_when_it_is_scheduled():
    article = scheduled(an_article(tags=["nausea"]), TOMORROW)
    wrote(article, body="<p>Written after that.</p>")
    Article.objects.update(title="Half a ti")
    article.tags.clear()
    edition = Edition.objects.live(at=TOMORROW).get()
    assert (edition.title, edition.content["sections"][0]["body"]) == ("Coping with nausea", "<p>Small meals help.</p>")
    assert [tag.name for tag in edition.tags.all()] == ["nausea"]
    assert state_of(article, at=TOMORROW) == State.DRAFT


def test_the_addresses_of_a_scheduled_page_answer_that_there_is_nothing(reader):
    article = scheduled(an_article("A secret for tomorrow"), timezone.now() + HOUR, at=timezone.now() - HOUR)
    for address in ("", "history/", "editions/1/", "see-also/"):
        response = reader.get(article.get_absolute_url() + address)
        assert response.status_code == 404
        assert "secret for" not in response.content.decode()
    published(an_article("Another page"), at=timezone.now() - HOUR)
    for address in ("/", "/kinds/in-depth/", "/search/?q=page"):
        assert "another-page" in reader.html(address)
    for address in ("/", "/kinds/in-depth/", "/search/?q=secret"):
        assert "secret-for-tomorrow" not in reader.html(address)


def test_the_history_and_the_old_editions_say_nothing_of_a_scheduled_one(reader):
    article = signed_and_published(an_article("Old title"), at=timezone.now() - 2 * HOUR)
    article = wrote(article, body="<p>Secret text.</p>")
    scheduled(article, timezone.now() + HOUR, at=timezone.now() - HOUR, note="A secret note.")
    address = article.get_absolute_url()
    assert reader.get(f"{address}editions/2/").status_code == 404
    for page in (reader.html(address), reader.html(f"{address}history/"), reader.html(f"{address}editions/1/")):
        assert "ecret" not in page


def test_once_its_moment_has_come_everything_shows_it(reader):
    article = scheduled(live_at=timezone.now() - MINUTE, at=timezone.now() - HOUR)
    assert ScheduledAct.objects.get().done_at is None
    for address in ("", "history/", "editions/1/"):
        assert reader.get(article.get_absolute_url() + address).status_code == 200
    assert article.get_absolute_url() in reader.html("/kinds/in-depth/")


def test_a_link_to_the_page_appears_at_its_moment():
    target = scheduled(an_article("Eating well"), TOMORROW)
    edition = publish(with_see_also(an_article("Nausea"), [target]), at=YESTERDAY)
    shown = {moment: len(see_also.visible_links(edition, at=moment)) for moment in (TOMORROW - TICK, TOMORROW)}
    assert shown == {TOMORROW - TICK: 0, TOMORROW: 1}


# Its dates.


@pytest.mark.parametrize(
    ("live_at", "day"),
    [
        (datetime(2026, 12, 1, 5, 59, tzinfo=UTC), date(2026, 11, 30)),  # 23:59 in Chicago
        (datetime(2026, 12, 1, 6, 0, tzinfo=UTC), date(2026, 12, 1)),  # midnight
    ],
)
@CHICAGO
def test_published_and_updated_are_the_day_of_the_moment_by_the_clocks_of_the_site(live_at, day):
    first = to_live_at(live_at, at=YESTERDAY)
    assert (first.published_on, first.updated_on) == (day, None)
    later = published(an_article("Another page"), at=YESTERDAY)
    minor = to_live_at(live_at, wrote(later, body="<p>A comma.</p>"), at=NOON, change="minor")
    assert (minor.published_on, minor.updated_on) == (YESTERDAY.date(), None)
    do(Act.UNSCHEDULE, later)
    major = to_live_at(live_at, wrote(later, body="<p>A dose.</p>"), at=NOON)
    assert (major.published_on, major.updated_on) == (YESTERDAY.date(), day)


def test_a_stated_day_stays_the_date_published():
    edition = to_live_at(TOMORROW, an_article(stated_on=date(2021, 6, 29)), at=YESTERDAY)
    assert (edition.published_on, edition.published_on_is_stated) == (date(2021, 6, 29), True)


@CHICAGO
def test_a_moment_is_said_by_the_clocks_of_the_site():
    assert in_words(datetime(2026, 12, 1, 5, 59, tzinfo=UTC)) == "on November 30, 2026, at 23:59 (CST)"
    assert in_words(datetime(2026, 7, 1, 5, 0, tzinfo=UTC)) == "on July 1, 2026, at 00:00 (CDT)"


# Called off.


def test_what_was_called_off_is_never_read():
    article = after(Act.UNSCHEDULE, scheduled(live_at=TOMORROW, at=YESTERDAY - HOUR))
    for moment in (NOON, TOMORROW, NEXT_WEEK):
        assert read_at(moment) is None
    assert state_of(article) == State.APPROVED
    entry = AuditEntry.objects.first()
    assert (entry.action, entry.summary) == (
        "unscheduled",
        "edition 1, which was to go live on November 23, 2026, at 12:00 (UTC)",
    )


def test_its_number_stays_unused_and_its_sign_off_stands():
    article = after(Act.UNSCHEDULE, scheduled(live_at=TOMORROW))
    do(Act.SCHEDULE, article, by=a_publisher(), live_at=NEXT_WEEK)
    assert (read_at(TOMORROW), read_at(NEXT_WEEK)) == (None, 2)
    assert [edition.sign_off.by for edition in Edition.objects.all()] == ["Grace Obi", "Grace Obi"]
    assert list(ScheduledAct.objects.waiting(at=NOON)) == [Edition.objects.get(number=2).scheduled_act]


def test_it_leaves_no_trace_in_the_dates_of_the_next_edition():
    """Neither in Published, although it was frozen first, nor in what patients are told of a change."""
    article = after(
        Act.UNSCHEDULE, scheduled(live_at=NEXT_WEEK, at=YESTERDAY - HOUR, note="A note that was called off.")
    )
    do(Act.PUBLISH, article, change="minor", note="")
    edition = Edition.objects.with_what_changed().get(number=2)
    assert (edition.published_on, edition.updated_on, edition.what_changed) == (NOON.date(), None, None)


def test_the_history_counts_from_the_first_edition_that_was_read(reader):
    now = timezone.now()
    article = after(Act.UNSCHEDULE, scheduled(live_at=now + HOUR, at=now - 2 * HOUR), at=now - HOUR)
    do(Act.PUBLISH, article, at=now - MINUTE)
    address = article.get_absolute_url()
    assert reader.get(f"{address}editions/1/").status_code == 404
    page = reader.html(f"{address}history/?day=2001-01-01")
    assert "Edition 2 followed on" in page and "Edition 1" not in page


def test_after_its_moment_it_can_not_be_called_off():
    article = scheduled(live_at=TOMORROW)
    with pytest.raises(Refused, match=r"No edition is scheduled\."):
        do(Act.UNSCHEDULE, article, at=TOMORROW)
    assert read_at(TOMORROW) == 1


def test_what_was_carried_out_is_not_called_off_by_a_clock_that_is_behind():
    article = scheduled(live_at=TOMORROW)
    ScheduledAct.objects.update(done_at=TOMORROW)
    publisher = a_publisher()
    before = everything()
    with pytest.raises(ValidationError, match="Edition 1 is not waiting to go live any more"):
        do(Act.UNSCHEDULE, article, by=publisher, at=TOMORROW - TICK)
    assert everything() == before


def test_who_is_to_decide_again_sends_the_text_again():
    article = edited(scheduled(live_at=TOMORROW))
    article = after(Act.UNSCHEDULE, article)
    assert state_of(article) == State.DRAFT
    assert state_of(signed_off(article)) == State.APPROVED


# One at a time.


@pytest.mark.parametrize("act", [Act.PUBLISH, Act.SCHEDULE, Act.PUBLISH_UNSIGNED])
@pytest.mark.parametrize("way", [edited, sent, signed_off])
def test_while_one_edition_waits_no_other_is_published(act, way):
    article = scheduled(live_at=TOMORROW)
    article = way(article if way is edited else edited(article))
    publisher = a_publisher()
    before = everything()
    with pytest.raises(Refused) as refusal:
        do(act, article, by=publisher)
    assert refusal.value.messages[0] == (
        "Edition 1 is to go live on November 23, 2026, at 12:00 (UTC). It has to be called off first. "
        "Paul Lee can call it off."
    )
    assert everything() == before


def test_beside_the_workflow_nothing_is_published_while_an_edition_waits():
    article = scheduled(live_at=TOMORROW)
    with pytest.raises(ValidationError, match="Edition 1 is to go live on November 23, 2026, at 12:00"):
        publish(article)
    assert Edition.objects.count() == 1


def test_from_its_moment_on_the_next_one_may_follow():
    article = scheduled(live_at=TOMORROW)
    do(Act.PUBLISH, signed_off(edited(article)), at=TOMORROW)
    assert (read_at(TOMORROW - TICK), read_at(TOMORROW)) == (None, 2)


# The end of a page.


def with_end(ends_at=TOMORROW, article: Article | None = None, *, at=YESTERDAY) -> Article:
    return after(Act.SET_END, article or signed_and_published(at=at), ends_at=ends_at, at=at, by=a_publisher())


def test_patients_read_the_page_until_its_end_and_not_from_it_on():
    article = with_end()
    for moment, number in [(NOON, 1), (TOMORROW - TICK, 1), (TOMORROW, None), (NEXT_WEEK, None)]:
        assert read_at(moment) == number
    assert (state_of(article), state_of(article, at=TOMORROW)) == (State.PUBLISHED, State.WITHDRAWN)
    assert asked(article).ends_at == TOMORROW
    assert asked(article, at=TOMORROW).ends_at is None


def test_from_its_end_on_the_address_gives_the_reason(reader):
    now = timezone.now()
    article = with_end(now + HOUR, at=now - HOUR)
    assert reader.get(article.get_absolute_url()).status_code == 200
    assert "campaign" not in reader.html(article.get_absolute_url() + "history/")
    other = with_end(now - MINUTE, signed_and_published(an_article("Another page"), at=now - HOUR), at=now - HOUR)
    assert ScheduledAct.objects.filter(done_at=None).count() == 2
    for address in ("", "history/", "editions/1/"):
        response = reader.get(other.get_absolute_url() + address)
        assert response.status_code == 410
        assert "The campaign is over." in response.content.decode()


def test_links_to_the_page_vanish_at_its_end():
    target = with_end(article=signed_and_published(an_article("Flu week")))
    edition = publish(with_see_also(an_article("Nausea"), [target]), at=YESTERDAY)
    shown = {moment: len(see_also.visible_links(edition, at=moment)) for moment in (TOMORROW - TICK, TOMORROW)}
    assert shown == {TOMORROW - TICK: 1, TOMORROW: 0}


def test_an_end_that_was_called_off_never_comes():
    article = with_end(at=YESTERDAY)
    do(Act.CALL_OFF_END, article)
    for moment in (NOON, TOMORROW, NEXT_WEEK):
        assert read_at(moment) == 1
    assert not Withdrawal.objects.that_happened(at=NEXT_WEEK).exists()
    assert not ScheduledAct.objects.standing().exists()
    entry = AuditEntry.objects.first()
    assert (entry.action, entry.summary) == (
        "end_called_off",
        "the page was to end on November 23, 2026, at 12:00 (UTC)",
    )


def test_another_end_may_be_set_after_one_was_called_off():
    article = after(Act.CALL_OFF_END, with_end(at=YESTERDAY - HOUR))
    do(Act.SET_END, article, ends_at=NEXT_WEEK)
    assert (read_at(TOMORROW), read_at(NEXT_WEEK)) == (1, None)


def test_an_end_that_was_carried_out_is_not_called_off_by_a_clock_that_is_behind():
    article = with_end()
    ScheduledAct.objects.update(done_at=TOMORROW)
    publisher = a_publisher()
    before = everything()
    with pytest.raises(ValidationError, match="no end that could be called off"):
        do(Act.CALL_OFF_END, article, by=publisher, at=TOMORROW - TICK)
    assert everything() == before


def test_withdrawing_at_once_takes_the_place_of_the_end():
    article = with_end()
    do(Act.WITHDRAW, article)
    assert (read_at(NOON - TICK), read_at(NOON), read_at(NEXT_WEEK)) == (1, None, None)
    happened = Withdrawal.objects.that_happened(at=NEXT_WEEK).values_list("from_at", "until_at", "reason")
    assert list(happened) == [(NOON, None, "The advice has changed.")]
    assert not ScheduledAct.objects.standing().exists()


def test_a_page_is_brought_back_after_its_end():
    article = with_end()
    do(Act.BRING_BACK, article, at=NEXT_WEEK)
    moments = (TOMORROW - TICK, TOMORROW, NEXT_WEEK - TICK, NEXT_WEEK)
    assert [read_at(moment) for moment in moments] == [1, None, None, 1]


def test_a_page_comes_back_from_its_end_with_a_new_edition():
    article = signed_off(edited(with_end()))
    do(Act.PUBLISH, article, at=NEXT_WEEK)
    assert (read_at(NEXT_WEEK - TICK), read_at(NEXT_WEEK)) == (None, 2)


def test_a_new_edition_before_the_end_leaves_the_end_as_it_is():
    article = signed_off(edited(with_end()))
    do(Act.PUBLISH, article)
    assert (read_at(NOON), read_at(TOMORROW)) == (2, None)


# An edition and an end.


@pytest.mark.parametrize("live_at", [TOMORROW, TOMORROW + TICK, NEXT_WEEK])
def test_an_edition_that_would_go_live_when_the_page_has_ended_is_refused(live_at):
    article = signed_off(edited(with_end(TOMORROW)))
    before = everything()
    with pytest.raises(ValidationError) as refusal:
        do(Act.SCHEDULE, article, by=a_publisher(), live_at=live_at)
    assert refusal.value.messages == [
        "The page ends on November 23, 2026, at 12:00 (UTC), before this edition goes live. Call the end off first."
    ]
    assert everything() == before


@pytest.mark.parametrize("ends_at", [TOMORROW, TOMORROW - TICK, NOON + MINUTE])
def test_an_end_before_the_moment_of_a_scheduled_edition_is_refused(ends_at):
    article = scheduled(edited(signed_and_published()), TOMORROW)
    before = everything()
    with pytest.raises(ValidationError) as refusal:
        do(Act.SET_END, article, by=a_publisher(), ends_at=ends_at)
    assert refusal.value.messages == [
        "Edition 2 is to go live on November 23, 2026, at 12:00 (UTC). Choose a later end, or call the edition off first."
    ]
    assert everything() == before


@pytest.mark.parametrize("order", ["the end is set first", "the edition is scheduled first"])
def test_a_scheduled_edition_may_end_later(order):
    article = signed_off(edited(signed_and_published()))
    acts = [(Act.SET_END, {"ends_at": NEXT_WEEK}), (Act.SCHEDULE, {"live_at": TOMORROW})]
    for act, details in acts if order == "the end is set first" else acts[::-1]:
        do(act, article, **details)
    moments = (TOMORROW - TICK, TOMORROW, NEXT_WEEK - TICK, NEXT_WEEK)
    assert [read_at(moment) for moment in moments] == [1, 2, 2, None]


def test_a_scheduled_edition_brings_no_withdrawn_page_back():
    """It was decided before anybody knew why the page had to go. Brought back, the page has the new edition."""
    article = scheduled(edited(signed_and_published()), TOMORROW)
    do(Act.WITHDRAW, article)
    assert (read_at(TOMORROW), read_at(NEXT_WEEK - TICK)) == (None, None)
    do(Act.BRING_BACK, article, at=NEXT_WEEK)
    assert read_at(NEXT_WEEK) == 2


# As on a given day.


def november(day: int, hour: int = 12) -> datetime:
    return datetime(2026, 11, day, hour, tzinfo=UTC)


@pytest.fixture
def eventful():
    """Edition 1 from November 1 on, 2 from the 10th, 3 called off, 4 from the 14th; an end on the 16th, back on the 18th."""
    article = signed_and_published(at=november(1))
    article = scheduled(edited(article), november(10), at=november(3))
    article = scheduled(edited(article), november(13), at=november(11))
    article = after(Act.UNSCHEDULE, article, at=november(12))
    article = scheduled(edited(article), november(14), at=november(12))
    article = after(Act.SET_END, article, at=november(15), ends_at=november(16))
    return after(Act.BRING_BACK, article, at=november(18))


@pytest.mark.parametrize(
    ("day", "number"),
    [(1, 1), (9, 1), (10, 2), (12, 2), (13, 2), (14, 4), (15, 4), (16, None), (17, None), (18, 4), (22, 4), (23, None)],
)
def test_what_patients_read_at_the_end_of_a_day(eventful, day, number):
    edition = Edition.objects.on_day(eventful, date(2026, 11, day), at=NOON)
    assert (edition.number if edition else None) == number


@pytest.mark.parametrize(
    ("asked_at", "number"),
    [(november(5), None), (november(10, 11), 1), (november(10) - TICK, 1), (november(10), 2), (november(22), 2)],
)
def test_a_day_is_answered_as_far_as_it_has_gone(eventful, asked_at, number):
    edition = Edition.objects.on_day(eventful, date(2026, 11, 10), at=asked_at)
    assert (edition.number if edition else None) == number


@pytest.mark.parametrize(
    ("zone", "day", "ends"),
    [
        ("America/Chicago", date(2026, 3, 8), datetime(2026, 3, 9, 5, tzinfo=UTC)),  # 23 hours
        ("America/Chicago", date(2026, 11, 1), datetime(2026, 11, 2, 6, tzinfo=UTC)),  # 25 hours
        ("America/Santiago", date(2026, 9, 5), datetime(2026, 9, 6, 4, tzinfo=UTC)),  # no midnight follows
        ("America/Santiago", date(2026, 4, 4), datetime(2026, 4, 5, 4, tzinfo=UTC)),  # its last hour comes twice
        ("Asia/Kathmandu", date(2026, 4, 4), datetime(2026, 4, 4, 18, 15, tzinfo=UTC)),
    ],
)
def test_a_day_on_which_the_clocks_change_ends_when_it_ends(zone, day, ends):
    start = datetime(2026, 1, 1, tzinfo=UTC)
    with override_settings(TIME_ZONE=zone):
        for live_at, belongs in [(ends - TICK, True), (ends, False)]:
            edition = to_live_at(live_at, an_article(f"Page {live_at.microsecond}"), at=start)
            assert (edition.published_on == day) is belongs
            assert (Edition.objects.on_day(edition.article, day, at=NOON) == edition) is belongs


def test_an_end_counts_for_the_day_on_which_it_comes():
    with CHICAGO:
        article = with_end(datetime(2026, 12, 1, 5, 59, tzinfo=UTC))
        later = datetime(2026, 12, 24, tzinfo=UTC)
        read = {day: Edition.objects.on_day(article, day, at=later) for day in (date(2026, 11, 29), date(2026, 11, 30))}
    assert (read[date(2026, 11, 29)].number, read[date(2026, 11, 30)]) == (1, None)
