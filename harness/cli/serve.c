/* harness/cli/serve.c: recai serve CONFIG */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/interrupt.h"
#include "core/progress.h"
#include "harness/cli/command.h"
#include "harness/cli/output.h"
#include "harness/serve/serving.h"

typedef struct serve_flags {
    rec_string_list set;
    char *host, *api_key_env;
    int64_t port, max_body, max_tokens, queue, connections, timeout;
    double grace;
} serve_flags;

static const rec_option options[] = {
    {"set", "override: a.b.c=value, entries of lists by name (repeatable)",
     offsetof(serve_flags, set), REC_OPT_STRINGS, .text = NULL},
    {"host", "address to listen on; others than loopback let other machines in",
     offsetof(serve_flags, host), REC_OPT_STRING, .text = "127.0.0.1"},
    {"port", "0 = any free one, printed at the start", offsetof(serve_flags, port), REC_OPT_INT,
     .value = 8000, .min = 0, .max = 65535},
    {"api_key_env", "environment variable that holds the key clients must send",
     offsetof(serve_flags, api_key_env), REC_OPT_STRING, .text = NULL},
    {"max_body", "bytes of a request; larger ones get 413", offsetof(serve_flags, max_body),
     REC_OPT_INT, .value = 8 << 20, .min = 1024, .max = 1 << 30},
    {"max_tokens", "tokens of one answer; 0 = what the context leaves",
     offsetof(serve_flags, max_tokens), REC_OPT_INT, .value = 0, .min = 0, .max = 1 << 24},
    {"queue", "answers that may wait per model; beyond it requests get 429",
     offsetof(serve_flags, queue), REC_OPT_INT, .value = 256, .min = 0, .max = 1e6},
    {"connections", "clients at once", offsetof(serve_flags, connections), REC_OPT_INT,
     .value = 1000, .min = 1, .max = 60000},
    {"timeout", "seconds without progress after which a connection is closed",
     offsetof(serve_flags, timeout), REC_OPT_INT, .value = 60, .min = 1, .max = 86400},
    {"grace", "seconds for what runs when the server is stopped", offsetof(serve_flags, grace),
     REC_OPT_REAL, .value = 30, .min = 0, .max = 86400},
    {.key = NULL},
};

static const rec_flag_alias aliases[] = {{'p', "port"}, {0, NULL}};

static rec_status find_key(const char **key, const serve_flags *flags, rec_error *err)
{
    *key = NULL;
    if (flags->api_key_env == NULL)
        return REC_OK;
    *key = getenv(flags->api_key_env);
    if (*key == NULL || **key == '\0')
        return rec_fail(err, REC_ERR_CONFIG,
                        "--api-key-env: the environment has no variable \"%s\", or it is empty",
                        flags->api_key_env);
    return REC_OK;
}

/* One line that scripts can wait for. */
static rec_status announce(const rec_server *server, const serve_flags *flags, const char *key,
                           rec_error *err)
{
    bool v6 = strchr(flags->host, ':') != NULL;
    if (rec_server_is_public(server) && key == NULL)
        rec_warn("--host %s: any machine that reaches this one may use the models; "
                 "--api-key-env asks for a key",
                 flags->host);
    rec_buffer line = {.data = NULL};
    rec_status status =
        rec_buffer_printf(&line, err, "listening on http://%s%s%s:%u\n", v6 ? "[" : "", flags->host,
                          v6 ? "]" : "", (unsigned)rec_server_port(server));
    if (status == REC_OK)
        status = rec_output_write(&line, err);
    rec_buffer_deinit(&line);
    if (status == REC_OK && fflush(stdout) != 0)
        status = rec_fail_errno(err, REC_ERR_RESOURCE, "cannot write to standard output");
    return status;
}

static void wait_for_signal(void)
{
    while (rec_interrupt_signal() == 0)
        nanosleep(&(struct timespec){.tv_nsec = 50000000}, NULL);
}

/* From here on a signal ends the server, not the work of its models. */
static rec_status serve_models(const rec_serving *serving, const serve_flags *flags,
                               const char *key, rec_error *err)
{
    const rec_server_options server_options = {.host = flags->host,
                                               .port = (uint16_t)flags->port,
                                               .api_key = key,
                                               .max_body = (size_t)flags->max_body,
                                               .n_connections = (unsigned)flags->connections,
                                               .timeout = (unsigned)flags->timeout};
    rec_server *server;
    size_t n;
    const rec_served *models = rec_serving_models(serving, &n);
    rec_interrupt_hold(true);
    rec_status status = rec_server_start(&server, models, n, &server_options, err);
    if (status == REC_OK)
        status = announce(server, flags, key, err);
    if (status == REC_OK) {
        wait_for_signal();
        rec_info("stopping: what runs may take another %g s", flags->grace);
    }
    size_t n_cut = rec_server_stop(server, status == REC_OK ? flags->grace : 0.0);
    if (n_cut > 0)
        rec_warn("%zu requests were cut off", n_cut);
    if (status == REC_OK)
        status =
            rec_fail(err, REC_ERR_INTERRUPTED, "stopped by %s", strsignal(rec_interrupt_signal()));
    return status;
}

static rec_status serve(void *self, char *const *arguments, size_t n_arguments, rec_error *err)
{
    const serve_flags *flags = self;
    const rec_config_overrides overrides = {
        .sets = flags->set.items, .n_sets = flags->set.n, .serves = true};
    const rec_worker_limits limits = {.n_waiting = (size_t)flags->queue,
                                      .max_tokens = (size_t)flags->max_tokens};
    rec_config *config = NULL;
    rec_serving *serving = NULL;
    const char *key;
    rec_status status;
    (void)n_arguments;
    REC_TRY(find_key(&key, flags, err));
    REC_TRY(rec_config_read(&config, arguments[0], &overrides, err));
    REC_TRY(rec_serving_new(&serving, config, &limits, err));
    status = serve_models(serving, flags, key, err);
cleanup:
    rec_serving_free(serving);
    rec_config_free(config);
    return status;
}

const rec_command rec_command_serve = {
    .name = "serve",
    .arguments = "CONFIG",
    .help = "answer HTTP clients in OpenAI's protocol with the models of a config",
    .details =
        "Every entry of lms: and systems: is a model name; a config with only lms: is enough.\n"
        "POST /v1/chat/completions, /v1/completions, /v1/embeddings, /v1/recommend;\n"
        "GET /v1/models, /health, /metrics. SIGINT or SIGTERM: what runs is finished first.",
    .examples = "  recai serve lms.yaml\n"
                "  RECAI_KEY=secret recai serve lms.yaml --host 0.0.0.0 --api-key-env RECAI_KEY\n"
                "  curl http://127.0.0.1:8000/v1/models",
    .size = sizeof(serve_flags),
    .options = options,
    .aliases = aliases,
    .min_arguments = 1,
    .max_arguments = 1,
    .run = serve,
};
