#include "harness/replies/errors.h"

#include <math.h>

#include "harness/replies/subsequence.h"

static double flag(bool condition)
{
    return condition ? 1.0 : 0.0;
}

static double share(size_t part, size_t whole)
{
    return whole > 0 ? (double)part / (double)whole : NAN;
}

static double titles(const rec_list_errors *e)
{
    return (double)e->n;
}

static double history(const rec_list_errors *e)
{
    return flag(e->n_history > 0);
}

static double history_item(const rec_list_errors *e)
{
    return share(e->n_history, e->n);
}

static double duplicate(const rec_list_errors *e)
{
    return flag(e->n_duplicate > 0);
}

static double duplicate_item(const rec_list_errors *e)
{
    return share(e->n_duplicate, e->n);
}

static double candidate(const rec_list_errors *e)
{
    return e->has_candidates ? flag(e->n_foreign > 0) : NAN;
}

static double candidate_item(const rec_list_errors *e)
{
    return e->has_candidates ? share(e->n_foreign, e->n) : NAN;
}

static double oov(const rec_list_errors *e)
{
    return flag(e->n_unknown > 0);
}

static double oov_item(const rec_list_errors *e)
{
    return share(e->n_unknown, e->n);
}

static double similar_item(const rec_list_errors *e)
{
    return share(e->n_similar, e->n);
}

static double ambiguous_item(const rec_list_errors *e)
{
    return share(e->n_ambiguous, e->n);
}

static double near_threshold_item(const rec_list_errors *e)
{
    return share(e->n_near_threshold, e->n);
}

static double short_list(const rec_list_errors *e)
{
    return e->n_wanted > 0 ? flag(e->n < e->n_wanted) : NAN;
}

static double empty(const rec_list_errors *e)
{
    return flag(e->n == 0);
}

static double parse_fail(const rec_list_errors *e)
{
    return flag(e->mode == REC_LIST_UNREADABLE);
}

static double copy(const rec_list_errors *e)
{
    return (double)e->n_copied;
}

static double copy_ratio(const rec_list_errors *e)
{
    return share(e->n_copied, e->n);
}

static double copy_excess(const rec_list_errors *e)
{
    return e->has_candidates ? (double)e->n_copied - rec_increasing_by_chance(e->n_offered) : NAN;
}

static double order(const rec_list_errors *e)
{
    return e->order;
}

static double place_bias(const rec_list_errors *e)
{
    return e->place_bias;
}

const rec_error_metric rec_error_metrics[] = {
    {"history_error_rate", "lists with an item of the history",
     "1 if an item of the history is listed", false, false, history, NULL},
    {"history_error_rate_item", "listed items that are of the history", "history items / titles",
     false, false, history_item, titles},
    {"duplicate_error_rate", "lists that name an item twice", "1 if an item is listed again", false,
     false, duplicate, NULL},
    {"duplicate_error_rate_item", "listed items that were named before", "repeats / titles", false,
     false, duplicate_item, titles},
    {"candidate_error_rate", "lists with a title that was not offered",
     "1 if a title is no candidate's", false, true, candidate, NULL},
    {"candidate_error_rate_item", "titles that were not offered", "titles of no candidate / titles",
     false, true, candidate_item, titles},
    {"oov_rate", "lists with a title out of the catalogue", "1 if a title grounds to no item",
     false, false, oov, NULL},
    {"oov_rate_item", "titles out of the catalogue", "titles that ground to no item / titles",
     false, false, oov_item, titles},
    {"similar_rate_item", "titles that were grounded by similarity only", "similar / titles", false,
     false, similar_item, titles},
    {"ambiguous_rate_item", "titles that several items are equally similar to",
     "ambiguous / titles", false, false, ambiguous_item, titles},
    {"near_threshold_rate_item", "titles whose similarity is within 1e-9 of the threshold",
     "near / titles", false, false, near_threshold_item, titles},
    {"short_list_rate", "lists with fewer titles than asked for", "1 if titles < asked for", false,
     false, short_list, NULL},
    {"empty_rate", "replies without any title", "1 if no title was read", false, false, empty,
     NULL},
    {"parse_fail_rate", "replies whose text has no list",
     "1 if there is text and no title was read", false, false, parse_fail, NULL},
    {"copy_error", "how many items follow the order that was shown",
     "longest common subsequence of the list and (history, candidates)", false, false, copy, NULL},
    {"copy_ratio", "part of the list that follows the order shown", "copy_error / titles", false,
     false, copy_ratio, NULL},
    {"copy_excess", "copying beyond chance",
     "copy_error - E[longest increasing subsequence of the listed candidates]", false, true,
     copy_excess, NULL},
    {"shown_order_tau", "agreement with the order of candidates shown: 1 copied, -1 reversed",
     "Kendall's tau over the listed candidates", false, true, order, NULL},
    {"target_place_bias", "do targets shown early come early? 0 at chance, 1 for a copied order",
     "12 (place - (n+1)/2) (rank - (n+1)/2) / (n^2 - 1)", false, true, place_bias, NULL},
};

const size_t rec_n_error_metrics = sizeof rec_error_metrics / sizeof rec_error_metrics[0];

const rec_error_metric *rec_error_metric_find(const char *name)
{
    for (size_t i = 0; i < rec_n_error_metrics; i++)
        if (strcmp(rec_error_metrics[i].name, name) == 0)
            return &rec_error_metrics[i];
    return NULL;
}
