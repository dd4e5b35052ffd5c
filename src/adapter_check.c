/* adapter_check.c: the mistakes in an adapter file that no part of it shows alone. */
#include "adapter_parts.h"

bool
adapter_check(struct loader *l)
{
	return l->adapter != NULL;
}
