/* try.h: `adapter try`: what an adapter reads from the real HRIS of a route. */
#ifndef CLI_TRY_H
#define CLI_TRY_H

#include "cli/cli.h"

/* Reads only; names and addresses are masked. The exit code: CLI_FAILED where a read failed. */
int cli_try(const struct cli_call *call, const char *route);

#endif
