/* Recorded dialogues as seeds, read by the redial reader from files of a few lines. */
#include <sys/stat.h>

#include "harness/tasks/conversation.h"
#include "tests/folder.h"
#include "tests/suite.h"

static const char catalogue[] =
    "{\"1\": {\"name\": \"Heat (1995)\", \"genre\": [\"crime\"]}, \"2\": {\"name\": \"Her "
    "(2013)\", "
    "\"genre\": [\"drama\"]}, \"3\": {\"name\": \"Up (2009)\", \"genre\": [\"family\"]}}";
static const char messages[] =
    "{\"conversationId\": \"7\", \"initiatorWorkerId\": 5, \"messages\": [{\"senderWorkerId\": 5, "
    "\"text\": \"Hi @1\"}], \"movieMentions\": {}, \"initiatorQuestions\": {\"1\": {\"liked\": 1}, "
    "\"2\": {\"liked\": 1}, \"3\": {\"liked\": 1}}}\n";
static const char turns[] =
    "{\"dialog_id\": \"7\", \"turn_id\": 1, \"context\": [\"Hello\", \"Hi, I liked Heat (1995)\"], "
    "\"entity\": [\"Heat (1995)\", \"crime\", \"Up (2009)\", \"Heat (1995)\"], \"rec\": [\"Up "
    "(2009)\", \"Her (2013)\"], \"resp\": \"Her\"}\n"
    "{\"dialog_id\": \"7\", \"turn_id\": 3, \"context\": [\"Hello\"], \"entity\": [], \"rec\": [], "
    "\"resp\": \"bye\"}\n"
    "{\"dialog_id\": \"8\", \"turn_id\": 1, \"context\": [\"Hey\"], \"entity\": [], \"rec\": "
    "[\"Heat (1995)\"], \"resp\": \"x\"}\n";

static rec_dataset *load(void)
{
    rec_dataset *d;
    rec_yaml *map;
    char text[256];
    mkdir(test_path("redial"), 0777);
    test_write("redial/id2info.json", catalogue, sizeof catalogue - 1);
    test_write("redial/valid_data.jsonl", messages, sizeof messages - 1);
    test_write("redial/test_data_processed.jsonl", turns, sizeof turns - 1);
    snprintf(text, sizeof text, "{type: redial, path: \"%s\"}", test_path("redial"));
    ck_assert_ok(rec_yaml_parse(&map, text, strlen(text), "d.yaml", err));
    ck_assert_ok(rec_dataset_load(&d, map, 1, err));
    rec_yaml_free(map);
    return d;
}

START_TEST(rows_with_targets_become_samples)
{
    rec_dataset *d = load();
    rec_sample_set set;
    const rec_task_data data = {.dataset = d, .seed = 1, .user_seed = 1};
    const rec_conversation_options o = {.seeds = REC_SEEDS_DIALOGUES};
    uint32_t heat = rec_dataset_item(d, "1"), her = rec_dataset_item(d, "2");
    uint32_t up = rec_dataset_item(d, "3");
    ck_assert_ok(rec_dialogue_samples(&set, &o, &data, err));
    ck_assert_uint_eq(set.n, 2);
    ck_assert_uint_eq(set.n_skipped, 1);
    const rec_sample *s = &set.samples[0];
    ck_assert_str_eq(s->name, "7");
    ck_assert_uint_eq(s->n_targets, 2);
    ck_assert_uint_eq(s->targets[0], up);
    ck_assert_uint_eq(s->targets[1], her);
    ck_assert_uint_eq(s->query.n_history, 1); /* a target and a word that is no item are left out */
    ck_assert_uint_eq(s->query.history[0], heat);
    ck_assert_uint_eq(set.samples[1].turn, 2);
    ck_assert_uint_eq(set.samples[1].user, 1);
    ck_assert_uint_eq(set.samples[1].query.n_history, 0);
    size_t n;
    const char *const *context = rec_dialogue_context(&n, &o, d, s);
    ck_assert_uint_eq(n, 2);
    ck_assert_str_eq(context[1], "Hi, I liked Heat (1995)");
    const rec_conversation_options other = {.seeds = REC_SEEDS_INTERACTIONS};
    rec_dialogue_context(&n, &other, d, s);
    ck_assert_uint_eq(n, 0);
    rec_sample_set_deinit(&set);
    rec_dataset_free(d);
}
END_TEST

/* One of two rows, always the same one for a seed. */
START_TEST(rows_are_drawn_by_seed)
{
    rec_dataset *d = load();
    size_t n_first = 0;
    for (uint64_t seed = 0; seed < 32; seed++) {
        rec_sample_set set, again;
        const rec_task_data data = {.dataset = d, .seed = 1, .user_seed = seed};
        const rec_conversation_options o = {.seeds = REC_SEEDS_DIALOGUES,
                                            .samples = {.samples = 1}};
        ck_assert_ok(rec_dialogue_samples(&set, &o, &data, err));
        ck_assert_ok(rec_dialogue_samples(&again, &o, &data, err));
        ck_assert_uint_eq(set.n, 1);
        ck_assert_uint_eq(set.samples[0].turn, again.samples[0].turn);
        n_first += set.samples[0].turn == 0;
        rec_sample_set_deinit(&set);
        rec_sample_set_deinit(&again);
    }
    ck_assert(n_first > 4 && n_first < 28);
    rec_dataset_free(d);
}
END_TEST

START_TEST(data_without_dialogues)
{
    rec_sample_set set;
    const rec_dataset bare = {.n_users = 0};
    const rec_conversation_options o = {.seeds = REC_SEEDS_DIALOGUES};
    char name[] = "turns", column[] = "dialogue_id";
    rec_column columns[] = {{.name = column, .type = REC_COLUMN_TEXT}};
    rec_table table = {.name = name, .n_rows = 0, .n_columns = 1, .columns = columns};
    const rec_dataset odd = {.n_tables = 1, .tables = &table};
    const rec_task_data of_bare = {.dataset = &bare}, of_odd = {.dataset = &odd};
    ck_assert_fails(rec_dialogue_samples(&set, &o, &of_bare, err), REC_ERR_DATA, "no table");
    ck_assert_fails(rec_dialogue_samples(&set, &o, &of_odd, err), REC_ERR_DATA,
                    "no column \"context\"");
}
END_TEST

REC_SUITE("harness/tasks/dialogue_samples",
          tcase_add_checked_fixture(t, test_folder, test_folder_remove);
          tcase_add_test(t, rows_with_targets_become_samples);
          tcase_add_test(t, rows_are_drawn_by_seed); tcase_add_test(t, data_without_dialogues);)
