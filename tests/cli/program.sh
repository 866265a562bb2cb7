#!/usr/bin/env bash
# The program itself: dispatch, global flags, help of every command, exit codes, lost output.
. "$(dirname "$0")/common.bash"

expect 0 '' "$recai" --help
grep -q '^Usage: recai COMMAND' out || fail 'no usage'
commands=$(sed -n '/^Commands/,/^$/s/^  \([a-z]*\) .*/\1/p' out)
[ "$(wc -w <<<"$commands")" -ge 5 ] || fail "few commands: $commands"
for command in $commands; do
  expect 0 '' "$recai" "$command" --help
  grep -q "^Usage: recai $command" out || fail "$command --help"
  grep -q '^Examples:' out || fail "$command --help has no examples"
  expect 0 '' "$recai" "$command" -h
  expect 2 'unknown flag --no-such-flag' "$recai" "$command" --no-such-flag
done

expect 0 '' "$recai" --version
grep -qx 'recai [0-9.]*' out || fail version
expect 2 'a command is missing' "$recai"
expect 2 'did you mean "show"?' "$recai" shwo
expect 2 'did you mean --threads?' "$recai" --thread 2 show x
expect 2 '--threads: -1 is out of range' "$recai" show --threads -1 x
expect 2 'argument missing (usage: recai show REPORT)' "$recai" show
expect 2 'too many arguments' "$recai" show a b
expect 2 '--out is required' "$recai" export x.h5
expect 2 'did you mean --format?' "$recai" show --formt md x.h5
expect 2 'unknown value "xml" (known: table, md' "$recai" show --format xml x.h5
expect 3 'none.h5' "$recai" --threads 1 --quiet show none.h5

# results that do not arrive are a failure, and no file is taken for standard output
expect 6 'standard output' bash -c "'$recai' --help >/dev/full"
expect 6 'standard output' bash -c "'$recai' --help >&-"
expect 0 '' bash -c "'$recai' --help <&- | cat"
expect 0 '' bash -c "'$recai' --version 2>&-"

# a signal while waiting for input: a clean stop, 128 + its number
printf 'q 0 d 1\n' >qrels
mkfifo pipe
for signal in INT TERM; do
  "$recai" eval qrels pipe >out 2>err &
  pid=$!
  exec 9>pipe # opened once the program waits for it
  sleep 0.2
  kill -$signal $pid
  sleep 0.2
  exec 9>&-
  code=0
  wait $pid || code=$?
  [ $code = $((128 + $(kill -l $signal))) ] || fail "SIG$signal: exit $code: $(cat err)"
done
