"""Who may open and do what: every address of the admin, for every role and method, on their own articles and those of
others, drafts and live ones. An address without a row here fails the suite."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby
from operator import itemgetter

import pytest
from django.conf import settings
from django.contrib.auth.models import Group, User
from django.contrib.contenttypes.models import ContentType
from django.core import signing
from django.db import models, transaction
from django.urls import reverse
from django.utils import timezone

from articles import owners, policies, reader_reports, review_requests
from articles.admin.bulk_acts import BULK
from articles.admin.conflict import SALT
from articles.admin.review_form import opening
from articles.models import (
    Absence,
    Article,
    AuditEntry,
    BestBet,
    LinkCheck,
    Mail,
    Policy,
    Profile,
    RiskClass,
    SavedQuery,
    Synonym,
    WithdrawnSource,
)
from articles.people import Person
from articles.revising import take_up, working_copy
from articles.workflow import Act
from library.urls import urlpatterns
from tests.acts import (
    ACTS,
    APPROVED,
    ARCHIVED,
    DRAFT,
    ENDING,
    IN_REVIEW,
    LIVE,
    SCHEDULED,
    WITHDRAWN,
    everything,
    in_state,
    page_of,
    sent_for,
    without_sign_off,
)
from tests.admin import HttpsClient, fields_of, staff
from tests.builders import a_topic, an_account, an_author, reviewed, wrote

pytestmark = pytest.mark.django_db

A, C, P, D, X = "Author", "Clinical reviewer", "Publisher", "Date reviewer", "Administrator"
ROLES = [A, C, P, D, X]
NO_ROLE = "staff without a group"
NOBODY, ALL, EVERYBODY = set(), {*ROLES}, {*ROLES, NO_ROLE}
WRITERS, SIGNERS, PUBLISHERS, REVIEWERS, PEOPLE = {A, P, X}, {C, X}, {P, X}, {C, D, X}, {X}
PLANNERS = {D, X}
DESK = {C, P, D, X}

OWN, OTHERS = "own", "other’s"  # articles whose text this person wrote, and somebody else


def both(*states: str) -> list[str]:
    return [f"{whose} {state}" for state in states for whose in (OWN, OTHERS)]


@dataclass(frozen=True)
class Row:
    """To whom a GET shows the page of these things, and for whom a POST of `sent` changes something.

    Everybody else gets 403. Who is shown the page and whose POST changes nothing gets `refused`; `said` is on that page.
    """

    name: str
    things: list[str]
    shown: set[str]
    done: set[str] = frozenset()
    sent: Callable[["Things", models.Model], dict] = lambda things, thing: {}
    act: str = ""  # named in the address of what is done to many
    get: int = 200
    post: int = 302
    refused: int = 403
    said: str = ""


def rows_of_act(act: Act, who: set[str], *done_on: str) -> list[Row]:
    """On every other article the act is refused with a reason."""
    name = f"articles_article_{act.replace('-', '_')}"
    refused_on = [thing for thing in both(DRAFT, LIVE, ACTS[act][0]) if thing not in done_on]
    return [
        Row(name, list(done_on), who, who, lambda things, article: sent_for(act, article)),
        Row(
            name,
            list(dict.fromkeys(refused_on)),
            who,
            sent=lambda things, article: sent_for(act, article),
            refused=409,
            said="This can’t be done now",
        ),
    ]


def row_of_many(act: Act, who: set[str], *done_on: str) -> Row:
    """The page that does an act to many articles answers a POST only; here to one."""
    return Row("articles_article_bulk", list(done_on), who, who, sent_for_many(act), act=act, get=302, post=200)


def sent_for_many(act: Act):
    def sent(things, article):
        row = f"row-{article.pk}"
        of_each = {f"{row}-version": article.version, f"{row}-ticked": "on", f"{row}-change": "major"}
        return {"article": article.pk, **of_each, **ACTS[act][1]}

    return sent


def a_read_page(name: str, thing: str, shown=ALL) -> Row:
    """It answers a POST as it answers a GET."""
    return Row(name, [thing], shown, refused=200)


def rows_of_words(model: str, sent) -> list[Row]:
    """Who writes topics writes the words of search."""
    name = f"articles_{model}"
    return [
        a_read_page(f"{name}_changelist", ""),
        Row(f"{name}_add", [""], PUBLISHERS, PUBLISHERS, sent),
        Row(f"{name}_change", [model], ALL, PUBLISHERS, sent),
        a_read_page(f"{name}_history", model),
        Row(f"{name}_delete", [model], PUBLISHERS, PUBLISHERS, lambda things, _: {"post": "yes"}),
    ]


def new_article(things, _):
    return {
        "title": "New page",
        "kind": "in_depth",
        "language": "en",
        "see_also": "",
        **no_rows("sections", "references"),
    }


def new_topic(things, _):
    return {
        "title": "New topic",
        "kind": "test",
        "language": "en",
        "definition": "What it is.",
        **no_rows("other_names", "codes"),
    }


def no_rows(*prefixes: str) -> dict:
    return {f"{prefix}-{name}_FORMS": 0 for prefix in prefixes for name in ("TOTAL", "INITIAL")}


def new_review(things, _):
    day, article = timezone.localdate(), things[f"{OTHERS} {LIVE}"]
    return {
        "article": article.pk,
        "scope": "whole",
        "trigger": "planned",
        "attested": "on",
        "opened": opening(article.editions.get(), at=timezone.now(), user=things.person),
        "reviewed_on": day.isoformat(),
        "reviewer_name": "Grace Obi",
        "outcome": "no_change",
        "evidence": "ASCO guideline 2024",
        "next_review_on": day.replace(year=day.year + 3, day=1).isoformat(),
    }


def assignment(things, _):
    """Of somebody's live page, to the date reviewers."""
    role = Group.objects.get(name=D).pk
    return {"article": things[f"{OTHERS} {LIVE}"].pk, "act": "assign", "confirmed": "yes", "role": role}


def handover(things, _):
    """Of the pages of somebody of the desk, to the date reviewers."""
    owner, role = things["colleague"], Group.objects.get(name=D)
    found = owners.handing_over(owner, owner=None, group=role)
    sent = {"source": f"person-{owner.pk}", "role": role.pk, "reason": "Has left."}
    return {**sent, "digest": policies.digest(found)}


def new_absence(things, _):
    """Of the person, in a year."""
    day = timezone.localdate() + timedelta(days=365)
    return {"user": things.person.pk, "deputy": things["colleague"].pk, "from_on": day, "until_on": day}


def new_request(things, _):
    day, article = timezone.localdate(), things[f"{OTHERS} {LIVE}"]
    return {"article": article.pk, "cause": "report", "about": "A reader says so.", "due_on": day.isoformat()}


def asked_because_of_a_reader(things, _):
    return {"about": "A reader says so.", "due_on": timezone.localdate().isoformat()}


def new_withdrawn_source(things, _):
    named = {"doi": "10.1000/xyz", "what_happened": "Retracted.", "withdrawn_on": "2026-01-01"}
    return {**named, "rehearsed": "yes"}


def new_policy(things, _):
    return {"kind": "support", "months": "24", "banner_after_days": "90", "reason": "Rule 12."}


def rehearsed_policies(things, _):
    return {"digest": policies.digest(policies.changes()), "reason": "Rule 12."}


def rehearsed_risk_class(things, article):
    risk_class = things["riskclass"]
    found = policies.changes_by_risk_class(article, risk_class)
    return {"risk_class": risk_class.pk, "digest": policies.digest(found), "reason": "It has doses."}


PASSWORD = "correct horse battery staple"
NEW_PASSWORD = {"usable_password": "true", "password1": f"new {PASSWORD}", "password2": f"new {PASSWORD}"}
ROWS = [
    Row("index", [""], EVERYBODY, refused=200),
    Row("app_list", ["app"], ALL, refused=200),
    Row(
        "password_change",
        [""],
        EVERYBODY,
        EVERYBODY,
        lambda things, _: {
            "old_password": PASSWORD,
            "new_password1": f"new {PASSWORD}",
            "new_password2": f"new {PASSWORD}",
        },
    ),
    Row("password_change_done", [""], EVERYBODY, refused=405),
    # Articles: the text
    a_read_page("articles_article_changelist", ""),
    Row("articles_article_add", [""], WRITERS, WRITERS, new_article),
    Row(
        "articles_article_change",
        both(DRAFT, LIVE),
        ALL,
        WRITERS,
        lambda things, article: fields_of(article, deck="Changed."),
    ),
    Row(
        "articles_article_merge",
        both(DRAFT, LIVE),
        WRITERS,
        WRITERS,
        lambda things, article: {"version": article.version, "mine": typed_by(things.person, article)},
        get=302,
    ),
    Row("articles_article_history", both(DRAFT, LIVE), ALL, refused=200),
    Row("articles_article_compare", both(DRAFT, LIVE), ALL, refused=200),
    Row(
        "articles_article_restore",
        both("revision"),
        WRITERS,
        WRITERS,
        lambda things, revision: {"version": revision.article.version},
    ),
    Row(
        "articles_article_correct",
        both("half-written"),
        WRITERS,
        WRITERS,
        lambda things, article: {"version": article.version},
    ),
    Row(
        "articles_article_bring_together",
        both("draft-put-aside"),
        WRITERS,
        WRITERS,
        lambda things, revision: {"version": revision.article.version},
    ),
    Row("articles_article_delete", both(DRAFT), PUBLISHERS, PUBLISHERS, lambda things, _: {"post": "yes"}),
    Row("articles_article_delete", both(LIVE), NOBODY),
    # Articles: the way to patients
    *rows_of_act(Act.SUBMIT, WRITERS, *both(DRAFT)),
    *rows_of_act(Act.TAKE_BACK, WRITERS, *both(IN_REVIEW)),
    *rows_of_act(Act.ASK_CHANGES, SIGNERS, *both(IN_REVIEW)),
    *rows_of_act(Act.SIGN_OFF, SIGNERS, f"{OTHERS} {IN_REVIEW}"),
    *rows_of_act(Act.PUBLISH, PUBLISHERS, *both(APPROVED)),
    *rows_of_act(Act.SCHEDULE, PUBLISHERS, *both(APPROVED)),
    *rows_of_act(Act.UNSCHEDULE, PUBLISHERS, *both(SCHEDULED)),
    *rows_of_act(Act.PUBLISH_UNSIGNED, PUBLISHERS, *both(DRAFT)),
    *rows_of_act(Act.WITHDRAW, PUBLISHERS, *both(LIVE)),
    *rows_of_act(Act.BRING_BACK, PUBLISHERS, *both(WITHDRAWN)),
    *rows_of_act(Act.SET_END, PUBLISHERS, *both(LIVE)),
    *rows_of_act(Act.CALL_OFF_END, PUBLISHERS, *both(ENDING)),
    *rows_of_act(Act.ARCHIVE, PUBLISHERS, *both(DRAFT)),
    *rows_of_act(Act.UNARCHIVE, PUBLISHERS, *both(ARCHIVED)),
    *(row_of_many(act, PUBLISHERS, *both(ACTS[act][0])) for act in BULK if act != Act.SUBMIT),
    row_of_many(Act.SUBMIT, WRITERS, *both(DRAFT)),
    # Editions
    a_read_page("articles_edition_changelist", ""),
    Row("articles_edition_add", [""], NOBODY),
    Row("articles_edition_change", ["edition"], ALL),
    a_read_page("articles_edition_history", "edition"),
    Row("articles_edition_delete", ["edition"], NOBODY),
    Row("articles_edition_sign_off", [f"{OTHERS} edition"], SIGNERS, SIGNERS, lambda things, _: {"attested": "on"}),
    Row(
        "articles_edition_sign_off",
        [f"{OWN} edition"],
        SIGNERS,
        sent=lambda things, _: {"attested": "on"},
        refused=409,
        said="You wrote or published this edition",
    ),
    Row(
        "articles_edition_sign_off",
        ["edition"],
        SIGNERS,
        sent=lambda things, _: {"attested": "on"},
        refused=409,
        said="This edition is signed off already.",
    ),
    # Topics and tags
    a_read_page("articles_topic_changelist", ""),
    Row("articles_topic_add", [""], PUBLISHERS, PUBLISHERS, new_topic),
    Row("articles_topic_change", ["topic"], ALL, PUBLISHERS, new_topic),
    a_read_page("articles_topic_history", "topic"),
    Row("articles_topic_delete", ["topic"], NOBODY),
    Row("articles_topic_withdraw", ["topic"], PUBLISHERS, PUBLISHERS, lambda things, _: {"reason": "Old."}),
    Row("articles_topic_bring_back", ["topic"], PUBLISHERS, refused=409, said="is not withdrawn"),
    a_read_page("articles_tag_changelist", ""),
    Row("articles_tag_add", [""], PUBLISHERS, PUBLISHERS, lambda things, _: {"name": "new tag"}),
    Row("articles_tag_change", ["tag"], ALL, PUBLISHERS, lambda things, _: {"name": "new name"}),
    a_read_page("articles_tag_history", "tag"),
    Row("articles_tag_delete", ["tag"], PEOPLE, PEOPLE, lambda things, _: {"post": "yes"}),
    # The words of search
    *rows_of_words(
        "synonym", lambda things, _: {"words": "tummy", "meaning": "abdomen", "sort": "lay_term", "language": "en"}
    ),
    *rows_of_words("bestbet", lambda things, _: {"words": "tummy", "topic": things["topic"].pk, "language": "en"}),
    *rows_of_words("savedquery", lambda things, _: {"query": "tummy", "topic": things["topic"].pk, "language": "en"}),
    # Ledgers and what the product writes itself
    a_read_page("articles_redirect_changelist", ""),
    Row("articles_redirect_add", [""], NOBODY),
    Row("articles_redirect_change", ["redirect"], ALL),
    a_read_page("articles_redirect_history", "redirect"),
    Row("articles_redirect_delete", ["redirect"], NOBODY),
    a_read_page("articles_review_changelist", ""),
    Row("articles_review_add", [""], REVIEWERS, REVIEWERS, new_review),
    Row("articles_review_change", ["review"], ALL),
    a_read_page("articles_review_history", "review"),
    Row("articles_review_delete", ["review"], NOBODY),
    a_read_page("articles_auditentry_changelist", ""),
    Row("articles_auditentry_add", [""], NOBODY),
    Row("articles_auditentry_change", ["entry"], ALL),
    a_read_page("articles_auditentry_history", "entry"),
    Row("articles_auditentry_delete", ["entry"], NOBODY),
    a_read_page("articles_scheduledact_changelist", ""),
    Row("articles_scheduledact_add", [""], NOBODY),
    Row("articles_scheduledact_change", ["plan"], ALL),
    a_read_page("articles_scheduledact_history", "plan"),
    Row("articles_scheduledact_delete", ["plan"], NOBODY),
    a_read_page("articles_mail_changelist", ""),
    Row("articles_mail_add", [""], NOBODY),
    Row("articles_mail_change", ["mail"], ALL),
    a_read_page("articles_mail_history", "mail"),
    Row("articles_mail_delete", ["mail"], NOBODY),
    # The review desk
    Row("review_desk", [""], DESK, refused=405),
    Row("review_desk_saved", [""], DESK, DESK, lambda things, _: {"name": "Mine"}, get=405),
    Row("review_desk_change", [""], PLANNERS, PLANNERS, assignment, get=302, post=200),
    Row("review_desk_handover", [""], PLANNERS, PLANNERS, handover),
    # What a planner applies is in test_planner: here nobody has seen a plan.
    Row("review_desk_planner", [""], PLANNERS, refused=409, said="have changed since you opened this page"),
    Row("review_desk_calendar", [""], DESK, DESK, lambda things, _: {"act": "make", "seen": ""}, post=200),
    a_read_page("articles_absence_changelist", "", DESK),
    Row("articles_absence_add", [""], DESK, DESK, new_absence),
    Row("articles_absence_change", ["own_absence"], DESK, DESK, new_absence),
    Row("articles_absence_change", ["absence"], DESK, PLANNERS, new_absence),
    a_read_page("articles_absence_history", "absence", DESK),
    Row("articles_absence_delete", ["own_absence"], DESK, DESK, lambda things, _: {"post": "yes"}),
    Row("articles_absence_delete", ["absence"], PLANNERS, PLANNERS, lambda things, _: {"post": "yes"}),
    Row("review_desk_reviewers", [""], PLANNERS, refused=405),
    # Reviews out of the cycle, withdrawn sources and links
    a_read_page("articles_reviewrequest_changelist", "", DESK),
    Row("articles_reviewrequest_add", [""], DESK, DESK, new_request),
    Row("articles_reviewrequest_change", ["request"], DESK),
    a_read_page("articles_reviewrequest_history", "request", DESK),
    Row("articles_reviewrequest_delete", ["request"], NOBODY),
    Row("articles_reviewrequest_close", ["request"], DESK, DESK, lambda things, _: {"reason": "Said twice."}),
    # What readers say
    a_read_page("articles_readerreport_changelist", "", DESK),
    Row("articles_readerreport_add", [""], NOBODY),
    Row("articles_readerreport_change", ["report"], DESK),
    a_read_page("articles_readerreport_history", "report", DESK),
    Row("articles_readerreport_delete", ["report"], NOBODY),
    Row("articles_readerreport_ask", ["report"], DESK, DESK, asked_because_of_a_reader),
    Row("articles_readerreport_settle", ["report"], DESK, DESK, lambda things, _: {"note": "Nothing to change."}),
    a_read_page("articles_withdrawnsource_changelist", "", DESK),
    Row("articles_withdrawnsource_add", [""], DESK, DESK, new_withdrawn_source),
    Row("articles_withdrawnsource_change", ["source"], DESK),
    a_read_page("articles_withdrawnsource_history", "source", DESK),
    Row("articles_withdrawnsource_delete", ["source"], DESK, DESK, lambda things, _: {"post": "yes"}),
    a_read_page("articles_linkcheck_changelist", "", DESK),
    Row("articles_linkcheck_add", [""], NOBODY),
    Row("articles_linkcheck_change", ["link"], DESK),
    a_read_page("articles_linkcheck_history", "link", DESK),
    Row("articles_linkcheck_delete", ["link"], NOBODY),
    # Policies and risk classes
    a_read_page("articles_policy_changelist", ""),
    Row("articles_policy_add", [""], PLANNERS, PLANNERS, new_policy),
    Row("articles_policy_change", ["policy"], ALL, PLANNERS, new_policy),
    a_read_page("articles_policy_history", "policy"),
    Row("articles_policy_delete", ["policy"], PLANNERS, PLANNERS, lambda things, _: {"post": "yes"}),
    Row("articles_policy_apply", [""], PLANNERS, PLANNERS, rehearsed_policies),
    a_read_page("articles_riskclass_changelist", ""),
    Row("articles_riskclass_add", [""], PLANNERS, PLANNERS, lambda things, _: {"name": "Numbers"}),
    Row("articles_riskclass_change", ["riskclass"], ALL, PLANNERS, lambda things, _: {"name": "Numbers"}),
    a_read_page("articles_riskclass_history", "riskclass"),
    Row("articles_riskclass_delete", ["riskclass"], PLANNERS, PLANNERS, lambda things, _: {"post": "yes"}),
    Row("articles_article_set_risk_class", both(DRAFT, LIVE), PLANNERS, PLANNERS, rehearsed_risk_class),
    # Accounts
    Row("auth_user_changelist", [""], PEOPLE, refused=200),
    Row("auth_user_add", [""], PEOPLE, PEOPLE, lambda things, _: {"username": "newcomer", **NEW_PASSWORD}),
    Row(
        "auth_user_change",
        ["user"],
        PEOPLE,
        PEOPLE,
        lambda things, _: {"username": "somebody", "is_staff": "on", **no_rows("profile")},
    ),
    Row("auth_user_change", ["superuser"], PEOPLE),
    Row("auth_user_history", ["user"], PEOPLE, refused=200),
    Row("auth_user_delete", ["user"], NOBODY),
    Row(
        "auth_user_password_change",
        ["user"],
        PEOPLE,
        PEOPLE,
        lambda things, _: {**NEW_PASSWORD, "set-password": "yes"},
    ),
    Row("auth_user_password_change", ["superuser"], NOBODY),
    Row("auth_group_changelist", [""], PEOPLE, refused=200),
    Row("auth_group_add", [""], PEOPLE, PEOPLE, lambda things, _: {"name": "Illustrators"}),
    Row("auth_group_change", ["group"], PEOPLE, PEOPLE, lambda things, _: {"name": "Renamed"}),
    Row("auth_group_history", ["group"], PEOPLE, refused=200),
    Row("auth_group_delete", ["group"], NOBODY),
]
# Addresses that have their own rule, and the test that states it.
APART = {
    "login": "open to everybody (test_signing_in)",
    "logout": "ends the session, by POST only (below)",
    "jsi18n": "translations for scripts, for all staff (below)",
    "autocomplete": "asks for the permission to look at what it lists (below)",
    "view_on_site": "leads all staff to the public page (below)",
    "articles_article_lookup": "GET only, writers only (below)",
    "articles_article_lookup_titles": "POST only, writers only; changes nothing (below)",
}


def typed_by(person: User, article) -> str:
    """What a page of a conflict sends back for an editor who has typed another summary."""
    content = {**working_copy(article), "deck": "Typed meanwhile."}
    return signing.dumps(
        {"article": article.pk, "by": person.pk, "base": article.version, "content": content}, salt=SALT
    )


class Things:
    """What the rows are about, made when it is first asked for."""

    def __init__(self, person: User):
        self.person = person
        self._made = {"": None, "app": None}

    def __getitem__(self, name: str):
        if name not in self._made:
            whose, _, what = name.partition(" ")
            self._made[name] = self._articles_thing(whose, what) if what else getattr(self, f"_{name}")()
        return self._made[name]

    def _articles_thing(self, whose: str, what: str):
        by = {OWN: self.person, OTHERS: None}[whose]
        if what == "edition":
            return without_sign_off(by=by)
        if what == "revision":
            article = wrote(in_state(DRAFT, by=by), by=by, body="<p>Another text.</p>")
            return article.revisions.get(number=1)
        if what in {"half-written", "draft-put-aside"}:
            return self._half_written(by, is_put_aside=what == "draft-put-aside")
        return in_state(what, by=by)

    def _half_written(self, by: User | None, *, is_put_aside: bool):
        """A live article with a newer draft; or the draft, where the live text has taken its place."""
        article = wrote(in_state(LIVE, by=by), by=by, body="<p>Another text.</p>")
        if not is_put_aside:
            return article
        edition, who = article.editions.get(), Person.of(by or an_author())
        draft = article.revisions.get(number=article.version)
        take_up(article, edition, version=article.version, at=timezone.now(), by=who)
        draft.refresh_from_db()
        return draft

    def _edition(self):
        return self[f"{OTHERS} {LIVE}"].editions.get()

    def _topic(self):
        topic = a_topic("MRI", tags=["imaging"])
        topic.slug = "magnetic-resonance-imaging"
        topic.save()
        return topic

    def _tag(self):
        return self["topic"].tags.get()

    def _redirect(self):
        return self["topic"].redirects.get()

    def _review(self):
        now = timezone.now()
        days = {"on": timezone.localdate(now), "next_on": timezone.localdate(now + timedelta(days=1_000))}
        return reviewed(self[f"{OTHERS} {LIVE}"], at=now, **days)

    def _entry(self):
        return self["edition"] and AuditEntry.objects.first()

    def _plan(self):
        return self[f"{OTHERS} {SCHEDULED}"].scheduled_acts.get()

    def _report(self):
        path = self[f"{OTHERS} {LIVE}"].get_absolute_url()
        return reader_reports.keep(sort="error", words="Wrong.", path=path, today=timezone.localdate())

    def _mail(self):
        return Mail.objects.create(
            to="ana@example.org", subject="A text waits", text="Sign it.", made_at=timezone.now()
        )

    def _policy(self):
        return Policy.objects.create(article=self[f"{OTHERS} {LIVE}"], months=60, reason="Rule 12.")

    def _riskclass(self):
        return RiskClass.objects.create(name="Medicines and doses")

    def _colleague(self):
        """Somebody else of the desk, who has a page."""
        colleague = an_account(C, "Rita Hall")
        Article.objects.filter(pk=self[f"{OTHERS} {LIVE}"].pk).update(owner=colleague)
        return colleague

    def _own_absence(self):
        return self._absence_of(self.person, self["colleague"])

    def _absence(self):
        return self._absence_of(self["colleague"], an_account(D, "Dana Cole"))

    def _absence_of(self, user: User, deputy: User):
        day = timezone.localdate()
        return Absence.objects.create(user=user, deputy=deputy, from_on=day, until_on=day)

    def _request(self):
        details = {"cause": "report", "about": "The dose.", "due_on": timezone.localdate()}
        article = self[f"{OTHERS} {LIVE}"]
        return review_requests.ask_by_hand(article, **details, at=timezone.now(), by=Person("Pat Doe"))

    def _source(self):
        now = timezone.now()
        details = {"what_happened": "Retracted.", "withdrawn_on": now.date(), "recorded_at": now}
        return WithdrawnSource.objects.create(doi="10.1000/abc", **details, recorded_by="Pat Doe")

    def _synonym(self):
        return Synonym.objects.create(words="bellyache", meaning="abdominal pain", sort=Synonym.Sort.LAY_TERM)

    def _bestbet(self):
        return BestBet.objects.create(words="scan", topic=self["topic"])

    def _savedquery(self):
        return SavedQuery.objects.create(query="scan", topic=self["topic"])

    def _link(self):
        return LinkCheck.objects.create(url="https://example.org/", verdict="fine", checked_at=timezone.now())

    def _user(self):
        return User.objects.create_user("somebody")

    def _superuser(self):
        return User.objects.create_superuser("root")

    def _group(self):
        return Group.objects.get(name=A)


def a_person(role: str | None) -> User:
    """A clinician with a registration number, so that the role alone decides."""
    person = User.objects.create_user("person", password=PASSWORD, first_name="Una", last_name="Reed", is_staff=True)
    if role != NO_ROLE:
        person.groups.add(Group.objects.get(name=role))
    Profile.objects.create(user=person, profession="Registered nurse", registration_number="NMC 98765")
    return person


def client_of(person: User) -> HttpsClient:
    client = HttpsClient()
    client.force_login(person)
    return client


def address(row: Row, thing) -> str:
    named = {"app_list": ["articles"], "articles_article_bulk": [row.act]}
    if row.name in {"articles_article_restore", "articles_article_bring_together"}:
        named[row.name] = [thing.article_id, thing.number]
    if row.name == "articles_article_correct":
        named[row.name] = [thing.pk, thing.editions.get().number]
    return reverse(f"admin:{row.name}", args=named.get(row.name, [thing.pk] if thing else []))


def walk(role: str):
    """A client of that role, and each row with each of its things and the address: made before anything is compared."""
    person = a_person(role)
    things = Things(person)
    found = [(row, thing, address(row, things[thing])) for row in ROWS for thing in row.things]
    return client_of(person), things, found


def test_every_address_of_the_admin_has_a_row():
    names = {pattern.name for pattern in _patterns(urlpatterns[:1]) if pattern.name}
    rows = {row.name for row in ROWS}
    assert names - rows - set(APART) == set()
    assert rows | set(APART) <= names


def test_every_act_of_the_workflow_has_its_rows():
    assert {row.name for row in ROWS} >= {f"articles_article_{act.replace('-', '_')}" for act in Act}


def _patterns(patterns):
    for pattern in patterns:
        if hasattr(pattern, "url_patterns"):
            yield from _patterns(pattern.url_patterns)
        else:
            yield pattern


def not_shown(row: Row) -> int:
    return 404 if row.name == "app_list" else 403


@pytest.mark.parametrize("role", [*ROLES, NO_ROLE])
def test_a_role_is_shown_and_changes_what_it_may_and_nothing_else(role):
    """Looking and what is refused leave every table as it was; what is done is undone before the next row."""
    client, things, found = walk(role)
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    before = everything()
    expected = {url: row.get if role in row.shown else not_shown(row) for row, _, url in found}
    assert {url: client.get(url).status_code for url in expected} == expected
    assert everything() == before, f"{role}: a GET has changed something"
    for row, of_row in groupby(found, key=itemgetter(0)):
        for _, name, url in of_row:
            sent, case = row.sent(things, things[name]), f"{role}: POST {row.name} on {name or 'nothing'}"
            if role in row.done:
                with transaction.atomic():
                    assert client.post(url, sent).status_code == row.post, case
                    assert everything() != before, case
                    transaction.set_rollback(True)
                client.cookies[settings.SESSION_COOKIE_NAME] = session  # a new password makes a new one
            else:
                response = client.post(url, sent)
                assert response.status_code == (row.refused if role in row.shown else not_shown(row)), case
                assert role not in row.shown or row.said in response.text, case
        assert everything() == before, f"{role}: a POST to {row.name} has changed something"


def test_no_other_method_changes_anything():
    """For the role that is shown the most pages."""
    client, _, found = walk(X)
    urls = {row.name: url for row, _, url in reversed(found)}
    before = everything()
    for method in ("HEAD", "PUT", "DELETE"):
        status = {name: client.generic(method, url, {"post": "yes"}).status_code for name, url in urls.items()}
        assert {name: code for name, code in status.items() if code not in {200, 302, 403, 404, 405}} == {}, method
        assert everything() == before, method


def test_who_is_no_staff_is_asked_to_sign_in():
    _, _, found = walk(NO_ROLE)
    patient = User.objects.create_user("patient")
    stranger, patients = HttpsClient(), client_of(patient)
    before = everything()
    for client in (stranger, patients):
        for method in ("GET", "POST"):
            for _, _, url in found:
                response = client.generic(method, url)
                to = response.headers.get("Location", "").partition("?")[0]
                assert (response.status_code, to) == (302, "/admin/login/"), f"{method} {url}"
    assert everything() == before


# The addresses with a rule of their own


@pytest.mark.parametrize("role", [*ROLES, NO_ROLE])
def test_titles_are_looked_up_for_writers_only(role):
    client, allowed = client_of(a_person(role)), 200 if role in WRITERS else 403
    one, many = (reverse(f"admin:articles_article_lookup{name}", args=["en"]) for name in ("", "_titles"))
    a_topic("MRI")
    before = everything()
    assert (client.get(one, {"q": "MRI"}).status_code, client.post(one).status_code) == (allowed, 405)
    assert (client.get(many).status_code, client.post(many, {"titles": "MRI"}).status_code) == (405, allowed)
    assert everything() == before


@pytest.mark.parametrize("role", [*ROLES, NO_ROLE])
def test_an_autocomplete_lists_only_what_a_role_may_look_at(role):
    client, url = client_of(a_person(role)), reverse("admin:autocomplete")
    asked = {"app_label": "articles", "model_name": "article", "field_name": "about"}
    assert client.get(url, asked).status_code == (403 if role == NO_ROLE else 200)
    asked = {"app_label": "auth", "model_name": "group", "field_name": "permissions"}
    assert client.get(url, asked).status_code == 403


@pytest.mark.parametrize("role", [A, NO_ROLE])
def test_translations_and_the_way_to_the_public_page_are_for_all_staff(role):
    client, live = client_of(a_person(role)), in_state(LIVE)
    assert client.get(reverse("admin:jsi18n")).status_code == 200
    url = reverse("admin:view_on_site", args=[ContentType.objects.get_for_model(Article).pk, live.pk])
    assert client.get(url).headers["Location"].endswith(live.get_absolute_url())


def test_signing_out_needs_a_post():
    client = client_of(a_person(A))
    assert client.get(reverse("admin:logout")).status_code == 405
    assert client.get(reverse("admin:index")).status_code == 200
    assert client.post(reverse("admin:logout")).status_code == 200
    assert client.get(reverse("admin:index")).status_code == 302


# Four eyes, and rights that change


def test_who_wrote_the_text_is_told_that_somebody_else_signs_it_off():
    person = a_person(C)
    client, article = client_of(person), in_state(IN_REVIEW, by=person)
    response = client.post(page_of("sign-off", article), sent_for(Act.SIGN_OFF, article))
    assert response.status_code == 409
    assert "You changed this text since it was last signed off, so somebody else has to sign it off." in response.text
    assert "sign it off" not in client.get(page_of("sign-off", in_state(IN_REVIEW))).text


@pytest.mark.parametrize("act", list(Act))
def test_a_permission_that_is_granted_to_an_account_alone_is_enough(act):
    """No role is hard-coded: the permission decides, whoever gave it."""
    permission = {
        **dict.fromkeys([Act.SUBMIT, Act.TAKE_BACK], "change_article"),
        **dict.fromkeys([Act.ASK_CHANGES, Act.SIGN_OFF], "sign_off_article"),
        Act.PUBLISH_UNSIGNED: "publish_unsigned_article",
    }.get(act, "publish_article")
    person = staff("view_article", permission)
    Profile.objects.create(user=person, profession="Registered nurse", registration_number="NMC 98765")
    article = in_state(ACTS[act][0])
    assert client_of(person).post(page_of(act, article), sent_for(act, article)).status_code == 302
