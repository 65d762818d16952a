/* Loaded before libc (LD_PRELOAD) by the tests of chaos: the machine a program runs on, with a plug that can be pulled, a
 * disk that can be full and a clock that can be wrong.
 *
 * Whatever the program syncs below MACHINE_ROOT is copied to MACHINE_DISK, under its path with every '/' turned into '%'.
 * What is only there is what a disk would hold after a power cut. A sync returns when the copy is complete, and a copy
 * replaces the last one as a whole. MACHINE_CONTROL is a file of four numbers that the test writes while the program runs. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#define JOURNAL "/herald.sqlite3-wal"
#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

struct control {
    int64_t clock_ms; /* how wrong the clock is */
    int64_t full;     /* not 0: nothing can be written below the root */
    int64_t refused;  /* so often something could not be written */
    int64_t die_at;   /* the step of the journal at which the program is killed: each sync has one before and one after */
};

static struct control nowhere, *control = &nowhere;

__attribute__((constructor)) static void start(void) {
    const char *path = getenv("MACHINE_CONTROL");
    int fd = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
    if (fd < 0) return;
    void *shared = mmap(NULL, sizeof *control, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (shared != MAP_FAILED) control = shared;
    close(fd);
}

/* Writes the path of an open regular file below the root, without the root; 0 for any other file. */
static int below_root(int fd, char *below) {
    const char *root = getenv("MACHINE_ROOT");
    char link[64], path[PATH_MAX];
    struct stat info;
    if (!root || fstat(fd, &info) || !S_ISREG(info.st_mode)) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0) return 0;
    path[length] = 0;
    if (strncmp(path, root, strlen(root))) return 0;
    strcpy(below, path + strlen(root));
    return 1;
}

static void step(const char *below) {
    if (strcmp(below, JOURNAL) || __atomic_load_n(&control->die_at, __ATOMIC_SEQ_CST) <= 0) return;
    if (__atomic_sub_fetch(&control->die_at, 1, __ATOMIC_SEQ_CST) == 0) kill(getpid(), SIGKILL);
}

static void copy(int fd, const char *below) {
    const char *disk = getenv("MACHINE_DISK");
    char to[PATH_MAX * 2], part[PATH_MAX * 2 + 64], block[65536];
    if (!disk) return;
    int end = snprintf(to, sizeof to, "%s/", disk);
    for (; *below; below++) to[end++] = *below == '/' ? '%' : *below;
    to[end] = 0;
    snprintf(part, sizeof part, "%s.part-%d-%d", to, (int)getpid(), (int)gettid());
    int out = open(part, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (out < 0) return;
    off_t at = 0;
    for (ssize_t got; (got = pread(fd, block, sizeof block, at)) > 0; at += got)
        if (REAL(write)(out, block, got) != got) abort();
    close(out);
    rename(part, to);
}

static int synced(int fd, int (*sync)(int)) {
    char below[PATH_MAX];
    if (!below_root(fd, below)) return sync(fd);
    step(below);
    int result = sync(fd);
    if (result) return result;
    copy(fd, below);
    step(below);
    return 0;
}

int fsync(int fd) { return synced(fd, REAL(fsync)); }

int fdatasync(int fd) { return synced(fd, REAL(fdatasync)); }

static int is_full(int fd) {
    char below[PATH_MAX];
    if (!control->full || !below_root(fd, below)) return 0;
    __atomic_add_fetch(&control->refused, 1, __ATOMIC_SEQ_CST);
    errno = ENOSPC;
    return 1;
}

ssize_t write(int fd, const void *bytes, size_t length) { return is_full(fd) ? -1 : REAL(write)(fd, bytes, length); }

ssize_t pwrite(int fd, const void *bytes, size_t length, off_t at) {
    return is_full(fd) ? -1 : REAL(pwrite)(fd, bytes, length, at);
}

ssize_t pwrite64(int fd, const void *bytes, size_t length, off64_t at) {
    return is_full(fd) ? -1 : REAL(pwrite64)(fd, bytes, length, at);
}

int clock_gettime(clockid_t clock, struct timespec *now) {
    int result = REAL(clock_gettime)(clock, now);
    if (!result && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) now->tv_sec += control->clock_ms / 1000;
    return result;
}

int gettimeofday(struct timeval *now, void *zone) {
    int result = REAL(gettimeofday)(now, zone);
    if (!result) now->tv_sec += control->clock_ms / 1000;
    return result;
}

time_t time(time_t *to) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (to) *to = now.tv_sec;
    return now.tv_sec;
}
