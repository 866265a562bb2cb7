/* Any bytes as a file of templates and synonyms: refused with a message, or every template can be filled. */
#include "models/reclm_emb/wording.h"
#include "tests/fuzz/input_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

/* The first and last template of every phrase and set. */
static void fill_all(const rec_emb_wording *w)
{
    const rec_emb_slots slots = {.noun = "film", .nouns = "films", .query = "{core}", .wish = "w"};
    rec_buffer text = {.length = 0};
    rec_error err;
    for (int phrase = 0; phrase < REC_EMB_N_PHRASES; phrase++)
        for (int set = 0; set < REC_EMB_N_PARTS; set++) {
            size_t count = rec_emb_wording_count(w, (rec_emb_phrase)phrase, (rec_emb_part)set);
            for (size_t i = 0; i<count; i += count> 1 ? count - 1 : 1) {
                rec_buffer_clear(&text);
                if (rec_emb_wording_apply(&text, w, (rec_emb_phrase)phrase, (rec_emb_part)set, i,
                                          &slots, &err) != REC_OK)
                    abort();
            }
        }
    rec_buffer_deinit(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    rec_emb_wording *w;
    rec_error err;
    rec_rng rng = rec_rng_keyed(1, "fuzz", 0);
    if (rec_emb_wording_open(&w, fuzz_input_file(data, n), &err) != REC_OK)
        return 0;
    fill_all(w);
    rec_emb_wording_synonym(w, REC_EMB_TRAIN, "drama", &rng);
    rec_emb_wording_free(w);
    return 0;
}
