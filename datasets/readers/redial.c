/* ReDial ("Towards deep conversational recommendations", NeurIPS 2018) as iEvaLM-CRS prepares it:
 * id2info.json (the catalogue), raw dialogues and evaluation turns as JSON lines. Dialogues become table
 * "messages", turns table "turns". Interactions are the movies that seekers say they liked, in the
 * order of the dialogues; there are no times. */
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/json.h"
#include "core/memory.h"
#include "datasets/item_json.h"
#include "datasets/json_lines.h"
#include "datasets/reader.h"
#include "datasets/reader_paths.h"
#include "datasets/strings.h"

typedef struct redial {
    char *path, *dialogues, *turns;
    bool likes;
} redial;

static const rec_option redial_options[] = {
    {"path", "folder with id2info.json", offsetof(redial, path), REC_OPT_STRING, .required = true},
    {"dialogues", "file of raw dialogues", offsetof(redial, dialogues), REC_OPT_STRING,
     .text = "valid_data.jsonl"},
    {"turns", "file of evaluation turns", offsetof(redial, turns), REC_OPT_STRING,
     .text = "test_data_processed.jsonl"},
    {"likes", "what seekers liked becomes interactions", offsetof(redial, likes), REC_OPT_BOOL,
     .value = 1},
    {.key = NULL},
};

typedef struct message_columns {
    rec_table_builder *table;
    rec_column_builder *dialogue, *sender, *text, *items;
} message_columns;

typedef struct turn_columns {
    rec_table_builder *table;
    rec_column_builder *dialogue, *turn, *context, *entities, *targets, *response;
} turn_columns;

typedef struct reading {
    rec_builder *b;
    bool likes;
    message_columns messages;
    turn_columns turns;
    rec_strings *pool;
    rec_interner titles; /* title -> number; items_of[number] is the first item called so */
    uint32_t *items_of;  /* owned */
} reading;

/* ---- titles ---- */

static rec_status index_titles(reading *c, rec_error *err)
{
    rec_status status = REC_OK;
    size_t n = rec_builder_n_items(c->b);
    REC_TRY(rec_strings_new(&c->pool, err));
    c->titles.pool = c->pool;
    REC_TRY_NEW(c->items_of, n, err);
    for (uint32_t i = 0; i < n; i++) {
        const char *title = rec_builder_title_of(c->b, i);
        uint32_t number;
        size_t known = c->titles.n;
        if (title == NULL)
            continue;
        REC_TRY(rec_interner_add(&number, &c->titles, title, strlen(title), err));
        if (c->titles.n > known)
            c->items_of[number] = i;
    }
cleanup:
    return status;
}

/* ---- dialogues ---- */

static rec_status make_message_columns(message_columns *c, rec_builder *b, rec_error *err)
{
    rec_status status = REC_OK;
    REC_TRY(rec_builder_table(&c->table, b, "messages", err));
    REC_TRY(rec_table_builder_column(&c->dialogue, c->table, "dialogue_id", REC_COLUMN_TEXT, err));
    REC_TRY(rec_table_builder_column(&c->sender, c->table, "sender", REC_COLUMN_TEXT, err));
    REC_TRY(rec_table_builder_column(&c->text, c->table, "text", REC_COLUMN_TEXT, err));
    REC_TRY(rec_table_builder_column(&c->items, c->table, "items", REC_COLUMN_TEXTS, err));
cleanup:
    return status;
}

/* Items are mentioned as @ID. */
static rec_status add_mentions(reading *c, size_t row, const char *text, rec_error *err)
{
    for (const char *at = strchr(text, '@'); at != NULL; at = strchr(at + 1, '@')) {
        size_t n = strspn(at + 1, "0123456789");
        if (n == 0 || rec_builder_find_item(c->b, at + 1, n) == REC_NO_ITEM)
            continue;
        rec_status status = rec_column_add_text(c->messages.items, row, at + 1, n, err);
        if (status != REC_OK)
            return status;
    }
    return REC_OK;
}

static rec_status add_message(reading *c, const char *dialogue, const cJSON *message, double seeker,
                              rec_error *err)
{
    double sender;
    rec_status status = REC_OK;
    const char *text = rec_json_string(message, "text", err);
    if (text == NULL)
        return REC_ERR_DATA;
    REC_TRY(rec_json_number(&sender, message, "senderWorkerId", err));
    const char *role = sender == seeker ? "seeker" : "recommender";
    size_t row = rec_table_builder_row(c->messages.table);
    REC_TRY(rec_column_set_text(c->messages.dialogue, row, dialogue, strlen(dialogue), err));
    REC_TRY(rec_column_set_text(c->messages.sender, row, role, strlen(role), err));
    REC_TRY(rec_column_set_text(c->messages.text, row, text, strlen(text), err));
    REC_TRY(add_mentions(c, row, text, err));
cleanup:
    return status;
}

/* Mentioned movies that id2info.json lacks join the catalogue under the title of the mention. */
static rec_status add_mentioned_items(reading *c, const cJSON *mentions, rec_error *err)
{
    const cJSON *mention;
    rec_status status = REC_OK;
    cJSON_ArrayForEach(mention, mentions)
    {
        uint32_t item;
        if (mention->string == NULL || !cJSON_IsString(mention) ||
            rec_builder_find_item(c->b, mention->string, strlen(mention->string)) != REC_NO_ITEM)
            continue;
        REC_TRY(rec_builder_item(&item, c->b, mention->string, strlen(mention->string), err));
        REC_TRY(
            rec_builder_title(c->b, item, mention->valuestring, strlen(mention->valuestring), err));
        REC_TRY(rec_builder_count(c->b, "items_without_metadata", 1, err));
    }
cleanup:
    return status;
}

static rec_status add_likes(reading *c, const cJSON *answers, double seeker, rec_error *err)
{
    const cJSON *answer;
    char id[32];
    uint32_t user, item;
    rec_status status = REC_OK;
    rec_format_double(id, seeker);
    cJSON_ArrayForEach(answer, answers)
    {
        const cJSON *liked = cJSON_GetObjectItemCaseSensitive(answer, "liked");
        if (!c->likes || answer->string == NULL || !cJSON_IsNumber(liked) ||
            liked->valuedouble != 1)
            continue;
        REC_TRY(rec_builder_user(&user, c->b, id, strlen(id), err));
        REC_TRY(rec_builder_item(&item, c->b, answer->string, strlen(answer->string), err));
        REC_TRY(rec_builder_add(c->b, user, item, 1.0f, 0.0, REC_PART_NONE, err));
    }
cleanup:
    return status;
}

static rec_status add_dialogue(void *context, const cJSON *object, size_t line, rec_error *err)
{
    reading *c = context;
    const cJSON *messages = cJSON_GetObjectItemCaseSensitive(object, "messages"), *message;
    const cJSON *answers = cJSON_GetObjectItemCaseSensitive(object, "initiatorQuestions");
    const char *dialogue = rec_json_string(object, "conversationId", err);
    double seeker;
    rec_status status = REC_OK;
    (void)line;
    if (dialogue == NULL)
        return REC_ERR_DATA;
    REC_TRY(rec_json_number(&seeker, object, "initiatorWorkerId", err));
    if (!cJSON_IsArray(messages)) {
        status = rec_fail(err, REC_ERR_DATA, "messages: not a list");
        goto cleanup;
    }
    REC_TRY(add_mentioned_items(c, cJSON_GetObjectItemCaseSensitive(object, "movieMentions"), err));
    cJSON_ArrayForEach(message, messages)
    {
        REC_TRY(add_message(c, dialogue, message, seeker, err));
    }
    if (cJSON_IsObject(answers)) /* an unanswered form is written as an empty list */
        REC_TRY(add_likes(c, answers, seeker, err));
    else
        REC_TRY(rec_builder_count(c->b, "dialogues_without_answers", 1, err));
cleanup:
    return status;
}

/* ---- turns ---- */

static rec_status make_turn_columns(turn_columns *c, rec_builder *b, rec_error *err)
{
    rec_status status = REC_OK;
    REC_TRY(rec_builder_table(&c->table, b, "turns", err));
    REC_TRY(rec_table_builder_column(&c->dialogue, c->table, "dialogue_id", REC_COLUMN_TEXT, err));
    REC_TRY(rec_table_builder_column(&c->turn, c->table, "turn_id", REC_COLUMN_NUMBER, err));
    REC_TRY(rec_table_builder_column(&c->context, c->table, "context", REC_COLUMN_TEXTS, err));
    REC_TRY(rec_table_builder_column(&c->entities, c->table, "entities", REC_COLUMN_TEXTS, err));
    REC_TRY(rec_table_builder_column(&c->targets, c->table, "targets", REC_COLUMN_TEXTS, err));
    REC_TRY(rec_table_builder_column(&c->response, c->table, "response", REC_COLUMN_TEXT, err));
cleanup:
    return status;
}

/* Targets are titles in the file and ids in the table. */
static rec_status add_targets(reading *c, size_t row, const cJSON *titles, rec_error *err)
{
    const cJSON *title;
    rec_status status = REC_OK;
    cJSON_ArrayForEach(title, titles)
    {
        if (!cJSON_IsString(title))
            return rec_fail(err, REC_ERR_DATA, "rec: not a list of titles");
        const char *text = title->valuestring;
        uint32_t number = rec_interner_find(&c->titles, text, strlen(text));
        if (number == UINT32_MAX) {
            status = rec_builder_count(c->b, "targets_without_item", 1, err);
        } else {
            const char *id = rec_builder_item_id(c->b, c->items_of[number]);
            status = rec_column_add_text(c->turns.targets, row, id, strlen(id), err);
        }
        if (status != REC_OK)
            return status;
    }
    return REC_OK;
}

static rec_status add_turn(void *context, const cJSON *object, size_t line, rec_error *err)
{
    reading *c = context;
    turn_columns *t = &c->turns;
    double turn;
    rec_status status = REC_OK;
    const char *dialogue = rec_json_string(object, "dialog_id", err);
    const char *response = dialogue != NULL ? rec_json_string(object, "resp", err) : NULL;
    (void)line;
    if (response == NULL)
        return REC_ERR_DATA;
    REC_TRY(rec_json_number(&turn, object, "turn_id", err));
    size_t row = rec_table_builder_row(t->table);
    REC_TRY(rec_column_set_text(t->dialogue, row, dialogue, strlen(dialogue), err));
    REC_TRY(rec_column_set_number(t->turn, row, turn, err));
    REC_TRY(rec_json_add_list(t->context, row, cJSON_GetObjectItemCaseSensitive(object, "context"),
                              err));
    REC_TRY(rec_json_add_list(t->entities, row, cJSON_GetObjectItemCaseSensitive(object, "entity"),
                              err));
    REC_TRY(add_targets(c, row, cJSON_GetObjectItemCaseSensitive(object, "rec"), err));
    REC_TRY(rec_column_set_text(t->response, row, response, strlen(response), err));
cleanup:
    return status;
}

/* ---- files ---- */

static rec_status read_catalogue(reading *c, const char *folder, rec_error *err)
{
    rec_status status = REC_OK;
    char *path = NULL;
    char *names[] = {"name"};
    rec_string_list titles = {.items = names, .n = 1};
    rec_item_json_rules rules = {.titles = &titles, .map = true};
    REC_TRY(rec_reader_need_file(&path, folder, "id2info.json", err));
    REC_TRY(rec_item_json_read(c->b, path, &rules, err));
cleanup:
    free(path);
    return status;
}

static rec_status read_lines(reading *c, const char *folder, const char *name, rec_json_line_fn add,
                             rec_error *err)
{
    char *path = NULL;
    if (name == NULL || name[0] == '\0')
        return REC_OK;
    rec_status status = rec_reader_file(&path, folder, name, err);
    if (status == REC_OK && path != NULL)
        status = rec_json_lines_read(path, c->b, add, c, err);
    free(path);
    return status;
}

static rec_status redial_read(const void *self, rec_builder *b, uint64_t seed, rec_error *err)
{
    const redial *o = self;
    rec_status status = REC_OK;
    char *folder = NULL;
    reading c = {.b = b, .likes = o->likes};
    (void)seed;
    REC_TRY(rec_data_path(&folder, o->path, err));
    REC_TRY(read_catalogue(&c, folder, err));
    REC_TRY(make_message_columns(&c.messages, b, err));
    REC_TRY(read_lines(&c, folder, o->dialogues, add_dialogue, err));
    REC_TRY(index_titles(&c, err));
    REC_TRY(make_turn_columns(&c.turns, b, err));
    REC_TRY(read_lines(&c, folder, o->turns, add_turn, err));
cleanup:
    free(c.items_of);
    rec_interner_deinit(&c.titles);
    rec_strings_free(c.pool);
    free(folder);
    return status;
}

static bool redial_recognises(const char *path)
{
    return rec_path_is_folder(path) && rec_folder_has(path, "id2info.json");
}

const rec_reader rec_reader_redial = {
    .name = "redial",
    .help = "ReDial dialogues, evaluation turns and movies",
    .files = "id2info.json, valid_data.jsonl, test_data_processed.jsonl",
    .size = sizeof(redial),
    .options = redial_options,
    .recognises = redial_recognises,
    .read = redial_read,
};
