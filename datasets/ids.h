/** The dense order of ids: numeric if all are decimal integers, else byte order. */
#ifndef REC_DATASETS_IDS_H
#define REC_DATASETS_IDS_H

#include <stddef.h>
#include <stdint.h>

#include "core/status.h"

/** new_of_old (n): position of every id in the dense order. Ids are distinct. */
rec_status rec_ids_order(uint32_t *new_of_old, char *const *ids, size_t n, rec_error *err);

/** Position of an id among ids in dense order, or UINT32_MAX. */
uint32_t rec_ids_find(char *const *ids, size_t n, const char *id);

#endif
