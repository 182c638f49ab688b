"""What has changed since a run began. The run goes on by its stamped terms; the timeline says so."""

from dataclasses import replace

from rotas.domain import terms as stamped
from rotas.domain.by_hand import is_only_by_hand
from rotas.domain.terms import Terms
from rotas.models import EscalationPolicy, EscalationRun
from rotas.subjects import Brief


def remarks(run: EscalationRun, brief: Brief, policy: EscalationPolicy | None) -> list[str]:
    """A sentence for each thing that people would not expect: about the policy as it is today, and about the subject."""
    happened = _policy(run, policy)
    said = f"The policy {run.policy_name} was {happened} meanwhile: this call goes on by the terms it started with."
    return [*([said] if happened else []), *brief.remarks]


def _policy(run: EscalationRun, policy: EscalationPolicy | None) -> str:
    if policy is None:
        return "" if is_only_by_hand(run.terms) else "deleted"
    if not policy.is_active:
        return "switched off"
    today, then = stamped.read(stamped.stamp_of(policy)), stamped.read(run.terms)
    # rounds that were added while it ran are no edit of the policy
    then = replace(then, repeats=run.terms.get("base", then.repeats))
    return "" if _without_names(today) == _without_names(then) else "edited"


def _without_names(terms: Terms) -> Terms:
    """Renaming a rota changes nobody's call."""
    steps = tuple(
        replace(
            step,
            number=None,
            targets=tuple(replace(each, rota_name="", team_name="") for each in step.targets),
        )
        for step in terms.steps
        if not step.by_hand
    )
    return replace(terms, steps=steps, walked=())
