#!/usr/bin/env bash
# Pins every extra together first, then cuts the smaller sets out of it, so that all sets agree on every version.
# No index address may reach the files: --no-emit-index-url, and `make check` looks for one.
# A version that stands in a file stays; to raise one: requirements/compile.sh --upgrade-package NAME (or --upgrade).
set -euo pipefail
cd "$(dirname "$0")/.."
more=("$@")
compile() {
  uv pip compile --universal --python-version 3.11 --generate-hashes --no-annotate --no-emit-index-url \
    --custom-compile-command requirements/compile.sh --quiet "$@"
}
compile pyproject.toml --all-extras --group dev "${more[@]}" --output-file requirements/all.txt
compile pyproject.toml --constraint requirements/all.txt --output-file requirements/base.txt
compile pyproject.toml --group dev --constraint requirements/all.txt --output-file requirements/dev.txt
# What builds the package itself, so that installing it from the checkout fetches nothing unpinned.
compile --group build --constraint requirements/all.txt --output-file requirements/build.txt
