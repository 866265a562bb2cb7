/* A pool of threads of our own: libgomp's spin at every barrier until the slowest has come, and hang in
 * a forked child. Here the caller works on its loop itself and does not wait for a thread that has
 * taken no tile, so that a busy machine costs a loop nothing but the help. */
#include "core/parallel.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "core/interrupt.h"

enum { SPIN_ROUNDS = 2000, YIELD_EVERY = 64, YIELD_ROUNDS = 200, MAX_THREADS = 1024 };

static size_t n_threads;

static size_t available_processors(void)
{
    cpu_set_t set;
    CPU_ZERO(&set);
    if (sched_getaffinity(0, sizeof set, &set) == 0 && CPU_COUNT(&set) > 0)
        return (size_t)CPU_COUNT(&set);
    return 1;
}

void rec_parallel_set_threads(size_t n)
{
    n_threads = n > 0 ? n : available_processors();
    if (n_threads > MAX_THREADS)
        n_threads = MAX_THREADS;
}

size_t rec_parallel_threads(void)
{
    return n_threads > 0 ? n_threads : available_processors();
}

/* Number of this thread in the pool, and whether it is inside a tile. */
static _Thread_local size_t thread_index;
static _Thread_local bool in_tile;

size_t rec_parallel_thread(void)
{
    return thread_index;
}

/* One loop. What a failed one keeps is the failure of the lowest tile, so that the message does not
 * depend on the schedule: tiles behind a failed one do not start, those before it do. */
typedef struct loop {
    rec_tile_fn fn;
    void *context;
    size_t n_tiles, team;
    atomic_size_t next; /* tile */
    atomic_size_t last; /* tiles behind it do not start */
    pthread_mutex_t mutex;
    rec_error error; /* of tile `last`; guarded by the mutex */
} loop;

static void keep_lowest(loop *l, size_t tile, rec_status status, const rec_error *error)
{
    pthread_mutex_lock(&l->mutex);
    if (tile < atomic_load(&l->last)) {
        l->error = *error;
        l->error.status = status;
        atomic_store(&l->last, tile);
    }
    pthread_mutex_unlock(&l->mutex);
}

static void run_tiles(loop *l)
{
    in_tile = true;
    for (;;) {
        size_t tile = atomic_fetch_add(&l->next, 1);
        if (tile >= l->n_tiles || tile > atomic_load(&l->last))
            break;
        rec_error error = {.status = REC_OK};
        rec_status status = rec_interrupt_check(&error);
        if (status == REC_OK)
            status = l->fn(l->context, tile, &error);
        if (status != REC_OK)
            keep_lowest(l, tile, status, &error);
    }
    in_tile = false;
}

/* ---- the pool ---- */

static struct {
    pthread_mutex_t mutex; /* guards starting and sleeping */
    pthread_cond_t wake;
    size_t n_started;    /* threads beside the callers */
    atomic_flag busy;    /* a loop is running on it */
    atomic_size_t epoch; /* raised with every loop */
    atomic_size_t n_sleeping;
    _Atomic(loop *) current; /* NULL between loops */
    atomic_size_t n_inside;  /* threads that may hold a pointer to the loop */
} pool = {
    .mutex = PTHREAD_MUTEX_INITIALIZER, .wake = PTHREAD_COND_INITIALIZER, .busy = ATOMIC_FLAG_INIT};

/* One round of spinning. On a busy machine what is waited for may want this very processor: a thread that
 * was woken there spins in the caller's time, unless it yields. With nobody else there to run, yielding
 * takes less than a microsecond. */
static void spin(int round)
{
    if (round % YIELD_EVERY == YIELD_EVERY - 1) {
        sched_yield();
        return;
    }
#if defined(__x86_64__)
    __builtin_ia32_pause();
#else
    atomic_signal_fence(memory_order_seq_cst);
#endif
}

/* Until the epoch is another than `seen`: spin for some microseconds, since short loops follow each
 * other, then sleep. */
static size_t next_epoch(size_t seen)
{
    for (int i = 0; i < SPIN_ROUNDS; i++) {
        size_t epoch = atomic_load(&pool.epoch);
        if (epoch != seen)
            return epoch;
        spin(i);
    }
    pthread_mutex_lock(&pool.mutex);
    atomic_fetch_add(&pool.n_sleeping, 1);
    while (atomic_load(&pool.epoch) == seen)
        pthread_cond_wait(&pool.wake, &pool.mutex);
    atomic_fetch_sub(&pool.n_sleeping, 1);
    pthread_mutex_unlock(&pool.mutex);
    return atomic_load(&pool.epoch);
}

/* A thread announces itself before it looks for the loop, and the caller takes the loop away before
 * it looks for threads: one of the two always sees the other. */
static void *work(void *argument)
{
    thread_index = (size_t)(uintptr_t)argument;
    for (size_t seen = 0;;) {
        seen = next_epoch(seen);
        atomic_fetch_add(&pool.n_inside, 1);
        loop *l = atomic_load(&pool.current);
        if (l != NULL && thread_index < l->team)
            run_tiles(l);
        atomic_fetch_sub(&pool.n_inside, 1);
    }
    return NULL;
}

/* A forked child has none of the threads. */
static void reset_in_child(void)
{
    pthread_mutex_init(&pool.mutex, NULL);
    pthread_cond_init(&pool.wake, NULL);
    pool.n_started = 0;
    atomic_flag_clear(&pool.busy);
    atomic_store(&pool.n_sleeping, 0);
    atomic_store(&pool.current, NULL);
    atomic_store(&pool.n_inside, 0);
}

/* With fewer threads than wanted a loop takes longer, nothing else. */
static void start_threads(size_t n)
{
    static bool registered;
    pthread_attr_t attributes;
    if (pool.n_started >= n || pthread_attr_init(&attributes) != 0)
        return;
    if (!registered)
        registered = pthread_atfork(NULL, NULL, reset_in_child) == 0;
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    for (; registered && pool.n_started < n; pool.n_started++) {
        pthread_t thread;
        void *index = (void *)(uintptr_t)(pool.n_started + 1);
        if (pthread_create(&thread, &attributes, work, index) != 0)
            break;
    }
    pthread_attr_destroy(&attributes);
}

static void begin(loop *l)
{
    start_threads(l->team - 1);
    atomic_store(&pool.current, l);
    atomic_fetch_add(&pool.epoch, 1);
    if (atomic_load(&pool.n_sleeping) > 0) {
        pthread_mutex_lock(&pool.mutex);
        pthread_cond_broadcast(&pool.wake);
        pthread_mutex_unlock(&pool.mutex);
    }
}

/* Wait for those inside: a tile each at most. */
static void end(void)
{
    atomic_store(&pool.current, NULL);
    for (int i = 0; atomic_load(&pool.n_inside) > 0; i++) {
        if (i < SPIN_ROUNDS)
            spin(i);
        else if (i < SPIN_ROUNDS + YIELD_ROUNDS)
            sched_yield();
        else
            nanosleep(&(struct timespec){.tv_nsec = 50000}, NULL);
    }
}

rec_status rec_parallel_tiles(size_t n_tiles, rec_tile_fn fn, void *context, rec_error *err)
{
    loop l = {.fn = fn,
              .context = context,
              .n_tiles = n_tiles,
              .team = rec_parallel_threads() < n_tiles ? rec_parallel_threads() : n_tiles,
              .last = SIZE_MAX,
              .mutex = PTHREAD_MUTEX_INITIALIZER,
              .error = {.status = REC_OK}};
    /* Inside another loop, or while another thread has the pool, run here. */
    bool outer = in_tile;
    bool shared = l.team > 1 && !outer && !atomic_flag_test_and_set(&pool.busy);
    if (shared)
        begin(&l);
    run_tiles(&l);
    if (shared) {
        end();
        atomic_flag_clear(&pool.busy);
    }
    in_tile = outer;
    pthread_mutex_destroy(&l.mutex);
    if (l.error.status == REC_OK)
        return REC_OK;
    return rec_fail(err, l.error.status, "%s", l.error.message);
}
