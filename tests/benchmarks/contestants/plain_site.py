"""A Django view that does nothing but answer with the bytes of a file: as fast as Django can be."""

import os
from pathlib import Path

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpResponse
from django.urls import path

settings.configure(ROOT_URLCONF=__name__, ALLOWED_HOSTS=["*"], SECRET_KEY="only-for-measuring")
BODY = Path(os.environ["PAGE"]).read_bytes()

urlpatterns = [path("", lambda request: HttpResponse(BODY))]
application = get_wsgi_application()
