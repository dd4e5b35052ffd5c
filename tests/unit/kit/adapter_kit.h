/* adapter_kit.h: a small whole adapter file for tests, and ways to change, load and play it. */
#ifndef ADAPTER_KIT_H
#define ADAPTER_KIT_H

#include "adapter/adapter.h"

struct kit_file {
	struct arena arena;
	struct faults faults;
};

/* Everything an adapter may have, once; it loads without a fault. */
extern const char kit_adapter[];

void kit_file_open(struct kit_file *k);
void kit_file_close(struct kit_file *k);
/* text with the first `from` replaced by `to`; fails the test where it is not there. */
const char *kit_replace(struct kit_file *k, const char *text, const char *from, const char *to);
/* NULL with k->faults, which are forgotten first. */
struct adapter *kit_load(struct kit_file *k, const char *text);
void kit_assert_fault(const struct kit_file *k, const char *name, const char *part);
/* Loads the adapter and plays the script; fails the test where a case fails, and shows how. */
void kit_play(struct kit_file *k, const char *adapter, const char *script);

#endif
