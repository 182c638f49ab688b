"""A small installation that the process tests run in place of the portal.

`python -m tests.supervisor.stub PORT` is a supervisor whose table holds a web server of ten lines
and a worker with one pool process. `python -m tests.supervisor.stub web|worker …` are those.
"""

import http.server
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping

from config.supervisor.kernel import end_with_parent
from config.supervisor.ready import Address
from config.supervisor.run import Run
from config.supervisor.specs import PYTHON, Spec, Step, Table

_ME = (PYTHON, "-m", "tests.supervisor.stub")


class Answer(http.server.BaseHTTPRequestHandler):
    """Ready from the first moment."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"ready")

    def log_message(self, *_: object) -> None:
        return


def table(port: int) -> Table:
    return Table(
        ready_path="/readyz",
        steps=(
            Step("Step is done", ((PYTHON, "-c", "print('step')"), (PYTHON, "-c", "print('beside it')"))),
        ),
        processes=(Spec("web", (*_ME, "web", str(port))), Spec("worker", (*_ME, "worker"))),
        closing=lambda env, run: ["Sign in somehow", run((PYTHON, "-c", _closing(env))).strip()],
    )


def _closing(env: Mapping[str, str]) -> str:
    return "import time; time.sleep(25)" if env.get("STUB_SLOW_CLOSING") else "print('a link')"


def main(words: list[str]) -> int:
    if words[0] == "web":
        http.server.ThreadingHTTPServer(("127.0.0.1", int(words[1])), Answer).serve_forever()
    elif words[0] == "worker":
        subprocess.Popen([*_ME, "pool"])
        time.sleep(3600)
    elif words[0] == "pool":
        time.sleep(3600)
    port = int(words[0])
    if "--end-with-parent" in words:
        end_with_parent(signal.SIGTERM)

    def table_for(_env: Mapping[str, str], _home: object) -> Table:
        return table(port)

    return Run(os.environ, Address("127.0.0.1", port), table_for).main()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
