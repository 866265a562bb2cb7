#include "datasets/reader.h"

#include <string.h>

#define REC_READER(name) extern const rec_reader rec_reader_##name;
#include "datasets/readers/readers.def"
#undef REC_READER

#define REC_READER(name) &rec_reader_##name,
const rec_reader *const rec_readers[] = {
#include "datasets/readers/readers.def"
};
#undef REC_READER

const size_t rec_n_readers = sizeof rec_readers / sizeof *rec_readers;

const rec_reader *rec_reader_find(const char *name)
{
    for (size_t i = 0; i < rec_n_readers; i++)
        if (strcmp(rec_readers[i]->name, name) == 0)
            return rec_readers[i];
    return NULL;
}
