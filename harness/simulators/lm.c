/* harness/simulators/lm.c: a language model that plays a user and is checked after each utterance by
 * the same model, as RecLM-eval does; the wording is ours. RecLM-eval tries again until the verifier is
 * content; here `max_verify` ends that, the last words stand and the sample is marked. It also takes a
 * "YES" anywhere in the verifier's words for consent (that rule only in compat mode). */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/buffer.h"
#include "harness/simulators/simulator.h"
#include "harness/systems/item_text.h"

typedef enum stage { SPEAKING, VERIFYING } stage;

typedef struct model_user {
    stage stage;
    size_t n_turns, n_attempts; /* of this turn */
    const char *history;        /* titles with commas */
    const char *words;          /* the attempt that is verified */
} model_user;

static const char role_text[] =
    "You are a user who talks to a recommender system. You speak first: say what you are looking "
    "for. "
    "Answer in one or two sentences, as a person would, and write nothing but the user's words.\n"
    "What you have liked so far: ";
static const char target_text[] = "\nWhat you want to be recommended, without knowing its name: ";
static const char rules_text[] =
    "\nRules:\n"
    "- If exactly that is recommended to you, accept it.\n"
    "- If something else is recommended, refuse it and tell something about what you want.\n"
    "- If you are asked for your preferences, tell something about what you want.\n"
    "- Never say the title of what you want, nor a part of it that gives it away.";

static const char verifier_text[] =
    "You check what a user said to a recommender system. The user wants one item and may never say "
    "its "
    "title. Four cases:\n"
    "Case 1: the recommender's message recommends exactly that item: the user must accept it.\n"
    "Case 2: it recommends other items: the user must refuse them and tell something about the "
    "wanted "
    "item.\n"
    "Case 3: it asks for the user's preferences: the user must tell something about the wanted "
    "item.\n"
    "Case 4: it is empty, the dialogue begins: the user must say what they are looking for.\n"
    "In every case the user's words must not hold the title of the wanted item and must be those "
    "of a "
    "user.\n"
    "Name the case (\"Case 2\"), give your reason in one sentence, and end with [[YES]] if the "
    "user "
    "keeps to the rules or [[NO]] if not.";

/* ---- prompts ---- */

static rec_status join_history(model_user *m, const rec_simulated_user *u, rec_error *err)
{
    rec_buffer text = {0};
    rec_status status = rec_buffer_puts(&text, u->n_history > 0 ? "" : "nothing yet", err);
    for (size_t i = 0; i < u->n_history && status == REC_OK; i++)
        status = rec_buffer_printf(&text, err, "%s%s", i > 0 ? ", " : "",
                                   rec_item_title(&u->dataset->catalogue, u->history[i]));
    char *kept = status == REC_OK ? rec_arena_alloc(u->arena, text.length + 1, 1, err) : NULL;
    if (kept != NULL)
        memcpy(kept, text.data, text.length + 1);
    m->history = kept;
    rec_buffer_deinit(&text);
    return kept != NULL ? REC_OK : status != REC_OK ? status : REC_ERR_RESOURCE;
}

/* One request with its own id of random draws: turn and attempt of the sample. */
static rec_status ask(rec_user_turn *out, const rec_simulated_user *u, const model_user *m,
                      const rec_text_part *parts, size_t n_parts, rec_error *err)
{
    enum { TURN_BITS = 12, ATTEMPT_BITS = 12 };
    uint64_t draw = u->id << (TURN_BITS + ATTEMPT_BITS) | (uint64_t)m->n_turns << ATTEMPT_BITS |
                    (uint64_t)m->n_attempts;
    bool speaks = m->stage == SPEAKING;
    rec_request *r = rec_arena_alloc(u->arena, 1, sizeof *r, err);
    rec_text_part *kept = rec_arena_alloc(u->arena, n_parts, sizeof *kept, err);
    if (r == NULL || kept == NULL)
        return REC_ERR_RESOURCE;
    memcpy(kept, parts, n_parts * sizeof *kept);
    *r = (rec_request){
        .to = REC_PARTY_SIMULATOR,
        .lm = u->options->lm,
        .kind = REC_REQUEST_TEXT,
        .parts = kept,
        .n_parts = n_parts,
        .text = {.max_tokens = (size_t)u->options->max_tokens,
                 .temperature = speaks ? u->options->temperature : 0.0,
                 .seed = u->seed,
                 .id = draw},
        .repeat = (uint32_t)m->n_attempts - 1,
    };
    out->requests = r;
    out->n_requests = 1;
    return REC_OK;
}

/* The transcript with the roles as this side sees them: its own words are the assistant's. */
static rec_status ask_to_speak(rec_user_turn *out, const rec_simulated_user *u, model_user *m,
                               const rec_dialogue *d, rec_error *err)
{
    enum { N_FIXED = 6 };
    rec_text_part *parts = rec_arena_alloc(u->arena, N_FIXED + d->n, sizeof *parts, err);
    if (parts == NULL)
        return REC_ERR_RESOURCE;
    size_t n = 0;
    m->stage = SPEAKING;
    m->n_attempts++;
    parts[n++] = (rec_text_part){.role = "system", .text = role_text};
    parts[n++] = (rec_text_part){.role = "system", .text = m->history, .is_data = true};
    parts[n++] = (rec_text_part){.role = "system", .text = target_text};
    parts[n++] = (rec_text_part){.role = "system",
                                 .text = rec_item_title(&u->dataset->catalogue, u->targets[0]),
                                 .is_data = true};
    parts[n++] = (rec_text_part){.role = "system", .text = rules_text};
    parts[n++] = (rec_text_part){.role = "user", .text = "(The dialogue begins.)"};
    for (size_t i = 0; i < d->n; i++) {
        bool is_mine = d->messages[i].speaker == REC_SPEAKER_USER;
        parts[n++] = (rec_text_part){
            .role = is_mine ? "assistant" : "user", .text = d->messages[i].text, .is_data = true};
    }
    return ask(out, u, m, parts, n, err);
}

static rec_status ask_to_verify(rec_user_turn *out, const rec_simulated_user *u, model_user *m,
                                const rec_dialogue *d, rec_error *err)
{
    const char *last = d->n > 0 ? d->messages[d->n - 1].text : "empty";
    const rec_text_part parts[] = {
        {.role = "system", .text = verifier_text},
        {.role = "user", .text = "The wanted item: "},
        {.role = "user",
         .text = rec_item_title(&u->dataset->catalogue, u->targets[0]),
         .is_data = true},
        {.role = "user", .text = "\n[start of the recommender's message]\n"},
        {.role = "user", .text = last, .is_data = true},
        {.role = "user",
         .text = "\n[end of the recommender's message]\n[start of the user's words]\n"},
        {.role = "user", .text = m->words, .is_data = true},
        {.role = "user", .text = "\n[end of the user's words]"},
    };
    m->stage = VERIFYING;
    return ask(out, u, m, parts, sizeof parts / sizeof *parts, err);
}

/* ---- what the verifier says ---- */

/* The last of [[YES]] and [[NO]], in either case. */
static bool consents(const char *reply)
{
    bool yes = false;
    for (const char *at = strstr(reply, "[["); at != NULL; at = strstr(at + 1, "[[")) {
        if (strncasecmp(at, "[[yes]]", strlen("[[yes]]")) == 0)
            yes = true;
        if (strncasecmp(at, "[[no]]", strlen("[[no]]")) == 0)
            yes = false;
    }
    return yes;
}

/* "Case 1": the user was offered what they want. */
static bool names_acceptance(const char *reply)
{
    const char *at = strcasestr(reply, "case");
    if (at == NULL)
        return false;
    at += strcspn(at, "0123456789\n");
    return at[0] == '1' && !isdigit((unsigned char)at[1]);
}

static rec_status begin_turn(rec_user_turn *out, rec_simulated_user *u, const rec_dialogue *d,
                             rec_error *err)
{
    model_user *m = u->state;
    if (m == NULL) {
        m = rec_arena_alloc(u->arena, 1, sizeof *m, err);
        if (m == NULL)
            return REC_ERR_RESOURCE;
        *m = (model_user){.stage = SPEAKING};
        rec_status status = join_history(m, u, err);
        if (status != REC_OK)
            return status;
        u->state = m;
    }
    m->n_turns++;
    m->n_attempts = 0;
    return ask_to_speak(out, u, m, d, err);
}

static rec_status keep_words(model_user *m, const rec_simulated_user *u, const char *text,
                             rec_error *err)
{
    size_t n = strlen(text) + 1;
    char *kept = rec_arena_alloc(u->arena, n, 1, err);
    if (kept == NULL)
        return REC_ERR_RESOURCE;
    memcpy(kept, text, n);
    m->words = kept;
    return REC_OK;
}

static rec_status speak(rec_user_turn *out, rec_simulated_user *u, const rec_dialogue *d,
                        const rec_reply *replies, rec_error *err)
{
    model_user *m = u->state;
    *out = (rec_user_turn){.n_requests = 0};
    if (replies == NULL)
        return begin_turn(out, u, d, err);
    if (replies[0].text == NULL)
        return REC_OK; /* a failed call: neither requests nor words */
    if (m->stage == SPEAKING) {
        rec_status status = keep_words(m, u, replies[0].text, err);
        return status == REC_OK ? ask_to_verify(out, u, m, d, err) : status;
    }
    const char *verdict = replies[0].text;
    bool is_fine = u->is_reclm ? strstr(verdict, "YES") != NULL : consents(verdict);
    if (!is_fine && m->n_attempts < (size_t)u->options->max_verify)
        return ask_to_speak(out, u, m, d, err);
    out->text = m->words;
    out->is_violation = !is_fine;
    out->accepts = is_fine && names_acceptance(verdict);
    return REC_OK;
}

const rec_simulator rec_simulator_lm = {
    .name = "lm",
    .help = "a language model that plays the user and verifies its own words",
    .citation = "RecLM-eval, RecAI (2025): conversation task.",
    .needs_lm = true,
    .speak = speak,
};
