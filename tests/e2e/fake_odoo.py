"""Odoo 19's JSON-2 API, as far as the adapter goes: employees, types, leaves with their states and the errors that
Odoo 19.0 gave with its demo data on 2026-11-23. It keeps what it is sent. Half days, lunch breaks and missing
records are composed from what those showed.

    odoo = FakeOdoo(hris); odoo.leaves; odoo.wrote        # [("hr.leave", "create", {...}), ...]
"""
import datetime
import json
import threading

from mock_hris import answer, html

TRACEBACK = "Traceback (most recent call last):\n  File \"/opt/odoo/odoo/http.py\", line 2111\n"
OPEN = ("confirm", "validate1", "validate")
WORDS = {"confirm": "To Approve", "validate1": "Second Approval", "validate": "Approved"}
MODELS = {"hr.employee": ("search_read", "read", "has_access"),
          "resource.calendar": ("read",),
          "hr.leave.type": ("search_read", "read"),
          "hr.leave": ("search_read", "read", "create", "write", "unlink", "action_approve", "action_refuse",
                       "search")}
WRITES = ("create", "write", "unlink", "action_approve", "action_refuse")
# The demo company's day: 7.6 hours, with an hour of lunch.
SPANS = ((8.0, 12.0), (13.0, 16.6))


class Refused(Exception):
    def __init__(self, status, name, message):
        super().__init__(message)
        self.status, self.name, self.message = status, name, message


def invalid(message):
    return Refused(422, "odoo.exceptions.ValidationError", message)


def user_error(message):
    return Refused(422, "odoo.exceptions.UserError", message)


def day_of(text):
    return datetime.date.fromisoformat(text)


def us(text):
    return day_of(text).strftime("%m/%d/%Y")


class FakeOdoo:
    def __init__(self, hris, key="hris-key", database=None):
        self.key, self.database = key, database
        self.asked, self.wrote, self.next_id = [], [], 14
        self.employees = [{"id": i, "name": f"Demo {i}", "work_email": f"demo{i}@example.com"}
                          for i in range(1, 21)]
        # Schedules by their hours a day; the demo company's is the route's day.
        self.calendars = [{"id": 1, "name": "Standard 38 hours/week", "hours_per_day": 7.6},
                          {"id": 2, "name": "Part time", "hours_per_day": 4.0}]
        for e in self.employees:
            e["resource_calendar_id"] = [1, "Standard 38 hours/week"]
        self.officer = True             # the key's user
        self.employees[1]["name"] = "Jeffrey Kelly"
        self.employees[6]["work_email"] = False
        self.types = [
            {"id": 1, "name": "Paid Time Off", "request_unit": "day", "requires_allocation": True,
             "leave_validation_type": "hr"},
            {"id": 4, "name": "Unpaid", "request_unit": "hour", "requires_allocation": False,
             "leave_validation_type": "hr"},
            {"id": 5, "name": "Extra Time Off", "request_unit": "half_day", "requires_allocation": True,
             "leave_validation_type": "no_validation"},
            {"id": 6, "name": "Overtime", "request_unit": "hour", "requires_allocation": True,
             "leave_validation_type": "hr"}]
        for t in self.types:
            t.update(allows_negative=False, max_allowed_negative=0)
        # (employee, type) -> how much, until when.
        self.allocations = {(2, 1): (20.0, "2027-12-31"), (2, 5): (5.0, False),
                            (2, 6): (22.799999999999997, False)}
        self.leaves = {}
        self.then = None                # once, instead of the answer to a create
        self.lock = threading.Lock()
        self.friday = 7.6               # hours of work on it
        self.holidays = set()           # dates on which nobody works
        self.gap = lambda: None         # between its check for overlaps and the record: nothing is locked
        self.foreign = False            # the key's user reads another language than English
        hris.on("*", "/.*", self.handle)

    # HTTP.

    def handle(self, asked):
        if asked.method != "POST" or not asked.path.startswith("/json/2/"):
            return html("<!doctype html><title>404 Not Found</title>", 404)
        if asked.headers.get("Content-Type", "").split(";")[0] != "application/json":
            return html("<!doctype html><title>415 Unsupported Media Type</title>", 415)
        try:
            value = self.call(asked)
        except Refused as e:
            return answer({"name": e.name, "message": e.message, "arguments": [e.message], "context": {},
                           "debug": TRACEBACK}, e.status)
        # Python's own digits: 20.0, 22.799999999999997.
        return answer(json.dumps(value))

    def call(self, asked):
        if asked.headers.get("Authorization", "").lower() != "bearer " + self.key.lower():
            raise Refused(401, "werkzeug.exceptions.Unauthorized", "Invalid apikey")
        if asked.headers.get("X-Odoo-Database") != self.database:
            raise Refused(404, "werkzeug.exceptions.NotFound", "no such database")
        model, _, method = asked.path[len("/json/2/"):].partition("/")
        if model not in MODELS:
            raise Refused(404, "werkzeug.exceptions.NotFound", f"the model '{model}' does not exist")
        if method not in MODELS[model]:
            raise Refused(404, "werkzeug.exceptions.NotFound",
                          f"The method '{model}.{method}' does not exist")
        arguments = asked.json
        self.asked.append((model, method, arguments))
        if method in WRITES:
            self.wrote.append((model, method, arguments))
            context = arguments.get("context", {})
            arguments = {name: value for name, value in arguments.items() if name != "context"}
        try:
            out = getattr(self, method)(model, **arguments)
        except Refused as e:
            if self.foreign and method in WRITES and context.get("lang") != "en_US":
                raise Refused(e.status, e.name, "Das geht leider nicht.") from e
            raise
        then = self.then if method == "create" else None
        if then is not None:
            self.then = None
            raise then
        return out

    # Records.

    def table(self, model):
        return {"hr.employee": self.employees, "hr.leave.type": self.types,
                "resource.calendar": self.calendars,
                "hr.leave": [self.leaves[i] for i in sorted(self.leaves)]}[model]

    def field(self, row, path):
        value = row
        for name in path.split("."):
            if isinstance(value, list):
                value = next(t for t in self.types if t["id"] == value[0])
            value = value[name]
        return value[0] if isinstance(value, list) else value

    def holds(self, row, term):
        path, operator, value = term
        ours = self.field(row, path)
        return {"=": lambda: ours == value, "!=": lambda: ours != value, "in": lambda: ours in value,
                "not in": lambda: ours not in value, "<=": lambda: ours <= value,
                ">=": lambda: ours >= value}[operator]()

    def matching(self, model, domain):
        return [row for row in self.table(model) if all(self.holds(row, term) for term in domain)]

    @staticmethod
    def shown(row, fields):
        for name in fields:
            if name not in row:
                raise Refused(500, "builtins.ValueError", f"Invalid field '{name}'")
        # Of a number that is not set Odoo's read says 0.0.
        return {"id": row["id"], **{name: 0.0 if row[name] is False and name.startswith("request_hour") else row[name]
                                    for name in fields}}

    def has_access(self, model, operation):
        return self.officer or operation == "read"

    def search(self, model, domain):
        return [row["id"] for row in self.matching(model, domain)]

    def search_read(self, model, domain, fields, order="name", offset=0, limit=None):
        rows = sorted(self.matching(model, domain), key=lambda row: row[order])
        return [self.shown(row, fields) for row in rows[offset:None if limit is None else offset + limit]]

    def read(self, model, ids, fields, context=None):
        rows = [dict(row) for row in self.table(model) if row["id"] in ids]
        if model == "hr.leave.type":
            rows = [{**row, **self.balance(row, **(context or {}))} for row in rows]
        return [self.shown(row, fields) for row in rows]

    # Leaves.

    def balance(self, kind, employee_id=None, leave_date_from="2026-11-23"):
        most, until = self.allocations.get((employee_id, kind["id"]), (0.0, False))
        if not kind["requires_allocation"] or (until and leave_date_from > until) or not self.officer:
            most = 0.0
        unit = "number_of_hours" if kind["request_unit"] == "hour" else "number_of_days"

        def taken(states):
            return sum(row[unit] for row in self.leaves.values() if row["state"] in states and
                       row["employee_id"][0] == employee_id and row["holiday_status_id"][0] == kind["id"])
        if not kind["requires_allocation"]:
            return {"virtual_remaining_leaves": 0.0, "max_leaves": 0.0, "leaves_taken": 0.0}
        return {"virtual_remaining_leaves": most - taken(OPEN), "max_leaves": most,
                "leaves_taken": taken(("validate",))}

    def amounts(self, row):
        """number_of_days and number_of_hours by the schedule."""
        first, last = day_of(row["request_date_from"]), day_of(row["request_date_to"])
        days = [first + datetime.timedelta(days=i) for i in range((last - first).days + 1)]
        worked = [d for d in days if d.weekday() < 5 and d.isoformat() not in self.holidays]
        if row["request_unit_hours"]:
            hours = sum(max(0.0, min(end, row["request_hour_to"]) - max(start, row["request_hour_from"]))
                        for start, end in SPANS) if worked else 0.0
            return round(hours / 8, 3), hours
        half = row["request_date_from_period"], row["request_date_to_period"]
        if half[0] and half[0] == half[1]:
            return 0.5 * len(worked), {"am": 4.0, "pm": 3.6000000000000014}[half[0]] * len(worked)
        short = sum(1 for d in worked if d.weekday() == 4) * (7.6 - self.friday)
        return float(len(worked)), (7.6 * len(worked) if len(worked) != 3 else 22.799999999999997) - short

    def settle(self, row, ignore=None):
        """What Odoo checks and counts when a leave is made or changed."""
        employee = next((e for e in self.employees if e["id"] == row["employee_id"][0]), None)
        kind = next((t for t in self.types if t["id"] == row["holiday_status_id"][0]), None)
        if employee is None or kind is None:
            raise invalid("The operation cannot be completed: Another model is using the record you are "
                          "trying to delete.")
        for other in self.leaves.values():
            if other["id"] != ignore and other["state"] in OPEN and \
                    other["employee_id"][0] == employee["id"] and self.overlap(other, row):
                raise invalid("An employee already booked time off which overlaps with this period:\n\t"
                              f"{employee['name']} from {us(other['request_date_from'])} to "
                              f"{us(other['request_date_to'])} - {WORDS[other['state']]}")
        row["number_of_days"], row["number_of_hours"] = self.amounts(row)
        unit = "number_of_hours" if kind["request_unit"] == "hour" else "number_of_days"
        before = self.leaves.pop(ignore, None)
        left = self.balance(kind, employee["id"], row["request_date_from"])["virtual_remaining_leaves"]
        if before is not None:
            self.leaves[ignore] = before
        below = kind["max_allowed_negative"] if kind["allows_negative"] else 0
        if kind["requires_allocation"] and row[unit] > left + below + 1e-9:
            raise invalid("There is no valid allocation to cover that request.")
        return kind

    @staticmethod
    def overlap(a, b):
        def span(row):
            start, end = 0.0, 24.0
            if row["request_unit_hours"]:
                start, end = row["request_hour_from"], row["request_hour_to"]
            elif row["request_date_from_period"] and \
                    row["request_date_from_period"] == row["request_date_to_period"]:
                start, end = (0.0, 12.0) if row["request_date_from_period"] == "am" else (12.0, 24.0)
            return (row["request_date_from"], start), (row["request_date_to"], end)
        (a_from, a_to), (b_from, b_to) = span(a), span(b)
        return a_from < b_to and b_from < a_to

    def fill(self, row, vals):
        known = {"request_date_from", "request_date_to", "request_date_from_period",
                 "request_date_to_period", "request_unit_hours", "request_hour_from", "request_hour_to",
                 "name"}
        for name, value in vals.items():
            if name in ("employee_id", "holiday_status_id"):
                assert isinstance(value, int), (name, value)
                table = self.employees if name == "employee_id" else self.types
                row[name] = [value, next((r["name"] for r in table if r["id"] == value), "")]
            elif name == "state":
                raise invalid("This modification is not allowed in the current state.")
            elif name in known:
                row[name] = value
            else:
                raise Refused(500, "builtins.ValueError", f"Invalid field '{name}' on 'hr.leave'")
        return row

    def create(self, model, vals_list=None):
        if vals_list is None:
            raise Refused(422, "werkzeug.exceptions.UnprocessableEntity",
                          "missing a required argument: 'vals_list'")
        # All of them or none.
        before, made = dict(self.leaves), []
        try:
            for vals in vals_list:
                row = self.fill({"state": "confirm", "request_unit_hours": False,
                                 "request_date_from_period": False, "request_date_to_period": False,
                                 "request_hour_from": False, "request_hour_to": False, "name": False}, vals)
                kind = self.settle(row)
                with self.lock:
                    row["id"] = self.next_id
                    self.next_id += 1
                self.gap()
                if kind["leave_validation_type"] == "no_validation":
                    row["state"] = "validate"
                self.leaves[row["id"]] = row
                made.append(row["id"])
        except Refused:
            self.leaves = before
            raise
        return made

    def rows(self, ids):
        if any(i not in self.leaves for i in ids):
            raise Refused(404, "odoo.exceptions.MissingError",
                          "Record does not exist or has been deleted.\n(Record: hr.leave, User: 2)")
        return [self.leaves[i] for i in ids]

    def write(self, model, ids, vals):
        for row in self.rows(ids):
            if row["state"] not in ("confirm", "validate1"):
                raise invalid("This modification is not allowed in the current state.")
            new = self.fill(dict(row), vals)
            # With its type a request gets its hours again, as long as it has some (live, 2026-11-28).
            if "holiday_status_id" in vals and self.kind_of(new)["request_unit"] == "hour" and \
                    new["request_hour_from"] is not False:
                new["request_unit_hours"] = True
            self.settle(new, ignore=row["id"])
            self.leaves[row["id"]] = new
        return True

    def unlink(self, model, ids):
        for row in self.rows(ids):
            del self.leaves[row["id"]]
        return True

    def action_approve(self, model, ids):
        rows = self.rows(ids)
        if any(row["state"] not in ("confirm", "validate1") for row in rows):
            raise user_error("You cannot approve this leave.")
        idle = [row["employee_id"][1] for row in rows if row["number_of_hours"] == 0]
        if idle:
            raise user_error("The following employees are not supposed to work during that period:\n " +
                             ", ".join(idle))
        for row in rows:
            second = self.kind_of(row)["leave_validation_type"] == "both" and row["state"] == "confirm"
            row["state"] = "validate1" if second else "validate"
        return True

    def action_refuse(self, model, ids):
        rows = self.rows(ids)
        if any(row["state"] not in OPEN for row in rows):
            raise user_error("Time off request must be confirmed or validated in order to refuse it.")
        for row in rows:
            row["state"] = "refuse"
        return True

    def kind_of(self, row):
        return next(t for t in self.types if t["id"] == row["holiday_status_id"][0])
