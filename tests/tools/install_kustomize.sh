#!/bin/sh
# Installs the kustomize that the tests compare with, and prints the path of its binary
# as the last line of stdout. Everything else goes to stderr.
#
#   KUSTOMIZE=$(tests/tools/install_kustomize.sh)
#
# The binary is kept in $ONBOARD_TOOLS (default: ~/.cache/onboarding-tool/tools). Nothing
# is done when it is there already. Two runs at once are safe: each builds in a folder of
# its own and moves the finished binary into place.
set -eu

version=5.8.1
module=sigs.k8s.io/kustomize/kustomize/v5@v$version

say() { echo "install_kustomize: $*" >&2; }

tools=${ONBOARD_TOOLS:-$HOME/.cache/onboarding-tool/tools}
folder=$tools/kustomize-$version
binary=$folder/kustomize

if [ -x "$binary" ]; then
    say "kustomize $version is already at $binary"
    echo "$binary"
    exit 0
fi

if ! command -v go >/dev/null 2>&1; then
    say "cannot install kustomize $version: there is no 'go' on PATH; install Go 1.24 or newer and run this again."
    exit 1
fi

mkdir -p "$folder"
# Beside the target and not in /tmp: a move within one file system is atomic.
work=$(mktemp -d "$folder/build.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

# What the caller set for builds of his own (-mod=vendor, go.work, cross-compiling) must not
# bend this one. An empty GOFLAGS would let the one stored by `go env -w` through.
export GOFLAGS=-buildvcs=false GOWORK=off CGO_ENABLED=0 GOBIN="$work"
GOOS=$(go env GOHOSTOS) GOARCH=$(go env GOHOSTARCH)
export GOOS GOARCH
say "building kustomize $version with $(go version); this takes about a minute"
if ! (
    cd "$work"
    go install -ldflags "-s -w -X sigs.k8s.io/kustomize/api/provenance.version=v$version" "$module"
) >&2; then
    say "cannot install kustomize $version: 'go install $module' failed, see above."
    exit 1
fi

mv -f "$work/kustomize" "$binary"
say "installed $binary"
echo "$binary"
