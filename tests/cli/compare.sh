#!/usr/bin/env bash
# recai compare: across reports, within one, other test sets.
. "$(dirname "$0")/common.bash"

"$make" a.h5
"$make" b.h5 shift=-0.05
"$make" fewer.h5 users=38
"$make" other.h5 sha=ff
for format in table md csv json latex html; do
  expect 0 '' "$recai" compare a.h5 b.h5 -f $format
  grep -q 'b.h5' out || fail "$format"
done

# every metric of every system both have: 7 applicable results of 3 figures
"$recai" compare a.h5 b.h5 -f csv >all.csv
[ "$(wc -l <all.csv)" = 22 ] || fail 'rows across reports'
python3 - <<'PY'
import csv
rows = list(csv.DictReader(open("all.csv")))
ease = [r for r in rows if r["system_a"] == "ease" and r["metric"] == "ndcg@20"][0]
assert abs(float(ease["difference"]) + .05) < 1e-12 and ease["losses"] == "40" and ease["n"] == "40"
assert float(ease["p_sign"]) < 1e-10 <= float(ease["p_sign"]) * 1e3 and float(ease["p_holm"]) < 1e-10
same = [r for r in rows if r["system_a"] == "chance"][0]
assert same["ties"] == "40" and float(same["p_t"]) == 1 and float(same["p_bh"]) == 1
PY
# user 3 of ease has no ndcg@10: 39 pairs
[ "$("$recai" compare a.h5 b.h5 -m ndcg@10 -t retrieval -f csv | grep ',ease,' | cut -d, -f7-9)" = 39,39,39 ] ||
  fail 'pairs of undefined values'
# one report: every pair of the named systems; of all four without names
[ "$("$recai" compare a.h5 -s ease,chance,agent -m rank -t retrieval -f csv | wc -l)" = 4 ] || fail 'named systems'
[ "$("$recai" compare a.h5 -m rank -t retrieval -f csv | wc -l)" = 7 ] || fail 'all systems'
[ "$("$recai" compare a.h5 b.h5 -s ease,chance -m rank -t retrieval -f csv | wc -l)" = 7 ] || fail 'sides of both'
# the family is what is shown, the corrected test the one named
"$recai" compare a.h5 -s ease,chance -t retrieval --test permutation -f json | python3 -c '
import json, sys
r = json.load(sys.stdin)
assert r["family"] == 3 and r["corrected_test"] == "permutation"
for c in r["comparisons"]:
    assert c["p"]["permutation"] <= c["p_bh"] <= c["p_holm"] <= 1
    assert c["ci"][0] <= c["difference"] <= c["ci"][1] and c["wins"] + c["ties"] + c["losses"] == c["n"]
'
"$recai" compare a.h5 b.h5 --threads 1 | cmp - <("$recai" compare a.h5 b.h5 --threads 2) || fail threads

expect 3 'different test sets: 2 samples only in a.h5' "$recai" compare a.h5 fewer.h5
expect 0 '' "$recai" compare a.h5 fewer.h5 --intersection
grep -q ' 38 ' out || fail intersection
expect 3 'different data' "$recai" compare a.h5 other.h5
expect 0 '' "$recai" compare a.h5 other.h5 --intersection
expect 2 'no report has a system "easy"' "$recai" compare a.h5 b.h5 -s easy
expect 2 'nothing to compare' "$recai" compare a.h5 -s ease
expect 3 'none.h5' "$recai" compare a.h5 none.h5
