# Keystile's commands. `./just` finds or fetches the program that reads this file; the work is done by
# the scripts in .just/.

set positional-arguments

_list:
    @"{{ just_executable() }}" --justfile "{{ justfile() }}" --list --unsorted

# Shows the product at work: builds it, starts it, walks both documented flows (--once: then ends)
[no-exit-message]
demo *arguments:
    @.just/demo "$@"

# Runs everything that proves the product; ends `N passed, M failed`
[no-exit-message]
test:
    @.just/test

# Walks both flows through the containers of compose.yaml, on an engine of its own if none runs
[no-exit-message]
test-docker:
    @.just/test-docker

# Looks for input that breaks the filter core: [SECONDS] for each fuzz target, else 60
[no-exit-message]
fuzz *arguments:
    @.just/fuzz "$@"

# Runs a file of behaviour cases: FILE [--host wasm|envoy] [--concurrency N]; ends `N passed, M failed`
[no-exit-message]
conformance *arguments:
    @.just/cases conformance "$@"

# Sends a file of hostile requests: FILE [--concurrency N], else 1 and 4; ends `N passed, M failed`
[no-exit-message]
hostile *arguments:
    @.just/cases hostile "$@"

# Measures filter and registry side by side with others: [--quick] [--only PART,..] [--keys N,..] [--write PAGE]
[no-exit-message]
bench *arguments:
    @.just/bench "$@"

# Injects faults under load, compares every decision with what is true: [--short] [--seed N] [--only FAULT,..]
[no-exit-message]
drill *arguments:
    @.just/drill "$@"

# Builds the filter, target/wasm/keystile_filter.wasm, and checks its size
[no-exit-message]
wasm:
    @.just/wasm

# Makes a release in target/dist/: filter, registry, SBOMs, images [filter] [--check: twice, same bytes]
[no-exit-message]
dist *arguments:
    @.just/dist "$@"

# Runs the registry alone, with what `keystile-registry serve` takes
[no-exit-message]
serve *arguments:
    @.just/serve "$@"

# Checks format, lints, boundaries, licences, scripts and documentation
[no-exit-message]
check:
    @.just/check

# Checks who knows whom: a part of check that takes no time
[no-exit-message]
boundaries:
    @.just/boundaries
