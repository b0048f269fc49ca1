# mkt: build, install, demo, check.
#
#   make demo        set up, load the demo operator, run one marketing day, show the cockpits
#   make check       set up and run every test
#   make psql        psql on the demo cluster      (ARGS='-Atc "..."' passes arguments)
#   make demo-stop   stop the demo cluster and remove it
#   make bench-STEM  a benchmark of test/bench
#   make, make install, make installcheck: plain PGXS; PG_CONFIG= chooses the server
#
# The first five need nothing but make and a shell: they install and build the
# rest themselves, so the PGXS half below is left out while they are the goal.

PG_CONFIG ?= pg_config
CUSTOMERS ?= 200000
SEED ?= 20261101

OWN_GOALS = demo psql demo-stop check check-% updatecheck bench-% reference lint fuzz fuzz-%

.PHONY: demo psql demo-stop check updatecheck reference lint
demo:
	@CUSTOMERS=$(CUSTOMERS) SEED=$(SEED) test/demo/demo.sh
psql:
	@test/demo/psql.sh $(ARGS)
demo-stop:
	@test/demo/stop.sh
check:
	@test/check.sh
check-%:
	@test/check.sh $*
updatecheck:
	@test/check.sh upgrade
lint:
	@test/check.sh lint
reference:
	@test/reference.sh
bench-%:
	@test/bench/bench.sh $*
fuzz-%:
	@test/fuzz/fuzz.sh $*

ifeq ($(filter $(OWN_GOALS),$(MAKECMDGOALS)),)

EXTENSION = mkt
MODULE_big = mkt
VERSION = $(shell sed -n "s/^default_version = '\(.*\)'/\1/p" mkt.control)
OBJS = $(patsubst %.c,%.o,$(sort $(wildcard src/*/*.c)))
HEADERS_SEEN = $(wildcard src/*/*.h)
PARTS = $(wildcard sql/install/*.sql sql/platform/*.sql)
INSTALL_SCRIPT = .mkt/build/mkt--$(VERSION).sql
DATA = $(wildcard sql/upgrade/mkt--*--*.sql)
DATA_built = $(INSTALL_SCRIPT)
EXTRA_CLEAN = .mkt/build

# Server headers count as system headers: -Wextra is for our own code.
PG_CPPFLAGS = -DMKT_VERSION='"$(VERSION)"' -Isrc/core -Isrc/tagmap -Isrc/tagexpr \
	-isystem $(shell $(PG_CONFIG) --includedir-server)
PG_CFLAGS = -Wextra -Werror -Wno-unused-parameter

REGRESS = $(patsubst test/sql/%.sql,%,$(sort $(wildcard test/sql/*.sql)))
REGRESS_OPTS = --inputdir=test
ISOLATION = $(patsubst test/isolation/specs/%.spec,%,$(sort $(wildcard test/isolation/specs/*.spec)))
ISOLATION_OPTS = --inputdir=test/isolation
PROVE_TESTS = $(sort $(wildcard test/t/*.pl))
TAP_TESTS = 1

PGXS := $(shell $(PG_CONFIG) --pgxs)
override with_llvm = no
include $(PGXS)

$(OBJS): $(HEADERS_SEEN)

$(INSTALL_SCRIPT): $(PARTS) sql/assemble.sh mkt.control
	@mkdir -p $(@D)
	sh sql/assemble.sh > $@.tmp && mv $@.tmp $@

endif
