#include "core/journal.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "core/file.h"
#include "core/hash.h"
#include "core/memory.h"
#include "core/progress.h"

enum { FILE_HEADER = 16, RECORD_HEADER = 24, KEY_MAX = 65535 };

static const char file_magic[FILE_HEADER + 1] = "recai-journal 1\n";
static const char record_magic[4] = {'R', 'E', 'C', 'J'};

typedef struct entry {
    char *key;         /* owned */
    uint64_t position; /* of the latest record's header */
} entry;

struct rec_journal {
    char *path; /* owned */
    int fd;
    bool readonly;
    uint64_t end;   /* where the next record goes */
    entry *entries; /* owned, in order of first appearance */
    size_t n_entries, capacity;
    uint32_t *slots; /* owned hash table of entry index + 1; 0 = free */
    size_t n_slots;  /* power of two, at least twice the entries */
};

typedef struct record {
    uint64_t n_key, n_payload;
    uint32_t body_crc;
} record;

static uint64_t little_endian(const char *bytes, int n)
{
    uint64_t value = 0;
    for (int i = n; i-- > 0;)
        value = value << 8 | (unsigned char)bytes[i];
    return value;
}

static void put_little_endian(char *bytes, uint64_t value, int n)
{
    for (int i = 0; i < n; i++, value >>= 8)
        bytes[i] = (char)(value & 0xFF);
}

static uint32_t checksum(uint32_t crc, const char *bytes, size_t n)
{
    return (uint32_t)crc32_z(crc, (const unsigned char *)bytes, n);
}

/* Is there a whole, undamaged header with room for its body in n bytes? */
static bool header_at(record *out, const char *bytes, uint64_t n)
{
    if (n < RECORD_HEADER || memcmp(bytes, record_magic, sizeof record_magic) != 0 ||
        little_endian(bytes + 16, 4) != checksum(0, bytes, 16))
        return false;
    *out = (record){.n_key = little_endian(bytes + 4, 4),
                    .n_payload = little_endian(bytes + 8, 8),
                    .body_crc = (uint32_t)little_endian(bytes + 20, 4)};
    uint64_t room = n - RECORD_HEADER;
    return out->n_key > 0 && out->n_key <= KEY_MAX && out->n_key <= room &&
           out->n_payload <= room - out->n_key;
}

static uint64_t record_size(const record *r)
{
    return RECORD_HEADER + r->n_key + r->n_payload;
}

static bool record_at(record *out, const char *bytes, uint64_t n)
{
    return header_at(out, bytes, n) &&
           checksum(0, bytes + RECORD_HEADER, out->n_key + out->n_payload) == out->body_crc &&
           memchr(bytes + RECORD_HEADER, '\0', out->n_key) == NULL;
}

/* Does a whole record start anywhere in these bytes? Then what is before it was damaged later, not
 * cut off while it was written. */
static bool any_record_in(const char *bytes, uint64_t n)
{
    record found;
    for (const char *p = bytes, *end = bytes + n; p < end; p++) {
        p = memmem(p, (size_t)(end - p), record_magic, sizeof record_magic);
        if (p == NULL)
            return false;
        if (record_at(&found, p, (uint64_t)(end - p)))
            return true;
    }
    return false;
}

/* Slot of the key: its entry, or the free slot where it would go. */
static size_t slot_of(const rec_journal *j, const char *key, size_t n_key)
{
    size_t i = rec_fnv1a(key, n_key) & (j->n_slots - 1);
    for (; j->slots[i] != 0; i = (i + 1) & (j->n_slots - 1)) {
        const char *there = j->entries[j->slots[i] - 1].key;
        if (strncmp(there, key, n_key) == 0 && there[n_key] == '\0')
            break;
    }
    return i;
}

static const entry *find(const rec_journal *j, const char *key)
{
    if (j->n_slots == 0)
        return NULL;
    uint32_t index = j->slots[slot_of(j, key, strlen(key))];
    return index != 0 ? &j->entries[index - 1] : NULL;
}

/* Make room for one more entry, so that noting it cannot fail. */
static rec_status reserve(rec_journal *j, rec_error *err)
{
    if (j->n_entries == j->capacity) {
        size_t capacity = j->capacity > 0 ? 2 * j->capacity : 64;
        entry *entries = rec_realloc(j->entries, capacity, sizeof *entries, err);
        if (entries == NULL)
            return REC_ERR_RESOURCE;
        j->entries = entries;
        j->capacity = capacity;
    }
    if (2 * (j->n_entries + 1) <= j->n_slots)
        return REC_OK;
    size_t n_slots = j->n_slots > 0 ? 4 * j->n_slots : 256;
    uint32_t *slots = rec_alloc(n_slots, sizeof *slots, err);
    if (slots == NULL)
        return REC_ERR_RESOURCE;
    free(j->slots);
    j->slots = slots;
    j->n_slots = n_slots;
    for (size_t i = 0; i < j->n_entries; i++)
        j->slots[slot_of(j, j->entries[i].key, strlen(j->entries[i].key))] = (uint32_t)i + 1;
    return REC_OK;
}

/* After reserve(); a new key string is taken over, one that is known already is freed. */
static void note(rec_journal *j, char *key_take, uint64_t position)
{
    size_t slot = slot_of(j, key_take, strlen(key_take));
    if (j->slots[slot] != 0) {
        j->entries[j->slots[slot] - 1].position = position;
        free(key_take);
        return;
    }
    j->entries[j->n_entries++] = (entry){.key = key_take, .position = position};
    j->slots[slot] = (uint32_t)j->n_entries;
}

static rec_status read_index(rec_journal *j, const rec_map *map, rec_error *err)
{
    uint64_t at = FILE_HEADER;
    while (at < map->length) {
        record r;
        const char *bytes = map->data + at;
        if (!record_at(&r, bytes, map->length - at)) {
            if (any_record_in(bytes + 1, map->length - at - 1))
                return rec_fail(err, REC_ERR_DATA,
                                "%s: damaged at byte %llu, with whole records behind it", j->path,
                                (unsigned long long)at);
            break;
        }
        rec_status status = reserve(j, err);
        if (status != REC_OK)
            return status;
        char *key = rec_format(err, "%.*s", (int)r.n_key, bytes + RECORD_HEADER);
        if (key == NULL)
            return REC_ERR_RESOURCE;
        note(j, key, at);
        at += record_size(&r);
    }
    j->end = at;
    return REC_OK;
}

/* A file that was cut off inside its own header holds nothing yet. */
static rec_status read_file(rec_journal *j, rec_error *err)
{
    rec_map map;
    rec_status status = rec_map_open(&map, j->path, err);
    if (status != REC_OK)
        return status;
    size_t n = map.length < FILE_HEADER ? map.length : FILE_HEADER;
    if (memcmp(map.data, file_magic, n) != 0)
        status = rec_fail(err, REC_ERR_DATA, "%s: not a journal of this version", j->path);
    else if (map.length >= FILE_HEADER)
        status = read_index(j, &map, err);
    if (status == REC_OK && j->end < map.length)
        rec_warn("%s: dropping %llu bytes of an unfinished record at the end", j->path,
                 (unsigned long long)(map.length - j->end));
    rec_map_close(&map);
    return status;
}

static rec_status write_at(const rec_journal *j, const char *bytes, size_t n, uint64_t position,
                           rec_error *err)
{
    while (n > 0) {
        ssize_t written = pwrite(j->fd, bytes, n, (off_t)position);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return rec_fail_errno(err, REC_ERR_RESOURCE, "%s: cannot append", j->path);
        bytes += written;
        n -= (size_t)written;
        position += (uint64_t)written;
    }
    return REC_OK;
}

/* Cut the torn tail off; begin an empty file. */
static rec_status prepare_for_appending(rec_journal *j, rec_error *err)
{
    if (ftruncate(j->fd, (off_t)j->end) != 0)
        return rec_fail_errno(err, REC_ERR_RESOURCE, "%s: cannot truncate", j->path);
    if (j->end > 0)
        return REC_OK;
    rec_status status = write_at(j, file_magic, FILE_HEADER, 0, err);
    if (status != REC_OK)
        return status;
    j->end = FILE_HEADER;
    return rec_journal_sync(j, err);
}

static rec_status open_journal(rec_journal **out, const char *path, bool readonly, rec_error *err)
{
    rec_journal *j;
    rec_status status = REC_OK;
    *out = NULL;
    REC_TRY_NEW(j, 1, err);
    j->fd = -1;
    j->readonly = readonly;
    j->path = rec_strdup(path, err);
    if (j->path == NULL) {
        status = REC_ERR_RESOURCE;
        goto cleanup;
    }
    j->fd = open(path, readonly ? O_RDONLY | O_CLOEXEC : O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (j->fd < 0) {
        status = rec_fail_errno(err, readonly ? REC_ERR_DATA : REC_ERR_RESOURCE, "%s: cannot open",
                                path);
        goto cleanup;
    }
    REC_TRY(read_file(j, err));
    if (!readonly)
        REC_TRY(prepare_for_appending(j, err));
    *out = j;
    return REC_OK;
cleanup:
    rec_journal_close(j);
    return status;
}

rec_status rec_journal_open(rec_journal **out, const char *path, rec_error *err)
{
    return open_journal(out, path, false, err);
}

rec_status rec_journal_open_readonly(rec_journal **out, const char *path, rec_error *err)
{
    return open_journal(out, path, true, err);
}

void rec_journal_close(rec_journal *j)
{
    if (j == NULL)
        return;
    for (size_t i = 0; i < j->n_entries; i++)
        free(j->entries[i].key);
    free(j->entries);
    free(j->slots);
    if (j->fd >= 0)
        close(j->fd);
    free(j->path);
    free(j);
}

rec_status rec_journal_append(rec_journal *j, const char *key, const void *bytes, size_t n,
                              rec_error *err)
{
    size_t n_key = strlen(key);
    assert(!j->readonly && n_key > 0 && n_key <= KEY_MAX);
    rec_status status = reserve(j, err);
    char *copy = status == REC_OK ? rec_strdup(key, err) : NULL;
    char *whole = copy != NULL && n < SIZE_MAX - RECORD_HEADER - KEY_MAX
                      ? rec_alloc(RECORD_HEADER + n_key + n, 1, err)
                      : NULL;
    if (whole == NULL) {
        free(copy);
        return REC_ERR_RESOURCE;
    }
    memcpy(whole, record_magic, sizeof record_magic);
    put_little_endian(whole + 4, n_key, 4);
    put_little_endian(whole + 8, n, 8);
    memcpy(whole + RECORD_HEADER, key, n_key);
    if (n > 0)
        memcpy(whole + RECORD_HEADER + n_key, bytes, n);
    put_little_endian(whole + 16, checksum(0, whole, 16), 4);
    put_little_endian(whole + 20, checksum(0, whole + RECORD_HEADER, n_key + n), 4);
    status = write_at(j, whole, RECORD_HEADER + n_key + n, j->end, err);
    free(whole);
    if (status != REC_OK) {
        free(copy);
        (void)!ftruncate(j->fd,
                         (off_t)j->end); /* if that fails too, the next open drops the tail */
        return status;
    }
    note(j, copy, j->end);
    j->end += RECORD_HEADER + n_key + n;
    return REC_OK;
}

rec_status rec_journal_sync(rec_journal *j, rec_error *err)
{
    if (!j->readonly && fdatasync(j->fd) != 0)
        return rec_fail_errno(err, REC_ERR_RESOURCE, "%s: cannot sync", j->path);
    return REC_OK;
}

bool rec_journal_has(const rec_journal *j, const char *key)
{
    return find(j, key) != NULL;
}

static rec_status read_at(const rec_journal *j, char *bytes, size_t n, uint64_t position,
                          rec_error *err)
{
    while (n > 0) {
        ssize_t got = pread(j->fd, bytes, n, (off_t)position);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return rec_fail_errno(err, REC_ERR_DATA, "%s: cannot read", j->path);
        if (got == 0)
            return rec_fail(err, REC_ERR_DATA, "%s: became shorter while it was open", j->path);
        bytes += got;
        n -= (size_t)got;
        position += (uint64_t)got;
    }
    return REC_OK;
}

rec_status rec_journal_get(char **bytes, size_t *n, const rec_journal *j, const char *key,
                           rec_error *err)
{
    char header[RECORD_HEADER], *body = NULL;
    rec_status status = REC_OK;
    record r = {.n_key = 0};
    const entry *e = find(j, key);
    *bytes = NULL;
    if (e == NULL)
        return rec_fail(err, REC_ERR_DATA, "%s: no record \"%s\"", j->path, key);
    REC_TRY(read_at(j, header, sizeof header, e->position, err));
    if (header_at(&r, header, j->end - e->position)) {
        REC_TRY_NEW(body, r.n_key + r.n_payload + 1, err);
        REC_TRY(read_at(j, body, r.n_key + r.n_payload, e->position + RECORD_HEADER, err));
    }
    if (body == NULL || checksum(0, body, r.n_key + r.n_payload) != r.body_crc) {
        status = rec_fail(err, REC_ERR_DATA,
                          "%s: record \"%s\" was damaged while the file was open", j->path, key);
        goto cleanup;
    }
    memmove(body, body + r.n_key, r.n_payload);
    body[r.n_payload] = '\0';
    *bytes = body;
    *n = r.n_payload;
    return REC_OK;
cleanup:
    free(body);
    return status;
}

size_t rec_journal_count(const rec_journal *j)
{
    return j->n_entries;
}

const char *rec_journal_key(const rec_journal *j, size_t i)
{
    assert(i < j->n_entries);
    return j->entries[i].key;
}
