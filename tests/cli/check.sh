#!/usr/bin/env bash
# recai check: the gate of CI.
. "$(dirname "$0")/common.bash"

"$make" base.h5
"$make" same.h5 times=other
"$make" worse.h5 shift=-0.05
"$make" better.h5 shift=0.05
"$make" fewer.h5 users=38
"$make" other.h5 sha=ff

# one of the two expectations of the fixture is missed
expect 1 '1 of 2 expectations missed' "$recai" check base.h5
grep -q 'a wish' out || fail 'the missed row is not shown'
grep -q 'TOIS' out && fail 'a row that holds is shown'
# ndcg@10 has no expectation
expect 0 '' "$recai" check same.h5 --baseline base.h5 --metric ndcg@10
grep -qx 'passed: 0 of 0 expectations missed; 0 of 7 figures worse than the baseline or missing, 0 better' out ||
  fail "$(cat out)"
expect 1 '2 figures worse' "$recai" check worse.h5 -b base.h5 -m ndcg@10
grep -q '^FELL  retrieval  ease    ndcg@10 .*-0.0500 ' out || fail "$(cat out)"
[ "$(grep -o ' u[0-9]* [0-9.]* > ' out | wc -l)" = 6 ] || fail 'three users for each of two figures'
expect 0 '' "$recai" check better.h5 -b base.h5 -m ndcg@10
grep -q '^rose' out || fail 'a rise is not shown'
expect 1 '2 figures worse' "$recai" check better.h5 -b base.h5 -m rank # a lower rank is better
expect 1 '' "$recai" check worse.h5 -b base.h5 -m ndcg@10 --users 1 --format json
python3 - <<'PY'
import json
r = json.load(open("out"))
assert r["passed"] is False and r["n_compared"] == 7 and r["n_failed"] == 2
for m in r["moved"]:
    assert m["moved"] == "fell" and m["system"] == "ease" and m["metric"] == "ndcg@10"
    assert m["ci"][1] < 0 and abs(m["difference"] + .05) < 1e-12 and len(m["users"]) == 1
PY

expect 3 'different test sets' "$recai" check fewer.h5 -b base.h5
expect 0 '' "$recai" check fewer.h5 -b base.h5 --intersection -m ndcg@10
expect 3 'different data' "$recai" check other.h5 -b base.h5
expect 3 'none.h5' "$recai" check base.h5 -b none.h5
expect 2 'did you mean "ndcg@10"?' "$recai" check base.h5 -b base.h5 -m ncdg@10
