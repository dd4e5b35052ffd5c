/* sfv_write.c: the canonical spelling of structured field values, RFC 8941, section 4.1. */
#include "format/sfv.h"

#include <inttypes.h>

#include "base/encode.h"

static void
sfv_write_string(struct buf *out, const struct sfv_bare *v)
{
	size_t i;

	buf_putc(out, '"');
	for (i = 0; i < v->len; i++) {
		if (v->text[i] == '"' || v->text[i] == '\\')
			buf_putc(out, '\\');
		buf_putc(out, v->text[i]);
	}
	buf_putc(out, '"');
}

/* Thousandths, with at least one digit behind the point and no more zeros than that. */
static void
sfv_write_decimal(struct buf *out, int64_t thousandths)
{
	int64_t n = thousandths < 0 ? -thousandths : thousandths;
	int64_t fraction = n % 1000;
	int digits = 3;

	while (digits > 1 && fraction % 10 == 0) {
		fraction /= 10;
		digits--;
	}
	buf_printf(out, "%s%" PRId64 ".%0*" PRId64, thousandths < 0 ? "-" : "", n / 1000, digits,
	    fraction);
}

static void
sfv_write_bare(struct buf *out, const struct sfv_bare *v)
{
	switch (v->kind) {
	case SFV_INTEGER:
		buf_printf(out, "%" PRId64, v->number);
		break;
	case SFV_DECIMAL:
		sfv_write_decimal(out, v->number);
		break;
	case SFV_STRING:
		sfv_write_string(out, v);
		break;
	case SFV_TOKEN:
		buf_put(out, v->text, v->len);
		break;
	case SFV_BYTES:
		buf_putc(out, ':');
		base64_encode(out, v->text, v->len);
		buf_putc(out, ':');
		break;
	case SFV_BOOLEAN:
		buf_puts(out, v->number != 0 ? "?1" : "?0");
		break;
	case SFV_KIND_MAX:
		buf_fail(out, GW_EINTERNAL);
		break;
	}
}

static void
sfv_write_params(struct buf *out, const struct sfv_item *item)
{
	const struct sfv_param *p;
	size_t i;

	for (i = 0; i < item->n_params; i++) {
		p = &item->params[i];
		buf_putc(out, ';');
		buf_puts(out, p->key);
		if (p->value.kind == SFV_BOOLEAN && p->value.number != 0)
			continue;
		buf_putc(out, '=');
		sfv_write_bare(out, &p->value);
	}
}

void
sfv_write_item(struct buf *out, const struct sfv_item *item)
{
	sfv_write_bare(out, &item->bare);
	sfv_write_params(out, item);
}

void
sfv_write_member(struct buf *out, const struct sfv_member *m)
{
	size_t i;

	if (!m->inner) {
		sfv_write_item(out, &m->item);
		return;
	}
	buf_putc(out, '(');
	for (i = 0; i < m->n; i++) {
		if (i > 0)
			buf_putc(out, ' ');
		sfv_write_item(out, &m->list[i]);
	}
	buf_putc(out, ')');
	sfv_write_params(out, &m->item);
}
