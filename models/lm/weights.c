#include "models/lm/weights.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "core/blas.h"
#include "core/memory.h"
#include "core/parallel.h"
#include "models/lm/adapter_file.h"
#include "models/lm/int8.h"
#include "models/lm/weight_source.h"

const char *const rec_weight_policy_names[] = {"file", "f32", "f16", "q8_0", "q4_1", NULL};

struct rec_lm_storage {
    rec_weight_source *source; /* owned; NULL for borrowed weights */
    void **blocks;             /* owned conversions */
    size_t n_blocks;
};

static size_t table_index(rec_lm_role role, size_t layer)
{
    size_t n_layer_roles = REC_LM_N_ROLES - REC_LM_FIRST_LAYER_ROLE;
    return role < REC_LM_FIRST_LAYER_ROLE ? (size_t)role : (size_t)role + layer * n_layer_roles;
}

const rec_weight *rec_lm_weight(const rec_lm_weights *w, rec_lm_role role, size_t layer)
{
    return &w->table[table_index(role, layer)];
}

const rec_weight *rec_lm_output_matrix(const rec_lm_weights *w)
{
    return rec_lm_weight(w, w->config.tied ? REC_LM_EMBED : REC_LM_HEAD, 0);
}

const rec_gguf *rec_lm_weights_gguf(const rec_lm_weights *w)
{
    return w->storage->source != NULL ? rec_weight_source_gguf(w->storage->source) : NULL;
}

/* ---- formats in memory ---- */

static bool has_kernel(rec_weight_format f)
{
    return f == REC_FORMAT_F32 || f == REC_FORMAT_F16 || f == REC_FORMAT_BF16 ||
           f == REC_FORMAT_Q8_0 || f == REC_FORMAT_Q4_1;
}

static rec_weight_format format_in_memory(const rec_lm_tensor *t, rec_weight_format in_file,
                                          rec_weight_policy policy)
{
    bool blocks = t->cols % 32 == 0;
    bool vocabulary = t->role == REC_LM_EMBED || t->role == REC_LM_HEAD;
    if (t->vector || t->role == REC_LM_POSITIONS || t->role == REC_LM_TOKEN_TYPES)
        return REC_FORMAT_F32;
    switch (policy) {
    case REC_WEIGHTS_F32:
        return REC_FORMAT_F32;
    case REC_WEIGHTS_F16:
        return REC_FORMAT_F16;
    case REC_WEIGHTS_Q8_0:
        return blocks ? REC_FORMAT_Q8_0 : REC_FORMAT_F16;
    case REC_WEIGHTS_Q4_1:
        return !blocks ? REC_FORMAT_F16 : vocabulary ? REC_FORMAT_Q8_0 : REC_FORMAT_Q4_1;
    default:
        return in_file == REC_FORMAT_Q4_0 ? REC_FORMAT_Q4_1
               : has_kernel(in_file)      ? in_file
                                          : REC_FORMAT_F32;
    }
}

/* ---- conversion, in tiles of rows ---- */

enum { TILE_ROWS = 64 };

typedef struct conversion {
    const rec_lm_tensor *tensor;
    const rec_foreign_tensor *from;
    rec_weight_format to;
    unsigned char *out;           /* NULL: only check what is in place */
    size_t rows_unpermute;        /* rows of a rotary head to put back in order; 0 = none */
    double offset;                /* subtracted from vectors */
    const rec_adapter_pair *pair; /* added, or NULL */
    size_t rank;
    double scale;
} conversion;

/* GGUF files of llama type interleave the two halves of each head's q and k rows (llama.cpp,
 * convert_hf_to_gguf.py, permute): row 2 i + j of a head there is row j * half + i here. */
static size_t row_in_file(const conversion *c, size_t row)
{
    size_t n = c->rows_unpermute;
    if (n == 0)
        return row;
    size_t within = row % n, half = n / 2;
    return row - within + 2 * (within % half) + within / half;
}

/* Q4_0 is Q4_1 with minimum -8 d: exact, and so is -8 d in half precision unless it overflows. */
static void q4_0_to_q4_1(unsigned char *out, const unsigned char *in, size_t n_blocks)
{
    for (size_t b = 0; b < n_blocks; b++, in += 18, out += 20) {
        uint16_t d;
        memcpy(&d, in, 2);
        uint16_t m = rec_float_to_half(-8.0f * rec_half_to_float(d));
        memcpy(out, &d, 2);
        memcpy(out + 2, &m, 2);
        memcpy(out + 4, in + 2, 16);
    }
}

static rec_status convert_row(unsigned char *out, const conversion *c, const unsigned char *in,
                              size_t row, float *scratch, rec_error *err)
{
    size_t n = c->tensor->cols;
    if (c->from->format == c->to && c->offset == 0.0 && c->pair == NULL) {
        memcpy(out, in, rec_weight_format_bytes(c->to, n));
        return REC_OK;
    }
    if (c->from->format == REC_FORMAT_Q4_0 && c->to == REC_FORMAT_Q4_1 && c->pair == NULL) {
        q4_0_to_q4_1(out, in, n / 32);
        return REC_OK;
    }
    rec_dequantise(scratch, c->from->format, in, n);
    for (size_t i = 0; c->offset != 0.0 && i < n; i++)
        scratch[i] -= (float)c->offset;
    if (c->pair != NULL)
        rec_adapter_pair_add_row(scratch, c->pair, row, c->rank, n, c->scale);
    return rec_quantise(out, c->to, scratch, n, err);
}

/* Half, bfloat and float with all exponent bits set are infinite or NaN. */
static bool row_is_finite(rec_weight_format f, const unsigned char *row, size_t n)
{
    size_t step = rec_weight_format_block_bytes(f), n_blocks = n / rec_weight_format_block(f);
    uint32_t bad = 0, mask = f == REC_FORMAT_BF16 ? 0x7F80 : 0x7C00;
    for (size_t b = 0; b < n_blocks; b++, row += step) {
        if (f == REC_FORMAT_F32) {
            uint32_t bits;
            memcpy(&bits, row, sizeof bits);
            bad |= (bits & 0x7F800000) == 0x7F800000;
            continue;
        }
        uint16_t scale, min;
        memcpy(&scale, row, sizeof scale);
        bad |= (scale & mask) == mask;
        if (f == REC_FORMAT_Q4_1) {
            memcpy(&min, row + 2, sizeof min);
            bad |= (min & mask) == mask;
        }
    }
    return bad == 0;
}

static rec_status convert_tile(void *context, size_t tile, rec_error *err)
{
    const conversion *c = context;
    const rec_lm_tensor *t = c->tensor;
    size_t bytes_in = rec_weight_format_bytes(c->from->format, t->cols);
    size_t bytes_out = rec_weight_format_bytes(c->to, t->cols);
    size_t first = tile * TILE_ROWS,
           end = first + TILE_ROWS < t->rows ? first + TILE_ROWS : t->rows;
    float *scratch = rec_alloc(t->cols, sizeof *scratch, err);
    rec_status status = scratch != NULL ? REC_OK : REC_ERR_RESOURCE;
    for (size_t row = first; status == REC_OK && row < end; row++) {
        const unsigned char *in = c->from->data;
        const unsigned char *kept = in + row * bytes_in;
        if (c->out != NULL) {
            unsigned char *out = c->out + row * bytes_out;
            status = convert_row(out, c, in + row_in_file(c, row) * bytes_in, row, scratch, err);
            kept = out;
        }
        if (status == REC_OK && !row_is_finite(c->to, kept, t->cols))
            status = rec_fail(err, REC_ERR_MODEL, "NaN or infinity in row %zu", row);
    }
    free(scratch);
    return status;
}

static rec_status keep_block(struct rec_lm_storage *s, void *block_take, rec_error *err)
{
    void **blocks = rec_realloc(s->blocks, s->n_blocks + 1, sizeof *blocks, err);
    if (blocks == NULL) {
        free(block_take);
        return REC_ERR_RESOURCE;
    }
    s->blocks = blocks;
    s->blocks[s->n_blocks++] = block_take;
    return REC_OK;
}

/* ---- loading ---- */

typedef struct loading {
    rec_lm_weights *weights;
    rec_weight_policy policy;
    const rec_adapter_file *adapter; /* or NULL */
} loading;

static bool is_aligned(const rec_foreign_tensor *t)
{
    size_t size = t->format == REC_FORMAT_F32 ? 4 : 1; /* other formats are read byte by byte */
    return (uintptr_t)t->data % size == 0;
}

/* What the adapter adds to this tensor, if anything. Blocks as stored would round the change away:
 * such a matrix is kept as F32 unless a policy asks for a format. */
static void set_adapter(conversion *c, const loading *l)
{
    if (l->adapter == NULL || l->adapter->pairs[c->tensor->layer][c->tensor->role].a == NULL)
        return;
    c->pair = &l->adapter->pairs[c->tensor->layer][c->tensor->role];
    c->rank = l->adapter->rank;
    c->scale = rec_adapter_file_scale(l->adapter);
    if (l->policy == REC_WEIGHTS_FILE && rec_weight_format_block(c->from->format) > 1)
        c->to = REC_FORMAT_F32;
}

/* GGUF files hold what llama.cpp computes with: see row_in_file, and 1 + weight for Gemma's norms. */
static void set_gguf_differences(conversion *c, const rec_lm_config *config)
{
    rec_lm_role role = c->tensor->role;
    bool rotated =
        role == REC_LM_Q || role == REC_LM_K || role == REC_LM_Q_BIAS || role == REC_LM_K_BIAS;
    bool llama = config->arch == REC_ARCH_LLAMA || config->arch == REC_ARCH_MISTRAL;
    if (llama && rotated && !c->tensor->vector)
        c->rows_unpermute = config->head_dim;
    bool norm = c->tensor->vector && !rotated && role != REC_LM_V_BIAS && role != REC_LM_O_BIAS;
    if (norm)
        c->offset = config->norm_offset;
}

static rec_status load_tensor(void *context, const rec_lm_tensor *t, rec_error *err)
{
    const loading *l = context;
    rec_lm_weights *w = l->weights;
    rec_foreign_tensor from;
    rec_status status = rec_weight_source_find(&from, w->storage->source, t, err);
    if (status != REC_OK)
        return status;
    rec_weight_format to = format_in_memory(t, from.format, l->policy);
    conversion c = {.tensor = t, .from = &from, .to = to};
    set_adapter(&c, l);
    to = c.to;
    if (rec_lm_weights_gguf(w) != NULL)
        set_gguf_differences(&c, &w->config);
    bool in_place = to == from.format && c.rows_unpermute == 0 && c.offset == 0.0 &&
                    c.pair == NULL && is_aligned(&from);
    if (!in_place) {
        c.out = rec_alloc_aligned(t->rows, rec_weight_format_bytes(to, t->cols), err);
        if (c.out == NULL)
            return REC_ERR_RESOURCE;
        status = keep_block(w->storage, c.out, err);
        if (status != REC_OK)
            return status;
    }
    status = rec_parallel_tiles((t->rows + TILE_ROWS - 1) / TILE_ROWS, convert_tile, &c, err);
    if (status != REC_OK)
        return rec_error_prefix(err, "%s: tensor %s", rec_weight_source_name(w->storage->source),
                                from.name);
    w->table[table_index(t->role, t->layer)] = (rec_weight){
        .data = in_place ? from.data : c.out, .format = to, .rows = t->rows, .cols = t->cols};
    return REC_OK;
}

static rec_status allocate(rec_lm_weights *w, rec_error *err)
{
    size_t n = table_index(REC_LM_FIRST_LAYER_ROLE, w->config.n_layers);
    w->table = rec_alloc(n, sizeof *w->table, err);
    w->storage = w->table != NULL ? rec_alloc(1, sizeof *w->storage, err) : NULL;
    return w->storage != NULL ? REC_OK : REC_ERR_RESOURCE;
}

rec_status rec_lm_weights_open(rec_lm_weights *out, const rec_lm_files *files,
                               rec_weight_policy policy, rec_error *err)
{
    rec_lm_weights w = {.table = NULL};
    rec_weight_source *source = NULL;
    rec_adapter_file *adapter = NULL;
    rec_status status = REC_OK;
    *out = w;
    REC_TRY(rec_weight_source_open(&source, &w.config, files, err));
    REC_TRY(allocate(&w, err));
    w.storage->source = source;
    source = NULL;
    if (files->adapter != NULL)
        REC_TRY(rec_adapter_file_open(&adapter, &w.config, files->adapter, err));
    loading l = {.weights = &w, .policy = policy, .adapter = adapter};
    REC_TRY(rec_lm_each_tensor(&w.config, load_tensor, &l, err));
    REC_TRY(rec_weight_source_check_unused(w.storage->source, &w.config, err));
    *out = w;
    w = (rec_lm_weights){.table = NULL};
cleanup:
    rec_adapter_file_free(adapter);
    rec_weight_source_free(source);
    rec_lm_weights_deinit(&w);
    return status;
}

typedef struct borrowing {
    rec_lm_weights *weights;
    rec_lm_find_fn find;
    const void *context;
} borrowing;

static rec_status borrow_tensor(void *context, const rec_lm_tensor *t, rec_error *err)
{
    const borrowing *b = context;
    const float *data = b->find(b->context, t);
    if (data == NULL)
        return rec_fail(err, REC_ERR_MODEL, "tensor %s is missing", t->name);
    b->weights->table[table_index(t->role, t->layer)] =
        (rec_weight){.data = data, .format = REC_FORMAT_F32, .rows = t->rows, .cols = t->cols};
    return REC_OK;
}

rec_status rec_lm_weights_borrow(rec_lm_weights *out, const rec_lm_config *config,
                                 rec_lm_find_fn find, const void *context, rec_error *err)
{
    *out = (rec_lm_weights){.config = *config};
    borrowing b = {.weights = out, .find = find, .context = context};
    rec_status status = rec_lm_config_check(config, "model", err);
    if (status == REC_OK)
        status = allocate(out, err);
    if (status == REC_OK)
        status = rec_lm_each_tensor(config, borrow_tensor, &b, err);
    if (status != REC_OK)
        rec_lm_weights_deinit(out);
    return status;
}

/* ---- panels ---- */

enum { TILE_PANELS = 8 };

static rec_status pack_tile(void *context, size_t tile, rec_error *err)
{
    const rec_weight *w = context; /* with room for its panels */
    size_t n_panels = (w->rows + REC_INT8_ROWS - 1) / REC_INT8_ROWS, first = tile * TILE_PANELS;
    (void)err;
    rec_int8_pack((unsigned char *)(uintptr_t)w->panels, w, first,
                  first + TILE_PANELS < n_panels ? first + TILE_PANELS : n_panels);
    return REC_OK;
}

static size_t terms_of(rec_lm_role role, bool encoder)
{
    bool sensitive = role == REC_LM_Q || role == REC_LM_K || role == REC_LM_V;
    return sensitive || (encoder && role == REC_LM_UP) ? 2 : 1;
}

static rec_status add_panels(rec_weight *w, struct rec_lm_storage *s, rec_error *err)
{
    size_t per_tile = TILE_PANELS * REC_INT8_ROWS;
    unsigned char *panels = rec_alloc_aligned(rec_int8_panel_bytes(w), 1, err);
    if (panels == NULL)
        return REC_ERR_RESOURCE;
    rec_status status = keep_block(s, panels, err);
    if (status != REC_OK)
        return status;
    w->panels = panels;
    return rec_parallel_tiles((w->rows + per_tile - 1) / per_tile, pack_tile, w, err);
}

rec_status rec_lm_weights_add_panels(rec_lm_weights *w, rec_error *err)
{
    rec_status status = REC_OK;
    w->has_panels = true;
    for (size_t role = 0; role < REC_LM_N_ROLES; role++) {
        size_t n_layers = role < REC_LM_FIRST_LAYER_ROLE ? 1 : w->config.n_layers;
        bool multiplied = role != REC_LM_EMBED || (w->config.tied && w->config.has_head);
        for (size_t l = 0; multiplied && l < n_layers && status == REC_OK; l++) {
            rec_weight *matrix = &w->table[table_index((rec_lm_role)role, l)];
            matrix->n_terms = terms_of((rec_lm_role)role, w->config.encoder);
            if (rec_int8_fits(matrix))
                status = add_panels(matrix, w->storage, err);
        }
    }
    return status;
}

static rec_status add_float_panels(rec_weight *w, struct rec_lm_storage *s, rec_error *err)
{
    float *panels = rec_alloc_aligned(rec_gemm_panel_floats(w->rows, w->cols), sizeof *panels, err);
    rec_status status = panels != NULL ? keep_block(s, panels, err) : REC_ERR_RESOURCE;
    if (status != REC_OK)
        return status;
    rec_gemm_pack(panels, w->data, w->cols, w->rows, w->cols);
    w->float_panels = panels;
    return REC_OK;
}

rec_status rec_lm_weights_add_float_panels(rec_lm_weights *w, rec_error *err)
{
    size_t first = table_index(REC_LM_FIRST_LAYER_ROLE, 0);
    size_t end = table_index(REC_LM_FIRST_LAYER_ROLE, w->config.n_layers);
    rec_status status = REC_OK;
    for (size_t i = first; rec_gemm_is_ours() && i < end && status == REC_OK; i++) {
        rec_weight *matrix = &w->table[i];
        if (matrix->data != NULL && matrix->format == REC_FORMAT_F32 && matrix->rows > 1)
            status = add_float_panels(matrix, w->storage, err);
    }
    return status;
}

void rec_lm_weights_deinit(rec_lm_weights *w)
{
    if (w->storage != NULL) {
        for (size_t i = 0; i < w->storage->n_blocks; i++)
            free(w->storage->blocks[i]);
        free(w->storage->blocks);
        rec_weight_source_free(w->storage->source);
        free(w->storage);
    }
    free(w->table);
    *w = (rec_lm_weights){.table = NULL};
}

size_t rec_lm_weights_bytes(const rec_lm_weights *w)
{
    size_t bytes = 0, n = table_index(REC_LM_FIRST_LAYER_ROLE, w->config.n_layers);
    for (size_t i = 0; i < n; i++) {
        const rec_weight *t = &w->table[i];
        if (t->data != NULL)
            bytes += t->rows * rec_weight_format_bytes(t->format, t->cols);
        if (t->panels != NULL)
            bytes += rec_int8_panel_bytes(t);
        if (t->float_panels != NULL)
            bytes += rec_gemm_panel_floats(t->rows, t->cols) * sizeof(float);
    }
    return bytes;
}
