#!/usr/bin/env bash
# Dialogues and judged answers that are killed inside any write, in the middle of a dialogue as well, and
# started again end with the content of the run that was left alone; scoring again asks nobody.
. "$(dirname "$0")/common.bash"
preload=$(dirname "$recai")/tests/killing_writes.so
export ASAN_OPTIONS=verify_asan_link_order=0:detect_leaks=0 OMP_NUM_THREADS=2

content() { "$recai" show "$1" --format json | grep -o '"content_hash":"[0-9a-f]*"'; }

# The system never finds the item, so that dialogues go through all their turns; the model that plays the
# user says its part and consents to it.
cat >dialogue.yaml <<'YAML'
name: dialogue
dataset: {type: synth, users: 40, items: 50}
lms:
  talker: {backend: scripted, role: say, text: "What else do you like?"}
  user: {backend: scripted, role: say, text: "Something calm. Case 3, as it should be. [[YES]]"}
  judge: {backend: scripted, role: say, text: "Both are short. [[B]]"}
systems:
  - {type: pop}
  - {type: lm, lm: talker}
tasks:
  - {type: conversation, samples: 20, max_turns: 3, simulator: {type: lm, lm: user}}
  - {name: rules, type: conversation, samples: 20, max_turns: 3, simulator: {noise: 0.3}}
  - {type: explanation, samples: 5, judge: {type: lm, lm: judge}, baseline: user}
YAML
run() { "$recai" run dialogue.yaml --out "$1" -q >/dev/null 2>err; }

run alone.h5 || fail "undisturbed run: $(cat err)"
want=$(content alone.h5)
RECAI_TEST_COUNT=$dir/count LD_PRELOAD=$preload "$recai" run dialogue.yaml --out counted.h5 -q >/dev/null
n=$(cat count)
[ "$n" -gt 50 ] || fail "only $n writes counted"
step=$(((n + 39) / 40))
for ((i = 1; i <= n; i += step)); do
  rm -rf killed.run killed.h5
  code=0
  { RECAI_TEST_KILL_AT=$i LD_PRELOAD=$preload "$recai" run dialogue.yaml --out killed.h5 -q >/dev/null 2>err || code=$?; } 2>/dev/null
  [ "$code" = 137 ] || fail "write $i of $n: exit $code, wanted to be killed: $(cat err)"
  run killed.h5 || fail "after a kill in write $i: $(cat err)"
  [ "$(content killed.h5)" = "$want" ] || fail "after a kill in write $i: other content"
done
echo "killed inside $n writes, every $step-th"

# every dialogue went through its turns: 3 of the user (speak, verify) and 3 of the system
"$recai" show alone.h5 --format json >shown
grep -q '"AT":{"mean":3,' shown || fail 'dialogues ended early'
grep -q '"inconsistent_rate":{"mean":1,' shown || fail 'a judge of the second answer is inconsistent'

# stored replies are enough
"$recai" score alone.h5 >/dev/null 2>err || fail "score: $(cat err)"
[ "$(content alone.h5)" = "$want" ] || fail 'score: other content'
