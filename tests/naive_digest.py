"""The control of the drill of reminders: what comes to mind first. It asks who was sent none today, sends, and then
writes it down; so a run that was killed in between, or two at once, send again."""

import time

import django
from django.utils import timezone

MOMENT = 0.05  # seconds between both, in which most kills land


def main() -> None:
    from django.conf import settings
    from django.contrib.auth.models import User
    from django.core.mail import send_mail

    from articles.models import Mail

    today = timezone.localdate()
    for user in User.objects.exclude(email="").order_by("pk"):
        key = f"review-digest:{user.pk}:{today}"
        if Mail.objects.filter(key=key).exists():
            continue
        send_mail("S", "T", settings.DEFAULT_FROM_EMAIL, [user.email])
        time.sleep(MOMENT)
        Mail.objects.bulk_create([Mail(to=user.email, made_at=timezone.now(), key=key)], ignore_conflicts=True)
        print(user.email, flush=True)


if __name__ == "__main__":
    django.setup()
    main()
