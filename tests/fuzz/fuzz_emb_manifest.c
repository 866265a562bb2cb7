/* Any bytes as an encoder's manifest: refused with a message, or lengths and prefixes that can be used. */
#include <sys/stat.h>

#include "models/reclm_emb/manifest.h"
#include "tests/fuzz/input_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static const rec_lm_config config = {
        .d_model = 16, .pooling = REC_POOL_MEAN, .normalise = true};
    static char folder[64], path[96];
    rec_emb_manifest manifest;
    rec_error err;
    snprintf(folder, sizeof folder, "/tmp/recai-fuzz-emb-%ld", (long)getpid());
    snprintf(path, sizeof path, "%s/recai_emb.json", folder);
    mkdir(folder, 0700);
    if (rename(fuzz_input_file(data, n), path) != 0)
        abort();
    if (rec_emb_manifest_read(&manifest, folder, &config, &err) == REC_OK)
        for (int side = 0; side < 2; side++)
            if (manifest.prefix[side] == NULL || manifest.length[side] < 2 ||
                manifest.length[side] > 1000000)
                abort();
    rec_emb_manifest_deinit(&manifest);
    unlink(path);
    rmdir(folder);
    return 0;
}
