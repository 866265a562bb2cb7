/* 1,000 questions to a server that takes 50 ms for each, 64 at a time, then once more with every answer
 * recorded: prints "what | ours | limit | ratio | peak MB" for scripts/bench. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "core/yaml.h"
#include "models/lm/backend.h"
#include "tests/support/mock_server.h"

enum { QUESTIONS = 1000, AT_ONCE = 64, LATENCY_MS = 50, PROMPT_BYTES = 2000 };

static rec_lm_part parts[QUESTIONS];
static rec_lm_request requests[QUESTIONS];
static char texts[QUESTIONS][PROMPT_BYTES];

static double seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static double peak_mb(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (double)usage.ru_maxrss / 1024.0;
}

static bool answer(void *context, const mock_request *r, int fd)
{
    (void)context;
    (void)r;
    mock_sleep_ms(LATENCY_MS);
    return mock_answer_text(fd, "1. Toy Story (1995)\\n2. Jumanji (1995)\\n3. Heat (1995)");
}

static void fail(const char *what)
{
    fprintf(stderr, "bench_endpoint: %s\n", what);
    exit(REC_ERR_INTERNAL);
}

static rec_lm *open_model(const mock_server *s, const char *cache)
{
    char text[1024];
    rec_yaml *yaml = NULL;
    rec_lm_entry entry;
    rec_lm *lm = NULL;
    rec_error err = {.status = REC_OK};
    snprintf(text, sizeof text,
             "backend: endpoint\nbase_url: \"http://127.0.0.1:%u/v1\"\nmodel: m\n"
             "concurrency: %d\ncache: {path: \"%s\"}\n",
             mock_server_port(s), AT_ONCE, cache);
    if (rec_yaml_parse(&yaml, text, strlen(text), "bench", &err) != REC_OK ||
        rec_lm_entry_init(&entry, "api", yaml, &err) != REC_OK ||
        rec_lm_entry_open(&lm, &entry, &err) != REC_OK)
        fail(err.message);
    rec_lm_entry_deinit(&entry);
    rec_yaml_free(yaml);
    return lm;
}

/* Seconds for all questions on a model opened for them; *open_too: with opening and closing. */
static double ask_all(double *open_too, const mock_server *s, const char *cache)
{
    static rec_lm_reply replies[QUESTIONS];
    rec_error err = {.status = REC_OK};
    double start = seconds();
    rec_lm *lm = open_model(s, cache);
    double asked = seconds();
    if (rec_lm_generate(replies, lm, requests, QUESTIONS, &err) != REC_OK)
        fail(err.message);
    asked = seconds() - asked;
    for (size_t i = 0; i < QUESTIONS; i++) {
        if (replies[i].failure != NULL)
            fail(replies[i].failure);
        rec_lm_reply_deinit(&replies[i]);
    }
    rec_lm_free(lm);
    *open_too = seconds() - start;
    return asked;
}

int main(int n_arguments, char **arguments)
{
    if (n_arguments != 2)
        fail("usage: bench_endpoint FILE.sqlite");
    for (size_t i = 0; i < QUESTIONS; i++) {
        memset(texts[i], 'x', PROMPT_BYTES - 1);
        texts[i][snprintf(texts[i], 32, "question %zu", i)] = ' ';
        parts[i] = (rec_lm_part){.role = REC_ROLE_USER, .kind = REC_LM_DATA, .text = texts[i]};
        requests[i] = (rec_lm_request){.input = {.parts = &parts[i], .n_parts = 1, .chat = true},
                                       .max_tokens = 32,
                                       .sampling = rec_sampling_greedy()};
    }
    mock_server *s = mock_server_start(answer, NULL);
    double first_whole, again_whole, first = ask_all(&first_whole, s, arguments[1]);
    ask_all(&again_whole, s, arguments[1]);
    double ideal = ceil((double)QUESTIONS / AT_ONCE) * LATENCY_MS * 1e-3;
    if (mock_server_n_requests(s) != QUESTIONS)
        fail("the second pass sent requests");
    printf("endpoint: 1,000 requests of 50 ms, 64 at once | %.3f s | ideal %.3f s (bar: 0.9x) | "
           "%.2fx | %.0f\n",
           first, ideal, ideal / first, peak_mb());
    printf("endpoint: the same, fully cached | %.3f s | first pass %.3f s (bar: 5 %%) | %.1f %% | "
           "%.0f\n",
           again_whole, first_whole, 100.0 * again_whole / first_whole, peak_mb());
    mock_server_stop(s);
    return 0;
}
