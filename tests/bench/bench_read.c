/* Reading a .inter file: seconds and peak memory against the bytes of the file and of the final
 * arrays. `bench_read write FOLDER USERS ITEMS MEAN` makes the file, `bench_read FILE` reads it in a
 * process of its own, so that the peak is the reader's. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>

#include "core/yaml.h"
#include "datasets/builder.h"
#include "datasets/export.h"
#include "datasets/reader.h"
#include "datasets/records.h"
#include "datasets/tabular.h"

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t); /* one core's work, whatever else runs */
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void check(rec_status status, const rec_error *err)
{
    if (status == REC_OK)
        return;
    fprintf(stderr, "%s\n", err->message);
    exit((int)status);
}

static int write_file(char **arguments)
{
    char text[512];
    rec_error err;
    rec_yaml *map;
    rec_dataset *d;
    snprintf(text, sizeof text,
             "{type: synth, users: %s, items: %s, mean_length: %s, min_length: 20, topics: 16, "
             "split: {type: none}}",
             arguments[1], arguments[2], arguments[3]);
    check(rec_yaml_parse(&map, text, strlen(text), "bench", &err), &err);
    double start = now();
    check(rec_dataset_load(&d, map, 1, &err), &err);
    printf("synth: %zu interactions | %.2f s | %.2f s per million | - | -\n", d->interactions.n,
           now() - start, (now() - start) * 1e6 / (double)d->interactions.n);
    check(rec_dataset_export(d, arguments[0], "bench", &err), &err);
    rec_dataset_free(d);
    rec_yaml_free(map);
    return 0;
}

static int read_file(const char *path)
{
    rec_error err;
    rec_builder *b;
    rec_records *r;
    rec_dataset *d;
    const rec_field *fields;
    size_t n;
    struct stat info;
    struct rusage usage;
    rec_row_layout layout = {.user = 0, .item = 1, .value = 2, .time = 3, .n_fields = 4};
    double start = now();
    check(rec_builder_new(&b, &err), &err);
    rec_builder_set_rows(b, REC_ROWS_VALUE | REC_ROWS_TIME);
    check(rec_records_open(&r, path, &(rec_records_format){.delimiter = "\t"}, &err), &err);
    check(rec_records_next(&fields, &n, r, &err), &err); /* header */
    check(rec_rows_read(b, r, &layout, REC_PART_NONE, &err), &err);
    double scanned = now() - start;
    rec_records_close(r);
    check(rec_builder_finish(&d, b, &err), &err);
    rec_builder_free(b);
    double seconds = now() - start;
    stat(path, &info);
    getrusage(RUSAGE_SELF, &usage);
    double megabytes = (double)info.st_size / 1e6, peak = (double)usage.ru_maxrss * 1024 / 1e6;
    double csr = (17.0 * (double)d->interactions.n + 8.0 * (double)d->n_users) / 1e6;
    printf(".inter, %zu rows: scan, one core | %.0f MB/s | at least 100 MB/s | %.1f x | -\n",
           d->interactions.n, megabytes / scanned, megabytes / scanned / 100);
    printf(".inter, %zu rows: to CSR, one core | %.0f MB/s | at least 100 MB/s | %.1f x | -\n",
           d->interactions.n, megabytes / seconds, megabytes / seconds / 100);
    printf(".inter, %zu rows: memory | %.0f MB | CSR %.0f MB, at most 3 x | %.2f x | %.0f\n",
           d->interactions.n, peak, csr, peak / csr, peak);
    rec_dataset_free(d);
    return 0;
}

int main(int n_arguments, char **arguments)
{
    if (n_arguments == 6 && strcmp(arguments[1], "write") == 0)
        return write_file(arguments + 2);
    if (n_arguments == 2)
        return read_file(arguments[1]);
    fputs("usage: bench_read write FOLDER USERS ITEMS MEAN | bench_read FILE\n", stderr);
    return 2;
}
