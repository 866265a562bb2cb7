/* Every allocation of a dialogue, of its two kinds of users, and of a judged answer fails once: a status
 * with a message, nothing leaks. Replies are constant, so that a job is played from its start. */
#include <string.h>

#include "tests/failing_malloc.h"
#include "tests/harness/tasks/jobs.h"

typedef struct scene {
    const char *yaml;
    const char *system_reply, *helper_reply;
    unsigned can;
} scene;

static const scene *played;

static rec_status read_task(rec_task_entry *out, rec_error *err)
{
    rec_yaml *tree = NULL;
    *out = (rec_task_entry){0};
    rec_status status = rec_yaml_parse(&tree, played->yaml, strlen(played->yaml), "t.yaml", err);
    if (status == REC_OK)
        status = rec_task_entry_init(out, tree, err);
    rec_yaml_free(tree);
    return status;
}

static rec_status play(rec_job *job, rec_error *err)
{
    static const uint32_t ranking[] = {HEAT, HER, ALIEN};
    static const float scores[3];
    rec_status status = job->task->type->step(job, NULL, err);
    while (status == REC_OK && job->n_requests > 0) {
        rec_reply replies[4];
        failing_malloc_check(job->n_requests <= 4);
        for (size_t i = 0; i < job->n_requests; i++) {
            bool is_system = job->requests[i].to == REC_PARTY_SYSTEM;
            replies[i] = (rec_reply){
                .kind = job->requests[i].kind,
                .text = is_system ? played->system_reply : played->helper_reply,
                .n_ranked = 3,
                .n_pool = 3,
                .items = ranking,
                .scores = scores,
            };
        }
        status = job->task->type->step(job, replies, err);
    }
    return status;
}

static rec_status attempt(rec_error *err)
{
    static const uint32_t target = ALIEN;
    const rec_task_data data = {.dataset = &films, .popularity = job_popularity, .seed = 1};
    const rec_sample sample = {
        .query = {.history = job_history, .n_history = 2}, .targets = &target, .n_targets = 1};
    double values[JOB_MAX_COLUMNS], weights[JOB_MAX_COLUMNS], whole[JOB_MAX_COLUMNS];
    char *texts[JOB_MAX_TEXTS] = {NULL};
    rec_task_entry entry;
    rec_sample_set set = {0};
    rec_job job = {.data = &data,
                   .set = &set,
                   .sample = &sample,
                   .can = played->can,
                   .values = values,
                   .weights = weights,
                   .texts = texts};
    rec_status status;
    REC_TRY(read_task(&entry, err));
    job.task = &entry;
    job.n_columns = entry.n_columns;
    if (entry.type->prepare_text != NULL)
        REC_TRY(entry.type->prepare_text(&set, entry.options, &data, err));
    REC_TRY(play(&job, err));
    const rec_task_outcome outcome = {.task = &entry,
                                      .data = &data,
                                      .n_samples = 1,
                                      .n_columns = entry.n_columns,
                                      .values = values};
    if (entry.type->whole_run != NULL)
        status = entry.type->whole_run(whole, &outcome, err);
cleanup:
    for (size_t i = 0; i < JOB_MAX_TEXTS; i++)
        free(texts[i]);
    rec_arena_deinit(&job.arena);
    rec_sample_set_deinit(&set);
    rec_task_entry_deinit(&entry);
    return status;
}

static void exhaust(const scene *s)
{
    played = s;
    ck_assert_uint_gt(failing_malloc_exhaust(attempt), 20);
}

START_TEST(dialogues_with_a_user_by_rules)
{
    exhaust(&(scene){"{type: conversation, max_turns: 2, prompt: {system: \"Recommend {n}.\"}}",
                     "1. Heat (1995)\n2. Her", NULL, REC_CAN_RESPOND});
    exhaust(&(scene){"{type: conversation, max_turns: 2, compat: reclm, prompt: {system: x}}",
                     "Which genre do you like?", NULL, REC_CAN_RESPOND});
    exhaust(&(scene){"{type: conversation, max_turns: 2, list: 2}", NULL, NULL, REC_CAN_SCORE});
}
END_TEST

START_TEST(dialogues_with_a_model)
{
    exhaust(&(scene){"{type: conversation, max_turns: 2, prompt: {system: x}, simulator: {type: "
                     "lm, lm: u, max_verify: 2}}",
                     "1. Heat (1995)", "No. [[NO]]", REC_CAN_RESPOND});
}
END_TEST

START_TEST(judged_answers)
{
    exhaust(&(scene){"{type: explanation, prompt: {user: \"{history} {item}\"}, judge: {type: lm, "
                     "lm: j}, second_judge: {type: random}, baseline: b}",
                     "because", "{\"A\": {\"informativeness\": 1}} [[A]]", REC_CAN_RESPOND});
}
END_TEST

REC_SUITE("harness/tasks/dialogue_alloc", tcase_add_test(t, dialogues_with_a_user_by_rules);
          tcase_add_test(t, dialogues_with_a_model); tcase_add_test(t, judged_answers);)
