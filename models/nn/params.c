#include "models/nn/params.h"

#include <assert.h>
#include <fnmatch.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"

enum { ALIGN = 16 }; /* floats: 64 bytes */

void rec_params_deinit(rec_params *p)
{
    for (size_t i = 0; i < p->n; i++)
        free(p->table[i].name);
    free(p->table);
    free(p->value);
    free(p->grad);
    *p = (rec_params){.n = 0};
}

static rec_status measure(rec_param *param, size_t n_dims, const size_t *shape, rec_error *err)
{
    assert(n_dims >= 1 && n_dims <= REC_PARAM_MAX_DIMS);
    size_t size = 1;
    for (size_t d = 0; d < n_dims; d++)
        if (__builtin_mul_overflow(size, shape[d], &size) || size > SIZE_MAX / 8)
            return rec_fail(err, REC_ERR_MODEL, "parameter %s: its shape is too large",
                            param->name);
    param->n_dims = n_dims;
    memcpy(param->shape, shape, n_dims * sizeof *shape);
    param->size = size;
    param->tensor.cols = shape[n_dims - 1];
    param->tensor.rows = param->tensor.cols > 0 ? size / param->tensor.cols : 0;
    return REC_OK;
}

rec_status rec_params_add(size_t *index, rec_params *p, const char *name, size_t n_dims,
                          const size_t *shape, rec_error *err)
{
    assert(p->value == NULL);
    if (rec_params_find(p, name) != SIZE_MAX)
        return rec_fail(err, REC_ERR_MODEL, "parameter %s exists twice", name);
    rec_param *table = rec_realloc(p->table, p->n + 1, sizeof *table, err);
    if (table == NULL)
        return REC_ERR_RESOURCE;
    p->table = table;
    rec_param param = {.name = rec_strdup(name, err), .lr_scale = 1.0f, .decay_scale = 1.0f};
    if (param.name == NULL)
        return REC_ERR_RESOURCE;
    rec_status status = measure(&param, n_dims, shape, err);
    param.offset = p->size;
    if (status == REC_OK &&
        __builtin_add_overflow(p->size, (param.size + ALIGN - 1) / ALIGN * ALIGN, &p->size))
        status = rec_fail(err, REC_ERR_MODEL, "parameter %s: the block is too large", name);
    if (status != REC_OK) {
        free(param.name);
        return status;
    }
    p->table[p->n] = param;
    *index = p->n++;
    return REC_OK;
}

rec_status rec_params_add_matrix(size_t *index, rec_params *p, const char *name, size_t rows,
                                 size_t cols, rec_error *err)
{
    size_t shape[2] = {rows, cols};
    return rows > 0 ? rec_params_add(index, p, name, 2, shape, err)
                    : rec_params_add(index, p, name, 1, shape + 1, err);
}

rec_status rec_params_allocate(rec_params *p, rec_error *err)
{
    assert(p->value == NULL);
    p->value = rec_alloc_aligned(p->size, sizeof *p->value, err);
    if (p->value == NULL)
        return REC_ERR_RESOURCE;
    for (size_t i = 0; i < p->n; i++)
        p->table[i].tensor.value = p->value + p->table[i].offset;
    return REC_OK;
}

rec_status rec_params_want_gradients(rec_params *p, rec_error *err)
{
    if (p->grad == NULL) {
        p->grad = rec_alloc_aligned(p->size, sizeof *p->grad, err);
        if (p->grad == NULL)
            return REC_ERR_RESOURCE;
    }
    for (size_t i = 0; i < p->n; i++) {
        rec_param *param = &p->table[i];
        param->tensor.needs_grad = !param->frozen;
        param->tensor.grad = param->frozen ? NULL : p->grad + param->offset;
    }
    return REC_OK;
}

void rec_params_clear_gradients(rec_params *p)
{
    if (p->grad != NULL)
        memset(p->grad, 0, p->size * sizeof *p->grad);
}

void rec_params_drop_gradients(rec_params *p)
{
    free(p->grad);
    p->grad = NULL;
    for (size_t i = 0; i < p->n; i++) {
        p->table[i].tensor.grad = NULL;
        p->table[i].tensor.needs_grad = false;
    }
}

rec_tensor *rec_params_tensor(rec_params *p, size_t index)
{
    assert(index < p->n);
    return &p->table[index].tensor;
}

size_t rec_params_find(const rec_params *p, const char *name)
{
    for (size_t i = 0; i < p->n; i++)
        if (strcmp(p->table[i].name, name) == 0)
            return i;
    return SIZE_MAX;
}

size_t rec_params_count(const rec_params *p)
{
    size_t count = 0;
    for (size_t i = 0; i < p->n; i++)
        count += p->table[i].size;
    return count;
}

size_t rec_params_count_trainable(const rec_params *p)
{
    size_t count = 0;
    for (size_t i = 0; i < p->n; i++)
        count += p->table[i].frozen ? 0 : p->table[i].size;
    return count;
}

static bool matches(const rec_param *param, const char *pattern)
{
    return fnmatch(pattern, param->name, 0) == 0;
}

size_t rec_params_freeze(rec_params *p, const char *pattern, bool frozen)
{
    size_t n = 0;
    for (size_t i = 0; i < p->n; i++)
        if (matches(&p->table[i], pattern)) {
            p->table[i].frozen = frozen;
            n++;
        }
    return n;
}

size_t rec_params_scale_decay(rec_params *p, const char *pattern, float scale)
{
    size_t n = 0;
    for (size_t i = 0; i < p->n; i++)
        if (matches(&p->table[i], pattern)) {
            p->table[i].decay_scale = scale;
            n++;
        }
    return n;
}

size_t rec_params_scale_lr(rec_params *p, const char *pattern, float scale)
{
    size_t n = 0;
    for (size_t i = 0; i < p->n; i++)
        if (matches(&p->table[i], pattern)) {
            p->table[i].lr_scale = scale;
            n++;
        }
    return n;
}

void rec_params_fill(rec_params *p, size_t index, float value)
{
    rec_tensor *t = rec_params_tensor(p, index);
    for (size_t i = 0; i < p->table[index].size; i++)
        t->value[i] = value;
}

static rec_rng initial_draws(const rec_params *p, size_t index, uint64_t seed)
{
    return rec_rng_keyed(seed, p->table[index].name, 0);
}

void rec_params_fill_normal(rec_params *p, size_t index, float sd, uint64_t seed)
{
    rec_tensor *t = rec_params_tensor(p, index);
    rec_rng rng = initial_draws(p, index, seed);
    for (size_t i = 0; i < p->table[index].size; i++)
        t->value[i] = sd * (float)rec_rng_normal(&rng);
}

void rec_params_fill_uniform(rec_params *p, size_t index, float bound, uint64_t seed)
{
    rec_tensor *t = rec_params_tensor(p, index);
    rec_rng rng = initial_draws(p, index, seed);
    for (size_t i = 0; i < p->table[index].size; i++)
        t->value[i] = bound * (2.0f * rec_rng_uniform_float(&rng) - 1.0f);
}

rec_status rec_params_save(const rec_params *p, rec_tensor_writer *out, rec_error *err)
{
    for (size_t i = 0; i < p->n; i++) {
        const rec_param *param = &p->table[i];
        rec_status status = rec_tensor_writer_add(out, param->name, REC_F32, param->n_dims,
                                                  param->shape, p->value + param->offset, err);
        if (status != REC_OK)
            return status;
    }
    return REC_OK;
}

static bool all_finite(const float *x, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!isfinite(x[i]))
            return false;
    return true;
}

rec_status rec_params_load(rec_params *p, const rec_tensor_file *in, rec_error *err)
{
    for (size_t i = 0; i < p->n; i++) {
        const rec_param *param = &p->table[i];
        const rec_tensor_view *view;
        rec_status status = rec_tensor_file_require(&view, in, param->name, REC_F32, param->n_dims,
                                                    param->shape, err);
        if (status != REC_OK)
            return status;
        float *value = p->value + param->offset;
        memcpy(value, view->data, param->size * sizeof *value);
        if (!all_finite(value, param->size))
            return rec_fail(err, REC_ERR_MODEL, "%s: holds a NaN or an infinity", param->name);
    }
    return REC_OK;
}

const rec_param *rec_params_find_nonfinite(const rec_params *p, const float *block)
{
    for (size_t i = 0; i < p->n; i++)
        if (!all_finite(block + p->table[i].offset, p->table[i].size))
            return &p->table[i];
    return NULL;
}
