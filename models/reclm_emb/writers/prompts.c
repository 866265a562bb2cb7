#include "models/reclm_emb/writers/prompts.h"

#include <ctype.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "core/json_build.h"

const char rec_emb_prompt_system[] =
    "You write short texts as asked. You answer with the text alone, without any introduction.";

enum { VALUES_TOLD = 3 };

void rec_emb_prompt_deinit(rec_emb_prompt *p)
{
    rec_buffer_deinit(&p->before);
    rec_buffer_deinit(&p->facts);
    rec_buffer_deinit(&p->after);
}

/* ---- the words ---- */

static const char *const summary_before[REC_EMB_N_PARTS] = {
    "Somebody chose these %s, the newest first:\n", "A list of %s that one person took lately:\n",
    "These %s were picked by one customer, latest on top:\n"};
static const char *const summary_after[REC_EMB_N_PARTS] = {
    "\nWrite at most %s words about what this person likes: kinds, moods, times, makers. Do not "
    "list the titles. ",
    "\nDescribe the taste behind it in %s words or fewer, without naming titles. ",
    "\nIn no more than %s words, sum up which qualities they share and what the customer "
    "prefers. Leave titles out. "};
static const char *const description_before[REC_EMB_N_PARTS] = {
    "A %s has these properties:\n", "What is known about a %s:\n", "Some facts about a %s:\n"};
static const char *const description_after[REC_EMB_N_PARTS] = {
    "\nWrite the search request of a person who knows these properties only, in at most %s words. "
    "Use other words where you can, invent nothing, name no title. ",
    "\nHow would somebody search for it? %s words or fewer, reworded, without a title. ",
    "\nPhrase a question for such an item in no more than %s words. Paraphrase, add no facts, and "
    "do not guess what it is called. "};
static const char *const dislike_before[REC_EMB_N_PARTS] = {
    "What a person wants of a %s, and does not want (not):\n",
    "Wishes and dislikes about a %s (not = disliked):\n",
    "Demands on a %s; \"not\" marks what must be missing:\n"};
static const char *const dislike_after[REC_EMB_N_PARTS] = {
    "\nWrite the request in at most %s words, so that it is clear what must not be there. ",
    "\nPut it as a request of %s words or fewer that excludes what is disliked. ",
    "\nSay so in no more than %s words, and rule out the rest plainly. "};
static const char *const misspelling_before[REC_EMB_N_PARTS] = {
    "The title of a %s:\n", "A %s is called:\n", "Name of a %s:\n"};
static const char *const misspelling_after[REC_EMB_N_PARTS] = {
    ("\nType it as a person in a hurry would, with one or two spelling mistakes. Answer with the "
     "misspelt title alone."),
    "\nMisspell it the way people do. Only the misspelt title.",
    "\nRepeat it with typing errors that a human could make. Give nothing but the wrong spelling."};
static const char *const dialogue_before[REC_EMB_N_PARTS] = {
    "A user talks to an assistant about %s. What the user has had, and what the user wants:\n",
    "Material for a conversation about %s, history and wishes of the user:\n",
    "Invent a chat in a shop for %s. Past choices of the user and properties of what is wanted:\n"};
static const char *const dialogue_after[REC_EMB_N_PARTS] = {
    "\nWrite the conversation in at most %s words. ", "\nWrite it down in %s words or fewer. ",
    "\nPut it on paper, no more than %s words. "};

static const char *const voices[REC_EMB_N_VOICES] = {
    "Write in the first person.", "Write in the third person.",
    "Write keywords and fragments without a person."};
static const char *const clarities[REC_EMB_N_CLARITIES] = {" Be precise.", " Stay general.",
                                                           " Be vague and unsure."};
static const char *const levels[REC_EMB_N_LEVELS] = {
    " Use the words of a child.", " Use simple words.", " Use educated language.",
    " Use the language of an expert."};

/* ---- facts ---- */

/* "Heat (crime, drama)"; without a title all that is known in words: "crime, drama, Mann". */
static rec_status put_item(rec_buffer *out, const rec_emb_items *x, uint32_t item, rec_error *err)
{
    const char *title = rec_emb_title(x, item);
    const char *first = title != NULL ? " (" : "- ", *last = title != NULL ? ")\n" : "\n";
    size_t n = 0, most = title != NULL ? VALUES_TOLD : SIZE_MAX;
    rec_status status = title != NULL ? rec_buffer_printf(out, err, "- %s", title) : REC_OK;
    for (size_t a = 0; a < x->n_attributes; a++)
        for (size_t i = x->attributes[a].start[item];
             i < x->attributes[a].start[item + 1] && n < most && status == REC_OK; i++)
            status = rec_buffer_printf(out, err, "%s%s", n++ > 0 ? ", " : first,
                                       x->values.texts[x->attributes[a].value[i]]);
    if (status == REC_OK && n > 0)
        return rec_buffer_puts(out, last, err);
    return status == REC_OK && title != NULL ? rec_buffer_puts(out, "\n", err) : status;
}

static rec_status put_history(rec_buffer *out, const rec_emb_writer_source *source,
                              const rec_emb_ask *ask, rec_error *err)
{
    rec_status status = REC_OK;
    for (size_t i = ask->n_history; i > 0 && status == REC_OK; i--)
        status = put_item(out, source->items, ask->history[i - 1], err);
    return status;
}

static rec_status put_conditions(rec_buffer *out, const rec_emb_writer_source *source,
                                 const rec_emb_ask *ask, rec_error *err)
{
    rec_status status = REC_OK;
    for (size_t i = 0; i < ask->n_conditions && status == REC_OK; i++) {
        status = rec_buffer_puts(out, "- ", err);
        if (status == REC_OK)
            status = rec_emb_condition_text(out, source->items, &ask->conditions[i], err);
        if (status == REC_OK)
            status = rec_buffer_puts(out, "\n", err);
    }
    return status;
}

static rec_status put_facts(bool *has_facts, rec_buffer *out, const rec_emb_writer_source *source,
                            const rec_emb_ask *ask, rec_error *err)
{
    const char *title = rec_emb_title(source->items, ask->item);
    rec_status status = REC_OK;
    *has_facts = ask->kind == REC_EMB_SUMMARY       ? ask->n_history > 0
                 : ask->kind == REC_EMB_MISSPELLING ? title != NULL
                                                    : ask->n_conditions > 0;
    if (!*has_facts)
        return REC_OK;
    if (ask->kind == REC_EMB_MISSPELLING)
        return rec_buffer_puts(out, title, err);
    if (ask->kind == REC_EMB_SUMMARY || ask->kind == REC_EMB_DIALOGUE)
        status = put_history(out, source, ask, err);
    if (status == REC_OK && ask->kind == REC_EMB_DIALOGUE)
        status = rec_buffer_puts(out, "wanted:\n", err);
    if (status == REC_OK && ask->kind != REC_EMB_SUMMARY)
        status = put_conditions(out, source, ask, err);
    *has_facts = out->length > 0;
    return status;
}

/* ---- prompts ---- */

/* A form of ours, its %s filled where it has one. */
static rec_status put_form(rec_buffer *out, const char *form, const char *with, rec_error *err)
{
    const char *slot = strchr(form, '%');
    if (slot == NULL)
        return rec_buffer_puts(out, form, err);
    rec_status status = rec_buffer_append(out, form, (size_t)(slot - form), err);
    if (status == REC_OK)
        status = rec_buffer_puts(out, with, err);
    return status == REC_OK ? rec_buffer_puts(out, slot + 2, err) : status;
}

static rec_status put_style(rec_buffer *out, const rec_emb_ask *ask, rec_error *err)
{
    const rec_emb_style *s = &ask->style;
    if (ask->kind == REC_EMB_MISSPELLING)
        return REC_OK;
    if (ask->kind != REC_EMB_DIALOGUE)
        return rec_buffer_printf(out, err, "%s%s%s", voices[s->voice], clarities[s->clarity],
                                 levels[s->level]);
    return rec_buffer_printf(
        out, err,
        "The user speaks %zu times, tells the history first, then one or two of the wishes at a "
        "time.%s The title of what is wanted is never said. Each line begins with \"User:\" or "
        "\"Assistant:\", the last one is the user's.%s",
        s->turns + 2,
        s->guesses ? " The assistant makes one wrong guess, which the user declines." : "",
        levels[s->level]);
}

rec_status rec_emb_prompt_make(bool *has_facts, rec_emb_prompt *out,
                               const rec_emb_writer_source *source, const rec_emb_ask *ask,
                               rec_error *err)
{
    const struct {
        const char *const *before, *const *after;
        bool is_plural;
    } forms[REC_EMB_N_TEXT_KINDS] = {
        [REC_EMB_SUMMARY] = {summary_before, summary_after, true},
        [REC_EMB_DESCRIPTION] = {description_before, description_after, false},
        [REC_EMB_DISLIKE] = {dislike_before, dislike_after, false},
        [REC_EMB_MISSPELLING] = {misspelling_before, misspelling_after, false},
        [REC_EMB_DIALOGUE] = {dialogue_before, dialogue_after, true},
    };
    char words[24];
    rec_status status;
    *out = (rec_emb_prompt){.before = {.length = 0}};
    snprintf(words, sizeof words, "%zu", ask->style.words);
    REC_TRY(put_facts(has_facts, &out->facts, source, ask, err));
    if (!*has_facts)
        return REC_OK;
    REC_TRY(put_form(&out->before, forms[ask->kind].before[ask->set],
                     forms[ask->kind].is_plural ? source->items->nouns : source->items->noun, err));
    REC_TRY(put_form(&out->after, forms[ask->kind].after[ask->set], words, err));
    status = put_style(&out->after, ask, err);
cleanup:
    if (status != REC_OK)
        rec_emb_prompt_deinit(out);
    return status;
}

static rec_status add_message(cJSON *list, const char *role, const char *text, rec_error *err)
{
    cJSON *message;
    rec_status status = rec_json_add_object(&message, list, NULL, err);
    if (status == REC_OK)
        status = rec_json_add_text(message, "role", role, err);
    return status == REC_OK ? rec_json_add_text(message, "content", text, err) : status;
}

rec_status rec_emb_prompt_json(cJSON *json, const rec_emb_prompt *p, rec_error *err)
{
    cJSON *list;
    rec_buffer text = {.length = 0};
    rec_status status;
    REC_TRY(rec_json_add_array(&list, json, "prompt", err));
    REC_TRY(add_message(list, "system", rec_emb_prompt_system, err));
    REC_TRY(rec_buffer_printf(&text, err, "%s%s%s", p->before.data, p->facts.data, p->after.data));
    status = add_message(list, "user", text.data, err);
cleanup:
    rec_buffer_deinit(&text);
    return status;
}

/* ---- answers ---- */

/* Is it a line "User: ..." or "**Assistant:** ..."? Then *rest is what is said. */
static bool speaks(const char *line, size_t n, const char *speaker, const char **rest)
{
    size_t at = strspn(line, " *\t-"), length = strlen(speaker);
    if (at + length >= n || strncasecmp(line + at, speaker, length) != 0)
        return false;
    at += length;
    at += strspn(line + at, "*");
    if (line[at] != ':')
        return false;
    at++;
    at += strspn(line + at, " *\t");
    *rest = line + at;
    return at < n;
}

static rec_status clean_dialogue(rec_buffer *out, const char *answer, rec_error *err)
{
    size_t end = 0; /* behind the last line of the user */
    rec_status status = REC_OK;
    for (const char *line = answer; *line != '\0' && status == REC_OK;) {
        size_t n = strcspn(line, "\n");
        const char *rest;
        bool is_user = speaks(line, n, "User", &rest);
        if (is_user || speaks(line, n, "Assistant", &rest)) {
            int length = (int)(line + n - rest);
            while (length > 0 && isspace((unsigned char)rest[length - 1]))
                length--;
            status = rec_buffer_printf(out, err, "%s%s: %.*s", out->length > 0 ? "\n" : "",
                                       is_user ? "User" : "Assistant", length, rest);
        }
        if (is_user)
            end = out->length;
        line += n + (line[n] == '\n');
    }
    if (status == REC_OK && out->length > 0) {
        out->length = end; /* the answer turn goes */
        out->data[end] = '\0';
    }
    return status;
}

/* Skip a first line that ends in a colon: "Here is the request:". */
static const char *skip_introduction(const char *answer)
{
    size_t n = strcspn(answer, "\n"), last = n;
    while (last > 0 && isspace((unsigned char)answer[last - 1]))
        last--;
    return answer[n] == '\n' && last > 0 && answer[last - 1] == ':' ? answer + n : answer;
}

/* Skip a label of one word: "Request: ...". */
static const char *skip_label(const char *answer)
{
    size_t n = 0;
    while (isascii((unsigned char)answer[n]) && isalpha((unsigned char)answer[n]))
        n++;
    return n > 0 && answer[n] == ':' && answer[n + 1] == ' ' ? answer + n + 1 : answer;
}

static bool is_margin(char c)
{
    return isspace((unsigned char)c) || c == '"' || c == '*';
}

rec_status rec_emb_prompt_clean(rec_buffer *out, rec_emb_text_kind kind, const char *answer,
                                rec_error *err)
{
    if (kind == REC_EMB_DIALOGUE)
        return clean_dialogue(out, answer, err);
    const char *start = skip_introduction(answer + strspn(answer, " \t\r\n"));
    start = skip_label(start + strspn(start, " \t\r\n"));
    size_t n = strlen(start);
    rec_status status = REC_OK;
    while (n > 0 && is_margin(start[n - 1]))
        n--;
    while (n > 0 && is_margin(*start)) {
        start++;
        n--;
    }
    for (size_t i = 0; i < n && status == REC_OK; i++) {
        bool is_blank = isspace((unsigned char)start[i]);
        if (is_blank && i > 0 && isspace((unsigned char)start[i - 1]))
            continue;
        status = rec_buffer_append(out, is_blank ? " " : &start[i], 1, err);
    }
    return status;
}
