from rotas.models.policy import EscalationPolicy, PolicyAssignment, PolicyStep, StepTarget
from rotas.models.rota import Layer, LayerMember, LayerWindow, Override, Rota
from rotas.models.run import Call, EscalationRun

__all__ = [
    "Call",
    "EscalationPolicy",
    "EscalationRun",
    "Layer",
    "LayerMember",
    "LayerWindow",
    "Override",
    "PolicyAssignment",
    "PolicyStep",
    "Rota",
    "StepTarget",
]
