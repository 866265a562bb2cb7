#!/usr/bin/env bash
# The public data sets that published figures rest on, read as their README counts them. Needs them
# along RECAI_DATA; a set that is missing is skipped with a line, an error with RECAI_REQUIRE_DATA=1.
set -euo pipefail
recai=$1
dir=$(mktemp -d)
trap 'rm -r "$dir"' EXIT
failed=0 ran=0

# count FIELD: a number of the JSON on disk
count() { grep -o "\"$1\":[0-9][0-9]*[,}]" "$dir/out" | head -1 | sed 's/.*:\(.*\)./\1/'; }

check() { # check NAME MAPPING FIELD=VALUE...
  local name=$1 pair code=0
  printf 'dataset: %s\n' "$2" >"$dir/c.yaml"
  shift 2
  "$recai" data "$dir/c.yaml" -f json >"$dir/out" 2>"$dir/err" || code=$?
  if [ "$code" != 0 ] && grep -q 'not found in RECAI_DATA' "$dir/err"; then
    echo "$name: $(cat "$dir/err")"
    [ -z "${RECAI_REQUIRE_DATA:-}" ] || failed=1
    return
  fi
  ran=1
  [ "$code" = 0 ] || { echo "FAILED: $name: $(cat "$dir/err")"; failed=1; return; }
  for pair in "$@"; do
    [ "$(count "${pair%=*}")" = "${pair#*=}" ] ||
      { echo "FAILED: $name: ${pair%=*} is $(count "${pair%=*}"), not ${pair#*=}"; failed=1; }
  done
}

check ml-100k '{type: recbole, path: "data:ml-100k"}' users=943 items=1682 \
  interactions=100000 users_with_tied_last=415 tied_at_boundary=415 repeated_titles=23 \
  items_without_title=0 train=98114 valid=943
check ml-100k-mcrec '{type: fixed_split, path: "data:ml-100k-mcrec"}' users=943 items=1682 \
  interactions=100000 train=80000 test_users=942 test_items_unseen=25 test_pairs_in_train=0
check amazon-beauty '{type: sequence, path: "data:amazon-beauty/Beauty.txt", attributes: Beauty_item2attributes.json}' \
  users=22363 items=12101 interactions=198502 items_without_metadata=0 items_without_title=12101
check lastfm '{type: sequence, path: "data:lastfm/LastFM.txt", attributes: LastFM_item2attributes.json, negative_samples: LastFM_sample.txt}' \
  users=1090 items=3646 interactions=52551 rows=107910 repeated=0 in_history=0
check amazon-games '{type: llmrank, path: "data:amazon-games"}' users=50546 items=16859 \
  items_without_title=0 repeated_titles=434 test_users=50546
check redial '{type: redial, path: "data:redial"}' items=6588 repeated_titles=7 \
  dialogues_without_answers=12 interactions=4242

[ "$failed" = 0 ] || exit 1
[ "$ran" = 1 ] || exit 77
