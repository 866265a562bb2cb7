#include "models/fit_identity.h"

#include "tests/models/fixture.h"

typedef struct toy {
    int64_t size;
} toy;

static const rec_option options[] = {
    {"size", "a number", offsetof(toy, size), REC_OPT_INT, .min = 0, .max = 9},
    {.key = NULL},
};
static const rec_recommender type = {.name = "toy", .size = sizeof(toy), .options = options};
static const rec_recommender other_type = {.name = "top", .size = sizeof(toy), .options = options};

static char first[REC_SHA256_HEX];

static bool same(const rec_recommender *t, int64_t size, const rec_fit_data *data, unsigned version)
{
    char hex[REC_SHA256_HEX];
    ck_assert_ok(rec_fit_identity(hex, t, &(toy){size}, data, version, err));
    return strcmp(hex, first) == 0;
}

START_TEST(everything_that_matters_counts)
{
    const float cells[] = {1, 1, 0, 0, 1, 1};
    fixture f = fixture_dense(cells, 2, 3);
    rec_fit_data data = {.dataset = &f.dataset, .train = &f.train, .seed = 1};
    ck_assert_ok(rec_fit_identity(first, &type, &(toy){3}, &data, 1, err));
    ck_assert(same(&type, 3, &data, 1));
    ck_assert(!same(&other_type, 3, &data, 1));
    ck_assert(!same(&type, 4, &data, 1));
    ck_assert(!same(&type, 3, &data, 2));
    data.checkpoint = "elsewhere"; /* where the state lies does not */
    ck_assert(same(&type, 3, &data, 1));
    data.seed = 2;
    ck_assert(!same(&type, 3, &data, 1));
    data.seed = 1;
    f.train.item[0] = 2;
    ck_assert(!same(&type, 3, &data, 1));
    fixture_deinit(&f);
}
END_TEST

REC_SUITE("models/fit_identity", tcase_add_test(t, everything_that_matters_counts);)
