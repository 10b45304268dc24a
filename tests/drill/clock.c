/* A wall clock that can be stepped while a program runs; loaded before the C library (LD_PRELOAD).
 *
 * DRILL_CLOCK names a file of eight bytes: by how many seconds the program's time of day is ahead. Only
 * the time of day changes, as when somebody sets a machine's clock; what timers count by goes on. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

/* None as long as the file is not mapped: the loader asks for the time before it calls us. */
static volatile const int64_t *seconds_ahead;

__attribute__((constructor)) static void read_offset_from_file(void) {
    const char *name = getenv("DRILL_CLOCK");
    if (name == NULL) return;
    int file = open(name, O_RDONLY | O_CLOEXEC);
    if (file < 0) abort(); /* A clock that does not step would prove nothing. */
    void *mapped = mmap(NULL, sizeof(int64_t), PROT_READ, MAP_SHARED, file, 0);
    if (mapped == MAP_FAILED) abort();
    seconds_ahead = mapped;
    close(file);
}

int clock_gettime(clockid_t which, struct timespec *time_of_day) {
    /* Not the C library's own function: that is the one this replaces. */
    long outcome = syscall(SYS_clock_gettime, which, time_of_day);
    if (outcome != 0) return -1;
    if (seconds_ahead != NULL && (which == CLOCK_REALTIME || which == CLOCK_REALTIME_COARSE))
        time_of_day->tv_sec += *seconds_ahead;
    return 0;
}

int gettimeofday(struct timeval *restrict time_of_day, void *restrict zone) {
    struct timespec exact;
    (void)zone;
    if (clock_gettime(CLOCK_REALTIME, &exact) != 0) return -1;
    time_of_day->tv_sec = exact.tv_sec;
    time_of_day->tv_usec = exact.tv_nsec / 1000;
    return 0;
}

time_t time(time_t *copy) {
    struct timespec exact;
    if (clock_gettime(CLOCK_REALTIME, &exact) != 0) return -1;
    if (copy != NULL) *copy = exact.tv_sec;
    return exact.tv_sec;
}
