/* bundle.c: see bundle.h. */
#include "genesys/bundle.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"

bool
bundle_add(struct bundle *b, const char *name, const char *text, size_t len)
{
	if (b->n == BUNDLE_FILES_MAX)
		return false;
	b->files[b->n++] = (struct bundle_file){.name = name, .text = text, .len = len};
	return true;
}

/* Every folder on the way to the file. */
static bool
make_folders(char *path, struct faults *faults)
{
	char *slash = path;

	while ((slash = strchr(slash + 1, '/')) != NULL) {
		*slash = '\0';
		if (mkdir(path, 0755) != 0 && errno != EEXIST)
			return fault_at(faults, path, NULL, "%s", strerror(errno));
		*slash = '/';
	}
	return true;
}

/* In one step, so that nobody reads half of it. */
static bool
write_file(struct arena *a, const char *path, const struct bundle_file *f, struct faults *faults)
{
	const char *fresh = arena_printf(a, "%s~", path);
	bool good;
	int fd;

	if (fresh == NULL)
		return fault_at(faults, path, NULL, "out of memory");
	fd = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644);
	if (fd < 0)
		return fault_at(faults, fresh, NULL, "%s", strerror(errno));
	good = text_write(fd, f->text, f->len);
	good = close(fd) == 0 && good;
	if (good && rename(fresh, path) == 0)
		return true;
	(void)fault_at(faults, path, NULL, "%s", strerror(errno));
	(void)unlink(fresh);
	return false;
}

bool
bundle_write(struct arena *a, const struct bundle *b, const char *dir, struct faults *faults)
{
	char *path;
	size_t i;

	for (i = 0; i < b->n; i++) {
		path = arena_printf(a, "%s/%s", dir, b->files[i].name);
		if (path == NULL)
			return fault_at(faults, dir, NULL, "out of memory");
		if (!make_folders(path, faults) || !write_file(a, path, &b->files[i], faults))
			return false;
	}
	return true;
}

bool
bundle_check(struct arena *a, struct bundle *b, const char *dir, struct faults *faults)
{
	const char *path, *text;
	bool same = true;
	size_t i, len = 0;

	for (i = 0; i < b->n; i++) {
		path = arena_printf(a, "%s/%s", dir, b->files[i].name);
		text = path == NULL ? NULL : text_read_file(a, path, BUNDLE_FILE_MAX, &len);
		if (path == NULL)
			return fault_at(faults, dir, NULL, "out of memory");
		b->files[i].differs = text == NULL || len != b->files[i].len ||
				      memcmp(text, b->files[i].text, len) != 0;
		if (text == NULL)
			same = fault_at(faults, path, NULL, "%s", strerror(errno));
		else if (b->files[i].differs)
			same = fault_at(
			    faults, path, NULL, "is not what this route would be exported as now");
	}
	return same;
}
