from services.models.agreement import Agreement, AgreementTarget
from services.models.calendar import BusinessCalendar, CalendarException, CalendarFrame
from services.models.client import Client, ClientMember
from services.models.impact import ImpactWindow
from services.models.maintenance import MaintenanceWindow
from services.models.mlmodel import MLModel, ModelVersion
from services.models.objective import IndicatorBucket, Objective, ObjectiveBurn
from services.models.service import Service

__all__ = [
    "Agreement",
    "AgreementTarget",
    "BusinessCalendar",
    "CalendarException",
    "CalendarFrame",
    "Client",
    "ClientMember",
    "ImpactWindow",
    "IndicatorBucket",
    "MLModel",
    "MaintenanceWindow",
    "ModelVersion",
    "Objective",
    "ObjectiveBurn",
    "Service",
]
