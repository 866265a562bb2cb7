# Sourced by ials and bpr: our fit beside that of `implicit`, on the same split, in the same run.
# The peer needs a Python that has it: RECAI_BENCH_PYTHON, or python3.

peer_python() {
  local python
  for python in "${RECAI_BENCH_PYTHON:-}" python3; do
    [ -n "$python" ] && "$python" -c 'import implicit' 2>/dev/null && echo "$python" && return
  done
  return 0
}

# data_file NAME: its place along RECAI_DATA and the cache, as the program looks for it
data_file() {
  local folder
  local IFS=:
  for folder in ${RECAI_DATA:-} "${XDG_CACHE_HOME:-$HOME/.cache}/recai"; do
    [ -e "$folder/$1" ] && echo "$folder/$1" && return
  done
  return 0
}

# field NAME: the first number called NAME in the JSON on stdin
field() { grep -o "\"$1\": [0-9.e-]*" | head -n 1 | sed 's/.*: //'; }

# compare LABEL TYPE PEER_MODEL OPTIONS INTER_FILE
compare() {
  local ours peer='' python best ndcg
  ours=$(build/bench/bench_fit "$2" "$4" "{type: recbole, path: \"$5\"}" 1 2 3 2>/dev/null)
  best=$(grep -o '"seconds": [0-9.]*' <<<"$ours" | sed 's/.*: //' | sort -g | head -n 1)
  ndcg=$(grep -o '"rows".*' <<<"$ours" | grep -o '"rows"[^}]*"ndcg": [0-9.]*' | sed 's/.*: //' |
    awk '{ sum += $1 } END { printf "%.4f", sum / NR }')
  python=$(peer_python)
  [ -n "$python" ] && peer=$("$python" scripts/bench.d/peer_implicit.py "$3" "$5" 3 2>/dev/null)
  if [ -n "$peer" ]; then
    awk -v label="$1" -v ours="$best" -v ndcg="$ndcg" -v peer="$(field seconds <<<"$peer")" \
      -v peer_ndcg="$(field ndcg <<<"$peer")" -v mb="$(field peak_mb <<<"$ours")" 'BEGIN {
        printf "%s | %.3f s (%.4f) | implicit %.3f s (%.4f) | %.1f x | %d\n",
               label, ours, ndcg, peer, peer_ndcg, peer / ours, mb }'
  else
    echo "$1 | $best s ($ndcg) | implicit absent | - | $(field peak_mb <<<"$ours")"
  fi
}

# compare_all LABEL TYPE PEER_MODEL OPTIONS: on ML-100K and Amazon Beauty, where they are
compare_all() {
  local ml beauty scratch
  cmake --build --preset release --target bench_fit >/dev/null
  export OPENBLAS_NUM_THREADS=1
  ml=$(data_file ml-100k/ml-100k.inter)
  beauty=$(data_file amazon-beauty/Beauty.txt)
  if [ -n "$ml" ]; then compare "$1, ML-100K (ndcg@10)" "$2" "$3" "$4" "$ml"; fi
  if [ -n "$beauty" ]; then
    scratch=$(mktemp -d)
    awk 'BEGIN { OFS = "\t"; print "user_id:token", "item_id:token", "timestamp:float" }
         { for (i = 2; i <= NF; i++) print $1, $i, i }' "$beauty" >"$scratch/beauty.inter"
    compare "$1, Beauty (ndcg@10)" "$2" "$3" "$4" "$scratch/beauty.inter"
    rm -r "$scratch"
  fi
}
