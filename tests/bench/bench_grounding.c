/* bench_grounding write FOLDER: 50,000 titles of items and 20,000 of replies, most of them misspelt.
 * bench_grounding FOLDER [PEER_SECONDS]: grounds the latter, then judges 1,000 lists of 40 titles as
 * RecLM-eval does; prints "what | ours | peer or limit | ratio | peak MB" for scripts/bench. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "core/memory.h"
#include "core/rng.h"
#include "harness/replies/grounding.h"
#include "harness/replies/reclm_errors.h"

enum { ITEMS = 50000, REPLIES = 20000, WORDS = 4000, LISTS = 1000, LIST_LENGTH = 40 };
static const double ground_limit = 15.0, copy_limit = 0.5;

static double seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static double peak_mb(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (double)usage.ru_maxrss / 1024.0;
}

/* Word number w: three to nine letters, consonants and vowels in turn. */
static void print_word(FILE *file, uint32_t w)
{
    static const char consonants[] = "bcdfghklmnprstvw", vowels[] = "aeiou";
    rec_rng rng = rec_rng_keyed(1, "bench/word", w);
    uint32_t length = 3 + rec_rng_below(&rng, 7);
    for (uint32_t i = 0; i < length; i++)
        fputc(i % 2 == 0 ? consonants[rec_rng_below(&rng, 16)] : vowels[rec_rng_below(&rng, 5)],
              file);
}

/* Two to five words, the frequent ones more often; a reply's title misses a word of its item's. */
static void print_title(FILE *file, uint32_t item, bool misspelt)
{
    rec_rng rng = rec_rng_keyed(1, "bench/title", item);
    uint32_t n = 2 + rec_rng_below(&rng, 4), left_out = misspelt ? item % n : n;
    for (uint32_t i = 0; i < n; i++) {
        double u = rec_rng_uniform(&rng);
        uint32_t word = (uint32_t)(WORDS * u * u);
        if (i == left_out)
            continue;
        print_word(file, word);
        fputc(' ', file);
    }
    fputs("end\n", file); /* never empty */
}

static int write_titles(const char *path, uint32_t n, bool misspelt)
{
    FILE *file = fopen(path, "w");
    if (file == NULL)
        return REC_ERR_RESOURCE;
    for (uint32_t i = 0; i < n; i++)
        print_title(file, misspelt ? i * (ITEMS / REPLIES) : i, misspelt && i % 10 > 0);
    return fclose(file) == 0 ? REC_OK : REC_ERR_RESOURCE;
}

static int write_files(const char *folder)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/items", folder);
    int status = write_titles(path, ITEMS, false);
    snprintf(path, sizeof path, "%s/replies", folder);
    return status == REC_OK ? write_titles(path, REPLIES, true) : status;
}

static char **read_titles(const char *folder, const char *name, size_t n)
{
    char path[4096], *line = NULL;
    size_t room = 0;
    char **titles = rec_alloc(n, sizeof *titles, NULL);
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "r");
    for (size_t i = 0; titles != NULL && file != NULL && i < n; i++) {
        ssize_t length = getline(&line, &room, file);
        titles[i] = length > 0 ? rec_memdup(line, (size_t)length, NULL) : NULL;
        if (titles[i] == NULL)
            exit(REC_ERR_RESOURCE);
        titles[i][length - 1] = '\0';
    }
    free(line);
    if (file == NULL || titles == NULL)
        exit(REC_ERR_RESOURCE);
    fclose(file);
    return titles;
}

static void check(rec_status status, const rec_error *err)
{
    if (status == REC_OK)
        return;
    fprintf(stderr, "%s\n", err->message);
    exit((int)status);
}

static void ground(char **items, char **replies, double peer)
{
    rec_error err = {.status = REC_OK};
    rec_grounder *g;
    size_t steps[REC_GROUNDED_SIMILAR + 1] = {0};
    double start = seconds();
    check(rec_grounder_new(&g, items, ITEMS, REC_SIMILAR_LIST_METRICS, &err), &err);
    double built = seconds() - start;
    for (size_t i = 0; i < REPLIES; i++) {
        rec_grounding found;
        check(rec_ground(&found, g, rec_span_of(replies[i]), NULL, 0, &err), &err);
        steps[found.step]++;
    }
    double time = seconds() - start;
    rec_grounder_free(g);
    printf("grounding 20,000 titles in 50,000, %zu similar | %.2f s (index %.2f) | ",
           steps[REC_GROUNDED_SIMILAR], time, built);
    if (peer > 0.0)
        printf("scikit-learn %.2f s | %.1fx | %.0f\n", peer, peer / time, peak_mb());
    else
        printf("limit %.0f s | %.1fx | %.0f\n", ground_limit, ground_limit / time, peak_mb());
}

static void copy(char **items)
{
    rec_error err = {.status = REC_OK};
    rec_tfidf *corpus;
    size_t n_copied = 0;
    const rec_catalogue c = {.n_items = ITEMS, .titles = items};
    check(rec_reclm_corpus(&corpus, &c, REC_TITLE_ERRORS, &err), &err);
    double start = seconds();
    for (size_t i = 0; i < LISTS; i++) {
        rec_reclm_errors errors;
        rec_title_list list = {.titles = items + i * LIST_LENGTH, .n = LIST_LENGTH};
        const char *const *shown = (const char *const *)items + i * LIST_LENGTH;
        check(rec_reclm_errors_find(&errors, corpus, &list, shown, LIST_LENGTH / 2,
                                    shown + LIST_LENGTH / 2, LIST_LENGTH / 2, REC_SIMILAR_ERRORS,
                                    &err),
              &err);
        n_copied += errors.n_copied;
    }
    double time = seconds() - start;
    rec_tfidf_free(corpus);
    if (n_copied < (size_t)LISTS * LIST_LENGTH)
        exit(REC_ERR_INTERNAL); /* every list is a copy */
    printf(
        "copying in 1,000 lists of 40 titles, all errors | %.3f s | limit %.1f s | %.1fx | %.0f\n",
        time, copy_limit, copy_limit / time, peak_mb());
}

static void titles_free(char **titles, size_t n)
{
    for (size_t i = 0; i < n; i++)
        free(titles[i]);
    free(titles);
}

int main(int argc, char **argv)
{
    if (argc == 3 && strcmp(argv[1], "write") == 0)
        return write_files(argv[2]);
    if (argc < 2 || argc > 3)
        return REC_ERR_CONFIG;
    char **items = read_titles(argv[1], "items", ITEMS);
    char **replies = read_titles(argv[1], "replies", REPLIES);
    ground(items, replies, argc == 3 ? atof(argv[2]) : 0.0);
    copy(items);
    titles_free(items, ITEMS);
    titles_free(replies, REPLIES);
    return REC_OK;
}
