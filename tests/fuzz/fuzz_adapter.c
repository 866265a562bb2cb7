/* An adapter folder for a tiny model: the input is adapter_config.json, a NUL, adapter_model.safetensors.
 * What opens can be added to every row of every map it names. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "models/lm/adapter_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

enum { WIDEST = 16 };

static const rec_lm_config config = {.arch = REC_ARCH_LLAMA,
                                     .has_head = true,
                                     .tied = true,
                                     .n_layers = 1,
                                     .d_model = 8,
                                     .d_ff = WIDEST,
                                     .n_heads = 2,
                                     .n_kv_heads = 1,
                                     .head_dim = 4,
                                     .vocab_size = 11,
                                     .max_positions = 16};

static void write_file(char path[96], const char *folder, const char *name, const uint8_t *data,
                       size_t n)
{
    snprintf(path, 96, "%.40s/%.40s", folder, name);
    FILE *f = fopen(path, "wb");
    if (f == NULL || fwrite(data, 1, n, f) != n || fclose(f) != 0)
        abort();
}

static void add_everywhere(const rec_adapter_file *f)
{
    for (int role = 0; role < REC_LM_N_ROLES; role++) {
        float row[WIDEST] = {0};
        rec_lm_tensor tensor;
        if (f->pairs[0][role].a == NULL)
            continue;
        rec_lm_describe(&tensor, &config, (rec_lm_role)role, 0);
        for (size_t i = 0; i < tensor.rows; i++)
            rec_adapter_pair_add_row(row, &f->pairs[0][role], i, f->rank, tensor.cols,
                                     rec_adapter_file_scale(f));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    char folder[] = "/tmp/recai-fuzz-XXXXXX", config_path[96], tensors_path[96];
    const uint8_t *cut = memchr(data, 0, n);
    size_t n_config = cut != NULL ? (size_t)(cut - data) : n;
    rec_adapter_file *f = NULL;
    rec_error err;
    if (mkdtemp(folder) == NULL)
        abort();
    write_file(config_path, folder, "adapter_config.json", data, n_config);
    write_file(tensors_path, folder, "adapter_model.safetensors", data + n_config + (cut != NULL),
               n - n_config - (cut != NULL));
    if (rec_adapter_file_open(&f, &config, folder, &err) == REC_OK)
        add_everywhere(f);
    rec_adapter_file_free(f);
    unlink(tensors_path);
    unlink(config_path);
    rmdir(folder);
    return 0;
}
