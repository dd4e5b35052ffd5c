/* skeleton.h: `adapter new`: an adapter file to begin with, and its test file. */
#ifndef CLI_SKELETON_H
#define CLI_SKELETON_H

#include "cli/cli.h"

/* Writes NAME.yaml and NAME.test.yaml into the folder; neither may be there. The exit code. */
int
cli_skeleton(const struct cli_call *call, struct arena *a, const char *folder, const char *name);

#endif
