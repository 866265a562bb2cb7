#include "models/nn/checkpoint.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tests/suite.h"

static char path[64];
static float weights[3] = {1.0f, 2.0f, 3.0f};
static double counters[2] = {4.0, 5.0};

static void setup(void)
{
    snprintf(path, sizeof path, "/tmp/test_checkpoint.%d", (int)getpid());
    unlink(path);
}

static void teardown(void)
{
    unlink(path);
}

static rec_checkpoint_array arrays[2] = {{"weights", REC_F32, 3, weights},
                                         {"counters", REC_F64, 2, counters}};

START_TEST(round_trip)
{
    bool found = true;
    ck_assert_ok(rec_checkpoint_read(&found, path, "a", arrays, 2, err));
    ck_assert(!found); /* no file */
    ck_assert_ok(rec_checkpoint_write(path, "a", arrays, 2, err));
    memset(weights, 0, sizeof weights);
    memset(counters, 0, sizeof counters);
    ck_assert_ok(rec_checkpoint_read(&found, path, "b", arrays, 2, err));
    ck_assert(!found); /* of another training: untouched */
    ck_assert_float_eq(weights[0], 0.0f);
    ck_assert_ok(rec_checkpoint_read(&found, path, "a", arrays, 2, err));
    ck_assert(found);
    ck_assert_float_eq(weights[2], 3.0f);
    ck_assert_double_eq(counters[1], 5.0);
}
END_TEST

START_TEST(damage_is_an_error)
{
    bool found;
    ck_assert_ok(rec_checkpoint_write(path, "a", arrays, 2, err));
    rec_checkpoint_array longer = {"weights", REC_F32, 4, weights};
    ck_assert_fails(rec_checkpoint_read(&found, path, "a", &longer, 1, err), REC_ERR_DATA,
                    "weights");
    ck_assert(!found);
    rec_checkpoint_array absent = {"moments", REC_F32, 3, weights};
    ck_assert_fails(rec_checkpoint_read(&found, path, "a", &absent, 1, err), REC_ERR_DATA,
                    "moments");
    ck_assert_int_eq(truncate(path, 60), 0);
    ck_assert_fails(rec_checkpoint_read(&found, path, "a", arrays, 2, err), REC_ERR_DATA, path);
    ck_assert_fails(rec_checkpoint_write("/nowhere/at/all", "a", arrays, 2, err), REC_ERR_RESOURCE,
                    "/nowhere");
}
END_TEST

REC_SUITE("models/nn/checkpoint", tcase_add_checked_fixture(t, setup, teardown);
          tcase_add_test(t, round_trip); tcase_add_test(t, damage_is_an_error);)
