/* version.h: the version of this program, in one place. */
#ifndef VERSION_H
#define VERSION_H

#define HRISGW_VERSION "0.1.0"

/* What it was built from: git's name of the commit. main() sets it once. */
extern const char *version_build;

#endif
