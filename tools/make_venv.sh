#!/usr/bin/env bash
# Makes a virtual environment with the first Python here that is new enough.
set -euo pipefail
venv=$1
for python in python3 python3.13 python3.12 python3.11 python; do
  if "$python" -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
    echo "Making $venv with $("$python" --version)…"
    # A half-made environment would look like a whole one to the next run.
    "$python" -m venv --clear "$venv" || { rm -rf "$venv"; exit 1; }
    exit 0
  fi
done
echo "itops needs Python 3.11 or newer with its venv module; none was found. Nothing was installed." >&2
echo "On Debian or Ubuntu: apt-get install python3 python3-venv" >&2
exit 1
