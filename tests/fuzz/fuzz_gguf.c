/* A GGUF file that opens can be read to the last value. */
#include "models/lm/config.h"
#include "models/lm/gguf.h"
#include "models/lm/tokenizers/read.h"
#include "models/lm/tokenizers/tokenizer.h"
#include "tests/fuzz/input_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void read_value(const rec_gguf_value *v)
{
    rec_error err;
    for (size_t i = 0; i < v->n && i < 100; i++) {
        uint64_t u;
        double d;
        bool b;
        char *text = NULL;
        rec_gguf_u64(&u, v, i, &err);
        rec_gguf_f64(&d, v, i, &err);
        rec_gguf_bool(&b, v, i, &err);
        if (rec_gguf_string(&text, v, i, &err) == REC_OK)
            free(text);
    }
}

/* A tokenizer that is accepted encodes any text and decodes what it made. */
static void use_tokenizer(const rec_gguf *f)
{
    static const char text[] = "Toy Story (1995) \xC3\xA9 <|im_end|>";
    rec_tokenizer *t = NULL;
    rec_token_list ids = {.ids = NULL};
    rec_buffer out = {.data = NULL};
    rec_error err;
    if (rec_tokenizer_read_gguf(&t, f, &err) == REC_OK &&
        rec_tokenizer_encode(&ids, t, text, sizeof text - 1, REC_TOKENIZE_ADD_SPECIAL, &err) ==
            REC_OK &&
        rec_tokenizer_decode(&out, t, ids.ids, ids.n, false, &err) != REC_OK)
        abort();
    rec_buffer_deinit(&out);
    rec_token_list_deinit(&ids);
    rec_tokenizer_free(t);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    const char *path = fuzz_input_file(data, n);
    rec_gguf *f = NULL;
    rec_error err;
    if (rec_gguf_open(&f, path, &err) == REC_OK) {
        rec_lm_config config;
        for (size_t i = 0; i < rec_gguf_n_values(f); i++)
            read_value(rec_gguf_value_at(f, i));
        for (size_t i = 0; i < rec_gguf_n_tensors(f); i++) {
            const rec_gguf_tensor *t = rec_gguf_tensor_at(f, i);
            float values[REC_FORMAT_MAX_BLOCK];
            size_t block = rec_weight_format_block(t->format);
            if (t->n_elements >= block)
                rec_dequantise(values, t->format,
                               (const char *)t->data + t->n_bytes -
                                   rec_weight_format_block_bytes(t->format),
                               block);
            if (rec_gguf_tensor_find(f, t->name) != t)
                abort();
        }
        rec_lm_config_from_gguf(&config, f, "fuzz", &err);
        use_tokenizer(f);
        rec_gguf_close(f);
    }
    unlink(path);
    return 0;
}
