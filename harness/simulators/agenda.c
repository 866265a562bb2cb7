/* harness/simulators/agenda.c: a user by rules, in the manner of "Agenda-based user simulation for
 * bootstrapping a POMDP dialogue system" (NAACL 2007): a goal (the target's attributes), an agenda (in
 * which order they are told), and fixed reactions to what the recommender does. It speaks plain English
 * sentences out of templates, knows nothing but the catalogue and the history, and never says the
 * title. The same user, seed and dialogue give the same words. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/buffer.h"
#include "core/rng.h"
#include "harness/replies/titles.h"
#include "harness/simulators/facts.h"
#include "harness/simulators/simulator.h"
#include "harness/simulators/title_leak.h"

/* One value of the target. */
typedef struct fact {
    size_t attribute, value;
    bool is_told;
} fact;

typedef struct agenda {
    const rec_attribute *attributes;
    size_t n_attributes;
    fact *facts; /* in the order in which they are told */
    size_t n_facts;
    size_t n_turns, n_refusals;
} agenda;

static const char title_free_words[] = "I would like something else.";

/* ---- the goal ---- */

static uint32_t goal(const rec_simulated_user *u)
{
    return u->targets[0];
}

static rec_status says_a_target(bool *out, const rec_simulated_user *u, const char *text,
                                rec_error *err)
{
    rec_status status = REC_OK;
    *out = false;
    for (size_t i = 0; i < u->n_targets && !*out && status == REC_OK; i++) {
        const char *title = u->dataset->catalogue.titles[u->targets[i]];
        if (title != NULL)
            status = rec_says_title(out, text, title, err);
    }
    return status;
}

/* Values are said in a sentence: a plot is none, and one that holds a title would give it away. */
static rec_status is_sayable(bool *out, const rec_simulated_user *u, const char *value,
                             rec_error *err)
{
    enum { LONGEST = 48 };
    bool has_title;
    rec_status status = says_a_target(&has_title, u, value, err);
    *out = !has_title && value[0] != '\0' && strlen(value) <= LONGEST;
    return status;
}

static rec_status collect_facts(agenda *a, const rec_simulated_user *u, rec_error *err)
{
    char number[32];
    size_t room = 0;
    for (size_t i = 0; i < a->n_attributes; i++)
        room += rec_attribute_count(&a->attributes[i], goal(u));
    a->facts = rec_arena_alloc(u->arena, room, sizeof *a->facts, err);
    if (a->facts == NULL)
        return REC_ERR_RESOURCE;
    for (size_t i = 0; i < a->n_attributes; i++)
        for (size_t v = 0; v < rec_attribute_count(&a->attributes[i], goal(u)); v++) {
            const char *value = rec_attribute_value(&a->attributes[i], goal(u), v, number);
            bool sayable;
            rec_status status = is_sayable(&sayable, u, value, err);
            if (status != REC_OK)
                return status;
            if (sayable)
                a->facts[a->n_facts++] = (fact){.attribute = i, .value = v};
        }
    rec_rng rng = rec_rng_keyed(u->seed, "agenda/order", u->id);
    rec_rng_shuffle(&rng, a->facts, a->n_facts, sizeof *a->facts);
    return REC_OK;
}

static rec_status start(agenda **out, rec_simulated_user *u, rec_error *err)
{
    agenda *a = rec_arena_alloc(u->arena, 1, sizeof *a, err);
    if (a == NULL)
        return REC_ERR_RESOURCE;
    *a = (agenda){.n_facts = 0};
    rec_status status = rec_attributes(&a->attributes, &a->n_attributes, &u->dataset->catalogue,
                                       &u->options->attributes, u->arena, err);
    if (status == REC_OK)
        status = collect_facts(a, u, err);
    u->state = *out = a;
    return status;
}

/* ---- sentences ---- */

typedef struct speech {
    const rec_simulated_user *user;
    agenda *agenda;
    const char *last_folded; /* the recommender's last message */
    bool has_question;
    const rec_message *last; /* NULL: the user opens */
    rec_buffer text;
} speech;

static fact *next_fact(agenda *a)
{
    for (size_t i = 0; i < a->n_facts; i++)
        if (!a->facts[i].is_told)
            return &a->facts[i];
    return a->n_facts > 0 ? &a->facts[(a->n_turns - 1) % a->n_facts] : NULL; /* again, in turn */
}

static rec_status say_fact(speech *s, fact *f, rec_error *err)
{
    char number[32];
    const rec_attribute *a = &s->agenda->attributes[f->attribute];
    f->is_told = true;
    return rec_buffer_printf(&s->text, err, "The %s should be %s.", a->word,
                             rec_attribute_value(a, goal(s->user), f->value, number));
}

static rec_status open(speech *s, rec_error *err)
{
    const rec_simulated_user *u = s->user;
    agenda *a = s->agenda;
    rec_status status = rec_buffer_puts(&s->text, "Hi! Can you recommend something to me?", err);
    for (size_t i = 0; i < a->n_attributes && status == REC_OK; i++) {
        const char *liked;
        bool sayable = false;
        status = rec_attribute_favourite(&liked, &a->attributes[i], u->history, u->n_history, err);
        if (status == REC_OK && liked != NULL)
            status = is_sayable(&sayable, u, liked, err);
        if (status != REC_OK || !sayable)
            continue;
        status = rec_buffer_printf(&s->text, err, " Often I like %s.", liked);
        break;
    }
    fact *f = next_fact(a);
    if (status == REC_OK && f != NULL) {
        status = rec_buffer_puts(&s->text, " ", err);
        status = status == REC_OK ? say_fact(s, f, err) : status;
    }
    return status;
}

/* All that is known under one attribute, at most three values. */
static rec_status answer(speech *s, size_t attribute, rec_error *err)
{
    enum { MOST = 3 };
    agenda *a = s->agenda;
    const rec_attribute *asked = &a->attributes[attribute];
    size_t n = 0;
    rec_status status = REC_OK;
    for (size_t i = 0; i < a->n_facts && n < MOST && status == REC_OK; i++) {
        char number[32];
        if (a->facts[i].attribute != attribute)
            continue;
        a->facts[i].is_told = true;
        const char *value = rec_attribute_value(asked, goal(s->user), a->facts[i].value, number);
        status = n++ == 0
                     ? rec_buffer_printf(&s->text, err, "The %s should be %s", asked->word, value)
                     : rec_buffer_printf(&s->text, err, ", %s", value);
    }
    if (status != REC_OK)
        return status;
    return n > 0 ? rec_buffer_puts(&s->text, ".", err)
                 : rec_buffer_printf(&s->text, err, "I do not mind which %s.", asked->word);
}

/* The first thing wanted that the first recommended item has not: told ones last. */
static fact *reason_against(const speech *s)
{
    agenda *a = s->agenda;
    char number[32];
    for (int told = 0; told < 2; told++)
        for (size_t i = 0; i < a->n_facts; i++) {
            fact *f = &a->facts[i];
            const rec_attribute *attribute = &a->attributes[f->attribute];
            const char *value = rec_attribute_value(attribute, goal(s->user), f->value, number);
            if (f->is_told == (told != 0) &&
                !rec_attribute_has(attribute, s->last->items[0], value))
                return f;
        }
    return NULL;
}

static rec_status refuse(speech *s, bool names_item, rec_error *err)
{
    const char *title = s->user->dataset->catalogue.titles[s->last->items[0]];
    fact *reason = reason_against(s);
    const rec_attribute *a = reason != NULL ? &s->agenda->attributes[reason->attribute] : NULL;
    char number[32];
    if (reason == NULL)
        return rec_buffer_puts(&s->text, "No, I would like something else.", err);
    rec_status status = rec_buffer_puts(&s->text, "No, thank you. ", err);
    if (status == REC_OK && names_item && title != NULL &&
        rec_attribute_count(a, s->last->items[0]) > 0)
        status = rec_buffer_printf(&s->text, err, "The %s of %s is %s. ", a->word, title,
                                   rec_attribute_value(a, s->last->items[0], 0, number));
    return status == REC_OK ? say_fact(s, reason, err) : status;
}

/* ---- reactions ---- */

static bool offers_a_target(const rec_message *m, const rec_simulated_user *u)
{
    for (size_t i = 0; i < m->n_items; i++)
        for (size_t t = 0; t < u->n_targets; t++)
            if (m->items[i] == u->targets[t])
                return true;
    return false;
}

static bool is_noisy(const speech *s)
{
    enum { TURN_BITS = 16 };
    rec_rng rng = rec_rng_keyed(s->user->seed, "agenda/noise",
                                s->user->id << TURN_BITS | (s->agenda->n_turns & 0xFFFF));
    return rec_rng_uniform(&rng) < s->user->options->noise;
}

static size_t asked_attribute(const speech *s)
{
    agenda *a = s->agenda;
    for (size_t i = 0; i < a->n_attributes; i++)
        if (rec_attribute_is_asked(&a->attributes[i], s->last_folded, s->has_question))
            return i;
    return a->n_attributes;
}

static rec_status volunteer(speech *s, rec_error *err)
{
    fact *f = next_fact(s->agenda);
    return f != NULL ? say_fact(s, f, err)
                     : rec_buffer_puts(&s->text, "I cannot say more about it.", err);
}

static rec_status react_to_offer(rec_user_turn *out, speech *s, rec_error *err)
{
    int64_t patience = s->user->options->patience;
    s->agenda->n_refusals++;
    if (patience > 0 && s->agenda->n_refusals > (size_t)patience) {
        out->ends = true;
        return rec_buffer_puts(&s->text, "Thank you, but let us leave it there.", err);
    }
    if (is_noisy(s))
        return rec_buffer_puts(&s->text, "No, that is not quite right.", err);
    return refuse(s, true, err);
}

static rec_status react(rec_user_turn *out, speech *s, rec_error *err)
{
    if (s->last == NULL)
        return open(s, err);
    if (offers_a_target(s->last, s->user)) {
        out->accepts = true;
        return rec_buffer_puts(&s->text, "Yes, that is what I was looking for. Thank you!", err);
    }
    if (s->last->n_items > 0)
        return react_to_offer(out, s, err);
    if (is_noisy(s))
        return rec_buffer_puts(&s->text, "I am not sure about that.", err);
    size_t asked = asked_attribute(s);
    return asked < s->agenda->n_attributes ? answer(s, asked, err) : volunteer(s, err);
}

/* Titles of other items can hold a target's: then they are not named; and words of last resort. */
static rec_status keep_secret(speech *s, bool is_refusal, rec_error *err)
{
    bool says = false;
    rec_status status = says_a_target(&says, s->user, s->text.data, err);
    if (status != REC_OK || !says)
        return status;
    rec_buffer_clear(&s->text);
    if (is_refusal) {
        status = refuse(s, false, err);
        if (status == REC_OK)
            status = says_a_target(&says, s->user, s->text.data, err);
        if (status != REC_OK || !says)
            return status;
        rec_buffer_clear(&s->text);
    }
    return rec_buffer_puts(&s->text, title_free_words, err);
}

static rec_status speak_words(rec_user_turn *out, speech *s, rec_error *err)
{
    s->agenda->n_turns++;
    rec_status status = react(out, s, err);
    bool is_refusal = s->last != NULL && s->last->n_items > 0 && !out->accepts && !out->ends;
    if (status == REC_OK)
        status = keep_secret(s, is_refusal, err);
    if (status != REC_OK)
        return status;
    char *words = rec_arena_alloc(s->user->arena, s->text.length + 1, 1, err);
    if (words == NULL)
        return REC_ERR_RESOURCE;
    memcpy(words, s->text.data, s->text.length + 1);
    out->text = words;
    return REC_OK;
}

static rec_status speak(rec_user_turn *out, rec_simulated_user *u, const rec_dialogue *d,
                        const rec_reply *replies, rec_error *err)
{
    speech s = {.user = u, .agenda = u->state};
    char *folded = NULL;
    rec_status status;
    (void)replies; /* asks nobody */
    *out = (rec_user_turn){.n_requests = 0};
    if (s.agenda == NULL)
        REC_TRY(start(&s.agenda, u, err));
    if (d->n > 0 && d->messages[d->n - 1].speaker == REC_SPEAKER_RECOMMENDER) {
        s.last = &d->messages[d->n - 1];
        s.has_question = strchr(s.last->text, '?') != NULL;
        REC_TRY(rec_title_folded(&folded, rec_span_of(s.last->text), err));
        s.last_folded = folded;
    }
    status = speak_words(out, &s, err);
cleanup:
    rec_buffer_deinit(&s.text);
    free(folded);
    return status;
}

static const char *unfit(const rec_simulator_options *o, const rec_dataset *d)
{
    for (size_t i = 0; i < d->catalogue.n_columns; i++)
        if (o->attributes.n > 0 || d->catalogue.columns[i].type == REC_COLUMN_TEXTS)
            return NULL;
    return "the catalogue has no attributes that a rule-based user could talk about";
}

const rec_simulator rec_simulator_agenda = {
    .name = "agenda",
    .help = "rules over the catalogue's attributes; no model",
    .citation = "Schatzmann et al. (2007). Agenda-based user simulation for bootstrapping a POMDP "
                "dialogue system. NAACL.",
    .unfit = unfit,
    .speak = speak,
};
