"""The door for web servers."""

import gc
import os
import sys

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
_portal = get_wsgi_application()

# Only now are there settings and models.
from config import warm  # noqa: E402
from monitoring.api.short_way import with_short_way  # noqa: E402

application = with_short_way(_portal)

# Pages ask a dozen times and work a few milliseconds in between: whoever is at it finishes, rather than that all become slow
# together. docs/architecture/adr/0003-web-server.md has figures.
sys.setswitchinterval(0.01)

warm.load()

# What is loaded now stays for good: a collection that looks through all of it would hold a page up for a tenth of a second.
gc.collect()
gc.freeze()

warm.look_soon(_portal)
