"""Versions of agreements: drafted from what holds, published at an instant, never rewritten."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.domain.audit import record
from core.errors import IllegalState, Invalid
from core.instants import check_known
from core.types import Actor
from services.choices import VersionState
from services.models import Agreement, AgreementScope, AgreementTarget, AgreementVersion, WarningRung

COPIED = (
    "calendar", "zone_source", "warn_percent", "on_reopen", "on_severity", "excludes_maintenance", "credits_text",
)  # fmt: skip
TARGET_FIELDS = (
    "severity", "kind", "mode", "minutes", "days", "at", "goal_percent", "is_pausable", "stops_for", "stops_with",
)  # fmt: skip
_SCOPE = ("service", "client", "tier")
RUNG_FIELDS = ("kind", "severity", "unit", "amount", "act", "whom", "step")


@transaction.atomic
def draft(agreement: Agreement, *, actor: Actor, now: datetime) -> AgreementVersion:
    """A draft with the terms of the newest version, to be edited. Raises IllegalState where one waits already or
    there is nothing to begin from."""
    agreement = Agreement.objects.select_for_update(no_key=True).get(pk=agreement.pk)
    newest = agreement.versions.order_by("-number").first()
    if newest is None:
        raise IllegalState("It has no version yet. Add its first one in the admin.")
    if newest.is_draft:
        raise IllegalState(f"Version {newest.number} is a draft already. Edit or publish that one.")
    made = AgreementVersion.objects.create(
        agreement=agreement, number=newest.number + 1, **{name: getattr(newest, name) for name in COPIED}
    )
    AgreementTarget.objects.bulk_create(
        AgreementTarget(version=made, **{name: getattr(each, name) for name in TARGET_FIELDS})
        for each in newest.targets.all()
    )
    WarningRung.objects.bulk_create(
        WarningRung(version=made, **{name: getattr(each, name) for name in RUNG_FIELDS})
        for each in newest.rungs.all()
    )
    _audit("agreement.draft", made, actor=actor, now=now)
    return made


@transaction.atomic
def write_draft(
    agreement: Agreement, terms: Mapping[str, Any], *, actor: Actor, now: datetime
) -> AgreementVersion:
    """A draft with these terms: settings by name, `targets` and `rungs` as lists of rows. Raises IllegalState where a draft
    waits already."""
    agreement = Agreement.objects.select_for_update(no_key=True).get(pk=agreement.pk)
    newest = agreement.versions.order_by("-number").first()
    if newest is not None and newest.is_draft:
        raise IllegalState(f"Version {newest.number} is a draft already. Edit or publish that one.")
    settings = {name: terms[name] for name in (*COPIED, "note") if name in terms}
    made = AgreementVersion.objects.create(
        agreement=agreement, number=newest.number + 1 if newest else 1, **settings
    )
    AgreementTarget.objects.bulk_create(
        AgreementTarget(version=made, **target) for target in terms.get("targets", ())
    )
    WarningRung.objects.bulk_create(WarningRung(version=made, **rung) for rung in terms.get("rungs", ()))
    _audit("agreement.draft", made, actor=actor, now=now)
    return made


@transaction.atomic
def set_scopes(agreement: Agreement, scopes: Iterable[Mapping[str, Any]]) -> None:
    """What it covers, as a whole: services, or groups by client and tier. The caller records it."""
    agreement.scopes.all().delete()
    for scope in scopes:
        AgreementScope.objects.get_or_create(agreement=agreement, **{**dict.fromkeys(_SCOPE), **scope})


@transaction.atomic
def publish(
    version: AgreementVersion,
    *,
    actor: Actor,
    now: datetime,
    valid_from: datetime | None = None,
    note: str = "",
) -> AgreementVersion:
    """Put a draft in force from `valid_from` (UTC instant; None: now). What held before ends there.

    What counts already keeps the terms it began with; `incidents.domain.replanning` applies new ones where asked to.
    Raises IllegalState for what is published already, Invalid for one without targets, one that begins before
    what is in force began, or in the past.
    """
    agreement = Agreement.objects.select_for_update(no_key=True).get(pk=version.agreement_id)
    version = (
        AgreementVersion.objects.select_for_update(no_key=True).select_related("calendar").get(pk=version.pk)
    )
    if not version.is_draft:
        raise IllegalState(f"{version} is published already. Draft a new version for other terms.")
    if not version.targets.exists():
        raise Invalid("It promises nothing yet. Add a target first.", fields={"targets": "at least one"})
    begins = valid_from or now
    check_known("valid_from", begins)
    if begins < now:
        raise Invalid(
            "Terms can't begin in the past: what was counted then was counted by what held then.",
            fields={"valid_from": "now or later"},
        )
    before = agreement.versions.filter(state=VersionState.PUBLISHED).order_by("-valid_from").first()
    if before is not None and before.valid_from is not None:
        if before.valid_from >= begins:
            raise Invalid(
                f"Version {before.number} begins at {before.valid_from:%Y-%m-%d %H:%M} UTC. Begin after it.",
                fields={"valid_from": f"after {before.valid_from.isoformat()}"},
            )
        if before.valid_to is None or before.valid_to > begins:
            before.valid_to = begins
            before.save(update_fields=["valid_to"])
    version.state, version.valid_from = VersionState.PUBLISHED, begins
    version.published_at, version.published_by = now, actor.user
    version.note = note.strip()[:300] or version.note
    version.save(update_fields=["state", "valid_from", "published_at", "published_by", "note"])
    _audit("agreement.publish", version, actor=actor, now=now)
    return version


@transaction.atomic
def end(version: AgreementVersion, at: datetime, *, actor: Actor, now: datetime) -> AgreementVersion:
    """Nothing new is promised by it from `at` (UTC) on; what counts already counts on. Raises IllegalState for a draft,
    Invalid for an instant in the past or before it begins."""
    version = AgreementVersion.objects.select_for_update(no_key=True).get(pk=version.pk)
    if version.is_draft or version.valid_from is None:
        raise IllegalState("A draft was never in force. Delete it in the admin.")
    check_known("valid_to", at)
    if at < now or at < version.valid_from:
        raise Invalid("It can end now or later.", fields={"valid_to": "now or later"})
    version.valid_to = at
    version.save(update_fields=["valid_to"])
    _audit("agreement.end", version, actor=actor, now=now)
    return version


def _audit(verb: str, version: AgreementVersion, *, actor: Actor, now: datetime) -> None:
    detail = {
        "version": version.number,
        "valid_from": version.valid_from and version.valid_from.isoformat(),
        "valid_to": version.valid_to and version.valid_to.isoformat(),
        "note": version.note,
    }
    record(
        verb, actor=actor, now=now, subject_kind="agreement", subject_id=version.agreement_id,
        subject_name=str(version), detail=detail,
    )  # fmt: skip
