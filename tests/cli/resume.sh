#!/usr/bin/env bash
# A run that is killed, at any instant and inside any write, and started again ends with the content
# of the run that was left alone. One run per directory. A changed config redoes what it touches.
set -euo pipefail
recai=$1
preload=$(dirname "$recai")/tests/killing_writes.so
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
export ASAN_OPTIONS=verify_asan_link_order=0:detect_leaks=0 OMP_NUM_THREADS=2
RANDOM=7 # the same instants every time, as far as a clock allows

fail() { echo "FAILED: $*" >&2; exit 1; }
content() { "$recai" show "$1" --format json | grep -o '"content_hash":"[0-9a-f]*"'; }

cat >small.yaml <<'YAML'
seeds: [1, 2]
dataset: {type: synth, users: 60, items: 40}
systems:
  - {type: random}
  - {type: pop}
  - {type: ease, tune: {metric: ndcg@10, trials: 2, space: {lambda: [1, 100]}}}
  - {type: ials, factors: 4, epochs: 2}
tasks:
  - {type: retrieval, k: [1, 5]}
  - {type: ranking, candidates: 5, k: 1}
YAML

cat >trained.yaml <<'YAML'
dataset: {type: synth, users: 40, items: 30}
systems:
  - {type: bpr_mf, factors: 4, epochs: 3, checkpoint_seconds: 0, early_stopping: {metric: ndcg@5}}
  - {type: sasrec, d_model: 8, n_layers: 1, n_heads: 1, max_length: 8,
     training: {epochs: 2, checkpoint_seconds: 0}}
tasks: [{type: retrieval, k: 5}]
YAML

run() { "$recai" run "$1" --out "$2" -q >/dev/null 2>err; }

# inside each write, or evenly spread ones where there are more than `most`
kill_in_writes() { # CONFIG most
  local n step i code want
  run "$1" alone.h5 || fail "undisturbed run of $1: $(cat err)"
  want=$(content alone.h5)
  [ -n "$want" ] || fail 'no content hash'
  RECAI_TEST_COUNT=$dir/count LD_PRELOAD=$preload "$recai" run "$1" --out counted.h5 -q >/dev/null
  n=$(cat count)
  [ "$n" -gt 50 ] || fail "$1: only $n writes counted"
  step=$(((n + $2 - 1) / $2))
  for ((i = 1; i <= n; i += step)); do
    rm -rf killed.run killed.h5
    code=0
    { # the group's stderr is the shell's word that something was killed
      RECAI_TEST_KILL_AT=$i LD_PRELOAD=$preload "$recai" run "$1" --out killed.h5 -q >/dev/null 2>err || code=$?
    } 2>/dev/null
    [ "$code" = 137 ] || fail "$1: write $i of $n: exit $code, wanted to be killed: $(cat err)"
    run "$1" killed.h5 || fail "$1: after a kill in write $i: $(cat err)"
    [ "$(content killed.h5)" = "$want" ] || fail "$1: after a kill in write $i: other content"
  done
  echo "$1: killed inside each of $n writes (step $step)"
  rm -rf alone.run counted.run
}
kill_in_writes trained.yaml 40
kill_in_writes small.yaml 400

# at 30 random instants of a longer run, which goes on from kill to kill
sed 's/users: 60, items: 40/users: 400, items: 250/; s/trials: 2/trials: 4/' small.yaml >long.yaml
start=$(date +%s%N)
run long.yaml alone-long.h5 || fail "undisturbed long run: $(cat err)"
took=$((($(date +%s%N) - start) / 1000000))
want=$(content alone-long.h5)
killed=0
for ((i = 0; i < 30; i++)); do
  rm -rf killed.run killed.h5
  "$recai" run long.yaml --out killed.h5 -q >/dev/null 2>err &
  pid=$!
  sleep "$(printf '%d.%03d' $((RANDOM % took / 1000)) $((RANDOM % took % 1000)))"
  if kill -9 $pid 2>/dev/null; then killed=$((killed + 1)); fi
  wait $pid 2>/dev/null || true
  run long.yaml killed.h5 || fail "after kill $i: $(cat err)"
  [ "$(content killed.h5)" = "$want" ] || fail "after kill $i: other content"
done
echo "killed at random instants: $killed of 30 before the end ($took ms alone)"
[ "$killed" -gt 5 ] || fail 'the kills came too late to prove anything'

# stopped cleanly
for signal in INT:130 TERM:143; do
  rm -rf stopped.run stopped.h5
  "$recai" run long.yaml --out stopped.h5 -q >/dev/null 2>err &
  pid=$!
  for ((i = 0; i < 1000; i++)); do [ -e stopped.run/plan.json ] && break; sleep 0.01; done
  kill "-${signal%:*}" $pid
  code=0
  wait $pid || code=$?
  [ "$code" = "${signal#*:}" ] || [ "$code" = 0 ] || fail "$signal: exit $code: $(cat err)"
  run long.yaml stopped.h5 || fail "after $signal: $(cat err)"
  [ "$(content stopped.h5)" = "$want" ] || fail "after $signal: other content"
done

# one run per directory
mkdir -p held.run
exec 9>held.run/lock
flock 9
echo 'host example, pid 4711' >&9
code=0
"$recai" run small.yaml --out held.h5 -q >/dev/null 2>err || code=$?
[ "$code" = 6 ] || fail "locked: exit $code: $(cat err)"
grep -q 'locked by host example, pid 4711' err || fail "locked: $(cat err)"
exec 9>&-
run small.yaml held.h5 || fail "after the lock was given back: $(cat err)"

# a changed config says what it redoes, and keeps the rest
"$recai" run small.yaml --out held.h5 --set systems.ials.epochs=3 >/dev/null 2>err
grep -q 'redo: fit ials (seed 1)' err || fail "no word of what is redone: $(cat err)"
if grep -q 'redo: fit ease' err; then fail 'ease was redone for nothing'; fi
if grep -q '^fit pop' err; then fail 'pop was fitted again'; fi
grep -q '^fit ials' err || fail 'ials was not fitted again'

# a truncated journal is taken up, a damaged one refused
journal=$(ls held.run/replies/retrieval.pop.*.journal)
truncate -s -10 "$journal"
run small.yaml held.h5 || fail "truncated journal: $(cat err)"
[ "$(content held.h5)" = "$(content alone.h5)" ] || fail 'truncated journal: other content'
printf 'not a journal at all, but long enough to be one' >"$journal"
code=0
run small.yaml held.h5 || code=$?
[ "$code" = 3 ] || fail "foreign journal: exit $code: $(cat err)"
"$recai" run small.yaml --out held.h5 --fresh -q >/dev/null || fail 'fresh'
[ "$(content held.h5)" = "$(content alone.h5)" ] || fail 'fresh: other content'
