/**
 * A system: a named entry of `systems:` that tasks put questions to. What it can do is a set of
 * capability bits; a task runs against every system that has the bits it needs.
 *
 * Systems come in kinds (recommenders are the first): a kind knows the types it provides and how to
 * create, fit, store and ask one. The runner sees kinds and types only, so that a new kind is one
 * file in harness/systems/ and one line in kinds.def.
 */
#ifndef REC_HARNESS_SYSTEMS_SYSTEM_H
#define REC_HARNESS_SYSTEMS_SYSTEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/option.h"
#include "core/yaml.h"
#include "harness/systems/request.h"
#include "models/lm/pool.h"
#include "models/recommender.h"

/** What a system can be asked. A set of capabilities is an `unsigned`. */
typedef enum rec_capability {
    REC_CAN_SCORE = 1,     /* scores of items for a query */
    REC_CAN_RESPOND = 2,   /* free text to a prompt */
    REC_CAN_CHOOSE = 4,    /* one of several options */
    REC_CAN_EMBED = 8,     /* vectors of texts */
    REC_CAN_EXPLAIN = 16,  /* why an item was recommended */
    REC_CAN_CONVERSE = 32, /* a dialogue of several turns */
    REC_CAN_SEARCH = 64    /* scores of items for a request in free text */
} rec_capability;

/** "score, respond": for messages and `recai list`. Cut at `size`. */
void rec_capabilities_text(char *out, size_t size, unsigned capabilities);

typedef struct rec_system_kind rec_system_kind;

/** What the options of a system may refer to. Borrowed; lives as long as the system. */
typedef struct rec_system_links {
    rec_lm_pool *lms;
    const rec_dataset *dataset;
    /** The fitted system of an option that refers to one (a teacher); NULL: no option names it. */
    const struct rec_system *(*system)(void *context, const char *name);
    void *context; /* of `system` */
} rec_system_links;

/** A type that an entry can name: `type: ease`. */
typedef struct rec_system_type {
    const rec_system_kind *kind;
    const char *name, *help, *citation; /* citation NULL: a baseline */
    unsigned can;
    const rec_option *options; /* of the type alone; the keys of every system are below */
    bool has_fit;              /* learns from data: fit_on and tune: mean something */
    bool is_random;            /* depends on the seed */
    bool expects_ties;         /* constant scores: metrics are expected values */
    bool sees_oracle;          /* reads the truth of generated data */
    bool sees_answers;         /* ranks by the answers a task sends along: no competitor */
    const void *plugin;        /* the kind's own */
} rec_system_type;

size_t rec_system_type_count(void);
rec_system_type rec_system_type_at(size_t i);
bool rec_system_type_find(rec_system_type *out, const char *name);

typedef enum rec_fit_on { REC_FIT_TRAIN, REC_FIT_TRAIN_VALID, REC_FIT_ALL } rec_fit_on;
extern const char *const rec_fit_on_names[];  /* by value; ends with NULL */
unsigned rec_fit_on_parts(rec_fit_on fit_on); /* set of rec_part */

/** Keys that every entry of `systems:` has. */
typedef struct rec_system_common {
    char *name, *type;
    int fit_on;                  /* rec_fit_on */
    const struct rec_yaml *tune; /* harness/run/tune.h reads it; NULL: no tuning */
} rec_system_common;
extern const rec_option rec_system_common_options[];

/** A live system: the options of an entry and, once fitted or loaded, a model. */
typedef struct rec_system {
    const char *name; /* borrowed from the config */
    rec_system_type type;
    void *self; /* owned, of the kind */
} rec_system;

/** @param entry  the YAML mapping of the entry; keys of rec_system_common are skipped here */
rec_status rec_system_new(rec_system **out, const char *name, const rec_system_type *type,
                          const rec_yaml *entry, rec_error *err);
void rec_system_free(rec_system *s);

/** Before fit, load or answer: what its references mean. Does no work: models are opened when used. */
rec_status rec_system_connect(rec_system *s, const rec_system_links *links, rec_error *err);
rec_status rec_system_fit(rec_system *s, const rec_fit_data *data, rec_error *err);
rec_status rec_system_save(const rec_system *s, const char *path, rec_error *err);
rec_status rec_system_load(rec_system *s, const char *path, const rec_dataset *dataset,
                           rec_error *err);

/**
 * Answer n requests of one round, in order: replies->replies[i] belongs to requests[i].
 * @return what the system returns, with its name in front; REC_ERR_MODEL for NaN scores
 */
rec_status rec_system_answer(rec_reply_batch *replies, const rec_system *s,
                             const rec_request *requests, size_t n, size_t n_items, rec_error *err);

size_t rec_system_n_parameters(const rec_system *s);
/** What fitting will take; false when the type does not say. */
bool rec_system_cost(rec_fit_cost *out, const rec_system *s, const rec_fit_size *size);
/** Operations of answering one query over the catalogue, roughly. */
double rec_system_query_flops(const rec_system *s, const rec_fit_size *size);
/** The type's options with their values; new object of the caller. */
struct cJSON *rec_system_options_json(const rec_system *s, rec_error *err);
/** The option struct that rec_system_type.options describes; borrowed. */
const void *rec_system_option_values(const rec_system *s);

/**
 * What a kind provides. `self` is its own object: of `size` bytes, zeros at first, at whose beginning
 * stands what the options of its type describe. fit, save, load and n_parameters may be NULL where no type
 * of the kind has_fit: nothing is learned, so there is nothing to keep.
 */
struct rec_system_kind {
    const char *name;
    const rec_system_type *types; /* (n_types) */
    size_t n_types, size;
    /** Optional: what options say together, once they are read. On failure `deinit` is not called. */
    rec_status (*init)(void *self, const rec_system_type *type, const rec_yaml *entry,
                       rec_error *err);
    void (*deinit)(void *self); /* optional: what the object owns beside options */

    /* In place of `types` to `deinit`, where types and objects are those of plug-ins. */
    size_t (*count)(void);
    rec_system_type (*at)(size_t i);
    rec_status (*create)(void **self, const rec_system_type *type, const rec_yaml *entry,
                         const char *const *ignore, rec_error *err);
    void (*destroy)(void *self);
    const void *(*option_values)(const void *self);

    rec_status (*connect)(void *self, const rec_system_links *links, rec_error *err); /* optional */
    rec_status (*fit)(void *self, const rec_fit_data *data, rec_error *err);
    rec_status (*save)(const void *self, const char *path, rec_error *err);
    rec_status (*load)(void *self, const char *path, const rec_dataset *dataset, rec_error *err);
    rec_status (*answer)(rec_reply_batch *replies, const void *self, const rec_request *requests,
                         size_t n, size_t n_items, rec_error *err);
    size_t (*n_parameters)(const void *self);
    bool (*cost)(rec_fit_cost *out, const void *self, const rec_fit_size *size); /* optional */
    double (*query_flops)(const void *self, const rec_fit_size *size);           /* optional */
};

#endif
