"""The control of the drill: what comes to mind first. It asks what is due and does one after the other, unclaimed.

`marks-last` does again what another runner, or one that was killed, has done; `marks-first` loses what it was killed at.
"""

import sys
import time

import django
from django.utils import timezone

MOMENT = 0.05  # seconds between both halves, in which most kills land


def main(order: str) -> None:
    from articles import auditing
    from articles.models import AuditEntry, ScheduledAct
    from articles.people import Person

    at = timezone.now()
    for act in ScheduledAct.objects.due(at=at).select_related("article").order_by("due_at", "pk"):

        def mark(act=act):
            act.done_at = at
            act.save(update_fields=["done_at"])

        def record(act=act):
            action = AuditEntry.Action.WENT_LIVE if act.edition_id else AuditEntry.Action.ENDED
            auditing.record(act.article, action, at=at, by=Person(act.made_by))

        first, second = (mark, record) if order == "marks-first" else (record, mark)
        first()
        time.sleep(MOMENT)
        second()
        print(act, flush=True)


if __name__ == "__main__":
    django.setup()
    main(sys.argv[1])
