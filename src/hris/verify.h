/*
 * verify.h: whether the HRIS holds what was asked, after a write; for src/hris alone. A look judges
 * only what it shows: what an HRIS does not say contradicts nothing.
 */
#ifndef VERIFY_H
#define VERIFY_H

#include "hris/journal.h"

enum likeness {
	LIKE_ASKED,  /* nothing that is shown differs */
	LIKE_UNSAID, /* too little is shown to say so */
	LIKE_FEWER,  /* the same, of fewer minutes: the HRIS's own calendar may do that */
	LIKE_OTHER
};

/* Type, agent, days, minutes and hours of a row against what was asked; never its status. */
enum likeness verify_compare(struct hris *h, const struct operation_in *in, const struct found *f);
/* What differs, for a person: both minutes, and the days that are missing. NULL: no memory. */
const char *verify_difference(struct hris *h, const struct operation_in *in, const struct found *f);
/*
 * Takes back the request that this call inserted and that a look shows as f; its row is the one
 * that is being written. INTENT_ENDED: nothing stands. INTENT_DONE: it stands. INTENT_UNKNOWN:
 * h->failure says so.
 */
enum intent_state verify_undo(
    struct hris *h, const struct operation_in *in, const char *request_id, const struct found *f);
/* Does a second look show what the one after the write did? *now: what it shows. */
bool verify_as_seen(struct hris *h, const char *agent_id, const char *request_id,
    const struct intent *row, struct current *now);
/* Where f says whether it is what was asked, it is what was seen last. */
void verify_seen(struct hris *h, const struct operation_in *in, const struct found *f,
    const struct found **seen);
/*
 * Looks at what a write of this call brought, under *done's id. said: the row as the write's own
 * answer showed it; NULL: it did not. seen: what was shown of it before in another way, which
 * counts where no look says more; NULL: nothing. GW_OK: it is what was asked, or fewer and the
 * route accepts that (done->recorded_minutes), or it cannot be looked at; done->status is what is
 * shown. HRIS.DIFFERENT: with the id, it stands; without, an insert was taken back.
 */
enum gw_err verify_write(struct hris *h, enum operation op, struct operation_in *in,
    const struct found *said, const struct found *seen, struct timeoff_done *done);
/* What a later call answers for a row that stands and may differ. */
enum gw_err verify_standing(struct hris *h, const struct operation_in *in, const struct found *f,
    struct timeoff_done *done);

#endif
