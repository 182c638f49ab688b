from services.models.agreement import (
    Agreement,
    AgreementScope,
    AgreementTarget,
    AgreementVersion,
    WarningRung,
)
from services.models.calendar import BusinessCalendar, CalendarException, CalendarFrame
from services.models.client import Client, ClientMember
from services.models.mlmodel import MLModel, ModelVersion
from services.models.service import Service

__all__ = [
    "Agreement",
    "AgreementScope",
    "AgreementTarget",
    "AgreementVersion",
    "BusinessCalendar",
    "CalendarException",
    "CalendarFrame",
    "Client",
    "ClientMember",
    "MLModel",
    "ModelVersion",
    "Service",
    "WarningRung",
]
