/* version.h: the version of this program, in one place. */
#ifndef VERSION_H
#define VERSION_H

#define HRISGW_VERSION "0.1.0"

#endif
