"""Versions of a model: registered by whoever deploys, one of them the champion."""

from datetime import datetime

from django.db import transaction

from accounts.domain.audit import record
from core.errors import Invalid
from core.instants import check_known
from core.types import Actor
from services.choices import Stage
from services.models import MLModel, ModelVersion


@transaction.atomic
def register(
    model: MLModel,
    version: str,
    *,
    actor: Actor,
    now: datetime,
    stage: str = Stage.CANDIDATE,
    trained_at: datetime | None = None,
    notes: str = "",
) -> tuple[ModelVersion, bool]:
    """A version of a model, and whether it is new; one that is known already stays as it is.

    So a pipeline that runs twice registers once, and never moves a stage back by accident. Raises Invalid
    for a version without a name, or one trained outside the years 1970 to 2149.
    """
    check_known("trained_at", trained_at)
    name = version.strip()
    if not name:
        raise Invalid("A version needs a name, such as v3.17.4.", fields={"version": "empty"})
    made, is_new = ModelVersion.objects.get_or_create(
        model=model, version=name, defaults={"trained_at": trained_at, "notes": notes}
    )
    if is_new:
        _tell("model_version.register", made, actor, now, {"stage": str(stage)})
        set_stage(made, stage, actor=actor, now=now)
    return made, is_new


def promote(version: ModelVersion, *, actor: Actor, now: datetime) -> ModelVersion:
    """Make it the champion; the former one is archived. Nothing happens where it is already."""
    return set_stage(version, Stage.CHAMPION, actor=actor, now=now)


@transaction.atomic
def set_stage(version: ModelVersion, stage: str, *, actor: Actor, now: datetime) -> ModelVersion:
    """Move a version to a stage; a new champion archives the former. Idempotent, audited.

    Two that promote at once wait for each other: the later wins. Raises Invalid for an unknown stage.
    """
    if stage not in Stage.values:
        raise Invalid(f"A stage is one of {', '.join(Stage.values)}.", fields={"stage": "unknown"})
    MLModel.objects.select_for_update().get(pk=version.model_id)
    version.refresh_from_db(fields=["stage", "promoted_at"])
    if version.stage == stage:
        return version
    detail = {"from": version.stage, "to": str(stage)}
    if stage == Stage.CHAMPION:
        former = ModelVersion.objects.filter(model_id=version.model_id, stage=Stage.CHAMPION).first()
        if former is not None:
            former.stage = Stage.ARCHIVED
            former.save(update_fields=["stage"])
            detail["former"] = former.version
            # A line of its own: who holds an older copy of the former one learns that it moved.
            moved = {"from": str(Stage.CHAMPION), "to": str(Stage.ARCHIVED), "champion": version.version}
            _tell("model_version.stage", former, actor, now, moved)
        version.promoted_at = now
    version.stage = stage
    version.save(update_fields=["stage", "promoted_at"])
    _tell("model_version.stage", version, actor, now, detail)
    return version


def _tell(action: str, version: ModelVersion, actor: Actor, now: datetime, detail: dict[str, str]) -> None:
    record(
        action,
        actor=actor,
        now=now,
        subject_kind="modelversion",
        subject_id=version.pk,
        subject_name=str(version),
        detail=detail,
    )
