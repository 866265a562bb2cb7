"""The `openai` package, unmodified, against recai serve: chats, completions, streams, log-probabilities,
embeddings, errors; greedy answers are those of `recai lm generate`."""
import concurrent.futures

from lm_common import checkpoint, close, finish, need, recai, work_folder
from serve_common import KEY, metric, serving

openai, numpy = need("openai", "numpy")

QUESTIONS = ["What is the capital of France?", "Name three colours.", "Who wrote Hamlet?", "What is 2 + 2?",
             "Say <|im_end|> twice.", "Translate 'good morning' into German.", "na\u00efve caf\u00e9 \u4f60\u597d?",
             "Recommend a film for somebody who likes Toy Story."]


def asked(question):
    return [{"role": "system", "content": "You answer shortly."}, {"role": "user", "content": question}]


def ours(model, questions, n):
    lines = recai("generate", "--model", model, "--max-tokens", str(n),
                  lines=[{"messages": asked(q)} for q in questions])
    return [line["text"] for line in lines]


def refused(name, kind, call):
    try:
        call()
    except kind as error:
        close(f"{name}: {type(error).__name__}", 0, 0)
        return error
    close(f"{name}: an answer instead of an error", 1, 0)


def streamed(client, question):
    """Text, finish reason and usage of a stream."""
    text, reason, usage = "", None, None
    for chunk in client.chat.completions.create(model="smol", messages=asked(question), temperature=0, max_tokens=24,
                                                stream=True, stream_options={"include_usage": True}):
        for choice in chunk.choices:
            text += choice.delta.content or ""
            reason = choice.finish_reason or reason
        usage = chunk.usage or usage
    return text, reason, usage


def chats(client, model):
    answers = ours(model, QUESTIONS, 24)
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        got = list(pool.map(lambda q: client.chat.completions.create(
            model="smol", messages=asked(q), temperature=0, max_tokens=24), QUESTIONS))
        streams = list(pool.map(lambda q: streamed(client, q), QUESTIONS))
    close("chats: answers that differ from recai lm generate",
          sum(g.choices[0].message.content != a for g, a in zip(got, answers)), 0)
    close("streams: answers that differ", sum(s[0] != a for s, a in zip(streams, answers)), 0)
    close("streams: other finish reasons", sum(s[1] != g.choices[0].finish_reason for s, g in zip(streams, got)), 0)
    close("streams: other usage", sum(s[2].completion_tokens != g.usage.completion_tokens
                                      for s, g in zip(streams, got)), 0)
    several = [client.chat.completions.create(model="smol", messages=asked("Tell a story."), n=3, seed=5,
                                              temperature=1.0, max_tokens=12) for _ in range(2)]
    texts = [[c.message.content for c in s.choices] for s in several]
    close("a seed gives other answers the second time", texts[0] != texts[1], 0)
    close("n: equal choices", len(set(texts[0])) != 3, 0)
    stopped = client.chat.completions.create(model="smol", messages=asked(QUESTIONS[0]), temperature=0, max_tokens=24,
                                             stop=[answers[0][4:7]])
    close("stop: text beyond the stop string", stopped.choices[0].message.content != answers[0][:answers[0].index(answers[0][4:7])], 0)
    form = client.chat.completions.create(model="smol", messages=asked("Reply in JSON."), temperature=0, max_tokens=30,
                                          response_format={"type": "json_object"})
    close("JSON mode: no object", not form.choices[0].message.content.lstrip().startswith("{"), 0)
    client.with_options(timeout=20).models.list()
    close("models: smol missing", "smol" not in [m.id for m in client.models.list()], 0)


def log_probabilities(client, model):
    text = "The capital of France is Paris, and the capital of Spain is Madrid."
    (line,) = recai("score", "--model", model, lines=[{"text": text}])
    echo = client.completions.create(model="smol", prompt=text, echo=True, logprobs=3, max_tokens=1, temperature=0)
    got = echo.choices[0].logprobs
    n = len(line["ids"])
    close("echo: log-probabilities", max(abs(a - b) for a, b in zip(got.token_logprobs[1:n], line["logprobs"])), 1e-6)
    close("echo: tokens do not spell the text", "".join(got.tokens[:n]) != text, 0)
    close("echo: offsets", sum(text[o:o + len(t)] != t for o, t in zip(got.text_offset[:n], got.tokens)), 0)
    close("echo: a first token with a log-probability", got.token_logprobs[0] is not None, 0)
    ids = client.completions.create(model="smol", prompt=line["ids"], echo=True, logprobs=1, max_tokens=1, temperature=0)
    close("prompt of ids: other numbers",
          sum(a != b for a, b in zip(ids.choices[0].logprobs.token_logprobs[1:n], got.token_logprobs[1:n])), 0)
    chat = client.chat.completions.create(model="smol", messages=asked(QUESTIONS[2]), temperature=0, max_tokens=8,
                                          logprobs=True, top_logprobs=4)
    content = chat.choices[0].logprobs.content
    close("chat: greedy tokens that are not the likeliest", sum(t.top_logprobs[0].token != t.token for t in content), 0)
    close("chat: bytes that do not spell the answer",
          b"".join(bytes(t.bytes) for t in content) != chat.choices[0].message.content.encode(), 0)
    pieces = [c.logprobs.content for chunk in client.chat.completions.create(
        model="smol", messages=asked(QUESTIONS[2]), temperature=0, max_tokens=8, logprobs=True, top_logprobs=4,
        stream=True) for c in chunk.choices if c.logprobs]
    close("stream: other log-probabilities",
          [t.logprob for p in pieces for t in p] != [t.logprob for t in content], 0)


def embeddings(client, name, model):
    texts = ["Toy Story (1995)", "a film about toys", "<|im_end|>"]
    expected = numpy.array([line["embedding"] for line in recai("embed", "--model", model,
                                                                lines=[{"text": t} for t in texts])])
    for form in ("float", "base64"):
        got = client.embeddings.create(model=name, input=texts, encoding_format=form)
        vectors = [d.embedding for d in got.data]
        if form == "base64" and isinstance(vectors[0], str):
            import base64
            vectors = [numpy.frombuffer(base64.b64decode(v), "<f4") for v in vectors]
        close(f"embeddings of {name}, {form}", numpy.abs(numpy.array(vectors) - expected).max(), 1e-6)
    one = client.embeddings.create(model=name, input=texts[0])  # the package asks for base64 by itself
    close(f"embeddings of {name}, one text", numpy.abs(numpy.array(one.data[0].embedding) - expected[0]).max(), 1e-6)


def errors(client, url):
    wrong = openai.OpenAI(base_url=url + "/v1", api_key="wrong", max_retries=0)
    refused("a wrong key", openai.AuthenticationError, lambda: wrong.models.list())
    refused("an unknown model", openai.NotFoundError,
            lambda: client.chat.completions.create(model="gpt-4", messages=asked("x")))
    error = refused("a long prompt", openai.BadRequestError,
                    lambda: client.completions.create(model="smol", prompt="word " * 20000, max_tokens=5))
    close("a long prompt: another code", error.code != "context_length_exceeded", 0)
    error = refused("a temperature of 3", openai.BadRequestError,
                    lambda: client.completions.create(model="smol", prompt="a", temperature=3))
    close("a temperature of 3: another param", error.param != "temperature", 0)
    refused("tools", openai.BadRequestError, lambda: client.chat.completions.create(
        model="smol", messages=asked("x"), tools=[{"type": "function", "function": {"name": "f", "parameters": {}}}]))
    stream = client.chat.completions.create(model="smol", messages=asked("Count to a hundred."), stream=True,
                                            temperature=0)
    next(iter(stream))
    stream.close()  # the server notices and frees the slot
    for _ in range(200):
        if metric(url, 'recai_running{model="smol"}') == 0:
            break
    close("slots still taken after a client left", metric(url, 'recai_running{model="smol"}'), 0)


with work_folder() as work, serving(work) as (url, real):
    client = openai.OpenAI(base_url=url + "/v1", api_key=KEY, max_retries=0, timeout=120)
    model = checkpoint("smollm2") or f"{work}/qwen2"
    if real:
        chats(client, model)
        log_probabilities(client, model)
    embeddings(client, "smol", model)
    if checkpoint("minilm") is not None:
        embeddings(client, "minilm", checkpoint("minilm"))
    errors(client, url)
finish()
