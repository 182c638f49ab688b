"""Invented people, promises and numbers for the style page. Nothing here touches a database."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django import forms

from core import nav
from core.ui.charts import BarRow, StackRow, duration_ceiling, line_chart, stack_chart
from core.ui.slabar import sla_bar
from core.ui.words import duration


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody invented, in the shape that faces are drawn from."""

    name: str
    initials: str
    hue: str

    def __str__(self) -> str:
        return self.name

    @property
    def short_name(self) -> str:
        return self.name.split()[0]


GRACE = Person("Grace Wanjiku", "GW", "nbo")
PRAKASH = Person("Prakash Adhikari", "PA", "ktm")
ANDRES = Person("Andrés Pardo", "AP", "bog")


class SampleForm(forms.Form):
    """One of each kind of field."""

    title = forms.CharField(label="Title", help_text="What is wrong, as a sentence.")
    service = forms.ChoiceField(
        label="Service", choices=[("fraud-scorer", "fraud-scorer"), ("kyc-match", "kyc-match")]
    )
    note = forms.CharField(label="Note", widget=forms.Textarea(attrs={"rows": 2}), required=False)
    page = forms.BooleanField(label="Call the person on duty", required=False)
    until = forms.DateTimeField(label="Until", widget=forms.DateTimeInput(attrs={"type": "datetime-local"}))


def rows() -> list[dict[str, Any]]:
    """Four incidents of a board."""
    return [
        {
            "sev": "SEV1",
            "title": "Card-not-present fraud scores stuck at the 0.50 fallback",
            "ref": "INC-1042",
            "state": "acknowledged",
            "owner": GRACE,
            "minutes": 46,
        },
        {
            "sev": "SEV2",
            "title": "customer_spend_7d is 3 h stale in the online store",
            "ref": "INC-1049",
            "state": "new",
            "owner": None,
            "minutes": 4,
        },
        {
            "sev": "SEV3",
            "title": "Invoice totals: F1 down to 0.91 on a new supplier layout",
            "ref": "INC-1038",
            "state": "on_hold",
            "owner": PRAKASH,
            "minutes": 424,
        },
        {
            "sev": "SEV4",
            "title": "2 % of sessions see the popularity fallback",
            "ref": "INC-1040",
            "state": "mitigated",
            "owner": ANDRES,
            "minutes": 3200,
        },
    ]


def samples(now: datetime) -> dict[str, Any]:
    """Context of the style page at `now`."""

    def ago(minutes: float) -> datetime:
        return now - timedelta(minutes=minutes)

    def ahead(minutes: float) -> datetime:
        return now + timedelta(minutes=minutes)

    zone = "Africa/Nairobi"
    bars = [
        sla_bar(ago(4), ahead(11), now, warn_at=ahead(7), name="Acknowledge", zone=zone),
        sla_bar(ago(46), ahead(14), now, warn_at=ago(1), name="Mitigate", zone=zone),
        sla_bar(
            ago(92), ahead(173), now, [(ago(67), ago(42))], warn_at=ahead(110), name="Resolve", zone=zone
        ),
        sla_bar(
            ago(424),
            None,
            now,
            [(ago(230), None)],
            name="Resolve",
            remaining=timedelta(hours=5, minutes=20),
            zone=zone,
        ),
        sla_bar(ago(600), ago(180), now, warn_at=ago(270), name="Engineering answer", zone=zone),
        sla_bar(ago(190), ago(70), now, warn_at=ago(100), met_at=ago(152), name="Mitigate", zone=zone),
    ]
    weeks = [
        (f"{w}", (n % 2, 2 + n % 3, 5 + (n * 3) % 7, 4 + (n * 5) % 6)) for n, w in enumerate(range(31, 44))
    ]
    wave = [4.0, 5.2, 4.8, 6.1, 5.5, 7.4, 6.8, 9.0, 8.1, None, None, 7.2, 6.4, 5.1, 6.0, 4.4]
    bound = SampleForm(data={"service": "kyc-match"}, auto_id="sample_%s")
    return {
        "now": now,
        "people": [GRACE, PRAKASH, ANDRES],
        "before": ago(92),
        "soon": ahead(12),
        "yesterday": ago(60 * 26),
        "rows": [{**row, "opened": ago(row["minutes"]), "bar": bars[i]} for i, row in enumerate(rows())],
        "bars_sla": bars,
        "sevs": ["SEV1", "SEV2", "SEV3", "SEV4"],
        "states": [
            "new",
            "acknowledged",
            "investigating",
            "on_hold",
            "mitigated",
            "resolved",
            "closed",
            "cancelled",
        ],
        "healths": ["bad", "watch", "ok", "off"],
        "tabs_list": [
            {"label": "Open", "url": "#open", "here": True, "count": 10},
            {"label": "Mine", "url": "#mine", "here": False, "count": 2},
            {"label": "Resolved", "url": "#resolved", "here": False, "count": None},
        ],
        "page": {"previous_url": "?cursor=a", "next_url": "?cursor=b"},
        "wave": wave,
        "form": bound,
        "jumps": [
            nav.Jump("Board", "#board", "list-details", "Now", "g b"),
            nav.Jump("fraud-scorer", "#svc", "box", "Service"),
        ],
        "stack": stack_chart(
            [StackRow(label, parts, f"#week-{label}") for label, parts in weeks],
            title="Incidents a week",
            sentence="17 incidents in the last week, 4 more than the week before; none was critical.",
        ),
        "lines": line_chart(
            [label for label, _parts in weeks],
            [3000, 2900, 3100, 2700, 2500, None, None, 2400, 2300, 2200, 2000, 1900, 1800],
            [9000, 8600, 9400, 8000, 8800, None, None, 7400, 7000, 6600, 6400, 5400, 4900],
            title="Time to resolve",
            sentence="Half of all incidents end within 30 min; two weeks without incidents are hatched.",
            say=duration,
            ceiling=duration_ceiling,
        ),
        "bar_rows": [
            BarRow("Acknowledge", 98, "98 %", "now", "#a"),
            BarRow("Mitigate", 91, "91 %", "", "#m"),
            BarRow("Resolve", 64, "64 %", "bad", "#r"),
        ],
    }
