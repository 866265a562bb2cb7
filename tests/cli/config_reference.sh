#!/usr/bin/env bash
# docs/config.md is what the option tables say; every shipped config is good (files of configs/tasks are parts of configs).
set -euo pipefail
recai=$1
root=$(cd "$(dirname "$0")/../.." && pwd)
"$recai" list --format md | diff - "$root/docs/config.md" ||
  { echo 'docs/config.md is out of date: recai list --format md > docs/config.md' >&2; exit 1; }
find "$root/configs" \( -path '*/tasks' -o -name prices.yaml \) -prune -o -name '*.yaml' -print0 | xargs -0 "$recai" validate >/dev/null
