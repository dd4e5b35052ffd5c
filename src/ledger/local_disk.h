/*
 * local_disk.h: whether a folder lies on a disk of this machine: on a network file system neither
 * SQLite's WAL nor the locks between processes hold what they promise.
 */
#ifndef LOCAL_DISK_H
#define LOCAL_DISK_H

#include <stdbool.h>
#include <stddef.h>

/* False, with why: it does not, or that cannot be seen. */
bool local_disk(const char *folder, char *why, size_t why_max);

/* The network file system of that number (statfs(2)) and, where that is FUSE's, that type of mount
 * ("fuse.sshfs"); NULL: it is none. */
const char *local_disk_network(unsigned long magic, const char *mount);

enum { LOCAL_DISK_TYPE = 64 };

/* The type of mount in a line of /proc/self/mountinfo, which is "36 35 98:0 /mnt1 /mnt2 rw,noatime
 * master:1 - ext3 ..."; false: it is no such line, or of another device than major:minor. */
bool local_disk_mount(
    const char *line, unsigned int major, unsigned int minor, char type[static LOCAL_DISK_TYPE]);

#endif
