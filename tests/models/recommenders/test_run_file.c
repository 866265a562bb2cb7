#include <math.h>
#include <unistd.h>

#include "core/file.h"
#include "tests/models/fixture.h"

static char *user_ids[] = {"1", "2", "10"};
static char *item_ids[] = {"a", "b", "c"};

typedef struct world {
    fixture f;
    char folder[40], path[64];
} world;

static void world_init(world *w, const char *name, const char *text)
{
    const float none[9] = {0};
    w->f = fixture_dense(none, 3, 3);
    w->f.dataset.user_ids = user_ids;
    w->f.dataset.catalogue.ids = item_ids;
    strcpy(w->folder, "/tmp/recai_run_XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(w->folder));
    snprintf(w->path, sizeof w->path, "%s/%s", w->folder, name);
    ck_assert_ok(rec_atomic_write(w->path, text, strlen(text), err));
}

static void world_deinit(world *w)
{
    unlink(w->path);
    rmdir(w->folder);
    fixture_deinit(&w->f);
}

static rec_model *model_of(const world *w, const char *more)
{
    char options[200];
    snprintf(options, sizeof options, "{path: \"%s\"%s}", w->path, more);
    return fixture_model("run_file", options);
}

static void check_scores(const rec_model *m, uint32_t user, float a, float b, float c)
{
    float scores[3];
    rec_query q = {.user = user};
    ck_assert_ok(m->type->score(scores, m->self, &q, 1, err));
    ck_assert_float_eq(scores[0], a);
    ck_assert_float_eq(scores[1], b);
    ck_assert_float_eq(scores[2], c);
}

/* Any order of lines and blanks; the rank is not read. Line 3's user and line 4's item are unknown. */
START_TEST(trec_run)
{
    world w;
    world_init(&w, "x.run",
               "10 Q0 b 1 2.5 tag\n1  Q0\tc 2 -1e2 tag\n7 Q0 a 1 1 tag\n1 Q0 zz 1 1 tag\n"
               "1 Q0 a 9 0 tag\n");
    rec_model *m = model_of(&w, "");
    ck_assert_ok(fixture_try_fit(m, &w.f, 1, err));
    check_scores(m, 0, 0, -INFINITY, -100);
    check_scores(m, 1, -INFINITY, -INFINITY, -INFINITY);
    check_scores(m, 2, -INFINITY, 2.5, -INFINITY);
    float scores[3];
    rec_query anonymous = {.user = REC_NO_USER};
    ck_assert_fails(m->type->score(scores, m->self, &anonymous, 1, err), REC_ERR_MODEL,
                    "scores of known users only");

    char saved[] = "/tmp/recai_saved_XXXXXX";
    close(mkstemp(saved));
    rec_model *loaded = model_of(&w, "");
    ck_assert_ok(rec_model_save(m, saved, err));
    ck_assert_ok(rec_model_load(loaded, saved, &w.f.dataset, err));
    check_scores(loaded, 0, 0, -INFINITY, -100);
    remove(saved);
    rec_model_free(loaded);
    rec_model_free(m);
    world_deinit(&w);
}
END_TEST

START_TEST(tables_with_headers)
{
    world w;
    world_init(&w, "x.csv", "score,item,user\n0.5,\"a\",1\n1,b,1\n");
    rec_model *m = model_of(&w, "");
    ck_assert_ok(fixture_try_fit(m, &w.f, 1, err));
    check_scores(m, 0, 0.5, 1, -INFINITY);
    rec_model_free(m);
    world_deinit(&w);
    world_init(&w, "x.txt", "uid\tmid\tpred\n2\tc\t3\n");
    m = model_of(&w, ", format: tsv, user: uid, item: mid, score: pred");
    ck_assert_ok(fixture_try_fit(m, &w.f, 1, err));
    check_scores(m, 1, -INFINITY, -INFINITY, 3);
    rec_model_free(m);
    world_deinit(&w);
}
END_TEST

static void check_fails(const char *name, const char *text, const char *message)
{
    world w;
    world_init(&w, name, text);
    rec_model *m = model_of(&w, "");
    ck_assert_fails(fixture_try_fit(m, &w.f, 1, err), REC_ERR_DATA, message);
    rec_model_free(m);
    world_deinit(&w);
}

START_TEST(bad_files)
{
    check_fails("x.run", "", "none of its 0 lines");
    check_fails("x.csv", "", "the file is empty");
    check_fails("x.csv", "user,item,value\n", "x.csv:1: no column \"score\" in the header");
    check_fails("x.run", "1 Q0 a 1 2.5\n", "x.run:1: 5 fields, wanted 6");
    check_fails("x.run", "1 Q0 a 1 2 t\n1 Q0 b 1 nan t\n", "x.run:2:");
    check_fails("x.run", "1 Q0 a 1 2 t\n2 Q0 a 1 2 t\n1 Q0 a 1 3 t\n",
                "x.run:3: user 1 and item a already had a score in line 1");
    check_fails("x.run", "7 Q0 a 1 2 t\n8 Q0 zz 1 2 t\n", "none of its 2 lines");
    rec_model *m = fixture_model("run_file", "{path: /nowhere/x.run}");
    world w;
    world_init(&w, "x.run", "");
    ck_assert_fails(fixture_try_fit(m, &w.f, 1, err), REC_ERR_DATA, "/nowhere/x.run");
    rec_model_free(m);
    world_deinit(&w);
}
END_TEST

REC_SUITE("models/recommenders/run_file", tcase_add_test(t, trec_run);
          tcase_add_test(t, tables_with_headers); tcase_add_test(t, bad_files);)
