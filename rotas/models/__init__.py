from rotas.models.cover import Cover, CoverNeed
from rotas.models.drill import DrillLine, FireDrill
from rotas.models.feed import Feed
from rotas.models.handover import Handover, HandoverItem
from rotas.models.leave_calendar import LeaveCalendar
from rotas.models.people import Leave, Participation, RestRule, Shadow, Skill
from rotas.models.policy import EscalationPolicy, PolicyAssignment, PolicyStep, StepTarget
from rotas.models.rota import Layer, LayerMember, LayerWindow, Override, Rota, RotaVersion
from rotas.models.run import Call, EscalationRun
from rotas.models.swap import Swap

__all__ = [
    "Call", "Cover", "CoverNeed", "DrillLine", "EscalationPolicy", "EscalationRun", "Feed", "FireDrill", "Handover",
    "HandoverItem", "Layer", "LayerMember", "LayerWindow", "Leave", "LeaveCalendar", "Override", "Participation",
    "PolicyAssignment", "PolicyStep", "RestRule", "Rota", "RotaVersion", "Shadow", "Skill", "StepTarget", "Swap",
]  # fmt: skip
