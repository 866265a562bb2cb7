#!/usr/bin/env bash
# scripts/fetch where a source cannot be reached: it says what is missing and leaves nothing behind that
# looks like the data.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
dir=$(mktemp -d)
trap 'rm -r "$dir"' EXIT
fail() { echo "FAILED: $*"; exit 1; }

mkdir "$dir/bin" "$dir/home"
for program in curl python3; do # neither the source nor a wheel
  printf '#!/bin/sh\nexit 6\n' >"$dir/bin/$program"
  chmod +x "$dir/bin/$program"
done
code=0
env -u RECAI_DATA -u XDG_CACHE_HOME PATH="$dir/bin:$PATH" HOME="$dir/home" "$root/scripts/fetch" ml-100k >"$dir/out" 2>&1 || code=$?
[ "$code" != 0 ] || fail "nothing could be fetched, and the exit code is 0"
grep -q 'ml-100k/ml-100k.inter' "$dir/out" || fail "the missing file is not named: $(cat "$dir/out")"
left=$(find "$dir/home" -name 'ml-100k*')
[ -z "$left" ] || fail "left behind: $left"
