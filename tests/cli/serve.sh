#!/usr/bin/env bash
# recai serve: what a user types, with curl where it is; recommendations; refusals; stopping by signals.
. "$(dirname "$0")/common.bash"
golden=$here/../golden
command -v curl >/dev/null || { echo 'skipped: no curl'; exit 77; }
server= first=
trap 'for s in $server $first; do kill -9 "$s" 2>/dev/null || true; done; rm -r "$dir"' EXIT

mkdir tiny
cp "$golden"/lm/qwen2/{config.json,model.safetensors} "$golden"/lm/tokenizer/*.json tiny
printf '1 a b c d\n2 a b d e\n3 a c e b\n4 b d f a\n' >small.txt
echo 'lms: {tiny: {backend: local, path: tiny}}' >lms.yaml
cat >all.yaml <<'YAML'
name: all
dataset: {type: sequence, path: small.txt}
lms: {tiny: {backend: local, path: tiny}}
systems: [{type: pop}, {type: item_knn}]
YAML

start() { # start CONFIG FLAG...: sets url and server
  : >log # here: the server's own redirection comes after the first look
  "$recai" serve "$@" --port 0 >log 2>err &
  server=$!
  for _ in $(seq 200); do
    url=$(sed -n 's/^listening on //p' log)
    [ -n "$url" ] && return
    sleep 0.05
  done
  fail "no server: $(cat err)"
}
stop() { # stop SIGNAL CODE
  local code=0
  kill -"$1" "$server"
  wait "$server" || code=$?
  server=
  [ "$code" = "$2" ] || fail "$1: exit $code, wanted $2: $(cat err)"
}
seen() { grep "$@" >/dev/null; } # grep -q would leave curl with a broken pipe
post() { # post PATH JSON CURL_FLAG...
  local path=$1 body=$2
  shift 2
  curl -sS --max-time 60 "$@" "$url$path" -H 'Content-Type: application/json' -d "$body"
}

# ---- language models alone: the answer is that of recai lm generate ----
start lms.yaml
question='{"messages": [{"role": "user", "content": "Name a film"}]}'
echo "$question" | "$recai" lm generate --model tiny --max-tokens 9 -q >ours
post /v1/chat/completions '{"model": "tiny", "temperature": 0, "max_tokens": 9, "messages": [{"role": "user", "content": "Name a film"}]}' >theirs
text=$(sed 's/.*"text":"\(.*\)","finish_reason".*/\1/' ours)
grep -qF "\"content\":\"$text\"" theirs || fail "other text than recai lm generate: $(cat ours theirs)"
post /v1/completions '{"prompt": "a", "max_tokens": 3, "stream": true}' -N | tail -2 | seen -x 'data: \[DONE\]' ||
  fail 'a stream without an end'
post /v1/embeddings '{"input": "a"}' | seen '"object":"embedding"' || fail 'no embedding'
[ "$(post /v1/completions '{"prompt": "a"' -o /dev/null -w '%{http_code}')" = 400 ] || fail 'malformed JSON'
curl -sS "$url/v1/models" | seen '"id":"tiny"' || fail 'no model list'
curl -sS "$url/metrics" | seen 'recai_requests_total{path="/v1/completions",status="200"} 1' || fail 'metrics'

# ---- a server in front of it: its back end `endpoint` speaks with the first ----
first=$server first_url=$url
printf 'lms: {front: {backend: endpoint, base_url: "%s/v1", model: tiny, embed_dim: 64}}\n' "$url" >front.yaml
start front.yaml
request='{"temperature": 0, "max_tokens": 9, "n": 2, "messages": [{"role": "user", "content": "Name a film"}]}'
post /v1/chat/completions "$request" >through
[ "$(grep -oF "\"content\":\"$text\"" through | wc -l)" = 2 ] || fail "through two servers: $(cat through)"
post /v1/chat/completions "${request/{/{\"stream\": true, }" -N | seen -F "\"content\":\"$text\"" || fail 'its stream'
post /v1/embeddings '{"input": "a"}' | sed 's/.*"embedding":\[\([^]]*\).*/\1/' >through
curl -sS "$first_url/v1/embeddings" -d '{"input": "a"}' | sed 's/.*"embedding":\[\([^]]*\).*/\1/' | cmp -s - through ||
  fail 'other vectors through two servers'
post /v1/chat/completions "${request/{/{\"logprobs\": true, }" | seen "not with this model's back end" ||
  fail 'log-probabilities of an endpoint'
stop TERM 143
server=$first url=$first_url first=
expect 6 'cannot listen on 127.0.0.1 port' "$recai" serve lms.yaml --port "${url##*:}"
stop TERM 143
grep -q 'stopped by Terminated' err || fail "$(cat err)"

# ---- systems too; what was fitted serves the second start ----
for round in 1 2; do
  start all.yaml
  post /v1/recommend '{"model": "pop", "history": ["a"], "k": 2}' |
    seen '"items":\[{"rank":1,"id":"b",.*{"rank":2,"id":"[cd]"' || fail 'recommendations of pop'
  post /v1/recommend '{"model": "item_knn", "user": "1"}' | seen '"object":"recommendations"' || fail 'item_knn'
  post /v1/recommend '{"history": ["a"]}' | seen 'is missing' || fail 'two systems, none named'
  stop INT 130
done
[ "$(grep -c '^fit ' err)" = 0 ] || fail "fitted again: $(cat err)"

# ---- keys, limits ----
RECAI_TEST_KEY=k3y start lms.yaml --api-key-env RECAI_TEST_KEY --max-tokens 5 --max-body 2000
post /v1/completions '{"prompt": "a"}' | seen invalid_api_key || fail 'no key asked for'
post /v1/completions '{"prompt": "a", "max_tokens": 5}' -H 'Authorization: Bearer k3y' | seen '"usage"' || fail key
post /v1/completions '{"prompt": "a", "max_tokens": 6}' -H 'Authorization: Bearer k3y' | seen 'up to 5' ||
  fail '--max-tokens'
[ "$(head -c 5000 /dev/zero | tr '\0' x | curl -sS -o /dev/null -w '%{http_code}' -d @- \
  -H 'Authorization: Bearer k3y' "$url/v1/completions")" = 413 ] || fail '--max-body'
stop TERM 143
start lms.yaml --host 0.0.0.0 # on all addresses without a key: said, not refused
grep -q 'any machine' err || fail 'no warning'
stop TERM 143

# ---- what cannot be served ----
expect 2 'nothing to serve' "$recai" serve <(echo 'name: x')
expect 2 'the environment has no variable "RECAI_NO_KEY"' "$recai" serve lms.yaml --api-key-env RECAI_NO_KEY
expect 2 'host' "$recai" serve lms.yaml --host 'not an address'
expect 4 'lms: tiny' "$recai" serve lms.yaml --set lms.tiny.path=nowhere
expect 2 '--port' "$recai" serve lms.yaml --port 70000
echo ok
