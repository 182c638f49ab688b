from core.models.clock import ClockShift
from core.models.engine import EngineTick
from core.models.idempotency import IdempotentAnswer

__all__ = ["ClockShift", "EngineTick", "IdempotentAnswer"]
