#!/usr/bin/env bash
# recai eval: output, exit codes, standard input, closed output.
set -euo pipefail
recai=$1
dir=$(mktemp -d)
trap 'rm -r "$dir"' EXIT
cd "$dir"

fail() { echo "FAILED: $*" >&2; exit 1; }
expect() { # expect CODE TEXT command...: exit code and text in the message
  local code=0 want=$1 text=$2
  shift 2
  "$@" >out 2>err || code=$?
  [ "$code" = "$want" ] || fail "$*: exit $code, wanted $want: $(cat err)"
  grep -qF -- "$text" err || fail "$*: no '$text' in: $(cat err)"
}

printf 'q1 0 d1 1\nq1 0 d2 2\nq1 0 d3 0\nq2 0 a 1\n' >qrels
printf 'q1 Q0 d3 1 0.9 tag\nq1 Q0 d1 2 0.5 tag\nq1 Q0 d2 3 0.5 tag\nq1 Q0 zz 4 0.5 tag\n' >run
gzip -k run

# trec_eval's look: name padded to 22, tab, query, tab, four decimals or a whole number
"$recai" eval -q -m map,num_ret,P.5 qrels run >out 2>err
printf 'num_ret               \tq1\t4\nmap                   \tq1\t0.4167\nP_5                   \tq1\t0.4000\n' >want
printf 'num_ret               \tq2\t0\nmap                   \tq2\t0.0000\nP_5                   \tq2\t0.0000\n' >>want
printf 'num_ret               \tall\t4\nmap                   \tall\t0.2083\nP_5                   \tall\t0.2000\n' >>want
diff want out || fail 'text output'
grep -q 'lacks 1 judged' err || fail 'no warning of the absent query'
[ "$("$recai" eval qrels run 2>/dev/null | head -1)" = "$(printf 'runid                 \tall\ttag')" ] || fail runid
[ "$("$recai" eval qrels run 2>/dev/null | wc -l)" = 30 ] || fail 'official has 30 lines'
[ -z "$("$recai" eval -n qrels run 2>/dev/null)" ] || fail '-n prints no summary'
[ "$("$recai" eval -m recip_rank --trec-compat 9 qrels run 2>/dev/null | cut -f3)" = 0.3333 ] || fail 'version 9 skips absent queries'
[ "$("$recai" eval -m recip_rank --trec-compat 9 -c qrels run 2>/dev/null | cut -f3)" = 0.1667 ] || fail '-c counts them'

# names of ours: all digits; gzip and standard input are the same run
"$recai" eval -m ndcg@3,mrr@10 qrels run >out 2>/dev/null
"$recai" eval -m ndcg@3 -m mrr@10 qrels run.gz 2>/dev/null | diff out - || fail gzip
"$recai" eval -m ndcg@3,mrr@10 qrels - <run 2>/dev/null | diff out - || fail 'standard input'
cat run | "$recai" eval -m ndcg@3,mrr@10 qrels - 2>/dev/null | diff out - || fail pipe
grep -q "$(printf 'mrr@10                \tall\t0.16666666666666666')" out || fail 'full precision'

# JSON
"$recai" eval -q --format json -m ndcg@3,num_q,runid qrels run >out 2>/dev/null
want='{"metrics":{"ndcg@3":{"mean":0.19004688335796713,"n":2},"num_q":{"mean":2,"n":2}},"queries":{"q1":{"ndcg@3":0.38009376671593426},"q2":{"ndcg@3":0}}}'
[ "$(cat out)" = "$want" ] || fail "JSON: $(cat out)"
printf '"\\ 0 a 1\n' >odd && printf '"\\ Q0 a 1 1 t\n' >odd.run
[ "$("$recai" eval -q -f json -m mrr@1 odd odd.run)" = '{"metrics":{"mrr@1":{"mean":1,"n":1}},"queries":{"\"\\":{"mrr@1":1}}}' ] || fail 'JSON escapes'
printf '\377 0 a 1\n' >odd && printf '\377 Q0 a 1 1 t\n' >odd.run
expect 3 'not UTF-8' "$recai" eval -q -f json -m mrr@1 odd odd.run

# failures
expect 2 'did you mean "ndcg"' "$recai" eval -m ndgc@10 qrels run
expect 2 'opposite' "$recai" eval --complete --intersection qrels run
expect 3 'missing' "$recai" eval qrels missing
expect 3 'run:1' "$recai" eval run qrels
printf 'q1 Q0 a 1 nan t\n' >bad
expect 3 'bad:1: score "nan"' "$recai" eval qrels bad
printf 'q1 Q0 a 1 1 t\nq1 Q0 a 2 0 t\n' >bad
expect 3 'bad:2: document "a" comes twice' "$recai" eval qrels bad
"$recai" eval --duplicates first qrels bad >/dev/null 2>&1 || fail '--duplicates first'
: >empty
expect 3 'no result' "$recai" eval qrels empty
code=0
"$recai" eval qrels run >&- 2>err || code=$?
[ "$code" = 6 ] || fail "closed output: exit $code"
if [ -e /dev/full ]; then
  code=0
  "$recai" eval qrels run >/dev/full 2>err || code=$?
  [ "$code" = 6 ] || fail "full disk: exit $code"
fi
echo ok
