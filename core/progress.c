#include "core/progress.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

enum { LABEL_MAX = 96, NOTE_MAX = 96, LINE_MAX = 512 };

static const double bar_interval = 0.1, line_interval = 10.0; /* seconds between prints */

struct rec_progress {
    char label[LABEL_MAX], unit[24], note[NOTE_MAX];
    size_t done, total;
    double started, printed;
    rec_progress *outer;
};

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static rec_verbosity verbosity = REC_NORMAL;
static rec_progress *innermost; /* the one that is shown */
static bool bar_is_drawn;

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

void rec_progress_set_verbosity(rec_verbosity v)
{
    verbosity = v;
}

static void append(char *line, const char *format, ...) REC_PRINTF(2, 3);
static void append(char *line, const char *format, ...)
{
    size_t used = strlen(line);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(line + used, LINE_MAX - used, format, arguments);
    va_end(arguments);
}

static void append_duration(char *line, double seconds)
{
    unsigned long s = (unsigned long)(seconds + 0.5);
    if (s >= 3600)
        append(line, "%lu:%02lu:%02lu", s / 3600, s / 60 % 60, s % 60);
    else
        append(line, "%lu:%02lu", s / 60, s % 60);
}

/* Outermost first: "run: fit: ". */
static void append_labels(char *line, const rec_progress *p)
{
    if (p == NULL)
        return;
    append_labels(line, p->outer);
    append(line, "%s: ", p->label);
}

/* "label: 30/120 users, 12.5 users/s, 0:07 left, note" */
static void describe(char line[LINE_MAX], const rec_progress *p, double t)
{
    double elapsed = t - p->started, rate = elapsed > 0 ? (double)p->done / elapsed : 0.0;
    line[0] = '\0';
    append_labels(line, p);
    append(line, "%zu", p->done);
    if (p->total > 0)
        append(line, "/%zu", p->total);
    append(line, " %s", p->unit);
    if (rate > 0)
        append(line, ", %.*f %s/s", rate < 100 ? 2 : 0, rate, p->unit);
    if (rate > 0 && p->total > p->done) {
        append(line, ", ");
        append_duration(line, (double)(p->total - p->done) / rate);
        append(line, " left");
    }
    if (p->note[0] != '\0')
        append(line, ", %s", p->note);
}

static size_t terminal_width(void)
{
    struct winsize size;
    return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 20 ? size.ws_col : 80;
}

static void draw_bar(const rec_progress *p, double t)
{
    enum { BAR = 20 };
    char line[LINE_MAX], bar[BAR + 3] = "";
    describe(line, p, t);
    if (p->total > 0) {
        size_t full = p->done >= p->total ? BAR : BAR * p->done / p->total;
        memset(bar, ' ', sizeof bar - 1);
        bar[0] = '[';
        memset(bar + 1, '#', full);
        bar[BAR + 1] = ']';
    }
    size_t width = terminal_width(), used = bar[0] != '\0' ? BAR + 3 : 0;
    fprintf(stderr, "\r\033[K%s%s%.*s", bar, used > 0 ? " " : "",
            (int)(width > used + 1 ? width - used - 1 : 1), line);
    fflush(stderr);
    bar_is_drawn = true;
}

static void erase_bar(void)
{
    if (bar_is_drawn)
        fputs("\r\033[K", stderr);
    bar_is_drawn = false;
}

/* A bar on a terminal; lines at long intervals, and one at the end, where it is a file. */
static void show(rec_progress *p, bool at_end)
{
    double t = now();
    bool terminal = isatty(STDERR_FILENO) != 0;
    if (verbosity == REC_QUIET || t - p->printed < (terminal ? bar_interval : line_interval)) {
        if (verbosity == REC_QUIET || !at_end)
            return;
    }
    p->printed = t;
    if (terminal && !at_end) {
        draw_bar(p, t);
        return;
    }
    char line[LINE_MAX];
    describe(line, p, t);
    if (at_end) {
        append(line, ", took ");
        append_duration(line, t - p->started);
    }
    erase_bar();
    fprintf(stderr, "%s\n", line);
}

rec_progress *rec_progress_start(const char *label, const char *unit, size_t total)
{
    rec_progress *p = calloc(1, sizeof *p);
    if (p == NULL)
        return NULL;
    snprintf(p->label, sizeof p->label, "%s", label);
    snprintf(p->unit, sizeof p->unit, "%s", unit);
    p->total = total;
    p->started = p->printed = now();
    pthread_mutex_lock(&mutex);
    p->outer = innermost;
    innermost = p;
    pthread_mutex_unlock(&mutex);
    return p;
}

void rec_progress_add(rec_progress *p, size_t n)
{
    if (p == NULL)
        return;
    pthread_mutex_lock(&mutex);
    p->done += n;
    if (p == innermost)
        show(p, false);
    pthread_mutex_unlock(&mutex);
}

void rec_progress_note(rec_progress *p, const char *format, ...)
{
    if (p == NULL)
        return;
    va_list arguments;
    va_start(arguments, format);
    pthread_mutex_lock(&mutex);
    vsnprintf(p->note, sizeof p->note, format, arguments);
    pthread_mutex_unlock(&mutex);
    va_end(arguments);
}

/* Short inner steps end without a line, so that a loop of a thousand fits does not print as many. */
void rec_progress_end(rec_progress *p)
{
    if (p == NULL)
        return;
    pthread_mutex_lock(&mutex);
    for (rec_progress **link = &innermost; *link != NULL; link = &(*link)->outer) {
        if (*link == p) {
            if (p->outer == NULL || now() - p->started > line_interval)
                show(p, true);
            *link = p->outer;
            break;
        }
    }
    if (innermost == NULL)
        erase_bar();
    pthread_mutex_unlock(&mutex);
    free(p);
}

static void print_line(const char *prefix, const char *format, va_list arguments)
{
    pthread_mutex_lock(&mutex);
    erase_bar();
    fputs(prefix, stderr);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    pthread_mutex_unlock(&mutex);
}

void rec_warn(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    print_line("warning: ", format, arguments);
    va_end(arguments);
}

void rec_info(const char *format, ...)
{
    if (verbosity == REC_QUIET)
        return;
    va_list arguments;
    va_start(arguments, format);
    print_line("", format, arguments);
    va_end(arguments);
}
