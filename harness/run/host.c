#include "harness/run/host.h"

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "core/blas.h"
#include "core/json.h"
#include "core/memory.h"
#include "core/parallel.h"

#ifndef REC_GIT_REVISION
#define REC_GIT_REVISION ""
#endif

const char *rec_git_revision(void)
{
    return REC_GIT_REVISION;
}

const char *rec_code_version(void)
{
    return REC_VERSION "+" REC_GIT_REVISION;
}

/* "model name : ..." of the first processor. */
static void read_cpu_name(char *out, size_t size)
{
    snprintf(out, size, "unknown");
    FILE *file = fopen("/proc/cpuinfo", "r");
    if (file == NULL)
        return;
    char line[256];
    while (fgets(line, sizeof line, file) != NULL) {
        const char *colon = strchr(line, ':');
        if (strncmp(line, "model name", 10) != 0 || colon == NULL)
            continue;
        line[strcspn(line, "\n")] = '\0';
        snprintf(out, size, "%s", colon + 1 + strspn(colon + 1, " "));
        break;
    }
    fclose(file);
}

char *rec_host_json(rec_error *err)
{
    char cpu[256];
    read_cpu_name(cpu, sizeof cpu);
    cJSON *host = cJSON_CreateObject();
    bool complete =
        host != NULL && cJSON_AddStringToObject(host, "cpu", cpu) != NULL &&
        cJSON_AddNumberToObject(host, "cores", (double)sysconf(_SC_NPROCESSORS_ONLN)) != NULL &&
        cJSON_AddStringToObject(host, "blas", rec_blas_name()) != NULL &&
        cJSON_AddNumberToObject(host, "threads", (double)rec_parallel_threads()) != NULL;
    char *text = NULL;
    if (complete)
        text = rec_json_print(host, err);
    else
        rec_fail(err, REC_ERR_RESOURCE, "out of memory");
    cJSON_Delete(host);
    return text;
}

char *rec_timestamp(rec_error *err)
{
    time_t now = time(NULL);
    struct tm utc;
    char text[32] = "";
    if (gmtime_r(&now, &utc) != NULL)
        strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &utc);
    return rec_strdup(text, err);
}

double rec_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}
