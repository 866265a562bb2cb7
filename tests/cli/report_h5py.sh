#!/usr/bin/env bash
# A report opened by others: h5ls, h5dump, and h5py with numpy as docs/report.md shows.
. "$(dirname "$0")/common.bash"

"$make" report.h5
if command -v h5ls >/dev/null && command -v h5dump >/dev/null; then
  h5ls -r report.h5 >list || fail h5ls
  grep -q '^/tasks/retrieval/ease/metrics Dataset {3}' list || fail 'h5ls: no metrics'
  grep -q '^/tasks/retrieval/ease/samples/ndcg@10 Dataset {80}' list || fail 'h5ls: no column'
  h5dump -a /schema report.h5 | grep -q '(0): 1' || fail 'h5dump: schema'
  h5dump -d /tasks/retrieval/ease/metrics report.h5 >/dev/null || fail 'h5dump: metrics'
  h5dump -p -H report.h5 >properties || fail 'h5dump -p'
  grep -q CHUNKED properties || fail 'not chunked'
  grep -qE 'DEFLATE|SZIP' properties && fail 'compressed'
else
  echo 'h5ls and h5dump are missing: that part is left out'
fi
for python in "${RECAI_PYTHON:-}" python3 /usr/bin/python3; do
  if [ -n "$python" ] && "$python" -c 'import h5py' 2>/dev/null; then
    "$python" "$here/../interop/read_report.py" report.h5
    exit 0
  fi
done
echo 'skipped: no python with h5py (package python3-h5py)'
exit 77
