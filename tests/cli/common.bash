# Sourced by the scripts beside it: a fresh folder to work in, removed at the end; fail; expect.
# $recai is the program, $make writes the report of tests/harness/report/fixture.c.
set -euo pipefail
recai=$1 make=$(dirname "$1")/tests/make_report here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
dir=$(mktemp -d)
trap 'rm -r "$dir"' EXIT
cd "$dir"

fail() { echo "FAILED: $*" >&2; exit 1; }

expect() { # expect CODE TEXT command...: the exit code, and a text on standard error ('' = any)
  local code=0 want=$1 text=$2
  shift 2
  "$@" >out 2>err || code=$?
  [ "$code" = "$want" ] || fail "$*: exit $code, wanted $want: $(cat err)"
  [ -z "$text" ] || grep -qF -- "$text" err || fail "$*: no '$text' in: $(cat err)"
}
