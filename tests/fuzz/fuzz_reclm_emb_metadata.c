/* Bytes as metadata.json of RecLM-emb, read both ways: a message, or a data set. */
#include <sys/stat.h>

#include "tests/fuzz/check_dataset.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void put(const char *folder, const char *name, const uint8_t *data, size_t n)
{
    char path[128];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *f = fopen(path, "wb");
    if (f == NULL || fwrite(data, 1, n, f) != n || fclose(f) != 0)
        abort();
}

static void load(const char *folder, const char *conversion)
{
    char text[256];
    rec_yaml *map = NULL;
    rec_dataset *d;
    snprintf(text, sizeof text,
             "{type: reclm_emb, path: '%s', conversion: %s, split: {type: none}}", folder,
             conversion);
    if (rec_yaml_parse(&map, text, strlen(text), "fuzz", NULL) != REC_OK)
        abort();
    if (rec_dataset_load(&d, map, 1, NULL) == REC_OK) {
        fuzz_check_dataset(d);
        rec_dataset_free(d);
    }
    rec_yaml_free(map);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static const char sequences[] = "1 1\n";
    char folder[64];
    snprintf(folder, sizeof folder, "/tmp/recai-fuzz-emb-%ld", (long)getpid());
    mkdir(folder, 0700);
    put(folder, "sequential_data.txt", (const uint8_t *)sequences, strlen(sequences));
    put(folder, "metadata.json", data, n);
    load(folder, "fixed");
    load(folder, "original");
    return 0;
}
