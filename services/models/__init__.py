from services.models.agreement import (
    Agreement,
    AgreementScope,
    AgreementTarget,
    AgreementVersion,
    WarningRung,
)
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
    "AgreementScope",
    "AgreementTarget",
    "AgreementVersion",
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
    "WarningRung",
]
