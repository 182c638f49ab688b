from monitoring.models.alert import Alert, AlertChange, AlertOccurrence
from monitoring.models.integration import Integration
from monitoring.models.raw import RawDelivery
from monitoring.models.routing import RoutingRule

__all__ = ["Alert", "AlertChange", "AlertOccurrence", "Integration", "RawDelivery", "RoutingRule"]
