/* version.c: what this program was built from, as main() says; tests are built from nothing. */
#include "base/version.h"

const char *version_build = "none";
