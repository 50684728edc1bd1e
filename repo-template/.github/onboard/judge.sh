#!/usr/bin/env bash
# `onboard upgrade` writes this file anew; delete this line to keep a version of your own.
# Judges the head against the base; what the tool ends with is what this step ends with.
set -euo pipefail

code=0
rm -f "$VERDICT" "$RUNNER_TEMP/verdict.md"
"$RUNNER_TEMP/onboard/bin/onboard" gate "$BASE" "$HEAD" --author-id "$AUTHOR_ID" --author "$AUTHOR" --format github \
  --report "json=$VERDICT" --report "markdown=$RUNNER_TEMP/verdict.md" || code=$?
if [[ -f $RUNNER_TEMP/verdict.md ]]; then
  cat "$RUNNER_TEMP/verdict.md" >>"$GITHUB_STEP_SUMMARY"
else
  echo "There is no verdict: the log of this step says why." >>"$GITHUB_STEP_SUMMARY"
fi
exit "$code"
