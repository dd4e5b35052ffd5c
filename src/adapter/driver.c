/* driver.c: an adapter as an HRIS of hris.h: asked, or answered for by its snapshot. */
#include "adapter/run.h"
#include "adapter/snapshot.h"

/* Without a state folder (`adapter test`) there is no snapshot. */
static enum gw_err
run_operation(
    struct hris *h, enum operation kind, const struct operation_in *in, struct operation_out *out)
{
	if (kind == OPERATION_AGENTS && h->route->adapter->agents_snapshot && h->state_dir != NULL)
		return snapshot_read(h, out);
	return run_asked(h, kind, in, out);
}

static const struct traits *
run_traits(const struct hris *h)
{
	return &h->route->adapter->traits;
}

const struct driver adapter_driver = {
    .run = run_operation,
    .traits = run_traits,
};
