/* models/recommenders/process.c: a program of any language that scores, asked through lines of JSON on
 * its standard input and output (docs/process.md is its side of the contract, docs/process_example.py
 * a complete one). It gets the catalogue's ids, the training rows if it wants them, then batches of
 * queries. A program that dies or is late is started again and told everything anew, `restarts` times;
 * an answer that breaks the contract, or that says "error", ends the run with its text. */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "core/child.h"
#include "core/memory.h"
#include "core/progress.h"
#include "models/process_protocol.h"

enum { STOP_SECONDS = 5 };

typedef struct process {
    rec_string_list command;
    double timeout, fit_timeout;
    int64_t restarts;
    bool send_train;
    char *version;
    rec_process_world world;
    struct connection *connection; /* owned */
} process;

/* The running program. One request at a time, whichever thread asks. */
typedef struct connection {
    pthread_mutex_t lock;
    rec_child *child; /* NULL: to be started */
    bool died;        /* the last failure was a death or a delay, not a wrong answer */
    size_t n_starts;
    uint64_t n_requests;
} connection;

static const rec_option process_options[] = {
    {.key = "command",
     .help = "program and arguments, as a list",
     .offset = offsetof(process, command),
     .type = REC_OPT_STRINGS,
     .required = true},
    {.key = "timeout",
     .help = "seconds an answer to a batch of queries may take",
     .offset = offsetof(process, timeout),
     .type = REC_OPT_REAL,
     .value = 60,
     .min = 0.001,
     .max = 1e6},
    {.key = "fit_timeout",
     .help = "seconds from the start of the program until it is ready",
     .offset = offsetof(process, fit_timeout),
     .type = REC_OPT_REAL,
     .value = 3600,
     .min = 0.001,
     .max = 1e6},
    {.key = "restarts",
     .help = "how often it is started again after it died or was late",
     .offset = offsetof(process, restarts),
     .type = REC_OPT_INT,
     .value = 2,
     .min = 0,
     .max = 1000},
    {.key = "send_train",
     .help = "send the training rows before the first query",
     .offset = offsetof(process, send_train),
     .type = REC_OPT_BOOL,
     .value = 1},
    {.key = "version",
     .help = "any text: change it when the program changed, so that old answers are not reused",
     .offset = offsetof(process, version),
     .type = REC_OPT_STRING},
    {.key = NULL},
};

/* ---- the program ---- */

static rec_status spawn(connection *c, const process *m, rec_error *err)
{
    const char **argv = rec_alloc(m->command.n + 1, sizeof *argv, err);
    if (argv == NULL)
        return REC_ERR_RESOURCE;
    for (size_t i = 0; i < m->command.n; i++)
        argv[i] = m->command.items[i];
    rec_status status = rec_child_start(&c->child, argv, err);
    free(argv);
    c->n_starts++;
    return status;
}

/* Ask and wait; a death or a delay leaves no program and is marked as such. */
static rec_status talk(const char **line, size_t *length, connection *c, const rec_buffer *text,
                       double seconds, rec_error *err)
{
    rec_status status =
        rec_child_ask(line, length, c->child, text->data, text->length, seconds, err);
    if (status == REC_OK)
        return REC_OK;
    c->died = status == REC_ERR_MODEL;
    rec_child_stop(c->child, 0);
    c->child = NULL;
    return status;
}

/* Tell it everything and wait until it is ready. */
static rec_status introduce(connection *c, const process *m, rec_error *err)
{
    rec_buffer text = {0};
    const char *line;
    size_t length;
    rec_status status;
    REC_TRY(rec_process_introduction(&text, &m->world, err));
    REC_TRY(talk(&line, &length, c, &text, m->fit_timeout, err));
    REC_TRY(rec_process_parse_ready(line, length, err));
cleanup:
    rec_buffer_deinit(&text);
    return status;
}

/* One attempt: a program that is ready, and its answer to text (NULL: being ready is enough). */
static rec_status attempt(const char **line, size_t *length, connection *c, const process *m,
                          const rec_buffer *text, rec_error *err)
{
    rec_status status = REC_OK;
    c->died = false;
    if (c->child == NULL) {
        REC_TRY(spawn(c, m, err));
        status = introduce(c, m, err);
        if (status != REC_OK) {
            rec_child_stop(c->child, 0);
            c->child = NULL;
            return status;
        }
    }
    if (text != NULL)
        REC_TRY(talk(line, length, c, text, m->timeout, err));
cleanup:
    return status;
}

static rec_status ask(const char **line, size_t *length, connection *c, const process *m,
                      const rec_buffer *text, rec_error *err)
{
    for (;;) {
        rec_error reason = {.status = REC_OK};
        rec_status status = attempt(line, length, c, m, text, &reason);
        if (status == REC_OK)
            return REC_OK;
        if (!c->died || c->n_starts > (size_t)m->restarts)
            return rec_fail(err, status, "%s", reason.message);
        rec_warn("process %s: %s; starting it again (%zu of %lld)", m->command.items[0],
                 reason.message, c->n_starts, (long long)m->restarts);
    }
}

static rec_status score_locked(float *scores, connection *c, const process *m,
                               const rec_query *queries, size_t n, rec_error *err)
{
    rec_buffer text = {0};
    const char *line;
    size_t length;
    uint64_t id = ++c->n_requests;
    rec_status status;
    REC_TRY(rec_process_request(&text, &m->world, id, queries, n, err));
    REC_TRY(ask(&line, &length, c, m, &text, err));
    REC_TRY(rec_process_parse_scores(scores, &m->world, line, length, id, n, err));
cleanup:
    rec_buffer_deinit(&text);
    return status == REC_OK ? REC_OK : rec_error_prefix(err, "process %s", m->command.items[0]);
}

static rec_status process_score(float *scores, const void *self, const rec_query *queries, size_t n,
                                rec_error *err)
{
    const process *m = self;
    connection *c = m->connection;
    pthread_mutex_lock(&c->lock);
    rec_status status = score_locked(scores, c, m, queries, n, err);
    pthread_mutex_unlock(&c->lock);
    return status;
}

/* ---- life ---- */

static rec_status connection_init(process *m, rec_error *err)
{
    m->connection = rec_alloc(1, sizeof *m->connection, err);
    if (m->connection == NULL)
        return REC_ERR_RESOURCE;
    pthread_mutex_init(&m->connection->lock, NULL);
    return REC_OK;
}

static rec_status process_fit(void *self, const rec_fit_data *data, rec_error *err)
{
    process *m = self;
    rec_status status;
    if (m->command.n == 0)
        return rec_fail(err, REC_ERR_CONFIG, "process: command is empty");
    REC_TRY(rec_process_world_init(&m->world, data->dataset, m->send_train ? data->train : NULL,
                                   data->seed, err));
    REC_TRY(connection_init(m, err));
    status = ask(NULL, NULL, m->connection, m, NULL, err);
    if (status != REC_OK)
        rec_error_prefix(err, "process %s", m->command.items[0]);
cleanup:
    return status;
}

static rec_status process_save(const void *self, rec_tensor_writer *out, rec_error *err)
{
    const process *m = self;
    const rec_interactions *x = &m->world.train;
    size_t one = 1, n_starts = x->n_users + 1;
    rec_status status;
    REC_TRY(rec_tensor_writer_add(out, "seed", REC_U64, 1, &one, &m->world.seed, err));
    if (!m->send_train)
        goto cleanup;
    REC_TRY(rec_tensor_writer_add(out, "start", REC_U64, 1, &n_starts, x->start, err));
    REC_TRY(rec_tensor_writer_add(out, "item", REC_U32, 1, &x->n, x->item, err));
    if (x->value != NULL)
        REC_TRY(rec_tensor_writer_add(out, "value", REC_F32, 1, &x->n, x->value, err));
    if (x->time != NULL)
        REC_TRY(rec_tensor_writer_add(out, "time", REC_F64, 1, &x->n, x->time, err));
cleanup:
    return status;
}

static rec_status load_array(void **out, const rec_tensor_file *in, const char *name,
                             rec_dtype dtype, size_t n, rec_error *err)
{
    const rec_tensor_view *view;
    rec_status status = rec_tensor_file_require(&view, in, name, dtype, 1, &n, err);
    if (status != REC_OK)
        return status;
    *out = rec_memdup(view->data, view->n_bytes, err);
    return *out != NULL ? REC_OK : REC_ERR_RESOURCE;
}

/* Offsets that ascend to n and items of the catalogue: the file may be damaged. */
static rec_status check_train(const rec_interactions *x, rec_error *err)
{
    bool fine = x->start[0] == 0 && x->start[x->n_users] == x->n;
    for (size_t u = 0; fine && u < x->n_users; u++)
        fine = x->start[u] <= x->start[u + 1];
    for (size_t i = 0; fine && i < x->n; i++)
        fine = x->item[i] < x->n_items;
    return fine ? REC_OK : rec_fail(err, REC_ERR_DATA, "process: damaged training rows");
}

static rec_status load_train(rec_interactions *x, const rec_tensor_file *in, const rec_dataset *d,
                             rec_error *err)
{
    const rec_tensor_view *item;
    size_t any = SIZE_MAX;
    rec_status status;
    *x = (rec_interactions){.n_users = d->n_users, .n_items = d->catalogue.n_items};
    REC_TRY(rec_tensor_file_require(&item, in, "item", REC_U32, 1, &any, err));
    x->n = item->n_elements;
    REC_TRY(load_array((void **)&x->start, in, "start", REC_U64, d->n_users + 1, err));
    REC_TRY(load_array((void **)&x->item, in, "item", REC_U32, x->n, err));
    if (rec_tensor_file_find(in, "value") != NULL)
        REC_TRY(load_array((void **)&x->value, in, "value", REC_F32, x->n, err));
    if (rec_tensor_file_find(in, "time") != NULL)
        REC_TRY(load_array((void **)&x->time, in, "time", REC_F64, x->n, err));
    REC_TRY(check_train(x, err));
cleanup:
    return status;
}

/* The program is started at the first query. */
static rec_status process_load(void *self, const rec_tensor_file *in, const rec_dataset *dataset,
                               rec_error *err)
{
    process *m = self;
    const rec_tensor_view *seed;
    size_t one = 1;
    rec_status status;
    REC_TRY(rec_process_world_init(&m->world, dataset, NULL, 0, err));
    REC_TRY(rec_tensor_file_require(&seed, in, "seed", REC_U64, 1, &one, err));
    memcpy(&m->world.seed, seed->data, sizeof m->world.seed);
    if (m->send_train)
        REC_TRY(load_train(&m->world.train, in, dataset, err));
    REC_TRY(connection_init(m, err));
cleanup:
    return status;
}

static void process_deinit(void *self)
{
    process *m = self;
    if (m->connection != NULL) {
        rec_child_stop(m->connection->child, STOP_SECONDS);
        pthread_mutex_destroy(&m->connection->lock);
        free(m->connection);
    }
    rec_process_world_deinit(&m->world);
}

const rec_recommender rec_recommender_process = {
    .name = "process",
    .help = "a program that answers lines of JSON (docs/process.md)",
    .reads_text = true,
    .size = sizeof(process),
    .options = process_options,
    .has_user_rows = true,
    .fit = process_fit,
    .score = process_score,
    .save = process_save,
    .load = process_load,
    .deinit = process_deinit,
};
