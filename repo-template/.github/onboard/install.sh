#!/usr/bin/env bash
# `onboard upgrade` writes this file anew; delete this line to keep a version of your own.
# Installs the tool as the lock of the base says: these files by their hashes, and nothing else.
set -euo pipefail

lock=${LOCK:-.github/onboard-requirements.txt}
if [[ ! -f $lock ]]; then
  echo "::error::There is no $lock on the base: write it with 'onboard github lock', and merge it."
  exit 1
fi
python3 -I -m venv --clear "$RUNNER_TEMP/onboard"
pip=("$RUNNER_TEMP/onboard/bin/python" -I -m pip --disable-pip-version-check --no-input)
# An sdist would run code of its own to be built, so only wheels count.
"${pip[@]}" install --quiet --require-hashes --no-deps --only-binary :all: -r "$lock"
"${pip[@]}" check
