"""The entrance for the web server: `granian --interface wsgi library.wsgi:application`."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "library.settings")
application = get_wsgi_application()

from django.conf import settings  # noqa: E402

if settings.READY_MEMORY_MIB:
    from library.ready.front import in_front_of

    application = in_front_of(application)
