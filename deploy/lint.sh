#!/bin/bash
# Everything that tools hold, one line each; what fails shows its words. Called by `make lint`.
# None of it needs a running server. Exit code 1 if anything failed.
set -uo pipefail
cd "$(dirname "$0")/.."
PATH=$PWD/.venv/bin:$PATH
scratch=$(mktemp -d)
chmod 755 "$scratch"
trap 'rm -rf "$scratch"' EXIT
# The empty home says that no server runs, whatever runs on this machine.
export MAINSTAY_HOME=$scratch/home DJANGO_SETTINGS_MODULE=config.settings
unset DATABASE_URL REDIS_URL
failed=()

check() {
    local name=$1 began=$SECONDS
    shift
    if "$@" >"$scratch/out" 2>&1; then
        printf '✓ %s %s s\n' "$name" "$((SECONDS - began))"
    else
        printf '✗ %s\n' "$name"
        sed 's/^/    /' "$scratch/out"
        failed+=("$name")
    fi
}

# Missing migrations; that no database can be asked is expected here, and not the question.
migrations() {
    python -W ignore::RuntimeWarning manage.py makemigrations --check --dry-run
}

production() {
    MAINSTAY_PRODUCTION=1 MAINSTAY_ALLOWED_HOSTS=portal.example.org \
        MAINSTAY_PUBLIC_URL=https://portal.example.org \
        MAINSTAY_SECRET_KEY=$(python -c 'import secrets; print(secrets.token_urlsafe(64))') \
        python manage.py check --deploy --fail-level WARNING
}

templates() {
    local folders=(*/templates)
    djlint --quiet --lint "${folders[@]}"
}

# The API's description stands in the repository: a change to it is seen in review.
openapi() {
    python manage.py spectacular --validate --fail-on-warn --file "$scratch/openapi.yaml" &&
        diff -u docs/openapi.yaml "$scratch/openapi.yaml" ||
        { echo "If the change is meant: .venv/bin/python manage.py spectacular --file docs/openapi.yaml"; return 1; }
}

check "ruff" ruff check .
check "ruff format" ruff format --check .
check "import-linter: the ladder and the floor plan" lint-imports
check "mypy" mypy .
check "djlint" templates
check "makemigrations --check" migrations
check "check --deploy on production settings" production
check "OpenAPI as committed" openapi

if ((${#failed[@]})); then
    printf '%s of 8 failed: %s\n' "${#failed[@]}" "$(IFS=,; echo "${failed[*]}")"
    exit 1
fi
