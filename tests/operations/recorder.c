/* Writes down what a process does to the files of a folder, and when the disk was told to keep it.
 *
 * Preloaded into the registry (LD_PRELOAD) by power.rs, which plays the record back up to a moment and
 * leaves out what the disk was not told to keep: that is what a power cut may leave.
 *
 * Each event is: one byte (w write, t truncate, s sync), the length of the path as u16, the offset and the
 * length of the data as u64, all little-endian; the path; the data. A write is noted before it is made, a
 * sync when it is done, so no sync vouches for a write that it did not see. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

static pthread_mutex_t turn = PTHREAD_MUTEX_INITIALIZER;
static int record = -1;
static const char *folder;

__attribute__((constructor)) static void begin(void)
{
    const char *path = getenv("RECORD");
    folder = getenv("RECORD_FOLDER");
    if (path && folder)
        record = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

static void note(char kind, int file, uint64_t offset, const void *data, uint64_t length)
{
    char link[64], path[1024];
    if (record < 0)
        return;
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t size = readlink(link, path, sizeof path);
    if (size < 0 || (size_t)size < strlen(folder) || memcmp(path, folder, strlen(folder)) != 0)
        return;
    uint16_t name = (uint16_t)size;
    unsigned char head[19];
    head[0] = (unsigned char)kind;
    memcpy(head + 1, &name, 2);
    memcpy(head + 3, &offset, 8);
    memcpy(head + 11, &length, 8);
    struct iovec parts[3] = {{head, sizeof head}, {path, name}, {(void *)data, data ? length : 0}};
    if (!data)
        memset(head + 11, 0, 8);
    pthread_mutex_lock(&turn);
    if (writev(record, parts, 3) != (ssize_t)(sizeof head + name + parts[2].iov_len))
        abort();
    pthread_mutex_unlock(&turn);
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

ssize_t write(int file, const void *data, size_t length)
{
    if (file > 2 && file != record) {
        off_t offset = lseek(file, 0, SEEK_CUR);
        if (offset >= 0)
            note('w', file, (uint64_t)offset, data, length);
    }
    return REAL(write)(file, data, length);
}

ssize_t pwrite(int file, const void *data, size_t length, off_t offset)
{
    note('w', file, (uint64_t)offset, data, length);
    return REAL(pwrite)(file, data, length, offset);
}

ssize_t pwrite64(int file, const void *data, size_t length, off64_t offset)
{
    note('w', file, (uint64_t)offset, data, length);
    return REAL(pwrite64)(file, data, length, offset);
}

int ftruncate(int file, off_t length)
{
    note('t', file, (uint64_t)length, NULL, 0);
    return REAL(ftruncate)(file, length);
}

int ftruncate64(int file, off64_t length)
{
    note('t', file, (uint64_t)length, NULL, 0);
    return REAL(ftruncate64)(file, length);
}

int fsync(int file)
{
    int outcome = REAL(fsync)(file);
    if (outcome == 0)
        note('s', file, 0, NULL, 0);
    return outcome;
}

int fdatasync(int file)
{
    int outcome = REAL(fdatasync)(file);
    if (outcome == 0)
        note('s', file, 0, NULL, 0);
    return outcome;
}
