#!/usr/bin/env bash
# recai show: formats, filters, bad files.
. "$(dirname "$0")/common.bash"

"$make" a.h5
for format in table md csv json latex html; do
  expect 0 '' "$recai" show a.h5 --format $format
  [ -s out ] && [ ! -s err ] || fail "$format: nothing, or noise on stderr"
done
"$recai" show a.h5 -f json | python3 -c '
import json, sys
r = json.load(sys.stdin)
assert list(r) == ["schema", "name", "config_hash", "content_hash", "seeds", "tasks", "expected"], list(r)
f = r["tasks"]["retrieval"]["ease"]["ndcg@10"]
assert list(f) == ["mean", "stderr", "ci", "n", "sd_seeds"], list(f)
assert f["ci"][0] < f["mean"] < f["ci"][1] and f["n"] == 78
assert r["tasks"]["ranking20"]["agent"] == {}
e = r["expected"]
assert set(e[0]) == {"system", "task", "metric", "measured", "published", "digits", "side", "within", "source"}
assert e[0]["within"] is True and e[1]["within"] is False and e[1]["tol"] == .01
'
"$recai" show a.h5 -f csv | python3 -c '
import csv, sys
rows = list(csv.DictReader(sys.stdin))
assert len(rows) == 21 and {r["system"] for r in rows} == {"ease", "odd/%name", "chance", "agent"}
assert {r["metric"] for r in rows if r["task"] == "ranking20"} == {"ndcg@10[20]", "ndcg@20[20]", "rank[20]"}
'
[ "$("$recai" show a.h5 -t retrieval -s ease,chance -m ndcg@10 -f csv | wc -l)" = 3 ] || fail filters
"$recai" show a.h5 | cmp - <("$recai" show a.h5 --threads 1) || fail 'output depends on threads'

expect 2 'did you mean "retrieval"?' "$recai" show a.h5 --task retreival
expect 2 'did you mean "ndcg@10"?' "$recai" show a.h5 --metric ndgc@10
head -c 5000 a.h5 >cut.h5
expect 3 'cut.h5: the report is cut off (5000 bytes' "$recai" show cut.h5
echo 'a,b' >text.h5
expect 3 'text.h5: not a report of recai' "$recai" show text.h5
: >empty.h5
expect 3 'empty.h5: the file is empty' "$recai" show empty.h5
expect 3 'none.h5' "$recai" show none.h5
printf x | dd of=a.h5 bs=1 seek=9000 conv=notrunc status=none
expect 3 'damaged or edited' "$recai" show a.h5
