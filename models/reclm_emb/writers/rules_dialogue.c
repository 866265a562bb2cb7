/* models/reclm_emb/writers/rules_dialogue.c: a dialogue as a machine of states: greet, tell the history,
 * be asked, reveal one or two attributes a turn; at times the assistant names a wrong item, which the
 * user declines. It ends with what the user says: the answer is not in it. */
#include <string.h>

#include "models/reclm_emb/writers/type.h"

enum { NAMES_TOLD = 3, REVEALED_MAX = 2, TRIES = 50 };

typedef enum state { GREET, WELCOME, TELL, ASK, REVEAL, GUESS, DECLINE, END } state;

typedef struct dialogue {
    rec_buffer *out, it;
    const rec_emb_writer_source *source;
    const rec_emb_ask *ask;
    const char **words; /* what may be revealed, in order */
    size_t n_words, n_revealed, n_turns;
    uint32_t wrong; /* the item to guess; REC_NO_ITEM */
    bool has_guessed;
} dialogue;

static const char *const speakers[] = {"User", "Assistant"};

static const struct {
    rec_emb_sentence sentence;
    unsigned speaker;
} lines[END] = {
    [GREET] = {REC_EMB_GREET, 0},     [WELCOME] = {REC_EMB_WELCOME, 1},
    [TELL] = {REC_EMB_HISTORY, 0},    [ASK] = {REC_EMB_ASK, 1},
    [REVEAL] = {REC_EMB_REVEAL, 0},   [GUESS] = {REC_EMB_GUESS, 1},
    [DECLINE] = {REC_EMB_DECLINE, 0},
};

/* ---- what is told ---- */

static rec_status put_history(dialogue *d, rec_error *err)
{
    const rec_emb_ask *ask = d->ask;
    rec_status status = REC_OK;
    size_t n = 0;
    for (size_t i = ask->n_history; i > 0 && n < NAMES_TOLD && status == REC_OK; i--) {
        const char *name = rec_emb_name(d->source->items, ask->history[i - 1]);
        if (name == NULL)
            continue;
        status = rec_buffer_printf(&d->it, err, "%s%s", n > 0 ? ", " : "", name);
        n++;
    }
    return status;
}

static rec_status put_reveal(dialogue *d, rec_error *err)
{
    size_t left = d->n_words - d->n_revealed, turns_left = d->ask->style.turns - d->n_turns;
    size_t n = left > turns_left && left > 1 ? REVEALED_MAX : 1;
    rec_status status =
        rec_emb_rules_list(&d->it, d->source, d->ask, d->words + d->n_revealed, n, err);
    d->n_revealed += n;
    d->n_turns++;
    return status;
}

static rec_status put_it(dialogue *d, state s, rec_error *err)
{
    rec_buffer_clear(&d->it);
    if (s == TELL)
        return put_history(d, err);
    if (s == REVEAL)
        return put_reveal(d, err);
    return rec_buffer_puts(&d->it, s == GUESS ? rec_emb_title(d->source->items, d->wrong) : "",
                           err);
}

static rec_status say(dialogue *d, state s, rec_error *err)
{
    rec_status status = put_it(d, s, err);
    if (status == REC_OK)
        status = rec_buffer_printf(d->out, err, "%s%s: ", d->out->length > 0 ? "\n" : "",
                                   speakers[lines[s].speaker]);
    if (status == REC_OK)
        status = rec_emb_rules_say(d->out, d->source, d->ask, lines[s].sentence, d->it.data, err);
    return status;
}

/* ---- the machine ---- */

static bool has_history_to_tell(const dialogue *d)
{
    for (size_t i = 0; i < d->ask->n_history; i++)
        if (rec_emb_name(d->source->items, d->ask->history[i]) != NULL)
            return true;
    return false;
}

/* A history without names is not asked for. The user goes on while something is left to reveal and turns
 * are left; nobody guesses before the first wish. */
static state next_state(const dialogue *d, state s)
{
    bool goes_on = d->n_revealed < d->n_words && d->n_turns < d->ask->style.turns;
    switch (s) {
    case GREET:
        return has_history_to_tell(d) ? WELCOME : ASK;
    case REVEAL:
        if (goes_on && d->wrong != REC_NO_ITEM && !d->has_guessed)
            return GUESS;
        return goes_on ? ASK : END;
    case DECLINE:
        return ASK;
    default:
        return (state)(s + 1);
    }
}

/* An item with a title that lacks something of what is wanted; it is not of the history. */
static uint32_t draw_wrong(const dialogue *d)
{
    const rec_emb_items *x = d->source->items;
    const rec_emb_ask *ask = d->ask;
    const char *own = rec_emb_title(x, ask->item);
    for (int t = 0; t < TRIES && ask->style.guesses; t++) {
        uint32_t item = rec_rng_below(ask->rng, (uint32_t)x->n);
        const char *title = rec_emb_title(x, item);
        bool is_known = title == NULL || (own != NULL && strcmp(title, own) == 0);
        for (size_t h = 0; h < ask->n_history; h++)
            is_known = is_known || ask->history[h] == item;
        if (!is_known && !rec_emb_all_hold(x, ask->conditions, ask->n_conditions, item))
            return item;
    }
    return REC_NO_ITEM;
}

rec_status rec_emb_rules_dialogue(rec_emb_outcome *outcome, rec_buffer *out,
                                  const rec_emb_writer_source *source, const rec_emb_ask *ask,
                                  rec_error *err)
{
    dialogue d = {.out = out, .source = source, .ask = ask};
    rec_status status = rec_emb_rules_words(&d.words, &d.n_words, source, ask, err);
    *outcome = REC_EMB_NO_FACTS;
    if (status != REC_OK || d.n_words == 0)
        return status;
    d.wrong = draw_wrong(&d);
    for (state s = GREET; s != END && status == REC_OK; s = next_state(&d, s)) {
        status = say(&d, s, err);
        d.has_guessed = d.has_guessed || s == GUESS;
    }
    rec_buffer_deinit(&d.it);
    if (status == REC_OK)
        *outcome = REC_EMB_WRITTEN;
    return status;
}
