"""Who gets what answer from every URL of portal and API: one table.

A new page or resource takes part by a row here; `test_every_url_is_in_the_table` asks for it. Columns:
nobody signed in, responder, lead, administrator, a stakeholder of the client whose things are asked for
(`ours`), a stakeholder of another client (`theirs`), a service account's token, a responder's read token.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.access.world import World

ROLES = ("nobody", "responder", "lead", "administrator", "ours", "theirs", "robot", "reader")
# URL names of rooms still being built, as "namespace:" or a whole name. Empty when the house stands.
NOT_YET: set[str] = set()
# A signed link counts for itself, whoever is signed in: no cookie helps it, so no form from elsewhere is to be
# feared, and whoever holds it sees what its person may see.
OWN_CREDENTIAL = {"accounts:action", "rotas:feed"}

Make = Callable[[World], dict[str, Any]]
Codes = tuple[int, ...]


def page(responder: int, lead: int, administrator: int, ours: int, theirs: int) -> Codes:
    """A page of the portal: a stranger is sent to the sign-in, and a token is no sign-in."""
    return (302, responder, lead, administrator, ours, theirs, 302, 302)


def api(
    responder: int, lead: int, administrator: int, ours: int, theirs: int, robot: int, reader: int
) -> Codes:
    """A resource: a stranger gets 401."""
    return (401, responder, lead, administrator, ours, theirs, robot, reader)


@dataclass(frozen=True)
class Row:
    """One request, and its status by role. `url` gives the URL's arguments, `data` the body."""

    name: str
    method: str
    codes: Codes
    url: Make = field(default=lambda world: {})
    data: Make = field(default=lambda world: {})
    query: str = ""

    def __str__(self) -> str:
        return f"{self.method} {self.name}{self.query}"


P_ANY = page(200, 200, 200, 200, 200)
P_OURS = page(200, 200, 200, 200, 404)
P_SUPPORT = page(200, 200, 200, 403, 403)
P_HIDDEN = page(200, 200, 200, 404, 404)
P_LEADS = page(403, 200, 200, 403, 403)
P_NOWHERE = page(404, 404, 404, 404, 404)
P_DONE = page(302, 302, 302, 302, 302)
P_LEADS_DO = page(403, 302, 302, 403, 403)
A_ANY = api(200, 200, 200, 200, 200, 200, 200)
A_OURS = api(200, 200, 200, 200, 404, 200, 200)
A_HIDDEN = api(200, 200, 200, 404, 404, 200, 200)
A_LEADS = api(403, 200, 200, 403, 403, 403, 403)
OPEN = (200,) * 8


def _agreement(world: World) -> dict[str, Any]:
    return {"slug": world.service.agreement.slug}


def _terms(world: World) -> dict[str, Any]:
    return {"slug": world.service.agreement.slug, "number": 1}


def _slug(name: str) -> Make:
    return lambda world: {"slug": getattr(world, name).slug}


def _pk(name: str) -> Make:
    return lambda world: {"pk": getattr(world, name).pk}


def _ref(world: World) -> dict[str, Any]:
    return {"ref": world.incident.ref}


def _verb(name: str) -> Make:
    return lambda world: {"ref": world.incident.ref, "verb": name}


def _window(verb: str) -> Make:
    return lambda world: {"pk": world.window.pk, "verb": verb}


def _handover_do(verb: str) -> Make:
    return lambda world: {"pk": world.handover.pk, "verb": verb}


def _handover_item(verb: str = "") -> Make:
    said = {"verb": verb} if verb else {}
    return lambda world: {"pk": world.handover.pk, "item": world.handover_item.pk, **said}


def _version(world: World) -> dict[str, Any]:
    return {"version": world.handover.version}


def _shadow(world: World) -> dict[str, Any]:
    return {"slug": world.rota.slug, "shadow": world.shadow.pk}


def _number(world: World) -> dict[str, Any]:
    return {"number": world.published.number}


def _note(world: World) -> dict[str, Any]:
    return {"note": "Again"}  # nothing has changed since


def _standard(world: World) -> dict[str, Any]:
    return {"slug": world.service.slug, "standard": "owner"}


def _letters(world: World) -> dict[str, Any]:
    return {"letters": {"paint": {"l1": "RA"}}}


def _action(person: str) -> Make:
    return lambda world: {"token": world.action_token(person)}


CORE = [
    Row("healthz", "get", OPEN),
    Row("readyz", "get", (503,) * 8),  # no engine ticks in a test
    Row("metrics", "get", OPEN),  # from loopback; see tests/config
    Row("core:search", "get", P_ANY),
    Row("core:palette", "get", P_ANY),
    Row("api-root", "get", A_ANY),
    Row("api-schema", "get", A_ANY),
    Row("api-docs", "get", A_ANY),
]

ACCOUNTS = [
    Row("accounts:sign_in", "get", (200, 302, 302, 302, 302, 302, 200, 200)),
    Row("accounts:sign_in_link", "get", OPEN, lambda world: {"token": world.link}),
    Row("accounts:sign_in_link", "post", (302,) * 8, lambda world: {"token": world.link}),
    Row("accounts:sign_in_link", "get", (410,) * 8, lambda world: {"token": "unknown"}),
    # a signed link is its own credential: who is signed in beside it plays no part
    Row("accounts:action", "get", OPEN, _action("responder")),
    Row("accounts:action", "post", OPEN, _action("responder")),
    Row("accounts:action", "get", (403,) * 8, _action("ours")),
    Row("accounts:action", "post", (403,) * 8, _action("theirs")),
    Row("accounts:action", "post", (404,) * 8, lambda world: {"token": "unknown"}),
    Row("accounts:sign_out", "post", (302,) * 8),
    Row("accounts:me", "get", P_ANY),
    Row("accounts:profile", "post", P_DONE),
    Row("accounts:password", "post", page(400, 400, 400, 400, 400)),
    Row("accounts:sign_out_everywhere", "post", P_DONE),
    Row("accounts:tokens", "post", P_ANY, data=lambda world: {"name": "mine", "days": "30"}),
    Row("accounts:revoke_token", "post", page(302, 404, 404, 404, 404), lambda world: {"pk": world.token_pk}),
    Row("accounts:audit", "get", P_LEADS),
    Row("user-list", "get", A_ANY),
    Row("user-detail", "get", A_HIDDEN, lambda world: {"pk": world.people["responder"].pk}),
    Row(
        "user-detail",
        "get",
        api(200, 200, 200, 200, 404, 200, 200),
        lambda world: {"pk": world.people["ours"].pk},
    ),
    Row("team-list", "get", A_ANY),
    Row("team-detail", "get", A_HIDDEN, lambda world: {"slug": world.service.owning_team.slug}),
    Row("site-list", "get", A_ANY),
    Row("site-detail", "get", A_HIDDEN, lambda world: {"slug": world.people["responder"].site.slug}),
    Row("token-list", "get", A_ANY),
    Row(
        "token-list",
        "post",
        api(201, 201, 201, 201, 201, 201, 403),
        data=lambda world: {"name": "mine", "scopes": ["read"]},
    ),
    Row(
        "token-detail",
        "delete",
        api(204, 404, 404, 404, 404, 404, 403),
        lambda world: {"pk": world.token_pk},
    ),
    Row("audit-list", "get", A_LEADS),
]

SERVICES = [
    Row("services:list", "get", P_ANY),
    Row("services:detail", "get", P_OURS, _slug("service")),
    Row("services:boundaries", "get", P_OURS, _slug("service")),
    Row("services:boundaries", "post", page(403, 302, 302, 403, 404), _slug("service")),
    Row("services:template_matrix", "get", P_LEADS),
    Row("services:template_matrix", "post", P_LEADS_DO),
    Row("services:operating_model", "get", P_SUPPORT),
    Row("services:operating_model_version", "get", P_SUPPORT, _number),
    Row(
        "services:operating_model_version", "get", page(404, 404, 404, 403, 403), lambda world: {"number": 0}
    ),
    Row("services:operating_model_publish", "post", page(403, 409, 409, 403, 403), data=_note),
    Row("services:standards", "get", P_SUPPORT),
    Row("services:standards_csv", "get", P_SUPPORT),
    Row("services:readiness", "get", page(200, 200, 200, 403, 404), _slug("service")),
    Row("services:readiness_panel", "get", page(200, 200, 200, 403, 404), _slug("service")),
    Row("services:readiness_check", "post", page(302, 302, 302, 403, 404), _slug("service")),
    Row("services:readiness_take_on", "post", page(302, 302, 302, 403, 404), _standard),
    Row("service-boundaries", "get", A_OURS, _slug("service")),
    Row("service-boundaries", "patch", api(403, 200, 200, 403, 404, 403, 403), _slug("service"), _letters),
    Row("activity-list", "get", A_ANY),
    Row("activity-list", "post", api(403, 400, 400, 403, 403, 403, 403)),
    Row("activity-detail", "get", A_ANY, _slug("activity")),
    Row("activity-detail", "patch", A_LEADS, _slug("activity"), lambda world: {"name": "Painting"}),
    Row("activity-detail", "delete", api(403, 204, 204, 403, 403, 403, 403), _slug("activity")),
    Row("party-terms-list", "get", A_ANY),
    Row("party-terms-list", "post", api(403, 400, 400, 403, 403, 403, 403)),
    Row("party-terms-detail", "get", A_OURS, _pk("terms")),
    Row("party-terms-detail", "patch", api(403, 200, 200, 403, 404, 403, 403), _pk("terms")),
    Row("party-terms-detail", "delete", api(403, 204, 204, 403, 404, 403, 403), _pk("terms")),
    Row("dependency-list", "get", A_ANY),
    Row("dependency-list", "post", api(403, 400, 400, 403, 403, 403, 403)),
    Row("dependency-detail", "get", A_HIDDEN, _pk("dependency")),
    Row("dependency-detail", "patch", api(403, 200, 200, 404, 404, 403, 403), _pk("dependency")),
    Row("dependency-detail", "delete", api(403, 204, 204, 404, 404, 403, 403), _pk("dependency")),
    Row("operating-model-version-list", "get", A_ANY),
    Row("operating-model-version-list", "post", api(403, 409, 409, 403, 403, 403, 403), data=_note),
    Row("operating-model-version-detail", "get", A_HIDDEN, _number),
    Row("readiness-list", "get", A_ANY),
    Row("readiness-detail", "get", A_HIDDEN, _pk("readiness")),
    Row("readiness-detail", "patch", api(200, 200, 200, 404, 404, 403, 403), _pk("readiness")),
    Row("services:objectives", "get", P_ANY),
    Row("services:objective", "get", P_OURS, _slug("objective")),
    Row("services:objective_openslo", "get", P_OURS, _slug("objective")),
    Row("services:openslo", "get", P_LEADS),
    Row("services:openslo", "post", page(403, 400, 400, 403, 403)),
    Row("services:maintenance", "get", P_ANY),
    Row("services:maintenance", "post", page(400, 400, 400, 403, 403)),
    Row("services:maintenance_do", "post", page(302, 302, 302, 403, 404), _window("cancel")),
    Row("services:maintenance_do", "post", page(302, 302, 302, 403, 404), _window("announce")),
    Row("services:maintenance_do", "post", P_NOWHERE, _window("burn")),
    Row("services:uptime", "get", P_ANY),
    Row("service-uptime", "get", A_OURS, _slug("service")),
    Row("client-uptime", "get", A_OURS, lambda world: {"slug": world.service.client.slug}),
    Row("objective-list", "get", A_ANY),
    Row("objective-list", "post", api(403, 400, 400, 403, 403, 403, 403)),
    Row("objective-detail", "get", A_OURS, _slug("objective")),
    Row("objective-detail", "patch", api(403, 200, 200, 403, 404, 403, 403), _slug("objective")),
    Row("objective-standing", "get", A_OURS, _slug("objective")),
    Row("objective-openslo", "get", A_OURS, _slug("objective")),
    Row("objective-take-over", "post", api(403, 400, 400, 403, 403, 403, 403)),
    Row("objective-samples", "post", api(400, 400, 400, 403, 404, 400, 403), _slug("objective")),
    Row("impact-window-list", "get", A_ANY),
    Row("impact-window-detail", "get", A_OURS, _pk("impact")),
    Row("maintenance-window-list", "get", A_ANY),
    Row("maintenance-window-list", "post", api(400, 400, 400, 403, 403, 400, 403)),
    Row("maintenance-window-detail", "get", A_OURS, _pk("window")),
    Row("maintenance-window-cancel", "post", api(200, 200, 200, 403, 404, 200, 403), _pk("window")),
    Row("maintenance-window-announce", "post", api(200, 200, 200, 403, 404, 200, 403), _pk("window")),
    Row("service-list", "get", A_ANY),
    Row("service-list", "post", api(403, 400, 400, 403, 403, 403, 403)),
    Row("service-detail", "get", A_OURS, _slug("service")),
    Row("service-detail", "patch", api(403, 200, 200, 403, 404, 403, 403), _slug("service")),
    Row("client-list", "get", A_ANY),
    Row("client-detail", "get", A_OURS, lambda world: {"slug": world.service.client.slug}),
    Row("services:objectives_panel", "get", P_OURS, _slug("service")),
    Row("services:agreements", "get", P_HIDDEN),
    Row("services:agreement", "get", P_HIDDEN, _agreement),
    Row("services:agreement_diff", "get", P_NOWHERE, _agreement),  # it has one version
    Row("services:agreement_try", "get", P_HIDDEN, _agreement),
    Row("services:agreement_draft", "post", page(403, 302, 302, 404, 404), _agreement),
    Row("services:agreement_publish", "get", page(403, 200, 200, 404, 404), _terms),
    Row("services:agreement_publish", "post", page(403, 200, 200, 404, 404), _terms),
    Row("agreement-list", "get", A_ANY),
    Row("agreement-list", "post", api(403, 400, 400, 403, 403, 403, 403)),
    Row("agreement-detail", "get", A_HIDDEN, _agreement),
    Row("agreement-detail", "patch", api(403, 200, 200, 404, 404, 403, 403), _agreement),
    Row("agreement-versions", "get", A_HIDDEN, _agreement),
    Row("agreement-versions", "post", api(403, 201, 201, 404, 404, 403, 403), _agreement),
    Row("agreement-publish", "post", api(403, 409, 409, 404, 404, 403, 403), _terms),
    Row("agreement-end", "post", api(403, 400, 400, 404, 404, 403, 403), _terms),
    Row("agreement-diff", "get", A_HIDDEN, _agreement, query="?from=1&to=1"),
    Row(
        "agreement-try-out",
        "post",
        api(200, 200, 200, 404, 404, 200, 403),
        _agreement,
        lambda world: {"severity": "SEV2", "raised_at": "2026-03-06T16:50:00+03:00"},
    ),
    Row("calendar-list", "get", A_ANY),
    Row(
        "calendar-detail",
        "get",
        A_HIDDEN,
        lambda world: {"slug": world.service.agreement.versions.get().calendar.slug},
    ),
    Row(
        "calendar-explain",
        "get",
        A_HIDDEN,
        lambda world: {"slug": world.service.agreement.versions.get().calendar.slug},
        query="?start=2026-03-04T08:00:00Z&seconds=3600",
    ),
    Row("model-list", "get", A_ANY),
    Row("model-detail", "get", A_OURS, _pk("model")),
    Row("model-version-list", "get", A_ANY),
    Row("model-version-list", "post", api(400, 400, 400, 403, 403, 400, 403)),
    Row("model-version-detail", "get", A_OURS, _pk("version")),
    Row(
        "model-version-detail",
        "patch",
        api(200, 200, 200, 403, 404, 200, 403),
        _pk("version"),
        lambda world: {"stage": "canary"},
    ),
]

NOTIFICATIONS = [
    Row("notifications:inbox", "get", P_ANY),
    Row("notifications:read_all", "post", P_DONE),
    Row("notifications:open", "get", page(302, 404, 404, 404, 404), _pk("letter")),
    Row("notifications:read", "post", page(302, 404, 404, 404, 404), _pk("letter")),
    Row("notifications:outbox", "get", P_SUPPORT),
    Row("notifications:outbox_message", "get", P_SUPPORT, _pk("message")),
    Row("notifications:outbox_retry", "post", P_LEADS_DO, _pk("message")),
    Row("notifications:my_rules", "get", P_ANY),
    Row("notifications:my_contacts", "get", P_ANY),
    Row("contact-point-list", "get", A_ANY),
    Row(
        "contact-point-list",
        "post",
        api(201, 201, 201, 201, 201, 403, 403),
        data=lambda world: {"kind": "email", "address": "other@test.mainstay"},
    ),
    Row("contact-point-detail", "get", api(200, 404, 404, 404, 404, 404, 200), _pk("contact")),
    Row("contact-point-detail", "delete", api(204, 404, 404, 404, 404, 404, 403), _pk("contact")),
    Row("contact-point-code", "post", api(409, 404, 404, 404, 404, 404, 403), _pk("contact")),
    Row(
        "contact-point-verify",
        "post",
        api(200, 404, 404, 404, 404, 404, 403),
        _pk("contact"),
        lambda world: {"code": "000000"},
    ),
    Row("contact-point-test", "post", api(200, 404, 404, 404, 404, 404, 403), _pk("contact")),
    Row("message-list", "get", A_ANY),
    Row("message-detail", "get", api(200, 404, 404, 404, 404, 404, 200), _pk("letter")),
    Row("message-read", "post", api(200, 404, 404, 404, 404, 404, 403), _pk("letter")),
    Row("message-read-all", "post", api(200, 200, 200, 200, 200, 200, 403)),
    Row("message-rules", "get", A_ANY),
    Row("message-rules", "put", api(200, 200, 200, 200, 200, 200, 403), data=lambda world: {"ordinary": []}),
    Row("outbox-list", "get", api(200, 200, 200, 403, 403, 200, 200)),
    Row("outbox-detail", "get", api(200, 200, 200, 403, 403, 404, 200), _pk("message")),
    Row("outbox-attempts", "get", api(200, 200, 200, 403, 403, 404, 200), _pk("message")),
    Row("outbox-retry", "post", api(403, 200, 200, 403, 403, 404, 403), _pk("message")),
]

ROTAS = [
    Row("rotas:list", "get", P_ANY),  # outsiders find it empty
    Row("rotas:panel_now", "get", P_SUPPORT),
    Row("rotas:my_shifts", "get", P_SUPPORT),
    Row("rotas:for_service", "get", P_SUPPORT, _slug("service")),
    Row("rotas:detail", "get", P_HIDDEN, _slug("rota")),
    Row("rotas:override_add", "post", page(403, 400, 400, 404, 404), _slug("rota")),
    Row(
        "rotas:override_remove",
        "post",
        page(403, 302, 302, 404, 404),
        lambda world: {"slug": world.rota.slug, "pk": world.override.pk},
    ),
    Row("rotas:shadow_add", "post", page(403, 400, 400, 404, 404), _slug("rota")),
    Row(
        "rotas:shadow_remove",
        "post",
        page(403, 302, 302, 404, 404),
        lambda world: {"slug": world.rota.slug, "pk": world.shadow.pk},
    ),
    Row("rotas:new", "get", P_LEADS),
    Row("rotas:simulator", "get", P_SUPPORT),
    Row("rotas:policies", "get", P_SUPPORT),
    Row("rotas:policy", "get", page(404, 404, 404, 403, 403), lambda world: {"slug": "none"}),
    Row("rotas:policy", "get", P_SUPPORT, _slug("policy")),
    Row("rotas:drills", "get", P_SUPPORT),
    Row("rotas:drills", "post", page(403, 400, 400, 403, 403)),
    Row("rotas:drill", "get", page(404, 404, 404, 403, 403), lambda world: {"pk": 0}),
    Row("rotas:drill_verb", "post", page(404, 404, 404, 403, 403), lambda world: {"pk": 0, "verb": "answer"}),
    Row("rotas:calendar", "get", P_SUPPORT),
    Row("rotas:coverage", "get", P_SUPPORT),
    Row("rotas:fairness", "get", P_SUPPORT),
    Row("rotas:hours_csv", "get", P_LEADS),
    Row("rotas:swaps", "get", P_SUPPORT),
    Row("rotas:swaps", "post", page(400, 400, 400, 403, 403)),
    Row(
        "rotas:swap_answer", "post", page(404, 404, 404, 403, 403), lambda world: {"pk": 0, "verb": "accept"}
    ),
    Row("rotas:leave", "get", P_SUPPORT),
    Row("rotas:leave", "post", page(400, 400, 400, 403, 403)),
    Row(
        "rotas:leave_answer",
        "post",
        page(404, 404, 404, 403, 403),
        lambda world: {"pk": 0, "verb": "approve"},
    ),
    Row("rotas:plan", "get", page(403, 200, 200, 404, 404), _slug("rota")),
    Row("rotas:plan", "post", page(403, 400, 400, 404, 404), _slug("rota")),
    Row(
        "rotas:pattern_undo",
        "post",
        page(403, 404, 404, 404, 404),
        lambda world: {"slug": world.rota.slug, "pk": 0},
    ),
    Row("rotas:gap_suggestions", "get", page(403, 404, 404, 404, 404), _slug("rota")),
    Row("rotas:gap_fill", "post", page(403, 404, 404, 404, 404), _slug("rota")),
    # the address of a calendar is its own credential, as a signed link is
    Row("rotas:feed", "get", OPEN, lambda world: {"secret": world.feed_secret}),
    Row("rotas:feed", "get", (404,) * 8, lambda world: {"secret": "unknown"}),
    Row("rotas:feed_begin", "post", page(409, 200, 200, 403, 403)),
    Row("rotas:feed_revoke", "post", page(302, 404, 404, 403, 403), lambda world: {"pk": world.feed_pk}),
    Row("rotas:leave_calendar", "post", page(400, 400, 400, 403, 403), lambda world: {"verb": "keep"}),
    Row("rotas:leave_calendar", "post", page(409, 409, 409, 403, 403), lambda world: {"verb": "drop"}),
    Row("rotas:leave_import", "post", page(400, 400, 400, 403, 403)),
    Row("rotas:handovers", "get", P_SUPPORT),
    Row("rotas:handovers_waiting", "get", P_SUPPORT),
    Row("rotas:handover", "get", P_HIDDEN, _pk("handover")),
    Row("rotas:handover_do", "post", page(302, 302, 302, 404, 404), _handover_do("summary"), _version),
    Row("rotas:handover_do", "post", page(302, 302, 302, 404, 404), _handover_do("publish"), _version),
    Row("rotas:handover_do", "post", page(403, 409, 409, 404, 404), _handover_do("accept")),
    Row("rotas:handover_do", "post", P_NOWHERE, _handover_do("burn")),
    Row(
        "rotas:handover_item",
        "post",
        page(302, 302, 302, 404, 404),
        _handover_item("edit"),
        lambda world: {**_version(world), "title": "Changed"},
    ),
    Row("rotas:handover_item", "post", page(302, 302, 302, 404, 404), _handover_item("remove")),
    Row("rotas:handover_item", "post", page(403, 409, 409, 404, 404), _handover_item("accept")),
    Row("handover-list", "get", A_ANY),
    Row("handover-detail", "get", A_HIDDEN, _pk("handover")),
    Row("handover-detail", "patch", api(428, 428, 428, 404, 404, 428, 403), _pk("handover")),
    Row(
        "handover-items",
        "post",
        api(201, 201, 201, 404, 404, 403, 403),
        _pk("handover"),
        lambda world: {"title": "One thing more"},
    ),
    Row("handover-item", "patch", api(428, 428, 428, 404, 404, 428, 403), _handover_item()),
    Row("handover-item", "delete", api(200, 200, 200, 404, 404, 403, 403), _handover_item()),
    Row("handover-item-accept", "post", api(403, 409, 409, 404, 404, 403, 403), _handover_item()),
    Row("handover-publish", "post", api(200, 200, 200, 404, 404, 403, 403), _pk("handover")),
    Row("handover-accept", "post", api(403, 409, 409, 404, 404, 403, 403), _pk("handover")),
    Row("rota-list", "get", A_ANY),
    Row("rota-detail", "get", A_HIDDEN, _slug("rota")),
    Row("rota-cover", "get", A_HIDDEN, _slug("rota")),
    Row("rota-oncall", "get", A_HIDDEN, _slug("rota")),
    Row("override-list", "get", A_ANY),
    Row("override-list", "post", api(403, 400, 400, 403, 403, 403, 403)),
    Row("override-detail", "get", A_HIDDEN, _pk("override")),
    Row("override-detail", "delete", api(403, 200, 200, 404, 404, 403, 403), _pk("override")),
    Row("rota-shadows", "get", A_HIDDEN, _slug("rota")),
    Row("rota-shadows", "post", api(403, 400, 400, 404, 404, 403, 403), _slug("rota")),
    Row("rota-shadow", "delete", api(403, 200, 200, 404, 404, 403, 403), _shadow),
    Row("swap-list", "get", A_ANY),
    Row("swap-list", "post", api(400, 400, 400, 403, 403, 403, 403)),
    Row("swap-detail", "get", A_HIDDEN, _pk("swap")),
    Row("swap-accept", "post", api(403, 403, 403, 403, 403, 403, 403), _pk("swap")),
    Row("swap-decline", "post", api(403, 403, 403, 403, 403, 403, 403), _pk("swap")),
    Row("swap-withdraw", "post", api(403, 200, 200, 403, 403, 403, 403), _pk("swap")),
    Row("swap-undo", "post", api(409, 409, 409, 403, 403, 403, 403), _pk("swap")),
    Row("leave-list", "get", A_ANY),
    Row("leave-list", "post", api(400, 400, 400, 403, 403, 403, 403)),
    Row("leave-detail", "get", api(404, 200, 200, 404, 404, 404, 404), _pk("leave")),
    Row("leave-approve", "post", api(404, 200, 200, 404, 404, 404, 403), _pk("leave")),
    Row("leave-decline", "post", api(404, 200, 200, 404, 404, 404, 403), _pk("leave")),
    Row("leave-withdraw", "post", api(404, 200, 200, 403, 403, 403, 403), _pk("leave")),
    Row("policy-list", "get", A_ANY),
    Row("policy-detail", "get", A_HIDDEN, _slug("policy")),
    Row("escalation-run-list", "get", A_ANY),
    Row("escalation-run-detail", "get", A_HIDDEN, _pk("run")),
]

RUNBOOKS = [
    Row("runbooks:list", "get", P_HIDDEN),
    Row("runbooks:detail", "get", P_HIDDEN, _slug("runbook")),
    Row("runbooks:for_service", "get", P_HIDDEN, _slug("service")),
    Row("runbook-list", "get", A_ANY),
    Row("runbook-detail", "get", A_HIDDEN, _slug("runbook")),
]

MONITORING = [
    Row("monitoring:alerts", "get", P_ANY),
    Row("monitoring:alert", "get", P_OURS, _pk("alert")),
    Row("monitoring:alert", "get", P_HIDDEN, _pk("unrouted")),
    Row("monitoring:for_service", "get", P_OURS, _slug("service")),
    Row(
        "monitoring:alert_route",
        "post",
        page(302, 302, 302, 404, 404),
        _pk("unrouted"),
        lambda world: {"service": world.service.slug},
    ),
    Row("monitoring:parked", "get", P_LEADS),
    Row("monitoring:delivery", "get", P_LEADS, _pk("delivery")),
    Row("monitoring:delivery_replay", "post", P_LEADS_DO, _pk("delivery")),
    Row("monitoring:integrations", "get", P_LEADS),
    Row("monitoring:integration_rotate", "post", P_LEADS_DO, _pk("integration")),
    Row("monitoring:integration_rate", "post", P_LEADS_DO, _pk("integration")),
    Row("monitoring:integration_switch", "post", P_LEADS_DO, _pk("integration")),
    Row("intake", "post", (404,) * 8, lambda world: {"source": "generic", "key": "unknown"}),
    Row("alert-list", "get", A_ANY),
    Row("alert-detail", "get", A_OURS, _pk("alert")),
    Row("alert-detail", "get", A_HIDDEN, _pk("unrouted")),
    Row("alert-changes", "get", A_OURS, _pk("alert")),
    Row("alert-occurrences", "get", A_OURS, _pk("alert")),
    Row(
        "alert-route",
        "post",
        api(200, 200, 200, 404, 404, 200, 403),
        _pk("unrouted"),
        lambda world: {"service": world.service.slug},
    ),
    Row("integration-list", "get", A_LEADS),
    Row(
        "integration-list",
        "post",
        api(403, 201, 201, 403, 403, 403, 403),
        data=lambda world: {"source": "generic"},
    ),
    Row("integration-detail", "get", A_LEADS, _pk("integration")),
    Row("integration-detail", "patch", A_LEADS, _pk("integration"), lambda world: {"name": "Renamed"}),
    Row("integration-rotate", "post", A_LEADS, _pk("integration")),
    Row("delivery-list", "get", A_LEADS),
    Row("delivery-detail", "get", A_LEADS, _pk("delivery")),
    Row("delivery-replay", "post", api(403, 202, 202, 403, 403, 403, 403), _pk("delivery")),
]

BROUGHT = {"evidence-resource": "Redis", "evidence-metrics": "Latency"}
A_WORK = api(200, 200, 200, 403, 404, 200, 403)
P_WORK = page(302, 302, 302, 403, 404)
INCIDENTS = [
    Row("incidents:board", "get", P_ANY),
    Row("incidents:new", "get", P_ANY),
    Row("incidents:for_service", "get", P_OURS, _slug("service")),
    Row("incidents:alert_panel", "get", P_OURS, _pk("alert")),
    Row("incidents:detail", "get", P_OURS, _ref),
    Row("incidents:spine", "get", P_OURS, _ref),
    Row("incidents:promises", "get", P_OURS, _ref),
    Row("incidents:rail", "get", P_OURS, _ref),
    Row("incidents:told", "get", page(200, 200, 200, 403, 404), _ref),
    Row("incidents:owners", "get", page(200, 200, 200, 403, 404), _ref),
    Row("incidents:callable", "get", page(200, 200, 200, 403, 404), _ref),
    Row("incidents:steps_now", "get", page(200, 200, 200, 403, 404), _ref),
    Row("incidents:asked_for", "get", page(200, 200, 200, 403, 404), _ref),
    Row("incidents:whose", "get", P_OURS, _ref),
    Row("incidents:edit", "get", page(200, 200, 200, 403, 404), _ref),
    Row(
        "incidents:follow",
        "post",
        page(302, 302, 302, 403, 404),
        lambda world: {"ref": world.incident.ref, "pk": world.runbook.pk},
    ),
    Row(
        "incidents:step",
        "post",
        page(404, 404, 404, 403, 404),  # nothing is followed yet
        lambda world: {"ref": world.incident.ref, "link": 0, "position": 1},
    ),
    Row("incidents:kept", "get", P_HIDDEN, _agreement),
    Row("incidents:terms", "get", P_LEADS),
    Row("incidents:terms", "post", P_LEADS),
    Row("incidents:terms_progress", "get", P_LEADS),
    Row(
        "incidents:correct",
        "post",
        page(400, 400, 400, 403, 404),
        lambda world: {"ref": world.incident.ref, "pk": world.correction.clock_id},
    ),
    Row(
        "incidents:correction",
        "post",
        page(403, 403, 302, 403, 404),  # the lead asked for it
        lambda world: {"ref": world.incident.ref, "pk": world.correction.pk},
        lambda world: {"agree": "1"},
    ),
    Row("correction-list", "get", A_ANY),
    Row("correction-list", "post", api(400, 400, 400, 403, 403, 400, 403)),
    Row("correction-detail", "get", A_HIDDEN, _pk("correction")),
    Row(
        "correction-decide",
        "post",
        api(403, 403, 200, 404, 404, 403, 403),
        _pk("correction"),
        lambda world: {"agree": True},
    ),
    Row("replanning-list", "get", A_ANY),
    Row("replanning-list", "post", api(403, 400, 400, 403, 403, 403, 403)),
    Row("replanning-detail", "get", api(404, 200, 200, 404, 404, 404, 404), _pk("replanning")),
    Row("incidents:act", "get", page(200, 200, 200, 403, 404), _verb("resolve")),
    Row("incidents:act", "get", P_OURS, _verb("link")),
    Row("incidents:act", "get", page(403, 200, 200, 403, 404), _verb("cancel")),
    Row("incidents:act", "get", page(409, 409, 409, 409, 404), _verb("accept_hand_off")),
    Row("incidents:act", "post", P_WORK, _verb("acknowledge")),
    Row(
        "incidents:act", "post", page(302, 302, 302, 302, 404), _verb("note"), lambda world: {"text": "Seen"}
    ),
    Row(
        "incidents:act",
        "post",
        page(302, 302, 302, 302, 404),
        _verb("link"),
        lambda world: {"url": "https://grafana.example/"},
    ),
    Row(
        "incidents:act", "post", P_WORK, _verb("hand_off"), lambda world: {"party": "platform_ops", **BROUGHT}
    ),
    Row("incidents:act", "post", page(409, 409, 409, 409, 404), _verb("accept_hand_off")),
    Row("incident-parties", "get", A_OURS, _ref),
    Row("incident-verb", "post", api(409, 409, 409, 403, 404, 409, 403), _verb("take_back")),
    Row("incident-verb", "post", api(409, 409, 409, 409, 404, 409, 403), _verb("bounce_hand_off")),
    Row("incidents:act", "post", P_WORK, _verb("impact"), lambda world: {"effect": "down"}),
    Row("incident-verb", "post", A_WORK, _verb("impact"), lambda world: {"effect": "down"}),
    Row("incident-list", "get", A_ANY),
    Row(
        "incident-list",
        "post",
        api(201, 201, 201, 201, 400, 201, 403),
        data=lambda world: {
            "title": "Slow",
            "service": world.service.slug,
            "impact": "high",
            "urgency": "medium",
        },
    ),
    Row("incident-detail", "get", A_OURS, _ref),
    Row(
        "incident-detail",
        "patch",
        api(428, 428, 428, 403, 404, 428, 403),
        _ref,
        lambda world: {"title": "New"},
    ),
    Row("incident-clocks", "get", A_OURS, _ref),
    Row("incident-explain-clocks", "get", A_OURS, _ref),
    Row("incident-timeline", "get", A_OURS, _ref),
    Row("incident-verb", "post", A_WORK, _verb("acknowledge")),
    Row(
        "incident-verb",
        "post",
        api(403, 200, 200, 403, 404, 403, 403),
        _verb("cancel"),
        lambda world: {"reason": "Test"},
    ),
    Row(
        "incident-verb",
        "post",
        api(200, 200, 200, 200, 404, 200, 403),
        _verb("note"),
        lambda world: {"text": "Seen"},
    ),
    Row(
        "incident-verb",
        "post",
        api(200, 200, 200, 200, 404, 200, 403),
        _verb("link"),
        lambda world: {"url": "https://grafana.example/"},
    ),
]

REPORTING = [
    Row("reporting:room", "get", P_ANY),
    Row("reporting:engines", "get", P_LEADS),
    Row("reporting:engines_ring", "post", P_LEADS_DO),
    Row("engines", "get", A_LEADS),
    Row("engines-ring", "post", api(403, 202, 202, 403, 403, 403, 403)),
    Row("reporting:numbers", "get", P_ANY),
    Row("reporting:numbers_csv", "get", P_ANY),
    Row("numbers", "get", A_ANY),
]

ROWS = [*CORE, *ACCOUNTS, *SERVICES, *NOTIFICATIONS, *ROTAS, *RUNBOOKS, *MONITORING, *INCIDENTS, *REPORTING]
