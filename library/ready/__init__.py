"""Pages kept ready: public pages are rendered once and answered from bytes until something that they say changes.

front.py       stands before Django and answers (WSGI)       memory.py   the pages of this process, up to a bound
page.py        a page as bytes, with its ETags               mirror.py   the pages of this machine, on disk
rendering.py   makes a page by asking Django                 keeper.py   fills the mirror, beside the web server
watching.py    learns what changed, four times a second      release.py  what all kept pages depend on

Memory and mirror are copies: they may be deleted at any time. docs/serving.md says why it is right.
For views there are three functions: `moment_of`, `depends_on` and `not_kept`.
"""

from dataclasses import dataclass, field
from datetime import datetime

from django.utils import timezone

RENDER = "library.render"  # in the environment of a request whose answer is to be kept
NO_ANSWER = "library.no_answer"  # there: why Django is not to be asked, "database" or "busy" (library/unavailable.py)


@dataclass
class Render:
    """One rendering of a page as it is at a moment; the view says what it was made from."""

    moment: datetime
    for_reader: bool  # False: made ahead, so no line in the log
    keys: set[str] = field(default_factory=set)
    until: datetime | None = None
    kept: bool = True


def moment_of(request) -> datetime:
    """The moment as of which the page is to be true: now, or one that is still to come."""
    render = request.META.get(RENDER)
    return render.moment if render else timezone.now()


def depends_on(request, *keys: str, until: datetime | None = None) -> None:
    """What the page is made from (the keys of articles/changes.py), and the moment at which it changes by itself, such as
    the next midnight where a day is mentioned. A page that names nothing is not kept."""
    if render := request.META.get(RENDER):
        render.keys.update(keys)
        if until and until > render.moment:
            render.until = min(until, render.until or until)


def not_kept(request) -> None:
    """For an answer at an address that anybody may make up, such as a page behind the last one of a list."""
    if render := request.META.get(RENDER):
        render.kept = False
