#!/usr/bin/env bash
# Pins every extra together first, then cuts the smaller sets out of it, so that all sets agree on every version.
# No index address may reach the files: --no-emit-index-url, and `make check` greps for one.
set -euo pipefail
cd "$(dirname "$0")/.."
compile() { uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-annotate --no-emit-index-url --custom-compile-command requirements/compile.sh --quiet "$@"; }
compile --all-extras --group dev --output-file requirements/all.txt
compile --constraint requirements/all.txt --output-file requirements/base.txt
compile --constraint requirements/all.txt --group dev --output-file requirements/dev.txt
