from services.models.agreement import Agreement, AgreementTarget
from services.models.boundary import Activity, OperatingModelVersion, PartyTerms, Responsibility
from services.models.calendar import BusinessCalendar, CalendarException, CalendarFrame
from services.models.client import Client, ClientMember
from services.models.dependency import Dependency
from services.models.mlmodel import MLModel, ModelVersion
from services.models.readiness import ReadinessChange, ReadinessDay, ReadinessResult
from services.models.service import Service

__all__ = [
    "Activity",
    "Agreement",
    "AgreementTarget",
    "BusinessCalendar",
    "CalendarException",
    "CalendarFrame",
    "Client",
    "ClientMember",
    "Dependency",
    "MLModel",
    "ModelVersion",
    "OperatingModelVersion",
    "PartyTerms",
    "ReadinessChange",
    "ReadinessDay",
    "ReadinessResult",
    "Responsibility",
    "Service",
]
