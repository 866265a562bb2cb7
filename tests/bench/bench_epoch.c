/* Seconds of a training epoch: bench_epoch TYPE MODEL_YAML DATASET_YAML [EPOCHS] fits with 1 and with
 * 1 + EPOCHS epochs (the key training.epochs is set here; no validation) and prints, as JSON, seconds
 * per epoch, users with something to learn per second, and peak MB. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "core/memory.h"
#include "core/yaml.h"
#include "models/recommender.h"

static rec_error error;

static void check(rec_status status)
{
    if (status == REC_OK)
        return;
    fprintf(stderr, "%s\n", error.message);
    exit(status);
}

static double seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static rec_yaml *parse(const char *text)
{
    rec_yaml *tree;
    check(rec_yaml_parse(&tree, text, strlen(text), "bench", &error));
    return tree;
}

/* Options are a flow mapping without "training": "{loss: bce}". */
static double fit_seconds(const char *type, const char *options, const rec_fit_data *data,
                          long epochs)
{
    rec_model *m;
    char *text = rec_format(&error, "{training: {epochs: %ld}, %s", epochs, options + 1);
    check(text != NULL ? REC_OK : REC_ERR_RESOURCE);
    rec_yaml *tree = parse(text);
    check(rec_model_new(&m, type, tree, NULL, &error));
    double start = seconds();
    check(m->type->fit(m->self, data, &error));
    double taken = seconds() - start;
    rec_model_free(m);
    rec_yaml_free(tree);
    free(text);
    return taken;
}

int main(int argc, char **argv)
{
    rec_dataset *d;
    rec_interactions train;
    struct rusage usage;
    size_t n = 0;
    if (argc < 4) {
        fprintf(stderr, "usage: bench_epoch TYPE MODEL_YAML DATASET_YAML [EPOCHS]\n");
        return 2;
    }
    long epochs = argc > 4 ? strtol(argv[4], NULL, 10) : 3;
    rec_yaml *tree = parse(argv[3]);
    check(rec_dataset_load(&d, tree, 1, &error));
    check(rec_dataset_select(&train, d, REC_PART_TRAIN, &error));
    for (size_t u = 0; u < train.n_users; u++)
        n += train.start[u + 1] - train.start[u] >= 2;
    rec_fit_data data = {.dataset = d, .train = &train, .seed = 1};
    double one = fit_seconds(argv[1], argv[2], &data, 1);
    double epoch = (fit_seconds(argv[1], argv[2], &data, 1 + epochs) - one) / (double)epochs;
    getrusage(RUSAGE_SELF, &usage);
    printf("{\"epoch_seconds\": %.3f, \"rate\": %.1f, \"peak_mb\": %ld}\n", epoch,
           (double)n / epoch, usage.ru_maxrss / 1024);
    rec_interactions_deinit(&train);
    rec_dataset_free(d);
    rec_yaml_free(tree);
    return 0;
}
