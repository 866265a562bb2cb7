#include "models/lm/kv_cache.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "models/lm/kernels.h"

/* In front of a page's floats, in a cache line of its own. */
typedef struct page_header {
    size_t n_owners;
    struct page_header *next; /* of the free list */
} page_header;

enum { HEADER_FLOATS = 16 };
_Static_assert(sizeof(page_header) <= HEADER_FLOATS * sizeof(float), "the header fits its line");

struct rec_kv_pool {
    size_t page_floats, max_pages;
    size_t n_used;
    page_header *free;
};

static page_header *header_of(float *page)
{
    return (page_header *)(void *)(page - HEADER_FLOATS);
}

static float *page_of(page_header *header)
{
    return (float *)(void *)header + HEADER_FLOATS;
}

static size_t head_floats(const rec_lm_config *c)
{
    return 2 * c->head_dim * REC_KV_PAGE;
}

size_t rec_kv_offset(const rec_lm_config *c, size_t layer, size_t head)
{
    return (layer * c->n_kv_heads + head) * head_floats(c);
}

static size_t pages_for(size_t n_tokens)
{
    return n_tokens / REC_KV_PAGE + (n_tokens % REC_KV_PAGE != 0);
}

size_t rec_kv_bytes(const rec_lm_config *c, size_t n_tokens)
{
    return pages_for(n_tokens) * c->n_layers * c->n_kv_heads * head_floats(c) * sizeof(float);
}

rec_status rec_kv_pool_new(rec_kv_pool **out, const rec_lm_config *c, size_t max_tokens,
                           rec_error *err)
{
    rec_kv_pool *pool = rec_alloc(1, sizeof *pool, err);
    *out = pool;
    if (pool == NULL)
        return REC_ERR_RESOURCE;
    pool->page_floats = c->n_layers * c->n_kv_heads * head_floats(c);
    pool->max_pages = pages_for(max_tokens);
    return REC_OK;
}

void rec_kv_pool_free(rec_kv_pool *pool)
{
    if (pool == NULL)
        return;
    assert(pool->n_used == 0);
    for (page_header *header = pool->free, *next; header != NULL; header = next) {
        next = header->next;
        free(header);
    }
    free(pool);
}

size_t rec_kv_pool_room(const rec_kv_pool *pool)
{
    return (pool->max_pages - pool->n_used) * REC_KV_PAGE;
}

static float *take_page(rec_kv_pool *pool, rec_error *err)
{
    page_header *header = pool->free;
    if (pool->n_used == pool->max_pages) {
        rec_fail(err, REC_ERR_RESOURCE, "the cache of keys and values is full (%zu tokens)",
                 pool->max_pages * REC_KV_PAGE);
        return NULL;
    }
    if (header != NULL) {
        pool->free = header->next;
    } else { /* zeroed: what was never written must not be NaN */
        header = rec_alloc_aligned(HEADER_FLOATS + pool->page_floats, sizeof(float), err);
        if (header == NULL)
            return NULL;
    }
    header->n_owners = 1;
    pool->n_used++;
    return page_of(header);
}

static void drop_page(rec_kv_pool *pool, float *page)
{
    page_header *header = header_of(page);
    if (--header->n_owners > 0)
        return;
    header->next = pool->free;
    pool->free = header;
    pool->n_used--;
}

static rec_status make_list_room(rec_kv *kv, size_t n_pages, rec_error *err)
{
    if (n_pages <= kv->capacity)
        return REC_OK;
    size_t capacity = kv->capacity > 0 ? kv->capacity : 8;
    while (capacity < n_pages)
        capacity *= 2;
    float **pages = rec_realloc(kv->pages, capacity, sizeof *pages, err);
    if (pages == NULL)
        return REC_ERR_RESOURCE;
    kv->pages = pages;
    kv->capacity = capacity;
    return REC_OK;
}

/* The page that the next token goes to, when it is partly filled and shared, becomes our own. */
static rec_status own_last_page(rec_kv *kv, rec_kv_pool *pool, rec_error *err)
{
    size_t last = kv->length / REC_KV_PAGE;
    if (kv->length % REC_KV_PAGE == 0 || header_of(kv->pages[last])->n_owners == 1)
        return REC_OK;
    float *copy = take_page(pool, err);
    if (copy == NULL)
        return REC_ERR_RESOURCE;
    memcpy(copy, kv->pages[last], pool->page_floats * sizeof *copy);
    drop_page(pool, kv->pages[last]);
    kv->pages[last] = copy;
    return REC_OK;
}

rec_status rec_kv_reserve(rec_kv *kv, rec_kv_pool *pool, size_t n, rec_error *err)
{
    size_t wanted = pages_for(kv->length + n), before = kv->n_pages;
    rec_status status = make_list_room(kv, wanted, err);
    if (status == REC_OK && n > 0)
        status = own_last_page(kv, pool, err);
    while (status == REC_OK && kv->n_pages < wanted) {
        float *page = take_page(pool, err);
        if (page == NULL)
            status = REC_ERR_RESOURCE;
        else
            kv->pages[kv->n_pages++] = page;
    }
    while (status != REC_OK && kv->n_pages > before)
        drop_page(pool, kv->pages[--kv->n_pages]);
    return status;
}

rec_status rec_kv_share(rec_kv *kv, rec_kv_pool *pool, const rec_kv *from, size_t n, rec_error *err)
{
    assert(kv->n_pages == 0 && kv->length == 0 && n <= from->length);
    size_t n_pages = pages_for(n);
    (void)pool;
    rec_status status = make_list_room(kv, n_pages, err);
    if (status != REC_OK)
        return status;
    for (size_t i = 0; i < n_pages; i++) {
        kv->pages[i] = from->pages[i];
        header_of(kv->pages[i])->n_owners++;
    }
    kv->n_pages = n_pages;
    kv->length = n;
    return REC_OK;
}

void rec_kv_truncate(rec_kv *kv, rec_kv_pool *pool, size_t n)
{
    assert(n <= kv->length);
    while (kv->n_pages > pages_for(n))
        drop_page(pool, kv->pages[--kv->n_pages]);
    kv->length = n;
}

void rec_kv_clear(rec_kv *kv, rec_kv_pool *pool)
{
    rec_kv_truncate(kv, pool, 0);
    free(kv->pages);
    *kv = (rec_kv){.pages = NULL};
}
