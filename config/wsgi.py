"""The door for web servers."""

import gc
import os
import sys

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
_portal = get_wsgi_application()

# Only now are there settings and models.
from monitoring.api.short_way import with_short_way  # noqa: E402

application = with_short_way(_portal)

# A thread that comes back from the database waits until another lets go of the interpreter: five milliseconds by default, and
# a page comes back from it thirty times. docs/architecture/adr/0003-web-server.md has figures.
sys.setswitchinterval(0.0005)

# What is loaded now stays for good: a collection that looks through all of it would hold a page up for a tenth of a second.
gc.collect()
gc.freeze()
