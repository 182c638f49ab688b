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
from services.models.impact import ImpactWindow
from services.models.maintenance import MaintenanceWindow
from services.models.mlmodel import MLModel, ModelVersion
from services.models.objective import IndicatorBucket, Objective, ObjectiveBurn
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
    "ImpactWindow",
    "IndicatorBucket",
    "MLModel",
    "MaintenanceWindow",
    "ModelVersion",
    "Objective",
    "ObjectiveBurn",
    "OperatingModelVersion",
    "PartyTerms",
    "ReadinessChange",
    "ReadinessDay",
    "ReadinessResult",
    "Responsibility",
    "Service",
    "WarningRung",
]
