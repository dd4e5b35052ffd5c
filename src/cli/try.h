/* try.h: `adapter try`: what an adapter reads from the real HRIS of a route. */
#ifndef CLI_TRY_H
#define CLI_TRY_H

#include "adapter/adapter.h"
#include "cli/cli.h"

/* What a refresh token that the HRIS replaces at each use costs at worst; NULL: it has none. */
const char *cli_token_note(const struct adapter *adapter);

/* Reads only; names and addresses are masked. The exit code: CLI_FAILED where a read failed. */
int cli_try(const struct cli_call *call, const char *route);

#endif
