#include <math.h>
#include <unistd.h>

#include "core/file.h"
#include "models/ranking.h"
#include "tests/models/fixture.h"

static char *user_ids[] = {"u1", "u2"};
static char *item_ids[] = {"a", "b", "c"};

typedef struct world {
    fixture f;
    char folder[48], items[80], users[80], item_ids[80], user_ids[80];
} world;

static void write_matrix(const char *path, const char *name, const float *values, size_t n_rows,
                         size_t n_columns)
{
    rec_tensor_writer *w;
    size_t shape[2] = {n_rows, n_columns};
    ck_assert_ok(rec_tensor_writer_new(&w, err));
    ck_assert_ok(rec_tensor_writer_add(w, name, REC_F32, 2, shape, values, err));
    ck_assert_ok(rec_tensor_writer_write(w, path, err));
    rec_tensor_writer_free(w);
}

static void write_text(const char *path, const char *text)
{
    ck_assert_ok(rec_atomic_write(path, text, strlen(text), err));
}

/* Items a (1, 0), b (0, 2), c (3, 4); users u1 (1, 1), u2 (0, -1). */
static void world_init(world *w)
{
    const float none[6] = {0}, items[] = {1, 0, 0, 2, 3, 4}, users[] = {1, 1, 0, -1};
    w->f = fixture_dense(none, 2, 3);
    w->f.dataset.user_ids = user_ids;
    w->f.dataset.catalogue.ids = item_ids;
    strcpy(w->folder, "/tmp/recai_embeddings_XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(w->folder));
    snprintf(w->items, sizeof w->items, "%s/items.safetensors", w->folder);
    snprintf(w->users, sizeof w->users, "%s/users.safetensors", w->folder);
    snprintf(w->item_ids, sizeof w->item_ids, "%s/item_ids", w->folder);
    snprintf(w->user_ids, sizeof w->user_ids, "%s/user_ids", w->folder);
    write_matrix(w->items, "items", items, 3, 2);
    write_matrix(w->users, "users", users, 2, 2);
}

static void world_deinit(world *w)
{
    unlink(w->items);
    unlink(w->users);
    unlink(w->item_ids);
    unlink(w->user_ids);
    rmdir(w->folder);
    fixture_deinit(&w->f);
}

/* Options: "{items: ...}" with %1 users, %2 item ids, %3 user ids switched on by letters. */
static rec_model *model_of(const world *w, const char *parts, const char *more)
{
    char options[600];
    int n = snprintf(options, sizeof options, "{items: \"%s\"%s", w->items, more);
    if (strchr(parts, 'u') != NULL)
        n += snprintf(options + n, sizeof options - (size_t)n, ", users: \"%s\"", w->users);
    if (strchr(parts, 'i') != NULL)
        n += snprintf(options + n, sizeof options - (size_t)n, ", item_ids: \"%s\"", w->item_ids);
    if (strchr(parts, 'd') != NULL)
        n += snprintf(options + n, sizeof options - (size_t)n, ", user_ids: \"%s\"", w->user_ids);
    snprintf(options + n, sizeof options - (size_t)n, "}");
    return fixture_model("embeddings", options);
}

static void check_scores(const rec_model *m, rec_query q, float a, float b, float c)
{
    float scores[3];
    fixture_score_query(scores, m, &q);
    ck_assert_float_eq_tol(scores[0], a, 1e-6f);
    ck_assert_float_eq_tol(scores[1], b, 1e-6f);
    ck_assert_float_eq_tol(scores[2], c, 1e-6f);
}

static const uint32_t history[] = {2, 0, 1};
static const rec_query anonymous = {.user = REC_NO_USER, .history = history, .n_history = 3};

START_TEST(rows_in_dense_order)
{
    world w;
    world_init(&w);
    rec_model *m = model_of(&w, "u", "");
    ck_assert_ok(fixture_try_fit(m, &w.f, 1, err));
    check_scores(m, (rec_query){.user = 0}, 1, 2, 7);
    check_scores(m, (rec_query){.user = 1}, 0, -2, -4);
    check_scores(m, anonymous, 4.0f / 3, 4, 12); /* mean (4, 6) / 3 */
    check_scores(m, (rec_query){.user = REC_NO_USER}, 0, 0, 0);
    rec_model_free(m);
    m = model_of(&w, "", ", history_items: 2"); /* without users: the last two, (1, 2) / 2 */
    ck_assert_ok(fixture_try_fit(m, &w.f, 1, err));
    check_scores(m, (rec_query){.user = 0, .history = history, .n_history = 3}, 0.5f, 2, 5.5f);
    rec_model_free(m);
    m = model_of(&w, "u", ", similarity: cosine");
    ck_assert_ok(fixture_try_fit(m, &w.f, 1, err));
    check_scores(m, (rec_query){.user = 0}, sqrtf(0.5f), sqrtf(0.5f), 1.4f * sqrtf(0.5f));
    rec_model_free(m);
    world_deinit(&w);
}
END_TEST

/* Rows belong to c, x (unknown), a: b has no vector and is never ranked. */
START_TEST(rows_by_ids)
{
    world w;
    world_init(&w);
    write_text(w.item_ids, "c\r\nx\na\n");
    write_text(w.user_ids, "u2\nu9\n");
    rec_model *m = model_of(&w, "uid", "");
    ck_assert_ok(fixture_try_fit(m, &w.f, 1, err));
    float scores[3];
    rec_query known = {.user = 1};
    fixture_score_query(scores, m, &known);
    ck_assert_float_eq(scores[0], 7); /* u2 has (1, 1), a has (3, 4) */
    ck_assert_float_eq(scores[1], -INFINITY);
    ck_assert_float_eq(scores[2], 1);
    rec_query u1 = {.user = 0, .history = history, .n_history = 3}; /* without a row: (4, 4) / 2 */
    fixture_score_query(scores, m, &u1);
    ck_assert_float_eq(scores[0], 14);

    char saved[] = "/tmp/recai_saved_XXXXXX";
    float again[3];
    close(mkstemp(saved));
    rec_model *loaded = model_of(&w, "uid", "");
    ck_assert_ok(rec_model_save(m, saved, err));
    ck_assert_ok(rec_model_load(loaded, saved, &w.f.dataset, err));
    fixture_score_query(again, loaded, &u1);
    ck_assert_mem_eq(scores, again, sizeof again);
    rec_rank_request request = {.query = known};
    rec_ranked ranked;
    ck_assert_ok(
        rec_rank(&ranked, loaded->type, loaded->self, &request, 1, 3, REC_TIES_INDEX, 3, err));
    ck_assert_uint_eq(ranked.n_pool[0], 2);
    rec_ranked_deinit(&ranked);
    remove(saved);
    rec_model_free(loaded);
    rec_model_free(m);
    world_deinit(&w);
}
END_TEST

static void check_fails(const char *parts, const char *item_ids_text, const char *message)
{
    world w;
    world_init(&w);
    if (item_ids_text != NULL)
        write_text(w.item_ids, item_ids_text);
    rec_model *m = model_of(&w, parts, "");
    ck_assert_fails(fixture_try_fit(m, &w.f, 1, err), REC_ERR_DATA, message);
    rec_model_free(m);
    world_deinit(&w);
}

START_TEST(bad_files)
{
    const float five[] = {1, 2, 3, 4, 5};
    check_fails("i", "a\nb\n", "3 rows for the 2 ids of");
    check_fails("i", "a\nb\nc\nd\n", "3 rows for the 4 ids of");
    check_fails("i", "a\nb\na\n", "item_ids:3:1: id \"a\" is there twice");
    check_fails("i", "x\ny\nz\n", "none of its ids is in the dataset");
    check_fails("i", NULL, "item_ids");
    world w;
    world_init(&w);
    write_matrix(w.items, "items", five, 5, 1);
    rec_model *m = model_of(&w, "", "");
    ck_assert_fails(fixture_try_fit(m, &w.f, 1, err), REC_ERR_DATA,
                    "5 rows for the 3 items of the dataset (name their ids: item_ids)");
    rec_model_free(m);
    write_matrix(w.items, "items", five, 3, 1);
    m = model_of(&w, "u", "");
    ck_assert_fails(fixture_try_fit(m, &w.f, 1, err), REC_ERR_DATA,
                    "vectors of 2 numbers, those of the items have 1");
    rec_model_free(m);
    world_deinit(&w);
}
END_TEST

REC_SUITE("models/recommenders/embeddings", tcase_add_test(t, rows_in_dense_order);
          tcase_add_test(t, rows_by_ids); tcase_add_test(t, bad_files);)
