#include "models/lm/chat.h"

#include <stdlib.h>
#include <string.h>

#include "core/memory.h"

enum { N_ROLES = 3 };
static const char *const role_names[N_ROLES] = {"system", "user", "assistant"};

/* One way to write conversations. The strings are facts of the checkpoints' documentation. */
typedef struct family {
    const char *name;
    const char *marks[3]; /* the template text holds all of these */
    const char *absent;   /* and not this one */
    const char *control;  /* control strings it may use, blank-separated */
    const char *begin;
    const char *open[N_ROLES], *close[N_ROLES];
    const char *generate;
    const char *fold_open,
        *fold_close; /* around a system text that is put into the first user turn */
    bool folds_system;
    bool trims;
    bool fold_is_content; /* only the end of a user text behind a system text is trimmed */
    const char *end_of_turn;
} family;

static const family families[] = {
    {
        .name = "chatml",
        .marks = {"<|im_start|>", "<|im_end|>"},
        .control =
            "<|im_start|> <|im_end|> <|endoftext|> <tools> </tools> <tool_call> </tool_call> "
            "<tool_response> </tool_response> <think> </think> <function-name> "
            "<args-json-object>",
        .begin = "",
        .open = {"<|im_start|>system\n", "<|im_start|>user\n", "<|im_start|>assistant\n"},
        .close = {"<|im_end|>\n", "<|im_end|>\n", "<|im_end|>\n"},
        .generate = "<|im_start|>assistant\n",
        .end_of_turn = "<|im_end|>",
    },
    {
        .name = "llama3",
        .marks = {"<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>"},
        .control = "<|begin_of_text|> <|start_header_id|> <|end_header_id|> <|eot_id|> "
                   "<|python_tag|> <|eom_id|>",
        .begin = "<|begin_of_text|>",
        .open = {"<|start_header_id|>system<|end_header_id|>\n\n",
                 "<|start_header_id|>user<|end_header_id|>\n\n",
                 "<|start_header_id|>assistant<|end_header_id|>\n\n"},
        .close = {"<|eot_id|>", "<|eot_id|>", "<|eot_id|>"},
        .generate = "<|start_header_id|>assistant<|end_header_id|>\n\n",
        .trims = true,
        .end_of_turn = "<|eot_id|>",
    },
    {
        .name = "gemma",
        .marks = {"<start_of_turn>", "<end_of_turn>"},
        .control = "<bos> <start_of_turn> <end_of_turn> <start_of_image>",
        .begin = "<bos>",
        .open = {"", "<start_of_turn>user\n", "<start_of_turn>model\n"},
        .close = {"", "<end_of_turn>\n", "<end_of_turn>\n"},
        .generate = "<start_of_turn>model\n",
        .fold_open = "",
        .fold_close = "\n\n",
        .folds_system = true,
        .trims = true,
        .end_of_turn = "<end_of_turn>",
    },
    {
        .name = "llama2",
        .marks = {"[INST]", "<<SYS>>"},
        .control = "<s> </s> [INST] [/INST] <<SYS>> <</SYS>>",
        .begin = "",
        .open = {"", "<s>[INST] ", " "},
        .close = {"", " [/INST]", " </s>"},
        .generate = "",
        .fold_open = "<<SYS>>\n",
        .fold_close = "\n<</SYS>>\n\n",
        .folds_system = true,
        .trims = true,
        .fold_is_content = true,
        .end_of_turn = "</s>",
    },
    {
        .name = "mistral",
        .marks = {"[INST]", "[/INST]"},
        .absent = "<<SYS>>",
        .control = "<s> </s> [INST] [/INST]",
        .begin = "<s>",
        .open = {"", "[INST] ", ""},
        .close = {"", " [/INST]", "</s>"},
        .generate = "",
        .fold_open = "",
        .fold_close = "\n\n",
        .folds_system = true,
        .end_of_turn = "</s>",
    },
    {
        .name = "phi3",
        .marks = {"<|user|>", "<|assistant|>", "<|end|>"},
        .control = "<|system|> <|user|> <|assistant|> <|end|> <|endoftext|>",
        .begin = "",
        .open = {"<|system|>\n", "<|user|>\n", "<|assistant|>\n"},
        .close = {"<|end|>\n", "<|end|>\n", "<|end|>\n"},
        .generate = "<|assistant|>\n",
        .end_of_turn = "<|end|>",
    },
    {
        .name = "zephyr",
        .marks = {"<|user|>", "<|assistant|>"},
        .absent = "<|end|>",
        .control = "<|system|> <|user|> <|assistant|> <s> </s>",
        .begin = "",
        .open = {"<|system|>\n", "<|user|>\n", "<|assistant|>\n"},
        .close = {"</s>\n", "</s>\n", "</s>\n"},
        .generate = "<|assistant|>\n",
        .end_of_turn = "</s>",
    },
};
enum { N_FAMILIES = sizeof families / sizeof *families };

static const char family_names[] = "chatml, llama2, llama3, gemma, mistral, phi3, zephyr";

struct rec_chat_template {
    const family *family;
    char *default_system; /* owned, or NULL */
    char *system_prefix;  /* owned, or NULL: what the template puts before any system text */
    const char *close_user, *open_assistant; /* variants inside a family */
    bool system_last;                        /* a system text goes into the last user turn */
    bool no_system;                          /* the template refuses or ignores system texts */
};

void rec_chat_template_free(rec_chat_template *t)
{
    if (t == NULL)
        return;
    free(t->default_system);
    free(t->system_prefix);
    free(t);
}

/* ---- recognition ---- */

static bool matches(const family *f, const char *jinja)
{
    for (size_t i = 0; i < 3 && f->marks[i] != NULL; i++)
        if (strstr(jinja, f->marks[i]) == NULL)
            return false;
    return f->absent == NULL || strstr(jinja, f->absent) == NULL;
}

static bool is_allowed(const family *f, const char *control, size_t n)
{
    for (const char *at = f->control; *at != '\0';) {
        size_t length = strcspn(at, " ");
        if (length == n && memcmp(at, control, n) == 0)
            return true;
        at += length + (at[length] == ' ');
    }
    return false;
}

/* Length of a control string at `text`: <...> or [...] of up to 40 characters that no expression of
 * Jinja looks like (no blanks, quotes, operators, indices). 0 when there is none. */
static size_t control_at(const char *text)
{
    char end = text[0] == '<' ? '>' : text[0] == '[' ? ']' : '\0';
    if (end == '\0')
        return 0;
    size_t n = 1;
    bool letter = false;
    while (n < 40 && text[n] != '\0' && strchr(" '\"=+,:%{}()", text[n]) == NULL) {
        letter |=
            (text[n] >= 'A' && text[n] <= 'Z') || (end == '>' && text[n] >= 'a' && text[n] <= 'z');
        if (text[n++] != end)
            continue;
        if (end == '>' && text[n] == '>') /* <<SYS>> */
            n++;
        return letter && n > 2 ? n : 0;
    }
    return 0;
}

/* Whatever control string the template writes must belong to the family: otherwise it does
 * something that is not reproduced here. */
static rec_status check_whole(const family *f, const char *jinja, rec_error *err)
{
    for (const char *at = jinja; *at != '\0';) {
        size_t n = control_at(at);
        if (n > 0 && !is_allowed(f, at, n))
            return rec_fail(
                err, REC_ERR_MODEL,
                "the chat template looks like %s but also writes %.*s; pick a family with "
                "the option chat_template (%s)",
                f->name, (int)n, at, family_names);
        at += n > 0 ? n : 1;
    }
    return REC_OK;
}

/* A begin-of-sequence token in front of turns that the family writes without one: which token that is
 * stands elsewhere. */
static rec_status check_beginning(const family *f, const char *jinja, rec_error *err)
{
    return f->begin[0] != '\0' || f->folds_system || strstr(jinja, "bos_token") == NULL
               ? REC_OK
               : rec_fail(
                     err, REC_ERR_MODEL,
                     "the chat template looks like %s but also writes bos_token; pick a family "
                     "with the option chat_template (%s)",
                     f->name, family_names);
}

static const family *find_family(const char *name)
{
    for (size_t i = 0; i < N_FAMILIES; i++)
        if (strcmp(families[i].name, name) == 0)
            return &families[i];
    return NULL;
}

/* A Jinja string literal's text up to `end`, with \n undone; NULL when an expression comes first. */
static char *literal_until(const char *text, const char *end, rec_error *err)
{
    const char *stop = strstr(text, end);
    if (stop == NULL)
        return NULL;
    char *out = rec_alloc((size_t)(stop - text) + 1, 1, err);
    if (out == NULL)
        return NULL;
    size_t n = 0;
    for (const char *c = text; c < stop; c++) {
        if ((*c == '\'' && (c[1] == ' ' || c[1] == '+' || c[1] == '}')) || *c == '{' || *c == '"') {
            free(out); /* the literal ends before: what follows is a variable */
            return NULL;
        }
        bool line_end = c[0] == '\\' && c[1] == 'n';
        if (c[0] == '\\')
            c++;
        out[n++] = line_end ? '\n' : *c;
    }
    return out;
}

/* ChatML: '<|im_start|>system\nTEXT<|im_end|>' written out in the template is its default. */
static rec_status find_default_system(rec_chat_template *t, const char *jinja, rec_error *err)
{
    static const char *const starts[] = {"<|im_start|>system\\n", "<|im_start|>system\n"};
    if (strcmp(t->family->name, "chatml") != 0)
        return REC_OK;
    for (size_t s = 0; s < 2; s++)
        for (const char *at = strstr(jinja, starts[s]); at != NULL && t->default_system == NULL;
             at = strstr(at + 1, starts[s])) {
            rec_error failure = {.status = REC_OK};
            t->default_system = literal_until(at + strlen(starts[s]), "<|im_end|>", &failure);
            if (failure.status != REC_OK)
                return rec_fail(err, failure.status, "%s", failure.message);
        }
    return REC_OK;
}

/* Llama 3.1 and later begin every system text with two dates; "today" is the constant that their
 * template falls back to, since a run must not depend on the clock. */
static rec_status find_variants(rec_chat_template *t, const char *jinja, rec_error *err)
{
    const char *name = t->family->name;
    if (strcmp(name, "llama3") == 0 && strstr(jinja, "Cutting Knowledge Date") != NULL) {
        t->system_prefix = rec_strdup("Cutting Knowledge Date: December 2023\n"
                                      "Today Date: 26 Jul 2024\n\n",
                                      err);
        t->default_system = rec_strdup("", err);
        if (t->system_prefix == NULL || t->default_system == NULL)
            return REC_ERR_RESOURCE;
    }
    /* Later Mistral releases dropped the blank before [/INST] and put it before the answer; their
     * system text stands in the last user turn. */
    if (strcmp(name, "mistral") == 0 && strstr(jinja, " [/INST]") == NULL) {
        t->close_user = "[/INST]";
        t->open_assistant = " ";
        t->system_last = strstr(jinja, "loop.last and system_message") != NULL;
    }
    if (t->family->folds_system)
        t->no_system = strstr(jinja, "== 'system'") == NULL ||
                       strstr(jinja, "System role not supported") != NULL;
    return REC_OK;
}

rec_status rec_chat_template_new(rec_chat_template **out, const char *jinja, const char *name,
                                 rec_error *err)
{
    const family *f = name != NULL ? find_family(name) : NULL;
    if (name != NULL && f == NULL)
        return rec_fail(err, REC_ERR_CONFIG, "unknown chat_template \"%s\" (known: %s)", name,
                        family_names);
    if (f == NULL && jinja == NULL)
        return rec_fail(err, REC_ERR_MODEL,
                        "the checkpoint has no chat template; pick a family with the option "
                        "chat_template (%s)",
                        family_names);
    for (size_t i = 0; f == NULL && i < N_FAMILIES; i++)
        if (matches(&families[i], jinja))
            f = &families[i];
    if (f == NULL)
        return rec_fail(err, REC_ERR_MODEL,
                        "the chat template is of no known family; pick one with the option "
                        "chat_template (%s)",
                        family_names);
    rec_status status = name == NULL ? check_whole(f, jinja, err) : REC_OK;
    if (status != REC_OK)
        return status;
    rec_chat_template *t = rec_alloc(1, sizeof *t, err);
    if (t == NULL)
        return REC_ERR_RESOURCE;
    *t = (rec_chat_template){.family = f,
                             .close_user = f->close[REC_ROLE_USER],
                             .open_assistant = f->open[REC_ROLE_ASSISTANT]};
    if (jinja != NULL && matches(f, jinja)) {
        status = name == NULL ? check_beginning(f, jinja, err) : REC_OK;
        if (status == REC_OK)
            status = find_default_system(t, jinja, err);
        if (status == REC_OK)
            status = find_variants(t, jinja, err);
    }
    if (status != REC_OK) {
        rec_chat_template_free(t);
        return status;
    }
    *out = t;
    return REC_OK;
}

const char *rec_chat_template_family(const rec_chat_template *t)
{
    return t->family->name;
}

const char *rec_chat_template_default_system(const rec_chat_template *t)
{
    return t->default_system;
}

const char *rec_chat_template_end_of_turn(const rec_chat_template *t)
{
    return t->family->end_of_turn;
}

/* ---- rendering ---- */

static rec_status put(rec_chat_text *out, const char *text, size_t n, bool trusted, rec_error *err)
{
    rec_status status = rec_buffer_append(&out->text, text, n, err);
    char mark = trusted ? 1 : 0;
    for (size_t i = 0; i < n && status == REC_OK; i++)
        status = rec_buffer_append(&out->trusted, &mark, 1, err);
    return status;
}

static rec_status put_control(rec_chat_text *out, const char *text, rec_error *err)
{
    return text != NULL ? put(out, text, strlen(text), true, err) : REC_OK;
}

/* The end of the message that starts at part i. */
static size_t message_end(const rec_chat_part *parts, size_t n, size_t i)
{
    size_t end = i + 1;
    while (end < n && parts[end].role == parts[i].role)
        end++;
    return end;
}

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* White space to cut off a message. */
typedef struct trimming {
    bool left, right;
} trimming;

/* All parts of one message. */
static rec_status put_content(rec_chat_text *out, trimming trim, const rec_chat_part *parts,
                              size_t n, rec_error *err)
{
    rec_status status = REC_OK;
    size_t start = out->text.length;
    for (size_t i = 0; i < n && status == REC_OK; i++) {
        const char *text = parts[i].text;
        while (trim.left && out->text.length == start && is_space(*text))
            text++;
        status = put(out, text, strlen(text), parts[i].trusted, err);
    }
    while (trim.right && out->text.length > start &&
           is_space(out->text.data[out->text.length - 1])) {
        out->text.data[--out->text.length] = '\0';
        out->trusted.length--;
    }
    return status;
}

/* A system text as a turn of its own. */
static rec_status put_system_turn(rec_chat_text *out, const rec_chat_template *t,
                                  const rec_chat_part *parts, size_t n, rec_error *err)
{
    rec_status status = REC_OK;
    REC_TRY(put_control(out, t->family->open[REC_ROLE_SYSTEM], err));
    REC_TRY(put_control(out, t->system_prefix, err));
    const trimming trim = {t->family->trims, t->family->trims};
    REC_TRY(put_content(out, trim, parts, n, err));
    REC_TRY(put_control(out, t->family->close[REC_ROLE_SYSTEM], err));
cleanup:
    return status;
}

static rec_status put_turn(rec_chat_text *out, const rec_chat_template *t,
                           const rec_chat_part *system, size_t n_system, const rec_chat_part *parts,
                           size_t n, rec_error *err)
{
    rec_status status = REC_OK;
    bool user = parts[0].role == REC_ROLE_USER;
    REC_TRY(put_control(out, user ? t->family->open[REC_ROLE_USER] : t->open_assistant, err));
    if (n_system > 0) {
        REC_TRY(put_control(out, t->family->fold_open, err));
        REC_TRY(put_content(out, (trimming){false, false}, system, n_system, err));
        REC_TRY(put_control(out, t->family->fold_close, err));
    }
    bool inside = n_system > 0 && t->family->fold_is_content;
    const trimming trim = {t->family->trims && !inside, t->family->trims};
    REC_TRY(put_content(out, trim, parts, n, err));
    REC_TRY(put_control(out, user ? t->close_user : t->family->close[REC_ROLE_ASSISTANT], err));
cleanup:
    return status;
}

/* Where the last message of the user starts; n when there is none. */
static size_t last_user(const rec_chat_part *parts, size_t n)
{
    size_t at = n;
    for (size_t i = 0; i < n; i = message_end(parts, n, i))
        if (parts[i].role == REC_ROLE_USER)
            at = i;
    return at;
}

static rec_status check_order(const rec_chat_template *t, const rec_chat_part *parts, size_t n,
                              rec_error *err)
{
    for (size_t i = 1; i < n; i++)
        if (parts[i].role == REC_ROLE_SYSTEM && parts[i - 1].role != REC_ROLE_SYSTEM)
            return rec_fail(err, REC_ERR_CONFIG, "message %zu: a system message must come first",
                            i);
    size_t first = 0;
    while (first < n && parts[first].role == REC_ROLE_SYSTEM)
        first++;
    if (first > 0 && t->no_system)
        return rec_fail(
            err, REC_ERR_CONFIG,
            "the checkpoint's chat template has no system messages (chat_template: %s puts "
            "them into the user's turn)",
            t->family->name);
    if (t->family->folds_system && (first == n || parts[first].role != REC_ROLE_USER))
        return rec_fail(err, REC_ERR_CONFIG, "the %s chat template begins with a user, not %s",
                        t->family->name, first == n ? "nothing" : role_names[parts[first].role]);
    return REC_OK;
}

rec_status rec_chat_render(rec_chat_text *out, const rec_chat_template *t,
                           const rec_chat_part *parts, size_t n, bool generate, rec_error *err)
{
    rec_status status = REC_OK;
    size_t n_system = n > 0 && parts[0].role == REC_ROLE_SYSTEM ? message_end(parts, n, 0) : 0;
    const rec_chat_part implied = {REC_ROLE_SYSTEM, t->default_system, true};
    REC_TRY(check_order(t, parts, n, err));
    REC_TRY(put_control(out, t->family->begin, err));
    if (!t->family->folds_system && (n_system > 0 || t->default_system != NULL))
        REC_TRY(put_system_turn(out, t, n_system > 0 ? parts : &implied,
                                n_system > 0 ? n_system : 1, err));
    size_t fold_at = t->system_last ? last_user(parts, n) : n_system;
    for (size_t i = n_system, end; i < n; i = end) {
        end = message_end(parts, n, i);
        size_t folded = t->family->folds_system && i == fold_at ? n_system : 0;
        REC_TRY(put_turn(out, t, parts, folded, parts + i, end - i, err));
    }
    if (generate)
        REC_TRY(put_control(out, t->family->generate, err));
    status = put(out, "", 0, true, err);
cleanup:
    return status;
}

void rec_chat_text_deinit(rec_chat_text *text)
{
    rec_buffer_deinit(&text->text);
    rec_buffer_deinit(&text->trusted);
}

rec_status rec_chat_encode(rec_token_list *ids, const rec_tokenizer *t, const rec_chat_text *text,
                           rec_error *err)
{
    return rec_tokenizer_encode_marked(ids, t, text->text.data, text->trusted.data,
                                       text->text.length, err);
}
