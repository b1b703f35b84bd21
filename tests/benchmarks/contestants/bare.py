"""What Granian can do at best: a callable that sends one page from memory and does nothing else."""

import os
from pathlib import Path

BODY = Path(os.environ["PAGE"]).read_bytes()
HEADERS = [("Content-Type", "text/html; charset=utf-8"), ("Content-Length", str(len(BODY)))]


def application(environ, start_response):
    start_response("200 OK", HEADERS)
    return [BODY]
