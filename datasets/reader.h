/**
 * The interface of every reader of a data format. A plug-in is one file in datasets/readers/ that
 * defines one `rec_reader`, and one line in readers.def. A reader turns files into rows, ids, titles,
 * columns and tables; filters, order, splits and negatives are common to all (datasets/load.c).
 */
#ifndef REC_DATASETS_READER_H
#define REC_DATASETS_READER_H

#include <stdbool.h>
#include <stddef.h>

#include "core/option.h"
#include "core/status.h"
#include "datasets/builder.h"

typedef struct rec_reader {
    const char *name;  /* `type:` in the config */
    const char *help;  /* one line */
    const char *files; /* what it reads, for docs and `recai list` */
    size_t size;       /* of the struct the options are parsed into */
    const rec_option *options;

    /** True if a folder or file looks like this format, for `recai data PATH`; optional. */
    bool (*recognises)(const char *path);
    /** Key of the option that takes that folder or file; NULL = "path". */
    const char *path_option;

    /** @param seed  of the run; only generators use it. REC_ERR_DATA names file and place. */
    rec_status (*read)(const void *self, rec_builder *b, uint64_t seed, rec_error *err);
} rec_reader;

/** All plug-ins, in the order of readers.def. */
extern const rec_reader *const rec_readers[];
extern const size_t rec_n_readers;
const rec_reader *rec_reader_find(const char *name); /* or NULL */

#endif
