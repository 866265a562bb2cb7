#include "models/nn/params.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tests/suite.h"

static void add(rec_params *p, const char *name, size_t rows, size_t cols)
{
    size_t index;
    ck_assert_ok(rec_params_add_matrix(&index, p, name, rows, cols, err));
    ck_assert_uint_eq(index, p->n - 1);
}

static rec_params example(void)
{
    rec_params p = {.n = 0};
    add(&p, "layer.0.weight", 3, 5);
    add(&p, "layer.0.bias", 0, 5);
    add(&p, "layer.1.weight", 2, 2);
    ck_assert_ok(rec_params_allocate(&p, err));
    return p;
}

START_TEST(layout)
{
    rec_params p = example();
    ck_assert_uint_eq(p.size, 16 + 16 + 16); /* each tensor starts at a multiple of 16 */
    ck_assert_uint_eq(p.table[1].offset, 16);
    ck_assert_uint_eq(p.table[1].n_dims, 1);
    ck_assert_uint_eq(rec_params_count(&p), 15 + 5 + 4);
    ck_assert_uint_eq(rec_params_find(&p, "layer.1.weight"), 2);
    ck_assert_uint_eq(rec_params_find(&p, "layer.9"), SIZE_MAX);
    rec_tensor *t = rec_params_tensor(&p, 1);
    ck_assert_uint_eq(t->rows, 1);
    ck_assert_uint_eq(t->cols, 5);
    ck_assert_ptr_eq(t->value, p.value + 16);
    ck_assert_uint_eq((uintptr_t)p.value % 64, 0);
    rec_params_deinit(&p);
    rec_params_deinit(&p); /* of zeros: nothing */
}
END_TEST

START_TEST(a_name_twice)
{
    rec_params p = {.n = 0};
    size_t index, huge[3] = {SIZE_MAX / 8, 16, 16};
    add(&p, "w", 1, 1);
    ck_assert_fails(rec_params_add_matrix(&index, &p, "w", 1, 1, err), REC_ERR_MODEL, "twice");
    ck_assert_fails(rec_params_add(&index, &p, "x", 3, huge, err), REC_ERR_MODEL, "too large");
    ck_assert_uint_eq(p.n, 1);
    rec_params_deinit(&p);
}
END_TEST

START_TEST(freezing_by_pattern)
{
    rec_params p = example();
    ck_assert_uint_eq(rec_params_freeze(&p, "layer.0.*", true), 2);
    ck_assert_uint_eq(rec_params_freeze(&p, "nothing*", true), 0);
    ck_assert_uint_eq(rec_params_count_trainable(&p), 4);
    ck_assert_ok(rec_params_want_gradients(&p, err));
    ck_assert(!rec_params_tensor(&p, 0)->needs_grad);
    ck_assert_ptr_null(rec_params_tensor(&p, 0)->grad);
    ck_assert_ptr_eq(rec_params_tensor(&p, 2)->grad, p.grad + 32);
    ck_assert_uint_eq(rec_params_freeze(&p, "*bias", false), 1);
    ck_assert_ok(rec_params_want_gradients(&p, err));
    ck_assert(rec_params_tensor(&p, 1)->needs_grad);
    ck_assert_uint_eq(rec_params_scale_decay(&p, "*bias", 0.0f), 1);
    ck_assert_float_eq(p.table[1].decay_scale, 0.0f);
    ck_assert_uint_eq(rec_params_scale_lr(&p, "*weight", 0.5f), 2);
    ck_assert_float_eq(p.table[2].lr_scale, 0.5f);
    p.grad[33] = 1.0f;
    rec_params_clear_gradients(&p);
    ck_assert_float_eq(p.grad[33], 0.0f);
    rec_params_drop_gradients(&p);
    ck_assert(!rec_params_tensor(&p, 2)->needs_grad);
    rec_params_deinit(&p);
}
END_TEST

/* Draws depend on (seed, name): the same tensor in another table gets the same values. */
START_TEST(initial_values)
{
    rec_params p = example(), q = {.n = 0};
    add(&q, "layer.1.weight", 2, 2);
    ck_assert_ok(rec_params_allocate(&q, err));
    rec_params_fill_normal(&p, 2, 0.5f, 9);
    rec_params_fill_normal(&q, 0, 0.5f, 9);
    ck_assert_int_eq(memcmp(rec_params_tensor(&p, 2)->value, q.value, 4 * sizeof(float)), 0);
    rec_params_fill_uniform(&p, 0, 0.25f, 9);
    for (size_t i = 0; i < 15; i++)
        ck_assert(fabsf(p.value[i]) <= 0.25f);
    rec_params_fill(&p, 1, 3.0f);
    ck_assert_float_eq(p.value[16 + 4], 3.0f);
    ck_assert_float_eq(p.value[16 + 5], 0.0f); /* padding stays */
    rec_params_deinit(&p);
    rec_params_deinit(&q);
}
END_TEST

static char path[64];

static void write_params(const rec_params *p)
{
    rec_tensor_writer *w;
    snprintf(path, sizeof path, "/tmp/test_params.%d", (int)getpid());
    ck_assert_ok(rec_tensor_writer_new(&w, err));
    ck_assert_ok(rec_params_save(p, w, err));
    ck_assert_ok(rec_tensor_writer_write(w, path, err));
    rec_tensor_writer_free(w);
}

START_TEST(save_and_load)
{
    rec_params p = example(), q = example();
    for (size_t i = 0; i < p.n; i++)
        rec_params_fill_normal(&p, i, 1.0f, 4);
    write_params(&p);
    rec_tensor_file *f;
    ck_assert_ok(rec_tensor_file_open(&f, path, err));
    ck_assert_ok(rec_params_load(&q, f, err));
    ck_assert_int_eq(memcmp(p.value, q.value, p.size * sizeof *p.value), 0);
    rec_params other = {.n = 0};
    add(&other, "layer.0.weight", 5, 3);
    ck_assert_ok(rec_params_allocate(&other, err));
    ck_assert_fails(rec_params_load(&other, f, err), REC_ERR_DATA, "layer.0.weight");
    rec_tensor_file_close(f);
    p.value[32] = NAN;
    ck_assert_str_eq(rec_params_find_nonfinite(&p, p.value)->name, "layer.1.weight");
    ck_assert_ptr_null(rec_params_find_nonfinite(&q, q.value));
    write_params(&p);
    ck_assert_ok(rec_tensor_file_open(&f, path, err));
    ck_assert_fails(rec_params_load(&q, f, err), REC_ERR_MODEL, "layer.1.weight");
    rec_tensor_file_close(f);
    unlink(path);
    rec_params_deinit(&p);
    rec_params_deinit(&q);
    rec_params_deinit(&other);
}
END_TEST

REC_SUITE("models/nn/params", tcase_add_test(t, layout); tcase_add_test(t, a_name_twice);
          tcase_add_test(t, freezing_by_pattern); tcase_add_test(t, initial_values);
          tcase_add_test(t, save_and_load);)
