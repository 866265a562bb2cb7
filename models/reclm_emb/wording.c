#include "models/reclm_emb/wording.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/file.h"
#include "core/memory.h"
#include "core/yaml.h"

/* wording.yaml, made part of the program by the build. */
extern const char rec_emb_wording_default[];
extern const size_t rec_emb_wording_default_length;

const char *const rec_emb_part_names[] = {"train", "dev", "test"};

/* By rec_emb_phrase: the key in the file and the slots a core must have. */
static const struct {
    const char *key;
    const char *slots[2];
} phrases[REC_EMB_N_PHRASES] = {
    {"history", {"{history}", NULL}},  {"item", {"{query}", NULL}},
    {"attributes", {"{query}", NULL}}, {"title", {"{query}", NULL}},
    {"vague", {"{query}", NULL}},      {"negative", {"{query}", "{without}"}},
    {"wish", {"{wish}", "{history}"}}, {"summary", {"{query}", NULL}},
    {"exclusion", {"{query}", NULL}},  {"recent", {NULL, NULL}},
    {"cheap", {NULL, NULL}},           {"expensive", {NULL, NULL}},
    {"popular", {NULL, NULL}},
};

/* By rec_emb_sentence: the key, and whether something is stated. */
static const struct {
    const char *key;
    bool has_it;
} sentences[REC_EMB_N_SENTENCES] = {
    {"likes_first", true},  {"likes_third", true}, {"likes_none", true},  {"hedged_first", true},
    {"hedged_third", true}, {"hedged_none", true}, {"also_first", true},  {"also_third", true},
    {"also_none", true},    {"era", true},         {"band", true},        {"series", true},
    {"wish_first", true},   {"wish_third", true},  {"maybe_first", true}, {"maybe_third", true},
    {"maybe_none", true},   {"greet", false},      {"welcome", false},    {"history", true},
    {"ask", false},         {"reveal", true},      {"guess", true},       {"decline", false},
};

struct rec_emb_wording {
    char *text; /* owned */
    size_t length;
    rec_yaml *root;                                                  /* owned */
    const rec_yaml *frames[REC_EMB_N_PARTS];                         /* lists */
    const rec_yaml *cores[REC_EMB_N_PHRASES][REC_EMB_N_PARTS];       /* lists */
    const rec_yaml *sentences[REC_EMB_N_SENTENCES][REC_EMB_N_PARTS]; /* lists */
    const rec_yaml *words[REC_EMB_N_PARTS];                          /* maps of lists, or NULL */
};

/* ---- reading ---- */

static rec_status check_texts(const rec_yaml *list, const char *const *slots, size_t n_slots,
                              rec_error *err)
{
    for (size_t i = 0; i < list->n; i++) {
        const rec_yaml *node = list->items[i];
        const char *text;
        rec_status status = rec_yaml_string(&text, node, err);
        if (status != REC_OK)
            return status;
        for (size_t s = 0; s < n_slots && slots[s] != NULL; s++)
            if (strstr(text, slots[s]) == NULL)
                return rec_yaml_fail(err, node, "\"%.80s\" lacks the slot %s", text, slots[s]);
    }
    return REC_OK;
}

static rec_status refuse_shared(const rec_yaml *a, const rec_yaml *b, rec_error *err)
{
    for (size_t i = 0; i < a->n; i++)
        for (size_t j = 0; j < b->n; j++)
            if (strcmp(a->items[i]->text, b->items[j]->text) == 0)
                return rec_yaml_fail(err, b->items[j],
                                     "\"%.80s\" stands in two sets (also line %zu): what is tested "
                                     "must not be trained",
                                     b->items[j]->text, a->items[i]->line);
    return REC_OK;
}

/* {train: [...], dev: [...], test: [...]} under a key. */
static rec_status read_sets(const rec_yaml **sets, const rec_yaml *map, const char *key,
                            const char *const *slots, size_t n_slots, rec_error *err)
{
    const rec_yaml *node = rec_yaml_get(map, key);
    rec_status status = REC_OK;
    if (node == NULL || node->kind != REC_YAML_MAP)
        return rec_yaml_fail(err, node != NULL ? node : map, "%s: sets train, dev, test are needed",
                             key);
    for (size_t p = 0; p < REC_EMB_N_PARTS && status == REC_OK; p++) {
        sets[p] = rec_yaml_get(node, rec_emb_part_names[p]);
        if (sets[p] == NULL || sets[p]->kind != REC_YAML_LIST || sets[p]->n == 0)
            return rec_yaml_fail(err, node, "%s: %s: a list of texts is needed", key,
                                 rec_emb_part_names[p]);
        status = check_texts(sets[p], slots, n_slots, err);
        for (size_t q = 0; q < p && status == REC_OK; q++)
            status = refuse_shared(sets[q], sets[p], err);
    }
    return status;
}

static rec_status read_words(rec_emb_wording *w, rec_error *err)
{
    const rec_yaml *words = rec_yaml_get(w->root, "words");
    for (size_t p = 0; words != NULL && p < REC_EMB_N_PARTS; p++) {
        const rec_yaml *set = w->words[p] = rec_yaml_get(words, rec_emb_part_names[p]);
        for (size_t i = 0; set != NULL && i < set->n; i++) {
            if (set->kind != REC_YAML_MAP || set->items[i]->kind != REC_YAML_LIST ||
                set->items[i]->n == 0)
                return rec_yaml_fail(err, set, "words: %s: a mapping of values to lists of texts",
                                     rec_emb_part_names[p]);
            rec_status status = check_texts(set->items[i], NULL, 0, err);
            if (status != REC_OK)
                return status;
        }
    }
    return REC_OK;
}

static rec_status read_all(rec_emb_wording *w, const char *name, rec_error *err)
{
    static const char *const core_slot[] = {"{core}", NULL}, *const it_slot[] = {"{it}", NULL};
    rec_status status = REC_OK;
    REC_TRY(rec_yaml_parse(&w->root, w->text, w->length, name, err));
    REC_TRY(read_sets(w->frames, w->root, "frames", core_slot, 1, err));
    const rec_yaml *cores = rec_yaml_get(w->root, "cores");
    if (cores == NULL)
        return rec_yaml_fail(err, w->root, "cores: missing");
    for (size_t i = 0; i < REC_EMB_N_PHRASES; i++)
        REC_TRY(read_sets(w->cores[i], cores, phrases[i].key, phrases[i].slots, 2, err));
    const rec_yaml *forms = rec_yaml_get(w->root, "sentences");
    if (forms == NULL)
        return rec_yaml_fail(err, w->root, "sentences: missing");
    for (size_t i = 0; i < REC_EMB_N_SENTENCES; i++)
        REC_TRY(read_sets(w->sentences[i], forms, sentences[i].key, it_slot,
                          sentences[i].has_it ? 1 : 0, err));
    status = read_words(w, err);
cleanup:
    return status;
}

static rec_status take_text(rec_emb_wording *w, const char *path, rec_error *err)
{
    rec_text file;
    if (path == NULL) {
        w->length = rec_emb_wording_default_length;
        w->text = rec_memdup(rec_emb_wording_default, w->length, err);
        return w->text != NULL ? REC_OK : REC_ERR_RESOURCE;
    }
    rec_status status = rec_text_read(&file, path, err);
    if (status != REC_OK)
        return status;
    w->length = file.length;
    w->text = rec_memdup(file.data, file.length, err);
    rec_text_close(&file);
    return w->text != NULL ? REC_OK : REC_ERR_RESOURCE;
}

rec_status rec_emb_wording_open(rec_emb_wording **out, const char *path, rec_error *err)
{
    *out = NULL;
    rec_emb_wording *w = rec_alloc(1, sizeof *w, err);
    if (w == NULL)
        return REC_ERR_RESOURCE;
    rec_status status = take_text(w, path, err);
    if (status == REC_OK)
        status = read_all(w, path != NULL ? path : "wording.yaml", err);
    if (status != REC_OK) {
        rec_emb_wording_free(w);
        return status;
    }
    *out = w;
    return REC_OK;
}

void rec_emb_wording_free(rec_emb_wording *w)
{
    if (w == NULL)
        return;
    rec_yaml_free(w->root);
    free(w->text);
    free(w);
}

const char *rec_emb_wording_text(const rec_emb_wording *w, size_t *length)
{
    *length = w->length;
    return w->text;
}

/* ---- applying ---- */

size_t rec_emb_wording_count(const rec_emb_wording *w, rec_emb_phrase phrase, rec_emb_part set)
{
    return w->frames[set]->n * w->cores[phrase][set]->n;
}

static const char *slot_value(const char *name, size_t n, const rec_emb_slots *s)
{
    const struct {
        const char *name, *value;
    } all[] = {
        {"noun", s->noun},       {"nouns", s->nouns}, {"query", s->query}, {"without", s->without},
        {"history", s->history}, {"wish", s->wish},   {"it", s->it}};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (strlen(all[i].name) == n && memcmp(all[i].name, name, n) == 0)
            return all[i].value;
    return NULL;
}

/* Text with {slots}; what is in braces and no slot stays as it is. A core comes in place of {core}. */
static rec_status fill(rec_buffer *out, const char *text, const char *core, const rec_emb_slots *s,
                       rec_error *err)
{
    rec_status status = REC_OK;
    while (*text != '\0' && status == REC_OK) {
        const char *open = strchr(text, '{');
        const char *close = open != NULL ? strchr(open, '}') : NULL;
        if (close == NULL)
            return rec_buffer_puts(out, text, err);
        status = rec_buffer_append(out, text, (size_t)(open - text), err);
        size_t n = (size_t)(close - open - 1);
        const char *value = slot_value(open + 1, n, s);
        bool is_core = core != NULL && n == 4 && memcmp(open + 1, "core", 4) == 0;
        if (status == REC_OK && is_core)
            status = fill(out, core, NULL, s, err);
        else if (status == REC_OK)
            status = value != NULL ? rec_buffer_puts(out, value, err)
                                   : rec_buffer_append(out, open, n + 2, err);
        text = close + 1;
    }
    return status;
}

rec_status rec_emb_wording_apply(rec_buffer *out, const rec_emb_wording *w, rec_emb_phrase phrase,
                                 rec_emb_part set, size_t index, const rec_emb_slots *slots,
                                 rec_error *err)
{
    const rec_yaml *frames = w->frames[set], *cores = w->cores[phrase][set];
    return fill(out, frames->items[index % frames->n]->text,
                cores->items[index / frames->n % cores->n]->text, slots, err);
}

rec_status rec_emb_wording_say(rec_buffer *out, const rec_emb_wording *w, rec_emb_sentence sentence,
                               rec_emb_part set, const rec_emb_slots *slots, rec_rng *rng,
                               rec_error *err)
{
    const rec_yaml *list = w->sentences[sentence][set];
    return fill(out, list->items[rec_rng_below(rng, (uint32_t)list->n)]->text, NULL, slots, err);
}

const char *rec_emb_wording_synonym(const rec_emb_wording *w, rec_emb_part set, const char *value,
                                    rec_rng *rng)
{
    const rec_yaml *words = w->words[set];
    for (size_t i = 0; words != NULL && i < words->n; i++)
        if (strcasecmp(words->keys[i], value) == 0)
            return words->items[i]->items[rec_rng_below(rng, (uint32_t)words->items[i]->n)]->text;
    return NULL;
}
