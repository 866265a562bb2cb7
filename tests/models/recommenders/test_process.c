/* Programs here are shell scripts with prepared answers; the example of the docs runs where there is a
 * Python. */
#include <math.h>
#include <unistd.h>

#include "core/file.h"
#include "models/ranking.h"
#include "tests/models/fixture.h"

static char *user_ids[] = {"u1", "u2"};
static char *item_ids[] = {"a", "b", "c"};

/* Answers every query of one with a fixed list; %s runs before each answer. */
#define SCRIPT                                                                                     \
    "while read -r line; do case \"$line\" in "                                                    \
    "*fit*) echo '{\"type\": \"ready\"}';; "                                                       \
    "*score*) id=$(echo \"$line\" | sed 's/.*\"id\":\\([0-9]*\\).*/\\1/'); %s; "                   \
    "echo \"{\\\"id\\\": $id, \\\"results\\\": [[1, 3, null]]}\";; esac; done"

typedef struct world {
    fixture f;
    char folder[48], script[80], mark[80];
} world;

/* u1 {a, b}, u2 {b, c} */
static void world_init(world *w, const char *before_answer)
{
    const float cells[] = {1, 1, 0, 0, 1, 1};
    char text[1000];
    w->f = fixture_dense(cells, 2, 3);
    w->f.dataset.name = (char *)"tiny";
    w->f.dataset.user_ids = user_ids;
    w->f.dataset.catalogue.ids = item_ids;
    strcpy(w->folder, "/tmp/recai_process_XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(w->folder));
    snprintf(w->script, sizeof w->script, "%s/script", w->folder);
    snprintf(w->mark, sizeof w->mark, "%s/mark", w->folder);
    snprintf(text, sizeof text, SCRIPT, before_answer);
    ck_assert_ok(rec_atomic_write(w->script, text, strlen(text), err));
    setenv("MARK", w->mark, 1);
}

static void world_deinit(world *w)
{
    unlink(w->script);
    unlink(w->mark);
    rmdir(w->folder);
    fixture_deinit(&w->f);
}

static rec_model *model_of(const world *w, const char *more)
{
    char options[300];
    snprintf(options, sizeof options, "{command: [sh, \"%s\"]%s}", w->script, more);
    return fixture_model("process", options);
}

static const rec_query anyone = {.user = REC_NO_USER};

START_TEST(scores_come_from_the_program)
{
    world w;
    float scores[3];
    world_init(&w, "true");
    rec_model *m = model_of(&w, "");
    ck_assert_ok(fixture_try_fit(m, &w.f, 1, err));
    for (int i = 0; i < 3; i++) {
        ck_assert_ok(m->type->score(scores, m->self, &anyone, 1, err));
        ck_assert_mem_eq(scores, ((float[]){1, 3, -INFINITY}), sizeof scores);
    }
    char saved[] = "/tmp/recai_saved_XXXXXX";
    close(mkstemp(saved));
    rec_model *loaded = model_of(&w, "");
    ck_assert_ok(rec_model_save(m, saved, err));
    ck_assert_ok(rec_model_load(loaded, saved, &w.f.dataset, err));
    ck_assert_ok(loaded->type->score(scores, loaded->self, &anyone, 1, err));
    ck_assert_float_eq(scores[1], 3);
    remove(saved);
    rec_model_free(loaded);
    rec_model_free(m);
    world_deinit(&w);
}
END_TEST

/* The first answer never comes: the program dies, or sleeps, once. */
static void check_restart(const char *failure, const char *more)
{
    world w;
    float scores[3];
    char once[200];
    snprintf(once, sizeof once, "[ -e \"$MARK\" ] || { touch \"$MARK\"; %s; }", failure);
    world_init(&w, once);
    rec_model *m = model_of(&w, more);
    ck_assert_ok(fixture_try_fit(m, &w.f, 1, err));
    ck_assert_ok(m->type->score(scores, m->self, &anyone, 1, err));
    ck_assert_float_eq(scores[1], 3);
    rec_model_free(m);
    world_deinit(&w);
}

START_TEST(dead_and_late_programs_are_started_again)
{
    check_restart("exit 1", "");
    check_restart("kill -9 $$", ", restarts: 1");
    check_restart("sleep 50", ", timeout: 1");
}
END_TEST

static void check_score_fails(const char *before_answer, const char *more, const char *message)
{
    world w;
    float scores[6];
    rec_query queries[] = {anyone, anyone};
    world_init(&w, before_answer);
    rec_model *m = model_of(&w, more);
    ck_assert_ok(fixture_try_fit(m, &w.f, 1, err));
    ck_assert_fails(m->type->score(scores, m->self, queries, 2, err), REC_ERR_MODEL, message);
    rec_model_free(m);
    world_deinit(&w);
}

START_TEST(restarts_are_limited_and_wrong_answers_final)
{
    check_score_fails("exit 3", ", restarts: 1", "process sh: the program exited with status 3");
    check_score_fails("sleep 50", ", restarts: 0, timeout: 0.3",
                      "process sh: the program did not answer within 0.3 s");
    check_score_fails("true", "", "process sh: answer of the program: wanted 2 results");
    check_score_fails("echo '{\"error\": \"no such thing\"}'", "",
                      "process sh: the program says: no such thing");
}
END_TEST

START_TEST(programs_that_never_get_ready)
{
    world w;
    world_init(&w, "true");
    rec_model *m = fixture_model("process", "{command: [/nowhere/program]}");
    ck_assert_fails(fixture_try_fit(m, &w.f, 1, err), REC_ERR_MODEL,
                    "/nowhere/program: cannot be started");
    rec_model_free(m);
    m = fixture_model("process", "{command: [sleep, 50], fit_timeout: 0.2, restarts: 1}");
    ck_assert_fails(fixture_try_fit(m, &w.f, 1, err), REC_ERR_MODEL,
                    "process sleep: the program did not answer within 0.2 s");
    rec_model_free(m);
    m = fixture_model("process", "{command: []}");
    ck_assert_fails(fixture_try_fit(m, &w.f, 1, err), REC_ERR_CONFIG, "command is empty");
    rec_model_free(m);
    world_deinit(&w);
}
END_TEST

/* Several threads ask at once; the program answers one after the other. */
START_TEST(threads_take_turns)
{
    enum { N = 300 };
    world w;
    rec_rank_request requests[N];
    rec_ranked ranked;
    world_init(&w, "true");
    rec_model *m = model_of(&w, "");
    ck_assert_ok(fixture_try_fit(m, &w.f, 1, err));
    for (int i = 0; i < N; i++)
        requests[i] = (rec_rank_request){.query = anyone};
    rec_parallel_set_threads(4);
    ck_assert_fails(rec_rank(&ranked, m->type, m->self, requests, N, 2, REC_TIES_INDEX, 3, err),
                    REC_ERR_MODEL, "wanted 64 results"); /* tiles of queries come as one request */
    ck_assert_ok(rec_rank(&ranked, m->type, m->self, requests, 1, 2, REC_TIES_INDEX, 3, err));
    ck_assert_uint_eq(ranked.items[0], 1);
    rec_ranked_deinit(&ranked);
    rec_model_free(m);
    world_deinit(&w);
}
END_TEST

/* After {a}: b shares u1; after {b}: a and c; after {}: nothing. */
START_TEST(the_example_of_the_docs)
{
    if (system("python3 -c pass") != 0) {
        printf("the example of the docs: no python3, skipped\n");
        return;
    }
    world w;
    const uint32_t a = 0, b = 1;
    const rec_query queries[] = {{.user = REC_NO_USER, .history = &a, .n_history = 1},
                                 {.user = 1, .history = &b, .n_history = 1},
                                 {.user = REC_NO_USER}};
    float scores[9];
    world_init(&w, "true");
    rec_model *m = fixture_model("process", "{command: [python3, \"" REC_SOURCE_DIR
                                            "/docs/process_example.py\"]}");
    ck_assert_ok(fixture_try_fit(m, &w.f, 1, err));
    ck_assert_ok(m->type->score(scores, m->self, queries, 3, err));
    const float no = -INFINITY, expected[] = {no, 1, no, 1, no, 1, no, no, no};
    ck_assert_mem_eq(scores, expected, sizeof scores);
    rec_model_free(m);
    world_deinit(&w);
}
END_TEST

REC_SUITE("models/recommenders/process", tcase_add_test(t, scores_come_from_the_program);
          tcase_add_test(t, dead_and_late_programs_are_started_again);
          tcase_add_test(t, restarts_are_limited_and_wrong_answers_final);
          tcase_add_test(t, programs_that_never_get_ready); tcase_add_test(t, threads_take_turns);
          tcase_add_test(t, the_example_of_the_docs);)
