#!/usr/bin/env bash
# The Python examples of docs/report.md, executed in order on the fixture.
. "$(dirname "$0")/common.bash"

mkdir results
"$make" results/quickstart.h5
awk '/^```python$/ {on = 1; next} /^```$/ {on = 0} on' "$here/../../docs/report.md" >examples.py
[ "$(wc -l <examples.py)" -gt 20 ] || fail 'no examples found'
for python in "${RECAI_PYTHON:-}" python3 /usr/bin/python3; do
  if [ -n "$python" ] && "$python" -c 'import h5py, pandas' 2>/dev/null; then
    "$python" examples.py >out || fail "an example of docs/report.md: $(cat out)"
    grep -q 'ease - chance: ' out || fail "$(cat out)"
    exit 0
  fi
done
echo 'skipped: no python with h5py and pandas (packages python3-h5py, python3-pandas)'
exit 77
