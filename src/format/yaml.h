/*
 * yaml.h: one YAML document into a value tree with line and column. The only door to libyaml.
 * The scalars are typed here, not by libyaml: plain true, false, null (and empty, ~) and JSON
 * numbers are those; quoted is text; yes, no, dates and 0123 stay text. Tabs as indent, duplicate
 * keys, merge keys, tags, keys that are no scalars, {a, b} without values, several documents, more
 * than LIMIT_YAML_NODES after expansion of aliases are faults.
 */
#ifndef HRISGW_YAML_H /* YAML_H is libyaml's own guard */
#define HRISGW_YAML_H

#include "base/faults.h"
#include "base/value.h"

/* Faults are added under that file name; NULL then. An empty document is an empty object. */
struct value *
yaml_parse(struct arena *a, const char *file, const char *text, size_t len, struct faults *faults);
struct value *yaml_read(struct arena *a, const char *path, struct faults *faults);

/* libyaml's version, as it runs. Static. */
const char *yaml_library(void);

#endif
