from django.db import migrations

PARTIES = ("l1", "l2", "engineering", "platform_ops", "partner", "client")

# slug, name, group, only by a runbook, letters in the order of PARTIES (- for none), where it begins and ends
ACTIVITIES = [
    ("detect", "Detect", "triage", False, "RA I C C - I", "See that something is wrong: alerts, reports, drift"),
    ("triage", "Triage", "triage", False, "RA C I I - I", "Decide what it is, how bad, and whose"),
    ("client-communication", "Tell the client", "triage", False, "R A C - - I", "First word, updates and the end"),
    ("vendor-ticket", "Ticket with a vendor", "triage", False, "R A I C C -", "Open and follow a ticket outside"),
    ("mitigate-by-runbook", "Mitigate by runbook", "restore", True, "RA C I I - I", "Restart, drain, switch over: as it is written"),
    ("mitigate-by-code", "Mitigate by code", "restore", False, "I C RA C C I", "A fix or a workaround that is not written yet"),
    ("model-rollback", "Roll back a model", "restore", True, "I RA C I - I", "Back to the last version that was good"),
    ("change-approval", "Approve a change", "change", False, "I R A C - C", "Say yes or no before it goes live"),
    ("deploy", "Deploy", "change", False, "I C RA C - I", "Bring a release into production"),
    ("retrain", "Retrain a model", "change", False, "I C RA C - C", "Train anew and compare with the champion"),
    ("quality-decision", "Decide on data and model quality", "change", False, "I C R - - A", "Whether predictions may be used"),
    ("monitoring-change", "Change monitoring", "change", False, "C RA C C - -", "Alert rules, thresholds, routing"),
    ("access-grant", "Grant access", "change", False, "I R C A - I", "Give and take rights on systems"),
    ("rca-write", "Write the root cause", "learn", False, "C RA C C C I", "The account of what happened and why"),
    ("rca-approve", "Approve the root cause", "learn", False, "I C A C - R", "Say that the account is right and enough"),
    ("action-delivery", "Deliver corrective actions", "learn", False, "I C RA R C I", "Do what was decided, in time"),
    ("runbook-write", "Write runbooks", "learn", False, "C RA C C - -", "One for each alert that calls somebody"),
    ("runbook-review", "Review runbooks", "learn", False, "C R A C - -", "Walk through them and say when"),
    ("capacity", "Capacity", "run", False, "I C C RA - C", "Enough room for what is to come"),
    ("cost", "Cost", "run", False, "- I R A - C", "What running it costs, and why"),
    ("sla-reporting", "Report on promises", "run", False, "C RA I I - I", "What was promised and what was kept"),
    ("service-review", "Service review", "run", False, "C RA C C C R", "Look at the month with the client"),
    ("readiness-sign-off", "Sign off readiness", "run", False, "C R A C - I", "Say that a service may go live"),
]

# party: hands on to, minutes, authority, in, out, takes over when, evidence (key, label, required), out of hours, comes back
TERMS = {
    "l1": (
        "l2", 30, ["restart", "drain", "speak_to_client"],
        "First look at everything that comes in; triage; mitigation that a runbook describes; the client's first word.",
        "Changes of code, data, configuration or models.",
        "Everything comes to L1 first.",
        [],
        "Around the clock for tier 1; on call for the rest.",
        "",
    ),
    "l2": (
        "engineering", 60, ["restart", "drain", "rollback", "change_config", "declare_major", "speak_to_client"],
        "What no runbook solves; roll-backs; configuration; major incidents; writing the root cause.",
        "New code, new models, changes of data.",
        "The runbook was followed, or there is none, and it still hurts.",
        [("symptom", "What is seen, since when, by whom", True), ("runbook", "Which runbook was followed, and where it ended", True), ("logs", "Logs, dashboard or trace", False)],
        "On call, by the escalation policy.",
        "Back to L1 with a runbook step or a word for the client.",
    ),
    "engineering": (
        "", 480, ["restart", "rollback", "deploy", "change_data", "change_config", "retrain"],
        "Code, models, features and data of the service.",
        "The first word to the client; infrastructure below the service.",
        "L2 can reproduce it, or shows that a release, a model or data is the cause.",
        [("reproduction", "How to reproduce it, or one failing request", True), ("logs", "Logs or traces of the time", True), ("tried", "What was tried and what it changed", True), ("version", "Model or release version", False)],
        "SEV1 and SEV2 by the escalation policy; the rest on the next working day.",
        "Back to L2 with the fix, the version and what to watch.",
    ),
    "platform_ops": (
        "", 240, ["restart", "drain", "rollback", "deploy", "change_config"],
        "Clusters, storage, queues, networks and identities that services run on.",
        "What runs on them.",
        "The failing resource is named and the service itself is ruled out.",
        [("resource", "Which cluster, node, queue or bucket", True), ("metrics", "Metrics that show it", True)],
        "On call around the clock for tier 1.",
        "Back to whoever handed it on, with the cause.",
    ),
    "partner": (
        "", 480, [],
        "What the contract with the partner names.",
        "Anything of another client; personal data without an agreement.",
        "The failing part is the partner's, with a sample that may be shared.",
        [("sample", "A sample that may leave the house", True), ("ticket", "Number of the ticket at the partner", False)],
        "By the partner's contract.",
        "Back to L2 with the partner's answer.",
    ),
    "client": (
        "", None, [],
        "Decisions about the business, samples, approvals and access on the client's side.",
        "Operation of the service.",
        "Only the client can decide or give it.",
        [("question", "What exactly is asked, and by when", True)],
        "The client's hours.",
        "Back to whoever asked, with the answer.",
    ),
}  # fmt: skip


def fill(apps, schema_editor):
    activity = apps.get_model("services", "Activity")
    duty = apps.get_model("services", "Responsibility")
    terms = apps.get_model("services", "PartyTerms")
    for position, (slug, name, group, needs_runbook, letters, about) in enumerate(ACTIVITIES, start=1):
        row, made = activity.objects.get_or_create(
            slug=slug,
            defaults={"name": name, "group": group, "needs_runbook": needs_runbook, "help": about, "position": position * 10},
        )
        if made:
            duty.objects.bulk_create(
                duty(activity=row, party=party, letter=letter)
                for party, letter in zip(PARTIES, letters.split(), strict=True)
                if letter != "-"
            )
    for party, (hands_to, minutes, authority, inside, outside, entry, evidence, late, back) in TERMS.items():
        terms.objects.get_or_create(
            party=party,
            service=None,
            defaults={
                "hands_to": hands_to,
                "timebox_minutes": minutes,
                "authority": authority,
                "scope_in": inside,
                "scope_out": outside,
                "entry": entry,
                "evidence": [{"key": key, "label": label, "required": required} for key, label, required in evidence],
                "out_of_hours": late,
                "return_path": back,
            },
        )


class Migration(migrations.Migration):
    """The starting operating model; leads edit it in the portal and in the admin."""

    dependencies = [("services", "0006_boundaries_dependencies_readiness")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
