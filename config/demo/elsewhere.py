"""Invented rows belong into an embedded database of a trial; into another, or in production, only when somebody says so."""

import os

from config.environment import flag
from config.supervisor.servers import is_for_trials

REFUSAL = (
    "This database is not one for trials: DATABASE_URL names it, or MAINSTAY_PRODUCTION is set. This would fill it with "
    "invented {what}. Say --force (or MAINSTAY_DEMO=1) if that is what you want."
)


def may_invent(*, force: bool) -> bool:
    """Whether invented rows may be written into the database that is configured."""
    return force or flag("MAINSTAY_DEMO") or is_for_trials(os.environ)
