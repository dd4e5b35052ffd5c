# hrisgw: see README.md. Variables: CC, SAN (address,undefined | thread), DESTDIR, PREFIX, CORPORA.
CC ?= cc
PREFIX ?= /usr/local
SAN ?=
BUILD ?= build$(if $(SAN),/$(subst $(comma),-,$(SAN)),/release)
comma := ,

PACKAGES := libcurl yajl openssl yaml-0.1 sqlite3
CPPFLAGS += -D_GNU_SOURCE -Isrc
WARNINGS := -Wall -Wextra -Wformat -Wformat=2 -Wconversion -Wsign-conversion -Wimplicit-fallthrough \
	-Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wtrampolines -Wbidi-chars=any \
	-Werror=format-security -Werror=implicit -Werror=incompatible-pointer-types -Werror=int-conversion
CFLAGS += -std=c11 -O2 -g $(WARNINGS)
LIBS := $(shell pkg-config --libs $(PACKAGES)) -lfcgi -lpthread

SOURCES := $(filter-out src/main.c,$(wildcard src/*.c)) $(wildcard cgi-bin/*.c)
