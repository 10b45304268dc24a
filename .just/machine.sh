# What a machine has, and how it gets what it lacks: sourced by the commands' scripts.
#
# Everything fetched stays under .cache/ of this repository, except Debian packages, which are
# installed only for root. The scripts print what they find on stdout and talk on stderr.
# shellcheck shell=sh

: "${root:?set root to the repository before sourcing this}"
cache=$root/.cache
rust_minor=$(sed -n 's/^rust-version = "1\.\([0-9]*\)".*/\1/p' "$root/Cargo.toml")

# Rustup's shell set-up may not have been read, as in a fresh container; its cargo and rustc belong
# together, so they come before a distribution's.
cargo_bin=${CARGO_HOME:-${HOME:-}/.cargo}/bin
case :$PATH: in
*:"$cargo_bin":*) ;;
*) [ ! -x "$cargo_bin/cargo" ] || PATH=$cargo_bin:$PATH ;;
esac

say() {
    printf 'keystile: %s\n' "$*" >&2
}

fail() {
    say "$@"
    exit 1
}

has() {
    command -v "$1" >/dev/null 2>&1
}

# Runs a command for so many seconds at most, where the machine can stop it.
within() {
    seconds=$1
    shift
    if has timeout; then
        timeout "$seconds" "$@"
    else
        "$@"
    fi
}

# Prints the path of a program inside a pinned Python wheel, fetching the wheel once.
# wheel NAME VERSION PATH-IN-WHEEL
wheel() {
    folder=$cache/$1-$2
    if [ ! -x "$folder/$3" ]; then
        rm -rf "$folder.$$"
        say "fetching $1 $2 from the Python package index, once"
        pip_into "$folder.$$" "$1==$2" || {
            rm -rf "$folder.$$"
            return 1
        }
        rm -rf "$folder"
        mv "$folder.$$" "$folder"
    fi
    [ -x "$folder/$3" ] && printf '%s\n' "$folder/$3"
}

# pip_into FOLDER WHAT...: wheels need a pip, not an environment: a private one is made only where the machine has none.
pip_into() {
    need python3 python3-venv || return 1
    mkdir -p "$cache"
    python=python3
    if ! python3 -m pip --version >/dev/null 2>&1; then
        python=$cache/python/bin/python
        private_python || return 1
    fi
    # A user's pip configuration may ask for --user, which excludes --target.
    PIP_USER=0 PIP_ROOT_USER_ACTION=ignore PIP_DISABLE_PIP_VERSION_CHECK=1 \
        "$python" -m pip install --quiet --no-deps --only-binary :all: --target "$@" >&2
}

# Prints the node_modules of a folder's package.json, fetched once. node_modules NAME FOLDER
# The lock file decides what is in there, so it is in its name as well.
node_modules() {
    modules=$cache/$1-$(cksum <"$2/package-lock.json" | cut -d ' ' -f 1)
    if [ ! -e "$modules/node_modules/.package-lock.json" ]; then
        say "fetching what $1 needs with npm, once"
        rm -rf "$modules" "$modules.$$"
        mkdir -p "$modules.$$"
        cp "$2/package.json" "$2/package-lock.json" "$2/.npmrc" "$modules.$$/"
        npm --prefix "$modules.$$" ci --ignore-scripts --no-audit --no-fund --loglevel=error >&2 || {
            rm -rf "$modules.$$"
            return 1
        }
        mv "$modules.$$" "$modules"
    fi
    printf '%s\n' "$modules/node_modules"
}

private_python() {
    [ -x "$cache/python/bin/pip" ] && return 0
    rm -rf "$cache/python"
    python3 -m venv "$cache/python" >/dev/null 2>&1 && return 0
    rm -rf "$cache/python"
    if can_apt && apt_install python3-venv; then
        python3 -m venv "$cache/python" >&2 && return 0
    fi
    say "python3 has neither pip nor venv: install one (Debian: apt-get install python3-venv)"
    return 1
}

# Makes sure of a program that Debian packages bring. need PROGRAM PACKAGES...
need() {
    has "$1" && return 0
    missing=$1
    shift
    can_apt && apt_install "$@" && return 0
    say "$missing is missing: install it (Debian: apt-get install $*)"
    return 1
}

can_apt() {
    has apt-get && [ "$(id -u)" = 0 ]
}

# Installs Debian packages, showing each as it is set up; everything else goes to .cache/apt.log.
apt_install() {
    say "installing $* with apt-get"
    mkdir -p "$cache"
    {
        # A package that would push out another one, such as Debian's rustup, is refused.
        if apt update && apt install --no-install-recommends --no-remove "$@"; then
            echo 'apt done'
        fi
    } </dev/null 2>&1 | apt_progress || {
        tail -n 5 "$cache/apt.log" >&2
        say "apt-get could not install $*: see .cache/apt.log"
        return 1
    }
}

apt() {
    DEBIAN_FRONTEND=noninteractive apt-get -y -q -o DPkg::Lock::Timeout=300 "$@"
}

apt_progress() {
    : >"$cache/apt.log"
    finished=1
    while IFS= read -r line; do
        printf '%s\n' "$line" >>"$cache/apt.log"
        case $line in
        'apt done') finished=0 ;;
        'Need to get '* | 'Setting up '*) say "  $line" ;;
        esac
    done
    return "$finished"
}

need_cargo() {
    has cargo || {
        say "cargo is missing: install Rust from https://rustup.rs"
        return 1
    }
    found=$(cargo --version 2>/dev/null) || {
        say "cargo does not run: choose a toolchain with \`rustup default stable\`"
        return 1
    }
    minor=${found#cargo 1.}
    minor=${minor%%.*}
    [ "$minor" -ge "$rust_minor" ] 2>/dev/null || {
        say "Rust 1.$rust_minor or newer is needed, this is $found: run \`rustup update stable\`"
        return 1
    }
}

# Rust links with the C compiler, and SQLite is compiled from source.
need_c_compiler() {
    need cc gcc libc6-dev
}

# Builds all the programs: one alone would have fewer features, and its libraries compile again. Whoever has
# built the tests, too, says so with BUILD_TARGETS, for the same reason.
programs() {
    cargo build --workspace "${BUILD_TARGETS:---bins}" >&2
}
