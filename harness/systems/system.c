#include "harness/systems/system.h"

#include <assert.h>
#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "harness/systems/kinds.h"

#define REC_SYSTEM_KIND(name) &rec_system_kind_##name,
static const rec_system_kind *const kinds[] = {
#include "harness/systems/kinds.def"
};
#undef REC_SYSTEM_KIND

enum { N_KINDS = sizeof kinds / sizeof *kinds };

void rec_capabilities_text(char *out, size_t size, unsigned capabilities)
{
    static const char *const names[] = {"score",   "respond",  "choose", "embed",
                                        "explain", "converse", "search"};
    size_t used = 0;
    out[0] = '\0';
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if ((capabilities & (1u << i)) == 0 || used >= size)
            continue;
        int n = snprintf(out + used, size - used, "%s%s", used > 0 ? ", " : "", names[i]);
        used += n > 0 ? (size_t)n : 0;
    }
}

static size_t n_types_of(const rec_system_kind *kind)
{
    return kind->count != NULL ? kind->count() : kind->n_types;
}

size_t rec_system_type_count(void)
{
    size_t n = 0;
    for (size_t i = 0; i < N_KINDS; i++)
        n += n_types_of(kinds[i]);
    return n;
}

rec_system_type rec_system_type_at(size_t i)
{
    size_t kind = 0;
    while (i >= n_types_of(kinds[kind]))
        i -= n_types_of(kinds[kind++]);
    return kinds[kind]->at != NULL ? kinds[kind]->at(i) : kinds[kind]->types[i];
}

bool rec_system_type_find(rec_system_type *out, const char *name)
{
    for (size_t i = 0; i < rec_system_type_count(); i++) {
        *out = rec_system_type_at(i);
        if (strcmp(out->name, name) == 0)
            return true;
    }
    return false;
}

const char *const rec_fit_on_names[] = {"train", "train_valid", "all", NULL};

unsigned rec_fit_on_parts(rec_fit_on fit_on)
{
    static const unsigned parts[] = {REC_PART_TRAIN, REC_PART_TRAIN | REC_PART_VALID, REC_PART_ALL};
    return parts[fit_on];
}

const rec_option rec_system_common_options[] = {
    {"name", "unique name of the entry; default: its type", offsetof(rec_system_common, name),
     REC_OPT_STRING, .text = NULL},
    {"type", "what it is: recai list systems", offsetof(rec_system_common, type), REC_OPT_STRING,
     .required = true},
    {"fit_on",
     "interactions it learns from: train | train_valid | all; all has seen the test rows and is "
     "flagged",
     offsetof(rec_system_common, fit_on), REC_OPT_ENUM, .choices = rec_fit_on_names},
    {"tune", "search over its options against a validation metric",
     offsetof(rec_system_common, tune), REC_OPT_ANY, .text = NULL},
    {.key = NULL},
};

static const char *const common_keys[] = {"name", "type", "fit_on", "tune", NULL};

static rec_status create(void **self, const rec_system_type *type, const rec_yaml *entry,
                         rec_error *err)
{
    const rec_system_kind *kind = type->kind;
    if (kind->create != NULL)
        return kind->create(self, type, entry, common_keys, err);
    void *object = rec_alloc(1, kind->size, err);
    if (object == NULL)
        return REC_ERR_RESOURCE;
    rec_status status = rec_options_parse(object, type->options, entry, common_keys, err);
    if (status == REC_OK && kind->init != NULL) {
        status = kind->init(object, type, entry, err);
        if (status != REC_OK)
            rec_options_deinit(object, type->options);
    }
    if (status != REC_OK) {
        free(object);
        return status;
    }
    *self = object;
    return REC_OK;
}

static void destroy(void *self, const rec_system_type *type)
{
    if (type->kind->destroy != NULL) {
        type->kind->destroy(self);
        return;
    }
    if (type->kind->deinit != NULL)
        type->kind->deinit(self);
    rec_options_deinit(self, type->options);
    free(self);
}

rec_status rec_system_new(rec_system **out, const char *name, const rec_system_type *type,
                          const rec_yaml *entry, rec_error *err)
{
    *out = NULL;
    rec_system *s = rec_alloc(1, sizeof *s, err);
    if (s == NULL)
        return REC_ERR_RESOURCE;
    s->name = name;
    s->type = *type;
    rec_status status = create(&s->self, type, entry, err);
    if (status != REC_OK) {
        free(s);
        return status;
    }
    *out = s;
    return REC_OK;
}

void rec_system_free(rec_system *s)
{
    if (s == NULL)
        return;
    destroy(s->self, &s->type);
    free(s);
}

static rec_status with_name(const rec_system *s, rec_status status, rec_error *err)
{
    if (status != REC_OK && status != REC_ERR_INTERRUPTED)
        rec_error_prefix(err, "system %s", s->name);
    return status;
}

rec_status rec_system_connect(rec_system *s, const rec_system_links *links, rec_error *err)
{
    if (s->type.kind->connect == NULL)
        return REC_OK;
    return with_name(s, s->type.kind->connect(s->self, links, err), err);
}

rec_status rec_system_fit(rec_system *s, const rec_fit_data *data, rec_error *err)
{
    if (s->type.kind->fit == NULL)
        return REC_OK;
    return with_name(s, s->type.kind->fit(s->self, data, err), err);
}

rec_status rec_system_save(const rec_system *s, const char *path, rec_error *err)
{
    assert(s->type.kind->save != NULL);
    return with_name(s, s->type.kind->save(s->self, path, err), err);
}

rec_status rec_system_load(rec_system *s, const char *path, const rec_dataset *dataset,
                           rec_error *err)
{
    assert(s->type.kind->load != NULL);
    return with_name(s, s->type.kind->load(s->self, path, dataset, err), err);
}

rec_status rec_system_answer(rec_reply_batch *replies, const rec_system *s,
                             const rec_request *requests, size_t n, size_t n_items, rec_error *err)
{
    return with_name(s, s->type.kind->answer(replies, s->self, requests, n, n_items, err), err);
}

size_t rec_system_n_parameters(const rec_system *s)
{
    return s->type.kind->n_parameters != NULL ? s->type.kind->n_parameters(s->self) : 0;
}

bool rec_system_cost(rec_fit_cost *out, const rec_system *s, const rec_fit_size *size)
{
    return s->type.kind->cost != NULL && s->type.kind->cost(out, s->self, size);
}

double rec_system_query_flops(const rec_system *s, const rec_fit_size *size)
{
    return s->type.kind->query_flops != NULL ? s->type.kind->query_flops(s->self, size) : 0.0;
}

cJSON *rec_system_options_json(const rec_system *s, rec_error *err)
{
    return rec_options_json(rec_system_option_values(s), s->type.options, err);
}

const void *rec_system_option_values(const rec_system *s)
{
    const rec_system_kind *kind = s->type.kind;
    return kind->option_values != NULL ? kind->option_values(s->self) : s->self;
}
