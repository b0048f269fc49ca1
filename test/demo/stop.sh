#!/bin/bash
# test/demo/stop.sh: stops the demo cluster and removes it.
. "$(dirname "$0")/../lib/stage.sh"
stage_open
cd "$STAGE"
if [ ! -d "$STAGE/demo" ]; then say "there is no demo cluster"; exit; fi
cluster_remove demo
say "the demo cluster is removed"
