/* found.c: minutes of a request that was found, and of its days. */
#include "cgi-bin/bamboohr/face.h"

static bool
read_amount(const struct hris *h, const struct timeoff_type *type, const char *amount,
    enum unit unit, int64_t *minutes)
{
	if (unit >= UNIT_MAX)
		unit = type == NULL ? UNIT_MAX : type->unit;
	return amount != NULL && unit < UNIT_MAX &&
	       amount_read(amount, unit, hris_day_minutes(h, type), minutes);
}

bool
bamboohr_found_day(const struct hris *h, const struct found *f, const struct timeoff_type *type,
    size_t i, int64_t *minutes)
{
	enum unit unit = f->days[i].unit;

	if (unit >= UNIT_MAX && f->has_unit)
		unit = f->unit;
	return read_amount(h, type, f->days[i].amount, unit, minutes);
}

static bool
days_total(
    const struct hris *h, const struct found *f, const struct timeoff_type *type, int64_t *minutes)
{
	int64_t one;
	size_t i;

	*minutes = 0;
	for (i = 0; i < f->n_days; i++) {
		if (!bamboohr_found_day(h, f, type, i, &one))
			return false;
		*minutes += one;
	}
	return f->n_days > 0;
}

bool
bamboohr_found_total(
    const struct hris *h, const struct found *f, const struct timeoff_type *type, int64_t *minutes)
{
	if (f->amount == NULL)
		return days_total(h, f, type, minutes);
	return read_amount(h, type, f->amount, f->has_unit ? f->unit : UNIT_MAX, minutes);
}

bool
bamboohr_found_complete(
    const struct hris *h, const struct found *f, const struct timeoff_type *type)
{
	int64_t total, sum;

	return days_total(h, f, type, &sum) && bamboohr_found_total(h, f, type, &total) &&
	       sum == total;
}
