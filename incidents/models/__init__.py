from incidents.models.clock import Clock, ClockCheck, ClockCorrection, Replanning
from incidents.models.entry import Entry
from incidents.models.handoff import HandOff
from incidents.models.incident import Incident
from incidents.models.links import IncidentAlert, IncidentRunbook
from incidents.models.party import Participant, PartyInterval
from incidents.models.severity import SeverityRule

__all__ = [
    "Clock",
    "ClockCheck",
    "ClockCorrection",
    "Entry",
    "HandOff",
    "Incident",
    "IncidentAlert",
    "IncidentRunbook",
    "Participant",
    "PartyInterval",
    "Replanning",
    "SeverityRule",
]
