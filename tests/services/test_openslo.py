"""OpenSLO documents: what is written is read back the same, and what can't be counted is refused by its place."""

from decimal import Decimal

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from core.errors import Invalid
from core.types import SYSTEM
from services.domain import openslo, taking_over
from services.models import Objective, Service
from tests import make
from tests.make import NOW

FIELDS = (
    "slug", "name", "description", "indicator", "unit", "direction", "threshold", "target", "window", "zone", "at_risk_percent",
    "policy", "excludes_maintenance", "burn_alerts",
)  # fmt: skip

PLAIN = """
apiVersion: openslo/v1
kind: SLO
metadata:
  name: pages-fast
  displayName: Pages within 5 s
spec:
  service: doc-extract
  indicatorRef: pages
  timeWindow:
    - duration: 4w
      isRolling: true
  budgetingMethod: Occurrences
  objectives:
    - target: 0.995
---
apiVersion: openslo/v1
kind: SLI
metadata: {name: pages}
spec:
  ratioMetric:
    counter: true
    good: {metricSource: {type: Prometheus, spec: {query: good}}}
    total: {metricSource: {type: Prometheus, spec: {query: total}}}
"""

PLACES = [
    "kind", "metadata", "spec", "metadata.name", "metadata.annotations", "spec.service", "spec.timeWindow", "spec.objectives",
    "spec.indicatorRef", "spec.budgetingMethod", "spec.description",
]  # fmt: skip
words = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=40).map(str.strip)


@st.composite
def drawn(draw):
    kind = draw(st.sampled_from(["availability", "events", "samples"]))
    window = draw(st.sampled_from(["rolling_28d", "rolling_30d", "calendar_month"]))
    measured = (
        {
            "direction": draw(st.sampled_from(["at_most", "at_least"])),
            "threshold": draw(st.floats(-1e9, 1e9, allow_nan=False)),
        }
        if kind == "samples"
        else {"direction": "", "threshold": None}
    )
    return Objective(
        slug=draw(st.from_regex(r"[a-z][a-z0-9]{0,20}", fullmatch=True)),
        service=Service(pk=1, slug="svc", name="Service"),
        name=draw(words) or "x",
        description=draw(words),
        indicator=kind,
        unit=draw(words)[:20].strip(),
        target=Decimal(draw(st.integers(1, 99_999))) / 1000,
        window=window,
        zone=draw(st.sampled_from(["UTC", "Asia/Kathmandu", "America/Bogota"])),
        at_risk_percent=draw(st.integers(1, 99)),
        policy=draw(words),
        excludes_maintenance=draw(st.booleans()),
        burn_alerts=draw(st.booleans()),
        **measured,
    )


@given(drawn())
def test_what_is_written_is_read_back_the_same(objective):
    (found,) = openslo.read(openslo.write([objective]))
    told = {"slug": found.slug, **found.fields}
    assert {name: told[name] for name in FIELDS} == {name: getattr(objective, name) for name in FIELDS}
    assert found.service == "svc"


@given(st.text(max_size=300) | st.binary(max_size=200).map(lambda raw: raw.decode("latin-1")))
def test_whatever_comes_is_read_or_refused(text):
    try:
        openslo.read(text)
    except Invalid as refusal:
        assert refusal.fields


_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.dates(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@given(st.sampled_from(PLACES), _values)
def test_any_value_at_any_place_is_read_or_refused(path, value):
    documents = list(yaml.safe_load_all(PLAIN))
    at = documents[0]
    *way, last = path.split(".")
    for step in way:
        at = at[step]
    at[last] = value
    try:
        openslo.read(yaml.safe_dump_all(documents))
    except Invalid as refusal:
        assert refusal.fields


def test_a_document_of_others_is_understood():
    (found,) = openslo.read(PLAIN)
    assert (found.slug, found.service, found.fields["target"], found.fields["window"]) == (
        "pages-fast", "doc-extract", Decimal("99.5"), "rolling_28d",
    )  # fmt: skip
    assert found.fields["indicator"] == "events"


@pytest.mark.parametrize(
    ("old", "new", "path"),
    [
        ("openslo/v1\nkind: SLO", "n9/v1\nkind: SLO", "documents[0].apiVersion"),
        ("kind: SLO", "kind: Thing", "documents[0].kind"),
        ("  name: pages-fast\n", "", "documents[0].metadata.name"),
        ("  service: doc-extract\n", "", "documents[0].spec.service"),
        ("indicatorRef: pages", "indicatorRef: none", "documents[0].spec.indicatorRef"),
        ("duration: 4w", "duration: 7d", "documents[0].spec.timeWindow[0]"),
        ("isRolling: true", "isRolling: false", "documents[0].spec.timeWindow[0]"),
        ("Occurrences", "RatioTimeslices", "documents[0].spec.budgetingMethod"),
        ("target: 0.995", "target: 1.0", "documents[0].spec.objectives[0].target"),
        ("target: 0.995", "target: .nan", "documents[0].spec.objectives[0].target"),
        ("target: 0.995", "targetPercent: lots", "documents[0].spec.objectives[0].targetPercent"),
        ("target: 0.995", "{}", "documents[0].spec.objectives[0]"),
        ("    - target: 0.995", "    - target: 0.9\n    - target: 0.99", "documents[0].spec.objectives"),
        (
            "    - target: 0.995",
            "    - {target: 0.9, op: lt, value: 3}",
            "documents[0].spec.objectives[0].op",
        ),
        ("  ratioMetric:", "  otherMetric:", "documents[0].spec.indicatorRef"),
        ("Pages within 5 s", '"\\0"', "documents[0].metadata.displayName"),
        ("Pages within 5 s", '"\\uD800"', "documents[0].metadata.displayName"),
        ("kind: SLO", "kind: &a SLO\nother: *a", "documents"),
        ("kind: SLO", "kind: [", "documents"),
        ("kind: SLO", "kind: !!python/object/apply:os.system [x]", "documents"),
        ("kind: SLO\n", "kind: SLI\n", "documents"),
    ],
)
def test_what_can_not_be_counted_is_refused_by_its_place(old, new, path):
    assert old in PLAIN
    with pytest.raises(Invalid) as refusal:
        openslo.read(PLAIN.replace(old, new, 1))
    assert list(refusal.value.fields) == [path]
    assert refusal.value.message.startswith(f"{path}: ")


def test_too_much_is_refused_before_it_is_read():
    with pytest.raises(Invalid, match="kB"):
        openslo.read("a" * (openslo.MOST_BYTES + 1))
    with pytest.raises(Invalid, match="documents"):
        openslo.read("--- {}\n" * 300)
    with pytest.raises(Invalid):
        openslo.read("[" * 50_000)


def test_the_same_name_twice_is_refused():
    with pytest.raises(Invalid, match="already"):
        openslo.read(PLAIN + "---" + PLAIN.split("---", maxsplit=1)[0])


@pytest.mark.django_db
class TestTakingOver:
    def test_the_look_stores_nothing_and_doing_it_twice_changes_nothing(self):
        service = make.service(slug="doc-extract")
        (step,) = taking_over.preview(PLAIN, Service.objects.all())
        assert (step.what, step.slug, step.target) == ("make", "pages-fast", "99.5 %")
        assert not Objective.objects.exists()
        taking_over.take_over(PLAIN, Service.objects.all(), actor=SYSTEM, now=NOW)
        made = Objective.objects.get()
        assert (made.service, made.name, made.burns.count()) == (service, "Pages within 5 s", 4)
        (again,) = taking_over.take_over(PLAIN, Service.objects.all(), actor=SYSTEM, now=NOW)
        assert again.what == "same"

    def test_what_differs_is_said_and_changed(self):
        make.service(slug="doc-extract")
        taking_over.take_over(PLAIN, Service.objects.all(), actor=SYSTEM, now=NOW)
        other = PLAIN.replace("0.995", "0.99")
        (step,) = taking_over.preview(other, Service.objects.all())
        assert [(each.field, each.old, each.new) for each in step.changes] == [("target", "99.5", "99")]
        taking_over.take_over(other, Service.objects.all(), actor=SYSTEM, now=NOW)
        assert Objective.objects.get().target == 99

    def test_an_export_of_what_stands_changes_nothing(self):
        service = make.service(slug="svc")
        known = [
            make.objective(service, indicator="availability", unit="", policy="Slow down.\n\nThen stop."),
            make.objective(service, indicator="samples", direction="at_most", threshold=300.5, unit="ms"),
            make.objective(service, window="calendar_month", zone="Asia/Kathmandu", at_risk_percent=60),
            make.objective(service, zone="America/Bogota", burn_alerts=False),
        ]
        text = openslo.write(Objective.objects.select_related("service"))
        assert [step.what for step in taking_over.preview(text, Service.objects.all())] == ["same"] * len(
            known
        )

    def test_services_that_we_do_not_know_are_named(self):
        with pytest.raises(Invalid, match="no service called doc-extract") as refusal:
            taking_over.preview(PLAIN, Service.objects.all())
        assert list(refusal.value.fields) == ["documents[0].spec.service"]

    @pytest.mark.parametrize(
        ("other", "match"),
        [({}, "belongs to"), ({"indicator": "availability", "unit": ""}, "counts time up")],
    )
    def test_what_stands_keeps_its_service_and_what_it_counts(self, other, match):
        service = make.service(slug="doc-extract")
        make.objective(service if other else None, slug="pages-fast", **other)
        before = list(Objective.objects.values())
        with pytest.raises(Invalid, match=match):
            taking_over.take_over(PLAIN, Service.objects.all(), actor=SYSTEM, now=NOW)
        assert list(Objective.objects.values()) == before

    def test_all_of_it_or_nothing(self):
        make.service(slug="doc-extract")
        bad = PLAIN + "---" + PLAIN.split("---", maxsplit=1)[0].replace("pages-fast", "Not A Slug")
        with pytest.raises(Invalid, match="A name for machines"):
            taking_over.take_over(bad, Service.objects.all(), actor=SYSTEM, now=NOW)
        assert not Objective.objects.exists()
