/* A synthetic data set with known truth (datasets/synth_truth.h): the default that needs no network.
 * Latent taste classes, popularity skew, sequels that follow each other, a price effect for thrifty
 * classes; the topic of an item shows in its title, tags and description. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/buffer.h"
#include "core/interrupt.h"
#include "core/memory.h"
#include "core/rng.h"
#include "datasets/alias.h"
#include "datasets/number.h"
#include "datasets/reader.h"
#include "datasets/synth_truth.h"
#include "datasets/synth_words.h"

enum { SERIES_LENGTH = 3, DAY = 86400, FAVOURITES = 3, TRIES = 1000 };

typedef struct synth {
    int64_t users, items, topics, classes, min_length, seed;
    double mean_length, popularity, taste, sequence, price_effect, missing;
    bool ratings;
} synth;

static const rec_option synth_options[] = {
    {"users", "number of users", offsetof(synth, users), REC_OPT_INT, .value = 1000, .min = 1,
     .max = 1e8},
    {"items", "number of items", offsetof(synth, items), REC_OPT_INT, .value = 500, .min = 2,
     .max = 1e7},
    {"mean_length", "mean interactions per user", offsetof(synth, mean_length), REC_OPT_REAL,
     .value = 20, .min = 1, .max = 1e5},
    {"min_length", "least interactions per user", offsetof(synth, min_length), REC_OPT_INT,
     .value = 5, .min = 1, .max = 1e5},
    {"topics", "topics of items", offsetof(synth, topics), REC_OPT_INT, .value = 8, .min = 1,
     .max = 16},
    {"classes", "taste classes of users", offsetof(synth, classes), REC_OPT_INT, .value = 12,
     .min = 1, .max = 1000},
    {"popularity", "exponent a of the popularity weight rank^-a", offsetof(synth, popularity),
     REC_OPT_REAL, .value = 0.8, .min = 0, .max = 4},
    {"taste", "share of a class's choices that goes to its favourite topics",
     offsetof(synth, taste), REC_OPT_REAL, .value = 0.8, .min = 0, .max = 1},
    {"sequence", "probability that the next item is the one that follows the last",
     offsetof(synth, sequence), REC_OPT_REAL, .value = 0.2, .min = 0, .max = 0.95},
    {"price_effect", "log odds of a cheap item for a thrifty class", offsetof(synth, price_effect),
     REC_OPT_REAL, .value = 1, .min = -10, .max = 10},
    {"missing", "share of attribute values that are missing", offsetof(synth, missing),
     REC_OPT_REAL, .value = 0.05, .min = 0, .max = 1},
    {"ratings", "interactions carry a rating from 1 to 5", offsetof(synth, ratings), REC_OPT_BOOL,
     .value = 1},
    {"generator_seed", "seed of the generator; -1 = seed of the run", offsetof(synth, seed),
     REC_OPT_INT, .value = -1, .min = -1, .max = 9e15},
    {.key = NULL},
};

/* ---- truth ---- */

/* Favourite topics take 1/2, 1/3, 1/6 of `taste`; the rest is spread evenly over all topics. */
static void draw_classes(rec_synth_truth *t, const synth *o, uint64_t seed)
{
    static const double shares[FAVOURITES] = {1.0 / 2, 1.0 / 3, 1.0 / 6};
    uint32_t n_topics = (uint32_t)t->n_topics;
    uint32_t n_favourites = n_topics < FAVOURITES ? n_topics : FAVOURITES;
    double given = 0.0;
    for (uint32_t k = 0; k < n_favourites; k++)
        given += shares[k];
    for (size_t c = 0; c < t->n_classes; c++) {
        rec_rng rng = rec_rng_keyed(seed, "synth/class", c);
        uint32_t favourites[FAVOURITES];
        rec_rng_sample(favourites, &rng, n_topics, n_favourites);
        double *theta = t->theta + c * n_topics;
        for (uint32_t k = 0; k < n_topics; k++)
            theta[k] = (1.0 - o->taste) / n_topics;
        for (uint32_t k = 0; k < n_favourites; k++)
            theta[favourites[k]] += o->taste * shares[k] / given;
        t->thrifty[c] = c % 2 == 1;
    }
}

/* Parts of a series stand next to each other and share their topic; the last part leads on to the
 * first part of some series. Every topic has items, since series take topics in turn. */
static rec_status draw_items(rec_synth_truth *t, double *price, const synth *o, uint64_t seed,
                             rec_error *err)
{
    uint32_t *rank = rec_alloc(t->n_items, sizeof *rank, err);
    if (rank == NULL)
        return REC_ERR_RESOURCE;
    for (size_t i = 0; i < t->n_items; i++)
        rank[i] = (uint32_t)i;
    rec_rng shuffle = rec_rng_keyed(seed, "synth/popularity", 0);
    rec_rng_shuffle(&shuffle, rank, t->n_items, sizeof *rank);
    size_t n_series = (t->n_items + SERIES_LENGTH - 1) / SERIES_LENGTH;
    for (size_t i = 0; i < t->n_items; i++) {
        rec_rng rng = rec_rng_keyed(seed, "synth/item", i);
        size_t series = i / SERIES_LENGTH;
        bool ends = i % SERIES_LENGTH == SERIES_LENGTH - 1 || i + 1 == t->n_items;
        t->topic[i] = (uint32_t)(series % t->n_topics);
        t->weight[i] = pow((double)rank[i] + 1.0, -o->popularity);
        t->follows[i] =
            ends ? SERIES_LENGTH * rec_rng_below(&rng, (uint32_t)n_series) : (uint32_t)i + 1;
        price[i] = round(100.0 * exp(2.7 + 0.7 * rec_rng_normal(&rng))) / 100.0;
        t->cheap[i] = price[i] < 15.0;
    }
    free(rank);
    return REC_OK;
}

/* ---- catalogue ---- */

typedef struct columns {
    rec_column_builder *genre, *tags, *description, *maker, *price, *released;
} columns;

static rec_status make_columns(columns *c, rec_builder *b, rec_error *err)
{
    rec_status status = REC_OK;
    REC_TRY(rec_builder_column(&c->genre, b, "genre", REC_COLUMN_TEXT, err));
    REC_TRY(rec_builder_column(&c->tags, b, "tags", REC_COLUMN_TEXTS, err));
    REC_TRY(rec_builder_column(&c->description, b, "description", REC_COLUMN_TEXT, err));
    REC_TRY(rec_builder_column(&c->maker, b, "maker", REC_COLUMN_TEXT, err));
    REC_TRY(rec_builder_column(&c->price, b, "price", REC_COLUMN_NUMBER, err));
    REC_TRY(rec_builder_column(&c->released, b, "released", REC_COLUMN_DATE, err));
cleanup:
    return status;
}

static const char *pick(const char *const *words, size_t n, rec_rng *rng)
{
    return words[rec_rng_below(rng, (uint32_t)n)];
}

/* "Crimson Harbor", "Crimson Harbor, Part 2"; every series of a topic has its own pair of words, and a
 * number once the pairs are used up. */
static rec_status item_title(rec_buffer *out, const rec_synth_truth *t, size_t item, rec_error *err)
{
    size_t series = item / SERIES_LENGTH, part = item % SERIES_LENGTH + 1;
    size_t nth = series / t->n_topics; /* within its topic */
    const rec_synth_topic *topic = &rec_synth_topics[t->topic[item]];
    size_t n_pairs = REC_SYNTH_NOUNS * rec_synth_n_adjectives;
    rec_buffer_clear(out);
    /* 5 and 8 * 32 have no common divisor: neighbouring series get unlike titles. */
    size_t pair = nth * 5 % n_pairs;
    rec_status status =
        rec_buffer_printf(out, err, "%s %s", rec_synth_adjectives[pair / REC_SYNTH_NOUNS],
                          topic->nouns[pair % REC_SYNTH_NOUNS]);
    if (status == REC_OK && nth >= n_pairs)
        status = rec_buffer_printf(out, err, " %zu", nth / n_pairs + 1);
    if (status == REC_OK && part > 1)
        status = rec_buffer_printf(out, err, ", Part %zu", part);
    return status;
}

static bool present(rec_rng *rng, const synth *o)
{
    return rec_rng_uniform(rng) >= o->missing;
}

static rec_status set_text(rec_column_builder *c, size_t item, const char *text, rec_error *err)
{
    return rec_column_set_text(c, item, text, strlen(text), err);
}

static rec_status add_tag(rec_column_builder *c, size_t item, const char *text, rec_error *err)
{
    return rec_column_add_text(c, item, text, strlen(text), err);
}

/* Draws happen in a fixed order whether or not the value is missing. */
static rec_status describe_item(columns *c, rec_buffer *text, const rec_synth_truth *t, size_t item,
                                double price, const synth *o, uint64_t seed, rec_error *err)
{
    rec_status status = REC_OK;
    rec_rng rng = rec_rng_keyed(seed, "synth/attributes", item);
    const rec_synth_topic *topic = &rec_synth_topics[t->topic[item]];
    const char *mood = pick(rec_synth_moods, rec_synth_n_moods, &rng);
    const char *maker = pick(rec_synth_makers, rec_synth_n_makers, &rng);
    uint32_t tags[2];
    rec_rng_sample(tags, &rng, REC_SYNTH_TAGS, 2);
    double released =
        (double)rec_date_seconds(1990, 1, 1) + DAY * (double)rec_rng_below(&rng, 12000);
    if (present(&rng, o))
        REC_TRY(set_text(c->genre, item, topic->name, err));
    if (present(&rng, o)) {
        REC_TRY(add_tag(c->tags, item, topic->tags[tags[0]], err));
        REC_TRY(add_tag(c->tags, item, topic->tags[tags[1]], err));
        REC_TRY(add_tag(c->tags, item, mood, err));
    }
    rec_buffer_clear(text);
    REC_TRY(rec_buffer_printf(text, err, "A %s story about %s, with %s and %s.", mood,
                              topic->phrase, topic->tags[tags[0]], topic->tags[tags[1]]));
    if (present(&rng, o))
        REC_TRY(set_text(c->description, item, text->data, err));
    if (present(&rng, o))
        REC_TRY(set_text(c->maker, item, maker, err));
    if (present(&rng, o))
        REC_TRY(rec_column_set_number(c->price, item, price, err));
    if (present(&rng, o))
        REC_TRY(rec_column_set_number(c->released, item, released, err));
cleanup:
    return status;
}

static rec_status make_catalogue(rec_builder *b, const rec_synth_truth *t, const double *price,
                                 const synth *o, uint64_t seed, rec_error *err)
{
    rec_status status = REC_OK;
    columns c;
    rec_buffer text = {.length = 0};
    REC_TRY(make_columns(&c, b, err));
    for (size_t i = 0; i < t->n_items; i++) {
        char id[24];
        uint32_t item;
        int length = snprintf(id, sizeof id, "%zu", i + 1);
        REC_TRY(rec_builder_item(&item, b, id, (size_t)length, err));
        REC_TRY(item_title(&text, t, i, err));
        REC_TRY(rec_builder_title(b, item, text.data, text.length, err));
        REC_TRY(describe_item(&c, &text, t, i, price[i], o, seed, err));
    }
cleanup:
    rec_buffer_deinit(&text);
    return status;
}

/* ---- interactions ---- */

typedef struct generator {
    const synth *options;
    const rec_synth_truth *truth;
    rec_alias *next;   /* (n_classes) P_c */
    uint32_t *seen_by; /* (n_items) user + 1 of the last user who had the item */
    uint64_t seed;
} generator;

static size_t draw_length(const generator *g, rec_rng *rng)
{
    const synth *o = g->options;
    double extra = o->mean_length - (double)o->min_length;
    double length = (double)o->min_length;
    if (extra > 0) /* geometric: many short, few long */
        length += floor(-log(1.0 - rec_rng_uniform(rng)) / log1p(1.0 / extra));
    size_t most = g->truth->n_items - g->truth->n_items / 4; /* an unseen item stays easy to find */
    return length < (double)most ? (size_t)length : most;
}

/* One draw from s [follows] + (1 - s) P_c, repeated while the item was had before: that is the
 * renormalised distribution. REC_NO_ITEM when the class has run out of items it likes. */
static uint32_t draw_item(const generator *g, rec_rng *rng, uint32_t user, uint32_t last)
{
    const rec_synth_truth *t = g->truth;
    for (int i = 0; i < TRIES; i++) {
        bool follow = last != REC_NO_ITEM && rec_rng_uniform_float(rng) < (float)t->sequence;
        uint32_t item =
            follow ? t->follows[last] : rec_alias_draw(&g->next[t->user_class[user]], rng);
        if (g->seen_by[item] != user + 1)
            return item;
    }
    return REC_NO_ITEM;
}

/* 3 for what one takes anyway, more for favourite topics, with noise. */
static float draw_rating(const generator *g, rec_rng *rng, uint32_t user, uint32_t item)
{
    const rec_synth_truth *t = g->truth;
    double share = t->theta[t->user_class[user] * t->n_topics + t->topic[item]];
    double value = round(2.8 + 3.0 * share + 0.8 * rec_rng_normal(rng));
    return (float)fmin(fmax(value, 1.0), 5.0);
}

static rec_status generate_user(rec_builder *b, const generator *g, uint32_t user, rec_error *err)
{
    rec_rng rng = rec_rng_keyed(g->seed, "synth/user", user);
    rec_rng noise = rec_rng_keyed(g->seed, "synth/rating", user);
    double time = (double)rec_date_seconds(2020, 1, 1) + floor(rec_rng_uniform(&rng) * 1000 * DAY);
    size_t length = draw_length(g, &rng);
    uint32_t last = REC_NO_ITEM;
    for (size_t i = 0; i < length; i++) {
        uint32_t item = draw_item(g, &rng, user, last);
        if (item == REC_NO_ITEM)
            break;
        float value = g->options->ratings ? draw_rating(g, &noise, user, item) : 1.0f;
        rec_status status = rec_builder_add(b, user, item, value, time, REC_PART_NONE, err);
        if (status != REC_OK)
            return status;
        g->seen_by[item] = user + 1;
        last = item;
        time += 1 + rec_rng_below(&rng, 3 * DAY);
    }
    return REC_OK;
}

static rec_status generator_init(generator *g, rec_error *err)
{
    rec_status status = REC_OK;
    const rec_synth_truth *t = g->truth;
    double *distribution = NULL;
    REC_TRY_NEW(distribution, t->n_items, err);
    REC_TRY_NEW(g->seen_by, t->n_items, err);
    REC_TRY_NEW(g->next, t->n_classes, err);
    for (size_t c = 0; c < t->n_classes; c++) {
        REC_TRY(rec_synth_class_distribution(distribution, t, c, err));
        REC_TRY(rec_alias_init(&g->next[c], distribution, t->n_items, err));
    }
cleanup:
    free(distribution);
    return status;
}

static void generator_deinit(generator *g)
{
    for (size_t c = 0; g->next != NULL && c < g->truth->n_classes; c++)
        rec_alias_deinit(&g->next[c]);
    free(g->next);
    free(g->seen_by);
}

static rec_status generate(rec_builder *b, const rec_synth_truth *t, const synth *o, uint64_t seed,
                           rec_error *err)
{
    rec_status status = REC_OK;
    generator g = {.options = o, .truth = t, .seed = seed};
    REC_TRY(generator_init(&g, err));
    rec_builder_set_rows(b, REC_ROWS_TIME | (o->ratings ? REC_ROWS_VALUE : 0u));
    for (size_t u = 0; u < t->n_users; u++) {
        if (u % 4096 == 0)
            REC_TRY(rec_interrupt_check(err));
        REC_TRY(generate_user(b, &g, (uint32_t)u, err));
    }
cleanup:
    generator_deinit(&g);
    return status;
}

static rec_status make_users(rec_builder *b, rec_synth_truth *t, uint64_t seed, rec_error *err)
{
    for (size_t u = 0; u < t->n_users; u++) {
        char id[24];
        uint32_t user;
        int length = snprintf(id, sizeof id, "%zu", u + 1);
        rec_status status = rec_builder_user(&user, b, id, (size_t)length, err);
        if (status != REC_OK)
            return status;
        rec_rng rng = rec_rng_keyed(seed, "synth/taste", u);
        t->user_class[u] = rec_rng_below(&rng, (uint32_t)t->n_classes);
    }
    return REC_OK;
}

static rec_status synth_read(const void *self, rec_builder *b, uint64_t seed, rec_error *err)
{
    const synth *o = self;
    rec_status status = REC_OK;
    rec_synth_truth t = {.n_users = 0};
    double *price = NULL;
    if (o->seed >= 0)
        seed = (uint64_t)o->seed;
    if (o->items < SERIES_LENGTH * o->topics)
        return rec_fail(err, REC_ERR_CONFIG, "synth: %d items per topic at least", SERIES_LENGTH);
    REC_TRY(rec_synth_truth_init(&t, (size_t)o->users, (size_t)o->items, (size_t)o->topics,
                                 (size_t)o->classes, err));
    t.sequence = o->sequence;
    t.price_effect = o->price_effect;
    REC_TRY_NEW(price, t.n_items, err);
    draw_classes(&t, o, seed);
    REC_TRY(draw_items(&t, price, o, seed, err));
    REC_TRY(make_catalogue(b, &t, price, o, seed, err));
    REC_TRY(make_users(b, &t, seed, err));
    REC_TRY(generate(b, &t, o, seed, err));
    REC_TRY(rec_synth_truth_write(b, &t, err));
cleanup:
    free(price);
    rec_synth_truth_deinit(&t);
    return status;
}

const rec_reader rec_reader_synth = {
    .name = "synth",
    .help = "synthetic data with known truth; needs no file",
    .files = "none",
    .size = sizeof(synth),
    .options = synth_options,
    .read = synth_read,
};
