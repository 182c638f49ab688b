"""`python -m config.supervisor run`: Mainstay in the foreground; `make run` calls this.
`python -m config.supervisor url` prints the database's URL, password included, for pg_dump and psql."""

import argparse
import os
import signal
import sys

from config.supervisor.errors import SupervisorError
from config.supervisor.kernel import end_with_parent
from config.supervisor.ready import Address
from config.supervisor.run import Run
from config.supervisor.servers import is_for_trials
from config.supervisor.specs import portal
from config.supervisor.urls import POSTGRES_ABSENT, database_url, leads_nowhere


def main(argv: list[str]) -> int:
    """The exit code of the run; 2 for words that make no sense."""
    parser = argparse.ArgumentParser(
        prog="python -m config.supervisor",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("command", choices=["run", "url"])
    parser.add_argument("--host", default=os.environ.get("HOST", "").strip() or "127.0.0.1")
    parser.add_argument("--port", default=os.environ.get("PORT", "").strip() or "8000")
    parser.add_argument(
        "--end-with-parent",
        action="store_true",
        help="stop when the process that started this one ends (make)",
    )
    words = parser.parse_args(argv)
    if words.command == "url":
        return print_url()
    if words.end_with_parent:
        end_with_parent(signal.SIGTERM)
    try:
        address = Address(words.host, port_number(words.port))
    except SupervisorError as error:
        print(error)
        return error.exit_code
    demo_allowed = is_for_trials(os.environ)
    return Run(
        os.environ,
        address,
        lambda env, home: portal(
            env, home.path, host=address.host, port=address.port, demo_allowed=demo_allowed
        ),
    ).main()


def print_url() -> int:
    """Print the URL of the database; exit code 1 and a word of advice where none runs."""
    url = database_url(os.environ)
    if leads_nowhere(url):
        print(POSTGRES_ABSENT, file=sys.stderr)
        return 1
    print(url)
    return 0


def port_number(text: str) -> int:
    """A port as typed. Raises SupervisorError for anything that is none."""
    if text.isdigit() and 1 <= int(text) <= 65535:
        return int(text)
    raise SupervisorError(f"PORT must be a number from 1 to 65535, not {text!r}.")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
