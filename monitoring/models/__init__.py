from monitoring.models.alert import Alert, AlertChange, AlertOccurrence
from monitoring.models.integration import Integration
from monitoring.models.raw import DeliveryId, RawDelivery
from monitoring.models.routing import RoutingRule
from monitoring.models.storm import IntakeMinute, ServiceStorm

__all__ = [
    "Alert",
    "AlertChange",
    "AlertOccurrence",
    "DeliveryId",
    "IntakeMinute",
    "Integration",
    "RawDelivery",
    "RoutingRule",
    "ServiceStorm",
]
