"""Invented rows belong into the embedded database; into another one only when somebody says so."""

import os

from config.environment import flag
from config.supervisor.servers import is_embedded

REFUSAL = (
    "DATABASE_URL names a database of its own, and this would fill it with invented {what}. "
    "Say --force (or MAINSTAY_DEMO=1) if that is what you want."
)


def may_invent(*, force: bool) -> bool:
    """Whether invented rows may be written into the database that is configured."""
    return force or flag("MAINSTAY_DEMO") or is_embedded(os.environ, "DATABASE_URL")
