/* The response cache in front of an endpoint: spec acceptance 24, and what it must survive. */
#include <math.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "models/lm/cost.h"
#include "models/lm/replies/cached.h"
#include "tests/folder.h"
#include "tests/models/lm/endpoint_model.h"

/* Says how often it was asked; "fail" fails. Vectors and echoes for the other two kinds of calls. */
static bool counting(void *context, const mock_request *r, int fd)
{
    char text[32];
    (void)context;
    if (strstr(r->body, "fail") != NULL)
        return mock_answer(fd, 400, "", "{\"error\":\"no\"}");
    if (strstr(r->path, "embeddings") != NULL)
        return mock_answer(fd, 200, "", "{\"data\":[{\"embedding\":[0.1,-2]}]}");
    if (strstr(r->body, "\"echo\":true") != NULL)
        return mock_answer(fd, 200, "",
                           "{\"choices\":[{\"text\":\"\",\"logprobs\":{\"text_offset\":[0,1],"
                           "\"token_logprobs\":[null,-0.1]}}],\"usage\":{\"prompt_tokens\":2}}");
    snprintf(text, sizeof text, "answer %u", r->number);
    return mock_answer_text(fd, text);
}

static const char *cache_line(const char *mode)
{
    static char line[400];
    snprintf(line, sizeof line, "cache: {mode: %s, path: \"%s\"}\n", mode,
             test_path("new/replies.sqlite"));
    return line;
}

static rec_lm *open_cached(const mock_server *s, const char *mode, const char *more)
{
    char text[800];
    snprintf(text, sizeof text, "%s%s", cache_line(mode), more);
    return open_model(s, text);
}

/* The answer to "hello" of a model that is opened for it. */
static void expect(const mock_server *s, const char *mode, const char *answer, bool cached)
{
    rec_lm *lm = open_cached(s, mode, "");
    rec_lm_reply reply = ask(lm, "hello");
    ck_assert_str_eq(reply.best[0].text, answer);
    ck_assert_int_eq(reply.cached, cached);
    ck_assert_uint_eq(reply.tokens_in, 7);
    rec_lm_ledger ledger;
    rec_lm_ledger_get(&ledger, lm);
    ck_assert_uint_eq(ledger.cache_hits, cached);
    ck_assert_uint_eq(ledger.requests, !cached);
    ck_assert_uint_eq(ledger.cache_tokens, cached ? 10 : 0);
    rec_lm_reply_deinit(&reply);
    rec_lm_free(lm);
}

START_TEST(modes)
{
    mock_server *s = mock_server_start(counting, NULL);
    expect(s, "read_only", "answer 0", false); /* there is no file, and none is made */
    ck_assert_int_ne(access(test_path("new/replies.sqlite"), F_OK), 0);
    expect(s, "read_write", "answer 1", false);
    expect(s, "read_write", "answer 1", true);
    expect(s, "read_only", "answer 1", true);
    expect(s, "refresh", "answer 2", false);
    expect(s, "read_write", "answer 2", true);
    expect(s, "\"off\"", "answer 3", false);
    mock_server_stop(s);
}
END_TEST

START_TEST(failures_are_not_recorded)
{
    mock_server *s = mock_server_start(counting, NULL);
    rec_lm *lm = open_cached(s, "read_write", "");
    for (unsigned i = 1; i <= 2; i++) {
        rec_lm_reply reply = ask(lm, "fail");
        ck_assert_failure(reply, "http_400");
        ck_assert_uint_eq(mock_server_n_requests(s), i);
        rec_lm_reply_deinit(&reply);
    }
    rec_lm_free(lm);
    mock_server_stop(s);
}
END_TEST

/* Asked again, was the request sent? */
static bool is_new(const mock_server *s, rec_lm *lm, const rec_lm_request *r)
{
    unsigned before = mock_server_n_requests(s);
    rec_lm_reply reply;
    ck_assert_ok(rec_lm_generate(&reply, lm, r, 1, err));
    ck_assert_int_eq(reply.cached, mock_server_n_requests(s) == before);
    rec_lm_reply_deinit(&reply);
    return mock_server_n_requests(s) > before;
}

START_TEST(what_a_key_covers)
{
    static const char *const stop[] = {"\n"};
    mock_server *s = mock_server_start(counting, NULL);
    rec_lm *lm = open_cached(s, "read_write", "");
    rec_lm_part parts[] = {{.role = REC_ROLE_SYSTEM, .kind = REC_LM_TRUSTED, .text = "sys"},
                           {.role = REC_ROLE_USER, .kind = REC_LM_DATA, .text = "hello"}};
    const rec_lm_request plain = {.input = {.parts = parts, .n_parts = 2, .chat = true},
                                  .max_tokens = 5,
                                  .sampling = {.temperature = 0.5, .top_p = 1.0}};
    rec_lm_request r = plain;
    ck_assert(is_new(s, lm, &r));
    ck_assert(!is_new(s, lm, &r));
    r.sampling.temperature = 0.6;
    ck_assert(is_new(s, lm, &r));
    r = plain, r.sampling.seed = UINT64_MAX;
    ck_assert(is_new(s, lm, &r));
    r.sampling.seed--; /* all 64 bits count */
    ck_assert(is_new(s, lm, &r));
    r = plain, r.sampling.top_p = 0.9;
    ck_assert(is_new(s, lm, &r));
    r = plain, r.id = 7; /* tokens are drawn by it */
    ck_assert(is_new(s, lm, &r));
    r = plain, r.repeat = 1;
    ck_assert(is_new(s, lm, &r));
    r = plain, r.max_tokens = 6;
    ck_assert(is_new(s, lm, &r));
    r = plain, r.stop = stop, r.n_stop = 1;
    ck_assert(is_new(s, lm, &r));
    parts[0].text = "SYS";
    ck_assert(is_new(s, lm, &plain));
    parts[0].text = "sys", parts[1].text = "hello!";
    ck_assert(is_new(s, lm, &plain));
    parts[1].text = "hello", parts[1].kind = REC_LM_TRUSTED;
    ck_assert(is_new(s, lm, &plain));
    parts[1].kind = REC_LM_DATA;
    ck_assert(!is_new(s, lm, &plain));
    rec_lm_free(lm);

    lm = open_cached(s, "read_write", "revision: r2\n");
    ck_assert(is_new(s, lm, &plain));
    rec_lm_free(lm);
    lm = open_cached(s, "read_write", "extra: {reasoning_effort: low}\n");
    ck_assert(is_new(s, lm, &plain));
    rec_lm_free(lm);
    mock_server_stop(s);
}
END_TEST

START_TEST(what_a_key_leaves_out)
{
    mock_server *s = mock_server_start(counting, NULL);
    rec_lm *lm = open_cached(s, "read_write", "");
    rec_lm_part part, halves[2];
    rec_lm_request r = question(&part, "hello");
    ck_assert(is_new(s, lm, &r));
    const rec_lm_answer_key key = {.n_wanted = 3};
    r.id = 9; /* greedy: nothing is drawn */
    r.key = &key;
    ck_assert(!is_new(s, lm, &r));
    halves[0] = halves[1] = part; /* the same text in two parts */
    halves[0].n = 2;
    halves[1].text += 2;
    r.input.parts = halves;
    r.input.n_parts = 2;
    ck_assert(!is_new(s, lm, &r));
    rec_lm_free(lm);
    mock_server_stop(s);
}
END_TEST

static rec_status count_call(void *context, const rec_lm_reply *reply, rec_error *err)
{
    (void)err;
    ++*(unsigned *)context;
    ck_assert_ptr_nonnull(reply->best);
    return REC_OK;
}

START_TEST(requests_alike_are_asked_once)
{
    enum { N = 6 };
    static const char *const texts[N] = {"a", "b", "a", "c", "b", "a"};
    mock_server *s = mock_server_start(counting, NULL);
    rec_lm *lm = open_cached(s, "read_write", "concurrency: 1\n");
    rec_lm_part parts[N];
    rec_lm_request requests[N];
    rec_lm_reply replies[N];
    unsigned calls[N] = {0};
    for (int i = 0; i < N; i++) {
        requests[i] = question(&parts[i], texts[i]);
        requests[i].on_reply = count_call;
        requests[i].on_reply_context = &calls[i];
    }
    ck_assert_ok(rec_lm_generate(replies, lm, requests, N, err));
    ck_assert_uint_eq(mock_server_n_requests(s), 3);
    for (int i = 0; i < N; i++) {
        ck_assert_uint_eq(calls[i], 1);
        for (int j = 0; j < N; j++)
            ck_assert_int_eq(strcmp(texts[i], texts[j]) == 0,
                             strcmp(replies[i].best[0].text, replies[j].best[0].text) == 0);
    }
    for (int i = 0; i < N; i++)
        rec_lm_reply_deinit(&replies[i]);

    requests[0] = question(&parts[0], "fail"), requests[1] = question(&parts[1], "fail");
    ck_assert_ok(rec_lm_generate(replies, lm, requests, 2, err));
    ck_assert_uint_eq(mock_server_n_requests(s), 4);
    for (int i = 0; i < 2; i++) {
        ck_assert_failure(replies[i], "http_400");
        rec_lm_reply_deinit(&replies[i]);
    }
    rec_lm_free(lm);
    mock_server_stop(s);
}
END_TEST

static rec_status count_score(void *context, const rec_lm_score *score, rec_error *err)
{
    (void)err;
    ++*(unsigned *)context;
    ck_assert_uint_eq(score->n, 1);
    return REC_OK;
}

START_TEST(scores_and_vectors)
{
    mock_server *s = mock_server_start(counting, NULL);
    rec_lm_part prompt = {.kind = REC_LM_DATA, .text = "a"};
    rec_lm_part after = {.kind = REC_LM_DATA, .text = "b"};
    unsigned n_told = 0;
    const rec_lm_score_request request = {.prompt = {.parts = &prompt, .n_parts = 1},
                                          .completion = {.parts = &after, .n_parts = 1},
                                          .on_score = count_score,
                                          .on_score_context = &n_told};
    for (int run = 0; run < 2; run++) {
        rec_lm *lm = open_cached(s, "read_write", "scores: true\nembed_dim: 2\n");
        rec_lm_score score;
        float vector[2];
        ck_assert_ok(rec_lm_score_all(&score, lm, &request, 1, err));
        ck_assert_uint_eq(score.n, 1);
        ck_assert(score.logprobs[0] == -0.1F);
        ck_assert_ok(rec_lm_embed(vector, lm, &request.prompt, 1, err));
        ck_assert(vector[0] == 0.1F && vector[1] == -2.0F); /* to the bit */
        ck_assert_uint_eq(mock_server_n_requests(s), 2);
        ck_assert_uint_eq(n_told, (unsigned)run + 1);
        rec_lm_score_deinit(&score);
        rec_lm_free(lm);
    }
    mock_server_stop(s);
}
END_TEST

/* ---- damage ---- */

static void run_sql(const char *sql)
{
    sqlite3 *db;
    ck_assert_int_eq(sqlite3_open(test_path("new/replies.sqlite"), &db), SQLITE_OK);
    ck_assert_int_eq(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
}

START_TEST(damaged_entries)
{
    static const char *const damages[] = {
        "UPDATE replies SET record = replace(record, 'answer', 'ANSWER')",
        "UPDATE replies SET checksum = 'x'", "UPDATE replies SET record = ''"};
    mock_server *s = mock_server_start(counting, NULL);
    expect(s, "read_write", "answer 0", false);
    for (unsigned i = 0; i < 3; i++) {
        run_sql(damages[i]);
        rec_lm *lm = open_cached(s, "read_write", "");
        rec_lm_reply reply = ask(lm, "hello");
        rec_lm_ledger ledger;
        rec_lm_ledger_get(&ledger, lm);
        ck_assert(!reply.cached);
        ck_assert_uint_eq(ledger.cache_corrupted, 1);
        ck_assert_uint_eq(ledger.cache_misses, 1);
        ck_assert_uint_eq(ledger.requests, 1);
        rec_lm_reply_deinit(&reply);
        reply = ask(lm, "hello"); /* it has been recorded again */
        ck_assert(reply.cached);
        rec_lm_reply_deinit(&reply);
        rec_lm_free(lm);
    }
    mock_server_stop(s);
}
END_TEST

START_TEST(other_files)
{
    mock_server *s = mock_server_start(counting, NULL);
    rec_lm *lm;
    char line[400];
    test_write("garbage", "this is no database at all, but long enough to look at", 54);
    snprintf(line, sizeof line, "cache: {path: \"%s\"}\n", test_path("garbage"));
    ck_assert_fails(try_model(&lm, mock_server_port(s), line, err), REC_ERR_DATA, "garbage");

    ck_assert_int_eq(mkdir(test_path("new"), 0777), 0);
    run_sql("CREATE TABLE mine (x)");
    ck_assert_fails(try_model(&lm, mock_server_port(s), cache_line("read_write"), err),
                    REC_ERR_DATA, "not one of recorded answers");
    snprintf(line, sizeof line, "cache: {path: \"%s/x\"}\n", test_path("garbage"));
    ck_assert_fails(try_model(&lm, mock_server_port(s), line, err), REC_ERR_RESOURCE, "garbage");
    mock_server_stop(s);
}
END_TEST

/* ---- several processes, and their deaths ---- */

enum { N_QUESTIONS = 120 };

typedef struct tally {
    atomic_uint n_seen[N_QUESTIONS];
} tally;

static bool tallying(void *context, const mock_request *r, int fd)
{
    tally *t = context;
    unsigned i = (unsigned)atoi(strstr(r->body, "question ") + strlen("question "));
    char text[32];
    atomic_fetch_add(&t->n_seen[i], 1);
    mock_sleep_ms(5);
    snprintf(text, sizeof text, "answer %u", i);
    return mock_answer_text(fd, text);
}

/* In a process of its own: ask everything, four at a time. */
static rec_status ask_all(unsigned port, const char *line, rec_error *err)
{
    rec_lm_part parts[N_QUESTIONS];
    rec_lm_request requests[N_QUESTIONS];
    rec_lm_reply replies[N_QUESTIONS];
    char texts[N_QUESTIONS][32];
    rec_lm *lm = NULL;
    rec_status status = try_model(&lm, port, line, err);
    for (unsigned i = 0; i < N_QUESTIONS; i++) {
        snprintf(texts[i], sizeof texts[i], "question %u.", i);
        requests[i] = question(&parts[i], texts[i]);
    }
    if (status == REC_OK)
        status = rec_lm_generate(replies, lm, requests, N_QUESTIONS, err);
    for (unsigned i = 0; status == REC_OK && i < N_QUESTIONS; i++) {
        if (replies[i].failure != NULL || atoi(replies[i].best[0].text + 7) != (int)i)
            status = rec_fail(err, REC_ERR_INTERNAL, "answer %u is wrong", i);
        rec_lm_reply_deinit(&replies[i]);
    }
    rec_lm_free(lm);
    return status;
}

static pid_t start_asking(unsigned port)
{
    char line[500];
    snprintf(line, sizeof line, "%sconcurrency: 4\n", cache_line("read_write"));
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        rec_error err = {.status = REC_OK};
        rec_status status = ask_all(port, line, &err);
        if (status != REC_OK)
            fprintf(stderr, "%s\n", err.message);
        _exit(status == REC_OK ? 0 : 1);
    }
    return child;
}

static unsigned total(tally *t, unsigned *worst)
{
    unsigned sum = 0;
    *worst = 0;
    for (int i = 0; i < N_QUESTIONS; i++) {
        unsigned n = atomic_load(&t->n_seen[i]);
        sum += n;
        *worst = n > *worst ? n : *worst;
    }
    return sum;
}

/* Three processes open and fill one file at once; a fourth asks nothing. */
START_TEST(shared_by_processes)
{
    static tally t;
    mock_server *s = mock_server_start(tallying, &t);
    pid_t children[3];
    int ended;
    unsigned worst;
    for (int i = 0; i < 3; i++)
        children[i] = start_asking(mock_server_port(s));
    for (int i = 0; i < 3; i++) {
        ck_assert_int_eq(waitpid(children[i], &ended, 0), children[i]);
        ck_assert_int_eq(ended, 0);
    }
    unsigned before = total(&t, &worst);
    ck_assert_uint_le(worst, 3);
    pid_t again = start_asking(mock_server_port(s));
    ck_assert_int_eq(waitpid(again, &ended, 0), again);
    ck_assert_int_eq(ended, 0);
    ck_assert_uint_eq(total(&t, &worst), before);
    mock_server_stop(s);
}
END_TEST

/* Killed at six points of its work, a process that is started again repeats at most the four requests
 * that were under way each time. */
START_TEST(killed_and_started_again)
{
    static tally t;
    mock_server *s = mock_server_start(tallying, &t);
    int ended;
    unsigned worst;
    for (unsigned k = 1; k <= 6; k++) {
        pid_t child = start_asking(mock_server_port(s));
        while (total(&t, &worst) < 17 * k)
            mock_sleep_ms(1);
        kill(child, SIGKILL);
        waitpid(child, &ended, 0);
        ck_assert(WIFSIGNALED(ended));
    }
    pid_t last = start_asking(mock_server_port(s));
    ck_assert_int_eq(waitpid(last, &ended, 0), last);
    ck_assert_int_eq(ended, 0);
    ck_assert_uint_le(total(&t, &worst), N_QUESTIONS + 6 * 4);
    mock_server_stop(s);
}
END_TEST

REC_SUITE("models/lm/replies/cached", tcase_add_checked_fixture(t, test_folder, test_folder_remove);
          tcase_add_test(t, modes); tcase_add_test(t, failures_are_not_recorded);
          tcase_add_test(t, what_a_key_covers); tcase_add_test(t, what_a_key_leaves_out);
          tcase_add_test(t, requests_alike_are_asked_once); tcase_add_test(t, scores_and_vectors);
          tcase_add_test(t, damaged_entries); tcase_add_test(t, other_files);
          tcase_add_test(t, shared_by_processes); tcase_add_test(t, killed_and_started_again);)
