/* Loaded before libc (LD_PRELOAD) by the tests of power cuts: whatever a program syncs below POWERCUT_ROOT is copied to
 * POWERCUT_DISK, under its path with every '/' turned into '%'. What is only there is what a disk would hold after the
 * plug was pulled. A sync returns when the copy is complete, and a copy replaces the last one as a whole. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void copy(int fd) {
    const char *root = getenv("POWERCUT_ROOT"), *disk = getenv("POWERCUT_DISK");
    char link[64], path[PATH_MAX], name[PATH_MAX], to[PATH_MAX * 2], part[PATH_MAX * 2 + 64], block[65536];
    struct stat info;
    if (!root || !disk || fstat(fd, &info) || !S_ISREG(info.st_mode)) return;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0) return;
    path[length] = 0;
    if (strncmp(path, root, strlen(root))) return;
    strcpy(name, path + strlen(root));
    for (char *at = name; *at; at++)
        if (*at == '/') *at = '%';
    snprintf(to, sizeof to, "%s/%s", disk, name);
    snprintf(part, sizeof part, "%s.part-%d-%d", to, (int)getpid(), (int)gettid());
    int out = open(part, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (out < 0) return;
    off_t at = 0;
    for (ssize_t got; (got = pread(fd, block, sizeof block, at)) > 0; at += got)
        if (write(out, block, got) != got) abort();
    close(out);
    rename(part, to);
}

int fsync(int fd) {
    int (*sync)(int) = (int (*)(int))dlsym(RTLD_NEXT, "fsync");
    int result = sync(fd);
    if (!result) copy(fd);
    return result;
}

int fdatasync(int fd) {
    int (*sync)(int) = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");
    int result = sync(fd);
    if (!result) copy(fd);
    return result;
}
