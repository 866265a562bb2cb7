#!/usr/bin/env bash
# A run whose models are behind a server: answered, stopped and taken up again, repeated from the cache,
# handed on as a bundle and played back; exit codes. The server is recai serve.
. "$(dirname "$0")/common.bash"
golden=$here/../golden
server= tls=
trap 'kill -9 $server $tls 2>/dev/null || true; rm -r "$dir"' EXIT
export XDG_CACHE_HOME=$dir/cache

mkdir tiny
cp "$golden"/lm/qwen2/{config.json,model.safetensors} "$golden"/lm/tokenizer/*.json tiny
echo 'lms: {tiny: {backend: local, path: tiny}}' >lms.yaml
: >log
"$recai" serve lms.yaml --port 0 >log 2>serve.err &
server=$!
for _ in $(seq 200); do
  url=$(sed -n 's/^listening on //p' log)
  [ -n "$url" ] && break
  sleep 0.05
done
[ -n "$url" ] || fail "no server: $(cat serve.err)"

config() { # config LM: two tasks for a model
  cat <<YAML
dataset: {type: synth, users: 60, items: 40}
lms: {api: $1}
systems: [{type: pop}, {name: api, type: lm, lm: api}]
defaults: {history_max: 1, lm_samples: 40}
tasks: # short prompts: the model has room for 128 tokens
  - {type: seq_ranking_mc, options: 3, prompt: {system: "", user: "{options}", max_tokens: 4}}
  - {type: seq_ranking_mc, name: likely, options: 3, answer: likelihood, prompt: {system: "", user: "{options}"}}
YAML
}
figures() { "$recai" show "$1" --format json | sed 's/"\(name\|config_hash\|content_hash\)":"[^"]*"//g'; }
sent() { # requests the server has answered
  curl -sS "$url/metrics" | sed -n 's/^recai_requests_total{path="[^"]*completions"[^}]*} //p' |
    awk '{n += $1} END {print n + 0}'
}

# ---- answered, then again without a server ----
config "{backend: endpoint, base_url: \"$url/v1\", model: tiny, scores: true, max_tokens: 4, concurrency: 4}" >api.yaml
expect 0 '' "$recai" run api.yaml --out first.h5 -q
figures first.h5 >wanted
grep -q '"acc' wanted || fail "no figures: $(cat wanted)"
"$recai" show first.h5 | grep -q failed && fail "failed requests: $(cat err)"
all=0
command -v curl >/dev/null && all=$(sent)

# ---- killed at several moments: each repeats at most the four requests under way ----
sed 's/concurrency: 4/concurrency: 4, cache: {path: killed.sqlite}/' api.yaml >killed.yaml
for pause in 0.05 0.15 0.3; do
  "$recai" run killed.yaml --out killed.h5 -q >/dev/null 2>&1 &
  sleep $pause
  kill -9 $! 2>/dev/null || true
  wait $! 2>/dev/null || true
done
expect 0 '' "$recai" run killed.yaml --out killed.h5 -q
figures killed.h5 | cmp - wanted || fail 'other figures after being killed'
if [ "$all" -gt 0 ]; then
  again=$(($(sent) - all))
  [ "$again" -ge "$all" ] && [ "$again" -le $((all + 3 * 4)) ] ||
    fail "a run of $all requests took $again when it was killed three times"
fi

kill "$server"
wait "$server" || true
expect 0 '' "$recai" run api.yaml --out again.h5 --fresh -q
figures again.h5 | cmp - wanted || fail 'other figures from the cache'

# ---- handed on ----
expect 0 '' "$recai" cache stats
grep -q "model=tiny" out || fail "stats: $(cat out)"
expect 0 'answers written to answers.jsonl' "$recai" cache export answers.jsonl
config '{backend: replay, path: answers.jsonl}' >replay.yaml
expect 0 '' "$recai" run replay.yaml --out replay.h5 -q
figures replay.h5 | cmp - wanted || fail 'other figures from recorded answers'
expect 0 '' "$recai" cache import answers.jsonl --cache other.sqlite
expect 0 '' "$recai" cache export again.jsonl --cache other.sqlite
cmp answers.jsonl again.jsonl || fail 'a bundle changed on its way through a cache'
sed -i '2s/"op":"[a-z]*"/"op":"x"/' again.jsonl
expect 3 'again.jsonl:2' "$recai" cache import again.jsonl --cache other.sqlite

# ---- what goes wrong ----
sed 's/model: tiny/model: other/' api.yaml >gone.yaml
expect 5 'unreachable' "$recai" run gone.yaml --out gone.h5 -q
sed 's/model: tiny/model: tiny, key_env: NO_SUCH_KEY/' api.yaml >key.yaml
expect 5 'NO_SUCH_KEY' "$recai" run key.yaml --out key.h5 -q
expect 2 'needs the model'"'"'s price' "$recai" run api.yaml --out price.h5 --max-cost 1 -q
sed 's/concurrency: 4/concurency: 4/' api.yaml >typo.yaml
expect 2 'did you mean "concurrency"' "$recai" run typo.yaml --out typo.h5 -q
if command -v openssl >/dev/null; then # a certificate that nobody signed
  openssl req -x509 -newkey rsa:2048 -nodes -keyout k.pem -out c.pem -days 2 -subj /CN=localhost \
    -addext 'subjectAltName=IP:127.0.0.1' 2>/dev/null
  : >tls.log
  openssl s_server -key k.pem -cert c.pem -accept 127.0.0.1:0 -www >tls.log 2>&1 &
  tls=$!
  for _ in $(seq 100); do
    grep -q '^ACCEPT' tls.log && break
    sleep 0.05
  done
  port=$(sed -n 's/^ACCEPT .*:\([0-9]*\)$/\1/p' tls.log)
  config "{backend: endpoint, base_url: \"https://127.0.0.1:$port/v1\", model: m, retries: 0, timeout: 30}" >tls.yaml
  expect 5 'certificate' "$recai" run tls.yaml --out tls.h5 -q
  # Trusted; there is no answer to a POST, whatever that leads to.
  sed 's/model: m,/model: m, ca_file: c.pem,/; s/timeout: 30/timeout: 1/' tls.yaml >trusted.yaml
  "$recai" run trusted.yaml --out trusted.h5 --limit 1 -q >/dev/null 2>err || true
  grep -q certificate err && fail "ca_file: $(cat err)"
fi
expect 2 'needs a FILE' "$recai" cache export
expect 2 'stats' "$recai" cache stat
