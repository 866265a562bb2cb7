#include "models/reclm_emb/writer.h"

#include <stdlib.h>

#include "core/memory.h"
#include "models/reclm_emb/gates.h"
#include "models/reclm_emb/writers/texts_file.h"
#include "models/reclm_emb/writers/type.h"

const char *const rec_emb_text_kind_names[] = {"",        "summary",     "description",
                                               "dislike", "misspelling", "dialogue"};
const char *const rec_emb_outcome_names[] = {
    "written",    "no_facts",     "no_answer", "other_facts", "says_title",
    "says_false", "wrong_length", "malformed", "repeats",     "pending"};
const char *const rec_emb_generator_choices[] = {"rules", "local-lm", "replay", NULL};

static const rec_emb_writer_type *const types[REC_EMB_N_GENERATORS] = {
    [REC_EMB_RULES] = &rec_emb_writer_rules,
    [REC_EMB_LOCAL_LM] = &rec_emb_writer_local_lm,
    [REC_EMB_REPLAY] = &rec_emb_writer_replay,
};

struct rec_emb_writer {
    const rec_emb_writer_type *type;
    rec_emb_writer_source source;
    void *self; /* owned, of the type */
    rec_emb_gates *gates;
    rec_buffer text;
};

const char *rec_emb_generator_name(rec_emb_text_generator g)
{
    return types[g]->name;
}

bool rec_emb_generator_writes(rec_emb_text_generator g, rec_emb_text_kind kind)
{
    return kind != REC_EMB_NO_TEXT && (kind != REC_EMB_DISLIKE || types[g]->is_outside);
}

rec_emb_style rec_emb_style_draw(rec_emb_text_kind kind, rec_rng *rng)
{
    static const size_t words[REC_EMB_N_TEXT_KINDS][REC_EMB_N_LENGTHS] = {
        [REC_EMB_SUMMARY] = {50, 100, 150, 200},
        [REC_EMB_DESCRIPTION] = {30, 50, 70, 100},
        [REC_EMB_DISLIKE] = {30, 50, 70, 100},
        [REC_EMB_DIALOGUE] = {150, 200, 250, 300},
    };
    const double guess_share = 0.3;
    rec_emb_style s;
    s.voice = (rec_emb_voice)rec_rng_below(rng, REC_EMB_N_VOICES);
    s.clarity = (rec_emb_clarity)rec_rng_below(rng, REC_EMB_N_CLARITIES);
    s.level = rec_rng_below(rng, REC_EMB_N_LEVELS);
    s.words = words[kind][rec_rng_below(rng, REC_EMB_N_LENGTHS)];
    s.turns = 2 + rec_rng_below(rng, 4);
    s.guesses = rec_rng_uniform(rng) < guess_share;
    return s;
}

rec_status rec_emb_writer_new(rec_emb_writer **out, rec_emb_text_generator generator,
                              const rec_emb_writer_source *source, rec_error *err)
{
    rec_status status;
    *out = NULL;
    rec_emb_writer *w = rec_alloc(1, sizeof *w, err);
    if (w == NULL)
        return REC_ERR_RESOURCE;
    w->type = types[generator];
    w->source = *source;
    REC_TRY(rec_emb_gates_new(&w->gates, source->items, err));
    if (w->type->open != NULL)
        REC_TRY(w->type->open(&w->self, &w->source, err));
    *out = w;
    status = REC_OK;
cleanup:
    if (status != REC_OK)
        rec_emb_writer_free(w);
    return status;
}

void rec_emb_writer_free(rec_emb_writer *w)
{
    if (w == NULL)
        return;
    if (w->type->free != NULL)
        w->type->free(w->self);
    rec_emb_gates_free(w->gates);
    rec_buffer_deinit(&w->text);
    free(w);
}

rec_status rec_emb_writer_begin(rec_emb_writer *w, rec_error *err)
{
    return rec_emb_gates_begin(w->gates, err);
}

bool rec_emb_writer_is_outside(const rec_emb_writer *w)
{
    return w->type->is_outside;
}

bool rec_emb_writer_collects(const rec_emb_writer *w)
{
    return w->type->answer != NULL;
}

rec_status rec_emb_write(rec_emb_outcome *outcome, rec_buffer *out, rec_emb_writer *w,
                         const rec_emb_ask *ask, rec_error *err)
{
    rec_status status;
    *outcome = REC_EMB_NO_FACTS;
    rec_buffer_clear(&w->text);
    REC_TRY(rec_buffer_puts(&w->text, "", err));
    REC_TRY(w->type->write(outcome, &w->text, w->self, &w->source, ask, err));
    bool has_text = *outcome == REC_EMB_WRITTEN;
    if (has_text)
        REC_TRY(rec_emb_gates_judge(outcome, w->gates, ask, w->text.data, err));
    if (w->source.record != NULL && !ask->is_ahead && *outcome != REC_EMB_NO_FACTS)
        REC_TRY(rec_emb_record_ask(w->type->name, &w->source, ask, has_text ? w->text.data : NULL,
                                   *outcome, err));
    if (*outcome == REC_EMB_WRITTEN)
        status = rec_buffer_puts(out, w->text.data, err);
cleanup:
    return status;
}

rec_status rec_emb_writer_answer(rec_emb_writer *w, rec_error *err)
{
    return w->type->answer != NULL ? w->type->answer(w->self, err) : REC_OK;
}
