/* notes.h: what `adapter check` asks an author: not wrong, and often not thought of. */
#ifndef NOTES_H
#define NOTES_H

#include "adapter/adapter.h"

/* What its get-balance, its get-agents leave open; NULL: nothing. Static. */
const char *cli_right_note(const struct adapter *adapter);
const char *cli_ids_note(const struct adapter *adapter);

#endif
