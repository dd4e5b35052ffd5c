/* notes.h: what `adapter check` asks an author: not wrong, and often not thought of. */
#ifndef NOTES_H
#define NOTES_H

#include "adapter/adapter.h"

enum { CLI_NOTES = 3 };

/* What it leaves open, as static texts, and how many; of NULL none. */
size_t cli_notes(const struct adapter *adapter, const char *notes[CLI_NOTES]);

#endif
