"""Who is told about a page: its owner, else its role, else those who plan the reviews; and who stands in for whom."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date

from django.contrib.auth.models import User

from articles.models import Article
from articles.notices import is_address
from articles.permissions import PLAN, USE
from articles.reminders.absences import away_on
from articles.reminders.wording import NOBODYS, OWN, Part, away, of_role
from articles.workflow import who_may

RECORD = "articles.add_review"


class Audience:
    """Told can be who is active staff, has an address for mail and may use the review desk. Five queries, however many
    pages and people there are. `leads` plan the reviews; one who is away is left out while another one is there.

    `owners` are the pairs of person and role (ids, or None) that the pages have.
    """

    def __init__(self, owners: Iterable[tuple[int | None, int | None]], *, today: date):
        self._told = {user.pk: user for user in who_may(USE) if is_address(user.email)}
        self._away = away_on(today)
        self.reviewers = set(who_may(RECORD).values_list("pk", flat=True))
        planners = [self._told[pk] for pk in who_may(PLAN).values_list("pk", flat=True) if pk in self._told]
        self.leads = [user for user in planners if user.pk not in self._away] or planners
        self._members = defaultdict(list)
        roles = {role for _, role in owners if role}
        members = User.groups.through.objects.filter(group__in=roles).order_by("user_id")
        for role, pk in members.values_list("group", "user"):
            if pk in self._told:
                self._members[role].append(self._told[pk])
        self._known: dict[tuple, dict[User, Part]] = {}

    def of(self, article: Article) -> dict[User, Part]:
        """Who is told about the page, each with the part of the mail that it stands in; empty when nobody can be."""
        owners = (article.owner_id, article.owner_group_id)
        if owners not in self._known:
            self._known[owners] = self._find(article)
        return self._known[owners]

    def _find(self, article: Article) -> dict[User, Part]:
        if article.owner_id in self._told:
            part, asked = OWN, [self._told[article.owner_id]]
        else:
            asked = self._members[article.owner_group_id]
            part = of_role(article.owner_group.name) if asked else NOBODYS
        if not asked:
            return dict.fromkeys(self.leads, NOBODYS)
        if present := [user for user in asked if user.pk not in self._away]:
            return dict.fromkeys(present, part)
        return self._deputies(asked) or dict.fromkeys(self.leads, away(self._away[asked[0].pk]))

    def _deputies(self, absent: list[User]) -> dict[User, Part]:
        """Of those who are away, without deputies who are away as well."""
        absences = [self._away[user.pk] for user in absent]
        return {
            self._told[absence.deputy_id]: away(absence)
            for absence in absences
            if absence.deputy_id in self._told and absence.deputy_id not in self._away
        }
