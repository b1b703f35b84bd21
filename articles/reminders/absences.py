"""Who is away on a day, and what an absence must not say."""

from datetime import date

from django.contrib.auth.models import User
from django.db.models import QuerySet

from articles.dates import day_in_words
from articles.models import Absence
from articles.people import name_of


def away_on(day: date) -> dict[int, Absence]:
    """The absence of each account (by its id) that is away that day; of several the one that ends last. One query."""
    found = Absence.objects.filter(from_on__lte=day, until_on__gte=day).select_related("user", "deputy")
    return {absence.user_id: absence for absence in found.order_by("until_on", "pk")}


def in_days_of(absence: Absence, user: User) -> QuerySet[Absence]:
    """The other absences, of that person, that have a day in common with this one."""
    others = Absence.objects.exclude(pk=absence.pk) if absence.pk else Absence.objects.all()
    return others.filter(user=user, from_on__lte=absence.until_on, until_on__gte=absence.from_on)


def problems(absence: Absence, *, today: date) -> dict[str, str]:
    """Why an absence can't be kept: a sentence for each field that is wrong; empty when none is."""
    found = {}
    if absence.until_on < absence.from_on:
        found["until_on"] = "The last day away is before the first. Write both days again."
    elif absence.pk is None and absence.until_on < today:
        found["until_on"] = "This absence is over already, and nothing is handed to a deputy afterwards."
    elif other := in_days_of(absence, absence.user).first():
        found["from_on"] = f"{_in_words(other)} already. Change that absence, or choose days outside of it."
    if absence.deputy == absence.user:
        found["deputy"] = "Nobody can be their own deputy. Choose somebody else."
    return found


def warning(absence: Absence) -> str:
    """What to think about though the absence is kept: the deputy is away too. Empty when there is nothing."""
    other = in_days_of(absence, absence.deputy).first()
    if other is None:
        return ""
    return f"{_in_words(other)}. On the days that both are away, the reminders go to those who plan the reviews."


def _in_words(absence: Absence) -> str:
    first, last = day_in_words(absence.from_on), day_in_words(absence.until_on)
    return f"{name_of(absence.user)} is away from {first} to {last}"
