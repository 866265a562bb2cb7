#!/usr/bin/env bash
# configs/reclm-eval-redial.yaml on the public files: dialogues go on from where they were recorded, the
# scripted ceiling finds every item in its first turn, chance does not. Needs redial along RECAI_DATA.
. "$(dirname "$0")/common.bash"
code=0
"$recai" run "$here/../../configs/reclm-eval-redial.yaml" --out redial.h5 -q >table 2>err || code=$?
if [ "$code" != 0 ] && grep -q 'not found in RECAI_DATA' err; then
  echo "redial: $(cat err)"
  [ -z "${RECAI_REQUIRE_DATA:-}" ] || exit 1
  exit 77
fi
[ "$code" = 0 ] || fail "exit $code: $(cat err)"
grep -q '^random .*user simulated by rules' table || fail "no word of the rules: $(cat table)"
"$recai" show redial.h5 --format csv >figures
figure() { awk -F, -v s="$1" -v m="$2" '$2 == s && $3 == m {print $4 ":" $NF}' figures; }
[ "$(figure scripted-perfect recall@1)" = 1:100 ] || fail "ceiling: $(figure scripted-perfect recall@1)"
[ "$(figure scripted-perfect AT)" = 1:100 ] || fail "ceiling: AT $(figure scripted-perfect AT)"
awk -F, '$2 == "random" && $3 == "recall" && $4 < 0.05 {found = 1} END {exit !found}' figures ||
  fail "random: $(figure random recall)"
