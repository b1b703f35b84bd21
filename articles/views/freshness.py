"""How fresh the library is, for everybody to see."""

from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from articles import charts
from articles.dates import day_after
from articles.freshness import freshness as in_numbers
from library.ready import depends_on, moment_of
from library.serving import public_page


@public_page
def freshness(request):
    at = moment_of(request)
    today = timezone.localdate(at)
    depends_on(request, "articles", "reviews", until=day_after(today))
    groups = in_numbers(at=at, today=today, language=get_language())
    everything = groups[0]
    said = ", ".join(f"{share.label.lower()} {share.in_words}" for share in everything.shares)
    bars = [share.bar for share in everything.shares]
    context = {
        "groups": groups,
        "everything": everything,
        "today": today,
        "chart": charts.row_chart(
            _("Pages by the state of their review"), _("Of all pages: %(shares)s.") % {"shares": said}, bars
        ),
    }
    return render(request, "articles/freshness.html", context)
