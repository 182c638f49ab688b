"""The demo organisation: three sites, four clients, twelve services, four months of history, some incidents now.

Everything is invented. Loaded once, in one transaction; the lead's account is the sign that it stands.
"""

from config.supervisor.specs import DEMO_LEAD, DEMO_PASSWORD

__all__ = ["DEMO_LEAD", "DEMO_PASSWORD", "SEED"]

# The same history on every machine, counted back from the moment of loading.
SEED = 2026
