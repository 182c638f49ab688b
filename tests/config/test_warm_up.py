"""A worker has read the portal before it answers its first ring."""

import subprocess
import sys

SCRIPT = """
import sys
from config.celery import app, warm_up
import django
django.setup()
assert "config.urls" not in sys.modules, "nothing to warm up"
from celery.signals import worker_init
worker_init.send(sender=None)
assert "config.urls" in sys.modules
"""


def test_the_first_ring_finds_the_portal_read():
    done = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
