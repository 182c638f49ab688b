"""The table of what runs, and when the demo organisation is loaded."""

import subprocess

import psycopg
import pytest
from django.db import connection

from config.supervisor.home import BASE_DIR
from config.supervisor.servers import is_for_trials
from config.supervisor.specs import PYTHON, Step, demo_step, portal, sign_in_lines


@pytest.fixture
def database(db):
    """The environment that leads to a database of our own, empty of tables."""
    params = connection.get_connection_params()
    name = f"{params['dbname']}_specs"
    link = {key: params[key] for key in ("user", "password", "host", "port") if params.get(key)}
    with psycopg.connect(**link, dbname="postgres", autocommit=True) as admin:
        admin.execute(f"DROP DATABASE IF EXISTS {name}")
        admin.execute(f"CREATE DATABASE {name}")
        yield {"DATABASE_URL": psycopg.conninfo.make_conninfo(**link, dbname=name)}
        admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


def people(env: dict[str, str], *emails: str) -> None:
    with psycopg.connect(env["DATABASE_URL"]) as link:
        link.execute("CREATE TABLE IF NOT EXISTS accounts_user (email text)")
        for email in emails:
            link.execute("INSERT INTO accounts_user VALUES (%s)", [email])


@pytest.fixture
def home(tmp_path):
    (tmp_path / "run").mkdir()
    return tmp_path


def step(home, *, allowed: bool = True) -> Step:
    return demo_step(home, allowed=allowed)


def test_the_demo_loads_into_an_empty_embedded_database(database, home):
    people(database)
    assert step(home).needed(database)


def test_the_demo_never_joins_people_who_are_there(database, home):
    people(database, "alice@example.org")
    assert not step(home).needed(database)


def test_the_demo_stays_out_of_a_given_database_unless_asked(database, home):
    people(database)
    assert not step(home, allowed=False).needed(database)
    assert step(home, allowed=False).needed({**database, "MAINSTAY_DEMO": "1"})


def test_a_database_in_production_is_none_for_trials():
    assert is_for_trials({})
    assert is_for_trials({"MAINSTAY_PRODUCTION": "0"})
    assert not is_for_trials({"MAINSTAY_PRODUCTION": "1"})
    assert not is_for_trials({"DATABASE_URL": "postgresql://elsewhere/portal"})


def test_the_demo_can_be_refused(database, home):
    people(database)
    assert not step(home).needed({**database, "MAINSTAY_DEMO": "0"})


def test_a_demo_that_was_cut_off_is_finished_by_the_next_start(database, home):
    people(database)
    assert step(home).needed(database)
    people(database, "lead@demo.mainstay")  # as far as it came
    assert step(home).needed(database)
    step(home).done(database)
    assert not step(home).needed(database)


def test_the_demo_password_is_said_only_where_the_demo_is(database):
    people(database, "alice@example.org")
    assert sign_in_lines(database, lambda _argv: "") == [
        "Sign in with your account. The first one: .venv/bin/python manage.py createsuperuser"
    ]
    people(database, "lead@demo.mainstay")
    assert sign_in_lines(database, lambda argv: f"http://here/{argv[-1]}\n") == [
        "Sign in as lead@demo.mainstay, responder@demo.mainstay, admin@demo.mainstay, client@demo.mainstay",
        "password: mainstay-demo",
        "One-time link for the lead: http://here/lead@demo.mainstay",
    ]


def test_a_failing_login_link_is_left_out(database):
    people(database, "lead@demo.mainstay")
    assert len(sign_in_lines(database, lambda _argv: "")) == 2


def test_deliveries_have_a_worker_of_their_own(home):
    processes = {
        spec.name: spec.argv for spec in portal({}, home, host="::1", port=1, demo_allowed=True).processes
    }
    assert list(processes) == ["web", "worker", "courier", "beat"]
    assert "--queues=engine" in processes["worker"]
    assert "--queues=delivery" in processes["courier"]


def test_sizes_come_from_the_environment_and_nonsense_is_ignored(home):
    env = {"MAINSTAY_WEB_WORKERS": "3", "MAINSTAY_ENGINES": "many", "MAINSTAY_COURIERS": "0"}
    processes = {
        spec.name: spec.argv for spec in portal(env, home, host="::1", port=1, demo_allowed=True).processes
    }
    assert processes["web"][processes["web"].index("--workers") + 1] == "3"
    assert "--concurrency=2" in processes["worker"]
    assert "--concurrency=1" in processes["courier"]


def test_the_supervisor_speaks_without_django():
    """It has to say what is wrong where Django cannot start; and it starts sooner."""
    loaded = "import sys, config.supervisor.run; print([name for name in ('django.db', 'config.settings') if name in sys.modules])"
    said = subprocess.run([PYTHON, "-c", loaded], capture_output=True, text=True, check=True, cwd=BASE_DIR)
    assert said.stdout.strip() == "[]"
