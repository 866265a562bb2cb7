#!/usr/bin/env bash
# recai lm: every verb on tiny checkpoints, results that open again, bad input, exit codes, resume.
. "$(dirname "$0")/common.bash"
preload=$(dirname "$recai")/tests/killing_writes.so
golden=$here/../golden
export ASAN_OPTIONS=verify_asan_link_order=0:detect_leaks=0

decoder() { # decoder FOLDER: a Qwen 2 of two layers with a ChatML tokenizer
  mkdir -p "$1"
  cp "$golden"/lm/qwen2/{config.json,model.safetensors} "$golden"/lm/tokenizer/*.json "$1"
}
encoder() { # encoder FOLDER: a BERT of two layers
  mkdir -p "$1"
  cp "$golden"/lm/bert/{config.json,model.safetensors} "$1"
  sed 's/"post_processor":null/"post_processor":{"type":"BertProcessing","sep":["[SEP]",3],"cls":["[CLS]",2]}/' \
    "$golden/tokenizers/wordpiece-cased/tokenizer.json" >"$1/tokenizer.json"
}
broken() { # broken SCRIPT FILE: a decoder whose FILE went through sed
  rm -rf broken
  decoder broken
  LC_ALL=C sed -i "$1" "broken/$2"
}
decoder qwen2
encoder bert

# ---- tokenize ----
echo '{"text": "Toy Story (1995)<|im_end|>"}' >text.jsonl
"$recai" lm tokenize --model qwen2 <text.jsonl >data
"$recai" lm tokenize --model qwen2 --input text.jsonl --parse-special >control
grep -q '^{"ids":\[[0-9,]*\]}$' data || fail "tokenize: $(cat data)"
grep -q ',2\]}$' control || fail "--parse-special: $(cat control)"
grep -q ',2\]}$' data && fail 'a text became a control token'
"$recai" lm tokenize --model bert --add-special <text.jsonl | grep -q '^{"ids":\[2,.*,3\]}$' ||
  fail '--add-special: no [CLS] and [SEP]'
printf '{"text": ""}\n' | "$recai" lm tokenize --model qwen2 | grep -qx '{"ids":\[\]}' || fail 'empty text'

# ---- generate ----
cat >prompts.jsonl <<'JSON'
{"prompt": "Toy Story"}
{"messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Name a film"}]}
{"prompt": "Heat is a film of"}
JSON
generate() { "$recai" lm generate --model qwen2 --max-tokens 8 "$@"; }
generate <prompts.jsonl >greedy 2>err || fail "generate: $(cat err)"
[ "$(wc -l <greedy)" = 3 ] || fail "generate: $(cat greedy)"
grep -q 'tokens read, ' err || fail "generate: no rate: $(cat err)"
head -1 greedy | grep -q '^{"ids":\[[0-9,]*\],"text":".*","finish_reason":"\(stop\|length\)"}$' ||
  fail "generate: $(head -1 greedy)"
for slots in 1 2; do
  generate --slots $slots --threads $slots --input prompts.jsonl 2>/dev/null | cmp -s - greedy ||
    fail "generate: $slots slots give other texts"
done
generate --temperature 1 --seed 1 <prompts.jsonl 2>/dev/null >sampled
generate --temperature 1 --seed 1 --slots 1 <prompts.jsonl 2>/dev/null | cmp -s - sampled || fail 'seed 1 twice'
generate --temperature 1 --seed 2 <prompts.jsonl 2>/dev/null | cmp -s - sampled && fail 'seed 2 like seed 1'
generate --beams 4 <prompts.jsonl >/dev/null 2>err || fail "beams: $(cat err)"

# ---- score ----
cat >texts.jsonl <<'JSON'
{"text": "Toy Story"}
{"prompt": "Toy", "completion": " Story"}
JSON
"$recai" lm score --model qwen2 --input texts.jsonl >scores 2>err || fail "score: $(cat err)"
head -1 scores | grep -q '^{"ids":\[[0-9,]*\],"logprobs":\[-[-0-9.,e]*\],"sum":-[0-9.]*}$' || fail "score: $(head -1 scores)"
for weights in f32 f16 q8_0 q4_1; do
  "$recai" lm score --model qwen2 --weights $weights --input texts.jsonl >/dev/null 2>err ||
    fail "score with $weights: $(cat err)"
done

# ---- embed ----
"$recai" lm embed --model bert --input text.jsonl 2>/dev/null | grep -q '^{"embedding":\[[-0-9.,e]*\]}$' || fail embed

# ---- convert ----
"$recai" lm convert --model qwen2 --weights q8_0 --out small.gguf 2>err || fail "convert: $(cat err)"
"$recai" lm score --model small.gguf --input texts.jsonl >small 2>/dev/null || fail 'a converted model does not open'
"$recai" lm score --model qwen2 --weights q8_0 --input texts.jsonl 2>/dev/null | cmp -s - small ||
  fail 'a converted model gives other numbers'
"$recai" lm convert --model small.gguf --weights f32 --out back 2>/dev/null || fail 'convert back'
[ -f back/config.json ] && [ -f back/tokenizer.json ] || fail 'a folder without config or tokenizer'
expect 2 'convert needs --out' "$recai" lm convert --model qwen2

# ---- info ----
"$recai" lm info --model qwen2 >info
grep -q '"architecture":"qwen2","parameters":88640,' info || fail "info: $(cat info)"
grep -q '"chat_template":"chatml"' info || fail "info: no chat template: $(cat info)"
"$recai" lm info --model bert | grep -q '"pooling":"mean"' || fail 'info: pooling'

# ---- train: adapters ----
cat >chats.jsonl <<'JSON'
{"prompt": "Toy Story", "completion": " is a film of 1995"}
{"prompt": "Heat", "completion": " is a film of 1995 too"}
{"messages": [{"role": "user", "content": "Name a film"}, {"role": "assistant", "content": "Heat"}]}
{"text": "The Lion King (1994)"}
{"prompt": "Jumanji", "completion": " is a game"}
JSON
cat >lora.yaml <<'YAML'
max_length: 32
lora: {rank: 4, dropout: 0.1, targets: [q_proj, down_proj]}
tuning:
  batch_size: 2
  training: {epochs: 4, checkpoint_seconds: 0, schedule: {kind: cosine, warmup_steps: 2}}
  optimizer: {lr: 0.01, clip_norm: 1}
YAML
train() { "$recai" lm train --model qwen2 --config lora.yaml --input chats.jsonl "$@"; }
train --out alone 2>err || fail "train: $(cat err)"
grep -q 'of 88640 weights are tuned' err || fail "train does not say what it needs: $(cat err)"
[ "$(ls alone)" = $'adapter_config.json\nadapter_model.safetensors' ] || fail "adapter: $(ls alone)"
train --out one --threads 1 -q || fail 'one thread'
cmp alone/adapter_model.safetensors one/adapter_model.safetensors || fail 'threads change the adapter'

# killed inside a write of a checkpoint, then started again
RECAI_TEST_COUNT=$dir/count LD_PRELOAD=$preload train --out counted -q
n=$(cat count)
[ "$n" -gt 20 ] || fail "only $n writes counted"
for i in 1 $((n / 3)) $((n / 2)) $((n - 5)) "$n"; do
  rm -rf killed
  code=0
  { # the group's stderr is the shell's word that something was killed
    RECAI_TEST_KILL_AT=$i LD_PRELOAD=$preload train --out killed -q 2>err || code=$?
  } 2>/dev/null
  [ "$code" = 137 ] || fail "write $i of $n: exit $code, wanted to be killed: $(cat err)"
  train --out killed -q 2>err || fail "after a kill in write $i: $(cat err)"
  cmp alone/adapter_model.safetensors killed/adapter_model.safetensors || fail "after a kill in write $i"
done

# ---- adapters: on top of the base, merged, trained on ----
"$recai" lm score --model qwen2 --adapter alone --input texts.jsonl >adapted 2>err || fail "--adapter: $(cat err)"
cmp -s scores adapted && fail 'the adapter changes nothing'
"$recai" lm convert --model qwen2 --adapter alone --out merged -q || fail 'convert --adapter'
"$recai" lm score --model merged --input texts.jsonl 2>/dev/null | cmp - adapted || fail 'the merged model differs'
"$recai" lm generate --model qwen2 --adapter alone --max-tokens 2 --input prompts.jsonl >/dev/null 2>err ||
  fail "generate --adapter: $(cat err)"
"$recai" lm embed --model qwen2 --adapter alone --input text.jsonl 2>/dev/null | cmp -s - \
  <("$recai" lm embed --model qwen2 --input text.jsonl 2>/dev/null) && fail 'embed --adapter changes nothing'
sed '/^lora/d' lora.yaml >on.yaml
"$recai" lm train --model qwen2 --adapter alone --config on.yaml --input chats.jsonl --out on -q || fail 'train --adapter'
cmp -s alone/adapter_model.safetensors on/adapter_model.safetensors && fail 'train --adapter changes nothing'
cmp alone/adapter_config.json on/adapter_config.json || fail 'train --adapter changes the form'
expect 2 'lora: an adapter that is given' "$recai" lm train --model qwen2 --adapter alone --config lora.yaml \
  --input chats.jsonl --out bad
expect 4 'an adapter of another base' "$recai" lm embed --model bert --adapter alone --input text.jsonl
expect 4 'adapter_config.json is missing' "$recai" lm score --model qwen2 --adapter qwen2 --input texts.jsonl
expect 4 'give this folder as the adapter' "$recai" lm info --model alone

# ---- from scratch ----
cat >full.yaml <<'YAML'
full: true
tuning: {batch_size: 2, training: {epochs: 2}, optimizer: {lr: 0.001}}
YAML
for title in 'Toy Story (1995)' 'The Lion King (1994)' 'Heat (1995)' 'Toy Story 2 (1999)'; do
  printf '{"text": "%s"}\n' "$title"
done >titles.jsonl
printf 'layers: 2\nd_model: 32\nheads: 4\nkv_heads: 2\nvocab_size: 265\ncontext: 64\n' >init.yaml
init() { "$recai" lm init --config init.yaml --input titles.jsonl "$@"; }
init --out scratch 2>err || fail "init: $(cat err)"
[ "$(ls scratch)" = $'config.json\nmodel.safetensors\ntokenizer.json\ntokenizer_config.json' ] || fail "init: $(ls scratch)"
init --out again --threads 1 -q && diff -r scratch again || fail 'init gives another model'
"$recai" lm info --model scratch >out
grep -q '"layers":2,"d_model":32,"d_ff":96,"heads":4,"kv_heads":2,"vocabulary":265' out || fail "init: $(cat out)"
grep -q '"chat_template":"chatml"' out || fail "init: no chat template: $(cat out)"
"$recai" lm train --model scratch --config full.yaml --input titles.jsonl --out taught -q || fail 'a new model does not train'
"$recai" lm generate --model taught --max-tokens 3 --input prompts.jsonl >/dev/null 2>err || fail "a new model: $(cat err)"
expect 2 'needs --out' "$recai" lm init --input titles.jsonl
expect 3 '"text" is missing' "$recai" lm init --out bad --input chats.jsonl
echo 'heads: 3' >bad.yaml
expect 2 'does not give 3 heads' "$recai" lm init --config bad.yaml --out bad --input titles.jsonl
echo 'kv_heads: 3' >bad.yaml
expect 2 'heads 4 is no multiple of kv_heads 3' "$recai" lm init --config bad.yaml --out bad --input titles.jsonl
echo 'vocab_size: 10' >bad.yaml
expect 2 'vocab_size' "$recai" lm init --config bad.yaml --out bad --input titles.jsonl

# ---- train: every weight; the result is a model again ----
"$recai" lm train --model qwen2 --config full.yaml --input chats.jsonl --out full -q
"$recai" lm info --model full >out
cmp info out || fail "a tuned model differs in form: $(cat out)"
"$recai" lm tokenize --model full <text.jsonl | cmp - data || fail 'its tokenizer differs'

cat >pairs.jsonl <<'JSON'
{"query": "toy story", "pos": "Toy Story (1995)", "neg": ["Heat (1995)", "Jumanji"]}
{"query": "lion king", "pos": ["The Lion King (1994)", "Lion King"]}
{"query": "heat", "pos": "Heat (1995)"}
JSON
printf 'method: contrastive\nfull: true\ntuning: {batch_size: 3, chunk: 2, training: {epochs: 2}}\n' >pairs.yaml
"$recai" lm train --model bert --config pairs.yaml --input pairs.jsonl --out pairs -q
"$recai" lm info --model pairs | cmp - <("$recai" lm info --model bert) || fail 'a tuned encoder differs in form'

# ---- bad training data ----
bad() { # bad TEXT LINE: training data is refused
  printf '%b\n' "$2" >bad.jsonl
  expect 3 "$1" "$recai" lm train --model qwen2 --input bad.jsonl --out bad
}
bad 'bad.jsonl:2: the completion is empty' '{"text": "a"}\n{"prompt": "x", "completion": ""}'
bad 'string is not UTF-8' '{"text": "a\0377"}'
bad 'bad.jsonl: no example' ''
bad 'bad.jsonl:1' '{"prompt": "x"}'
bad 'bad.jsonl:1' '{"text": 3}'
bad 'bad.jsonl:1' '{"messages": [{"role": "user", "content": "nobody answers"}]}'
bad 'bad.jsonl:1' '{"text": "a"'
expect 3 'nowhere.jsonl' "$recai" lm train --model qwen2 --input nowhere.jsonl --out bad
printf '\377' | expect 3 'standard input:1' "$recai" lm tokenize --model qwen2

# ---- bad options ----
expect 2 'did you mean "train"' "$recai" lm trian --model qwen2
expect 2 '--model' "$recai" lm info
expect 2 '--out' "$recai" lm train --model qwen2 --input chats.jsonl
option() { # option TEXT YAML
  echo "$2" >bad.yaml
  expect 2 "$1" "$recai" lm train --model qwen2 --config bad.yaml --input chats.jsonl --out bad
}
option 'bad.yaml:1:1: max_lenght: unknown key, did you mean "max_length"?' 'max_lenght: 3'
option 'bad.yaml:1' 'tuning: {batch_size: 0}'
option 'nowhere_proj' 'lora: {targets: [nowhere_proj]}'

# ---- bad models ----
expect 4 'no such model' "$recai" lm info --model nowhere
mkdir -p pickle empty
cp qwen2/config.json pickle
echo 'not weights' >pickle/pytorch_model.bin
expect 4 'a pickle can run any code' "$recai" lm info --model pickle
expect 4 'no model' "$recai" lm info --model empty
model() { # model TEXT SED FILE: a checkpoint is refused
  broken "$2" "$3"
  expect 4 "$1" "$recai" lm info --model broken
}
model 'tensor model.layers.2.' 's/"num_hidden_layers": 2/"num_hidden_layers": 3/; s/"layer_types": \[/&"full_attention",/' config.json
model 'unexpected tensor model.layers.1.' 's/"num_hidden_layers": 2/"num_hidden_layers": 1/; 0,/"full_attention",/s///' config.json
model 'should be (96, 64)' 's/"intermediate_size": 112/"intermediate_size": 96/' config.json
model 'mamba' 's/"model_type": "qwen2"/"model_type": "mamba"/' config.json
model 'model.norm.weight is missing' 's/model\.norm\.weight/model.nurm.weight/' model.safetensors
model 'model.safetensors' '0,/"F32"/s//"F99"/' model.safetensors
broken '' config.json
truncate -s 1000 broken/model.safetensors
expect 4 'model.safetensors' "$recai" lm info --model broken
cp "$golden/tokenizers/gpt2/tokenizer.json" broken
cp qwen2/model.safetensors broken
expect 4 'ids up to 449, the embeddings have 320 rows' "$recai" lm info --model broken
expect 4 'ids up to 449, the embeddings have 320 rows' "$recai" lm train --model broken --input chats.jsonl --out bad

printf 'GGUF\1\0\0\0' >bad.gguf
expect 4 'bad.gguf' "$recai" lm info --model bad.gguf
printf 'GGUF\3\0\0\0\0\0\0\0\0\0\0\200\0\0\0\0\0\0\0\0' >bad.gguf # 2^63 tensors
expect 4 'cannot fit into' "$recai" lm info --model bad.gguf

# ---- bad prompts ----
echo '{"prompt": ""}' >bad.jsonl
expect 3 'an empty prompt' "$recai" lm generate --model qwen2 --input bad.jsonl
printf '{"prompt": "%0300d"}\n' 7 >bad.jsonl
expect 3 'the context has 128' "$recai" lm generate --model qwen2 --input bad.jsonl
echo '{"text": ""}' >bad.jsonl
expect 3 'an empty text' "$recai" lm score --model qwen2 --input bad.jsonl
echo '{"messages": [{"role": "robot", "content": "x"}]}' >bad.jsonl
expect 3 'one of system, user, assistant' "$recai" lm generate --model qwen2 --input bad.jsonl

# ---- public checkpoints, where they are (scripts/fetch minilm smollm2) ----
if "$recai" lm tokenize --model data:minilm --add-special <<<'{"text": "Toy Story (1995)"}' >out 2>err; then
  grep -qx '{"ids":\[101,9121,2466,1006,2786,1007,102\]}' out || fail "minilm: $(cat out)"
else
  echo 'skipped: minilm is not there (scripts/fetch)'
fi
if "$recai" lm info --model data:smollm2 >out 2>err; then
  grep -q '"parameters":134515008,.*"chat_template":"chatml"' out || fail "smollm2: $(cat out)"
else
  echo 'skipped: smollm2 is not there (scripts/fetch)'
fi
