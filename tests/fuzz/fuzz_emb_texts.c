/* Any bytes as a file of recorded texts, as a model's answer and as a text at the gates: refused with a
 * message or an outcome, never a crash. */
#include <string.h>

#include "models/reclm_emb/gates.h"
#include "models/reclm_emb/writers/prompts.h"
#include "models/reclm_emb/writers/texts_file.h"
#include "tests/fuzz/input_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

/* Two items, "Heat" of 1995 and one without a title, and a user. */
static char *titles[] = {"The Heat of Crime (1995)", NULL}, *ids[] = {"1", "2"}, *users[] = {"u"};
static char *genres[] = {"crime", "drama", "crime"};
static size_t starts[] = {0, 2, 3};
static rec_column column = {
    .name = "genre", .type = REC_COLUMN_TEXTS, .start = starts, .texts = genres};

static void read_file(const uint8_t *data, size_t n, const rec_dataset *d)
{
    rec_emb_texts_file *file;
    rec_error err;
    if (rec_emb_texts_open(&file, fuzz_input_file(data, n), false, d, &err) == REC_OK)
        rec_emb_texts_free(file);
}

static void judge(rec_emb_gates *g, const char *text)
{
    static const uint32_t history[] = {0};
    rec_buffer clean = {.length = 0};
    rec_emb_outcome outcome;
    rec_error err;
    for (int kind = REC_EMB_SUMMARY; kind < REC_EMB_N_TEXT_KINDS; kind++) {
        const rec_emb_ask ask = {.kind = (rec_emb_text_kind)kind,
                                 .style = {.words = 30},
                                 .history = history,
                                 .n_history = 1};
        rec_buffer_clear(&clean);
        if (rec_emb_prompt_clean(&clean, ask.kind, text, &err) != REC_OK)
            abort();
        if (clean.length > 0 && rec_emb_gates_judge(&outcome, g, &ask, clean.data, &err) != REC_OK)
            abort();
    }
    rec_buffer_deinit(&clean);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    rec_dataset d = {.n_users = 1, .user_ids = users};
    const rec_emb_roles roles = {.noun = "film", .nouns = "films"};
    rec_emb_items items;
    rec_emb_gates *gates;
    rec_error err;
    d.catalogue = (rec_catalogue){
        .n_items = 2, .ids = ids, .titles = titles, .n_columns = 1, .columns = &column};
    char *text = calloc(n + 1, 1);
    if (text == NULL || rec_emb_items_init(&items, &roles, &d.catalogue, &err) != REC_OK ||
        rec_emb_gates_new(&gates, &items, &err) != REC_OK)
        abort();
    memcpy(text, data, n);
    read_file(data, n, &d);
    judge(gates, text);
    rec_emb_gates_free(gates);
    rec_emb_items_deinit(&items);
    free(text);
    return 0;
}
