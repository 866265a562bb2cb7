#include "models/lm/constraint.h"

#include "core/sorted.h"

rec_status rec_constraint_allowed(rec_next_ids *out, rec_constraint *c, rec_error *err)
{
    return c->class->allowed(out, c, err);
}

rec_status rec_constraint_advance(rec_constraint *c, uint32_t id, rec_error *err)
{
    return c->class->advance(c, id, err);
}

rec_status rec_constraint_clone(rec_constraint **out, const rec_constraint *c, rec_error *err)
{
    *out = NULL;
    return c->class->clone(out, c, err);
}

void rec_constraint_free(rec_constraint *c)
{
    if (c != NULL)
        c->class->free(c);
}

bool rec_next_ids_has(const rec_next_ids *allowed, uint32_t id)
{
    return allowed->free || rec_sorted_has(allowed->ids, allowed->n, id);
}
