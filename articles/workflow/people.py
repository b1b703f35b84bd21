"""Who wrote a text, who may sign it off, and what they are called in a sentence."""

from collections.abc import Iterable

from django.contrib.auth.models import User
from django.db.models import QuerySet

from articles.ancestry import Ancestry
from articles.models import Article, Edition
from articles.people import Person

NAMES_SHOWN = 5
NEEDED_TO_SIGN = "the permission, and a profession and registration number"


def writers(article: Article, *, of: Edition | None = None) -> list[Person]:
    """Who changed the text since the last edition that a second clinician signed off. None of them may sign it off.

    The text is the working copy, or that of an edition: then it is asked who wrote what the edition says. Whoever wrote
    an older version is asked about when it was brought back, and whoever wrote a draft is not when it was put aside.
    """
    signed = article.editions.not_cancelled().signed_off()
    if of is not None:
        signed = signed.filter(number__lt=of.number)
    versions = set(signed.values_list("version", flat=True))
    return Ancestry.of(article).writers(of.version if of else article.version, signed=versions)


def who_may(permission: str) -> QuerySet[User]:
    """The staff who have a permission, themselves or through a group."""
    backend = "django.contrib.auth.backends.ModelBackend"
    staff = User.objects.with_perm(permission, backend=backend).filter(is_staff=True)
    return staff.select_related("profile").order_by("first_name", "last_name", "username")


def able_to_sign(reviewers: Iterable[User], *, concerned: list[Person]) -> list[User]:
    """Those reviewers who have named what they are, and are none of the people concerned."""
    able = [user for user in reviewers if not no_credential(user)]
    return [user for user in able if not any(person.is_also(Person.of(user)) for person in concerned)]


def no_credential(user: User) -> str:
    profile = getattr(user, "profile", None)
    if profile and profile.profession and profile.registration_number:
        return ""
    return (
        "Your account names no profession and registration number, and a sign-off needs both. Ask an administrator to "
        "add them to your account."
    )


def named(people: Iterable[User], act: str, *, needs: str = "the permission") -> str:
    """ "Grace Obi or Paul Lee can sign it off.", of at most five people; what to do when there are none."""
    names = [Person.of(user).name for user in people]
    if not names:
        return f"Nobody here can {act} now: ask an administrator to give somebody {needs}."
    if len(names) > NAMES_SHOWN:
        more = len(names) - NAMES_SHOWN
        return f"{', '.join(names[:NAMES_SHOWN])} and {more} other{'s' if more > 1 else ''} can {act}."
    return f"{' or '.join([', '.join(names[:-1]), names[-1]] if names[1:] else names)} can {act}."
