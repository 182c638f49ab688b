"""Starter runbooks of the demo organisation. Thresholds are starting values, to be set per model."""

from datetime import datetime, timedelta
from typing import Any

from runbooks.domain.save import index
from runbooks.models import Runbook, RunbookStep
from services.models import Service

_DRIFT = [{"name": "alertname", "op": "=~", "value": ".*(Drift|PSI).*"}]
_STALE = [{"name": "alertname", "op": "=~", "value": ".*(Stale|Freshness).*"}]

BOOKS: list[dict[str, Any]] = [
    {
        "slug": "feature-drift",
        "title": "Input features have drifted",
        "summary": "The data no longer looks like what the model learned from",
        "services": ["kyc-match", "fraud-scorer", "doc-extract"],
        "matchers": _DRIFT,
        "body": """## Is it real?
A broken feed looks like drift. Look at **row counts** and **null rates** of the same features first.

| sign | reads as |
| --- | --- |
| one feature, all segments | a unit or a schema change upstream |
| all features, one segment | a new client app, a campaign, a country |
| scores move too | treat as SEV2 |

## Don't
Never move the reference window to make the alert go away. A new reference is the model owner's decision.
""",
        "steps": [
            (
                "Open the alert: which features, since which window?",
                "Two windows in a row before you believe it",
            ),
            ("Compare row count and null rate with the same hour last week", "Within 10 % is usual"),
            (
                "Look for one upstream source or one segment behind all of them",
                "Country, device, app version",
            ),
            ("Check whether the score distribution moved", "If so, raise to SEV2 and call the model owner"),
            ("Feed fault: ask the source team to repair and replay", ""),
            ("Real change: hold for Engineering with features, window and sample size", ""),
        ],
    },
    {
        "slug": "stale-features",
        "title": "Features in the online store are stale",
        "summary": "The model answers from yesterday's world",
        "services": ["feature-store", "fraud-scorer", "reco-home"],
        "matchers": _STALE,
        "body": """## What hurts
Scores stay plausible and slowly become wrong. Nobody complains for hours.

## Where to look
`materialise_<view>` in the orchestrator, then the lag of its topic, then the write quota of the store.
""",
        "steps": [
            ("Find the oldest feature view and when it was last written", ""),
            (
                "Is its job queued, failed, or running late?",
                "A queued job is capacity; a failed one has a log",
            ),
            ("Restart the materialisation of that view only", "Once. A second failure goes to L2"),
            ("Check that the write lag falls", "Expect half within 10 minutes"),
            ("Backfill the gap from the offline store", "L2's authority"),
        ],
    },
    {
        "slug": "late-batch",
        "title": "A batch score is late",
        "summary": "Stores, accounts or claims without numbers for today",
        "services": ["demand-forecast", "batch-orchestrator", "price-elasticity"],
        "matchers": [{"name": "alertname", "op": "=~", "value": ".*(Late|Deadline|Batch).*"}],
        "body": """## The question that decides
**How many are missing, and when does the client need them?** Write both on the timeline before anything else.

Publishing last week's numbers is a decision the client takes with us; the contract names the person.
""",
        "steps": [
            ("Count what is missing and by when it is needed", "Say it as “111 of 1,840 stores”"),
            ("Find which partition or upstream extract has not arrived", ""),
            ("Ask the source to send it again", "Put the incident on hold for them"),
            ("Score the missing part only", "L2 restarts production batches"),
            ("Compare totals with the same weekday", "± 15 %"),
            ("If time runs out, publish the last good numbers with the client's word", ""),
        ],
    },
    {
        "slug": "labels-late",
        "title": "Ground truth is late",
        "summary": "Accuracy is unknown, which is not the same as good",
        "services": ["label-join", "annotation-desk", "churn-propensity"],
        "matchers": [{"name": "alertname", "op": "=~", "value": ".*Label.*"}],
        "body": "While labels are missing, **say that accuracy is unknown**. Watch prediction drift and volume instead.\n",
        "steps": [
            ("When did the last complete label batch arrive?", ""),
            ("Ask the provider for a date", "Hold for client or partner"),
            ("Mark accuracy as unknown in the client update", ""),
            ("Recompute once labels are complete", "Check the join rate: 97 % or more"),
        ],
    },
    {
        "slug": "latency-online",
        "title": "Online inference is slow",
        "summary": "p99 above its limit",
        "services": ["reco-home", "triage-ranker", "claims-triage"],
        "matchers": [{"name": "alertname", "op": "=~", "value": ".*(Latency|Slow|P99).*"}],
        "body": "Usually: cold pods after a scale-down, heavier payloads, slow features, a noisy neighbour.\n",
        "steps": [
            ("Which percentile, which route, since when?", ""),
            ("Did a version, a traffic peak or a scale-down come just before?", ""),
            ("Split the time: features, model, network", "The trace shows it"),
            ("Scale out by half", "L1 may do this once"),
            ("Roll back if a version came with it", "L2"),
        ],
    },
    {
        "slug": "gpu-out-of-memory",
        "title": "GPU memory or quota is used up",
        "summary": "Jobs wait or die with CUDA out of memory",
        "services": ["batch-orchestrator", "doc-extract"],
        "matchers": [{"name": "alertname", "op": "=~", "value": ".*(GPU|Quota|OOM).*"}],
        "body": "A quota is a queue with a price. Say **which job waits for whom** before asking for more.\n",
        "steps": [
            ("List what runs on the GPUs and who owns it", ""),
            ("Stop nothing that a client waits for", ""),
            ("Lower the batch size of the job that dies", "Half, once"),
            ("Ask Platform Ops for quota with the date it is needed until", ""),
        ],
    },
    {
        "slug": "schema-changed",
        "title": "A column vanished, moved or turned null",
        "summary": "Schema change or null spike upstream",
        "services": [],
        "matchers": [{"name": "alertname", "op": "=~", "value": ".*(Schema|Null).*"}],
        "body": "Old data is better than wrong data: **stop the load** before it overwrites what is good.\n",
        "steps": [
            ("Stop the downstream load", ""),
            ("Diff the schema with yesterday's", ""),
            ("Ask the source: meant or not?", "Hold for client or partner"),
            ("Meant: hand to Engineering with both schemas", ""),
            ("Not meant: have it repaired, replay, check counts", ""),
        ],
    },
    {
        "slug": "pipeline-failed",
        "title": "A pipeline run failed",
        "summary": "A training or feature job ended with an error",
        "services": ["batch-orchestrator", "label-join"],
        "matchers": [{"name": "alertname", "op": "=~", "value": ".*(Job|Pipeline|Run)Fail.*"}],
        "body": """## Read before you press retry
The **first** error in the log counts; what follows is mostly its echo.

| the log says | reads as |
| --- | --- |
| killed, exit 137 | memory: more data than usual, or a smaller machine |
| permission denied, 403 | a secret or a role has expired |
| no such table, unknown column | a schema change upstream: use that runbook |
| timeout to a host | the other side, or the network between |

A retry is safe only where the job writes all or nothing. If you don't know, it isn't.
""",
        "steps": [
            ("Open the first error of the failed task, not the last", "Copy the line onto the timeline"),
            ("Say who waits for its output, and until when", "The lineage page names the readers"),
            ("Has it run since the last change of code or configuration?", ""),
            ("Retry once, if the job writes all or nothing", "L1 may do this; a second time is L2's"),
            ("Check that the output is whole: rows, partitions, newest date", "Beside yesterday's"),
            ("Still failing: hold for the owner with the line and the run", ""),
        ],
    },
    {
        "slug": "cost-spike",
        "title": "Compute cost has jumped",
        "summary": "Spend per day is far above its usual",
        "services": [],
        "matchers": [{"name": "alertname", "op": "=~", "value": ".*(Cost|Spend|Budget).*"}],
        "body": """## Money is a symptom
Something runs that did not run last week: more replicas, a loop of retries, an idle cluster, a new experiment.

- [ ] Never stop what a client waits for to save money; ask the service's owner first.
- [ ] Write the cost per day on the timeline, before and after.
""",
        "steps": [
            ("Which account, which label, since which hour?", "Cost data may be a day late"),
            ("Compare the number of machines and replicas with last week", ""),
            ("Look for retries and for clusters without jobs", "A failing job that restarts pays each time"),
            ("Ask the owner before you scale down", "Scaling down production is L2's"),
            ("Check tomorrow that spend is back", "Leave a note for the next shift"),
        ],
    },
    {
        "slug": "canary-worse",
        "title": "The canary is worse than the champion",
        "summary": "Errors, nulls or lower quality on the new version",
        "services": ["churn-propensity", "fraud-scorer"],
        "matchers": [{"name": "alertname", "op": "=~", "value": ".*(Canary|Fallback).*"}],
        "body": "A canary exists to be taken back. Taking it back is never wrong; waiting may be.\n",
        "steps": [
            ("Compare error and null rate, canary beside champion", "Same hour, same segment"),
            ("Set the canary's share to 0 %", "L1 may do this"),
            ("Check that the champion answers as before", "10 minutes"),
            ("Keep samples of both answers for Engineering", ""),
        ],
    },
]


def load(now: datetime) -> None:
    """Bring the runbooks in; by slug, so that a second time changes nothing."""
    services = {service.slug: service for service in Service.objects.all()}
    for position, book in enumerate(BOOKS):
        runbook, made = Runbook.objects.get_or_create(
            slug=book["slug"],
            defaults={
                "title": book["title"],
                "summary": book["summary"],
                "body": book["body"],
                "matchers": book["matchers"],
                "tested_at": (now - timedelta(days=6 + 11 * position)).date() if position % 4 != 3 else None,
            },
        )
        if not made:
            continue
        runbook.services.set([services[slug] for slug in book["services"] if slug in services])
        RunbookStep.objects.bulk_create(
            RunbookStep(runbook=runbook, position=number, text=text, detail=detail)
            for number, (text, detail) in enumerate(book["steps"], start=1)
        )
        index(runbook)
