#!/bin/sh
# Make the virtual environment and install one requirements file into it.
#   deploy/setup.sh FILE STAMP      STAMP is touched once everything is in place
# PYTHON names the interpreter (default: python3). Wants Python 3.11 or newer.
set -eu

file=$1
stamp=$2
python=${PYTHON:-python3}
venv=$(dirname "$stamp")

say() { printf '%s\n' "$*"; }
fail() { printf '%s\n' "$*" >&2; exit 1; }
new_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }

if ! new_enough "$python"; then
    for other in python3.13 python3.12 python3.11; do
        if command -v "$other" >/dev/null && new_enough "$other"; then python=$other; break; fi
    done
fi
command -v "$python" >/dev/null || fail "Python is missing. On Debian: apt-get install python3 python3-venv"
new_enough "$python" || fail "Mainstay needs Python 3.11 or newer; $python is $("$python" -V 2>&1). Name another: make setup PYTHON=/path/to/python3.12"

# Debian keeps the part of Python that makes a complete environment in a package of its own.
if ! "$python" -c 'import venv, ensurepip' 2>/dev/null; then
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        say "Installing python3-venv"
        export DEBIAN_FRONTEND=noninteractive
        apt-get install -y -qq python3-venv >/dev/null 2>&1 \
            || { apt-get update -qq && apt-get install -y -qq python3-venv >/dev/null; } \
            || fail "python3-venv could not be installed. Try: apt-get update && apt-get install python3-venv"
    else
        fail "Python can't make a virtual environment here. As root: apt-get install python3-venv, then again."
    fi
fi

# An environment that was cut off half-made, or whose Python has gone, is made anew.
if ! "$venv/bin/python" -m pip --version >/dev/null 2>&1 || ! new_enough "$venv/bin/python"; then
    say "Making $venv with $("$python" -V)"
    rm -rf "$venv"
    "$python" -m venv "$venv"
fi

say "Installing $file"
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check --root-user-action=ignore -r "$file" \
    || fail "The packages of $file could not be installed; what pip said stands above."
touch "$stamp"
