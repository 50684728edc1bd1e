#!/usr/bin/env bash
# `onboard upgrade` writes this file anew; delete this line to keep a version of your own.
# Brings the head as git objects beside the checked-out base, and tells who asks. Nothing of the head is checked out.
set -euo pipefail

refuse() {
  echo "::error::$1"
  exit 1
}

# What comes from the event is held to its form before it is a word of a command or a line of an output.
[[ $HEAD =~ ^[0-9a-f]{40}([0-9a-f]{24})?$ ]] || refuse "The head is no commit."
[[ ${NUMBER:-} =~ ^[0-9]*$ ]] || refuse "The number of the pull request is no number."
base=$(git rev-parse --verify 'HEAD^{commit}')

if [[ -n ${GROUP_REF:-} ]]; then
  # The merge queue names the last pull request of a group in its ref, and only that one: so a group has to be of one.
  [[ $GROUP_REF =~ ^refs/heads/gh-readonly-queue/.+/pr-([0-9]+)-[0-9a-f]+$ ]] || refuse "This is no ref of a merge queue."
  NUMBER=${BASH_REMATCH[1]}
  ref=$GROUP_REF
elif [[ -n ${NUMBER:-} ]]; then
  ref=refs/pull/$NUMBER/head
else
  ref=$HEAD
fi

# The token is in the environment of this one command, in no file and in no argument.
GIT_TERMINAL_PROMPT=0 GIT_CONFIG_COUNT=1 \
  GIT_CONFIG_KEY_0="http.$GITHUB_SERVER_URL/.extraHeader" \
  GIT_CONFIG_VALUE_0="Authorization: Basic $(printf 'x-access-token:%s' "$TOKEN" | base64 | tr -d '\n')" \
  git fetch --quiet --no-tags --no-recurse-submodules --no-write-fetch-head origin "+$ref:refs/onboard/head"
[[ $(git rev-parse --verify 'refs/onboard/head^{commit}') == "$HEAD" ]] ||
  refuse "The pull request has moved on meanwhile: the run for its new commit judges it."

if [[ -n ${GROUP_REF:-} ]]; then
  [[ $(git rev-parse --verify "$HEAD^1") == "$base" ]] ||
    refuse "The merge queue tests several pull requests at once, and each is judged as that of its author: let it build and merge one at a time, and not by rebasing."
  pull=$(curl --fail --silent --show-error --max-time 20 --retry 2 --header @- \
    "$GITHUB_API_URL/repos/$GITHUB_REPOSITORY/pulls/$NUMBER" <<<"Authorization: Bearer $TOKEN") ||
    refuse "GitHub did not say whose pull request $NUMBER is."
  AUTHOR_ID=$(python3 -I -c 'import json, sys; print(json.load(sys.stdin)["user"]["id"])' <<<"$pull")
  AUTHOR=$(python3 -I -c 'import json, sys; print(json.load(sys.stdin)["user"]["login"])' <<<"$pull")
fi
[[ ${AUTHOR:-} =~ ^[A-Za-z0-9][A-Za-z0-9_-]*(\[bot\])?$ ]] || refuse "The author is no login."
[[ ${AUTHOR_ID:-} =~ ^[1-9][0-9]*$ ]] || refuse "The id of the author is no number."

printf '%s\n' "base=$base" "head=$HEAD" "author=$AUTHOR" "author-id=$AUTHOR_ID" >>"$GITHUB_OUTPUT"
