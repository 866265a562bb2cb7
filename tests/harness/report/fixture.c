#include "tests/harness/report/fixture.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "core/rng.h"

enum { LIST_LENGTH = 3, N_ITEMS = 7, N_SEEDS = 2 };

static char *number_text(const char *prefix, size_t n, rec_error *err)
{
    return rec_format(err, "%s%zu", prefix, n);
}

/* Each of these is checked once, at the end of the function that fills a struct. */
#define TRY_TEXT(field, text)                                                                      \
    do {                                                                                           \
        (field) = rec_strdup((text), err);                                                         \
        if ((field) == NULL)                                                                       \
            return REC_ERR_RESOURCE;                                                               \
    } while (0)

#define TRY_ARRAY(field, n)                                                                        \
    do {                                                                                           \
        (field) = rec_alloc((n), sizeof *(field), err);                                            \
        if ((field) == NULL)                                                                       \
            return REC_ERR_RESOURCE;                                                               \
    } while (0)

static rec_status fill_root(rec_report *r, fixture_options o, rec_error *err)
{
    TRY_TEXT(r->name, "fixture");
    TRY_TEXT(r->config, "name: fixture\nseeds: [1, 2]\n# caf\xC3\xA9\n");
    snprintf(r->config_hash, sizeof r->config_hash, "%064d", 12);
    TRY_ARRAY(r->seeds, N_SEEDS);
    r->n_seeds = N_SEEDS;
    r->seeds[0] = 1;
    r->seeds[1] = 18446744073709551615u;
    TRY_TEXT(r->recai_version, "0.1.0");
    TRY_TEXT(r->git_revision, "abcdef0");
    TRY_TEXT(r->created, o.other_times ? "2026-01-02T03:04:05Z" : "2025-01-02T03:04:05Z");
    TRY_TEXT(r->host,
             o.other_times ? "{\"cpu\":\"b\",\"cores\":8}" : "{\"cpu\":\"a\",\"cores\":2}");
    r->wall_seconds = o.other_times ? 99.5 : 12.25;
    TRY_TEXT(r->dataset_name, "toy");
    TRY_TEXT(r->dataset_rules, "{\"split\":\"leave_one_out\"}");
    snprintf(r->dataset_sha256, sizeof r->dataset_sha256, "%s",
             o.dataset_sha256 != NULL
                 ? o.dataset_sha256
                 : "5feceb66ffc86f38d952786c6d696c79c2dbc239dd4e91b46729d73a27fb57e9");
    r->n_users = 100;
    r->n_interactions = 321;
    r->n_items = N_ITEMS;
    TRY_ARRAY(r->item_ids, N_ITEMS);
    TRY_ARRAY(r->item_titles, N_ITEMS);
    for (size_t i = 0; i < N_ITEMS; i++) {
        r->item_ids[i] = number_text("i", i, err);
        r->item_titles[i] = i == 2 ? NULL : number_text("Caf\xC3\xA9 <b> & \"", i, err);
        if (r->item_ids[i] == NULL || (i != 2 && r->item_titles[i] == NULL))
            return REC_ERR_RESOURCE;
    }
    return REC_OK;
}

static rec_status fill_system(rec_report_system *s, const char *name, const char *type,
                              const char *fit_on, const char *flags, rec_error *err)
{
    TRY_TEXT(s->name, name);
    TRY_TEXT(s->type, type);
    TRY_TEXT(s->options, "{\"lambda\":250}");
    TRY_TEXT(s->fit_on, fit_on);
    TRY_TEXT(s->flags, flags);
    s->n_parameters = 49;
    s->fit_seconds = 0.5;
    if (strcmp(name, "ease") != 0)
        return REC_OK;
    TRY_TEXT(s->weights_sha256, "00ff");
    TRY_TEXT(s->trials, "[{\"lambda\":250,\"ndcg@10\":0.5}]");
    TRY_ARRAY(s->curves, 2);
    TRY_ARRAY(s->curve_lengths, 2);
    for (size_t c = 0; c < 2; c++) {
        TRY_TEXT(s->curves[c].metric, c == 0 ? "loss_train" : "loss_valid");
        TRY_ARRAY(s->curves[c].values, 3);
        s->n_curves = c + 1;
        s->curve_lengths[c] = 3 - c;
        for (size_t i = 0; i < 3 - c; i++)
            s->curves[c].values[i] = 1.0 / (double)(i + 1);
    }
    return REC_OK;
}

static rec_status fill_systems(rec_report *r, rec_error *err)
{
    static const char *const rows[][4] = {
        {"ease", "ease", "train", ""},
        {"odd/%name", "pop", "all", "saw_test_rows,default_settings"},
        {"chance", "chance", "", ""},
        {"agent", "process", "", "rule_based"},
    };
    size_t n = sizeof rows / sizeof *rows;
    TRY_ARRAY(r->systems, n);
    r->n_systems = n;
    for (size_t i = 0; i < n; i++) {
        rec_status status =
            fill_system(&r->systems[i], rows[i][0], rows[i][1], rows[i][2], rows[i][3], err);
        if (status != REC_OK)
            return status;
    }
    return REC_OK;
}

/* Mean and t-like interval over the defined values. */
static rec_status fill_figure(rec_figure *f, const rec_sample_column *c, size_t n, rec_error *err)
{
    double sum = 0.0, squares = 0.0;
    size_t n_defined = 0;
    for (size_t i = 0; i < n; i++) {
        if (isnan(c->values[i]))
            continue;
        sum += c->values[i];
        n_defined++;
    }
    double mean = sum / (double)n_defined;
    for (size_t i = 0; i < n; i++)
        if (!isnan(c->values[i]))
            squares += pow(c->values[i] - mean, 2);
    double se = sqrt(squares / (double)(n_defined - 1) / (double)n_defined);
    *f = (rec_figure){.k = c->k,
                      .mean = mean,
                      .stderr_ = se,
                      .ci_low = mean - 2 * se,
                      .ci_high = mean + 2 * se,
                      .n = n_defined,
                      .sd_seeds = c->k == 0 ? (double)NAN : 0.001,
                      .higher_is_better = strcmp(c->metric, "rank") != 0};
    TRY_TEXT(f->metric, c->metric);
    return REC_OK;
}

static rec_status fill_samples(rec_result *x, fixture_options o, rec_error *err)
{
    size_t n = o.n_users * N_SEEDS;
    TRY_ARRAY(x->sample_ids, n);
    TRY_ARRAY(x->users, n);
    TRY_ARRAY(x->clusters, n);
    TRY_ARRAY(x->seeds, n);
    TRY_ARRAY(x->turns, n);
    x->n_samples = n;
    for (size_t i = 0; i < n; i++) {
        size_t user = o.first_user + i % o.n_users;
        x->seeds[i] = i < o.n_users ? 1 : 18446744073709551615u;
        x->users[i] = number_text("u", user, err);
        if (x->users[i] == NULL)
            return REC_ERR_RESOURCE;
        x->sample_ids[i] = rec_format(err, "%llu/%s", (unsigned long long)x->seeds[i], x->users[i]);
        if (x->sample_ids[i] == NULL)
            return REC_ERR_RESOURCE;
        x->clusters[i] = (uint32_t)user;
        x->turns[i] = -1;
    }
    return REC_OK;
}

static rec_status fill_columns(rec_result *x, fixture_options o, rec_error *err)
{
    static const struct {
        const char *metric;
        size_t k;
    } columns[] = {{"ndcg", 10}, {"ndcg", 20}, {"rank", 0}};
    size_t n = sizeof columns / sizeof *columns;
    double shift = strcmp(x->system, "ease") == 0 ? o.shift : 0.0;
    TRY_ARRAY(x->columns, n);
    TRY_ARRAY(x->figures, n);
    for (size_t c = 0; c < n; c++) {
        rec_sample_column *column = &x->columns[c];
        x->n_columns = c + 1;
        TRY_TEXT(column->metric, columns[c].metric);
        column->k = columns[c].k;
        TRY_ARRAY(column->values, x->n_samples);
        for (size_t i = 0; i < x->n_samples; i++) {
            rec_rng g = rec_rng_keyed(c * 7 + x->n_candidates, x->system, x->clusters[i]);
            column->values[i] = round(100.0 * rec_rng_uniform(&g)) / 100.0 + shift;
            if (strcmp(x->system, "ease") == 0 && x->clusters[i] == 3 && columns[c].k == 10)
                column->values[i] = NAN;
        }
        x->n_figures = c + 1;
        rec_status status = fill_figure(&x->figures[c], column, x->n_samples, err);
        if (status != REC_OK)
            return status;
    }
    return REC_OK;
}

static rec_status fill_lists(rec_result *x, rec_error *err)
{
    TRY_ARRAY(x->list_items, x->n_samples * LIST_LENGTH);
    TRY_ARRAY(x->list_scores, x->n_samples * LIST_LENGTH);
    x->list_length = LIST_LENGTH;
    for (size_t i = 0; i < x->n_samples; i++) {
        for (size_t j = 0; j < LIST_LENGTH; j++) {
            bool past_end = i % 5 == 0 && j == LIST_LENGTH - 1;
            size_t at = i * LIST_LENGTH + j;
            x->list_items[at] = past_end ? UINT32_MAX : (uint32_t)((x->clusters[i] + j) % N_ITEMS);
            x->list_scores[at] = past_end ? 0.0f : 1.0f / (float)(j + 1);
        }
    }
    return REC_OK;
}

/* One target per sample, two for every third; levels 1 and 2 in the second task. */
static rec_status fill_targets(rec_result *x, rec_error *err)
{
    TRY_ARRAY(x->target_start, x->n_samples + 1);
    TRY_ARRAY(x->targets, 2 * x->n_samples);
    if (x->n_candidates > 0)
        TRY_ARRAY(x->target_gains, 2 * x->n_samples);
    for (size_t i = 0; i < x->n_samples; i++) {
        size_t at = x->target_start[i], n = i % 3 == 0 ? 2 : 1;
        x->target_start[i + 1] = at + n;
        for (size_t t = 0; t < n; t++) {
            x->targets[at + t] = (uint32_t)((x->clusters[i] * 3 + t) % N_ITEMS);
            if (x->target_gains != NULL)
                x->target_gains[at + t] = t == 0 ? 1.0f : 2.0f;
        }
    }
    return REC_OK;
}

static rec_status fill_texts(rec_result *x, rec_error *err)
{
    static const char *const names[] = {"prompt", "reply"};
    TRY_ARRAY(x->texts, 2);
    for (size_t t = 0; t < 2; t++) {
        TRY_TEXT(x->texts[t].name, names[t]);
        TRY_ARRAY(x->texts[t].texts, x->n_samples);
        x->n_texts = t + 1;
        for (size_t i = t; i < x->n_samples; i += 2) {
            x->texts[t].texts[i] = number_text("line one\nline \"two\" \xE2\x82\xAC ", i, err);
            if (x->texts[t].texts[i] == NULL)
                return REC_ERR_RESOURCE;
        }
    }
    return REC_OK;
}

static rec_status fill_result(rec_result *x, const char *task, const char *system,
                              fixture_options o, rec_error *err)
{
    rec_status status;
    TRY_TEXT(x->task, task);
    TRY_TEXT(x->system, system);
    x->cost_microdollars = -1;
    x->seconds = o.other_times ? 2.5 : 1.25;
    x->n_candidates = strcmp(task, "ranking20") == 0 ? 20 : 0;
    if (x->n_candidates > 0 && strcmp(system, "agent") == 0) {
        TRY_TEXT(x->not_applicable, "the system cannot score");
        return REC_OK;
    }
    TRY_TEXT(x->notes, "{\"ties\":\"index\"}");
    x->n_skipped = 2;
    x->n_failed = strcmp(system, "agent") == 0 ? 1 : 0;
    x->tokens_in = 1234567890123u;
    REC_TRY(fill_samples(x, o, err));
    REC_TRY(fill_columns(x, o, err));
    REC_TRY(fill_lists(x, err));
    if (strcmp(system, "chance") != 0)
        REC_TRY(fill_targets(x, err));
    if (strcmp(system, "agent") == 0)
        REC_TRY(fill_texts(x, err));
cleanup:
    return status;
}

static rec_status fill_results(rec_report *r, fixture_options o, rec_error *err)
{
    static const char *const tasks[] = {"retrieval", "ranking20"};
    TRY_ARRAY(r->results, 2 * r->n_systems);
    for (size_t i = 0; i < 2 * r->n_systems; i++) {
        rec_status status = fill_result(&r->results[r->n_results++], tasks[i / r->n_systems],
                                        r->systems[i % r->n_systems].name, o, err);
        if (status != REC_OK)
            return status;
    }
    return REC_OK;
}

static rec_status fill_expected(rec_report *r, rec_error *err)
{
    double measured =
        rec_result_figure(rec_report_result(r, "retrieval", "ease"), "ndcg", 20)->mean;
    const rec_expected rows[] = {
        {.published = round(measured * 1e4) / 1e4, .digits = 4, .within = true},
        {.published = 0.9, .digits = -1, .tol = 0.01, .side = REC_SIDE_AT_LEAST, .within = false},
    };
    TRY_ARRAY(r->expected, 2);
    for (size_t i = 0; i < 2; i++) {
        rec_expected *e = &r->expected[r->n_expected++];
        *e = rows[i];
        e->measured = measured;
        TRY_TEXT(e->system, "ease");
        TRY_TEXT(e->task, "retrieval");
        TRY_TEXT(e->metric, "ndcg@20");
        TRY_TEXT(e->source, i == 0 ? "ACM TOIS 39(2), 2021, table 46" : "a wish");
    }
    return REC_OK;
}

rec_status fixture_report(rec_report **out, fixture_options options, rec_error *err)
{
    rec_report *r = NULL;
    rec_status status;
    if (options.n_users == 0)
        options.n_users = 40;
    REC_TRY_NEW(r, 1, err);
    r->schema = REC_REPORT_SCHEMA;
    REC_TRY(fill_root(r, options, err));
    REC_TRY(fill_systems(r, err));
    REC_TRY(fill_results(r, options, err));
    REC_TRY(fill_expected(r, err));
    *out = r;
    r = NULL;
cleanup:
    rec_report_free(r);
    return status;
}
