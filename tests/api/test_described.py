"""Every operation of the API, asked what its description allows and what it forbids, by schemathesis.

The answers are as described (status, content type, body, headers), never a server error, and what the description
forbids is refused. The same questions on every run.
"""

import warnings
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from accounts.domain import tokens
from core import clock
from tests.access import world as worlds
from tests.access.world import World

pytestmark = pytest.mark.django_db
EXAMPLES = 8
CONFORMS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    response_headers_conformance,
]


@cache
def _handler() -> WSGIHandler:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # no collected static files here
        return WSGIHandler()


def application(environ: dict[str, Any], start_response: Any) -> Any:
    return _handler()(environ, start_response)


schema = schemathesis.openapi.from_path(Path(__file__).parents[2] / "docs" / "openapi.yaml")
schema.app = application
OPERATIONS = {
    f"{operation.method.upper()} {operation.path}": operation
    for operation in (found.ok() for found in schema.get_all_operations())
}
# What stands in the path of each kind of thing that there is; the rest is asked for by invented keys only.
REAL: dict[str, Callable[[World], str]] = {
    "agreements/{slug}": lambda world: world.service.agreement.slug,
    "alerts/{id}": lambda world: world.unrouted.pk,
    "calendars/{slug}": lambda world: world.service.agreement.versions.get().calendar.slug,
    "corrections/{id}": lambda world: world.correction.pk,
    "replannings/{id}": lambda world: world.replanning.pk,
    "clients/{slug}": lambda world: world.service.client.slug,
    "contact-points/{id}": lambda world: world.contact.pk,
    "deliveries/{id}": lambda world: world.delivery.pk,
    "escalation-runs/{id}": lambda world: world.run.pk,
    "handovers/{id}": lambda world: world.handover.pk,
    "incidents/{ref}": lambda world: world.incident.ref,
    "integrations/{id}": lambda world: world.integration.pk,
    "messages/{id}": lambda world: world.letter.pk,
    "model-versions/{id}": lambda world: world.version.pk,
    "models/{id}": lambda world: world.model.pk,
    "outbox/{id}": lambda world: world.message.pk,
    "overrides/{id}": lambda world: world.override.pk,
    "policies/{slug}": lambda world: world.policy.slug,
    "rotas/{slug}": lambda world: world.rota.slug,
    "runbooks/{slug}": lambda world: world.runbook.slug,
    "services/{slug}": lambda world: world.service.slug,
    "sites/{slug}": lambda world: world.people["lead"].site.slug,
    "teams/{slug}": lambda world: world.service.owning_team.slug,
    "tokens/{id}": lambda world: world.token_pk,
    "users/{id}": lambda world: world.people["ours"].pk,
}


@pytest.fixture(autouse=True)
def one_connection() -> Iterator[None]:
    """The application answers within the test's transaction, as Django's own test client has it."""
    request_started.disconnect(close_old_connections)
    request_finished.disconnect(close_old_connections)
    yield
    request_started.connect(close_old_connections)
    request_finished.connect(close_old_connections)


@pytest.fixture
def world() -> World:
    return worlds.build()


@pytest.fixture
def headers(world: World) -> dict[str, str]:
    """A token of somebody who may do everything; the responder where things are a person's own."""
    admin = world.people["administrator"]
    return {"Authorization": f"Token {tokens.issue(admin, 'all', ['read', 'write'], None, clock.now())[1]}"}


def real_path(operation: Any, world: World) -> dict[str, str]:
    """Parameters of the path that name something there is; {} where the table has none."""
    for place, key in REAL.items():
        if f"/{place}/" in operation.path:
            return {place.partition("{")[2].rstrip("}"): str(key(world))}
    return {}


def ask(operation: Any, mode: GenerationMode, check: Callable[[Any, bool], None]) -> None:
    """`check(case, is_real)` for some cases of that mode, the same ones every time."""

    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode), is_real=st.booleans())
    def examples(case: Any, is_real: bool) -> None:
        check(case, is_real)

    examples()


def says_nothing(case: Any) -> bool:
    """A filter without a value asks for nothing: browsers' forms send such. What has no words in a URL becomes one."""
    return any(not value or isinstance(value, list | dict) for value in (case.query or {}).values())


@pytest.mark.parametrize("name", OPERATIONS)
def test_what_is_allowed_is_answered_as_described(name, world, headers):
    path = real_path(OPERATIONS[name], world)

    def check(case: Any, is_real: bool) -> None:
        if is_real and path:
            case.path_parameters = {**case.path_parameters, **path}
        case.call_and_validate(headers=headers, checks=CONFORMS)

    ask(OPERATIONS[name], GenerationMode.POSITIVE, check)


@pytest.mark.parametrize("name", OPERATIONS)
def test_what_is_forbidden_is_refused_as_described(name, world, headers):
    path = real_path(OPERATIONS[name], world)

    def check(case: Any, is_real: bool) -> None:
        checks = CONFORMS if says_nothing(case) else [*CONFORMS, negative_data_rejection]
        if is_real and path:
            case.path_parameters, checks = {**case.path_parameters, **path}, CONFORMS
        case.call_and_validate(headers=headers, checks=checks)

    try:
        ask(OPERATIONS[name], GenerationMode.NEGATIVE, check)
    except Unsatisfiable:
        pytest.skip("its description forbids nothing")
