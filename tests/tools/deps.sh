#!/bin/sh
# deps.sh: installs the Debian packages that building, running, testing, checking or measuring
# needs and the machine lacks. It starts no system service and changes nothing that was there before.
#
#   deps.sh [--check] build|run|test|lint|bench ...
#
# --check installs nothing: it fails, saying what is missing.
set -eu

# gcc only recommends libc6-dev and clang-14 only recommends its sanitizers' runtime, hence both.
build='gcc libc6-dev make pkg-config libfcgi-dev libcurl4-openssl-dev libyajl-dev libssl-dev
	libyaml-dev libsqlite3-dev'
run='nginx python3 openssl ca-certificates curl'
test="$run apache2 libapache2-mod-fcgid libfcgi-bin libcmocka-dev python3-pytest python3-yaml nodejs
	clang libclang-rt-14-dev"
lint='clang clang-format clang-tidy cppcheck mandoc python3'
bench="$run libnginx-mod-http-lua lua-cjson nodejs"

# Packages that come with a service, and its name.
services='nginx apache2'

say() { printf '%s\n' "deps.sh: $*" >&2; }

is_installed() {
	case $(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null) in
	installed) return 0 ;;
	*) return 1 ;;
	esac
}

as_root() {
	if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo "$@"; fi
}

apt() {
	as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=300 \
		-o Dpkg::Use-Pty=0 "$@"
}

# policy-rc.d is asked before a package starts its service; 101 forbids it.
policy=/usr/sbin/policy-rc.d
our_policy=no

forbid_services() {
	# An existing one is the administrator's, and stays.
	if ! [ -e "$policy" ] && ! [ -L "$policy" ]; then
		our_policy=yes
		printf '#!/bin/sh\nexit 101\n' | as_root sh -c "cat >$policy && chmod 0755 $policy"
	fi
}

restore_services() {
	if [ "$our_policy" = yes ]; then
		our_policy=no
		as_root rm -f "$policy"
	fi
}

install_all() {
	before=
	for service in $services; do
		if is_installed "$service"; then before="$before $service"; fi
	done
	trap restore_services EXIT
	trap 'exit 130' INT
	trap 'exit 143' TERM HUP
	forbid_services
	# Without package lists, or with stale ones, the first try fails: fetch them once.
	if ! apt install --simulate "$@" >/dev/null 2>&1 ||
		! apt install --no-install-recommends -y "$@"; then
		apt update
		apt install --no-install-recommends -y "$@"
	fi
	# Nor may a new service start at the next boot.
	for service in $services; do
		case " $before " in *" $service "*) continue ;; esac
		if is_installed "$service"; then
			as_root update-rc.d "$service" disable >/dev/null 2>&1 || :
			say "$service is installed, not started, and not enabled at boot"
		fi
	done
	restore_services
	trap - EXIT INT TERM HUP
}

check=no
wanted=
for word; do
	case $word in
	--check) check=yes ;;
	build) wanted="$wanted $build" ;;
	run) wanted="$wanted $run" ;;
	test) wanted="$wanted $test" ;;
	lint) wanted="$wanted $lint" ;;
	bench) wanted="$wanted $bench" ;;
	*)
		say "usage: deps.sh [--check] build|run|test|lint|bench ..."
		exit 2
		;;
	esac
done

if ! command -v dpkg-query >/dev/null; then
	say "this is not Debian; install these yourself:" $wanted
	exit 0
fi

missing=
for package in $wanted; do
	case " $missing " in *" $package "*) continue ;; esac
	if ! is_installed "$package"; then missing="$missing $package"; fi
done
missing=${missing# }
if [ -z "$missing" ]; then exit 0; fi

if [ "$check" = yes ]; then
	say "missing: $missing"
	say "install them by 'make deps' or: apt-get install --no-install-recommends $missing"
	exit 1
fi
if [ "$(id -u)" -ne 0 ] && ! command -v sudo >/dev/null; then
	say "missing: $missing"
	say "neither root nor sudo: have an administrator run"
	say "    apt-get install --no-install-recommends $missing"
	exit 1
fi
say "installing: $missing"
# shellcheck disable=SC2086 # words on purpose
install_all $missing
for package in $missing; do
	is_installed "$package" || { say "$package could not be installed"; exit 1; }
done
