#!/usr/bin/env python
"""Django's command line, with the health library's settings."""

import os
import sys

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "library.settings")
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line

    try:
        # It needs the settings and nothing else, and to read the models is half of its start.
        if sys.argv[1:] == ["serve"]:
            from library.management.commands.serve import Command

            Command().handle()
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        sys.exit(f"The library can't start with these settings: {error}")
