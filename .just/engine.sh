# A container engine, and images around what this machine has built; sourced by the scripts that need
# either, after machine.sh. Images are tagged KEYSTILE_VERSION, their programs are of target/$profile/.
#
# Takes the engine that runs; where none does, root on Debian gets one for as long as the script runs:
# from Debian's packages, with its data in a folder that goes away, and without touching the firewall.
# Where no image can be pulled, the bases are put together from this machine's own files.

profile=debug
state=
engine=

# Before the script ends: whatever was started ends, too.
stop_engine() {
    if [ -n "$engine" ]; then
        kill "$engine" 2>/dev/null || true
        wait "$engine" 2>/dev/null || true
    fi
    [ -z "$state" ] || rm -rf "$state"
}

running_engine() {
    has docker && docker info >/dev/null 2>&1
}

start_engine() {
    install_engine || fail "no container engine runs: start one, or as root on Debian" \
        "\`apt-get install docker.io docker-compose\`, which is then started while it is needed"
    state=$(mktemp -d /tmp/keystile-docker.XXXXXX)
    # Compose makes a network of its own; published ports go through a program, not the firewall.
    for driver in overlay2 vfs; do
        say "starting a container engine for as long as it is needed ($driver)"
        DOCKER_HOST=unix://$state/socket
        export DOCKER_HOST
        dockerd --data-root "$state/data" --exec-root "$state/exec" --pidfile "$state/pid" \
            --host "$DOCKER_HOST" --storage-driver "$driver" \
            --bridge=none --iptables=false --ip6tables=false --ip-forward=false >"$state/log" 2>&1 &
        engine=$!
        for _ in $(seq 60); do
            running_engine && return
            kill -0 "$engine" 2>/dev/null || break
            sleep 0.5
        done
        kill "$engine" 2>/dev/null || true
        wait "$engine" 2>/dev/null || true
        engine=
    done
    tail -n 5 "$state/log" >&2
    fail "the container engine does not start"
}

# Debian's package would start an engine for good: told not to, for this installation only.
install_engine() {
    if has dockerd && has docker; then
        return 0
    fi
    can_apt || return 1
    policy=/usr/sbin/policy-rc.d
    made=
    if [ ! -e "$policy" ]; then
        made=$policy
        printf '#!/bin/sh\nexit 101\n' >"$policy"
        chmod +x "$policy"
    fi
    done=0
    # Newer Debians have the client in a package of its own.
    apt_install docker.io docker-compose && need docker docker-cli || done=1
    [ -z "$made" ] || rm -f "$made"
    return "$done"
}

# image NAME TAG PROGRAM TOOLS...: builds an image around what this machine has built.
image() {
    name=$1
    tag=$2
    shift 2
    file=docker/$name.Dockerfile
    base=$(sed -n 's/^ARG BASE=//p' "$file")
    if within 120 docker pull "$base" >/dev/null 2>&1; then
        say "building $tag on $base"
        build "$base" && docker run --rm "$tag:$KEYSTILE_VERSION" --version >/dev/null 2>&1 && return
        say "what this machine builds does not run there"
    else
        say "$base cannot be pulled: putting a base together from this machine's files"
    fi
    local_base "$@"
    import "keystile-base-$name:test"
    build "keystile-base-$name:test"
}

# The classic builder is there with and without the engine's build plugin.
build() {
    DOCKER_BUILDKIT=0 docker build --quiet --file "$file" --target packaged --build-arg BASE="$1" \
        --build-arg PROFILE="$profile" --tag "$tag:$KEYSTILE_VERSION" . >/dev/null 2>"$root/target/docker-build.log" || {
        cat "$root/target/docker-build.log" >&2
        return 1
    }
}

# local_base PROGRAM...: a folder with these programs and the libraries they load, and nothing else.
local_base() {
    tree=$(mktemp -d)
    mkdir -p "$tree/usr/bin" "$tree/etc" "$tree/tmp"
    chmod 1777 "$tree/tmp"
    ln -s usr/bin "$tree/bin"
    for program in "$@"; do
        path=$(command -v "$program") || fail "$program is missing"
        cp -L "$path" "$tree/usr/bin/"
        ldd "$path" 2>/dev/null | grep -o '/[^ )]*' || true
    done | sort -u | xargs cp -L --parents -t "$tree"
}

# import NAME OPTIONS...: makes an image of that folder.
import() {
    imported=$1
    shift
    tar -C "$tree" --owner=999 --group=999 -c . | docker import "$@" - "$imported" >/dev/null
    rm -rf "$tree"
}
