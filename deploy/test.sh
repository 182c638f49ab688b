#!/bin/sh
# All tests. Where no Chromium is found it is installed when that is possible (root on Debian), else
# the browser tests are skipped and one line says so. Words given are handed to pytest.
set -eu
cd "$(dirname "$0")/.."

chromium() {
    for name in "${CHROMIUM:-chromium}" chromium-browser google-chrome google-chrome-stable; do
        if command -v "$name" >/dev/null 2>&1; then return 0; fi
    done
    return 1
}

if ! chromium && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "Installing Chromium for the browser tests"
    export DEBIAN_FRONTEND=noninteractive
    { apt-get install -y -qq --no-install-recommends chromium >/dev/null 2>&1 ||
        { apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium >/dev/null; }; } || true
fi
chromium || echo "No Chromium found: the browser tests are skipped. To run them: apt-get install chromium"

exec .venv/bin/python -m pytest -n 2 "$@"
