/*
 * local_schema.h: the tables of the local HRIS, version 1. Dates are YYYY-MM-DD, amounts minutes.
 */
#ifndef LOCAL_SCHEMA_H
#define LOCAL_SCHEMA_H

#define LOCAL_DATE_CHECK(column) \
	"CHECK (" column " GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]')"

static const char local_schema[] =
    "CREATE TABLE employees ("
    "  id INTEGER PRIMARY KEY CHECK (id > 0),"
    "  email TEXT,"
    "  name TEXT,"
    "  hired TEXT " LOCAL_DATE_CHECK(
	"hired") ","
		 "  active INTEGER NOT NULL DEFAULT 1 CHECK (active IN (0, 1))"
		 ") STRICT;"
		 "CREATE UNIQUE INDEX employees_email ON employees (email COLLATE NOCASE) WHERE "
		 "active;"
		 "CREATE TABLE types ("
		 "  id INTEGER PRIMARY KEY CHECK (id > 0),"
		 "  name TEXT NOT NULL UNIQUE COLLATE NOCASE,"
		 "  unit TEXT NOT NULL DEFAULT 'hours' CHECK (unit IN ('hours', 'days')),"
		 "  unlimited INTEGER NOT NULL DEFAULT 0 CHECK (unlimited IN (0, 1)),"
		 "  yearly INTEGER NOT NULL DEFAULT 0 CHECK (yearly BETWEEN 0 AND 527040),"
		 "  monthly INTEGER NOT NULL DEFAULT 0 CHECK (monthly BETWEEN 0 AND 44640),"
		 "  carry_over INTEGER CHECK (carry_over >= 0),"
		 "  day_minutes INTEGER NOT NULL DEFAULT 480 CHECK (day_minutes BETWEEN 1 AND "
		 "1440),"
		 "  starts TEXT NOT NULL " LOCAL_DATE_CHECK(
		     "starts") ") STRICT;"
			       "CREATE TABLE grants ("
			       "  id INTEGER PRIMARY KEY AUTOINCREMENT,"
			       "  employee INTEGER NOT NULL REFERENCES employees (id),"
			       "  type INTEGER NOT NULL REFERENCES types (id),"
			       "  date TEXT NOT NULL " LOCAL_DATE_CHECK(
				   "date") ","
					   "  minutes INTEGER NOT NULL CHECK (minutes BETWEEN "
					   "-5270400 AND 5270400),"
					   "  note TEXT NOT NULL DEFAULT '',"
					   "  UNIQUE (employee, type, date, note)"
					   ") STRICT;"
					   "CREATE TABLE requests ("
					   "  id INTEGER PRIMARY KEY AUTOINCREMENT CHECK (id > 0),"
					   "  employee INTEGER NOT NULL REFERENCES employees (id),"
					   "  type INTEGER NOT NULL REFERENCES types (id),"
					   "  status TEXT NOT NULL CHECK (status IN ('PENDING', "
					   "'APPROVED', 'DENIED', 'CANCELED')),"
					   "  marker TEXT,"
					   "  created TEXT NOT NULL,"
					   "  changed TEXT NOT NULL"
					   ") STRICT;"
					   "CREATE INDEX requests_employee ON requests (employee, "
					   "type);"
					   "CREATE INDEX requests_type ON requests (type);"
					   "CREATE TABLE days ("
					   "  request INTEGER NOT NULL REFERENCES requests (id) ON "
					   "DELETE CASCADE,"
					   "  date TEXT NOT NULL " LOCAL_DATE_CHECK(
					       "date") ","
						       "  minutes INTEGER NOT NULL CHECK (minutes "
						       "BETWEEN 0 AND 1440),"
						       "  PRIMARY KEY (request, date)"
						       ") STRICT, WITHOUT ROWID;"
						       "CREATE TABLE notes ("
						       "  id INTEGER PRIMARY KEY,"
						       "  request INTEGER NOT NULL REFERENCES "
						       "requests (id) ON DELETE CASCADE,"
						       "  text TEXT NOT NULL"
						       ") STRICT;"
						       "CREATE INDEX notes_request ON notes "
						       "(request);"
						       "PRAGMA application_id = 1752329265;"
						       "PRAGMA user_version = 1;";

#endif
