"""Run with Wagtail's own Python: fills the site from a file, or prints as JSON how long the editors' acts take.

python -m wagtail_site.measure fill content.json
python -m wagtail_site.measure acts
"""

import json
import os
import statistics
import sys
import time
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "wagtail_site.settings")
django.setup()

from django.contrib.auth import get_user_model  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.test import Client  # noqa: E402
from wagtail.models import Page, Site  # noqa: E402

from wagtail_site.models import ArticlePage, RelatedLink, TopicPage  # noqa: E402

TIMES = 9


def fill(path: str) -> None:
    call_command("migrate", verbosity=0)
    content = json.loads(Path(path).read_text(encoding="utf-8"))
    home = Site.objects.get(is_default_site=True).root_page
    topics = [home.add_child(instance=TopicPage(title=title)) for title in content["links"]]
    body = "".join(f"<h2>{section['heading']}</h2>{section['body']}" for section in content["sections"])
    article = ArticlePage(title=content["title"], slug="article", deck=content["deck"], day="2021-06-29", body=body)
    article.related_links = [RelatedLink(sort_order=place, target=topic) for place, topic in enumerate(topics)]
    home.add_child(instance=article)
    article.save_revision().publish()
    get_user_model().objects.create_superuser("bench", "bench@example.org", "bench")


def acts() -> None:
    article = ArticlePage.objects.get()
    editor = Client()
    editor.force_login(get_user_model().objects.get())
    print(
        json.dumps(
            {
                "edit": milliseconds(lambda: ok(editor.get(f"/admin/pages/{article.pk}/edit/"))),
                "publish": milliseconds(lambda: Page.objects.get(pk=article.pk).specific.save_revision().publish()),
            }
        )
    )


def milliseconds(act) -> list[float]:
    """Median, fastest and slowest of some calls, after one that warms up."""
    act()
    times = []
    for _ in range(TIMES):
        started = time.perf_counter()
        act()
        times.append((time.perf_counter() - started) * 1000)
    return [statistics.median(times), min(times), max(times)]


def ok(response) -> None:
    assert response.status_code == 200, response


if __name__ == "__main__":
    {"fill": fill, "acts": acts}[sys.argv[1]](*sys.argv[2:])
