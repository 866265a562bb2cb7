/* Bytes as a reply to a request for a list: every parser, then grounding and the error figures. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/rng.h"
#include "harness/replies/errors.h"
#include "harness/replies/grounding.h"
#include "harness/replies/list_parser.h"
#include "harness/replies/reclm_errors.h"
#include "harness/replies/reclm_ranking.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static char *const titles[] = {"Toy Story", "Me, Myself & Irene",    "Portal",   "Portal 2",
                               "Up",        "Star Wars: A New Hope", "海街日记", "Monsters, Inc."};
enum { N_TITLES = sizeof titles / sizeof titles[0] };
static const uint32_t candidates[] = {3, 1, 4, 0};
static const char *const shown[] = {"Toy Story", "海街日记", "Portal 2"};

static rec_grounder *grounder;
static rec_tfidf *corpus;

static void check(rec_status status)
{
    if (status != REC_OK)
        abort();
}

static void judge(const rec_title_list *list)
{
    rec_grounded_list grounded;
    rec_list_errors errors;
    rec_reclm_errors reclm;
    rec_grounding_context context = {.candidates = candidates, .n_candidates = 4};
    rec_shown_items items = {.candidates = candidates, .n_candidates = 4, .n_wanted = 4};
    check(rec_ground_list(&grounded, grounder, list, &context, NULL));
    check(rec_list_errors_find(&errors, list, &grounded, &items, NULL));
    if (errors.n_unknown > errors.n || errors.n_foreign > errors.n || errors.n_copied > errors.n)
        abort();
    rec_grounded_list_deinit(&grounded);
    if (list->n < 64) /* compares all pairs */
        check(rec_reclm_errors_find(&reclm, corpus, list, shown, 3, shown, 3, 0.8, NULL));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    if (grounder == NULL) {
        check(rec_grounder_new(&grounder, titles, N_TITLES, REC_SIMILAR_LIST_METRICS, NULL));
        const rec_catalogue c = {.n_items = N_TITLES, .titles = (char **)titles};
        check(rec_reclm_corpus(&corpus, &c, REC_TITLE_ERRORS, NULL));
    }
    char *reply = malloc(n + 1);
    if (reply == NULL)
        return 0;
    memcpy(reply, data, n);
    reply[n] = '\0';
    rec_title_list list = {0};
    for (size_t p = 0; p < rec_n_list_parsers; p++) {
        check(rec_list_parsers[p]->parse(&list, reply, rec_grounder_titles(grounder), NULL));
        judge(&list);
        check(rec_list_parsers[p]->parse(&list, reply, NULL, NULL));
    }
    rec_rng rng = rec_rng_keyed(1, "fuzz", 0);
    rec_reclm_ranking ranking = {shown, 3, shown, 1, 20};
    check(rec_reclm_repair(&list, reply, &ranking, &rng, NULL));
    rec_title_list_deinit(&list);
    free(reply);
    return 0;
}
