/*
 * local_disk.c: see local_disk.h. FUSE has one number for all that it carries; what it carries here
 * is asked of /proc/self/mountinfo (proc(5)), and only kinds known to be local count as local.
 */
#include "ledger/local_disk.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>

enum { FUSE_MAGIC = 0x65735546, MOUNT_LINE = 4096 };

static const struct {
	unsigned long magic; /* linux/magic.h, and statfs(2) */
	const char *name;
} networks[] = {
    {0x6969, "NFS"},
    {0x517B, "SMB"},
    {0xFF534D42, "CIFS"},
    {0xFE534D42, "SMB2"},
    {0x01021997, "9P"},
    {0x5346414F, "AFS"},
    {0x6B414653, "AFS"},
    {0x00C36400, "Ceph"},
    {0x73757245, "Coda"},
    {0x564C, "NCP"},
    {0x7461636F, "OCFS2"},
    {0x01161970, "GFS2"},
    {0x0BD00BD0, "Lustre"},
};

static const char *const local_fuse[] = {"fuseblk", "fuse.fuse-overlayfs", "fuse.mergerfs",
    "fuse.bindfs", "fuse.gocryptfs", "fuse.encfs", "fuse.securefs"};

const char *
local_disk_network(unsigned long magic, const char *mount)
{
	size_t i;

	for (i = 0; i < sizeof(networks) / sizeof(networks[0]); i++) {
		if (networks[i].magic == magic)
			return networks[i].name;
	}
	if (magic != FUSE_MAGIC)
		return NULL;
	for (i = 0; i < sizeof(local_fuse) / sizeof(local_fuse[0]); i++) {
		if (strcmp(local_fuse[i], mount) == 0)
			return NULL;
	}
	return mount;
}

bool
local_disk_mount(
    const char *line, unsigned int major, unsigned int minor, char type[static LOCAL_DISK_TYPE])
{
	const char *mark = strstr(line, " - ");
	unsigned int is_major, is_minor;

	/* NOLINTNEXTLINE(cert-err34-c): the kernel writes these numbers. */
	if (mark == NULL || sscanf(line, "%*u %*u %u:%u", &is_major, &is_minor) != 2)
		return false;
	if (is_major != major || is_minor != minor)
		return false;
	mark += 3;
	(void)snprintf(type, LOCAL_DISK_TYPE, "%.*s", (int)strcspn(mark, " "), mark);
	return true;
}

static void
mount_type(const char *folder, char type[static LOCAL_DISK_TYPE])
{
	FILE *mounts = fopen("/proc/self/mountinfo", "re");
	char line[MOUNT_LINE];
	struct stat st;
	bool found = false;

	(void)snprintf(type, LOCAL_DISK_TYPE, "FUSE");
	if (mounts == NULL)
		return;
	if (stat(folder, &st) == 0) {
		while (!found && fgets(line, sizeof(line), mounts) != NULL)
			found = local_disk_mount(line, major(st.st_dev), minor(st.st_dev), type);
	}
	(void)fclose(mounts);
}

bool
local_disk(const char *folder, char *why, size_t why_max)
{
	char type[LOCAL_DISK_TYPE] = "";
	const char *network;
	struct statfs fs;

	if (statfs(folder, &fs) != 0) {
		(void)snprintf(why, why_max, "%s: %s", folder, strerror(errno));
		return false;
	}
	if ((unsigned long)fs.f_type == FUSE_MAGIC)
		mount_type(folder, type);
	network = local_disk_network((unsigned long)fs.f_type & 0xFFFFFFFFUL, type);
	if (network == NULL)
		return true;
	(void)snprintf(why, why_max,
	    "%s lies on a network file system (%s), where no ledger is safe: state_dir must be a folder on a local disk",
	    folder, network);
	return false;
}
