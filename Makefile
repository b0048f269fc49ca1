# mkt: build, install, demo, check.
#
#   make demo        set up, load the demo operator, run one marketing day, show the cockpits
#   make check       set up and run every test
#   make psql        psql on the demo cluster      (ARGS='-Atc "..."' passes arguments)
#   make demo-stop   stop the demo cluster and remove it
#   make battle-map  draw the battle map of a unit of the demo, UNIT=130102
#   make bench-STEM  a benchmark of test/bench
#   make fuzz-STEM   a fuzzer of test/fuzz
#   make soak-STEM   a long run of test/core, with sanitizers (OPERATIONS=, SEED=)
#   make reference   write docs/reference.md from the comments of the objects
#   make, make install, make installcheck: as PGXS has them; PG_CONFIG= chooses the server
#
# All but the last line need nothing but make and a shell: they install and build the
# rest themselves, so PGXS is left out while they are the goal.

PG_CONFIG ?= pg_config
CUSTOMERS ?= 200000
SEED ?= 20261101
OPERATIONS ?= 5000000

OWN_GOALS = demo psql demo-stop battle-map check check-% updatecheck bench-% reference lint fuzz fuzz-% soak-%

ifneq ($(filter $(OWN_GOALS),$(MAKECMDGOALS)),)

.PHONY: demo psql demo-stop battle-map check updatecheck reference lint
demo:
	@CUSTOMERS=$(CUSTOMERS) SEED=$(SEED) test/demo/demo.sh
psql:
	@test/demo/psql.sh $(ARGS)
demo-stop:
	@test/demo/stop.sh
battle-map:
	@test/demo/battle-map.sh $(UNIT) $(FILE)
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
soak-%:
	@SANITIZE=1 test/core/core.sh $* $(SEED) $(OPERATIONS)

else

EXTENSION = mkt
MODULE_big = mkt
MKT_VERSION = $(shell sed -n "s/^default_version = '\(.*\)'/\1/p" mkt.control)
OBJS = $(patsubst %.c,%.o,$(sort $(wildcard src/*/*.c)))
OUR_HEADERS = $(wildcard src/*/*.h)
MKT_SCRIPT = .mkt/build/mkt--$(MKT_VERSION).sql
MKT_UPGRADES = $(patsubst %,.mkt/build/mkt--%--$(MKT_VERSION).sql,$(shell sh sql/assemble.sh starts))
DATA_built = $(MKT_SCRIPT) $(MKT_UPGRADES)
EXTRA_CLEAN = .mkt/build

# Server headers count as system headers: -Wextra is for our own code.
PG_CPPFLAGS = -DMKT_VERSION='"$(MKT_VERSION)"' $(addprefix -I,$(sort $(dir $(OUR_HEADERS)))) \
	-isystem $(shell $(PG_CONFIG) --includedir-server)
PG_CFLAGS = -Wextra -Werror -Wno-unused-parameter

# Our own installcheck: every test file gets a database of its own.
NO_INSTALLCHECK = 1

PGXS := $(shell $(PG_CONFIG) --pgxs)
override with_llvm = no
include $(PGXS)

$(OBJS): $(OUR_HEADERS)

# Assembled at every make, because a removed part is a change too; replaced only when it differs.
.PHONY: assemble
assemble:
	@mkdir -p .mkt/build
$(MKT_SCRIPT): assemble
	@sh sql/assemble.sh > $@.tmp && if cmp -s $@.tmp $@; then rm $@.tmp; else mv $@.tmp $@; fi
$(MKT_UPGRADES): .mkt/build/mkt--%--$(MKT_VERSION).sql: assemble
	@sh sql/assemble.sh upgrade $* > $@.tmp && mv $@.tmp $@

.PHONY: installcheck
installcheck:
	PG_CONFIG=$(PG_CONFIG) test/check.sh --server regress isolation pgtap

endif
