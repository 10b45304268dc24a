# Keystile's commands. `./just` finds or fetches the program that reads this file; the work is in .just/.

set positional-arguments

_list:
    @"{{ just_executable() }}" --justfile "{{ justfile() }}" --list --unsorted

# Builds the filter, target/wasm/keystile_filter.wasm, and checks its size
[no-exit-message]
wasm:
    @.just/wasm
